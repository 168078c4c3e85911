"""What several figures share: five typed strengths, two criteria, and what theory asks of each."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from l2scale.catalogue import style
from l2scale.catalogue.results import Result
from l2scale.exhibits.width_limit.sweeps import effective

CRITERIA = {"loss": ("val_loss", "test_loss"), "error": ("val_error", "test_error")}
"""What chooses lambda, on validation data, and what is then reported, on test data."""


def at_end(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last step."""
    return table[table["step"] == table["step"].max()]


def as_mean(table: pd.DataFrame) -> pd.DataFrame:
    """The sum's rows under the name that the mean gives them: lambda P for lambda.

    Four digits make one grid of all widths: P doubles with H, and the sum's grid holds halves.
    """
    typed = [float(f"{lam * p:.4g}") for lam, p in zip(table["lam"], table["weights"], strict=True)]
    return table.assign(penalty="mean", lam=typed)


def five(result: Result) -> pd.DataFrame:
    """Rows of all five penalties at the last step, `lam` as one types it."""
    table = at_end(result["penalties"].table)
    plain = table[table["penalty"] == "sum"]
    return pd.concat([plain, as_mean(plain), table[table["penalty"] != "sum"]], ignore_index=True)


def asked(penalty: str, widths: list[int]) -> float:
    """Exponent of the typed lambda* between these widths if the sum's lambda* stayed.

    It is minus that of the geometric mean of the coefficients of 64-H-10, by least squares.
    """
    logs = [np.log(effective(penalty, width, 2)) for width in widths]
    return -float(np.polyfit(np.log(widths), logs, 1)[0])


def column_of_labels(
    ax: Axes, ends: dict[str, float], words: dict[str, str] | None = None, gap: float = 0.075
) -> None:
    """Name penalties right of the axes, at their lines' ends but `gap` of its height apart."""
    at = {name: height(ax, y) for name, y in ends.items()}
    order = sorted(at, key=at.__getitem__)
    places: list[float] = []
    for name in order:
        places.append(max(at[name], places[-1] + gap if places else 0.02))
    top = 0.98  # what the spreading pushed out at the top comes back, and those below make room
    for i in reversed(range(len(places))):
        places[i] = min(places[i], top)
        top = places[i] - gap
    for name, y in zip(order, places, strict=True):
        colour = style.colour(name)
        ax.plot(
            1.04, y, style.marker(name), color=colour, transform=ax.transAxes, clip_on=False,
            markeredgewidth=0,
        )  # fmt: skip
        text = f"{name}\n{words[name]}" if words else name
        ax.text(1.08, y, text, color=colour, transform=ax.transAxes, va="center", fontsize=9)


def height(ax: Axes, y: float) -> float:
    """A number on the y axis as a share of the axes' height."""
    low, high = ax.transData.transform([(ax.get_xlim()[1], end) for end in ax.get_ylim()])[:, 1]
    at = ax.transData.transform((ax.get_xlim()[1], y))[1]
    return float((at - low) / (high - low))
