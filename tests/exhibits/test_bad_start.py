"""The claims of the chapter "Decay from a bad start", at smoke scale."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.bad_start import (
    by_epoch,
    course,
    draws,
    ends,
    kurtosis,
    minima,
    movement,
    published,
    share,
    start_forces,
    verdicts,
)
from l2scale.exhibits.bad_start.by_epoch import by_epoch_table
from l2scale.exhibits.bad_start.course import long_table
from l2scale.exhibits.bad_start.minima import ends_table
from l2scale.exhibits.bad_start.movement import movements
from l2scale.exhibits.bad_start.published import published_table
from l2scale.exhibits.bad_start.quoted_published import record_numbers
from l2scale.exhibits.bad_start.share import share_table
from l2scale.exhibits.bad_start.start_forces import starts_table
from l2scale.exhibits.bad_start.sweeps import BATCH, SETTINGS, SIGMOIDS, book_lambda, images
from l2scale.exhibits.bad_start.tables import (
    EARLY,
    at_end,
    at_epoch,
    batch_force,
    decay_table,
    learned,
    part,
    ratios,
)
from l2scale.lab.batches import split_of
from l2scale.lab.datasets import load
from l2scale.lab.training import initial
from l2scale.theory.epochs import epoch_factor, relative_error

pytestmark = pytest.mark.xdist_group("exhibits")


def test_all_six_claims_are_settled_here() -> None:
    found = {claim for claim, row in SETTLED.items() if row.slug == "bad_start"}
    assert found == {f"C{number}" for number in range(41, 47)}


def test_a_batchs_force_is_that_of_batches_without_replacement() -> None:
    """Against random batches of drawn gradients."""
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((40, 3)) + 0.5
    row = pd.DataFrame({
        "data_force_1": [np.linalg.norm(gradients.mean(axis=0))],
        "sample_force_1": [np.sqrt(np.square(gradients).sum(axis=1).mean())],
        "n_train": [40], "batch_size": [BATCH],
    })  # fmt: skip
    batches = [rng.choice(40, BATCH, replace=False) for _ in range(20_000)]
    drawn = np.mean([np.square(gradients[batch].mean(axis=0)).sum() for batch in batches])
    assert batch_force(row, 1)[0] == pytest.approx(np.sqrt(drawn), rel=0.01)


def test_one_sample_and_all_samples_bound_a_batchs_force(result: Result) -> None:
    table = result["decay"].table
    for layer in (1, 2):
        force = batch_force(table, layer)
        assert (force >= table[f"data_force_{layer}"] * (1 - 1e-6)).all()
        assert (force <= table[f"sample_force_{layer}"] * (1 + 1e-6)).all()


def test_decay_equals_the_first_gradient_at_a_strength_without_a_width_in_it(
    result: Result,
) -> None:
    table = starts_table(result)
    held, of = start_forces.inside(table)
    assert held == of == 2 * len(SETTINGS["smoke"]["start_widths"])
    assert max(start_forces.off(table).values()) < 0.3
    # Widths differ by a factor of four; a force that went with their root would move by two.
    assert start_forces.moved(table) < 50
    assert start_forces.equality(table, 2) > 2 * start_forces.equality(table, 1)
    assert start_forces.equality(table, 1) > 100 * start_forces.HIS


def test_a_mean_outside_its_bounds_is_counted_out(result: Result) -> None:
    table = starts_table(result)
    widest = table["width"] == table["width"].max()
    moved = table.assign(equal_1=table["equal_1"].mask(widest, 2 * table["predicted_1"]))
    assert start_forces.inside(moved)[0] == start_forces.inside(table)[0] - 1


def test_decay_is_a_larger_share_of_an_epoch_than_of_its_steps_and_grows(result: Result) -> None:
    table = share_table(result)
    learns = share.learning(table)[-1]
    assert learns < max(ratios(table))
    assert learns == max(learned(decay_table(result)))
    for measure in ("peak", "net"):
        shares = [share.share(table, ratio, measure).estimate for ratio in ratios(table)]
        assert shares == sorted(shares)
        assert (
            share.share(table, learns, measure, 2).estimate
            < share.share(table, learns, measure).estimate
        )
    for ratio in ratios(table):
        assert (
            share.share(table, ratio, "net").estimate > share.share(table, ratio, "peak").estimate
        )


def test_the_peak_is_in_the_first_epoch_and_the_mean_over_time(result: Result) -> None:
    rows = part(decay_table(result), 1e-2)
    moved = rows.assign(share_1=rows["share_1"].mask(rows["epoch"] > 1, 0.99))
    assert share.shares(moved, 1)["peak"].equals(share.shares(rows, 1)["peak"])
    linear = rows.assign(share_1=rows["epoch"] / 10)
    assert share.shares(linear, 1)["mean"].to_numpy() == pytest.approx(EARLY / 20)


def test_net_movement_is_all_decay_where_gradients_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    """An epoch in which the data move nothing, and one without decay."""
    at = {"n": 200, "width": 4, "seeds": 2}
    found = movements(**at, ratios=(0.0, 1e-2))
    assert (found.loc[found["ratio"] == 0, "net"] == 0).all()
    left = epoch_factor(SIGMOIDS.lr, book_lambda(1e-2), 200 // BATCH)
    monkeypatch.setattr(
        movement, "trained_weights",
        lambda runs: [[left * layer[r].numpy() for layer in initial(runs)]
                      for r in range(len(runs))],
    )  # fmt: skip
    assert movements(**at, ratios=(1e-2,))["net"].to_numpy() == pytest.approx(1, abs=1e-6)


def test_the_verdict_on_first_epochs_wants_a_strength_at_which_decay_is_most(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = share_table(result)

    def found(changed: pd.DataFrame) -> str:
        monkeypatch.setattr(share, "share_table", lambda _: changed)
        return share.first_epochs_are_decay(result).verdict

    assert found(table) == "CONDITIONAL"
    assert found(table.assign(net=0.1)) == "OPEN"
    assert found(table.assign(learns=False)) == "OPEN"


def test_an_epoch_of_decay_is_exact_for_weights_on_blank_pixels(result: Result) -> None:
    table = by_epoch_table(result)
    blank = np.ptp(load(SIGMOIDS.data, seed=0, n_train=SETTINGS["smoke"]["n"]).x_train, axis=0) == 0
    assert blank.any()
    for row in table.itertuples():
        expected = epoch_factor(row.lr, row.lam, row.batches) ** row.epoch
        assert row.dead == pytest.approx(expected, rel=1e-3)
    assert by_epoch.misses_exact(table) < 1e-4


def test_the_exponential_is_within_a_percent_at_all_but_the_largest_strength(
    result: Result,
) -> None:
    table = by_epoch_table(result)
    assert by_epoch.close(table) == ratios(table)[:-1]
    worst = ratios(table)[-1]
    leading = relative_error(*by_epoch.of(table, worst))
    assert by_epoch.excess(table, worst) == pytest.approx(leading, rel=0.1)
    assert leading > by_epoch.CLOSE


def test_decay_rules_the_size_of_the_first_layer_before_it_rules_its_steps(result: Result) -> None:
    table = by_epoch_table(result)
    learns = max(learned(decay_table(result)))
    live, dead = (by_epoch.after_one(table, learns, size).estimate for size in ("live", "dead"))
    assert 0.9 < np.log(live) / np.log(dead) <= 1.05


def test_blank_pixels_forget_at_the_rate_of_the_schedule(result: Result) -> None:
    table, at = decay_table(result), SETTINGS["smoke"]
    for ratio in ratios(table)[:2]:
        step, steps = 2 * SIGMOIDS.lr * book_lambda(ratio), at["steps"]
        logs = sum(
            part * steps * math.log1p(-factor * step)
            for part, factor in ((0.5, 1), (0.25, 0.1), (0.25, 0.01))
        )
        assert course.kept(table, ratio) == pytest.approx(math.exp(logs), rel=1e-3)


def test_the_verdict_on_vanishing_decay_follows_the_balance(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = long_table(result)
    level = table.assign(force_ratio_1=1.0, force_ratio_2=1.01, rms_1=table["ratio"] + 1)

    def found(changed: pd.DataFrame) -> str:
        monkeypatch.setattr(verdicts, "long_table", lambda _: changed)
        return verdicts.decay_vanishes(result).verdict

    assert found(level) == "FALSE"
    assert found(level.assign(force_ratio_2=1.2)) == "OPEN"
    # Decay that fades while the network learns on leaves both its force and the ratio near 0.
    faint = level.assign(force_ratio_1=0.01, force_ratio_2=0.01)
    assert found(faint) == "OPEN"
    late = faint["step"] > 0
    force = faint["penalty_force_1"].mask(late, 1e-3 * faint["penalty_force_1"])
    assert found(faint.assign(penalty_force_1=force)) == "TRUE"


def test_the_verdict_on_the_small_start_wants_one_size_at_each_strength_and_not_at_all(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = long_table(result)

    def found(sizes: pd.Series) -> str:
        monkeypatch.setattr(verdicts, "long_table", lambda _: table.assign(rms_1=sizes))
        return verdicts.decay_imitates_the_small_start(result).verdict

    assert found((table["ratio"] + 1e-4) ** -0.5) == "CONDITIONAL"
    assert found(0.125 + 0 * table["ratio"]) == "OPEN"
    assert found(table["rms_1"] * (1 + (table["init"] == "normal"))) == "OPEN"


def test_the_strength_of_the_small_starts_size_is_interpolated(result: Result) -> None:
    table = long_table(result)
    steep = table.assign(rms_1=0.0125 / (10 * table["ratio"].replace(0, 1)))
    assert verdicts.crossing(steep) == "by interpolation at 0.01 alone"
    assert verdicts.crossing(steep.assign(rms_1=1.0)).startswith("at none")


def test_the_memory_of_a_start_is_the_sum_of_the_steps(result: Result) -> None:
    table = long_table(result)
    for ratio in ratios(table)[:3]:
        left = math.exp(-course.memory(table, ratio))
        assert course.kept(table, ratio) == pytest.approx(left, rel=0.01)


def test_a_start_is_forgotten_faster_under_a_stronger_penalty(result: Result) -> None:
    table = decay_table(result)
    gaps = [course.ends_ratio(table, ratio).estimate for ratio in learned(table)[:4]]
    assert len(gaps) == 4 and gaps == sorted(gaps, reverse=True)
    rows = part(table, learned(table)[-1])
    assert at_end(rows)["rms_1"].mean() < at_epoch(rows, 0)["rms_1"].mean()


def test_at_the_minimum_weights_pay_for_what_they_gain(result: Result) -> None:
    table = ends_table(result)
    assert (table["norm"] < table["bound"]).all()
    assert (table["rms"] * table["weights"] ** 0.5).to_numpy() == pytest.approx(table["norm"])
    assert table["constants"].between(3.0, 3.26).all()  # ten even classes: 10 h(0.1) = 3.251


def test_weights_end_nearer_to_the_books_size_than_to_the_threads(result: Result) -> None:
    table = ends_table(result)
    for ratio in minima.listed(table):
        assert minima.exponent(table, ratio).low > ends.NEARER
        assert minima.widest(table, ratio, "norm").estimate > 5
    norms = [minima.widest(table, ratio, "norm").estimate for ratio in minima.listed(table)]
    assert norms == sorted(norms, reverse=True)
    assert ends.weights_end_at_one_over_their_number(result).verdict == "FALSE"


def test_the_exponent_is_of_the_table(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    table = ends_table(result)
    threads = table.assign(rms=table["weights"] ** (0.01 * (table["seed"] - 0.5) - 1))
    assert minima.exponent(threads, 1e-2).estimate == pytest.approx(-1)
    monkeypatch.setattr(ends, "ends_table", lambda _: threads)
    assert ends.weights_end_at_one_over_their_number(result).verdict == "TRUE"
    monkeypatch.setattr(ends, "ends_table", lambda _: threads.assign(rms=50 * threads["rms"]))
    assert ends.weights_end_at_one_over_their_number(result).verdict == "OPEN"


def test_local_exponents_are_those_of_each_doubling(result: Result) -> None:
    table = ends_table(result)
    bent = table.assign(rms=table["width"].map({4: 1.0, 8: 0.7, 16: 0.2}))
    weights = sorted(table["weights"].unique())
    found = [each.estimate for each in minima.local(bent, 1e-2)]
    assert found[0] == pytest.approx(np.log(0.7) / np.log(weights[1] / weights[0]))
    assert found[1] == pytest.approx(np.log(2 / 7) / np.log(weights[2] / weights[1]))
    assert minima.nearing(bent) == 0
    assert minima.nearing(table.assign(rms=table["weights"] ** -0.5)) == 3


def test_the_imbalance_is_that_of_the_worst_run(result: Result) -> None:
    table = ends_table(result).assign(force_ratio_1=1.0, force_ratio_2=1.0)
    table.loc[0, "force_ratio_2"] = 0.5
    assert minima.imbalance(table) == pytest.approx(0.5)


@pytest.mark.parametrize("activation", draws.ACTIVATIONS)
def test_excess_kurtosis_is_that_of_a_mixture_and_falls_as_one_over_the_width(
    result: Result, activation: str
) -> None:
    table = result["preactivations"].table
    means = kurtosis.of(table, activation).groupby("width").mean(numeric_only=True)
    assert means["kurtosis"].to_numpy() == pytest.approx(means["predicted"], rel=0.15)
    assert -1.0 in kurtosis.slope(table, activation)
    assert abs(kurtosis.slope(table, activation).estimate + 1) < kurtosis.NEAR
    assert means["outside"].is_monotonic_decreasing
    assert means["outside"].iloc[-1] < 3 * kurtosis.NORMAL_TAIL


def test_one_product_of_normals_has_excess_kurtosis_six(result: Result) -> None:
    table = result["preactivations"].table
    assert draws.predicted("linear", 4.0, 1) == pytest.approx(6)
    assert 6.0 in kurtosis.at(table, "linear", 1, "kurtosis")


def test_first_layer_inputs_have_the_law_that_is_drawn_from() -> None:
    """Against first-layer weights and biases as a network draws them."""
    runs = [replace(SIGMOIDS, hidden=(2000,), n_train=200)]
    first = initial(runs)[0][0].double().numpy()
    image = np.asarray(split_of(runs[0]).x_train)[0]
    z = first[:, :-1] @ image + first[:, -1]
    assert z.std() == pytest.approx(draws.spread_of(0), rel=0.06)
    drawn = draws.second_layer(np.random.default_rng(0), z.std(), 20_000, (1, 8))["sigmoid"]
    assert drawn.shape == (20_000, 2)
    assert drawn[:, 1].var() == pytest.approx(8 * np.mean(expit(z) ** 2), rel=0.06)


def test_the_record_of_nielsen_is_consistent() -> None:
    assert len(published.RECORD) == 4
    for row in published.RECORD:
        assert row.last < row.first < 0.2
    for width in (30, 100):
        errors = {row.init: row.first for row in published.RECORD if row.width == width}
        assert errors["lecun"] < errors["normal"]
    assert record_numbers()["his_left"] == f"{math.exp(-1.5):.0%}"


def test_orders_follow_the_table(result: Result) -> None:
    table = published_table(result)
    slower = table.assign(val_error=0.1 + 0.5 * (table["init"] == "normal"))
    assert published.orders(slower) == "the published order"
    assert "50.0 points behind" in published.title(slower)
    faster = table.assign(val_error=0.6 - 0.5 * (table["init"] == "normal"))
    assert published.orders(faster) == "the reverse of the published order"
    assert "50.0 points ahead" in published.title(faster)
    noisy = table.assign(val_error=0.1 + 0.1 * ((table["seed"] + (table["init"] == "normal")) % 2))
    assert published.orders(noisy).startswith("neither")
    assert "level" in published.title(noisy)


def test_starts_are_level_by_intervals_inside_the_margin(result: Result) -> None:
    table = published_table(result)
    assert published.level(table.assign(val_error=0.1))
    assert not published.level(table.assign(val_error=0.1 + 0.02 * (table["init"] == "normal")))


@pytest.mark.parametrize("scale", ["smoke", "book", "full"])
def test_data_sets_have_a_name_for_the_page(scale: str) -> None:
    assert images(scale)[0] in published.DATA
