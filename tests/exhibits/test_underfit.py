"""The claims of the chapter "Why does the larger network underfit?", at smoke scale."""

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.underfit import causes, deeper
from l2scale.exhibits.underfit.causes import (
    causes_table,
    deepest,
    depth_does,
    effect,
    larger_underfits,
    ordered,
    width_ever,
)
from l2scale.exhibits.underfit.larger import ENOUGH, gap, part, title, tuned_gap
from l2scale.exhibits.underfit.room import (
    GUESSES,
    collapse,
    depth_exponent,
    one_path,
    room,
    room_table,
)
from l2scale.exhibits.underfit.sweeps import SETTINGS, arms
from l2scale.exhibits.underfit.tables import ARMS, deeper_table, near_best, wider_table

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
        assert tuned_gap(table, arm).estimate < 0
    slow, patient = (gap(table, arm, 0.0) for arm in ("slower", "slower, longer"))
    assert slow.estimate > patient.estimate


def test_the_title_of_the_wide_ones_follows_the_table(result: Result) -> None:
    table = wider_table(result)
    assert "fits no less closely" in title(table)
    raised = table["train_loss"] + (table["size"] == "large") * 2.0
    assert "can fit less closely" in title(table.assign(train_loss=raised))


def test_strengths_near_the_best_leave_out_the_control() -> None:
    errors = {0.0: 0.01, 0.1: 0.20, 0.2: 0.105, 0.4: 0.10, 0.8: 0.109, 1.6: 0.3}
    rows = pd.DataFrame({"lam": errors.keys(), "val_error": errors.values()})
    assert near_best(rows) == (0.2, 0.4, 0.8)


def test_depth_lowers_the_strength_of_collapse_and_of_the_paths_end(result: Result) -> None:
    found = collapse(room_table(result))
    assert found["any"].is_monotonic_decreasing and found["any"].nunique() > 1
    assert found["path_end"].is_monotonic_decreasing


def test_the_paths_end_is_the_closed_form_of_the_chapter() -> None:
    one = one_path(300, 0)
    for layers in (2, 3, 5, 8):
        product = one.pull / (4 * one.stiffness) * (layers - 2) / (layers - 1)
        expected = one.pull / 4 * layers / (layers - 1) * product ** (1 - 2 / layers)
        assert one.jump(layers)[1] == pytest.approx(expected)
    assert one.jump(10**6)[1] == pytest.approx(one.pull**2 / (16 * one.stiffness), rel=1e-4)


def grid_of(losses: dict[int, list[list[float]]], lams: list[float]) -> pd.DataFrame:
    """A table with the training losses of each depth, strength and seed; errors are parabolas."""
    rows = [
        {"depth": depth, "lam": lam, "seed": seed, "train_loss": loss, "path_end": 0.3}
        | {"val_error": np.log(lam / 0.2) ** 2, "test_loss": 1.0}
        for depth, by_lam in losses.items()
        for lam, seeds in zip(lams, by_lam, strict=True)
        for seed, loss in enumerate(seeds)
    ]
    return pd.DataFrame(rows)


def test_collapse_lies_between_the_last_strength_of_none_and_the_first_of_all() -> None:
    lams, high = [0.1, 0.2, 0.4, 0.8, 1.6], GUESSES + 0.01
    losses = {2: [[1, 1], [1, 1], [1, high], [1, high], [high, high]], 3: [[1, 1]] * 5}
    table = grid_of(losses, lams)
    found = collapse(table)
    assert found.loc[2, ["none", "any", "all"]].tolist() == [0.2, 0.4, 1.6]
    assert found.loc[3, "none"] == 1.6 and found.loc[3, ["any", "all"]].isna().all()
    assert room(table, 2) == pytest.approx(2.0) and np.isnan(room(table, 3))


def test_no_room_and_no_exponent_are_given_for_an_optimum_at_an_edge() -> None:
    lams, high = [0.2, 0.4, 0.8, 1.6], GUESSES + 0.01
    table = grid_of({depth: [[1, 1], [1, 1], [1, 1], [high, high]] for depth in (2, 4)}, lams)
    assert np.isnan(room(table, 2))
    assert np.isnan(depth_exponent(table, "error").estimate)


def test_the_crossing_is_where_the_deeper_loss_passes_the_shallow_one() -> None:
    lams = [0.1, 0.2, 0.4, 0.8]
    table = grid_of({2: [[1.0]] * 4, 3: [[0.5], [0.9], [1.1], [2.0]], 4: [[0.5]] * 4}, lams)
    assert deeper.crossing(table, 3) == pytest.approx(np.sqrt(0.2 * 0.4))
    assert np.isnan(deeper.crossing(table, 4))
    assert "none" in deeper.crossings(table[table["depth"] != 3])


def test_causes_pair_seeds_and_put_the_largest_effect_on_top(result: Result) -> None:
    table = causes_table(result)
    counts = table.groupby(["cause", "choice"]).size()
    assert (counts == SETTINGS["smoke"]["seeds"]).all()
    means = [effect(table, cause, "strong").estimate for cause in ordered(table)]
    assert means == sorted(means, reverse=True)
    wide = wider_table(result)
    for arm in ARMS:
        assert effect(table, arm, "tuned") == tuned_gap(wide, arm)
    two = deeper_table(result)
    lam = deeper.plateau(two)[2]
    assert effect(table, deepest(table), "strong") == deeper.gap(two, 4, lam)


def with_excess(table: pd.DataFrame, **losses: float) -> pd.DataFrame:
    """The table of causes with the excess of some kind and choice set, plus a little by seed."""
    found = table.assign(train_loss=0.001 * table["seed"] - 0.2)
    for which, value in losses.items():
        kind, choice = which.split("_")
        rows = (found["kind"] == kind) & (found["choice"] == choice)
        found.loc[rows, "train_loss"] = value + 0.001 * found["seed"]
    return found


def test_the_verdict_wants_an_excess_of_depth_that_is_not_there_without_a_penalty(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = causes_table(result)

    def verdict(**losses: float) -> str:
        monkeypatch.setattr(causes, "causes_table", lambda _: with_excess(table, **losses))
        return larger_underfits(result).verdict

    assert SETTLED["C39"].slug == "underfit"
    assert verdict(depth_strong=1.0) == "CONDITIONAL"
    assert verdict() == "OPEN"
    assert verdict(depth_strong=1.0, depth_none=0.5) == "OPEN"
    assert verdict(depth_strong=1.0, width_tuned=0.3) == "OPEN"
    assert verdict(depth_strong=1.0, haste_none=0.3) == "CONDITIONAL"


def test_the_title_names_depth_only_where_the_penalty_does_it(result: Result) -> None:
    table = causes_table(result)
    does = with_excess(table, depth_strong=1.0)
    assert depth_does(does) and not width_ever(does)
    assert "4 layers fit worse by 1.0 nats; no wider" in causes.title(does)
    assert "no wider" not in causes.title(with_excess(table, depth_strong=1.0, width_strong=0.5))
    assert "4 layers" not in causes.title(with_excess(table))
