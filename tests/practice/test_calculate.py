"""What a strength does to a network in numbers: against the theory, and what is refused."""

import doctest
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2scale.practice import calculated
from l2scale.practice.asking import Refused
from l2scale.practice.calculated import EXAMPLES, TEXTS, number, records, said, worked
from l2scale.practice.calculator import REFUSALS, calculate
from l2scale.practice.networks import INIT_WORDS, INITS, NETWORKS, chain
from l2scale.practice.rules import GROWS, RULES
from l2scale.practice.strengths import CALCULABLE
from l2scale.theory.initialisation import expected_sum_of_squares, expected_value
from l2scale.theory.momentum import long_run_factor
from l2scale.theory.penalties import decay_factor

BASE = {"lr": 1e-3, "steps": 10_000, "n_samples": 60_000, "batch_size": 128}
ADAMW = ("784-1024-10", "torch-adamw", 0.1)


def test_a_wider_network_under_adamw():
    found = calculate(*ADAMW, **BASE)
    assert found.answer.rule.id == "adamw-width"
    assert found.answer.value == pytest.approx(0.2)  # λ √m
    assert found.answer.tries == pytest.approx((0.1, 0.4))
    three = calculate("784-1024-1024-10", *ADAMW[1:], **BASE)
    assert three.answer.value == pytest.approx(0.1 * 4 ** (2 / 3))
    words = said(found, "torch-adamw", 4)
    assert words["answer"] == "At width ×4 under AdamW type weight_decay = 0.2; try 0.1 and 0.4."


def test_the_cost_of_fifty():
    found = calculate("fifty", "keras-l2", 0.01, **BASE | {"lr": 0.1}, optimiser="sgd")
    shapes = [(11264, 64), (3072, 11264), (1, 3072)]
    assert found.penalty == pytest.approx(expected_value(0.01, "sum", "glorot", shapes))
    assert found.cost == pytest.approx(found.penalty + math.log(2))
    assert found.share == pytest.approx(found.penalty / found.cost)
    assert found.forget_steps == pytest.approx(1 / (2 * 0.1 * 0.01))


@pytest.mark.parametrize("init", INITS)
def test_the_squares_of_a_chain_are_the_theorys(init):
    named, scale = INITS[init]
    shapes = [(30, 20), (7, 30), (1, 7)]
    expected = expected_sum_of_squares(named, shapes, scale).sum()
    assert chain("20-30-7-1").squares(init) == pytest.approx(expected)


def test_known_networks_have_their_published_sizes():
    # With biases and normalisation torchvision's has 25,557,032 parameters, and GPT-2 124,439,808.
    assert {id: one.weights for id, one in NETWORKS.items()} == {
        "fifty": 35_326_976,
        "resnet-50": 25_557_032 - 53_120 - 1000,
        "gpt-2": 124_439_808 - 12 * (4 * 768 + 2304 + 768 + 3072 + 768) - 2 * 768,
    }


def test_decay_forgets_in_its_time():
    found = calculate("2-3-1", "book", 1e-5, **BASE | {"lr": 0.1}, optimiser="sgd")
    left = decay_factor(0.1, 1e-5) ** found.forget_steps
    assert left == pytest.approx(math.exp(-1), rel=1e-5)
    late = calculate("2-3-1", "book", 1e-5, **BASE | {"lr": 0.1}, optimiser="sgd", momentum=0.9)
    left = long_run_factor(0.1, 1e-5, 0.9) ** late.forget_steps
    assert left == pytest.approx(math.exp(-1), rel=1e-3)
    assert late.clocks == pytest.approx(BASE["steps"] / late.forget_steps)
    assert late.forget_epochs == pytest.approx(late.forget_steps * 128 / 60_000)


def test_independent_updates_settle_at_the_angle_and_below_the_ceiling():
    """Weights that AdamW moves by signs of coins: their size and turn, measured."""
    found = calculate("2-3-1", "torch-adamw", 2.0, **BASE | {"lr": 0.05})
    rng = np.random.default_rng(0)
    w = np.zeros(20_000)
    for _ in range(200):
        before, w = w, (1 - found.decay) * w + 0.05 * rng.choice((-1.0, 1.0), w.size)
    cosine = before @ w / np.sqrt(before @ before * (w @ w))
    assert math.degrees(math.acos(cosine)) == pytest.approx(found.angle, rel=0.01)
    assert np.mean(w**2) == pytest.approx(0.05 / (4 * found.lam * (1 - 0.05 * found.lam)), rel=0.03)
    assert np.abs(w).max() < found.ceiling == 1 / 2.0


def test_what_is_not_known_is_none():
    adam = calculate("2-3-1", "torch-adam", 0.1, **BASE)
    assert (adam.decay, adam.forget_steps, adam.clocks, adam.ceiling, adam.angle) == (None,) * 5
    adamw = calculate(*ADAMW, **BASE)
    assert (adamw.penalty, adamw.share, adamw.cost) == (None, None, adamw.guess)


def test_a_setting_divided_by_the_samples_grows_with_them():
    asked = BASE | {"optimiser": "sgd", "grows": "samples", "factor": 4}
    plain = calculate("5-4-1", "book", 0.01, **asked).answer
    divided = calculate("5-4-1", "ng", 0.01, **asked).answer
    assert plain.rule.id == divided.rule.id == "sgd-samples"
    assert plain.value == pytest.approx(0.01 / 2)
    assert divided.value == pytest.approx(0.01 * 4 / 2)


def test_no_rule_is_claimed_for_normalised_layers():
    for asked in EXAMPLES.values():
        known = NETWORKS.get(asked["network"])
        found = calculate(**asked)
        assert bool(found.rules) == (known is None or not known.normalised)
        if not found.rules:
            assert found.answer.rule.id == ""
            assert "with normalised layers nothing is measured here" in _answer(asked)


def _answer(asked):
    (words,) = (worked(name) for name, one in EXAMPLES.items() if one is asked)
    return words["answer"]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        *[({"network": text}, "network") for text in ("", "784", "784-", "0-3", "a-b", "9-1e3")],
        ({"network": "5-1000000001"}, "network"),
        ({"setting": "keras-l2"}, "optimiser"),
        *[({"value": bad}, "value") for bad in (-0.1, 0, math.inf, math.nan)],
        *[({"lr": bad}, "lr") for bad in (-0.1, 0, math.inf, math.nan)],
        *[({"setting": "torch-sgd", "momentum": bad}, "momentum") for bad in (-0.1, 1, math.nan)],
        *[({key: bad}, key) for key in ("steps", "n_samples", "batch_size")
          for bad in (0, 1.5, -3, math.inf, math.nan)],
        ({"batch_size": 60_001}, "batch"),
        *[({"factor": bad}, "factor") for bad in (0.5, math.inf, math.nan)],
        ({"value": 1e3}, "decay"),
        ({"value": 1e-300, "lr": 1e-300}, "beyond"),
    ],
)  # fmt: skip
def test_what_has_no_answer_is_refused_by_name(change, name):
    asked = dict(zip(("network", "setting", "value"), ADAMW, strict=True)) | BASE | change
    with pytest.raises(Refused) as refused:
        calculate(**asked)
    assert (refused.value.name, str(refused.value)) == (name, REFUSALS[name])


def test_every_refusal_is_tried():
    (cases,) = (mark for mark in test_what_has_no_answer_is_refused_by_name.pytestmark)
    assert {name for _, name in cases.args[1]} == set(REFUSALS)


def test_rules_name_what_there_is():
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert {rule.grows for rule in RULES} <= set(GROWS)
    assert set(INIT_WORDS) == set(INITS)
    assert all(rule.figure for rule in RULES)


def test_every_setting_has_an_answer():
    for id in CALCULABLE:
        found = calculate("9-8-7", id, 0.01, **BASE, optimiser="sgd")
        words = said(found, id, 4)
        assert words["answer"].startswith("At width ×4 under ")


def test_records_survive_json():
    assert json.loads(json.dumps(records())) == records()
    assert records()["texts"] == dict(TEXTS)


@given(st.floats(min_value=1e-12, max_value=1e14))
def test_three_digits_are_near(found):
    assert float(number(found).replace(",", "")) == pytest.approx(found, rel=5.01e-3)


def test_the_examples_are_right():
    assert doctest.testmod(calculated).attempted == 2
    assert doctest.testmod(calculated).failed == 0
