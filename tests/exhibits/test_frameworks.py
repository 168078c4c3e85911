"""The claims of the chapter "What λ means in your framework", at smoke scale."""

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from itertools import islice

import numpy as np
import pandas as pd
import pytest
import torch

from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.frameworks import alpha
from l2scale.exhibits.frameworks.by_hand import distance, loss, network, start, stream
from l2scale.exhibits.frameworks.chosen_by_cost import chosen, excess, rising, strengths, worded
from l2scale.exhibits.frameworks.forgetting import MOMENTUM, RATE, STEPS, WAYS, follow
from l2scale.exhibits.frameworks.in_loss_or_on_weights import apart, by_factor, nearest, rounding
from l2scale.exhibits.frameworks.kinds import ADAM_RATE, ARMS, Arm, walk
from l2scale.exhibits.frameworks.same_number import (
    LINEAR,
    as_claimed,
    ends,
    largest_miss,
    of_networks,
    over_two_m,
    same_table,
    usual_values,
)
from l2scale.exhibits.frameworks.sweeps import BASE, LEFT, SETTINGS, STRONG
from l2scale.exhibits.frameworks.unused_by_optimiser import STRONG as DRAWN
from l2scale.exhibits.frameworks.unused_by_optimiser import (
    amount_off,
    pace_off,
    path,
    paths,
    share_off,
    steps_to,
)
from l2scale.exhibits.frameworks.watched_cost import (
    both,
    bounds,
    clips,
    compared,
    earlier,
    fallen,
    lowered,
    never,
    unclipped,
    unfinished,
    watched,
)
from l2scale.exhibits.frameworks.watching import BOUNDS, CONSTANT, STILL, WATCHED
from l2scale.exhibits.frameworks.watching import RATE as RATE_THEN
from l2scale.lab.estimates import Interval
from l2scale.lab.libraries import keras_array, keras_on_torch
from l2scale.lab.training import trained_weights
from l2scale.theory.momentum import long_run_factor

pytestmark = pytest.mark.xdist_group("exhibits")

ROUNDING = 1e-12


def end(run_seed: int, arm: Arm, steps: int) -> list[torch.Tensor]:
    """The weights of an arm after some steps."""
    *_, last = walk(network(run_seed), arm, steps)
    return last


def changed(result: Result, name: str, table: pd.DataFrame) -> Result:
    """The result with another table in one measurement."""
    other = replace(result[name], table=table)
    return replace(result, measurements=dict(result.measurements) | {name: other})


def test_ninety_nine_is_a_strength_of_the_grid(result: Result) -> None:
    assert 1 - 2 * BASE.lr * STRONG == pytest.approx(LEFT)
    assert STRONG in result["strengths"].table["lam"].unique()


def test_the_network_by_hand_takes_the_steps_of_the_trainer() -> None:
    run = replace(network(5), lam=STRONG, steps=12)
    right = [torch.from_numpy(layer[:, :-1]) for layer in trained_weights([run])[0]]
    assert distance(end(5, Arm("sgd", "loss", lam=STRONG), 12), right) < ROUNDING
    assert distance(start(run), right) > 0.01


def test_first_steps_are_shares_but_for_adam(result: Result) -> None:
    table = paths(result)
    assert share_off(table) < 1e-10
    assert amount_off(table) < 1e-3
    halved = table.assign(taken=table["taken"] / 2)
    assert share_off(halved) == pytest.approx(0.5, rel=1e-3) == amount_off(halved)


def test_the_path_under_adam_does_not_know_lambda() -> None:
    weights = torch.tensor([0.5, 2.0], dtype=torch.float64)
    for way, same in (("adam", True), ("adamw", False), ("sgd", False)):
        one, other = (list(follow(WAYS[way], lam, weights))[50] for lam in (0.1, 10.0))
        assert torch.allclose(one, other, rtol=1e-5) == same


def test_long_paths_follow_their_paces(result: Result) -> None:
    table = paths(result)
    for way in ("sgd", "loss", "adamw"):
        left = path(table, way)
        expected = (1 - 2 * RATE * DRAWN) ** left.index.to_numpy()
        assert np.allclose(left, expected, rtol=1e-10) and left.index.max() == STEPS
    assert pace_off(table) < 1e-4
    pace = 1 - long_run_factor(RATE, DRAWN, MOMENTUM)
    assert pace == pytest.approx(2 * RATE * DRAWN / (1 - MOMENTUM), rel=0.5)
    # Adam slows down: more than half of the predicted time has gone at half of the weight.
    assert steps_to(table, 0.5) > 1 / (2 * RATE)
    assert path(table, "adam")[round(1 / RATE)] > 0.1


@pytest.mark.parametrize("lam", [0.001, 0.2])
def test_a_share_is_a_penalty_under_sgd_alone(lam: float) -> None:
    pairs = {
        "sgd": (2 * BASE.lr * lam, BASE.lr),
        "momentum": (2 * BASE.lr * lam, BASE.lr),
        "adam": (2 * ADAM_RATE * lam, ADAM_RATE),
    }
    off = {
        name: distance(
            end(1, Arm(name, "weights", share=share), 8), end(1, Arm(name, "loss", lam=lam), 8)
        )
        for name, (share, _) in pairs.items()
    }
    assert off["sgd"] < ROUNDING
    assert min(off["momentum"], off["adam"]) > 1e-5


def test_multiplying_after_the_step_is_a_smaller_rate() -> None:
    share = 0.02
    after, beside = start(network(2)), start(network(2))
    optimisers = [
        torch.optim.SGD(weights, lr=rate)
        for weights, rate in ((after, BASE.lr), (beside, (1 - share) * BASE.lr))
    ]
    for samples in islice(stream(network(2)), 6):
        for weights, optimiser in zip((after, beside), optimisers, strict=True):
            optimiser.zero_grad()
            loss(weights, samples).backward()
        optimisers[0].step()
        with torch.no_grad():
            for w in (*after, *beside):
                w.mul_(1 - share)
        optimisers[1].step()
    assert distance(after, beside) < ROUNDING


def test_the_share_beside_adams_step_is_adamw() -> None:
    weights = start(network(3))
    optimiser = torch.optim.AdamW(weights, lr=ADAM_RATE, weight_decay=0.02 / ADAM_RATE)
    for samples in islice(stream(network(3)), 6):
        optimiser.zero_grad()
        loss(weights, samples).backward()
        optimiser.step()
    assert distance(end(3, Arm("adam", "weights", share=0.02), 6), weights) < ROUNDING


def test_kinds_part_as_predicted(result: Result) -> None:
    table = result["kinds"].table
    at = SETTINGS["smoke"]
    assert len(table) == len(ARMS) * at["walk_seeds"] * table["step"].nunique()
    assert rounding(table) < ROUNDING
    late = apart(table, "momentum", "late")
    assert 1e-3 < late < 0.3 * apart(table, "momentum", "weights")
    factor, off = nearest(table)
    assert 1 < factor < 256 and off.low > 2 * late
    # The grid is close where it is near: the neighbours are about as far.
    means = by_factor(table)["distance"].mean()
    place = list(means.index).index(factor)
    assert means.iloc[[place - 1, place + 1]].max() < 1.1 * means.iloc[place]
    # Equal shares leave unused weights that the penalty in the loss takes.
    ends = table[(table["optimiser"] == "adam") & (table["step"] == at["walk_steps"])]
    inside = ends.loc[ends["where"] == "loss", "unused"].max()
    same = ends[ends["share"] == 2 * ADAM_RATE * STRONG]
    assert inside < 0.7 < 0.9 < same["unused"].min()


def test_a_constant_alone_lowers_the_rate_earlier(result: Result) -> None:
    table = both(result)
    rates = result["watched"].table
    assert set(rates["watched"]) == set(WATCHED) and CONSTANT == 50
    sooner = earlier(table, "constant")
    assert sooner.low > 0 and unfinished(table, "constant").low > 1
    assert 0 in earlier(table, "cost")
    # Up to the first fall of either rate the networks are one.
    first = rates[rates["step"] <= lowered(table, "constant").min() - 10]
    assert (first.groupby(["seed", "step"])["train_loss"].nunique() == 1).all()


def test_a_rate_that_never_falls_counts_as_the_last_look(result: Result) -> None:
    table = both(result)
    assert never(table, "constant") == 0
    stuck = table.assign(lr=table["lr"].where(table["watched"] != "loss", 0.1))
    assert never(stuck, "loss") == lowered(stuck, "loss").size
    assert (lowered(stuck, "loss") == table.loc[table["part"] == "watched", "step"].max()).all()
    assert fallen(stuck) == f"{8 - never(stuck, 'cost')} of 12 trainings"


def test_training_ends_where_the_rate_has_run_out(result: Result) -> None:
    rows = watched(both(result), "constant").sort_values("step")
    rates = rows.groupby("seed")["lr"]
    assert (rates.last() < STILL * RATE_THEN).all()
    assert (rates.nth(-2) >= STILL * RATE_THEN).all()


def test_a_clip_tells_the_two_places_apart(result: Result) -> None:
    table = both(result)
    assert bounds(table) == list(BOUNDS)
    assert unclipped(table) < ROUNDING
    ratios = [compared(table, bound).estimate for bound in BOUNDS]
    assert ratios == sorted(ratios) and ratios[0] < 0.95
    shares = [clips(table, bound) for bound in BOUNDS]
    assert shares == sorted(shares, reverse=True) and shares[-1] == 0


def test_a_cost_with_its_penalty_chooses_the_least_strength(result: Result) -> None:
    table = strengths(result)
    least = table["lam"].min()
    assert np.allclose(table["val_cost"], table["val_loss"] + table["penalty_value"])
    for choice in ("cost", "val_cost"):
        assert chosen(table, choice) == least
    assert least < chosen(table, "val_loss") < table["lam"].max()
    assert excess(table, least, "loss").low > 0
    assert rising(table, "cost") and not rising(table, "val_loss")


def test_costs_of_a_choice_say_what_they_are(result: Result) -> None:
    table = strengths(result)
    best = chosen(table, "val_error")
    assert worded(excess(table, best, "error"), "error") == "none"
    assert worded(Interval(0.1, 0.0, 0.2, 3), "loss").endswith("nats")
    assert "points" in worded(Interval(0.1, 0.0, 0.2, 3), "error")


def test_mlp_classifier_divides_by_the_batch_and_not_by_the_samples(result: Result) -> None:
    table = result["alpha"].table.set_index("batch_size")["lam"]
    for size, lam in table.items():
        assert lam == pytest.approx(alpha.ALPHA / (2 * size), rel=1e-3)
    assert table.min() == pytest.approx(alpha.ALPHA / (2 * alpha.SAMPLES), rel=1e-3)
    assert table.max() > 10 * table.min()


def test_verdicts(result: Result) -> None:
    for claim, word in {"C13": "CONDITIONAL", "C14": "CONDITIONAL", "C15": "TRUE"}.items():
        assert SETTLED[claim].slug == "frameworks"
        assert SETTLED[claim].function(result).verdict == word


def _same_watch(table: pd.DataFrame) -> pd.DataFrame:
    ones = table[table["watched"] == "loss"]
    return pd.concat([ones.assign(watched=name) for name in WATCHED])


def _never_sooner(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(lr=table["lr"].max())


def _one_kind(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(distance=0.0)


def _parted(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(distance=table["distance"] + 0.01)


def _no_gain(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(test_loss=0.5, test_error=0.1)


def _half_as_claimed(table: pd.DataFrame) -> pd.DataFrame:
    torch_too = table["setting"].str.startswith("torch-sgd")
    claimed = table.loc[table["setting"] == "sklearn-mlp-lbfgs", "predicted"].iloc[0]
    return table.assign(measured=table["measured"].where(~torch_too, claimed))


def _one_strength(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(measured=table["measured"].where(~table["run"], 0.005))


def _other_choice(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(penalty_value=1 / table["lam"])


@pytest.mark.parametrize(
    ("claim", "name", "change"),
    [
        ("C13", "watched", _same_watch),
        ("C13", "watched", _never_sooner),
        ("C14", "kinds", _one_kind),
        ("C14", "kinds", _parted),
        ("C15", "strengths", _no_gain),
        ("C15", "strengths", _other_choice),
        ("C22", "applied", _half_as_claimed),
        ("C25", "applied", _one_strength),
    ],
)
def test_data_that_contradict_open_the_verdict(
    result: Result, claim: str, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    other = changed(result, name, change(result[name].table))
    assert SETTLED[claim].function(other).verdict == "OPEN"


@pytest.mark.skipif(find_spec("keras") is None, reason="Keras is not installed")
def test_keras_has_the_penalty_in_its_validation_loss() -> None:
    keras = keras_on_torch()
    layer = keras.layers.Dense(3, use_bias=False, kernel_regularizer=keras.regularizers.L2(10.0))
    model = keras.Sequential([keras.Input((4,)), layer])
    model.compile(loss="mse", optimizer="sgd")
    x, y = np.ones((8, 4), dtype=np.float32), np.zeros((8, 3), dtype=np.float32)
    seen = model.fit(x, y, validation_data=(x, y), verbose=0).history["val_loss"]
    kernel = keras_array(layer.kernel)
    expected = np.square(x @ kernel).mean() + 10.0 * np.square(kernel).sum()
    assert float(seen[0]) == pytest.approx(expected, rel=1e-5)


def test_every_library_applies_what_its_record_says(result: Result) -> None:
    table = same_table(result)
    assert largest_miss(table) < 1e-4
    halved = table.assign(
        predicted=table["predicted"].where(table["setting"] != "keras-l2", table["predicted"] / 2)
    )
    assert largest_miss(halved) == pytest.approx(1, abs=1e-3)
    run = table.groupby("setting")["run"].all()
    assert run[["torch-sgd", "keras-l2", "optax-add-first", "sklearn-ridge"]].all()
    assert table.groupby("setting")["run"].nunique().max() == 1


def test_one_number_is_many_strengths(result: Result) -> None:
    low, high = ends(same_table(result), "objective")
    assert high / low > 1000
    verdict = usual_values(result)
    assert verdict.verdict == "CONDITIONAL"
    assert (verdict.numbers["least λ"], verdict.numbers["largest λ"]) == (low, high)


def test_one_setting_in_the_libraries_is_divided_by_twice_the_samples(result: Result) -> None:
    assert as_claimed(same_table(result)) == ["sklearn-mlp-lbfgs"]
    verdict = over_two_m(result)
    assert verdict.verdict == "FALSE"
    networks = set(of_networks(same_table(result))["setting"])
    assert verdict.numbers["settings"] == len(networks)
    assert "torch-sgd" in networks and not networks & set(LINEAR)
    table = result["applied"].table
    claimed = table.loc[table["setting"] == "sklearn-mlp-lbfgs", "predicted"].iloc[0]
    everywhere = table.assign(
        measured=table["measured"].where(~table["run"], claimed), where="objective"
    )
    assert over_two_m(changed(result, "applied", everywhere)).verdict == "TRUE"
