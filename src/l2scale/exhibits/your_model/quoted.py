"""What the prose of this chapter quotes."""

from statistics import NormalDist

import numpy as np
import pandas as pd

from l2scale.catalogue.numerals import percent, percent_span, plain, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.your_model import balances, shares
from l2scale.exhibits.your_model.diagnosed_fifty import MODEL, largest, layer, total
from l2scale.exhibits.your_model.measured import MINIMA, TRAINED
from l2scale.exhibits.your_model.tables import at, clipped, fifty_rows, over_seeds, small_rows
from l2scale.lab.estimates import Interval, mean_interval
from l2scale.lab.intervals import exponential

NEAR = 0.05
"""How near to 0 or 1 a balance has to be, and ln 2 to the first loss."""

NEARLY_ALL = 0.95
"""The share of a cost that is nearly all of it."""

FREAK = 0.01
"""How often chance alone may make the first prediction fail."""

SLIGHT = 0.3
"""A rank correlation is 0 where its interval has it and lies within this."""


def numbers(result: Result) -> dict[str, str]:
    """All of it."""
    return _fifty(result) | _small(result) | _minima(result) | _shares(result) | _judged(result)


def _fifty(result: Result) -> dict[str, str]:
    table = fifty_rows(result)
    most, end = largest(table), at(table, MODEL, "end")
    return {
        "weights": f"{at(table, MODEL, 'start')['n_weights'].sum():,}",
        "steps": f"{table['step'].max()}",
        "cost": f"{total(table, 'cost'):.2f}",
        "value": f"{total(table, 'value'):.2f}",
        "expected": f"{total(table, 'expected_value'):.2f}",
        "of_expected": f"{total(table, 'value_over_expected'):.4f}",
        "large_layer": f"{layer(table, most['name'])}",
        "large_share": percent(most["value_share"]),
        "large_ratio": plain(most["force_ratio"]),
        "ratio_start": plain(total(table, "force_ratio")),
        "ratio_end": plain(total(table, "force_ratio", "end")),
        "loss_start": plain(total(table, "data_loss")),
        "loss_end": plain(total(table, "data_loss", "end")),
        "cost_end": plain(total(table, "cost", "end")),
        "share_end": percent(float(end["all_value_share"].iloc[0])),
    }


def _small(result: Result) -> dict[str, str]:
    table, trained = small_rows(result), result["trained"].table
    found = {}
    for model, short in (("convolutions", "cnn"), ("transformer", "attention")):
        start, end = at(table, model, "start"), at(table, model, "end")
        last = trained[trained["step"] == trained["step"].max()]
        accuracy = over_seeds(last[last["model"] == model], "accuracy")
        found |= {
            f"{short}_accuracy": percent_span(clipped(accuracy, 0, 1)),
            f"{short}_of_start": span(over_seeds(start, "all_value_over_expected")),
            f"{short}_of_end": span(over_seeds(end, "all_value_over_expected")),
            f"{short}_share_end": percent_span(clipped(over_seeds(end, "all_value_share"), 0, 1)),
            f"{short}_ratio_end": span(_geometric(end, "all_force_ratio")),
        }
    low, high = balances.held(table)
    ends = balances.before_norm(table)
    flags = pd.concat([balances.before_norm(table, "start"), ends])["scale_free"]
    off, scatters = _off_start(table)
    return found | {
        "small_steps": f"{trained['step'].max():,}",
        "off_start": percent(float(off.abs().max())),
        "off_most": percent(_off_most(table)),
        "off_scatters": f"{scatters.abs().max():.1f}",
        "off_count": f"{len(off)}",
        "off_limit": f"{_limit(len(off)):.1f}",
        "free_balance": f"{ends['balance'].abs().max():.1g}",
        "free_count": f"{ends['name'].nunique()}",
        "free_flagged": f"{flags.sum()} of {len(flags)}",
        "free_late": span(_late(trained, "convolution")),
        "head_late": span(_late(trained, "linear")),
        "head_balance": span(over_seeds(_head(table), "balance")),
        "attention_low": f"{low:.2f}",
        "attention_high": f"{high:.2f}",
    }


def _minima(result: Result) -> dict[str, str]:
    table = small_rows(result)
    found = {}
    for short, model in MINIMA.items():
        rows = at(table, model, "end")
        found |= {
            f"{short}_balance_off": f"{(rows['balance'] - 1).abs().max():.1g}",
            f"{short}_ratio_off": f"{(rows['force_ratio'] - 1).abs().max():.1g}",
            f"{short}_left": percent(float(rows["all_unbalanced"].max())),
        }
    layers = at(table, MINIMA["relu"], "end")["layer_balance"]
    largest_gap = result["groups"].table["deviation"].max()
    found["relu_layers_off"] = f"{(layers - 1).abs().max():.1g}"
    return found | {"groups_gap": f"{largest_gap:.0e}".replace("e-", "e−")}


def _shares(result: Result) -> dict[str, str]:
    table = shares.all_rows(result)
    count, of, chance = shares.same(table)
    return {
        "same": f"{count}",
        "same_of": f"{of}",
        "same_chance": f"{chance:.1f}",
        "rank_start": span(shares.ranks(table, "start")),
        "rank_end": span(shares.ranks(table, "end")),
    }


def _geometric(rows: pd.DataFrame, column: str) -> Interval:
    """Geometric mean over seeds of a model's positive number."""
    return exponential(mean_interval(np.log(rows.groupby("seed")[column].first())))


def _judged(result: Result) -> dict[str, str]:
    """What became of each prediction."""
    table, trained = small_rows(result), result["trained"].table
    looks = [balances.before_norm(table, look) for look in ("start", "end")]
    low, high = balances.held(table)
    means = at(table, "transformer", "end").groupby("name")["balance"].mean()
    head = _head(table)["balance"]
    late = _late(trained, "convolution")
    resting = pd.concat([at(table, model, "end") for model in MINIMA.values()])
    apart = (resting[["balance", "force_ratio"]] - 1).abs().to_numpy().max()
    layers = at(table, MINIMA["relu"], "end")["layer_balance"]
    everything = shares.all_rows(result)
    rank = [shares.ranks(everything, look) for look in ("start", "end")]
    still = pd.concat(looks)["balance"].abs().max() < NEAR
    _, scatters = _off_start(table)
    return {
        "judged_fifty": _word(_fifty_holds(fifty_rows(result))),
        "judged_start": _word(_off_most(table) < NEAR),
        "judged_start_chance": _word(scatters.abs().max() < _limit(len(scatters))),
        "judged_free": _word(still and not late.low <= 1 <= late.high),
        "judged_minima": _word(max(apart, (layers - 1).abs().max()) < NEAR),
        "judged_between": _word(low > 0 and high < 1 and head.between(0, 1).all()),
        "judged_between_means": _word(means.between(0, 1).all() and 0 < head.mean() < 1),
        "judged_rank_start": _zero(rank[0]),
        "judged_rank_end": _zero(rank[1]),
    }


def _zero(found: Interval) -> str:
    """What became of a rank correlation of 0."""
    if found.low <= 0 <= found.high:
        return "held" if max(-found.low, found.high) < SLIGHT else "was left open"
    return "failed"


def _word(holds: bool) -> str:
    return "held" if holds else "failed"


def _fifty_holds(table: pd.DataFrame) -> bool:
    """Whether the first loss is ln 2, and falls while the cost stays nearly all penalty."""
    first, last = total(table, "data_loss"), total(table, "data_loss", "end")
    share = total(table, "value_share", "end")
    return abs(first - np.log(2)) < NEAR and last < first and share > NEARLY_ALL


def _off_start(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Distances of values from those expected, plain and over their standard deviation.

    Of tensors of a thousand weights or more that PyTorch's modules draw: tables of an embedding
    from a Gaussian, all others from a uniform distribution.
    """
    rows = pd.concat([at(table, model, "start") for model in TRAINED])
    rows = rows[rows["n_weights"] >= 1000]
    spread = np.where(rows["kind"] == "embedding", 2.0, 0.8)
    off = rows["value_over_expected"] - 1
    return off, off / np.sqrt(spread / rows["n_weights"])


def _off_most(table: pd.DataFrame) -> float:
    """The largest distance of a value from that expected, over tensors of a thousand weights."""
    rows = pd.concat([at(table, model, "start") for model in (*TRAINED, *MINIMA.values())])
    return float((rows.loc[rows["n_weights"] >= 1000, "value_over_expected"] - 1).abs().max())


def _limit(count: int) -> float:
    """What the largest of so many standard deviations stays below, but for `FREAK`."""
    return NormalDist().inv_cdf(1 - FREAK / (2 * count))


def _head(table: pd.DataFrame) -> pd.DataFrame:
    rows = at(table, "convolutions", "end")
    return rows[rows["kind"] == "linear"]


def _late(trained: pd.DataFrame, kind: str) -> Interval:
    """Sum of squares at the end over that half way, of one kind of layer beside convolutions."""
    rows = trained[(trained["model"] == "convolutions") & (trained["kind"] == kind)]
    _, half, end = sorted(rows["step"].unique())
    sums = rows.groupby(["seed", "step"])["sum_of_squares"].sum().unstack()
    return mean_interval(sums[end] / sums[half])
