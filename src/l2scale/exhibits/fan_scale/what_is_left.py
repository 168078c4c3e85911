"""What keeps layers from exact balance: noise of the batches, and biases that still grow."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, percent_point_span, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import label_end, leave_room, log_ticks, mean_line, reference
from l2scale.lab.batches import split_of
from l2scale.lab.estimates import Interval, mean_interval, paired_interval
from l2scale.lab.runs import Run
from l2scale.theory.rescaling import noise_gap

LAYERS = (1, 2, 3, 4)
SQUARES = [f"sq_norm_{layer}" for layer in LAYERS]
NOISE = [f"noise_{layer}" for layer in LAYERS]


def left_table(result: Result) -> pd.DataFrame:
    """First layer's sum of squares over the last's, - 1, mean over the last third of training.

    `gap` is measured. `predicted` is what gradient noise keeps up in a network without biases, from
    `noise_l`, the mean squared norm of a batch's gradient. `growing` is what the growth of the
    biases' squares in that time asks for without noise; 0 without biases.
    """
    table = result["rest"].table
    samples = len(split_of(Run()).x_train)
    for layer in LAYERS:
        one, all_ = table[f"sample_force_{layer}"] ** 2, table[f"data_force_{layer}"] ** 2
        # A batch is drawn without replacement: at n samples it is the full batch and has no noise.
        share = (samples - table["batch_size"]) / (samples - 1) / table["batch_size"]
        table = table.assign(**{f"noise_{layer}": all_ + share * (one - all_)})
    keys = ["bias", "batch_size", "lr", "lam", "seed"]
    means = table.groupby(keys, as_index=False)[[*SQUARES, *NOISE]].mean()
    expected = [
        noise_gap(row["lr"], row["lam"], row[NOISE].tolist(), row[SQUARES].tolist())[0]
        for _, row in means.iterrows()
    ]
    # Growth in the time lr x steps, of the biases below the last layer.
    below = table.assign(
        squares=table[[f"bias_sq_norm_{layer}" for layer in LAYERS[:-1]]].sum(axis=1)
    )
    ends = (
        below.sort_values("step")
        .groupby(keys, as_index=False)[["step", "squares"]]
        .agg(["first", "last"])
    )
    grown = (ends["squares"]["last"] - ends["squares"]["first"]) / means["lr"]
    rate = grown / (ends["step"]["last"] - ends["step"]["first"])
    return means.assign(
        gap=means["sq_norm_1"] / means["sq_norm_4"] - 1,
        predicted=expected,
        growing=-rate / (4 * means["lam"] * means["sq_norm_4"]),
    )


def left(table: pd.DataFrame, bias: bool, batch: int) -> Interval:
    """First over last layer's sum of squares, - 1, over seeds."""
    rows = table[(table["bias"] == bias) & (table["batch_size"] == batch)]
    return mean_interval(rows["gap"])


def explained(table: pd.DataFrame, batch: int) -> Interval:
    """Measured over predicted gap of the networks without biases, over seeds."""
    rows = table[~table["bias"] & (table["batch_size"] == batch)]
    return paired_interval(rows["gap"], rows["predicted"], ratio=True)


def beside_one(interval: Interval) -> str:
    """In words, where an interval lies."""
    if 1 in interval:
        return "an interval that includes 1"
    return f"an interval {'above' if interval.low > 1 else 'below'} 1"


def asked_by_biases(table: pd.DataFrame, batch: int) -> Interval:
    """The gap that growing biases ask for, over seeds."""
    rows = table[table["bias"] & (table["batch_size"] == batch)]
    return mean_interval(rows["growing"])


def title(table: pd.DataFrame) -> str:
    """Noise, and the biases where they show."""
    large = table["batch_size"].max()
    grow = asked_by_biases(table, large).high < 0 and left(table, True, large).high < 0
    rest = ", and by biases that still grow" if grow else ""
    return f"Layers are kept from exact balance by gradient noise{rest}"


@figure(
    id="what-is-left",
    source="rest",
    data=left_table,
    title=title,
    claim=lambda t: (
        "Sum of squares of the first layer over that of the last, less 1, in 64-128-32-16-10 under "
        "the sum, mean over the last third of training. Dashed: what the measured noise of the "
        "gradients keeps up in a network without biases; measured over predicted is "
        f"{span(explained(t, t['batch_size'].min()))} at the smallest batch. With biases, which "
        f"are not penalised, {percent_point_span(left(t, True, t['batch_size'].max()))} is left at "
        "the largest batch, where their growth asks for "
        f"{percent_point_span(asked_by_biases(t, t['batch_size'].max()))}."
    ),
    alt=lambda t: (
        "First over last layer's sum of squares, less one, against batch size, two lines. From the "
        "smallest to the largest batch: "
        + "; ".join(
            f"{name} biases {percent(left(t, bias, t['batch_size'].min()).estimate)} to "
            f"{percent(left(t, bias, t['batch_size'].max()).estimate)}"
            for name, bias in (("without", False), ("with", True))
        )
        + ". At the largest batch the line without biases is "
        f"{explained(t, t['batch_size'].max()).estimate:.1f} times its dashed prediction."
    ),
)
def what_is_left(table: pd.DataFrame) -> Figure:
    """Gap between the first and the last layer against batch size, with and without biases."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.5))
    log_ticks(ax, table["batch_size"])
    for bias, name, colour, marker in (
        (False, "without biases", "sum", "o"),
        (True, "with biases", "mean", "s"),
    ):
        rows = table[table["bias"] == bias]
        mean_line(ax, rows, "batch_size", "gap", style.colour(colour), marker)
        label_end(ax, rows, "batch_size", "gap", name, style.colour(colour), 5)
    free = table[~table["bias"]].groupby("batch_size")["predicted"].mean()
    reference(ax, free.index, free)
    ax.axhline(0, color=style.colour("muted"), linewidth=1.0, linestyle=":")
    leave_room(ax, 0.28)
    ax.set(xlabel="batch size", ylabel="‖W₁‖² / ‖W₄‖² − 1")
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:z.0f}%")
    return fig
