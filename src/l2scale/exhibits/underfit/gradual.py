"""The deepest network from He's start, and from the weights found at the strength before."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import log_ticks, mean_line
from l2scale.exhibits.shared import doublings
from l2scale.exhibits.underfit.sweeps import RAISED, SETTINGS, deeper
from l2scale.lab.estimates import Interval, mean_interval, paired_interval
from l2scale.lab.runs import Run
from l2scale.lab.sweeps import Measurement, gathered, observe
from l2scale.lab.training import initial, train_from

GUESSING = np.log(10)
COLUMNS = ["depth", "width", "n_train", "lam", "seed", "step", "train_loss", "test_error"]
# way -> colour, marker, words
WAYS = {
    "he": ("data", "o", "He's start"),
    "longer": ("muted", "v", "He's start, as many steps as the raised ones"),
    "raised": ("penalty", "s", "λ raised in steps"),
}


def observations(scale: str) -> tuple[Measurement, ...]:
    """The measurement "gradual", at a scale."""
    at = SETTINGS[scale]
    lams = doublings(*RAISED, at["per_doubling"])
    runs = [run for run in deeper(at) if run.lam == 0.0 and len(run.hidden) + 1 == at["depths"][-1]]
    settings = runs[0].columns | {"lam": lams, "seed": [run.seed for run in runs]}
    settings |= {"checkpoints": [runs[0].steps], "steps": runs[0].steps}
    networks = (2 * len(lams) - 1) * len(runs)
    return (observe("gradual", lambda: gradual(runs, lams), networks, **settings),)


def gradual(runs: list[Run], lams: list[float]) -> pd.DataFrame:
    """One row per way to start, strength and seed.

    With T steps a strength, the raised networks have taken k T at the k-th. At the same strength
    from He's start, the networks are measured after T ("he") and after k T ("longer").
    """
    return gathered(raise_lam, [(run, lams) for run in runs])[["way", *COLUMNS]]


def raise_lam(run: Run, lams: list[float]) -> list[dict[str, Any]]:
    """The rows of one seed, see `gradual`."""
    steps, rows = run.steps, []
    weights = initial([run])
    for k, lam in enumerate(lams, start=1):
        once = replace(run, lam=lam, checkpoints=(steps,))
        rows += [{"way": "raised"} | row for row in train_from([once], weights)]
        longer = replace(once, steps=k * steps, checkpoints=tuple({steps, k * steps}))
        found = train_from([longer], initial([longer]))
        for way, step in (("he", steps), ("longer", k * steps)):
            rows += [{"way": way} | row for row in found if row["step"] == step]
    return rows


def gradual_table(result: Result) -> pd.DataFrame:
    """Training loss by way to start, strength and seed."""
    return result["gradual"].table


def at_lam(table: pd.DataFrame, way: str, lam: float) -> pd.Series:
    """Training losses of one way and strength, by seed."""
    rows = table[(table["way"] == way) & (table["lam"] == lam)]
    return rows.set_index("seed")["train_loss"].sort_index()


def level(table: pd.DataFrame, way: str, lam: float) -> Interval:
    """The mean training loss of one way at a strength."""
    return mean_interval(at_lam(table, way, lam))


def lost_by_start(table: pd.DataFrame, way: str, lam: float) -> Interval:
    """Training loss from He's start less that of the raised networks, paired by seed."""
    return paired_interval(at_lam(table, way, lam), at_lam(table, "raised", lam))


def above_two(table: pd.DataFrame, deep: pd.DataFrame, lam: float) -> Interval:
    """Training loss of the raised networks less that of two layers from He's start, paired."""
    two = deep[(deep["depth"] == deep["depth"].min()) & (deep["lam"] == lam)].set_index("seed")
    return paired_interval(at_lam(table, "raised", lam), two["train_loss"].sort_index())


def second(table: pd.DataFrame) -> float:
    """The strength after the first raise: at the first all ways are the same."""
    return float(sorted(table["lam"].unique())[1])


def title(table: pd.DataFrame) -> str:
    """What the start makes of the same strength."""
    lam = second(table)
    he, raised = (level(table, way, lam).estimate for way in ("he", "raised"))
    return (
        f"At λ = {plain(lam)}, {table['depth'].iloc[0]} layers have {he:.2f} nats of training loss "
        f"from He's start, {raised:.2f} if λ is raised to it"
    )


def alt(table: pd.DataFrame) -> str:
    """Every point in numbers."""
    lams = sorted(table["lam"].unique())
    rows = "; ".join(
        f"{words}: " + ", ".join(f"{level(table, way, lam).estimate:z.2f}" for lam in lams)
        for way, (_, _, words) in WAYS.items()
    )
    listed = ", ".join(plain(lam) for lam in lams)
    return f"Three lines of training loss in nats against λ, at {listed}. {rows}."


@figure(
    id="fit-by-start",
    source="gradual",
    data=gradual_table,
    title=title,
    claim=lambda t: (
        f"{t['depth'].iloc[0]} layers, as where depths are compared. Squares: trained at the "
        "first λ from He's start, then at each λ from the weights found at the one before. "
        "Triangles: He's start and the total steps of the squares at that λ. At λ = "
        f"{plain(second(t))} He's start has {span(lost_by_start(t, 'he', second(t)))} nats more "
        f"than the squares, and {span(lost_by_start(t, 'longer', second(t)))} with as many steps. "
        "Bands are 95% over seeds. Dotted: guessing. Measured after the other figures were seen."
    ),
    alt=alt,
)
def fit_by_start(table: pd.DataFrame) -> Figure:
    """Training loss against strength by way to start."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.6))
    handles = []
    for way, (name, marker, words) in WAYS.items():
        hue = style.colour(name)
        mean_line(ax, table[table["way"] == way], "lam", "train_loss", hue, marker=marker)
        handles.append(plt.Line2D([], [], color=hue, marker=marker, label=words))
    ax.axhline(GUESSING, linestyle=":", color=style.colour("muted"), linewidth=1)
    log_ticks(ax, list(table["lam"]))
    ax.set(xlabel="λ (sum penalty)", ylabel="training loss (nats)")
    fig.legend(handles=handles, loc="outside lower center", ncols=2)
    return fig
