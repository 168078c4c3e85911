"""The claims of the chapter "Why does the larger network underfit?", at smoke scale."""

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.optimisers import BASE
from l2scale.exhibits.outcomes import outcome_of_range
from l2scale.exhibits.underfit import causes, deeper, gradual, larger, optimum, verdict
from l2scale.exhibits.underfit.collapse import (
    GONE,
    PRODUCTS,
    collapse,
    collapse_table,
    depth_exponent,
    fall,
    inside,
    one_path,
)
from l2scale.exhibits.underfit.excesses import (
    by_penalty,
    causes_table,
    deepest,
    depth_does,
    effect,
    ordered,
    underfit_depths,
    width_ever,
)
from l2scale.exhibits.underfit.larger import ENOUGH, above_words, most_above, part
from l2scale.exhibits.underfit.predictions import kept
from l2scale.exhibits.underfit.quoted_depth import LISTED, collapse_numbers, row_numbers
from l2scale.exhibits.underfit.sweeps import SETTINGS, arms
from l2scale.exhibits.underfit.tables import (
    ARMS,
    deeper_table,
    differences,
    excess,
    near_best,
    penalty_excess,
    wider_table,
)
from l2scale.lab.datasets import load
from l2scale.lab.training import initial, train_from
from l2scale.theory.collapse import branch_end
from l2scale.theory.response import slopes
from l2scale.theory.threshold import maxima

pytestmark = pytest.mark.xdist_group("exhibits")


def test_every_arm_has_a_small_and_a_large_network_at_every_strength_and_at_none(
    result: Result,
) -> None:
    table = wider_table(result)
    assert set(table["arm"]) == set(ARMS) == set(arms(SETTINGS["smoke"]))
    for (arm, stage), rows in table.groupby(["arm", "stage"]):
        counts = rows.groupby(["lam", "size"]).size().unstack()
        assert 0.0 in counts.index and len(counts) > 4, (arm, stage)
        assert (counts == SETTINGS["smoke"]["seeds"]).all(axis=None)


def test_the_slower_arms_borrow_the_small_network_of_sgd(result: Result) -> None:
    table = wider_table(result)
    own = part(table, "sgd", "small").drop(columns="arm").reset_index(drop=True)
    for arm in ("slower", "slower, longer"):
        borrowed = part(table, arm, "small").drop(columns="arm").reset_index(drop=True)
        pd.testing.assert_frame_equal(borrowed, own)


@pytest.mark.parametrize("scale", list(SETTINGS))
def test_rate_times_steps_is_kept_where_the_slower_network_trains_longer(scale: str) -> None:
    found = arms(SETTINGS[scale])

    def travelled(arm: str) -> float:
        (product,) = {run.lr * run.layer_lr[0] * run.steps for run in found[arm]}
        return product

    assert travelled("slower, longer") == pytest.approx(travelled("sgd"))
    assert travelled("slower") == pytest.approx(travelled("sgd") / SETTINGS[scale]["factor"])


def test_wider_networks_fit_no_less_closely_and_slow_ones_lag_for_want_of_steps(
    result: Result,
) -> None:
    table = wider_table(result)
    for arm in ENOUGH:
        assert excess(larger.gaps(table, arm), larger.tuned(table, arm)).estimate < 0
    slow, patient = (excess(larger.gaps(table, arm), 0.0) for arm in ("slower", "slower, longer"))
    assert slow.estimate > patient.estimate


def test_the_title_of_the_wide_ones_gives_the_highest_upper_limit(result: Result) -> None:
    table = wider_table(result)
    highest = max(found.high for arm in ENOUGH for found in larger.by_lam(table, arm).values())
    assert most_above(table) == highest
    # A slow network may lag by any amount: it is no arm with enough steps.
    lagging = (table["size"] == "large") & (table["arm"] == "slower")
    assert most_above(table.assign(train_loss=table["train_loss"] + 9.0 * lagging)) == highest
    raised = table.assign(train_loss=table["train_loss"] + 2.0 * (table["size"] == "large"))
    assert most_above(raised) == pytest.approx(highest + 2)
    assert larger.title(raised) != larger.title(table)
    assert "Adam at λ" in above_words(raised)
    lowered = table.assign(train_loss=table["train_loss"] - 9.0 * (table["size"] == "large"))
    assert above_words(lowered) == "nowhere"


def test_strengths_near_the_best_leave_out_the_control() -> None:
    errors = {0.0: 0.01, 0.1: 0.20, 0.2: 0.105, 0.4: 0.10, 0.8: 0.109, 1.6: 0.3}
    rows = pd.DataFrame({"lam": errors.keys(), "val_error": errors.values()})
    assert near_best(rows) == (0.2, 0.4, 0.8)


def test_strengths_near_the_best_reach_the_grids_end_but_leap_over_nothing() -> None:
    errors = {0.1: 0.101, 0.2: 0.2, 0.4: 0.105, 0.8: 0.10, 1.6: 0.109}
    rows = pd.DataFrame({"lam": errors.keys(), "val_error": errors.values()})
    assert near_best(rows) == (0.4, 0.8, 1.6)


def test_differences_are_paired_by_seed_and_strength(result: Result) -> None:
    table = wider_table(result)
    small, large = (part(table, "sgd", size) for size in ("small", "large"))
    found = differences(large.sample(frac=1, random_state=0), small)
    lam = float(found["lam"].max())
    one, other = (
        rows[rows["lam"] == lam].set_index("seed")["train_loss"] for rows in (large, small)
    )
    assert excess(found, lam).estimate == pytest.approx((one - other).mean())
    assert penalty_excess(found, lam).estimate == pytest.approx(
        excess(found, lam).estimate - excess(found, 0.0).estimate
    )


def test_depth_lowers_the_strength_of_collapse_and_of_the_paths_end(result: Result) -> None:
    found = collapse(collapse_table(result))
    assert found["any"].is_monotonic_decreasing and found["any"].nunique() > 1
    assert found["path_end"].is_monotonic_decreasing
    # The loss bends upwards less than its expansion says, but its slope is the lower one at first.
    assert (found["expanded_end"] > found["path_end"]).iloc[-1]


def test_the_expanded_end_is_the_closed_form_of_the_chapter() -> None:
    one, _ = one_path(300, 0)
    for layers in (2, 3, 5, 8):
        product = one.pull / (4 * one.stiffness) * (layers - 2) / (layers - 1)
        expected = one.pull / 4 * layers / (layers - 1) * product ** (1 - 2 / layers)
        assert one.jump(layers)[1] == pytest.approx(expected)
    assert one.jump(10**6)[1] == pytest.approx(one.pull**2 / (16 * one.stiffness), rel=1e-4)


@pytest.mark.parametrize("layers", [2, 3, 8])
def test_the_paths_end_is_where_its_real_cost_loses_its_minimum(layers: int) -> None:
    """Against the loss of the digits itself, descended along a fine grid of products."""
    split = load(BASE.data, seed=0, n_train=300, label_noise=BASE.label_noise)
    g = slopes(split.y_train, split.task)
    units, found = maxima(split.x_train, g, restarts=8)
    unit = units[int(found.argmax())]
    z = np.maximum(split.x_train @ unit / np.linalg.norm(unit), 0)
    v = z @ g / np.linalg.norm(z @ g)
    p = np.linspace(1e-3, 1.5, 1200)
    own = (p[:, None] * z) * v[np.asarray(split.y_train, dtype=int)]
    losses = np.log(np.exp(p[:, None, None] * z[:, None] * v).sum(axis=2)) - own
    end = branch_end(one_path(300, 0)[1], PRODUCTS, layers)
    for factor, stays in ((0.97, True), (1.03, False)):
        cost = losses.mean(axis=1) + factor * end * layers * p ** (2 / layers)
        assert (np.diff(cost) < 0).any() == stays


def grid_of(losses: dict[int, list[list[float]]], lams: list[float]) -> pd.DataFrame:
    """A table with the training losses of each depth, strength and seed; errors are parabolas."""
    rows = [
        {
            "depth": depth,
            "lam": lam,
            "seed": seed,
            "train_loss": loss,
            "path_end": 0.3,
            "expanded_end": 0.9,
        }
        | {"val_error": np.log(lam / 0.2) ** 2, "test_loss": 1.0}
        for depth, by_lam in losses.items()
        for lam, seeds in zip(lams, by_lam, strict=True)
        for seed, loss in enumerate(seeds)
    ]
    return pd.DataFrame(rows)


def test_collapse_lies_between_the_last_strength_of_none_and_the_first_of_all() -> None:
    lams, high = [0.1, 0.2, 0.4, 0.8, 1.6], GONE + 0.01
    losses = {2: [[1, 1], [1, 1], [1, high], [1, high], [high, high]], 3: [[1, 1]] * 5}
    table = grid_of(losses, lams)
    found = collapse(table)
    assert found.loc[2, ["none", "any", "all"]].tolist() == [0.2, 0.4, 1.6]
    assert found.loc[3, "none"] == 1.6 and found.loc[3, ["any", "all"]].isna().all()
    assert inside(table, "path_end") == (1, 1)
    assert inside(table.assign(path_end=0.19), "path_end") == (0, 1)
    assert inside(table.assign(path_end=1.61), "path_end") == (0, 1)


def test_the_fall_of_collapse_is_between_what_the_grid_leaves_open() -> None:
    lams, high = [0.1, 0.2, 0.4, 0.8, 1.6], GONE + 0.01
    falls = {2: [[1]] * 4 + [[high]], 4: [[1], [1]] + [[high]] * 3}
    assert fall(grid_of(falls, lams)) == pytest.approx((4.0, 2.0, 8.0))
    assert "4.0 (2.0 to 8.0)" in optimum.title(grid_of(falls, lams))
    near = {2: [[1]] * 4 + [[high]], 4: [[1]] * 3 + [[high]] * 2}
    assert "falls" not in optimum.title(grid_of(near, lams))
    none = {2: [[1]] * 5, 4: [[1]] * 5}
    assert "falls" not in optimum.title(grid_of(none, lams))


def test_no_exponent_is_given_for_an_optimum_at_an_edge() -> None:
    table = grid_of({depth: [[1, 1]] * 4 for depth in (2, 4)}, [0.2, 0.4, 0.8, 1.6])
    assert np.isnan(depth_exponent(table, "error").estimate)


def test_the_crossing_is_where_the_deeper_loss_passes_the_shallow_one() -> None:
    lams = [0.1, 0.2, 0.4, 0.8]
    losses = {2: [[1.0]] * 4, 3: [[0.5], [0.9], [1.1], [2.0]], 4: [[0.5]] * 4, 5: [[1.5]] * 4}
    table = with_losses(grid_of(losses, lams))
    assert deeper.crossing(table, 3) == pytest.approx(np.sqrt(0.2 * 0.4))
    assert np.isnan(deeper.crossing(table, 4)) and np.isnan(deeper.crossing(table, 5))
    assert "none" in deeper.crossings(table[table["depth"] != 3])
    # A strength at which the deeper network has no loss is left out.
    holed = table.assign(train_loss=table["train_loss"].mask(table["lam"] == 0.2))
    assert deeper.crossing(holed, 3) == pytest.approx(0.1 * 4 ** (0.5 / 0.6))


def with_losses(table: pd.DataFrame) -> pd.DataFrame:
    """With what else a table of differences has."""
    missing = {"val_loss": 1.0, "train_error": 0.1, "test_error": 0.1}
    return table.assign(**missing)


def test_each_seeds_own_pick_is_its_own() -> None:
    table = with_losses(
        grid_of({2: [[1.0, 1.0]] * 3, 3: [[1, 1], [2, 2], [4, 4]]}, [0.1, 0.2, 0.4])
    )
    assert deeper.own_picks(table, 3).estimate == pytest.approx(1.0)
    chosen = (table["seed"] == 1) & (table["lam"] == 0.4)
    moved = table.assign(val_error=table["val_error"].mask(chosen, -1.0))
    assert deeper.own_picks(moved, 3).estimate == pytest.approx((1 + 3) / 2)


def test_a_depth_that_a_scale_lacks_says_so(result: Result) -> None:
    found = row_numbers(deeper_table(result))
    assert set(SETTINGS["smoke"]["depths"]) & set(LISTED) == {4}
    assert found["layers_8_gap"] == "not trained" and "[" in found["layers_4_gap"]
    assert set(SETTINGS["book"]["depths"][1:]) == set(LISTED)


def test_raised_networks_go_on_from_the_weights_found_before(result: Result) -> None:
    table = gradual.gradual_table(result)
    lams = sorted(table["lam"].unique())
    first = [gradual.at_lam(table, way, lams[0]) for way in gradual.WAYS]
    for other in first[1:]:
        pd.testing.assert_series_equal(first[0], other)
    runs = [run for run in gradual.deeper(SETTINGS["smoke"]) if run.lam == lams[0]]
    runs = [run for run in runs if len(run.hidden) == 3]
    weights = initial(runs)
    train_from(runs, weights)
    again = train_from(
        [gradual.replace(run, lam=lams[1], checkpoints=(run.steps,)) for run in runs], weights
    )
    raised = gradual.at_lam(table, "raised", lams[1])
    assert [row["train_loss"] for row in again] == pytest.approx(raised.tolist(), rel=1e-5)
    two = deeper_table(result).query("depth == 2 and lam == @lams[1]").set_index("seed")
    assert gradual.above_two(table, deeper_table(result), lams[1]).estimate == pytest.approx(
        (raised - two["train_loss"]).mean()
    )
    swept = deeper_table(result).query("depth == 4 and lam == @lams[1]").set_index("seed")
    he = gradual.at_lam(table, "he", lams[1])
    assert swept["train_loss"].sort_index().tolist() == pytest.approx(he.tolist(), rel=1e-5)
    steps = table.groupby(["way", "lam"])["step"].first().unstack("way")
    assert (steps["longer"] / steps["he"]).tolist() == list(range(1, len(lams) + 1))


def test_predictions_say_yes_and_no_by_the_table(result: Result) -> None:
    wide, deep, gone = wider_table(result), deeper_table(result), collapse_table(result)
    raised = 9.0 * (wide["size"] == "large")
    above = kept(wide.assign(train_loss=wide["train_loss"] + raised), deep, gone)
    below = kept(wide.assign(train_loss=wide["train_loss"] - raised), deep, gone)
    assert (above["kept_width"], below["kept_width"]) == ("no", "yes")
    assert (above["kept_lag_tuned"], below["kept_lag"]) == ("yes", "no")
    assert (above["kept_adamw"], below["kept_adamw"]) == ("no", "yes")
    far = kept(wide, deep, gone.assign(path_end=9.0, expanded_end=9.0))
    assert far["kept_path"] == far["kept_expanded"] == "no"
    lowest = deep.assign(train_loss=deep["train_loss"] - 9.0 * (deep["depth"] > 2))
    assert kept(wide, lowest, gone)["kept_weak"] == "yes"
    assert kept(wide, lowest, gone)["kept_cross"] == "no"


def test_causes_pair_seeds_and_put_the_largest_effect_on_top(result: Result) -> None:
    table = causes_table(result)
    counts = table.groupby(["cause", "choice"]).size()
    assert (counts == SETTINGS["smoke"]["seeds"]).all()
    means = [effect(table, cause, "strong").estimate for cause in ordered(table)]
    assert means == sorted(means, reverse=True)
    wide = wider_table(result)
    for arm in ARMS:
        assert effect(table, arm, "tuned") == excess(
            larger.gaps(wide, arm), larger.tuned(wide, arm)
        )
    two = deeper_table(result)
    lam = deeper.plateau(two)[2]
    assert effect(table, deepest(table), "strong") == excess(deeper.gaps(two, 4), lam)


def with_excess(table: pd.DataFrame, **losses: float) -> pd.DataFrame:
    """The table of causes with the excess of some kind and choice set, plus a little by seed."""
    found = table.assign(train_loss=0.001 * table["seed"] - 0.2)
    for which, value in losses.items():
        kind, choice = which.split("_")
        rows = (found["kind"] == kind) & (found["choice"] == choice)
        found.loc[rows, "train_loss"] = value + 0.001 * found["seed"]
    return found


def test_the_verdict_wants_an_excess_of_depth_that_is_larger_than_without_a_penalty(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = causes_table(result)

    def found(**losses: float) -> verdict.Verdict:
        monkeypatch.setattr(verdict, "causes_table", lambda _: with_excess(table, **losses))
        return verdict.larger_underfits(result)

    assert SETTLED["C39"].slug == "underfit"
    plainly = found(depth_strong=1.0)
    assert plainly.verdict == "CONDITIONAL"
    assert "exploratory" in plainly.statement and "no depth" in plainly.statement
    # A wider network that is above at some strength is named, and the verdict is not FALSE of it.
    assert f"above 0 under {above_words(wider_table(result))}" in plainly.statement
    assert "Nearly FALSE of a wider network" in plainly.statement
    assert "4 layers (by 0.3" in found(depth_strong=1.0, depth_tuned=0.3).statement
    assert found().verdict == "OPEN"
    assert found(depth_strong=0.4, depth_none=0.5).verdict == "OPEN"
    assert found(depth_strong=1.0, depth_none=0.5).verdict == "CONDITIONAL"
    assert found(depth_strong=1.0, width_tuned=0.3).verdict == "OPEN"
    assert found(depth_strong=1.0, haste_none=0.3).verdict == "CONDITIONAL"


def test_what_the_penalty_adds_is_paired_with_the_control(result: Result) -> None:
    table = with_excess(causes_table(result), depth_strong=1.0, depth_none=0.4, depth_tuned=0.1)
    added = by_penalty(table, deepest(table), "strong")
    # Each seed's own offset is in both and leaves nothing.
    assert (added.low, added.high) == pytest.approx((0.6, 0.6))
    assert underfit_depths(table, "tuned") == []
    assert underfit_depths(table, "strong") == ["depth 4"]


def test_the_title_names_depth_only_where_the_penalty_does_it(result: Result) -> None:
    table = causes_table(result)
    does = with_excess(table, depth_strong=1.0)
    assert depth_does(does) and not width_ever(does)
    assert "4 layers fit worse than two by 1.0 nats; there no wider" in causes.title(does)
    assert "no wider" not in causes.title(with_excess(table, depth_strong=1.0, width_strong=0.5))
    assert "4 layers" not in causes.title(with_excess(table))


def test_a_best_strength_that_falls_with_depth_contradicts_the_rise(result: Result) -> None:
    found = collapse_numbers(collapse_table(result))
    answers = {"held": "yes", "failed": "no", "undecided": "open"}
    for rule in ("loss", "error"):
        became = outcome_of_range(depth_exponent(collapse_table(result), rule), 0, np.inf)
        assert found[f"rises_{rule}"] == answers[became]
