"""The sum's exponent from each width to the next, and the width at which costs have met."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import log_ticks, percent, reference, span
from l2scale.exhibits.which_penalty.meeting import (
    MET,
    MINIMUM,
    meeting_table,
    met_at_best,
    sums,
)
from l2scale.exhibits.which_penalty.typed import CRITERIA
from l2scale.lab import transfer
from l2scale.lab.estimates import Interval

LOOKS = ("mean", "sum", "tensor_mean")  # colours of the horizons, shortest first


def local_table(result: Result) -> pd.DataFrame:
    """Per horizon, criterion and pair of neighbouring widths: the local exponent of lambda*.

    Besides, as rows of the `part` "before" and "after", the exponent over all widths up to the one
    at which costs have met at lambda* (`met`), and from it on. The first horizon, at which the
    penalty has hardly acted, is left out. `edges` is "none" where every optimum is in its grid.
    """
    meeting, parts = meeting_table(result), []
    for when, rows in list(sums(result).items())[1:]:
        for criterion, (select, _) in CRITERIA.items():
            at = met_at_best(meeting, criterion)
            found = transfer.local_exponents(rows, select=select).assign(part="local")
            sides = {"before": rows[rows["width"] <= at], "after": rows[rows["width"] >= at]}
            pooled = [
                transfer.exponents(side.assign(part=part), ["part"], select=select).assign(
                    x_low=side["width"].min(), x_high=side["width"].max()
                )
                for part, side in sides.items()
                if side["width"].nunique() > 1
            ]
            table = pd.concat([found, *pooled], ignore_index=True)
            parts.append(table.assign(when=when, criterion=criterion, met=at))
    table = pd.concat(parts, ignore_index=True)
    return table.assign(edges=table["edges"].replace("", "none"))


def lines(table: pd.DataFrame) -> list[str]:
    """The horizons, shortest first."""
    return list(table["when"].unique())


def pooled(table: pd.DataFrame, when: str, criterion: str, part: str) -> Interval | None:
    """The exponent before or after the meeting of costs; None with fewer than two widths there."""
    rows = table[
        (table["when"] == when) & (table["criterion"] == criterion) & (table["part"] == part)
    ]
    if rows.empty or rows["exponent"].isna().any():
        return None
    return Interval(*(float(rows[name].iloc[0]) for name in ("exponent", "low", "high")), n=0)


def in_words(found: Interval | None) -> str:
    """An exponent with its interval, or that there is none."""
    return "no exponent (fewer than two widths, or an edge)" if found is None else span(found)


def met(table: pd.DataFrame, criterion: str) -> int:
    """The width at which costs have met at lambda*."""
    return int(table.loc[table["criterion"] == criterion, "met"].iloc[0])


def apart(table: pd.DataFrame, inside: bool) -> tuple[int, int]:
    """How many local exponents exclude 0, of how many: at widths that have met, or before."""
    rows = table[table["part"] == "local"].dropna(subset="exponent")
    rows = rows[(rows["x_low"] >= rows["met"]) == inside]
    return int(((rows["low"] > 0) | (rows["high"] < 0)).sum()), len(rows)


def exceptions(table: pd.DataFrame) -> str:
    """Local exponents at widths that have met whose interval excludes 0."""
    rows = table[(table["part"] == "local") & (table["x_low"] >= table["met"])]
    rows = rows[(rows["low"] > 0) | (rows["high"] < 0)]
    found = (
        f"by {r.criterion} from {r.x_low} to {r.x_high} units, "
        f"{'at minima' if r.when == MINIMUM else 'after ' + r.when} ({r.exponent:z.2f})"
        for r in rows.itertuples()
    )
    return "; ".join(found) or "none"


def title(table: pd.DataFrame) -> str:
    """At minima, the exponent by loss before and after the widths have met."""
    before, after = (pooled(table, MINIMUM, "loss", part) for part in ("before", "after"))
    if before is None or after is None:
        return "The exponent of the sum's best λ from each width to the next"
    return (
        f"At minima the best λ by loss goes as width to the power {before.estimate:z.2f} until "
        f"costs have met at {met(table, 'loss')} units, and {after.estimate:z.2f} from there on"
    )


def alt(table: pd.DataFrame) -> str:
    """The first and the last local exponent of each line."""
    local = table[table["part"] == "local"]
    parts = []
    for (criterion, when), rows in local.groupby(["criterion", "when"], sort=False):
        known = rows.dropna(subset="exponent")
        if len(known):
            ends = known["exponent"].iloc[0], known["exponent"].iloc[-1]
            parts.append(f"by {criterion}, {when}: {ends[0]:z.2f} to {ends[1]:z.2f}")
    found = "; ".join(parts) or "none could be estimated"
    return (
        "Two panels of local exponents against hidden units, with a dashed line at 0 and the "
        f"widths at which costs have met shaded. From the narrowest to the widest pair, {found}."
    )


@figure(
    id="local-exponents",
    source=("penalties", "minima"),
    data=local_table,
    title=title,
    claim=lambda t: (
        "Exponent of the sum's best λ between neighbouring widths, at their geometric mean, "
        "chosen by validation loss (left) and error (right); bars are 95% over seeds, cut at the "
        "frame. Dashed: the limit, 0. Shaded: widths at which the least cost at the best λ is "
        f"within {percent(MET)} of the widest's, by loss from "
        f"{met(t, 'loss')} units on, by error from {met(t, 'error')}. Over all widths up to and "
        "from there on, by loss: "
        + "; ".join(
            f"{when} {in_words(pooled(t, when, 'loss', 'before'))} and "
            f"{in_words(pooled(t, when, 'loss', 'after'))}"
            for when in lines(t)
        )
        + "."
    ),
    alt=alt,
)
def local_exponents(table: pd.DataFrame) -> Figure:
    """Local exponents of the sum against width, by criterion, for three horizons."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.8), sharey=True)
    local = table[table["part"] == "local"]
    widest = local["x_high"].max()
    for ax, criterion in zip(axes, CRITERIA, strict=True):
        log_ticks(ax, [*local["x_low"].unique(), widest])
        ax.axvspan(met(table, criterion), widest, color=style.colour("grid"), zorder=0, lw=0)
        for place, (when, name) in enumerate(zip(lines(table), LOOKS, strict=True)):
            rows = local[(local["criterion"] == criterion) & (local["when"] == when)]
            rows = rows.dropna(subset="exponent")
            x = rows["width"] * 1.06 ** (place - 1)
            errors = [rows["exponent"] - rows["low"], rows["high"] - rows["exponent"]]
            ax.errorbar(
                x, rows["exponent"], yerr=errors, color=style.colour(name),
                marker=style.marker(name), elinewidth=1, markeredgewidth=0,
                label="minima" if when == MINIMUM else when,
            )  # fmt: skip
        reference(ax, [local["x_low"].min(), widest], [0, 0])
        ax.set(xlabel="hidden units", title=f"Chosen by validation {criterion}", ylim=(-1.6, 1.2))
    axes[0].set_ylabel("local exponent of the best λ")
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return fig


def local_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes of this figure."""
    found = {}
    for when, key in zip(lines(table), ("middle", "sgd", "minima"), strict=True):
        for criterion in CRITERIA:
            for part in ("before", "after"):
                one = pooled(table, when, criterion, part)
                found[f"{key}_{criterion}_{part}"] = in_words(one)
    for name, inside in (("before", False), ("after", True)):
        found[f"local_{name}"] = "{} of {}".format(*apart(table, inside))
    return found | {"exceptions": exceptions(table)}
