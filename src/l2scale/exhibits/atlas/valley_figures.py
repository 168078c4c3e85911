"""Every valley that is trained on about 500 samples, as small multiples."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.catalogue.results import Result
from l2scale.exhibits.atlas.figures import LABELS, names_of
from l2scale.exhibits.atlas.problems import FAMILY
from l2scale.exhibits.atlas.sweeps import MIDDLE
from l2scale.exhibits.atlas.valleys import identity, valleys_of
from l2scale.exhibits.drawing import legend_below, small_multiples
from l2scale.looks import style

HIGHEST = 0.5  # of the excess that is drawn


def middling(result: Result) -> pd.DataFrame:
    """One row a strength of the narrowest networks on 500 samples, or the most below, under SGD.

    `excess` is the mean test loss over the least of the curve, less 1.
    """
    rows = []
    valleys = valleys_of(result, "sgd")
    narrow = min(valley.key[3] for valley in valleys)
    for valley in valleys:
        data, n, _, width = valley.key
        most = max(v.key[1] for v in valleys if v.data == data and v.key[1] <= MIDDLE)
        if width == narrow and n == most:
            test = valley.reached["test_loss"].mean(axis=0)
            first = identity(valley)
            keep = {name: first[name] for name in ("problem", "data", "family", "n", "labels")}
            for lam, loss in zip(2**valley.logs, test, strict=True):
                excess = {"lam": lam, "test_loss": loss, "excess": loss / test.min() - 1}
                rows.append(keep | excess | {"best": valley.lam[0]})
    return pd.DataFrame(rows)


@figure(id="every-valley", data=middling, source=("sgd",), penalties=("sum",))
def every_valley(table: pd.DataFrame) -> Figure:
    """One panel a data set: excess test loss against lambda, with right and with wrong labels."""
    names = [name for name in FAMILY if name in set(table["data"])]
    fig, panels = small_multiples(len(names), min(5, len(names)), height=1.0, x="λ", size=8)
    for ax, name in zip(panels, names, strict=True):
        for labels, (colour, marker, filling) in LABELS.items():
            rows = table[(table["data"] == name) & (table["labels"] == labels)]
            line = "-" if labels == "right" else (0, (5, 1.5))
            hue = style.colour(colour)
            ax.plot(rows["lam"], rows["excess"], color=hue, linestyle=line, linewidth=1.2)
            best = rows["best"].iloc[0]
            at = np.interp(np.log(best), np.log(rows["lam"]), rows["excess"])
            ax.plot(best, at, marker, color=hue, markersize=4, fillstyle=filling)
        ax.set_title(names_of(name), fontsize=7.5, pad=2)
        ax.set(xscale="log", ylim=(-0.03, HIGHEST))
        ax.yaxis.set_major_formatter("{x:.0%}")
        ax.tick_params(labelsize=7)
    fig.supylabel("test loss above the least", fontsize=9)
    legend_below(
        fig, ("right labels", "data", {"marker": "o", "fillstyle": "none"}),
        ("some wrong", "penalty", {"marker": "s", "linestyle": (0, (5, 1.5))}),
    )  # fmt: skip
    return fig
