"""A conversion in sentences, and the records from which the form on the page makes the same."""

import doctest
import json
from dataclasses import asdict
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2scale.practice import answers
from l2scale.practice.answers import SENTENCES, STEPPERS, answer, records
from l2scale.practice.asking import optimiser_of
from l2scale.practice.conversions import REASONS, NoEquivalent, convert, six_digits
from l2scale.practice.relations import decayed_in_one, relate
from l2scale.practice.settings import SETTINGS


def test_an_answer_names_the_value_and_what_is_kept():
    assert answer(0.01, "torch-sgd", "keras-l2") == (
        "ω = 0.005 in keras.regularizers.L2(ω). The penalty beside the mean loss is the same. "
        "In the book’s units λ = 0.005. If nothing is said, torch.optim.SGD(weight_decay=ω) takes "
        "biases and norms in, and keras.regularizers.L2(ω) does not."
    )
    assert answer(0.01, "torch-adamw", "tfa-adamw", lr=1e-3) == (
        "ω = 1e-05 in tfa.optimizers.AdamW(weight_decay=ω). "
        "A step takes the same share of each weight. The share is 1e-05. "
        "At this learning rate only: where it changes, ω has to change too."
    )


def test_a_learning_rate_is_named_where_it_changes():
    told = {"lr": 0.1, "batch_size": 32, "momentum": 0}
    assert answer(0.01, "torch-sgd-sum", "keras-weight-decay", **told).endswith(
        "The share is 0.001. The learning rate there is 3.2."
    )
    assert "learning rate" not in answer(0.01, "torch-sgd", "keras-l2", lr=0.1)


def test_a_decay_that_one_schedule_reaches_alone_is_said_to_hold_at_one_rate():
    only = "At this learning rate only: where it changes, {} has to change too."
    plain_sgd = {"momentum": 0, "optimiser": "sgd"}
    for source, target, letter, told in (
        ("torch-adamw", "tfa-adamw", "ω", {}),
        ("tfa-adamw", "torch-adamw", "ω", {}),
        ("book", "optax-add-last", "ω", plain_sgd),
        ("optax-add-last", "book", "λ", plain_sgd),
    ):
        value = -0.01 if source == "optax-add-last" else 0.01
        said = [answer(value, source, target, lr=lr, **told) for lr in (0.1, 0.01)]
        assert said[0] != said[1]
        assert all(only.format(letter) in one for one in said)
    for source, target in (("torch-adamw", "optax-adamw"), ("book", "keras-weight-decay")):
        told = plain_sgd if source == "book" else {}
        found = [convert(0.01, source, target, lr=lr, **told) for lr in (0.1, 0.01)]
        assert found[0].value == found[1].value
        assert "one rate" not in found[0].caveats


def test_a_share_of_the_initial_rate_follows_a_schedule_and_knows_one_start():
    only = "A schedule of the learning rate reaches both alike; where its initial value changes, "
    for source, target in (
        ("torch-adamw", "composer-adamw"),
        ("composer-adamw", "torch-adamw"),
        ("torch-adamw", "lion-decoupled"),
    ):
        assert only + "ω has to change too." in answer(0.01, source, target, lr0=0.1)
        rates = [convert(0.01, source, target, lr=lr, lr0=0.1) for lr in (0.1, 0.02)]
        assert rates[0].value == rates[1].value
        assert rates[0].strength == pytest.approx(5 * rates[1].strength)
    assert SENTENCES["same rate"] in answer(0.01, "composer-adamw", "torch-adamw", lr0=0.1)
    for target in ("composer-sgdw", "lion-decoupled"):
        assert answer(0.01, "composer-adamw", target).endswith("same share of each weight.")


def test_a_share_of_the_initial_rate_is_the_same_at_any_rate_of_the_target():
    told = {"lr": 0.02, "lr0": 0.1}
    for source in ("composer-adamw", "torch-adamw"):
        one = convert(0.01, source, "composer-adamw", **told)
        other = convert(0.01, source, "composer-adamw", to_lr=7.0, **told)
        assert (one.value, one.strength) == (other.value, other.strength)
        assert (one.lr, other.lr) == (0.02, 7.0)


def test_a_rate_that_nobody_gave_is_the_same():
    same = SENTENCES["same rate"]
    assert answer(0.01, "torch-adamw", "keras-weight-decay").endswith(same)
    assert same not in answer(0.01, "torch-adamw", "keras-weight-decay", lr=0.1)
    assert same not in answer(0.01, "torch-adamw", "keras-weight-decay", lr=0.1, to_lr=0.2)
    assert same not in answer(0.01, "tfa-adamw", "tfa-adamw")


def test_a_mean_over_a_tensor_is_of_this_tensor():
    told = {"n_weights": 1000}
    assert SENTENCES["tensor"] in answer(0.01, "mask-rcnn", "keras-l2", **told)
    assert SENTENCES["tensor"] not in answer(0.01, "mask-rcnn", "mask-rcnn")


@pytest.mark.parametrize(
    ("source", "target", "parts"),
    [
        ("torch-sgd", "keras-l2", "biases and norms"),
        ("torch-sgd", "book", "biases"),
        ("torch-sgd", "mask-rcnn", "norms"),
        ("torch-sgd", "caffe", None),
        ("torch-sgd", "tf-l2-loss", None),
        ("torch-sgd", "log-posterior", None),
        ("torch-adamw", "timm-adamw", "biases and norms"),
        ("torch-adamw", "optax-adamw", None),
    ],
)
def test_what_is_decayed_in_one_alone_is_said_with_its_name(source, target, parts):
    """Read off the records' words: "not ..." in one, and neither "not ..." nor "–" in the other."""
    told = {"n_weights": 9, "n_samples": 9}
    who = f"{SETTINGS[source].api} takes {parts} in, and {SETTINGS[target].api} does not."
    for pair in ((source, target), (target, source)):
        said = answer(0.01, *pair, **told)
        assert said.endswith(f"If nothing is said, {who}") == bool(parts)
        assert ("If nothing is said" in said) == bool(parts)


def test_what_is_not_known_is_not_said():
    assert answer(0.01, "ng", "nielsen") == (
        "λ = 0.01 in Nielsen's book and network2.py, λ. The penalty beside the mean loss is the "
        "same."
    )


def test_no_answer_is_an_error_with_its_reason():
    with pytest.raises(NoEquivalent, match="Adam divides"):
        answer(0.01, "torch-adam", "torch-adamw")


@pytest.mark.parametrize("known", [{}, {"lr": 0.1}, {"lr": 0.1, "batch_size": 8, "momentum": 0}])
def test_every_pair_answers_or_says_why_not(known):
    for value, source, target in product((0.0, 0.01, -0.01), SETTINGS, SETTINGS):
        try:
            said = answer(value, source, target, **known)
        except ValueError as error:
            said = str(error)
        assert said


@pytest.mark.parametrize("target", ["torch-sgd-sum", "sum-by-hand"])
def test_a_factor_that_cancels_is_not_asked_for(target):
    assert "learning rate" not in answer(0.01, "torch-sgd-sum", target, lr=0.1)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_six_digits_are_close(number):
    assert float(six_digits(number)) == pytest.approx(number, rel=5e-6, abs=1e-300)


def test_a_half_is_rounded_up():
    assert (six_digits(1.953125), six_digits(-1.953125)) == ("1.95313", "-1.95313")


def test_a_zero_has_no_sign():
    assert six_digits(-0.0) == "0"


def test_records_survive_json():
    found = json.loads(json.dumps(records()))
    assert found == records()
    assert list(found["settings"]) == list(SETTINGS)
    for key, whole in {"reasons": REASONS, "sentences": SENTENCES}.items():
        assert found[key] == whole
    for id, row in found["settings"].items():
        assert (row["api"], row["where"]) == (SETTINGS[id].api, SETTINGS[id].where)


def test_records_hold_each_strength_and_what_is_decayed_in_one_alone():
    found = records()
    for source, target in product(SETTINGS.values(), SETTINGS.values()):
        one, other = found["settings"][source.id], found["settings"][target.id]
        assert found["strengths"][other["kind"]] == asdict(target.strength)
        unlike = found["unlike"][one["decayed"]][other["decayed"]]
        assert unlike == [*decayed_in_one(source, target)]


@pytest.mark.parametrize("rates", [(), ("lr",), ("to_lr",), ("lr", "to_lr")])
@pytest.mark.parametrize("optimiser", ["", *STEPPERS])
def test_records_hold_the_relation_of_every_pair(optimiser, rates):
    found = records()
    rows = found["settings"]
    for source, target in product(SETTINGS.values(), SETTINGS.values()):
        one, other = rows[source.id], rows[target.id]
        keys, *places = found["tables"][found["pairs"][one["kind"]][other["kind"]]]
        table = dict(zip(found["keys"][keys], places, strict=True))
        key = " ".join(filter(None, (optimiser, *rates)))
        misfit = optimiser and {source.optimiser, target.optimiser} - {"", optimiser}
        if misfit or ("to_lr" in rates and not source.where == target.where == "weights"):
            assert key not in table
            continue
        row = [found["parts"][part] for part in found["relations"][table[key]]]
        steps = optimiser_of(source, target, optimiser or None)
        relation = relate(source, target, steps, "lr" in rates, "to_lr" in rates)
        whole = json.loads(json.dumps(asdict(relation)))
        assert dict(zip(found["columns"], row, strict=True)) == whole


def test_symbols_are_letters():
    assert {row["letter"] for row in records()["settings"].values()} == {"ω", "α", "λ", "C"}


def test_the_example_is_right():
    assert doctest.testmod(answers).attempted == 1
    assert doctest.testmod(answers).failed == 0
