"""The value and the force of five penalties against the width of a network."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import span
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import label_end, leave_room, log_ticks, mean_line, reference
from l2scale.lab.estimates import Interval
from l2scale.lab.networks import layer_shapes
from l2scale.lab.slopes import loglog_slope
from l2scale.theory.initialisation import expected_value
from l2scale.theory.penalties import PENALTIES, coefficients, force


def value_and_force_table(result: Result) -> pd.DataFrame:
    """The penalty's value before training, and the force that training put on one weight.

    The force on a weight of size 1 is what weights on blank pixels lost in a step, divided by the
    learning rate: no data gradient reaches them.
    """
    table = result["widths"].table
    start, end = (
        table[table["step"] == step].reset_index(drop=True) for step in (0, table["step"].max())
    )
    # log1p keeps the digits of a share lost of 1e-9.
    kept = np.log1p((end["unused_1"] - start["unused_1"]) / start["unused_1"]) / end["step"]
    columns = ["penalty", "width", "seed", "weights", "lam", "penalty_value"]
    return start[columns].assign(unit_force=-np.expm1(kept) / end["lr"])


def growth(table: pd.DataFrame, penalty: str, quantity: str) -> Interval:
    """The slope d log quantity / d log weights for one penalty."""
    return loglog_slope(table[table["penalty"] == penalty], "weights", quantity)


def predicted(penalty: str, width: int, lam: float) -> tuple[float, float]:
    """Expected initial value, and force on a first-layer weight of size 1, from shapes alone."""
    shapes = layer_shapes(64, (width,), 10)
    c = coefficients(penalty, shapes)
    return expected_value(lam, penalty, "he", shapes), float(force(np.ones(1), lam, c[0])[0])


@figure(
    id="value-and-force",
    source="widths",
    data=value_and_force_table,
    title="With more weights the sum's value grows and its force stays; the mean's value levels "
    "off and its force fades",
    claim=lambda t: (
        f"64-H-10 networks, λ = {t['lam'].iloc[0]:g}. Left: the value of each penalty before "
        "training. Right: the force on a first-layer weight of size 1, from what weights on blank "
        "pixels lost in training. Dashed: predicted from the shapes alone. As the weights grow in "
        "number, the sum's value grows with exponent "
        f"{span(growth(t, 'sum', 'penalty_value'))} and its force with "
        f"{growth(t, 'sum', 'unit_force').estimate:z.2f}; the mean's with "
        f"{span(growth(t, 'mean', 'penalty_value'))} and "
        f"{growth(t, 'mean', 'unit_force').estimate:z.2f}."
    ),
    alt="Two log-log panels against the width of the hidden layer, one line for each of five "
    "penalties. In the left panel, the penalty's value, sum and fan rise, mean and tensor mean "
    "are flat, prior rises steepest. In the right panel, the force on one weight, sum is flat, "
    "mean and tensor mean fall as one over the width, fan levels off, prior rises.",
)
def value_and_force(table: pd.DataFrame) -> Figure:
    """Value and force of the five penalties against width, with their predictions."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6))
    for place, (ax, quantity) in enumerate(zip(axes, ("penalty_value", "unit_force"), strict=True)):
        ax.set_yscale("log")
        log_ticks(ax, table["width"])
        for penalty in PENALTIES:
            rows = table[table["penalty"] == penalty]
            widths = sorted(rows["width"].unique())
            lam = rows["lam"].iloc[0]
            mean_line(ax, rows, "width", quantity, style.colour(penalty), style.marker(penalty))
            reference(ax, widths, [predicted(penalty, w, lam)[place] for w in widths])
            apart = {"tensor_mean": 4, "mean": -4}.get(penalty, 0)  # their lines all but meet
            label_end(ax, rows, "width", quantity, penalty, style.colour(penalty), apart)
        leave_room(ax, 0.32)
        ax.set_xlabel("hidden units")
    axes[0].set(ylabel="nats", title="Value before training")
    axes[1].set(ylabel="nats per unit of weight", title="Force on a weight of size 1")
    return fig
