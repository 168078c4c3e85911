"""Many objectives on one trajectory, and what a factor B/n in the wrong place does."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.exhibits.batches.conventions import CONVENTIONS, MISUSES
from l2scale.exhibits.drawing import label_end, leave_room, listing, mean_line, note, percent, plain

MARKERS = ("o", "s", "^", "D", "v", "P")


def at_end(table: pd.DataFrame, form: str) -> pd.DataFrame:
    """The last rows of one form."""
    return table[(table["form"] == form) & (table["step"] == table["step"].max())]


def largest(table: pd.DataFrame) -> float:
    """The largest deviation of any convention from the lab's trainer, at any look."""
    return float(table.loc[table["form"].isin(list(CONVENTIONS)), "deviation"].max())


def misled(table: pd.DataFrame) -> dict[int, float]:
    """Per batch size the mean deviation at the end with B/n on a mean loss."""
    rows = at_end(table, "mean_scaled")
    return {int(size): d for size, d in rows.groupby("batch_size")["deviation"].mean().items()}


def title(table: pd.DataFrame) -> str:
    """Rounding, and what misuse does."""
    off = misled(table)
    return (
        f"Converted, {len(CONVENTIONS)} objectives take the same steps to {largest(table):.0e}; "
        f"with λB/n weights end up {percent(min(off.values()))} to {percent(max(off.values()))} off"
    )


def alt(table: pd.DataFrame) -> str:
    """Sums of squares at the end."""
    ends = [
        f"B = {size}: {at_end(rows, 'mean')['sq_norm'].mean():.1f} and "
        f"{at_end(rows, 'mean_scaled')['sq_norm'].mean():.1f}"
        for size, rows in table.groupby("batch_size")
    ]
    return (
        "Two panels of the sum of squares against steps, a line for each batch size. Left, with "
        f"the markers of {len(CONVENTIONS)} objectives; right, with λB/n in place of λ. At the "
        f"end, left and right: {'; '.join(ends)}."
    )


@figure(
    id="one-trajectory",
    source="walks",
    title=title,
    claim=lambda t: (
        "Sum of squares of all weights over the steps of SGD, a line for each batch size, bands "
        f"95% over {t['seed'].nunique()} seeds. Left: each objective with its own strength and "
        "rate, in turn at the marks; the largest difference of a weight from the book's trainer, "
        f"over the largest weight, is {plain(largest(t))}. Right: the factor B/n on a mean "
        "loss, and Λ = Bλ in the summed form. They are one mistake, λB/n in place of λ; that "
        "difference is then "
        + listing([f"{percent(off)} for B = {size}" for size, off in misled(t).items()])
        + "."
    ),
    alt=alt,
)
def one_trajectory(table: pd.DataFrame) -> Figure:
    """The sum of squares over the steps, converted rightly and wrongly."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 4.3), sharey=True)
    sizes = sorted(table["batch_size"].unique())
    hues = dict(zip(sizes, style.shades(len(sizes)), strict=True))
    steps = sorted(table["step"].unique())
    for size, hue in hues.items():
        rows = table[table["batch_size"] == size]
        mean_line(axes[0], rows[rows["form"] == "mean"], "step", "sq_norm", hue)
        for place, form in enumerate(CONVENTIONS):
            mark(
                axes[0],
                rows[rows["form"] == form],
                steps[1 + place :: len(CONVENTIONS)],
                MARKERS[place],
                hue,
            )
        wrong = rows[rows["form"] == "mean_scaled"]
        mean_line(axes[1], wrong, "step", "sq_norm", hue)
        second = rows[rows["form"] == "batch_samples"]
        mark(axes[1], second, steps[1:], "x", hue)
        label_end(axes[1], wrong, "step", "sq_norm", f"B = {size}", hue, dy=spread(sizes, size))
    axes[0].set(title="Converted", ylabel="sum of squared weights ‖w‖²")
    axes[1].set(title="λB/n in place of λ")
    note(axes[0], 0.96, 0.95, "all batch sizes,\nall objectives", ha="right", va="top",
         transform=axes[0].transAxes)  # fmt: skip
    for ax in axes:
        ax.set(xlabel="step")
    leave_room(axes[1], 0.2)
    ink = style.colour("ink")
    handles = [
        plt.Line2D([], [], color=ink, linestyle="", marker=shape, label=CONVENTIONS[form].words)
        for form, shape in zip(CONVENTIONS, MARKERS, strict=True)
    ]
    words = MISUSES["batch_samples"].words
    handles.append(plt.Line2D([], [], color=ink, linestyle="", marker="x", label=words))
    fig.legend(handles=handles, loc="outside lower center", ncols=2)
    return fig


def spread(sizes: list[int], size: int) -> float:
    """Points by which a label is moved: the largest strength has the lowest line."""
    return 5.0 * (len(sizes) - 1 - 2 * sizes.index(size)) / max(1, len(sizes) - 1)


def mark(ax: Axes, rows: pd.DataFrame, steps: list[int], shape: str, colour: str) -> None:
    """The mean sum of squares at some looks."""
    means = rows[rows["step"].isin(steps)].groupby("step")["sq_norm"].mean()
    ax.plot(means.index, means, shape, color=colour, markersize=5)
