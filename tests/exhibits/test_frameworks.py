"""The claims of the chapter "What λ means in your framework", at smoke scale."""

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from l2scale.adapters.initial_weights import keras_array, keras_on_torch
from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.frameworks import alpha
from l2scale.exhibits.frameworks.by_hand import (
    initial_tensors,
    loss,
    relative_distance,
    run_of_seed,
    stream,
)
from l2scale.exhibits.frameworks.forgetting import MOMENTUM, RATE, STEPS, WAYS, follow
from l2scale.exhibits.frameworks.kinds import ADAM_RATE, ARMS, Arm, trajectory
from l2scale.exhibits.frameworks.libraries import LARGE, LINEAR, path_of, paths
from l2scale.exhibits.frameworks.sweeps import BASE, LEFT, SETTINGS, STRONG
from l2scale.exhibits.frameworks.watching import BOUNDS, CONSTANT, STILL, WATCHED
from l2scale.exhibits.frameworks.watching import RATE as RATE_THEN
from l2scale.lab.training.trainer import trained_weights
from l2scale.practice.conversions import NoEquivalent, convert
from l2scale.theory.momentum import long_run_factor

pytestmark = pytest.mark.xdist_group("exhibits")

SLUG = "frameworks"
ROOT = Path(__file__).parents[2]
ROUNDING = 1e-12
Change = Callable[[pd.DataFrame], pd.DataFrame]


def changed(result: Result, name: str, change: Change) -> Tables:
    """The tables of a result with another table in one measurement."""
    other = replace(result[name], table=change(result[name].table))
    return Tables(replace(result, measurements=dict(result.measurements) | {name: other}))


def became(tables: Tables, *names: str) -> list[str]:
    return [outcome for name in names for outcome in outcomes_of(PREDICTIONS[SLUG][name], tables)]


def end(run_seed: int, arm: Arm, steps: int) -> list[torch.Tensor]:
    """The weights of an arm after some steps."""
    *_, last = trajectory(run_of_seed(run_seed), arm, steps)
    return last


def test_ninety_nine_is_a_strength_of_the_grid(result: Result) -> None:
    assert 1 - 2 * BASE.lr * STRONG == pytest.approx(LEFT)
    assert STRONG in result["strengths"].table["lam"].unique()


def test_the_network_by_hand_takes_the_steps_of_the_trainer() -> None:
    run = replace(run_of_seed(5), lam=STRONG, steps=12)
    right = [torch.from_numpy(layer[:, :-1]) for layer in trained_weights([run])[0]]
    assert relative_distance(end(5, Arm("sgd", "loss", lam=STRONG), 12), right) < ROUNDING
    assert relative_distance(initial_tensors(run), right) > 0.01


def test_first_steps_are_shares_but_for_adam(result: Result, tables: Tables) -> None:
    assert became(tables, "first_share", "first_amount") == ["held", "held"]
    half = changed(
        result,
        "forgotten",
        lambda t: t.assign(weight=t["weight"].mask(t["step"] == 1, (t["weight"] + t["start"]) / 2)),
    )
    off = half["unused"].row()
    assert off["share_off"] == pytest.approx(0.5, rel=1e-3) == off["amount_off"]
    assert became(half, "first_share", "first_amount") == ["failed", "failed"]


def test_the_path_under_adam_does_not_know_lambda() -> None:
    weights = torch.tensor([0.5, 2.0], dtype=torch.float64)
    for way, same in (("adam", True), ("adamw", False), ("sgd", False)):
        one, other = (list(follow(WAYS[way], lam, weights))[50] for lam in (0.1, 10.0))
        assert torch.allclose(one, other, rtol=1e-5) == same


def test_long_paths_follow_their_paces(result: Result, tables: Tables) -> None:
    for way in ("sgd", "loss", "adamw"):
        left = path_of(paths(result), way)
        expected = (1 - 2 * RATE * LARGE) ** left.index.to_numpy()
        assert np.allclose(left, expected, rtol=1e-10) and left.index.max() == STEPS
    pace = 1 - long_run_factor(RATE, LARGE, MOMENTUM)
    assert pace == pytest.approx(2 * RATE * LARGE / (1 - MOMENTUM), rel=0.5)
    # Adam slows down: more than half of the predicted time has gone at half of the weight.
    row = tables["unused"].row()
    assert row["pace_off"] < 1e-4 and row["half_after"] > 1 / (2 * RATE) and row["gone_left"] > 0.1
    assert became(tables, "long_run", "gone") == ["held", "failed"]


@pytest.mark.parametrize("lam", [0.001, 0.2])
def test_a_share_is_a_penalty_under_sgd_alone(lam: float) -> None:
    off = {}
    for name, rate in (("sgd", BASE.lr), ("momentum", BASE.lr), ("adam", ADAM_RATE)):
        share, inside = Arm(name, "weights", share=2 * rate * lam), Arm(name, "loss", lam=lam)
        off[name] = relative_distance(end(1, share, 8), end(1, inside, 8))
    assert off["sgd"] < ROUNDING
    assert min(off["momentum"], off["adam"]) > 1e-5


def test_multiplying_after_the_step_is_a_smaller_rate() -> None:
    share = 0.02
    after, beside = initial_tensors(run_of_seed(2)), initial_tensors(run_of_seed(2))
    optimisers = [
        torch.optim.SGD(weights, lr=rate)
        for weights, rate in ((after, BASE.lr), (beside, (1 - share) * BASE.lr))
    ]
    for samples in islice(stream(run_of_seed(2)), 6):
        for weights, optimiser in zip((after, beside), optimisers, strict=True):
            optimiser.zero_grad()
            loss(weights, samples).backward()
        optimisers[0].step()
        with torch.no_grad():
            for w in (*after, *beside):
                w.mul_(1 - share)
        optimisers[1].step()
    assert relative_distance(after, beside) < ROUNDING


def test_the_share_beside_adams_step_is_adamw() -> None:
    weights = initial_tensors(run_of_seed(3))
    optimiser = torch.optim.AdamW(weights, lr=ADAM_RATE, weight_decay=0.02 / ADAM_RATE)
    for samples in islice(stream(run_of_seed(3)), 6):
        optimiser.zero_grad()
        loss(weights, samples).backward()
        optimiser.step()
    assert relative_distance(end(3, Arm("adam", "weights", share=0.02), 6), weights) < ROUNDING


def test_kinds_part_as_predicted(tables: Tables) -> None:
    walks, far, at = tables["walks"].frame, tables["distances"], SETTINGS["smoke"]
    assert len(walks) == len(ARMS) * at["walk_seeds"] * walks["step"].nunique()
    assert far.row(optimiser="sgd", where="weights")["largest"] < ROUNDING
    late, same = (far.row(optimiser="momentum", where=where) for where in ("late", "weights"))
    assert 1e-3 < late["estimate"] < 0.3 * same["estimate"]
    nearest = far.row(nearest="yes")
    assert 1 < nearest["times"] < 256 and nearest["low"] > 2 * late["estimate"]
    # The grid is close where it is near: the neighbours are about as far.
    means = far.frame.dropna(subset="times")["estimate"].reset_index(drop=True)
    place = means.idxmin()
    assert means.iloc[[place - 1, place + 1]].max() < 1.1 * means.iloc[place]
    # Equal shares leave unused weights that the penalty in the loss takes.
    ends = walks[(walks["optimiser"] == "adam") & (walks["step"] == at["walk_steps"])]
    inside = ends.loc[ends["where"] == "loss", "unused"].max()
    assert inside < 0.7 < 0.9 < ends.loc[ends["times"] == 1, "unused"].min()
    assert became(tables, "sgd", "momentum", "adam", "adam_unused") == ["held"] * 4


def test_a_constant_alone_lowers_the_rate_earlier(result: Result, tables: Tables) -> None:
    rates, schedules = result["watched"].table, tables["schedules"]
    assert set(rates["watched"]) == set(WATCHED) and CONSTANT == 50
    assert became(tables, "falls_earlier", "ends_sooner", "higher_loss") == ["held"] * 3
    own = schedules.row(watched="cost")
    assert own["earlier_low"] <= 0 <= own["earlier_high"]
    # Up to the first fall of either rate the networks are one.
    falls = rates[(rates["watched"] == "constant") & (rates["lr"] < RATE_THEN)]
    first = rates[rates["step"] < falls["step"].min()]
    assert (first.groupby(["seed", "step"])["train_loss"].nunique() == 1).all()


def test_a_rate_that_never_falls_counts_as_the_last_look(result: Result, tables: Tables) -> None:
    assert tables["schedules"].row(watched="constant")["never"] == 0
    stuck = changed(
        result, "watched", lambda t: t.assign(lr=t["lr"].where(t["watched"] != "loss", 0.1))
    )
    row = stuck["schedules"].row(watched="loss")
    assert row["never"] == row["seeds"] and row["fall"] == result["watched"].table["step"].max()
    never = stuck["schedules"].row(watched="cost")["never"]
    assert stuck["falls"].row().tolist() == [8 - never, 12]


def test_training_ends_where_the_rate_has_run_out(result: Result) -> None:
    rows = result["watched"].table.query("watched == 'constant'").sort_values("step")
    rates = rows.groupby("seed")["lr"]
    assert (rates.last() < STILL * RATE_THEN).all()
    assert (rates.nth(-2) >= STILL * RATE_THEN).all()


def test_a_clip_tells_the_two_places_apart(tables: Tables) -> None:
    clips = tables["clips"].frame
    assert clips["clip"].tolist() == list(BOUNDS)
    assert clips["estimate"].is_monotonic_increasing and clips["estimate"].iloc[0] < 0.95
    assert clips["clips"].is_monotonic_decreasing and clips["clips"].iloc[-1] == 0
    assert clips["apart"].iloc[-1] < ROUNDING
    assert became(tables, "no_clip") == ["held"] and "held" in became(tables, "clip")


@pytest.mark.parametrize(
    ("told", "words"), [("yes", "which is told from 1"), ("no", "which these seeds do not")]
)
def test_a_ratio_is_told_from_1_or_not(told: str, words: str) -> None:
    frame = pd.DataFrame({"watched": ["constant"], "clip": [0.5], "told": [told]})
    made = {"schedules": Table(frame), "clips": Table(frame)}
    for name in ("told_ended", "told_clipped"):
        assert words in fill(template_at(SLUG, "prose", name), made)


@pytest.mark.parametrize(("off", "words"), [(1e-12, "rounding"), (0.01, "10⁻²")])
def test_a_difference_is_rounding_or_a_number(off: float, words: str) -> None:
    frame = pd.DataFrame({"bound": ["none"], "apart": [off], "share_off": [off]})
    made = {"unused": Table(frame, "share_off"), "clips": Table(frame)}
    for name in ("share_off", "unclipped"):
        assert fill(template_at(SLUG, "prose", name), made) == words


def test_a_cost_with_its_penalty_chooses_the_least_strength(tables: Tables) -> None:
    networks, choices = tables["tried"].frame, tables["choices"]
    assert np.allclose(networks["val_cost"], networks["val_loss"] + networks["penalty_value"])
    assert became(tables, "train_cost", "val_cost") == ["held", "held"]
    assert networks["lam"].min() < choices.row(choice="val_loss")["lam"] < networks["lam"].max()
    assert tables["costs"].row(choice="val_cost", metric="loss")["low"] > 0
    rises = choices.frame.set_index("choice")["rises"]
    assert (rises["cost"], rises["val_loss"]) == ("yes", "no")


def test_mlp_classifier_divides_by_the_batch_and_not_by_the_samples(tables: Tables) -> None:
    rows = tables["mlp"].frame
    assert rows["lam"].to_numpy() == pytest.approx(rows["coded"].to_numpy(), rel=1e-3)
    assert (rows["coded"] == alpha.ALPHA / (2 * rows["batch_size"])).all()
    assert rows["lam"].min() == pytest.approx(rows["documented"].iloc[0], rel=1e-3)
    assert rows["lam"].max() > 10 * rows["lam"].min()


EXPECTED = {
    "C13": "CONDITIONAL", "C14": "CONDITIONAL", "C15": "TRUE", "C22": "FALSE", "C25": "CONDITIONAL",
}  # fmt: skip


@pytest.mark.parametrize("claim", EXPECTED)
def test_verdicts(result: Result, claim: str) -> None:
    assert SETTLED[claim].slug == SLUG
    assert SETTLED[claim].judge(result).verdict == EXPECTED[claim]


def _claimed(table: pd.DataFrame, where: pd.Series) -> pd.DataFrame:
    """With the strength over 2n as what some settings were measured to have."""
    claimed = table.loc[table["setting"] == "sklearn-mlp-lbfgs", "predicted"].iloc[0]
    return table.assign(measured=table["measured"].mask(where, claimed), where="objective")


@pytest.mark.parametrize(
    ("claim", "name", "change", "verdict"),
    [
        ("C13", "watched", lambda t: t.merge(t.query("watched == 'loss'").drop(columns="watched"),
         on=["seed", "step"], suffixes=("_", "")), "OPEN"),
        ("C13", "watched", lambda t: t.assign(lr=t["lr"].max()), "OPEN"),
        ("C14", "kinds", lambda t: t.assign(distance=0.0), "OPEN"),
        ("C14", "kinds", lambda t: t.assign(distance=t["distance"] + 0.01), "OPEN"),
        ("C15", "strengths", lambda t: t.assign(test_loss=0.5, test_error=0.1), "OPEN"),
        ("C15", "strengths", lambda t: t.assign(penalty_value=1 / t["lam"]), "OPEN"),
        ("C22", "applied", lambda t: _claimed(t, t["setting"].str.startswith("torch-sgd")), "OPEN"),
        ("C22", "applied", lambda t: _claimed(t, t["run"]), "TRUE"),
        ("C25", "applied", lambda t: t.assign(measured=t["measured"].mask(t["run"], 0.01)), "OPEN"),
    ],
)  # fmt: skip
def test_data_that_contradict_change_the_verdict(
    result: Result, claim: str, name: str, change: Change, verdict: str
) -> None:
    assert SETTLED[claim].function(changed(result, name, change)) == verdict
    assert template_at(SLUG, claim, verdict)


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


def test_every_library_applies_what_its_record_says(result: Result, tables: Tables) -> None:
    table = tables["applied"].frame
    assert table["miss"].max() < 1e-4
    run = table.groupby("setting")["run"].all()
    assert run[["torch-sgd", "keras-l2", "optax-add-first", "sklearn-ridge"]].all()
    assert table.groupby("setting")["run"].nunique().max() == 1
    keras = result["applied"].table["setting"] == "keras-l2"
    other = changed(result, "applied", lambda t: t.assign(predicted=t["predicted"] / (1 + keras)))
    assert other["applied"].frame["miss"].max() == pytest.approx(1, abs=1e-3)
    assert became(tables, "records") + became(other, "records") == ["held", "failed"]


def test_one_number_is_many_strengths(tables: Tables) -> None:
    assert tables["spread"].row(where="objective")["times"] > 1000
    assert became(tables, "common_value", "over_two_n") == ["held", "held"]
    networks = tables["networks"].frame.set_index("setting")
    assert networks.index[networks["claimed"] == "yes"].tolist() == ["sklearn-mlp-lbfgs"]
    assert "torch-sgd" in networks.index and not set(networks.index) & set(LINEAR)


@pytest.mark.parametrize(
    ("words", "value", "source", "given"),
    [
        ("Keras `L2(0.01)`", 0.01, "keras-l2", {}),
        ("`0.01 * tf.nn.l2_loss(w)`", 0.01, "tf-l2-loss", {}),
        ("`SGDClassifier(alpha=0.01)`", 0.01, "sklearn-sgd", {}),
        ("`LogisticRegression(C=1)`", 1, "sklearn-logistic", {"n_samples": 5000}),
        ("`Ridge(alpha=1)`", 1, "sklearn-ridge", {"n_samples": 5000}),
        (r"$\lambda/(2m)$", 0.01, "ng", {"n_samples": 5000}),
        ("Keras `SGD(weight_decay=0.01)`", 0.01, "keras-weight-decay",
         {"lr": 0.1, "momentum": 0, "optimiser": "sgd"}),
    ],
)  # fmt: skip
def test_the_table_to_look_up_says_what_the_converter_says(
    words: str, value: float, source: str, given: dict[str, float | str]
) -> None:
    page = (ROOT / "chapters" / f"{SLUG}.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if line.startswith("| ") and words in line)
    typed, lam = (cell.strip() for cell in row.split("|")[2:4])
    found = convert(value, source, "torch-sgd", **given)
    assert float(typed.strip("`").removeprefix("weight_decay=")) == pytest.approx(found.value)
    assert float(lam) == pytest.approx(found.value / 2)


def test_what_acts_on_the_weights_has_no_equivalent_under_adam() -> None:
    with pytest.raises(NoEquivalent):
        convert(0.01, "torch-adamw", "torch-sgd")
    assert convert(0.01, "torch-adamw", "keras-weight-decay").value == 0.01
