"""What each layer adds to the penalty at a minimum."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, plain
from l2scale.catalogue.results import Result
from l2scale.exhibits.one_lambda.sweeps import COMPARED, SHAPES
from l2scale.theory.penalties import coefficients
from l2scale.theory.rescaling import balanced_mean_squares

BAR = 1e-3
DIGITS, KERNELS = "digits, ten classes", "kernels and max-pooling"
STALLED = "the same digits by L-BFGS"  # in the table, for the text, and not in the figure
ASKED = 0.001  # the spread predicted at a minimum


def balance_table(result: Result) -> pd.DataFrame:
    """Value of each layer at the end, relative to the mean of its network's layers."""
    names = {"-".join(map(str, hidden)): name for name, hidden in SHAPES.items()}
    rows = []
    for sweep in ("minima", "digits_minima"):
        table = result[sweep].table
        table = table[table["penalty"].isin(COMPARED) & (table["init"] == "he")]
        gain = still_to_gain(table) if sweep == "minima" else {}
        last = table["step"] == table.groupby("run")["step"].transform("max")
        for _, end in table[last].iterrows():
            shape = names[end["hidden"]] if sweep == "minima" else DIGITS
            if shape == DIGITS and end["optimiser"] == "lbfgs":
                shape = STALLED
            c = coefficients_of(end)
            for layer, k in enumerate(c, start=1):
                rows.append(
                    {"shape": shape, "penalty": end["penalty"], "seed": end["seed"]}
                    | {"layer": layer, "value": end["lam"] * k * end[f"sq_norm_{layer}"]}
                    | {"mean_square": end[f"mean_square_{layer}"], "cost": end["cost"]}
                    | {"gain": gain.get(end["run"], float("nan"))}
                )
    kernels = result["kernels"].table.assign(shape=KERNELS)
    long = pd.concat([pd.DataFrame(rows), kernels], ignore_index=True)
    mean = long.groupby(["shape", "penalty", "seed"])["value"].transform("mean")
    return long.assign(relative=long["value"] / mean)


def coefficients_of(row: pd.Series) -> list[float]:
    """A network's coefficients from its row."""
    return list(coefficients(row["penalty"], shapes_in(row)))


def shapes_in(row: pd.Series) -> list[tuple[int, int]]:
    """A network's shapes from its row: the weights of a layer are its sum over its mean square."""
    hidden = [int(width) for width in row["hidden"].split("-")]
    inputs = round(row["sq_norm_1"] / row["mean_square_1"] / hidden[0])
    last = len(hidden) + 1
    outputs = round(row[f"sq_norm_{last}"] / row[f"mean_square_{last}"] / hidden[-1])
    sizes = [inputs, *hidden, outputs]
    return [(sizes[i + 1], sizes[i]) for i in range(last)]


def still_to_gain(table: pd.DataFrame) -> pd.Series:
    """Share of E that the second half of the iterations still gained, by run."""
    steps = sorted(table["step"].unique())
    half, end = (table[table["step"] == step].set_index("run")["cost"] for step in steps[-2:])
    return 1 - end / half


def spreads(table: pd.DataFrame) -> pd.DataFrame:
    """The largest value of a network's layers over the least, less 1."""
    groups = table.groupby(["shape", "penalty", "seed"])["value"]
    return (groups.max() / groups.min() - 1).rename("spread").reset_index()


def worst_spread(table: pd.DataFrame, *shapes: str) -> float:
    """The largest spread on some shapes."""
    found = spreads(table)
    return float(found[found["shape"].isin(shapes)]["spread"].max())


def as_asked(table: pd.DataFrame, *shapes: str) -> str:
    """How many networks on some shapes have a spread below the predicted one."""
    found = spreads(table)
    found = found[found["shape"].isin(shapes)]["spread"]
    return f"{int((found < ASKED).sum())} of {len(found)}"


def worst_gain(table: pd.DataFrame, *shapes: str) -> float:
    """The largest share of E that the second half still gained on some shapes."""
    return float(table[table["shape"].isin(shapes)]["gain"].max())


def stalled_above(table: pd.DataFrame) -> float:
    """How far above Adam's costs L-BFGS stalls on ten classes, at most, as a share."""
    rows = table[table["shape"].isin((DIGITS, STALLED)) & (table["layer"] == 1)]
    costs = rows.pivot(index=["penalty", "seed"], columns="shape", values="cost")
    return float((costs[STALLED] / costs[DIGITS] - 1).max())


def title(table: pd.DataFrame) -> str:
    """Balance, with how well it holds where the solver gets there."""
    spread = worst_spread(table, *SHAPES, DIGITS, KERNELS)
    return (
        f"At a minimum every layer adds the same to the penalty, to {percent(spread)}"
        if spread < 0.02
        else "What each layer adds to the penalty, on the way to a minimum"
    )


@figure(
    id="balance-by-layer",
    source=("minima", "digits_minima", "kernels"),
    data=balance_table,
    title=title,
    claim=lambda t: (
        "What each layer adds to the penalty, divided by the mean over its network's layers, less "
        "1, for four penalties (two for kernels) at one effective strength. Three shapes by "
        f"L-BFGS: within {percent(worst_spread(t, *SHAPES))} of each other; the second half of its "
        f"iterations gained {plain(worst_gain(t, *SHAPES))} of E or less. Ten classes and kernels "
        "by full-batch Adam with a falling rate: within "
        f"{percent(worst_spread(t, DIGITS))} and {percent(worst_spread(t, KERNELS))}. Below ±0.1% "
        "the axis is linear."
    ),
    alt="Five panels of a layer's share, relative to the layers' mean, against the layer, one "
    "marker for each of four penalties: square, funnel, hour-glass, ten-class digits, and kernels "
    "with max-pooling. A dashed line marks equal shares; the markers lie on it or close to it.",
)
def balance_by_layer(table: pd.DataFrame) -> Figure:
    """Value of each layer relative to the mean of its network, by shape."""
    shapes = [shape for shape in table["shape"].unique() if shape != STALLED]
    fig, axes = plt.subplots(1, len(shapes), figsize=(style.WIDTH, 3.4), sharey=True)
    for ax, shape in zip(axes, shapes, strict=True):
        rows = table[table["shape"] == shape]
        for place, penalty in enumerate(COMPARED):
            some = rows[rows["penalty"] == penalty]
            ax.plot(
                some["layer"] + (place - 1.5) * 0.16,
                some["relative"] - 1,
                style.marker(penalty),
                color=style.colour(penalty),
                markersize=4.5,
                alpha=0.8,
            )
        ax.axhline(0, color=style.colour("ink"), linestyle=(0, (4, 2)), linewidth=1.0, zorder=1)
        ax.set_xticks(sorted(rows["layer"].unique()))
        ax.set_xlim(0.5, rows["layer"].max() + 0.5)
        ax.set_title(shape.replace(", ", ",\n").replace(" and ", "\nand "), fontsize=9)
        ax.set_xlabel("layer")
    axes[0].set_ylabel("layer's value over\nthe layers' mean, less 1")
    axes[0].set_yscale("symlog", linthresh=BAR)
    far = max(2e-2, 1.5 * float((table["relative"] - 1).abs().max()))
    axes[0].set_ylim(-far, far)
    ticks = [0.0, BAR, 10 * BAR]
    axes[0].set_yticks([-t for t in ticks[:0:-1]] + ticks, ["−1%", "−0.1%", "0", "0.1%", "1%"])
    handles = [
        plt.Line2D([], [], linestyle="", marker=style.marker(p), color=style.colour(p), label=p)
        for p in COMPARED
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=len(COMPARED))
    return fig


def mean_square_error(table: pd.DataFrame, penalty: str) -> float:
    """How far the layers' mean squares are from their predicted ratios, on the three shapes."""
    worst = 0.0
    for name, hidden in SHAPES.items():
        sizes = [16, *hidden, 1]
        shapes = [(sizes[i + 1], sizes[i]) for i in range(len(sizes) - 1)]
        predicted = balanced_mean_squares(penalty, shapes)
        rows = table[(table["shape"] == name) & (table["penalty"] == penalty)]
        for _, network in rows.groupby("seed"):
            ratio = network.sort_values("layer")["mean_square"].to_numpy() / predicted
            worst = max(worst, float(ratio.max() / ratio.min() - 1))
    return worst
