"""The best lambda by the cost, and by the loss without the penalty."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, percent, plain, points_span, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import mean_line, note
from l2scale.exhibits.frameworks.sweeps import LEFT, STRONG
from l2scale.lab.estimates import Interval, mean_interval, optimum, paired_interval

# column that chooses -> words, hue
CHOICES = {
    "cost": ("training cost", "fan"),
    "val_cost": ("validation loss + λ‖w‖²", "penalty"),
    "val_loss": ("validation loss", "data"),
    "val_error": ("validation error", "tensor_mean"),
}
CURVES = ("cost", "val_cost", "val_loss")  # that are drawn against lambda


def strengths(result: Result) -> pd.DataFrame:
    """The networks, with `val_cost`: what the validation loss is with the penalty's value added."""
    columns = ["lam", "seed", "diverged", "cost", "penalty_value", "val_loss", "val_error"]
    table = result["strengths"].table[[*columns, "test_loss", "test_error"]]
    return table.assign(val_cost=table["val_loss"] + table["penalty_value"])


def chosen(table: pd.DataFrame, choice: str) -> float:
    """The lambda of the grid with the least mean of a column."""
    return float(table.groupby("lam")[choice].mean().idxmin())


def rising(table: pd.DataFrame, choice: str) -> bool:
    """Whether the mean of a column rises from each lambda to the next."""
    return bool(table.groupby("lam")[choice].mean().diff().iloc[1:].gt(0).all())


def at(table: pd.DataFrame, lam: float, column: str) -> pd.Series:
    """A column at a strength, by seed."""
    return table[table["lam"] == lam].set_index("seed")[column].sort_index()


def excess(table: pd.DataFrame, lam: float, metric: str) -> Interval:
    """What a strength costs in a test metric over that of least validation metric."""
    best = chosen(table, f"val_{metric}")
    return paired_interval(*(at(table, each, f"test_{metric}") for each in (lam, best)))


def best(table: pd.DataFrame, metric: str) -> Interval:
    """The best lambda by a validation metric."""
    return optimum(table, select=f"val_{metric}").lam


def worded(found: Interval, metric: str) -> str:
    """A cost in test loss or error."""
    if found.low == found.high == 0:
        return "none"
    return points_span(found) if metric == "error" else f"{span(found, '.3f')} nats"


def title(table: pd.DataFrame) -> str:
    """What the cost chooses and what that costs."""
    lam = chosen(table, "val_cost")
    place = "the least λ tried" if lam == table["lam"].min() else f"λ = {plain(lam)}"
    return (
        f"With the penalty in it, the validation cost chooses {place}, which costs "
        f"{worded(excess(table, lam, 'loss'), 'loss')} of test loss"
    )


def alt(table: pd.DataFrame) -> str:
    """What each criterion chooses, and the test loss there."""
    rises = [CHOICES[name][0] for name in CURVES if rising(table, name)]
    words = [
        f"{words} chooses λ = {plain(chosen(table, choice))}, test loss "
        f"{at(table, chosen(table, choice), 'test_loss').mean():.3f}, error "
        f"{percent(at(table, chosen(table, choice), 'test_error').mean())}"
        for choice, (words, _) in CHOICES.items()
    ]
    return (
        f"Three panels. Left, against λ: rising all the way, {listing(rises) or 'nothing'}; "
        "the validation loss has its lowest point at λ = "
        f"{plain(chosen(table, 'val_loss'))}. Right, test loss and test error with "
        f"intervals for four ways to choose: {'; '.join(words)}."
    )


@figure(
    id="chosen-by-cost",
    source="strengths",
    data=strengths,
    title=title,
    claim=lambda t: (
        f"Left: means over {t['seed'].nunique()} seeds with 95% bands; large marks show the λ that "
        "each would choose. Right: test loss, in nats, and test error at the four choices. Dotted: "
        f"λ = {plain(STRONG)}, which leaves {LEFT:g} of a weight after a step. The best λ by "
        f"validation loss is {plain(best(t, 'loss').estimate)}, and by validation error "
        f"{plain(best(t, 'error').estimate)}."
    ),
    alt=alt,
)
def chosen_by_cost(table: pd.DataFrame) -> Figure:
    """Criteria against lambda, and test loss by criterion."""
    ratios = {"width_ratios": (1.9, 1, 1)}
    fig, (left, *others) = plt.subplots(1, 3, figsize=(style.WIDTH, 4.0), gridspec_kw=ratios)
    left.set(xscale="log", yscale="log", xlabel="λ", ylabel="loss or cost, nats")
    for choice in CURVES:
        words, name = CHOICES[choice]
        mean_line(left, table, "lam", choice, style.colour(name))
        lam = chosen(table, choice)
        left.plot(
            lam, at(table, lam, choice).mean(), style.marker(name), color=style.colour(name),
            markersize=9, label=words,
        )  # fmt: skip
    left.set(xlabel="λ", ylabel="loss or cost, nats", title="What chooses")
    left.yaxis.set_major_formatter("{x:g}")
    left.yaxis.set_minor_formatter("{x:g}")
    left.axvline(STRONG, color=style.colour("muted"), linewidth=1, linestyle=":")
    note(left, STRONG, left.get_ylim()[0] * 1.06, f"×{LEFT:g} a step ", ha="right")
    left.legend(loc="upper left", fontsize=8.5)
    for ax, metric in zip(others, ("loss", "error"), strict=True):
        draw_ends(ax, table, metric)
    words = ["training\ncost", "validation\ncost", "validation\nloss", "validation\nerror"]
    others[0].set_yticks(range(len(CHOICES)), words)
    others[0].set_ylabel("chosen by")
    return fig


def draw_ends(ax: Axes, table: pd.DataFrame, metric: str) -> None:
    """A test metric at each choice, with its interval."""
    for place, (choice, (_, name)) in enumerate(CHOICES.items()):
        found = mean_interval(at(table, chosen(table, choice), f"test_{metric}"))
        off = [[found.estimate - found.low], [found.high - found.estimate]]
        look = {"marker": style.marker(name), "color": style.colour(name), "capsize": 2}
        ax.errorbar(found.estimate, place, xerr=off, **look)
    ax.set_yticks(range(len(CHOICES)), [])
    ax.set(xlabel=f"test {metric}", ylim=(len(CHOICES) - 0.5, -0.5))
    ax.grid(axis="y", visible=False)
