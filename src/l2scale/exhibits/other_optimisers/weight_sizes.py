"""How large AdamW's weights are after training, against its ceiling and against random walks."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.other_optimisers.cells import CONSTANT, METRICS, end, labelled
from l2scale.lab.estimates import mean_interval, optima

ARMS = tuple(arm for arm in CONSTANT if arm.cell == "adamw")


def sizes_table(result: Result) -> pd.DataFrame:
    """AdamW at a constant rate at the narrowest and the widest network.

    One row per layers, metric, place and layer. `place` is "narrow" or "wide", at the best lambda
    there, or "held", the widest network at the narrowest one's lambda. `ceiling` is the RMS of the
    layer's weights over 1/(2 lambda), with `reach` the half of its 95 % interval over seeds, lambda
    given; `random` is that RMS over what independent updates of size eta would leave,
    sqrt(eta/(4 lambda)).
    """
    table = end(labelled(result))
    found = []
    for arm in ARMS:
        rows = arm.of(table)
        for metric in METRICS:
            best = optima(rows, ["width"], select=f"val_{metric}", report=f"test_{metric}")
            narrow, wide = (best.iloc[i] for i in (0, -1))
            for place, width, lam in (
                ("narrow", narrow["width"], narrow["at"]),
                ("held", wide["width"], narrow["at"]),
                ("wide", wide["width"], wide["at"]),
            ):
                at = rows[(rows["width"] == width) & (rows["lam"] == lam)]
                for layer in range(1, arm.layers + 1):
                    rms = np.sqrt(at[f"mean_square_{layer}"])
                    share = mean_interval(2 * lam * rms)
                    found.append(
                        {"layers": arm.layers, "metric": metric, "place": place, "layer": layer}
                        | {"width": width, "lam": lam, "ceiling": share.estimate}
                        | {"reach": (share.high - share.low) / 2}
                        | {"random": float((rms / np.sqrt(at["lr"] / (4 * lam))).mean())}
                    )
    return pd.DataFrame(found)


def size(table: pd.DataFrame, layers: int, layer: int, place: str, metric: str = "error") -> float:
    """The share of its ceiling that one layer's weights have."""
    rows = table[(table["layers"] == layers) & (table["layer"] == layer)]
    return float(rows[(rows["place"] == place) & (rows["metric"] == metric)]["ceiling"].iloc[0])


def growth(table: pd.DataFrame, quantity: str, place: str, metric: str) -> tuple[float, float]:
    """The least and the largest factor, over layers, by which a size differs from the narrowest."""
    rows = table[table["metric"] == metric].set_index(["layers", "layer"])
    to, origin = (rows.loc[rows["place"] == name, quantity] for name in (place, "narrow"))
    return float((to / origin).min()), float((to / origin).max())


def between(pair: tuple[float, float]) -> str:
    """A range of factors or shares."""
    return " to ".join(f"{value:.2f}" for value in pair)


def closer(pair: tuple[float, float], other: tuple[float, float]) -> str:
    """Whether the factor furthest from 1 is nearer to 1 in the one range than in the other."""
    far, further = (float(np.abs(np.log(factors)).max()) for factors in (pair, other))
    return "closer" if far < further else "no closer"


def size_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes."""
    places = {"narrow": ("narrow", "error"), "held": ("held", "error"), "wide": ("wide", "error")}
    places |= {"narrow_loss": ("narrow", "loss"), "wide_loss": ("wide", "loss")}
    numbers = {
        f"ceiling_{arm.layers}_{layer}_{name}": f"{size(table, arm.layers, layer, *place):.2f}"
        for arm in ARMS
        for layer in range(1, arm.layers + 1)
        for name, place in places.items()
    }
    held, best = (growth(table, "ceiling", place, "error") for place in ("held", "wide"))
    random = growth(table, "random", "wide", "error")
    at_best = table[table["place"] != "held"].groupby("metric")["ceiling"].agg(["min", "max"])
    return numbers | {
        "ceiling_range": between(tuple(at_best.loc["error"])),
        "ceiling_range_loss": between(tuple(at_best.loc["loss"])),
        "ceiling_reach": f"{table['reach'].max():.2f}",
        "ceiling_change_held": between(held),
        "ceiling_change": between(best),
        "random_change": between(random),
        "closer_than_held": closer(best, held),
        "closer_than_random": closer(best, random),
        "ceiling_change_loss": between(growth(table, "ceiling", "wide", "loss")),
    }
