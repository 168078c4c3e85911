"""Training the network whose cost starts near 50: what falls, and whether it learns."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.cost_of_fifty.sweeps import BASE, LAM
from l2scale.exhibits.cost_of_fifty.value_over_time import norm_left, widths_table
from l2scale.exhibits.drawing import label_end, leave_room, mean_line, reference
from l2scale.lab.estimates import Interval, mean_interval
from l2scale.theory.initialisation import decayed_value

COLOURS = {0.0: "muted", LAM: "penalty"}


def training_table(result: Result) -> pd.DataFrame:
    """Cost, its two parts and the held-out error of the large network over training."""
    columns = ["weights", "lam", "seed", "step", "cost", "train_loss", "penalty_value"]
    table = result["training"].table
    return table[[*columns, "test_loss", "test_error", "force_ratio"]]


def at_end(table: pd.DataFrame, lam: float, column: str) -> Interval:
    """Mean over seeds at the last step."""
    end = table[(table["lam"] == lam) & (table["step"] == table["step"].max())]
    return mean_interval(end[column])


def start_cost(table: pd.DataFrame) -> Interval:
    """Mean over seeds of the cost before training at the strength in question."""
    return mean_interval(table[(table["lam"] == LAM) & (table["step"] == 0)]["cost"])


def penalty_share(table: pd.DataFrame) -> float:
    """The penalty's share of the cost at the last step."""
    penalty, cost = (at_end(table, LAM, name).estimate for name in ("penalty_value", "cost"))
    return penalty / cost


def end_by_seed(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """A quantity at the last step: one row a seed, one column a strength."""
    end = table[table["step"] == table["step"].max()]
    return end.pivot(index="seed", columns="lam", values=column)


def cost_of_penalty(table: pd.DataFrame, metric: str) -> Interval:
    """A test metric with the penalty minus without, each seed against itself."""
    values = end_by_seed(table, metric)
    return mean_interval(values[LAM] - values[0.0])


def data_loss_ratio(table: pd.DataFrame) -> Interval:
    """Training data loss with the penalty over that without, at the end, paired over seeds."""
    losses = end_by_seed(table, "train_loss")
    return mean_interval(losses[LAM] / losses[0.0])


def forgetting_times(table: pd.DataFrame) -> float:
    """Steps trained, in units of 1/(2 lr lam)."""
    return 2 * BASE.lr * LAM * float(table["step"].max())


@figure(
    id="cost-falls",
    source="training",
    data=training_table,
    title=lambda t: (
        f"The cost starts at {start_cost(t).estimate:.0f} and the network learns all the same: "
        f"held-out error {percent(at_end(t, LAM, 'test_error').estimate)} after "
        f"{t['step'].max()} steps"
    ),
    claim=lambda t: (
        f"A network with {t['weights'][0]:,} weights trained by SGD. Left: its cost at "
        f"λ = {LAM:g}; dashed, the value that the penalty would have if nothing opposed it, "
        "(1 − 2ηλ)²ᵗ of its start. Right: held-out error with and "
        f"without penalty; at the end it is {percent(at_end(t, LAM, 'test_error').estimate)} and "
        f"{percent(at_end(t, 0.0, 'test_error').estimate)}, while the penalty is still "
        f"{percent(penalty_share(t))} of the cost."
    ),
    alt=lambda t: (
        f"Left panel: cost and penalty go from {start_cost(t).estimate:.0f} to "
        f"{at_end(t, LAM, 'cost').estimate:.0f} beside a dashed line, while the data loss is a "
        "thin layer at the bottom. Right panel: the held-out error falls from one half to "
        f"{percent(at_end(t, LAM, 'test_error').estimate)} with the penalty and "
        f"{percent(at_end(t, 0.0, 'test_error').estimate)} without."
    ),
)
def cost_falls(table: pd.DataFrame) -> Figure:
    """Cost and its parts, and held-out error, against steps."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 3.5))
    chosen = table[table["lam"] == LAM]
    parts = {"penalty_value": ("penalty", "penalty", -9), "train_loss": ("data loss", "data", 9)}
    for column, (label, colour, dy) in parts.items():
        mean_line(left, chosen, "step", column, style.colour(colour), style.marker(colour))
        label_end(left, chosen, "step", column, label, style.colour(colour), dy)
    mean_line(left, chosen, "step", "cost", style.colour("ink"))
    label_end(left, chosen, "step", "cost", "cost", style.colour("ink"), 5)
    steps = np.linspace(0, table["step"].max(), 100)
    start = chosen[chosen["step"] == 0]["penalty_value"].mean()
    reference(left, steps, [decayed_value(start, BASE.lr, LAM, step) for step in steps])
    left.set(xlabel="steps", ylabel="nats", title=f"Cost at λ = {LAM:g}", ylim=(0, None))
    for lam, name in COLOURS.items():
        rows = table[table["lam"] == lam]
        mean_line(right, rows, "step", "test_error", style.colour(name), "o")
    right.set(xlabel="steps", ylabel="share of wrong answers", title="Held-out error")
    right.set_ylim(0, 0.6)
    handles = [
        plt.Line2D([], [], color=style.colour(name), marker="o", label=f"λ = {lam:g}")
        for lam, name in COLOURS.items()
    ]
    right.legend(handles=handles, loc="upper right")
    leave_room(left, 0.2)
    return fig


@settles("C21", figure="cost-falls", derivation="eq-start-glorot")
def will_it_only_crush(result: Result) -> Verdict:
    """The large network learns at lam = 0.01 while its cost is almost all penalty."""
    table = training_table(result)
    error = at_end(table, LAM, "test_error")
    learns = error.high < 0.4  # a coin errs on half of the digits
    widths = widths_table(result)
    left, times = norm_left(widths), forgetting_times(table)
    return Verdict(
        "CONDITIONAL" if learns else "OPEN",
        f"The {start_cost(table).estimate:.1f} is the initial sum of squares times λ. FALSE of the "
        f"first {table['step'].max()} steps that training only crushes: after them, "
        f"{times:.1f} forgetting times, the held-out error is {span(error, '.3f')} "
        f"({table['seed'].nunique()} seeds). Not measured beyond that for this network. One of "
        f"{widths['weights'].max():,} weights learns in {widths['step'].max():,} steps, TRUE "
        f"though that it shrinks nearly all of its sum of squares, to {percent(left)}.",
        {
            "cost at the start": start_cost(table).estimate,
            "held-out error at the end": error.estimate,
            "penalty’s share of the cost": penalty_share(table),
            "left of the sum of squares": left,
        },
    )
