"""What the prose of this chapter quotes."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import percent, percent_span, plain, span
from l2scale.exhibits.your_model import balances, shares
from l2scale.exhibits.your_model.diagnosed_fifty import MODEL, largest, layer, total
from l2scale.exhibits.your_model.measured import MINIMA
from l2scale.exhibits.your_model.tables import at, fifty_rows, over_seeds, small_rows
from l2scale.lab.estimates import Interval, mean_interval
from l2scale.lab.intervals import exponential

NEAR = 0.05
"""What "a few percent" means in the predictions."""

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
            f"{short}_accuracy": percent_span(accuracy),
            f"{short}_of_start": span(over_seeds(start, "all_value_over_expected")),
            f"{short}_of_end": span(over_seeds(end, "all_value_over_expected")),
            f"{short}_share_end": percent_span(over_seeds(end, "all_value_share")),
            f"{short}_ratio_end": span(_geometric(end, "all_force_ratio")),
        }
    low, high = balances.held(table, "balance")
    convolutions = balances.free(table)
    return found | {
        "small_steps": f"{trained['step'].max():,}",
        "off_start": percent(_off_start(table)),
        "free_balance": f"{convolutions['balance'].abs().max():.1g}",
        "free_count": f"{convolutions['name'].nunique()}",
        "free_late": span(_late(trained, True)),
        "head_late": span(_late(trained, False)),
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
    count, of = shares.same(table)
    return {
        "same": f"{count}",
        "same_of": f"{of}",
        "rank_start": span(shares.ranks(table, "start")),
        "rank_end": span(shares.ranks(table, "end")),
    }


def _geometric(rows: pd.DataFrame, column: str) -> Interval:
    """Geometric mean over seeds of a model's positive number."""
    return exponential(mean_interval(np.log(rows.groupby("seed")[column].first())))


def _judged(result: Result) -> dict[str, str]:
    """What became of each prediction."""
    table, trained = small_rows(result), result["trained"].table
    started, convolutions = balances.free(table, "start"), balances.free(table)
    low, high = balances.held(table, "balance")
    head = over_seeds(_head(table), "balance")
    late = _late(trained, True)
    resting = pd.concat([at(table, model, "end") for model in MINIMA.values()])
    off = (resting[["balance", "force_ratio"]] - 1).abs().to_numpy().max()
    layers = at(table, MINIMA["relu"], "end")["layer_balance"]
    everything = shares.all_rows(result)
    rank = [shares.ranks(everything, look) for look in ("start", "end")]
    still = max(started["balance"].abs().max(), convolutions["balance"].abs().max()) < NEAR
    return {
        "judged_start": _word(_off_start(table) < NEAR),
        "judged_free": _word(still and not late.low <= 1 <= late.high),
        "judged_minima": _word(max(off, (layers - 1).abs().max()) < NEAR),
        "judged_between": _word(low > 0 and high < 1 and head.low > 0 and head.high < 1),
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


def _off_start(table: pd.DataFrame) -> float:
    """Largest distance from its expected value of a tensor of a thousand weights or more."""
    rows = pd.concat([at(table, model, "start") for model in balances.SHOWN])
    return float((rows.loc[rows["n_weights"] >= 1000, "value_over_expected"] - 1).abs().max())


def _head(table: pd.DataFrame) -> pd.DataFrame:
    rows = at(table, "convolutions", "end")
    return rows[~rows["scale_free"]]


def _late(trained: pd.DataFrame, free: bool) -> Interval:
    """Sum of squares at the end over that half way: of the convolutions, or of the linear layer."""
    rows = trained[(trained["model"] == "convolutions") & (trained["scale_free"] == free)]
    _, half, end = sorted(rows["step"].unique())
    sums = rows.groupby(["seed", "step"])["sum_of_squares"].sum().unstack()
    return mean_interval(sums[end] / sums[half])
