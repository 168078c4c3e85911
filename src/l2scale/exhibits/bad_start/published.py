"""Nielsen's published comparison of two starts, and ours on the data at hand."""

from dataclasses import dataclass

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, percent, points_span
from l2scale.catalogue.results import Result
from l2scale.exhibits.bad_start.course import NAMES
from l2scale.exhibits.bad_start.sweeps import PUBLISHED_WIDTHS, STARTS
from l2scale.exhibits.drawing import leave_room, mean_line
from l2scale.lab.estimates import Interval, mean_interval, paired_interval


@dataclass(frozen=True)
class Published:
    """One run of Nielsen's: errors on 10,000 validation images after its first and 30th epoch.

    From fig/weight_initialization_30.json and _100.json of
    https://github.com/mnielsen/neural-networks-and-deep-learning (commit b5ee3ad, the last one).
    """

    width: int
    init: str
    first: float
    last: float


RECORD = (
    Published(30, "normal", 0.1357, 0.0363),
    Published(30, "lecun", 0.0730, 0.0350),
    Published(100, "normal", 0.1006, 0.0258),
    Published(100, "lecun", 0.0705, 0.0219),
)
EPOCHS = 30  # of his runs
MARGIN = 0.01  # errors this near to each other are level
HIS_ORDER = "the published order"
LOOKS = {"normal": "penalty", "lecun": "data"}
DATA = {
    "digits_pixels": "UCI digits of 8 × 8 pixels",
    "mnist_test_pixels": "MNIST's 10,000 test images",
    "mnist_pixels": "MNIST",
}


def published_table(result: Result) -> pd.DataFrame:
    """Validation errors of both starts and widths, in epochs."""
    table = result["published"].table
    columns = ["data", "width", "init", "seed", "n_train", "batch_size", "step", "val_error"]
    epoch = table["step"] * table["batch_size"] / table["n_train"]
    return table[columns].assign(epoch=epoch)


def of(table: pd.DataFrame, width: int, init: str) -> pd.DataFrame:
    """The rows of one network."""
    return table[(table["width"] == width) & (table["init"] == init)]


def error(table: pd.DataFrame, width: int, init: str, epoch: float) -> Interval:
    """Mean error of one network after an epoch."""
    rows = of(table, width, init)
    return mean_interval(rows.loc[rows["epoch"] == epoch, "val_error"])


def gap(table: pd.DataFrame, width: int, epoch: float) -> Interval:
    """Error from N(0, 1) less that from N(0, 1/nᵢₙ), by seed."""
    rows = [of(table, width, init) for init in STARTS]
    one, other = (r[r["epoch"] == epoch].set_index("seed")["val_error"].sort_index() for r in rows)
    return paired_interval(one, other)


def order(found: Interval) -> str:
    """Which start is ahead, by the interval."""
    if found.low > 0:
        return "behind"
    return "ahead" if found.high < 0 else "not told apart"


def standing(table: pd.DataFrame, width: int, epoch: float) -> str:
    """How far the network from N(0, 1) is ahead or behind, in words."""
    found = gap(table, width, epoch)
    if order(found) == "not told apart":
        return "level"
    return f"{abs(100 * found.estimate):.1f} points {order(found)}"


def level(table: pd.DataFrame) -> bool:
    """Whether at the end no difference between the starts is beyond `MARGIN`, at either width."""
    found = [gap(table, width, last(table)) for width in PUBLISHED_WIDTHS]
    return all(each.low > -MARGIN and each.high < MARGIN for each in found)


def orders(table: pd.DataFrame) -> str:
    """Whether our order after one epoch is his, over both widths."""
    signs = [gap(table, width, 1) for width in PUBLISHED_WIDTHS]
    if all(found.low > 0 for found in signs):
        return HIS_ORDER
    reverse = all(found.high < 0 for found in signs)
    return "the reverse of the published order" if reverse else "neither order beyond doubt"


def last(table: pd.DataFrame) -> float:
    """The last epoch."""
    return float(table["epoch"].max())


def named(table: pd.DataFrame) -> str:
    """The data set in words."""
    return DATA[table["data"].iloc[0]]


def title(table: pd.DataFrame) -> str:
    """Which start is ahead after one epoch, and by how much at the end."""
    width = PUBLISHED_WIDTHS[0]
    found = [f"{standing(table, width, e)} after {e:.0f}" for e in (1, last(table))]
    return f"{named(table)}, {width} units: from N(0, 1) a network is {listing(found)} epochs"


def alt(table: pd.DataFrame) -> str:
    """First and last errors in numbers."""
    rows = "; ".join(
        f"{width} hidden from {NAMES[init]}: "
        + listing(
            [
                f"{percent(error(table, width, init, e).estimate)} after {e:.0f}"
                for e in (1, last(table))
            ]
        )
        for width in PUBLISHED_WIDTHS
        for init in STARTS
    )
    return (
        f"Two panels, one a width, of validation error on a logarithmic axis against epochs. {rows}"
        ". Crosses: Nielsen's runs on MNIST, after 1 and 30 epochs."
    )


@figure(
    id="published-starts",
    source="published",
    data=published_table,
    title=title,
    claim=lambda t: (
        f"Nielsen's two networks, strength and learning rate, on {named(t)}; 95% intervals over "
        "seeds. Crosses: his runs on MNIST, one each. Error from N(0, 1) less that from "
        "N(0, 1/nᵢₙ): "
        + "; ".join(
            f"{width} hidden, {points_span(gap(t, width, 1))} after one epoch and "
            f"{points_span(gap(t, width, last(t)))} after {last(t):.0f}"
            for width in PUBLISHED_WIDTHS
        )
        + f". That is {orders(t)} after one epoch."
    ),
    alt=alt,
)
def published_starts(table: pd.DataFrame) -> Figure:
    """Validation error against epochs from both starts, with his numbers."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.9), sharey=True)
    for ax, width in zip(axes, PUBLISHED_WIDTHS, strict=True):
        for init, look in LOOKS.items():
            rows = of(table, width, init)
            rows = rows[rows["epoch"] >= 1].assign(percent=100 * rows["val_error"])
            mean_line(ax, rows, "epoch", "percent", style.colour(look), style.marker(look))
        for row in (row for row in RECORD if row.width == width):
            ax.plot(
                [1, EPOCHS], [100 * row.first, 100 * row.last], linestyle="none", marker="x",
                color=style.colour(LOOKS[row.init]), markersize=7, markeredgewidth=1.8,
            )  # fmt: skip
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xticks([1, 2, 5, 10, 30], ["1", "2", "5", "10", "30"])
        ax.set_xticks([], minor=True)
        ax.set_yticks([2, 5, 10, 20, 50, 100], ["2", "5", "10", "20", "50", "100"])
        ax.set_yticks([], minor=True)
        leave_room(ax, 0.03)
        ax.set(title=f"{width} hidden units", xlabel="epoch", ylabel="")
    axes[0].set_ylabel("validation error (%)")
    handles = [
        plt.Line2D(
            [], [], color=style.colour(look), marker=style.marker(look), label=f"from {NAMES[init]}"
        )
        for init, look in LOOKS.items()
    ]
    handles.append(
        plt.Line2D(
            [], [], color=style.colour("ink"), linestyle="none", marker="x", label="Nielsen, MNIST"
        )
    )
    fig.legend(handles=handles, loc="outside lower center", ncols=3)
    return fig
