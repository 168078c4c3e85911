"""Many objectives on one trajectory, and what a factor B/n in the wrong place does."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, percent, plain
from l2scale.catalogue.results import Result
from l2scale.exhibits.batches.conventions import CONVENTIONS
from l2scale.exhibits.drawing import label_end, leave_room, mean_line, note


def at_end(table: pd.DataFrame, form: str) -> pd.DataFrame:
    """The last rows of one form."""
    return table[(table["form"] == form) & (table["step"] == table["step"].max())]


def largest(table: pd.DataFrame) -> float:
    """The largest deviation of any convention from the lab's trainer, at any look."""
    return float(table.loc[table["form"].isin(list(CONVENTIONS)), "deviation"].max())


def misled(table: pd.DataFrame, form: str) -> dict[int, float]:
    """Per batch size the mean deviation at the end of one of the misuses."""
    rows = at_end(table, form)
    return {int(size): d for size, d in rows.groupby("batch_size")["deviation"].mean().items()}


def title(table: pd.DataFrame) -> str:
    """Rounding, and what misuse does."""
    off = misled(table, "mean_scaled").values()
    return (
        f"Converted, {len(CONVENTIONS)} objectives take the same steps to {largest(table):.0e}; "
        f"with λB/n some weight ends up off by {percent(min(off))} to {percent(max(off))} "
        "of the largest"
    )


def relative(result: Result) -> pd.DataFrame:
    """The walks, with `kept`: the sum of squares over that of the start."""
    table = result["walks"].table
    start = table.groupby(["form", "batch_size", "seed"])["sq_norm"].transform("first")
    return table.assign(kept=table["sq_norm"] / start)


def alt(table: pd.DataFrame) -> str:
    """Sums of squares at the end."""
    ends = [
        f"B = {size}: {at_end(rows, 'mean')['kept'].mean():.2f} and "
        f"{at_end(rows, 'mean_scaled')['kept'].mean():.2f}"
        for size, rows in table.groupby("batch_size")
    ]
    return (
        "Two panels of the sum of squares over that of the start against steps, a line for each "
        f"batch size. Left, {len(CONVENTIONS)} objectives: "
        f"{listing([form.words for form in CONVENTIONS.values()])}. Right, λB/n in place of λ. "
        f"At the end, left and right: {'; '.join(ends)}."
    )


@figure(
    id="one-trajectory",
    source="walks",
    data=relative,
    title=title,
    claim=lambda t: (
        "Sum of squares of all weights, over that of the start, along the steps of SGD at a strong "
        f"λ; bands are 95% over {t['seed'].nunique()} seeds. Left: the mean loss as lines, each "
        "other objective with its own strength and rate in turn at the marks; the largest "
        "difference of a weight from the book's trainer, over the largest weight, is "
        f"{plain(largest(t))}. Right: the factor B/n on a mean loss (lines), and Λ = Bλ in "
        "Bengio's form (crosses). They are one mistake, λB/n in place of λ; that difference is "
        f"then, after {t['step'].max():,} steps, "
        + listing(
            [f"{percent(off)} for B = {size}" for size, off in misled(t, "mean_scaled").items()]
        )
        + "."
    ),
    alt=alt,
)
def one_trajectory(table: pd.DataFrame) -> Figure:
    """The sum of squares over the steps, converted rightly and wrongly."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6), sharey=True)
    sizes = sorted(table["batch_size"].unique())
    hues = dict(zip(sizes, style.shades(len(sizes)), strict=True))
    steps = sorted(table["step"].unique())
    for size, hue in hues.items():
        rows = table[table["batch_size"] == size]
        mean_line(axes[0], rows[rows["form"] == "mean"], "step", "kept", hue)
        others = [form for form in CONVENTIONS if form != "mean"]
        for place, form in enumerate(others):
            mark(axes[0], rows[rows["form"] == form], steps[1 + place :: len(others)], "o", hue)
        wrong = rows[rows["form"] == "mean_scaled"]
        mean_line(axes[1], wrong, "step", "kept", hue)
        second = rows[rows["form"] == "batch_samples"]
        mark(axes[1], second, steps[1:], "x", hue)
        label_end(axes[1], wrong, "step", "kept", f"B = {size}", hue, dy=spread(sizes, size))
    axes[0].set(title="Converted", ylabel="‖w‖² over that of the start")
    axes[1].set(title="λB/n in place of λ")
    note(axes[0], 0.96, 0.95, "at each batch size,\nall objectives", ha="right", va="top",
         transform=axes[0].transAxes)  # fmt: skip
    for ax in axes:
        ax.set(xlabel="step")
    leave_room(axes[1], 0.2)
    return fig


def spread(sizes: list[int], size: int) -> float:
    """Points by which a label is moved: the largest strength has the lowest line."""
    return 5.0 * (len(sizes) - 1 - 2 * sizes.index(size)) / max(1, len(sizes) - 1)


def mark(ax: Axes, rows: pd.DataFrame, steps: list[int], shape: str, colour: str) -> None:
    """The mean sum of squares at some looks."""
    means = rows[rows["step"].isin(steps)].groupby("step")["kept"].mean()
    ax.plot(means.index, means, shape, color=colour, markersize=5)
