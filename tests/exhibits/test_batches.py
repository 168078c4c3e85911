"""The claims of the chapter "Batches and epochs", at smoke scale."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from torch.nn.functional import cross_entropy

from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.batches import verdicts
from l2scale.exhibits.batches.arms import (
    ARMS,
    METRICS,
    clock,
    gain_of_largest,
    halved_table,
    judged,
    labelled,
    local_powers,
    of_arm,
    optimum_table,
    power,
)
from l2scale.exhibits.batches.best_by_batch import title
from l2scale.exhibits.batches.conventions import CONVENTIONS, FORMS, MISUSES
from l2scale.exhibits.batches.one_trajectory import largest, misled
from l2scale.exhibits.batches.quoted import unused_off, worded
from l2scale.exhibits.batches.steps_or_epochs import (
    AXES,
    by,
    course_table,
    direction,
    last_of_both,
    looks,
    ratio,
    ratio_of_ends,
    times,
)
from l2scale.exhibits.batches.sweeps import BASE, REFERENCE, SETTINGS
from l2scale.exhibits.batches.walks import WALK, deviation, walk
from l2scale.exhibits.outcomes import outcome
from l2scale.lab.datasets import load
from l2scale.lab.estimates import Interval
from l2scale.lab.training import trained_weights
from l2scale.practice.monomials import Monomial

pytestmark = pytest.mark.xdist_group("exhibits")

ROUNDING = 1e-12


@pytest.mark.parametrize("batch", [1, 8, 128])
@pytest.mark.parametrize("samples", [128, 1000])
def test_every_convention_has_the_books_lambda_and_a_misuse_has_the_share_of_it(
    batch: int, samples: int
) -> None:
    for name, form in FORMS.items():
        own = form.own(0.03, batch, samples)
        expected = 0.03 if name in CONVENTIONS else 0.03 * batch / samples
        assert form.book(own, batch, samples) == pytest.approx(expected), name


def test_strengths_and_rates_are_those_of_the_sources() -> None:
    lam, lr, batch, samples = 0.02, 0.1, 8, 256
    expected = {
        "mean": (lam, lr),
        "bengio": (lam * samples, lr / batch),
        "sum": (lam * batch, lr / batch),
        "decay": (2 * lam, lr),
        "sum_decay": (2 * lam * batch, lr / batch),
        "total": (2 * lam * samples, lr / samples),
        "nielsen": (2 * lam * samples, lr),
        "sklearn": (1 / (2 * lam * samples), 2 * lam * lr),
        "mlp": (2 * batch * lam, lr),
    }
    assert set(expected) == set(CONVENTIONS)
    for name, (strength, rate) in expected.items():
        own = CONVENTIONS[name].own(lam, batch, samples)
        assert own == pytest.approx(strength), name
        assert CONVENTIONS[name].rate(lr, own, batch, samples) == pytest.approx(rate), name


def test_the_factor_is_what_an_epoch_of_batches_adds_up_to() -> None:
    """Bengio's penalty, batch after batch, adds up to the whole of it."""
    form, samples = CONVENTIONS["bengio"], 256
    for batch in (1, 8, 128):
        assert form.penalty(3.0, batch, samples) * samples / batch == pytest.approx(3.0)


def test_logistic_regression_rests_where_the_books_objective_does() -> None:
    split = load("breast_cancer", seed=0, n_train=100)
    form = CONVENTIONS["sklearn"]
    c = form.own(0.05, 100, 100)
    fitted = LogisticRegression(C=c, tol=1e-10, max_iter=10_000).fit(split.x_train, split.y_train)
    p = fitted.predict_proba(split.x_train)[:, 1]
    gradient = (p - split.y_train) @ split.x_train / 100
    assert gradient == pytest.approx(-2 * 0.05 * fitted.coef_[0], abs=1e-6)
    assert form.book(c, 100, 100) == pytest.approx(0.05)


def test_mlp_classifier_divides_alpha_by_the_batch() -> None:
    """One step on 20 samples, and on the same 20 twice: the mean loss cannot tell them apart."""
    split = load("digits", seed=0, n_train=20)

    def coefs(alpha: float, copies: int) -> np.ndarray:
        settings = {"hidden_layer_sizes": (4,), "solver": "sgd", "momentum": 0.0}
        settings |= {"nesterovs_momentum": False, "batch_size": 20 * copies, "random_state": 0}
        network = MLPClassifier(alpha=alpha, learning_rate_init=0.1, **settings)
        x, y = np.tile(split.x_train, (copies, 1)), np.tile(split.y_train, copies)
        return network.partial_fit(x, y, classes=np.arange(10)).coefs_[0]

    once, twice = (coefs(8.0, copies) - coefs(0.0, copies) for copies in (1, 2))
    assert np.abs(once).max() > 1e-3
    assert once == pytest.approx(2 * twice, rel=1e-6, abs=1e-12)


def test_every_convention_takes_the_steps_of_the_trainer(result: Result) -> None:
    table = result["walks"].table
    at = SETTINGS["smoke"]
    assert set(table["form"]) == set(FORMS)
    assert set(table["batch_size"]) == set(at["walk_batches"])
    assert table["step"].max() == at["walk_steps"]
    assert largest(table) < ROUNDING
    for form in CONVENTIONS:
        assert (table.loc[table["form"] == form, "deviation"] < ROUNDING).all()


def test_both_misuses_are_one_and_depend_on_the_batch(result: Result) -> None:
    table = result["walks"].table
    columns = ["book_lam", "sq_norm", "deviation"]
    one, other = (table[table["form"] == form].reset_index(drop=True) for form in MISUSES)
    assert np.allclose(one[columns], other[columns], rtol=1e-9, atol=1e-12)
    off = misled(table, "mean_scaled")
    assert list(off) == sorted(off) and min(off.values()) > 0.01
    assert list(off.values()) == sorted(off.values(), reverse=True)
    assert (one["book_lam"] == WALK.lam * one["batch_size"] / WALK.n_train).all()


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_momentum_changes_nothing_and_a_wrong_factor_is_found(momentum: float) -> None:
    run = replace(WALK, steps=20, lr=0.02, momentum=momentum, batch_size=64, seed=3)
    right = [torch.from_numpy(layer[:, :-1]) for layer in trained_weights([run])[0]]
    for form in CONVENTIONS.values():
        (found,) = islice(walk(run, form), 20, None)
        assert deviation(found, right) < ROUNDING
    form = CONVENTIONS["bengio"]
    penalty = form.setting.penalty.times(Monomial(0.5, {}))
    half = replace(form, setting=replace(form.setting, penalty=penalty))
    (found,) = islice(walk(run, half), 20, None)
    assert deviation(found, right) > 1e-3


def test_weights_that_no_data_move_follow_the_decay_of_each_step(result: Result) -> None:
    table = result["kept"].table
    assert unused_off(table) < 1e-3
    assert unused_off(table.assign(unused_1=table["unused_1"] / table["step"])) > 0.1


def test_each_way_keeps_what_it_says(result: Result) -> None:
    table = labelled(result)
    at = SETTINGS["smoke"]
    counts = table.groupby(["arm", "batch_size", "lam"])["seed"].nunique()
    assert (counts == at["seeds"]).all()
    assert counts.groupby(["arm", "batch_size"]).size().nunique() == 1
    assert set(table["arm"]) == set(ARMS)
    table = table.assign(
        eta_t=table["lr"] * table["step"],
        noise=table["lr"] / table["batch_size"],
        epochs=table["step"] * table["batch_size"] / BASE.n_train,
    )
    kept = {"steps": ["step", "lr"], "scaled": ["eta_t", "noise", "epochs"], "epochs": ["lr"]}
    for arm, columns in kept.items():
        rows = table[table["arm"] == arm]
        assert set(rows["batch_size"]) == set(at["batches"])
        assert np.allclose(rows[columns], rows[columns].iloc[0], rtol=1e-9)
    assert (table.loc[table["arm"] == "epochs", "epochs"] == at["epochs"]).all()
    shared = table[table["batch_size"] == REFERENCE].groupby(["lam", "seed"])["val_loss"]
    assert (shared.nunique() == 1).all()
    same, halved = table[table["arm"] == "steps"].iloc[0], result["halved"].table
    assert np.allclose(2 * halved["lr"], same["lr"])
    assert (halved["step"] == 2 * same["step"]).all()
    assert set(halved["batch_size"]) == {at["batches"][0], at["batches"][-1]}
    assert set(halved_table(result)["arm"]) == {"halved"}


def with_power(table: pd.DataFrame, value: float, half: float) -> pd.DataFrame:
    """A table whose powers are given, and whose clocks are short."""
    return table.assign(exponent=value, low=value - half, high=value + half, lam=1e-6)


def test_predictions_are_judged_by_their_intervals(result: Result) -> None:
    table = optimum_table(result)
    assert len(table) == len(ARMS) * len(METRICS) * len(SETTINGS["smoke"]["batches"])
    cases = {(0.0, 0.1): "held", (-0.5, 0.1): "failed", (0.5, 0.1): "failed"}
    cases |= {(-0.5, 0.4): "failed"}  # wide, and excludes 0
    for (value, half), words in cases.items():
        found = with_power(table, value, half)
        assert judged(found, "steps", "error") == judged(found, "scaled", "loss") == words
        rises = "held" if value == 0.5 else "failed"
        assert judged(found, "epochs", "loss") == rises
        assert judged(found.assign(lam=1.0), "epochs", "loss") == "was not asked for"
        # "Below about 1" is the prediction's own bound, and no narrower one.
        almost = found.assign(lam=0.93 / (2 * found["lr"] * found["step"]))
        assert judged(almost, "epochs", "loss") == rises
        assert judged(found.assign(lam=1.0), "steps", "loss") == words
    for arm in ARMS:
        assert judged(with_power(table, 0.0, 0.3), arm, "loss") == "undecided"
        assert judged(with_power(table, np.nan, 0.0), arm, "loss") == "undecided"
    assert "rises at equal steps (power 0.50)" in title(with_power(table, 0.5, 0.1))
    assert "hardly moves at equal epochs and η (0.10)" in title(with_power(table, 0.1, 0.15))
    assert "is left open with η ∝ B (none)" in title(with_power(table, np.nan, 0.0))


def test_the_clock_is_the_decay_of_the_whole_training(result: Result) -> None:
    table = optimum_table(result)
    first, last = (of_arm(table, "epochs", "loss").iloc[place] for place in (0, -1))
    assert clock(table, "epochs", "loss", 0) == pytest.approx(
        2 * BASE.lr * first["lam"] * first["step"]
    )
    assert clock(table, "epochs", "loss", -1) < clock(table, "epochs", "loss", 0)
    assert first["step"] > last["step"]


def test_local_powers_average_to_the_whole_and_the_best_strength_gains(result: Result) -> None:
    (low, high, found), *others = local_powers(result)
    assert (low, high) == SETTINGS["smoke"]["batches"] and not others
    whole = power(optimum_table(result), "epochs", "loss")
    assert found.estimate == pytest.approx(whole.estimate, nan_ok=True)
    rows = labelled(result)
    worst = rows.assign(test_loss=rows["test_loss"] + (rows["lam"] == rows["lam"].min()))
    kept = worst[worst["arm"] == "epochs"]
    parts = {"kept": kept, "scaled": kept.iloc[:0]}
    lifted = replace(
        result,
        measurements={name: replace(result[name], table=rows) for name, rows in parts.items()},
    )
    assert gain_of_largest(lifted).estimate > 0.5


def test_at_equal_rate_times_steps_the_best_strength_by_loss_stays(result: Result) -> None:
    """Equal noise, too; at equal epochs and rate it does not."""
    table = optimum_table(result)
    steps, scaled, epochs = (power(table, arm, "loss") for arm in ("steps", "scaled", "epochs"))
    assert abs(steps.estimate) < 0.2 and abs(scaled.estimate) < 0.1
    assert outcome(scaled) == "held"
    assert epochs.high < 0


def test_costs_say_what_they_are() -> None:
    assert worded(Interval(0.0, 0.0, 0.0, 3), "loss") == "none"
    assert worded(Interval(np.nan, np.nan, np.nan, 3), "error") == "not tried"
    assert "points" in worded(Interval(0.01, 0.0, 0.02, 3), "error")
    assert worded(Interval(0.01, 0.0, 0.02, 3), "loss").endswith("nats")


def valleys(best: dict[tuple[int, int], float]) -> pd.DataFrame:
    """Networks whose validation loss is least at a strength, from (batch size, step) to it."""
    lams = np.geomspace(1e-4, 1, 25)
    rows = [
        {"batch_size": size, "step": step, "epochs": step * size // 256, "lam": lam, "seed": seed}
        | {"val_loss": np.log(lam / (at * (1 + 0.02 * seed))) ** 2, "test_loss": 0.0}
        for (size, step), at in best.items()
        for lam in lams
        for seed in range(4)
    ]
    return pd.DataFrame(rows)


def test_the_largest_batches_are_compared_with_the_smallest_at_the_last_of_both() -> None:
    table = valleys({(8, 64): 0.3, (8, 256): 0.01, (32, 64): 0.02, (32, 256): 0.03, (8, 1024): 0.1})
    steps, epochs = (last_of_both(table, x) for x in AXES)
    assert set(steps["step"]) == {256}
    assert set(epochs["epochs"]) == {32} and set(epochs["step"]) == {256, 1024}
    assert ratio_of_ends(steps, "batch_size", "val_loss")[0] == pytest.approx(3.0)
    assert ratio_of_ends(epochs, "batch_size", "val_loss")[0] == pytest.approx(0.3)
    course = table[table["batch_size"] == 8]
    found, low, high = ratio_of_ends(course, "step", "val_loss")
    assert found == pytest.approx(1 / 3) and low <= found <= high
    edge = valleys({(8, 64): 0.01, (8, 256): 1e-6})
    assert np.isnan(ratio_of_ends(edge, "step", "val_loss")).all()


def test_a_direction_is_what_the_interval_bears() -> None:
    cases = {(0.5, 0.4, 0.6): "falls", (2.0, 1.5, 3.0): "rises", (np.nan,) * 3: "is left open"}
    cases |= {(1.1, 0.9, 1.3): "stays within its interval", (1.0, 0.2, 5.0): "is left open"}
    for bounds, words in cases.items():
        assert direction(Interval(*bounds, n=3)) == words
    assert times(Interval(np.nan, np.nan, np.nan, n=3)) == "unknown times"


def test_the_best_strength_by_loss_rises_with_the_steps(result: Result) -> None:
    """As no clock would have it; with labels as noisy as in training it rises less."""
    table = course_table(result)
    plain, noisy = (ratio(table, "course", metric) for metric in ("loss", "loss_noisy"))
    assert plain.estimate > 1.5 and 0.8 < noisy.estimate < plain.estimate
    small = by(table, "loss").sort_values(["batch_size", "step"])
    small = small[small["batch_size"] == small["batch_size"].min()]
    assert small["lam"].iloc[-1] > small["lam"].iloc[0]
    assert plain.estimate == pytest.approx(small["lam"].iloc[-1] / small["lam"].iloc[0])


def test_the_course_of_training_has_every_look(result: Result) -> None:
    table = course_table(result)
    kept = looks(result)
    seen = kept[["batch_size", "step"]].drop_duplicates()
    assert len(table) == 3 * len(seen)
    same = table[(table["batch_size"] == REFERENCE) & (table["step"] == kept["step"].min())]
    assert (same["epochs"] == SETTINGS["smoke"]["epochs"]).all()


def test_verdicts_rest_on_the_trajectories(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = {"C04": "TRUE", "C08": "FALSE", "C40": "CONDITIONAL"}
    for claim, word in expected.items():
        assert SETTLED[claim].slug == "batches"
        found = SETTLED[claim].function(result)
        assert found.verdict == word and "%" in found.statement
    table = result["walks"].table
    assert not verdicts.apart(table.assign(deviation=0.0))
    assert not verdicts.apart(table.assign(deviation=0.5))
    one = table.assign(deviation=table["deviation"].where(table["form"] != "batch_samples", 0.0))
    lost = replace(result, measurements={"walks": replace(result["walks"], table=one)})
    assert SETTLED["C08"].function(lost).verdict == "OPEN"
    monkeypatch.setattr(verdicts, "apart", lambda table: False)
    assert {SETTLED[claim].function(result).verdict for claim in expected} == {"OPEN"}


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_weight_decay_of_sgd_is_twice_the_strength_of_what_is_summed(reduction: str) -> None:
    run = replace(WALK, steps=1, batch_size=64)
    form = CONVENTIONS["decay" if reduction == "mean" else "sum_decay"]
    own = form.own(run.lam, 64, run.n_train)
    start, _ = walk(run, form)
    w = start[0].clone().requires_grad_()
    optimiser = torch.optim.SGD([w], lr=form.rate(run.lr, own, 64, run.n_train), weight_decay=own)
    w.grad = torch.zeros_like(w)
    optimiser.step()
    assert torch.allclose(w, (1 - 2 * run.lr * run.lam) * start[0], rtol=1e-14)


def adam_trained(
    kind: type[torch.optim.Adam], factor: float, penalty: float, **settings: float
) -> list[torch.Tensor]:
    """Weights of a logistic regression after 20 steps on the mean loss times a factor."""
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(16, 5, generator=rng, dtype=torch.float64)
    y = torch.randint(3, (16,), generator=rng)
    w = torch.full((5, 3), 0.1, dtype=torch.float64, requires_grad=True)
    adam = kind([w], lr=0.01, **settings)
    for _ in range(20):
        adam.zero_grad()
        (factor * (cross_entropy(x @ w, y) + penalty * w.square().sum())).backward()
        adam.step()
    return [w.detach()]


def test_adam_feels_the_factor_through_its_epsilon_alone() -> None:
    one, other = (adam_trained(torch.optim.Adam, f, 0.02, eps=1e-30) for f in (1.0, 64.0))
    assert deviation(other, one) < ROUNDING
    one, other = (adam_trained(torch.optim.Adam, f, 0.02, eps=1e-2) for f in (1.0, 64.0))
    assert deviation(other, one) > 1e-3


def test_adamw_decays_alike_with_a_mean_and_with_a_sum() -> None:
    settings = {"eps": 1e-30, "weight_decay": 0.04}
    one, other = (adam_trained(torch.optim.AdamW, f, 0.0, **settings) for f in (1.0, 64.0))
    assert deviation(other, one) < ROUNDING
    less = adam_trained(torch.optim.AdamW, 1.0, 0.0, eps=1e-30, weight_decay=0.0)
    assert deviation(less, one) > 1e-3
