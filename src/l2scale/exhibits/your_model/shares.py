"""Does the share of the value tell where the penalty pulls hard? Every tensor of every network."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain, span
from l2scale.exhibits.your_model.tables import all_rows, clipped, looks, rank_correlations
from l2scale.lab.estimates import Interval, mean_interval


def ranks(table: pd.DataFrame, look: str) -> Interval:
    """Mean rank correlation over the networks that PyTorch's modules make, seed by seed.

    The network of the first chapter has one seed, and so is in the figure but not in here.
    """
    found = rank_correlations(table)
    seeds = found.groupby("model")["seed"].transform("nunique")
    rows = found[(found["look"] == look) & (seeds > 1)]
    return clipped(mean_interval(rows.groupby("seed")["rank"].mean()), -1, 1)


def same(table: pd.DataFrame) -> tuple[int, int, float]:
    """In how many diagnoses the tensor of most value is that pulled hardest, of how many.

    The third number is how many would be so by chance.
    """
    found = rank_correlations(table)
    return int(found["same"].sum()), len(found), float((1 / found["tensors"]).sum())


def uncounted(table: pd.DataFrame) -> str:
    """The networks of two tensors, by name."""
    counted = rank_correlations(table)["model"]
    return " and ".join(dict.fromkeys(table.loc[~table["model"].isin(counted), "model"]))


def ends(table: pd.DataFrame, look: str) -> str:
    """Least and largest ratio of forces at a look."""
    found = looks(table)
    ratios = found.loc[found["look"] == look, "force_ratio"]
    return f"{plain(ratios.min())} to {plain(ratios.max())}"


def title(table: pd.DataFrame) -> str:
    """How often value points at force."""
    count, of, _ = same(table)
    return (
        f"The tensor of most value is the one pulled hardest against the data in {count} of {of} "
        "diagnoses of networks with three tensors or more"
    )


@figure(
    id="value-share-and-force",
    source=("fifty", "trained", "at_minimum"),
    penalties=("sum",),
    data=all_rows,
    title=title,
    claim=lambda t: (
        "Share of each tensor in its network’s value, and force of the penalty over that of the "
        "data, for every network, tensor and seed: hollow, before training; filled, after. The "
        f"title counts each network and seed twice, before and after; {same(t)[2]:.1f} of "
        f"{same(t)[1]} would be so by chance. {uncounted(t)} have fewer than three "
        "tensors, of which a rank says little: they are drawn and not counted. "
        f"Convolutions and transformer: rank correlation {span(ranks(t, 'start'))} before, "
        f"{span(ranks(t, 'end'))} after, mean over networks and interval over seeds."
    ),
    alt=lambda t: (
        "Log-log scatter of ratio of forces against share of the value, with a dashed line at "
        f"ratio 1. The hollow points have ratios from {ends(t, 'start')}, the filled ones from "
        f"{ends(t, 'end')}; those of the networks at a minimum lie on the line."
    ),
)
def value_share_and_force(table: pd.DataFrame) -> Figure:
    """Ratio of forces against share of the value."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 4.2))
    found = looks(table)
    models = list(dict.fromkeys(found["model"]))
    markers = dict(zip(models, "osD^v", strict=False))
    for model, shade in zip(models, style.shades(len(models)), strict=True):
        for look, face in (("start", "none"), ("end", shade)):
            rows = found[(found["model"] == model) & (found["look"] == look)]
            ax.scatter(
                rows["value_share"], rows["force_ratio"], s=30, marker=markers[model],
                facecolor=face, edgecolor=shade, label=model if look == "end" else None,
            )  # fmt: skip
    ax.axhline(1.0, linestyle=(0, (4, 2)), linewidth=1.2, color=style.colour("ink"), zorder=1)
    ax.set(xscale="log", yscale="log", xlabel="share of the value")
    ax.set_ylabel("force of penalty over data")
    fig.legend(loc="outside right center", handletextpad=0.2)
    return fig
