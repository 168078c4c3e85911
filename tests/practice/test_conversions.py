"""Every pair of settings: what is equivalent, what is not, and what it takes to say so."""

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2scale.practice.conversions import REASONS, NoEquivalent, convert
from l2scale.practice.monomials import OWN
from l2scale.practice.settings import SETTINGS

PAIRS = sorted(product(SETTINGS, repeat=2))
numbers = st.floats(1e-6, 1e4)
circumstances = st.fixed_dictionaries(
    dict.fromkeys(("lr", "lr0", "n_samples", "batch_size", "n_weights"), numbers)
)


def value_of(id: str, size: float) -> float:
    """A strength of a setting, with the sign that decays."""
    return size if SETTINGS[id].strength.coefficient > 0 else -size


def nobody_says(source: str, target: str) -> bool:
    return not SETTINGS[source].optimiser and not SETTINGS[target].optimiser


def both_decay(source: str, target: str) -> bool:
    return SETTINGS[source].where == SETTINGS[target].where == "weights"


@given(st.sampled_from(PAIRS), numbers, circumstances, numbers)
def test_every_convertible_pair_goes_there_and_back(pair, size, known, to_lr) -> None:
    source, target = pair
    rates = {"to_lr": to_lr} if both_decay(*pair) else {}
    known = known | {"momentum": 0.0} | ({"optimiser": "sgd"} if nobody_says(*pair) else {})
    value = value_of(source, size)
    try:
        there = convert(value, source, target, **known, **rates)
    except NoEquivalent:
        with pytest.raises(NoEquivalent):
            convert(value_of(target, size), target, source, **known, **rates)
        return
    returning = {"to_lr": known["lr"]} if both_decay(*pair) else {}
    lr = there.lr or known["lr"]
    rates = {"lr": lr, "lr0": known["lr0"] * lr / known["lr"]}
    back = convert(there.value, target, source, **(known | rates | returning))
    assert back.value == pytest.approx(value, rel=1e-12)
    if there.lr is not None:
        assert back.lr == pytest.approx(known["lr"], rel=1e-12)


@given(st.sampled_from(PAIRS), numbers, circumstances)
def test_what_is_kept_is_kept(pair, size, known) -> None:
    """The lambda or the share, computed from each record on its own."""
    source, target = (SETTINGS[id] for id in pair)
    rates = {"to_lr": known["lr"]} if both_decay(*pair) else {}
    value = value_of(source.id, size)
    optimiser = "sgd" if nobody_says(*pair) else None
    try:
        found = convert(value, *pair, momentum=0.0, optimiser=optimiser, **known, **rates)
    except NoEquivalent:
        return
    lr = found.lr or known["lr"]
    own = known | {"value": found.value, "lr": lr, "lr0": known["lr0"] * lr / known["lr"]}
    there, here = target.strength.of(own), source.strength.of(known | {"value": value})
    on_mean = known["lr"] * source.loss.of(known | {"value": value})
    if source.where == target.where:
        assert there == pytest.approx(here)
    elif source.where == "objective":
        assert there == pytest.approx(2 * on_mean * here)
    else:
        assert 2 * on_mean * there == pytest.approx(here)
    assert found.strength == pytest.approx(there)
    assert found.kept == (source.where if source.where == target.where else "both")


@pytest.mark.parametrize(
    ("value", "source", "target", "known", "expected"),
    [
        (0.01, "torch-sgd", "keras-l2", {}, 0.005),
        (0.01, "keras-l2", "tf-l2-loss", {}, 0.02),
        (1.0, "sklearn-logistic", "torch-sgd", {"n_samples": 50_000}, 2e-5),
        (1.0, "sklearn-ridge", "keras-l2", {"n_samples": 200}, 0.005),
        (0.5, "sklearn-elasticnet", "sklearn-ridge", {"n_samples": 200}, 100.0),
        (1e-4, "sklearn-mlp", "torch-adam", {"batch_size": 200}, 5e-7),
        (5.0, "nielsen", "torch-sgd", {"n_samples": 50_000}, 1e-4),
        (0.1, "nielsen-network3", "nielsen", {"batch_size": 10}, 1.0),
        (0.01, "torch-adamw", "optax-adamw", {}, 0.01),
        (0.01, "torch-adamw", "tfa-adamw", {"lr": 1e-3}, 1e-5),
        (0.01, "torch-adamw", "optax-add-last", {"lr": 1e-3}, -1e-5),
        (0.01, "torch-adamw", "torch-muon", {"lr": 1e-3, "to_lr": 0.02}, 5e-4),
        (0.01, "torch-adamw", "composer-adamw", {"lr0": 1e-3}, 1e-5),
        (1e-5, "composer-adamw", "torch-adamw", {"lr0": 1e-3}, 0.01),
        (1e-5, "composer-adamw", "tfa-adamw", {"lr0": 1e-3, "lr": 5e-4}, 5e-6),
        (1e-5, "composer-adamw", "composer-sgdw", {}, 1e-5),
        (1e-5, "composer-adamw", "lion-decoupled", {}, 1e-5),
        (0.01, "torch-sgd", "composer-sgdw", {"lr0": 0.1, "momentum": 0.0}, 1e-3),
        (0.01, "torch-adamw", "lion", {"lr": 1e-3, "to_lr": 1e-4}, 0.1),
        (0.01, "torch-adamw", "optax-adafactor", {"lr": 1e-3}, 1e-5),
        (0.01, "torch-sgd", "keras-weight-decay", {"momentum": 0.0}, 0.01),
        (0.01, "keras-l2", "keras-weight-decay", {"momentum": 0.0, "optimiser": "sgd"}, 0.02),
        (0.064, "torch-sgd-sum", "book", {"batch_size": 64}, 0.0005),
        (1e-4, "mask-rcnn", "book", {"n_weights": 1000}, 1e-7),
        (5e-4, "yolov5", "torch-sgd", {}, 5e-4 / 64),
    ],
)
def test_known_answers(value, source, target, known, expected) -> None:
    assert convert(value, source, target, **known).value == pytest.approx(expected, rel=1e-12)


def test_the_rate_goes_with_the_loss() -> None:
    found = convert(0.01, "torch-sgd", "torch-sgd-sum", lr=0.1, batch_size=50)
    assert (found.value, found.lr) == (pytest.approx(0.5), pytest.approx(0.002))
    assert convert(0.01, "torch-adam", "keras-l2", lr=1e-3).lr == 1e-3
    for optimiser, lr in {"adam": 1e-3, "muon": 1e-3, "sgd": 1e-3 / 32}.items():
        told = {"lr": 1e-3, "batch_size": 32, "optimiser": optimiser}
        assert convert(0.01, "keras-l2", "sum-by-hand", **told).lr == pytest.approx(lr)
    assert convert(0.01, "torch-sgd", "torch-adam", lr=0.1).lr is None
    assert convert(1.0, "sklearn-ridge", "keras-l2", n_samples=9, lr=0.1).lr is None
    assert convert(1e-4, "torch-sgd", "sklearn-mlp-lbfgs", n_samples=9, lr=0.1).lr is None


def test_nothing_is_asked_for_that_cancels() -> None:
    assert convert(2.0, "sklearn-logistic", "log-posterior").value == pytest.approx(0.5)
    assert convert(2.0, "bengio", "torch-adam", lr=1e-3, n_samples=100).value == 0.04
    assert convert(2.0, "bengio", "nielsen").value == pytest.approx(4.0)
    assert convert(2.0, "bengio", "nielsen").strength is None


@pytest.mark.parametrize(
    ("pair", "known", "reason"),
    [
        (("torch-adam", "torch-adamw"), {}, "adam"),
        (("keras-l2", "torch-adamw"), {}, "adam"),
        (("keras-l2", "keras-weight-decay"), {"optimiser": "adam"}, "adam"),
        (("torch-sgd", "torch-adamw"), {"momentum": 0.0}, "adam"),
        (("sklearn-ridge", "sklearn-logistic"), {}, "fits"),
        (("sklearn-linear-svc", "sklearn-logistic"), {}, "fits"),
        (("sklearn-mlp", "sklearn-ridge"), {"batch_size": 8}, "fits"),
        (("torch-muon", "book"), {}, "muon"),
        (("lion", "torch-sgd"), {}, "lion"),
        (("torch-adaptive", "torch-adamw"), {}, "adaptive"),
        (("sklearn-ridge", "keras-weight-decay"), {}, "solver"),
        (("optax-add-last", "optax-add-middle"), {"lr": 0.1}, "grows"),
    ],
)
def test_where_nothing_is_equivalent_the_reason_is_given(pair, known, reason) -> None:
    with pytest.raises(NoEquivalent) as refused:
        convert(0.01, *pair, **known)
    assert str(refused.value) == REASONS[reason]
    assert refused.value.nearest is None


def test_no_penalty_has_no_inverse() -> None:
    with pytest.raises(NoEquivalent, match="switch it off"):
        convert(0.0, "sklearn-sgd", "sklearn-logistic")
    for pair in (("torch-sgd", "keras-l2"), ("torch-adam", "torch-adamw"), ("ng", "mask-rcnn")):
        found = convert(0.0, *pair)
        assert (found.value, found.kept, found.strength) == (0.0, "nothing", 0.0)


def unused(mu: float, force: float, share: float, lr: float, steps: int) -> tuple[float, float]:
    """The pace at which a weight without data is forgotten: by a force, and by a share."""
    coupled = decoupled = 1.0
    velocity = 0.0
    for _ in range(steps):
        velocity = mu * velocity + force * coupled
        coupled -= lr * velocity
        decoupled *= 1 - share
    return math.log(coupled) / steps, math.log(decoupled) / steps


@given(st.sampled_from([0.5, 0.8, 0.9]), st.floats(1e-3, 1e-2))
def test_under_momentum_the_nearest_forgets_at_the_same_pace(momentum, weight_decay) -> None:
    lr, steps = 0.01, 5_000
    with pytest.raises(NoEquivalent, match="velocity") as refused:
        convert(weight_decay, "torch-sgd", "keras-weight-decay", lr=lr, momentum=momentum)
    nearest = refused.value.nearest
    paces = unused(momentum, weight_decay, lr * nearest, lr, steps)
    assert nearest == pytest.approx(weight_decay / (1 - momentum))
    assert paces[0] == pytest.approx(paces[1], rel=0.02)
    with pytest.raises(NoEquivalent) as back:
        convert(nearest, "keras-weight-decay", "torch-sgd", lr=lr, momentum=momentum)
    assert back.value.nearest == pytest.approx(weight_decay)


def test_nielsens_lambda_of_50_000_samples_is_a_fiftieth_for_1_000() -> None:
    found = convert(5.0, "nielsen", "nielsen", n_samples=50_000, to_n_samples=1_000)
    assert found.value == pytest.approx(0.1)
    assert found.kept == "objective"
    assert found.strength == pytest.approx(5.0 / (2 * 50_000))


@pytest.mark.parametrize("name", OWN)
def test_other_numbers_of_the_target_are_those_of_two_steps(name: str) -> None:
    """By way of the book's own unit, which depends on none of them."""
    held = {"lr": 0.1, "n_samples": 400, "batch_size": 20, "n_weights": 60, "optimiser": "sgd"}
    other = held | {name: held[name] * 3}
    tried = 0
    for setting in SETTINGS.values():
        if setting.where == "weights" or name not in {
            *setting.penalty.powers,
            *setting.loss.powers,
        }:
            continue
        given = {k: v for k, v in held.items() if k != "optimiser" or not setting.optimiser}
        again = {k: v for k, v in other.items() if k in given and k != "lr"}
        lam = convert(2.0, setting.id, "book", **(given | {"lr": None})).value
        two = convert(lam, "book", setting.id, **again).value
        one = convert(2.0, setting.id, setting.id, **given, **{OWN[name]: other[name]})
        assert one.value == pytest.approx(two)
        assert one.strength == pytest.approx(lam)
        tried += 1
    assert tried


@pytest.mark.parametrize(
    ("arguments", "known", "words"),
    [
        (
            (0.01, "torch-lamb", "book"),
            {},
            "unknown setting 'torch-lamb': choose one of torch-adam",
        ),
        ((0.01, "book", "torch-sgd-sum"), {}, r"batch_size \(samples of a step\)"),
        ((0.01, "keras-l2", "keras-weight-decay"), {}, "optimiser .*momentum"),
        ((0.01, "torch-sgd", "keras-weight-decay"), {}, "momentum"),
        ((0.01, "torch-adamw", "torch-muon"), {"lr": 0.1}, "to_lr"),
        ((0.01, "torch-adamw", "composer-adamw"), {"lr": 0.1}, r"lr0 \(initial learning rate\)"),
        ((0.01, "book", "torch-sgd-sum"), {"lr": 0.1}, "batch_size"),
        ((0.01, "bengio", "nielsen"), {"lr": 0.1}, "batch_size"),
        ((0.01, "keras-l2", "sum-by-hand"), {"lr": 0.1, "batch_size": 32}, r"takes optimiser \("),
        ((float("nan"), "book", "d2l"), {}, "value .* is nan"),
        ((0.01, "book", "d2l"), {"lr": 0.0}, "lr .* above 0"),
        ((0.01, "book", "d2l"), {"batch_size": -3}, "batch_size .* is -3"),
        ((0.01, "book", "d2l"), {"momentum": 1.0}, r"momentum .* is 1.0: .*in \[0, 1\)"),
        ((0.01, "book", "d2l"), {"optimiser": "lamb"}, "unknown optimiser 'lamb'"),
        ((0.01, "book", "d2l"), {"to_lr": 0.1}, "to_lr is 0.1"),
        ((0.01, "nielsen", "d2l"), {"n_samples": 9, "to_n_samples": 3}, "not depend on training"),
        ((0.01, "nielsen", "nielsen"), {"to_n_samples": 3}, r"takes n_samples \("),
        ((0.01, "nielsen", "nielsen"), {"n_samples": 9, "to_n_samples": -3}, "to_n_samples .* -3"),
        ((0.01, "keras-l2", "torch-adam"), {"optimiser": "sgd"}, "optimiser is 'sgd'.*for Adam"),
        (
            (0.01, "keras-weight-decay", "torch-adamw"),
            {"lr": 0.1, "optimiser": "sgd"},
            r"optimiser is 'sgd': torch.optim.AdamW\(weight_decay=ω\) is for Adam, leave it out",
        ),
    ],
)
def test_bad_or_missing_input_gets_one_clear_error(arguments, known, words) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        convert(*arguments, **known)
    assert not isinstance(refused.value, NoEquivalent)


def test_records_are_whole() -> None:
    for setting in SETTINGS.values():
        assert setting.exact and setting.default and setting.biases and setting.norms
        assert setting.source.startswith("https://") or setting.family == "Books and papers"
        assert setting.source or setting.id in {"book", "sum-by-hand", "log-posterior"}
        assert setting.formula
