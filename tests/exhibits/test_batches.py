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

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import template_at
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.batches.best import (
    AXES,
    METRICS,
    WAYS,
    all_best,
    direction,
    gain,
    last_of_both,
    looks,
    outcome_of_row,
    ratio_of_ends,
    rows_by_arm,
    unused,
)
from l2scale.exhibits.batches.conventions import CONVENTIONS, FORMS
from l2scale.exhibits.batches.sweeps import BASE, REFERENCE, SETTINGS, WALKS
from l2scale.exhibits.batches.walks import WALK, deviation, trajectory
from l2scale.lab.data.datasets import load
from l2scale.lab.training.trainer import trained_weights
from l2scale.practice.monomials import Monomial

pytestmark = pytest.mark.xdist_group("exhibits")

ROUNDING = 1e-12


def with_rows(result: Result, **frames: pd.DataFrame) -> Result:
    """The result with other rows in some of its measurements."""
    changed = {name: replace(result[name], table=frame) for name, frame in frames.items()}
    return replace(result, measurements={**result.measurements, **changed})


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


def test_every_convention_takes_the_steps_of_the_trainer(tables: Tables) -> None:
    rows = tables["relative"].frame
    assert set(rows["form"]) == set(FORMS) and set(rows["batch_size"]) == set(WALKS)
    assert rows["step"].max() == SETTINGS["smoke"]["walk_steps"]
    converted = rows[rows["form"].isin([*CONVENTIONS])]
    assert converted["deviation"].max() == tables["rounding"].row()["deviation"] < ROUNDING


def test_both_misuses_are_one_and_depend_on_the_batch(tables: Tables) -> None:
    assert tables["rounding"].row()["between"] < ROUNDING
    ends = tables["ends"].frame.query("form in ('mean_scaled', 'batch_samples')")
    for _, rows in ends.groupby("form"):
        assert rows["deviation"].is_monotonic_decreasing and rows["deviation"].min() > 0.01
        np.testing.assert_allclose(
            rows["book_lam"], WALK.lam * rows["batch_size"] / WALK.n_train, rtol=1e-12
        )


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_momentum_changes_nothing_and_a_wrong_factor_is_found(momentum: float) -> None:
    run = replace(WALK, steps=20, lr=0.02, momentum=momentum, batch_size=64, seed=3)
    right = [torch.from_numpy(layer[:, :-1]) for layer in trained_weights([run])[0]]
    for form in CONVENTIONS.values():
        (found,) = islice(trajectory(run, form), 20, None)
        assert deviation(found, right) < ROUNDING
    form = CONVENTIONS["bengio"]
    penalty = form.setting.penalty.times(Monomial(0.5, {}))
    half = replace(form, setting=replace(form.setting, penalty=penalty))
    (found,) = islice(trajectory(run, half), 20, None)
    assert deviation(found, right) > 1e-3


def test_what_was_predicted_of_the_trajectories_can_fail(tables: Tables) -> None:
    off, ends = tables["rounding"].frame, tables["ends"].frame
    for rounding, misled, outcome in (
        (off, ends, "held"),
        (off.assign(deviation=1e-6), ends.assign(kept=ends["batch_size"]), "failed"),
    ):
        found = {"rounding": Table(rounding), "ends": Table(misled)}
        for id in ("same_steps", "fans_out"):
            assert outcomes_of(PREDICTIONS["batches"][id], found) == [outcome]


def test_weights_that_no_data_move_follow_the_decay_of_each_step(result: Result) -> None:
    rows = result["kept"].table
    assert unused(result)["off"].item() < 1e-3
    fading = with_rows(result, kept=rows.assign(unused_1=rows["unused_1"] / rows["step"]))
    assert unused(fading)["off"].item() > 0.1


def test_each_way_keeps_what_it_says(result: Result) -> None:
    at, rows = SETTINGS["smoke"], rows_by_arm(result)
    counts = rows.groupby(["arm", "batch_size", "lam"])["seed"].nunique()
    assert (counts == at["seeds"]).all()
    assert counts.groupby(["arm", "batch_size"]).size().nunique() == 1
    rows = rows.assign(
        eta_t=rows["lr"] * rows["step"],
        noise=rows["lr"] / rows["batch_size"],
        epochs=rows["step"] * rows["batch_size"] / BASE.n_train,
    )
    kept = {"steps": ["step", "lr"], "scaled": ["eta_t", "noise", "epochs"]}
    kept |= {"epochs": ["lr", "epochs"], "halved": ["step", "lr"]}
    assert set(rows["arm"]) == set(kept) == set(WAYS)
    for arm, columns in kept.items():
        own = rows[rows["arm"] == arm]
        assert set(own["batch_size"]) == set(at["batches"])
        assert np.allclose(own[columns], own[columns].iloc[0], rtol=1e-9)
    assert (rows.loc[rows["arm"] == "epochs", "epochs"] == at["epochs"]).all()
    three = rows[(rows["batch_size"] == REFERENCE) & (rows["arm"] != "halved")]
    assert (three.groupby(["lam", "seed"])["val_loss"].nunique() == 1).all()
    same, halved = (rows[rows["arm"] == arm].iloc[0] for arm in ("steps", "halved"))
    assert (2 * halved["lr"], halved["step"]) == (same["lr"], 2 * same["step"])


@pytest.mark.parametrize(
    ("value", "half", "stays", "rises"),
    [
        (0.0, 0.1, "held", "failed"),
        (-0.5, 0.1, "failed", "failed"),
        (0.5, 0.1, "failed", "held"),
        (-0.5, 0.4, "failed", "failed"),  # wide, and excludes 0
        (0.0, 0.3, "undecided", "undecided"),
        (np.nan, 0.0, "undecided", "undecided"),
    ],
)
def test_predictions_are_judged_by_their_intervals(
    value: float, half: float, stays: str, rises: str
) -> None:
    row = {"exponent": value, "low": value - half, "high": value + half}
    for arm in ("steps", "scaled", "halved"):
        assert outcome_of_row(pd.Series(row | {"arm": arm, "short": "no"})) == stays
    assert outcome_of_row(pd.Series(row | {"arm": "epochs", "short": "yes"})) == rises
    assert outcome_of_row(pd.Series(row | {"arm": "epochs", "short": "no"})) == "was not asked for"


def test_the_clock_is_the_decay_of_the_whole_training(tables: Tables) -> None:
    row = tables["powers"].row(arm="epochs", metric="loss")
    first, last = (
        tables["best"].row(arm="epochs", metric="loss", batch_size=size) for size in ("min", "max")
    )
    assert row["clock_small"] == pytest.approx(2 * BASE.lr * first["lam"] * first["step"])
    assert row["clock_large"] == last["clock"] < row["clock_small"]
    assert row["short"] == ("yes" if last["clock"] < 1 else "no")
    assert row["excess"] == last["excess"] and first["excess_note"] == "the same λ"


def test_local_powers_average_to_the_whole_and_the_best_strength_gains(
    result: Result, tables: Tables
) -> None:
    (found,) = tables["local"].frame.to_dict("records")
    assert (found["x_low"], found["x_high"]) == SETTINGS["smoke"]["batches"]
    whole = tables["powers"].row(arm="epochs", metric="loss")
    assert found["exponent"] == pytest.approx(whole["exponent"], nan_ok=True)
    rows = result["kept"].table
    worst = rows.assign(test_loss=rows["test_loss"] + (rows["lam"] == rows["lam"].min()))
    assert gain(with_rows(result, kept=worst))["estimate"].item() > 0.5


def test_at_equal_rate_times_steps_the_best_strength_by_loss_stays(tables: Tables) -> None:
    """Equal noise, too; at equal epochs and rate it does not."""
    assert len(all_best(tables.result)) == len(WAYS) * len(METRICS) * 2
    steps, scaled, epochs = (
        tables["powers"].row(arm=arm, metric="loss") for arm in ("steps", "scaled", "epochs")
    )
    assert abs(steps["exponent"]) < 0.2 and abs(scaled["exponent"]) < 0.1
    assert scaled["outcome"] == "held" and epochs["high"] < 0


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
    assert ratio_of_ends(steps, "batch_size", "val_loss")["ratio"] == pytest.approx(3.0)
    assert ratio_of_ends(epochs, "batch_size", "val_loss")["ratio"] == pytest.approx(0.3)
    course = table[table["batch_size"] == 8]
    found = ratio_of_ends(course, "step", "val_loss")
    assert found["ratio"] == pytest.approx(1 / 3) and found["low"] <= 1 / 3 <= found["high"]
    edge = valleys({(8, 64): 0.01, (8, 256): 1e-6})
    assert np.isnan([*ratio_of_ends(edge, "step", "val_loss").values()]).all()


def test_a_direction_is_what_the_interval_bears() -> None:
    cases = {(0.4, 0.6): "falls", (1.5, 3.0): "rises", (np.nan, np.nan): "is left open"}
    cases |= {(0.9, 1.3): "stays within its interval", (0.2, 5.0): "is left open"}
    for (low, high), words in cases.items():
        assert direction(pd.Series({"low": low, "high": high})) == words


def test_the_best_strength_by_loss_rises_with_the_steps(tables: Tables) -> None:
    """As no clock would have it; with labels as noisy as in training it rises less."""
    plain, noisy = (
        tables["ratios"].row(along="course", metric=metric) for metric in ("loss", "loss_noisy")
    )
    assert plain["ratio"] > 1.5 and 0.8 < noisy["ratio"] < plain["ratio"]
    first, last = (
        tables["course"].row(metric="loss", batch_size="min", step=step) for step in ("min", "max")
    )
    assert plain["ratio"] == pytest.approx(last["lam"] / first["lam"]) == last["course_ratio"]
    share = np.log(noisy["ratio"]) / np.log(plain["ratio"])
    assert noisy["of_loss"] == pytest.approx(share) and plain["of_loss"] == 1


def test_the_course_of_training_has_every_look(result: Result, tables: Tables) -> None:
    rows, kept = tables["course"].frame, looks(result)
    assert len(rows) == 3 * len(kept[["batch_size", "step"]].drop_duplicates())
    same = rows[(rows["batch_size"] == REFERENCE) & (rows["step"] == kept["step"].min())]
    assert (same["epochs"] == SETTINGS["smoke"]["epochs"]).all()


def test_verdicts_rest_on_the_trajectories(tables: Tables) -> None:
    off, ends = tables["rounding"].frame, tables["ends"].frame
    one = ends["deviation"].where(ends["form"] != "batch_samples", 0.0)
    cases = [
        (off, ends, True),
        (off.assign(deviation=0.5), ends, False),
        (off.assign(between=0.5), ends, False),
        (off, ends.assign(deviation=0.0), False),
        (off, ends.assign(deviation=one), False),
    ]
    for claim, verdict in {"C04": "TRUE", "C08": "FALSE", "C40": "CONDITIONAL"}.items():
        assert SETTLED[claim].slug == "batches"
        for rounding, misled, told in cases:
            found = {"rounding": Table(rounding), "ends": Table(misled)}
            assert SETTLED[claim].function(found) == (verdict if told else "OPEN")
        assert template_at("batches", claim, verdict) and template_at("batches", claim, "OPEN")


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_weight_decay_of_sgd_is_twice_the_strength_of_what_is_summed(reduction: str) -> None:
    run = replace(WALK, steps=1, batch_size=64)
    form = CONVENTIONS["decay" if reduction == "mean" else "sum_decay"]
    own = form.own(run.lam, 64, run.n_train)
    start, _ = trajectory(run, form)
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
