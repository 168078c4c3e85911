"""The penalty's value over training at five widths: where it starts and where it ends."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.cost_of_fifty.sweeps import LAM
from l2scale.exhibits.drawing import label_end, leave_room, mean_line
from l2scale.lab.estimates import Interval, mean_interval
from l2scale.lab.slopes import loglog_slope


def widths_table(result: Result) -> pd.DataFrame:
    """Value of the penalty and data loss over time, by width."""
    table = result["widths"].table
    columns = ["width", "weights", "seed", "step", "penalty_value", "train_loss", "test_loss"]
    return table[columns]


def growth(table: pd.DataFrame, step: int, x: str = "width") -> Interval:
    """The slope d log value / d log x at one step."""
    return loglog_slope(table[table["step"] == step], x, "penalty_value")


def spread(table: pd.DataFrame, step: int) -> float:
    """Largest over smallest mean value among the widths at one step."""
    means = table[table["step"] == step].groupby("width")["penalty_value"].mean()
    return float(means.max() / means.min())


def against_data(table: pd.DataFrame, width: int) -> Interval:
    """Value of the penalty over data loss at the last step, for one width."""
    end = table[(table["step"] == table["step"].max()) & (table["width"] == width)]
    return mean_interval(end["penalty_value"] / end["train_loss"])


def ratio_growth(table: pd.DataFrame) -> Interval:
    """The slope d log (value over data loss) / d log width at the last step."""
    end = table[table["step"] == table["step"].max()]
    return loglog_slope(
        end.assign(ratio=end["penalty_value"] / end["train_loss"]), "width", "ratio"
    )


def norm_left(table: pd.DataFrame) -> float:
    """Share of the widest network's initial sum of squares that is left at the last step."""
    wide = table[table["width"] == table["width"].max()]
    means = wide.groupby("step")["penalty_value"].mean()
    return float(means.iloc[-1] / means.iloc[0])


def late_change(table: pd.DataFrame) -> float:
    """Largest relative change of a width's mean value over the last doubling of the steps."""
    means = table.pivot_table(index="step", columns="width", values="penalty_value")
    return float((means.iloc[-1] / means.iloc[-2] - 1).abs().max())


def least_and_most(table: pd.DataFrame) -> tuple[str, str]:
    """`against_data` for the narrowest and the widest network."""
    widths = table["width"].min(), table["width"].max()
    narrow, wide = (span(against_data(table, width), ".1f") for width in widths)
    return narrow, wide


@figure(
    id="value-over-time",
    source="widths",
    data=widths_table,
    title=lambda t: (
        f"The value starts {spread(t, 0):.0f} times apart and ends within a factor of "
        f"{spread(t, t['step'].max()):.2f}: training all but forgets the width"
    ),
    claim=lambda t: (
        f"Value of the sum penalty at λ = {LAM:g} over training, for two hidden layers of H and "
        f"3H/11 units. It starts as width to the power {span(growth(t, 0))} and ends as width to "
        f"the power {span(growth(t, t['step'].max()), '.3f')}. Grey: data loss, all widths. At the "
        f"end the value is {least_and_most(t)[0]} times the data loss in the narrowest network and "
        f"{least_and_most(t)[1]} times in the widest."
    ),
    alt="Log-log plot of the penalty's value against training steps, one line a width. The lines "
    "start far apart, the widest highest, and end close together. Grey lines of the data loss "
    "start together between them and end below, the narrowest network's highest.",
)
def value_over_time(table: pd.DataFrame) -> Figure:
    """Value of the penalty against steps, one line a width."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.8))
    ax.set_yscale("log")
    ax.set_xscale("symlog", linthresh=10, linscale=0.4)
    widths = sorted(table["width"].unique())
    for width, colour in zip(widths, style.shades(len(widths)), strict=True):
        rows = table[table["width"] == width]
        mean_line(ax, rows, "step", "train_loss", style.colour("muted"))
        ax.lines[-1].set_linewidth(0.9)
        mean_line(ax, rows, "step", "penalty_value", colour, "o")
        first = rows[rows["step"] == 0]["penalty_value"].mean()
        ax.annotate(
            f"H = {width:,}", (0, first), xytext=(5, 5), textcoords="offset points", color=colour,
            bbox={"facecolor": style.colour("paper"), "alpha": 0.95, "pad": 0.5, "linewidth": 0},
            fontsize=9,
        )  # fmt: skip
    label_end(ax, table, "step", "penalty_value", "value", style.colour("ink"))
    label_end(ax, table, "step", "train_loss", "data loss", style.colour("muted"))
    ax.set(xlabel="steps", ylabel="nats")
    leave_room(ax, 0.12)
    ax.set_xlim(left=-1)
    return fig


@settles("C01", figure="value-over-time", derivation="eq-start-value")
def size_and_value(result: Result) -> Verdict:
    """The value grows with width at the start and not at the end."""
    table = widths_table(result)
    last = table["step"].max()
    start, units, end = growth(table, 0, "weights"), growth(table, 0), growth(table, last)
    holds = start.low > 0 and max(abs(end.low), abs(end.high)) < units.low / 4
    return Verdict(
        "CONDITIONAL" if holds else "OPEN",
        "TRUE before training: from Glorot's start the value grows with width to the power "
        f"{span(units)}, and with the number of weights to the power {span(start)}. Nearly FALSE "
        f"after {last:,} steps under the sum: {span(end, '.3f')} in width. Layers are not varied "
        "here.",
        {"power of width at the start": units.estimate, "at the end": end.estimate},
    )


@settles("C32", figure="value-over-time", derivation="cor-wl-squares")
def does_the_sum_dominate(result: Result) -> Verdict:
    """Dominance at the start grows with the model; at the end it does not depend on it."""
    table = widths_table(result)
    last = table["step"].max()
    end, ratio = growth(table, last), ratio_growth(table)
    narrow, wide = least_and_most(table)
    return Verdict(
        "CONDITIONAL" if ratio.high < growth(table, 0).low else "TRUE",
        f"At the start only, where the value spans a factor of {spread(table, 0):.0f} over widths. "
        f"After {last:,} steps it spans one of {spread(table, last):.2f} (exponent "
        f"{span(end, '.3f')}), and its ratio to the data loss grows far less with width (exponent "
        f"{span(ratio)}): {narrow} in the narrowest network, {wide} in the widest.",
        {
            "times from narrow to wide at the start": spread(table, 0),
            "power of width of value over loss at the end": ratio.estimate,
        },
    )
