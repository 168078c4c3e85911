"""The strength at which decay equals the gradient of an untrained network, by width."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, plain
from l2scale.catalogue.results import Result
from l2scale.exhibits.bad_start.sweeps import PUBLISHED, SIGMOIDS
from l2scale.exhibits.bad_start.tables import LAYERS, batch_force
from l2scale.exhibits.drawing import label_end, leave_room, log_ticks, mean_line
from l2scale.lab.datasets import load
from l2scale.lab.estimates import Interval, mean_interval
from l2scale.theory.saturation import start_forces

HIS = 2 * PUBLISHED.lam  # his lambda over n, twice the book's
LOOKS = {1: ("data", "first layer"), 2: ("penalty", "output layer")}


def starts_table(result: Result) -> pd.DataFrame:
    """The strength of equality, measured and predicted, for each width, seed and layer.

    `equal_l`: root mean square gradient of a batch over ||W_l||. `predicted_l`: that of one sample,
    by theory, which it cannot exceed; `floor_l`: divided by the root of the batch's size.
    """
    table = result["starts"].table.reset_index(drop=True)
    found = table[["width", "seed", "n_train", "batch_size"]].copy()
    split = load(SIGMOIDS.data, seed=0, n_train=int(table["n_train"].iloc[0]))
    squares = np.square(split.x_train).sum(axis=1)
    forces = {
        width: start_forces(squares, int(width), split.n_classes, SIGMOIDS.bias_init)
        for width in table["width"].unique()
    }
    fans = {1: split.x_train.shape[1], 2: split.n_classes}
    for layer in LAYERS:
        norm = table[f"sq_norm_{layer}"] ** 0.5
        found[f"equal_{layer}"] = batch_force(table, layer) / norm
        found[f"sample_{layer}"] = table[f"sample_force_{layer}"] / norm
        predicted = table["width"].map(lambda w, layer=layer: forces[w][layer - 1])
        found[f"predicted_{layer}"] = predicted / (table["width"] * fans[layer]) ** 0.5
        root = (found["batch_size"] * (found["n_train"] - 1)
                / (found["n_train"] - found["batch_size"])) ** 0.5  # fmt: skip
        found[f"floor_{layer}"] = found[f"predicted_{layer}"] / root
    return found


def by_width(table: pd.DataFrame, column: str) -> dict[int, Interval]:
    """Mean over seeds at each width."""
    return {int(width): mean_interval(rows[column]) for width, rows in table.groupby("width")}


def inside(table: pd.DataFrame) -> tuple[int, int]:
    """How many widths and layers have their mean between the predicted bounds, and of how many."""
    means = table.groupby("width").mean()
    held = [
        means[f"equal_{layer}"].between(means[f"floor_{layer}"], means[f"predicted_{layer}"])
        for layer in LAYERS
    ]
    return int(sum(each.sum() for each in held)), sum(len(each) for each in held)


def spread(table: pd.DataFrame, layer: int) -> float:
    """The largest over the smallest mean, over widths."""
    means = table.groupby("width")[f"equal_{layer}"].mean()
    return float(means.max() / means.min())


def off(table: pd.DataFrame) -> dict[int, float]:
    """By which share one sample's predicted force misses the mean, in the worse layer, by width."""
    means = table.groupby("width").mean()
    errors = [means[f"predicted_{l}"] / means[f"sample_{l}"] - 1 for l in LAYERS]  # noqa: E741
    worse = pd.concat(errors, axis=1).abs().max(axis=1)
    return {int(width): float(each) for width, each in worse.items()}


def equality(table: pd.DataFrame, layer: int) -> float:
    """Mean strength of equality over all widths."""
    return float(table.groupby("width")[f"equal_{layer}"].mean().mean())


def title(table: pd.DataFrame) -> str:
    """Where equality lies, and that width has no part in it."""
    first, second = (equality(table, layer) for layer in LAYERS)
    widest = table["width"].max() / table["width"].min()
    return (
        f"At the start decay equals the gradient at 2λ ≈ {first:.2g} and {second:.2g}; "
        f"{widest:.0f} times the width moves that by at most {moved(table):.0f}%"
    )


def moved(table: pd.DataFrame) -> float:
    """Percent by which the strength of equality differs most between two widths."""
    return 100 * (max(spread(table, layer) for layer in LAYERS) - 1)


def alt(table: pd.DataFrame) -> str:
    """Every mean in numbers."""
    rows = "; ".join(
        f"{name}: "
        + listing(
            [
                f"{plain(m.estimate)} at H = {w}"
                for w, m in by_width(table, f"equal_{layer}").items()
            ]
        )
        for layer, (_, name) in LOOKS.items()
    )
    return (
        "One panel of 2λ at equality, on a logarithmic axis, against width. A line in a "
        f"shaded band for each layer. {rows}. A dotted line at {plain(HIS)}."
    )


@figure(
    id="forces-at-start",
    source="starts",
    data=starts_table,
    title=title,
    claim=lambda t: (
        f"Untrained 64-H-10 networks of sigmoid units from N(0, 1), batches of "
        f"{t['batch_size'].iloc[0]}; 95% intervals over seeds. The 2λ at which a step's decay is "
        "as long as its gradient, for each layer. Bands: from a batch's gradients that cancel to "
        "ones that agree, by the predicted force of one sample, which is off by "
        f"{listing([f'{100 * each:.0f}% at H = {w}' for w, each in off(t).items()])} at most. "
        "Dotted: Nielsen's 2λ, on other data."
    ),
    alt=alt,
)
def forces_at_start(table: pd.DataFrame) -> Figure:
    """Strength of equality against width, in bands of what was predicted."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.9))
    means = table.groupby("width", as_index=False).mean()
    for layer, (look, name) in LOOKS.items():
        colour = style.colour(look)
        ax.fill_between(
            means["width"], means[f"floor_{layer}"], means[f"predicted_{layer}"],
            color=colour, alpha=0.15, linewidth=0,
        )  # fmt: skip
        mean_line(ax, table, "width", f"equal_{layer}", colour, style.marker(look))
        label_end(ax, table, "width", f"equal_{layer}", name, colour)
    ax.axhline(HIS, linestyle=":", color=style.colour("ink"), linewidth=1.2)
    ax.text(
        means["width"].min(), HIS * 1.15, "Nielsen's 2λ", va="bottom", fontsize=9,
        color=style.colour("ink"),
    )  # fmt: skip
    ax.set_yscale("log")
    log_ticks(ax, means["width"])
    leave_room(ax, 0.22)
    ax.set(xlabel="hidden units H", ylabel="2λ at which decay = gradient", ylim=(HIS / 2, 1))
    return fig
