"""The claims of the chapter "Why does the larger network underfit?", at smoke scale."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.optimisers import BASE
from l2scale.exhibits.underfit import collapse as collapses
from l2scale.exhibits.underfit.collapse import GONE, PRODUCTS, collapse, one_path
from l2scale.exhibits.underfit.excess import LISTED, crossing_strength, large_less_small
from l2scale.exhibits.underfit.networks import ARMS, deeper, near_best, picks
from l2scale.exhibits.underfit.sweeps import SETTINGS, cause_runs, depth_runs
from l2scale.lab.data.datasets import load
from l2scale.lab.training.trainer import initial, train_from
from l2scale.theory.collapse import branch_end
from l2scale.theory.response import slopes
from l2scale.theory.threshold import maxima

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "underfit"


def said(tables: Tables, *path: str) -> str:
    return fill(template_at(SLUG, *path), tables, SLUG)


def outcome(tables: Tables, id: str) -> set[str]:
    return set(outcomes_of(PREDICTIONS[SLUG][id], tables))


def added(result: Result, more: float, name: str, query: str) -> Tables:
    """The tables of a result whose networks have that much more training loss."""
    networks = result[name].table
    losses = networks["train_loss"].mask(networks.eval(query), networks["train_loss"] + more)
    changed = replace(result[name], table=networks.assign(train_loss=losses))
    return Tables(Result(result.slug, result.scale, {**result.measurements, name: changed}))


def test_every_arm_has_a_small_and_a_large_network_at_every_strength_and_at_none(
    tables: Tables,
) -> None:
    table = tables["wider"].frame
    assert set(table["arm"]) == set(ARMS) == set(cause_runs(SETTINGS["smoke"]))
    for (arm, stage), rows in table.groupby(["arm", "stage"]):
        counts = rows.groupby(["lam", "size"]).size().unstack()
        assert 0.0 in counts.index and len(counts) > 4, (arm, stage)
        assert (counts == SETTINGS["smoke"]["seeds"]).all(axis=None)
    small = table[table["size"] == "small"].drop(columns="name").set_index("arm")
    for arm in ("slower", "slower, longer"):  # they borrow the small network of SGD
        own, borrowed = (small.loc[name].reset_index(drop=True) for name in ("sgd", arm))
        pd.testing.assert_frame_equal(borrowed, own)


@pytest.mark.parametrize("scale", list(SETTINGS))
def test_rate_times_steps_is_kept_where_the_slower_network_trains_longer(scale: str) -> None:
    travelled = {}
    for arm, runs in cause_runs(SETTINGS[scale]).items():
        (travelled[arm],) = {run.lr * run.layer_lr[0] * run.steps for run in runs}
    assert travelled["slower, longer"] == pytest.approx(travelled["sgd"])
    assert travelled["slower"] == pytest.approx(travelled["sgd"] / SETTINGS[scale]["factor"])


def test_wider_networks_fit_no_less_closely_and_slow_ones_lag(tables: Tables) -> None:
    effects = tables["effects"].frame
    wide = effects.query("kind == 'width' and choice == 'tuned'")
    assert len(wide) == 5 and (wide["delta"] < 0).all()
    free = effects[effects["choice"] == "none"].set_index("cause")["delta"]
    assert free["slower"] > free["slower, longer"]


def test_wide_networks_that_are_above_are_named_with_the_highest_upper_limit(
    result: Result, tables: Tables
) -> None:
    def highest(found: Tables) -> float:
        return found["by_lam"].frame.query("kind == 'width'")["high"].max()

    # A slow network may lag by any amount: it is no arm with enough steps.
    slow = added(result, 9.0, "wider", "layer_lr == '0.5-0.5' and steps == 120")
    assert highest(slow) == highest(tables) and outcome(slow, "lag") == {"held"}
    raised = added(result, 2.0, "wider", "width > 8")
    assert highest(raised) == pytest.approx(highest(tables) + 2)
    title = ("larger-at-same-lambda", "title")
    assert said(raised, *title) != said(tables, *title)
    assert "Adam at λ" in said(raised, "prose", "above")
    assert said(added(result, -9.0, "wider", "width > 8"), "prose", "above") == "nowhere"


def test_strengths_near_the_best_leave_out_the_control_and_leap_over_nothing() -> None:
    for errors, expected in (
        ({0.0: 0.01, 0.1: 0.2, 0.2: 0.105, 0.4: 0.1, 0.8: 0.109, 1.6: 0.3}, (0.2, 0.4, 0.8)),
        ({0.1: 0.101, 0.2: 0.2, 0.4: 0.105, 0.8: 0.1, 1.6: 0.109}, (0.4, 0.8, 1.6)),
    ):
        rows = pd.DataFrame({"lam": errors.keys(), "val_error": errors.values()})
        assert near_best(rows) == expected


def test_differences_are_paired_by_seed_and_strength(tables: Tables) -> None:
    wide = tables["wider"].frame.query("arm == 'sgd' and stage == 'end'")
    small, large = (wide[wide["size"] == size] for size in ("small", "large"))
    found = large_less_small(large.sample(frac=1, random_state=0), small)
    by_lam = found.pivot(index="seed", columns="lam", values="train_loss")
    one, other = (
        rows.pivot(index="seed", columns="lam", values="train_loss") for rows in (large, small)
    )
    pd.testing.assert_frame_equal(by_lam, one - other)
    row = tables["effects"].row(cause="sgd", choice="strong")
    more = by_lam[row["lam"]] - by_lam[0.0]  # what the penalty adds is paired with the control
    assert row["added"] == pytest.approx(more.mean())
    assert row["added_high"] - row["added_low"] == pytest.approx(2 * 4.3027 * more.sem(), rel=1e-3)


def test_causes_pair_seeds(tables: Tables) -> None:
    counts = tables["causes"].frame.groupby(["cause", "choice"]).size()
    assert (counts == SETTINGS["smoke"]["seeds"]).all()
    deep = tables["deeper"].frame
    strong = near_best(deep[deep["depth"] == 2])[2]
    deepest = tables["effects"].row(reach="deepest", choice="strong")
    assert (deepest["depth"], deepest["lam"]) == (4, strong)
    assert deepest["delta"] == tables["by_lam"].row(kind="depth", lam=strong)["delta"]


def test_depth_lowers_the_strength_of_collapse_and_of_the_paths_end(tables: Tables) -> None:
    found = tables["collapses"].frame
    assert found["any"].is_monotonic_decreasing and found["any"].nunique() > 1
    assert found["path_end"].is_monotonic_decreasing
    # The loss bends upwards less than its expansion says, but its slope is the lower one at first.
    assert found["high"].iloc[-1] > 0


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


LAMS, HIGH = (0.1, 0.2, 0.4, 0.8, 1.6), GONE + 0.01


def grid_of(losses: dict[int, list[list[float]]]) -> pd.DataFrame:
    """A table with the training losses of each depth, strength and seed; errors are parabolas."""
    ends = {"path_end": 0.3, "expanded_end": 0.9}
    return pd.DataFrame(
        {"depth": depth, "lam": lam, "seed": seed, "train_loss": loss}
        | {"val_error": np.log(lam / 0.2) ** 2, "val_loss": lam, "test_loss": 1.0}
        | ends
        for depth, by_lam in losses.items()
        for lam, seeds in zip(LAMS, by_lam, strict=True)
        for seed, loss in enumerate(seeds)
    )


def of_paths(monkeypatch: pytest.MonkeyPatch, result: Result, paths: pd.DataFrame) -> Tables:
    """The tables of the collapse, from other networks."""
    monkeypatch.setattr(collapses, "paths", lambda _: paths)
    return Tables(Result(result.slug, result.scale, dict(result.measurements)))


def test_collapse_lies_between_the_last_strength_of_none_and_the_first_of_all(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = {2: [[1, 1], [1, 1], [1, HIGH], [1, HIGH], [HIGH, HIGH]], 3: [[1, 1]] * 5}
    table = grid_of(losses)
    found = collapse(table)
    assert found.loc[2, ["none", "any", "all"]].tolist() == [0.2, 0.4, 1.6]
    assert found.loc[3, "none"] == 1.6 and found.loc[3, ["any", "all"]].isna().all()
    for end, place, words in (
        (0.3, "inside", "1 of 1"), (0.19, "outside", "0 of 1"), (1.61, "outside", "0 of 1")
    ):  # fmt: skip
        changed = of_paths(monkeypatch, result, table.assign(path_end=end))
        assert list(changed["collapses"].frame["path"]) == [place, "unknown"]
        assert said(changed, "prose", "path_inside") == words
        assert outcome(changed, "path") == {"held" if place == "inside" else "failed"}


def test_the_fall_of_collapse_is_between_what_the_grid_leaves_open(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    for gone, words, first in (
        (3, "falls by a factor 4.0", "held"),
        (2, "Best λ and the strength", "held"),
        (1, "Best λ and the strength", "undecided"),
        (0, "Best λ and the strength", "failed"),
    ):
        losses = {2: [[1]] * 4 + [[HIGH]], 4: [[1]] * (5 - gone) + [[HIGH]] * gone}
        tables = of_paths(monkeypatch, result, grid_of(losses))
        assert words in said(tables, "optimum-by-depth", "title")
        assert gone < 3 or "4.0 (2.0 to 8.0)" in said(tables, "optimum-by-depth", "more")
        assert outcome(tables, "first") == {first}
        assert ("tie" in said(tables, "prose", "first")) == (first == "undecided")
        edge = tables["best"].row(criterion="loss", depth=4)  # the least loss is at the least lam
        assert np.isnan(edge["exponent"]) and "edge" in edge["note"]


def test_the_crossing_is_where_the_deeper_loss_passes_the_shallow_one() -> None:
    above = pd.Series([-0.5, -0.1, 0.1, 1.0], LAMS[:4])
    assert crossing_strength(above) == pytest.approx(np.sqrt(0.2 * 0.4))
    assert np.isnan(crossing_strength(above - 2)) and np.isnan(crossing_strength(above + 2))
    # A strength at which the deeper network has no loss is left out.
    assert crossing_strength(above.drop(0.2)) == pytest.approx(0.1 * 4 ** (0.5 / 0.6))


def test_each_seeds_own_pick_is_its_own() -> None:
    table = grid_of({2: [[1, 1]] * 5})
    assert list(picks(table)["lam"]) == [0.2, 0.2]
    chosen = (table["seed"] == 1) & (table["lam"] == 0.4)
    moved = table.assign(val_error=table["val_error"].mask(chosen, -1.0))
    assert list(picks(moved)["lam"]) == [0.2, 0.4]


def test_a_depth_that_a_scale_lacks_says_so(tables: Tables) -> None:
    assert set(SETTINGS["smoke"]["depths"]) & set(LISTED) == {4}
    effects = tables["effects"]
    assert effects.print(effects.row(depth=8, choice="tuned")) == "none (not trained)"
    assert "[" in effects.print(effects.row(depth=4, choice="tuned"))
    assert tables["crossings"].row(depth=8)["crosses"] == "not trained"
    assert set(SETTINGS["book"]["depths"][1:]) == set(LISTED)


def test_raised_networks_go_on_from_the_weights_found_before(
    result: Result, tables: Tables
) -> None:
    table = tables["gradual"].frame.sort_values("seed")
    lams = sorted(table["lam"].unique())
    losses = table.pivot(index="seed", columns=["lam", "way"], values="train_loss")
    assert (losses[lams[0]].nunique(axis=1) == 1).all()  # all ways are the same there
    runs = [run for run in depth_runs(SETTINGS["smoke"]) if run.lam == lams[0]]
    runs = [run for run in runs if len(run.hidden) == 3]
    weights = initial(runs)
    train_from(runs, weights)
    again = [replace(run, lam=lams[1], checkpoints=(run.steps,)) for run in runs]
    found = [row["train_loss"] for row in train_from(again, weights)]
    assert found == pytest.approx(losses[lams[1], "raised"].tolist(), rel=1e-5)
    swept = deeper(result).query("lam == @lams[1]").pivot(
        index="seed", columns="depth", values="train_loss"
    )  # fmt: skip
    assert swept[4].tolist() == pytest.approx(losses[lams[1], "he"].tolist(), rel=1e-5)
    row = tables["starts"].row(way="raised", second="yes")
    assert row["over_two"] == pytest.approx((losses[lams[1], "raised"] - swept[2]).mean())
    steps = table.groupby(["way", "lam"])["step"].first().unstack("way")
    assert (steps["longer"] / steps["he"]).tolist() == list(range(1, len(lams) + 1))


def test_predictions_are_judged_by_the_networks(result: Result) -> None:
    above, below = (added(result, more, "wider", "width > 8") for more in (9.0, -9.0))
    for id, of_above, of_below in (
        ("width", "failed", "held"), ("adam", "failed", "held"), ("lag_tuned", "held", "failed"),
        ("adamw", "failed", "held"), ("lag", "failed", "failed"),
    ):  # fmt: skip
        assert (outcome(above, id), outcome(below, id)) == ({of_above}, {of_below})
    lowest = added(result, -9.0, "deeper", "depth > 2")
    assert outcome(lowest, "weak") == {"held"} and outcome(lowest, "cross") == {"failed"}


def with_excess(tables: Tables, **deltas: float) -> dict[str, Table]:
    """The tables with the excess of some kind and choice set, to a thousandth, and -0.2 else."""
    frame = tables["effects"].frame.assign(delta=-0.2)
    for which, value in deltas.items():
        kind, choice = which.split("_")
        frame.loc[(frame["kind"] == kind) & (frame["choice"] == choice), "delta"] = value
    control = frame.dropna(subset="cause").query("choice == 'none'").set_index("cause")["delta"]
    added = frame["delta"] - frame["cause"].map(control)
    frame = frame.assign(low=frame["delta"] - 0.001, high=frame["delta"] + 0.001, added_low=added)
    frame["sign"] = np.where(frame["low"] > 0, "above", "below")
    frame["underfits"] = np.where((frame["low"] > 0) & (added > 0), "yes", "no")
    return dict(tables) | {"effects": Table(frame, "delta")}


def test_the_verdict_wants_an_excess_of_depth_that_is_larger_than_without_a_penalty(
    tables: Tables,
) -> None:
    assert SETTLED["C39"].slug == SLUG
    above = f"above 0 under {said(tables, 'prose', 'above')}"  # wider networks that are are named
    for more, verdict, words in (
        ({}, "CONDITIONAL", (above, "no depth", "exploratory")),
        ({"depth_tuned": 0.3}, "CONDITIONAL", (above, "4 layers (by 0.3")),
        ({"depth_none": 0.5}, "CONDITIONAL", ()),
        ({"haste_none": 0.3}, "CONDITIONAL", ()),
        ({"depth_none": 1.5}, "OPEN", ()),
        ({"depth_strong": -0.2}, "OPEN", ()),
        ({"width_tuned": 0.3}, "OPEN", ()),
    ):
        changed = with_excess(tables, **{"depth_strong": 1.0} | more)
        assert SETTLED["C39"].function(changed) == verdict
        statement, title = said(changed, "C39", verdict), "what-makes-it-underfit"
        assert all(part in statement for part in words)
        named = "depth_strong" not in more and more.get("depth_none", 0) < 1
        assert ("fit worse than two by 1.0 nats" in said(changed, title, "title")) == named
        assert ("no wider" in said(changed, title, "title")) == (verdict == "CONDITIONAL")


def test_a_best_strength_that_falls_with_depth_contradicts_the_rise(tables: Tables) -> None:
    for low, high, expected in ((0.1, 0.5, "held"), (-0.5, -0.1, "failed"), (-1, 1, "undecided")):
        best = tables["best"].frame.assign(exponent=(low + high) / 2, low=low, high=high)
        for criterion in ("loss", "error"):
            found = {"best": Table(best, "exponent")}
            assert outcome(found, f"rises_{criterion}") == {expected}
