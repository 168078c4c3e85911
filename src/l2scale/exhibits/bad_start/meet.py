"""Forces and sizes over all of training, from both starts, with a penalty and without."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.results import Result
from l2scale.exhibits.bad_start.labels import label_ends
from l2scale.exhibits.bad_start.sweeps import STARTS
from l2scale.exhibits.bad_start.tables import (
    LAYERS,
    at_end,
    at_epoch,
    decay_table,
    learned,
    mean,
    part,
    ratios,
    strength,
)
from l2scale.exhibits.drawing import leave_room, listing, mean_line, plain, span
from l2scale.lab.estimates import Interval, paired_interval
from l2scale.lab.training import schedule_factor

SAME = 0.05  # two ends this near to each other are the same end
INPUTS = 64
LINES = {"normal": "-", "lecun": (0, (2, 1.2))}  # start -> line style
NAMES = {"normal": "N(0, 1)", "lecun": "N(0, 1/nᵢₙ)"}


def long_table(result: Result) -> pd.DataFrame:
    """Both starts at every strength, and at 0."""
    return pd.concat([decay_table(result), decay_table(result, "unpenalised")], ignore_index=True)


def end(table: pd.DataFrame, ratio: float, init: str, column: str) -> Interval:
    """A column's mean after the last step."""
    return mean(at_end(part(table, ratio, init)), column)


def balance(table: pd.DataFrame, ratio: float) -> dict[str, Interval]:
    """Force of the penalty over that of the data after the last step, by start and layer."""
    return {
        f"layer {layer} from {NAMES[init]}": end(table, ratio, init, f"force_ratio_{layer}")
        for init in STARTS
        for layer in LAYERS
    }


def balanced(table: pd.DataFrame, ratio: float) -> bool:
    """Whether the two forces end within 5 % of each other in both layers, from both starts."""
    return all(abs(found.estimate - 1) < SAME for found in balance(table, ratio).values())


def noisy(table: pd.DataFrame, ratio: float) -> tuple[float, float]:
    """Least and largest gradient over penalty force before the rate falls, layers and starts."""
    found = [
        mean(at_half(part(table, ratio, init)), f"force_ratio_{layer}").estimate
        for init in STARTS
        for layer in LAYERS
    ]
    return 1 / max(found), 1 / min(found)


def at_half(rows: pd.DataFrame, eighths: int = 4) -> pd.DataFrame:
    """The rows after half of the steps, the last at the full rate; or after some eighths."""
    return rows[rows["step"] == eighths * rows["steps"] // 8].set_index("seed").sort_index()


def drift(table: pd.DataFrame, ratio: float) -> float:
    """The larger relative change of the first layer's size in the full rate's last quarter."""

    def change(init: str) -> float:
        rows = part(table, ratio, init)
        return abs(float((at_half(rows)["rms_1"] / at_half(rows, 3)["rms_1"]).mean()) - 1)

    return max(change(init) for init in STARTS)


def ends_ratio(table: pd.DataFrame, ratio: float) -> Interval:
    """The first layer's size from N(0, 1) over that from N(0, 1/nᵢₙ), at the end."""
    one, other = (at_end(part(table, ratio, init))["rms_1"] for init in STARTS)
    return paired_interval(one, other, ratio=True)


def same(table: pd.DataFrame, ratio: float) -> bool:
    """Whether both starts surely end at the same size, within `SAME`."""
    found = ends_ratio(table, ratio)
    return found.low > 1 - SAME and found.high < 1 + SAME


def kept(table: pd.DataFrame, ratio: float) -> float:
    """What is left at the end of a weight that has no gradient: the memory of the start."""
    rows = part(table, ratio)
    return float((at_end(rows)["unused_1"] / at_epoch(rows, 0)["unused_1"]).mean())


def memory(table: pd.DataFrame, ratio: float) -> float:
    """Sum over all steps of 2 lr_t lambda: minus the log of what is `kept`, for small steps."""
    row = part(table, ratio).iloc[0]
    steps = int(row["steps"])
    rates = row["lr"] * np.array([schedule_factor("step", step, steps) for step in range(steps)])
    return float(2 * row["lam"] * rates.sum())


def change(table: pd.DataFrame, ratio: float, init: str) -> float:
    """The penalty's force on the first layer at the end, over that at the start."""
    rows = part(table, ratio, init)
    return float((at_end(rows)["penalty_force_1"] / at_epoch(rows, 0)["penalty_force_1"]).mean())


def alike(table: pd.DataFrame) -> list[float]:
    """The strengths at which a network learns and both starts end at the same size."""
    return [ratio for ratio in learned(table) if same(table, ratio)]


def balances(table: pd.DataFrame, listed: list[float]) -> tuple[float, float]:
    """Least and largest final force of the penalty over that of the data, at some strengths."""
    found = [each.estimate for ratio in listed for each in balance(table, ratio).values()]
    return min(found), max(found)


def title(table: pd.DataFrame) -> str:
    """How many strengths forget the start, and what the forces come to there."""
    listed, found = learned(table), alike(table)
    if not found:
        return f"Both starts end at one size at 0 of {len(listed)} strengths"
    low, high = balances(table, found)
    return (
        f"Both starts end at one size at {len(found)} of {len(listed)} strengths, decay at "
        f"{low:.2f} to {high:.2f} times the gradient"
    )


def alt(table: pd.DataFrame) -> str:
    """Ends in numbers."""
    sizes = "; ".join(
        f"2λ = {strength(r)}: "
        + listing(
            [
                f"{plain(end(table, r, init, 'rms_1').estimate)} from {NAMES[init]}"
                for init in STARTS
            ]
        )
        for r in (0.0, *learned(table))
    )
    forces = listing(
        [f"{found.estimate:.2f} in {name}" for name, found in balance(table, shown(table)).items()]
    )
    return (
        f"Two panels against epochs. Left, at 2λ = {strength(shown(table))}: norms of the "
        f"penalty's and the data's force on the first layer; their ratio ends at {forces}. Right: "
        f"size of the first layer's weights from both starts. Ends: {sizes}."
    )


def shown(table: pd.DataFrame) -> float:
    """The strength of the left panel: the strongest at which a network learns."""
    return max(learned(table), default=ratios(table)[0])


def middle(table: pd.DataFrame, ratio: float) -> float:
    """The geometric mean of both ends of the first layer's size, where its label goes."""
    one, other = (end(table, ratio, init, "rms_1").estimate for init in STARTS)
    return float(np.sqrt(one * other))


@figure(
    id="forces-meet",
    source=("decay", "unpenalised"),
    data=long_table,
    title=title,
    claim=lambda t: (
        f"Left, at 2λ = {strength(shown(t))}: norm of the penalty's force on the first layer and "
        "of the full gradient of the loss. The learning rate falls to a tenth after half of the "
        "steps, which stills the noise of the batches; at the end the ratio is "
        + listing([f"{span(found)} in {name}" for name, found in balance(t, shown(t)).items()])
        + ". Right: root mean square of the first layer's weights; solid from N(0, 1), broken from "
        "N(0, 1/nᵢₙ), dotted 1/√nᵢₙ; 0 is no penalty. At the end the first over the second is "
        + listing([f"{span(ends_ratio(t, r))} at {strength(r)}" for r in (0.0, *learned(t))])
        + ". 95% intervals over seeds."
    ),
    alt=alt,
)
def forces_meet(table: pd.DataFrame) -> Figure:
    """Forces at one strength, and sizes without a penalty and wherever a network learns."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 4.2))
    moving = table[table["step"] > 0]
    for init, line in LINES.items():
        rows = part(moving, shown(table), init)
        for look, column in (("penalty", "penalty_force_1"), ("data", "data_force_1")):
            mean_line(left, rows, "epoch", column, style.colour(look), linestyle=line)
    listed = [0.0, *learned(table)]
    colours = (style.colour("muted"), *style.shades(len(listed) - 1))
    for ratio, colour in zip(listed, colours, strict=True):
        for init, line in LINES.items():
            mean_line(right, part(moving, ratio, init), "epoch", "rms_1", colour, linestyle=line)
    right.axhline(INPUTS**-0.5, linestyle=":", color=style.colour("ink"), linewidth=1.2)
    for ax in (left, right):
        ax.set_xscale("log")
        ax.set_yscale("log")
        powers = [power for power in (0.1, 1, 10, 100, 1000) if power <= moving["epoch"].max()]
        ax.set_xticks(powers, [f"{power:g}" for power in powers])
        ax.set_xticks([], minor=True)
        ax.set(xlabel="epoch", ylabel="")
    leave_room(right, 0.24)
    ends = {
        strength(ratio): (middle(table, ratio), colour)
        for ratio, colour in zip(listed, colours, strict=True)
    }
    label_ends(right, ends, 1.2 * moving["epoch"].max())
    left.set_title("force on the first layer")
    left.set_ylabel("norm (nats per unit of w)")
    right.set_title("size of its weights, by 2λ")
    right.set_ylabel("root mean square (units of w)")
    right.set_yticks([0.1, 0.2, 0.5, 1.0], ["0.1", "0.2", "0.5", "1"])
    right.set_yticks([], minor=True)
    handles = [
        *(plt.Line2D([], [], color=style.colour(look), label=name)
          for look, name in (("penalty", "penalty"), ("data", "data"))),
        *(plt.Line2D([], [], color=style.colour("ink"), linestyle=line, label=f"from {NAMES[init]}")
          for init, line in LINES.items()),
    ]  # fmt: skip
    fig.legend(handles=handles, loc="outside lower center", ncols=4)
    return fig
