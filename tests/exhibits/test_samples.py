"""The claims of the chapter "How lambda goes with samples", at smoke scale."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.samples import ridge
from l2scale.exhibits.samples.costs import leads
from l2scale.exhibits.samples.exact import gained, missed
from l2scale.exhibits.samples.figures import best_lambda_by_samples
from l2scale.exhibits.samples.powers import law, total
from l2scale.exhibits.samples.ridge import BAR, RULES, spikes
from l2scale.exhibits.samples.ridge import SETTINGS as RIDGE
from l2scale.exhibits.samples.sweeps import RANGES, SETTINGS, SIGMA, lambda_grid
from l2scale.exhibits.samples.tasks import TASKS, model_exponent, rows_of_networks
from l2scale.exhibits.samples.yardstick import noise_alone
from l2scale.lab.estimates.intervals import mean_interval
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import on_grid
from l2scale.theory.ridge import best_lambda, risk

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "samples"


def became(id: str, **frames: Table) -> list[str]:
    return outcomes_of(PREDICTIONS[SLUG][id], frames)


def with_rows(result: Result, **frames: pd.DataFrame) -> Result:
    """The result with other rows in some of its measurements."""
    changed = {name: replace(result[name], table=frame) for name, frame in frames.items()}
    return replace(result, measurements={**result.measurements, **changed})


def test_ridges_best_strength_is_the_one_predicted(tables: Tables) -> None:
    rows = tables["pairs"].frame
    assert {(row.n, row.p) for row in rows.itertuples()} == set(RIDGE["smoke"]["pairs"])
    assert ((rows["low"] < 0) & (rows["high"] > 0)).all() and rows["distance"].max() < 0.1
    assert rows["per_input"].is_monotonic_increasing


@pytest.mark.parametrize(("n", "noise"), [(20, 2.0), (40, 2.0), (20, 1.0)])
def test_the_least_mean_risk_moves_with_samples_and_noise(
    n: int, noise: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ridge, "NOISE", noise)
    found = ridge._best(n, 5, 2000, np.random.default_rng(0))
    assert found == pytest.approx(noise**2 * 5 / n, rel=0.1)


def test_a_pair_misses_the_bar_by_its_interval(result: Result) -> None:
    draws = result["ridge_pairs"].table
    exact = draws.assign(lam=draws["predicted"])
    assert set(became("pairs", pairs=Table(missed(exact)))) == {"held"}
    scattered = missed(exact.assign(lam=exact["lam"] * (1 + 0.1 * (exact["seed"] - 1))))
    assert scattered["distance"].max() < BAR
    assert set(became("pairs", pairs=Table(scattered))) == {"undecided"}


def test_the_strength_divided_by_n_is_the_best_and_its_risk_falls(tables: Tables) -> None:
    rows = tables["risks"].frame
    for row in rows[rows["rule"] == "over n"].itertuples():
        assert row.lam == pytest.approx(best_lambda(1.0, 1.0, row.n, 20))
    means = rows.pivot(index="n", columns="rule", values="estimate")
    assert (means["over n"] <= means.min(axis=1) + 1e-9).all()


def test_no_risk_at_the_kept_strength_is_below_the_floor(tables: Tables) -> None:
    rows = tables["risks"].frame
    kept = rows[rows["rule"] == "kept"]
    assert (kept["estimate"] > kept["floor"]).all()
    assert kept["floor"].to_numpy() == pytest.approx((4 / 5) ** 2)


def test_the_floor_is_below_the_mean_over_draws_and_reached_with_many_samples() -> None:
    p, lam, slope = 10, 2.0, np.full(10, 10**-0.5)
    floor = (lam / (1 + lam)) ** 2
    rng = np.random.default_rng(0)
    bias = {
        n: [risk(np.array([lam]), rng.standard_normal((n, p)), slope, 1e-6)[0] for _ in range(200)]
        for n in (5, 2000)
    }
    assert mean_interval(bias[5]).low > 1.1 * floor
    assert floor < np.mean(bias[2000]) < 1.01 * floor


def test_without_a_penalty_the_median_risk_is_largest_with_as_many_samples_as_inputs(
    tables: Tables,
) -> None:
    rows = tables["risks"].frame
    none = rows[rows["rule"] == "none"].set_index("n")["median"]
    assert none.max() > 10 * none.iloc[[0, -1]].max()


@pytest.mark.parametrize(
    ("id", "other"),
    [
        ("tuned_falls", {"estimate": lambda rows: -rows["estimate"]}),
        ("floor", {"estimate": lambda rows: rows["n"]}),
        ("floor", {"high": 0.0}),
        ("peaks", {"median": lambda rows: rows["n"]}),
    ],
)
def test_what_was_predicted_of_ridges_risk_can_fail(tables: Tables, id: str, other: dict) -> None:
    rows, settings = tables["risks"].frame, tables["settings"]
    assert became(id, risks=Table(rows), settings=settings) == ["held"]
    assert became(id, risks=Table(rows.assign(**other)), settings=settings) == ["failed"]


def test_a_spike_makes_the_best_strength_negative() -> None:
    draws = spikes({"many": 200, "few": 25, "spikes": 6})
    found = Table(gained(draws))
    row = found.row()
    assert row["best"] < 0 < row["low"] and became("negative", spike=found) == ["held"]
    title = template_at(SLUG, "negative-ridge", "title")
    assert "not negative" in fill(title, {"spike": found})
    above = Table(gained(draws[draws["lam"] >= 0]))
    assert above.row()["estimate"] == 0 and became("negative", spike=above) == ["failed"]
    assert "less risk" not in fill(title, {"spike": above})


@pytest.mark.parametrize("scale", ["smoke", "book", "full"])
@pytest.mark.parametrize("task", ["digits", "sgd", "logistic", "teacher", "line"])
def test_strengths_near_the_centre_can_be_carried_by_every_rule(scale: str, task: str) -> None:
    at = SETTINGS[scale]
    sizes = at[task if task in ("teacher", "line") else "digits"]
    few, many = (lambda_grid(RANGES[task], n, at["per_doubling"]) for n in (sizes[0], sizes[-1]))
    centre = RANGES[task][0] * sizes[0] ** -0.5
    lam = min(few, key=lambda value: abs(np.log(value / centre)))
    for power in RULES.values():
        wanted = lam * (sizes[-1] / sizes[0]) ** power
        assert on_grid(many, wanted) is not None


def test_costs_are_paired_by_seed_and_taken_on_test_data(result: Result, tables: Tables) -> None:
    assert tables["costs"].frame["excess"].notna().all()
    rows = result["teacher"].table
    n = rows["n_train"].max()
    at = optima(rows, ["n_train"]).set_index("n_train")["at"]
    by_lam = rows[rows["n_train"] == n].pivot(index="seed", columns="lam", values="test_loss")
    kept = by_lam[on_grid(by_lam.columns, at.iloc[0])]
    found = tables["costs"].row(task="teacher", rule="kept")
    assert found["ratio"] == pytest.approx(np.exp(np.log(kept / by_lam[at[n]]).mean()))
    assert found["more"] == pytest.approx(found["ratio"] - 1) and not found["same"]


def test_errors_are_reported_where_there_are_classes_alone(tables: Tables) -> None:
    rows = tables["costs"].frame
    assert set(rows.loc[rows["metric"] == "error", "task"]) == {"logistic", "digits", "sgd"}
    assert set(rows["task"]) == {"ridge", *TASKS}
    assert set(rows.loc[rows["hidden"] == "no", "task"]) == {"ridge", "logistic"}


def test_a_rule_wins_beyond_doubt_or_it_is_a_tie() -> None:
    seeds = np.arange(8.0)
    worse, better = pd.Series(2 + 0.01 * seeds), pd.Series(1 + 0.02 * seeds)
    about = better + pd.Series([0.1, -0.09] * 4)  # less well on average, beyond no doubt
    costs = {"kept": worse, "over sqrt n": better, "over n": worse + 1}
    assert list(leads(costs)["lead_low"] > 0) == [rule == "over sqrt n" for rule in RULES]
    assert not (leads(costs | {"over n": about})["lead_low"] > 0).any()
    assert leads({name: costs[name] for name in ("kept", "over sqrt n")}).empty


def test_each_network_is_counted_once(tables: Tables) -> None:
    rows = tables["costs"].frame
    sure = rows.assign(lead=1.0, lead_low=0.5, lead_high=1.5)
    assert became("root", costs=Table(sure, "excess")) == ["held"] * 4
    assert became("inverse", costs=Table(sure, "excess")) == ["held"] * 2
    tie = sure.assign(lead_low=sure["lead_low"].mask(sure["task"] == "line", -0.5))
    assert sorted(became("root", costs=Table(tie, "excess"))) == ["held"] * 3 + ["undecided"]


def test_keeping_costs_where_every_interval_says_so(tables: Tables) -> None:
    dear = tables["costs"].frame.assign(ratio=1.2, ratio_low=1.1, ratio_high=1.3)
    assert became("keeping", costs=Table(dear, "excess")) == ["held"] * 6
    low = dear["ratio_low"].mask(dear["task"] == "line", 0.9)
    found = became("keeping", costs=Table(dear.assign(ratio_low=low), "excess"))
    assert sorted(found) == ["held"] * 5 + ["undecided"]


def test_an_optimum_at_an_edge_gives_a_bound_and_no_exponent(result: Result) -> None:
    rows = result["digits"].table
    n, lam = rows["n_train"].max(), rows.loc[rows["n_train"] == rows["n_train"].max(), "lam"].max()
    at_edge = (rows["n_train"] == n) & (rows["lam"] == lam)
    moved = rows.assign(val_loss_noisy=rows["val_loss_noisy"].mask(at_edge, -1.0))
    edged = Tables(with_rows(result, digits=moved))
    row = edged["powers"].row(task="digits", metric="loss", end="all")
    assert np.isnan(row["exponent"]) and row["note"] == f"the best λ lies at the edge: high at {n}"
    assert edged["costs"].row(task="digits", metric="loss", rule="kept")["note"] == "at least"
    assert edged["laws"].row(task="digits", metric="loss")["outcome"] == "undecided"
    table = pd.read_csv(io.StringIO(edged["best"].frame.to_csv(index=False)))
    fig = best_lambda_by_samples(table)
    assert f"high at {n}" in fig.axes[1].get_title() and "[" in fig.axes[2].get_title()
    plt.close(fig)


def test_an_exponent_is_that_of_the_strengths_drawn(tables: Tables) -> None:
    for (task, metric), rows in tables["best"].frame.groupby(["task", "metric"]):
        found = tables["powers"].row(task=task, metric=metric, end="all")["exponent"]
        if rows["edge"].isna().all():
            slope = np.polyfit(np.log(rows["n"]), np.log(rows["lam"]), 1)[0]
            assert found == pytest.approx(slope) == rows["exponent"].iloc[0]


def test_the_noise_alone_slopes_as_its_size_says() -> None:
    _, slopes = noise_alone("teacher", 2000, 0)
    assert slopes.std() == pytest.approx(2 * SIGMA, rel=0.05)
    _, slopes = noise_alone("digits", 500, 0)
    assert slopes.sum(axis=1) == pytest.approx(np.zeros(500), abs=1e-12)
    assert abs(slopes.mean(axis=0)).max() < 0.05


def test_the_yardstick_falls_with_samples(tables: Tables) -> None:
    rows = tables["scalings"].frame.query("of == 'yardstick'")
    assert len(rows) == 3 and (rows["exponent"] < 0).all()


def test_a_share_is_less_certain_than_the_strength_and_drifts_by_two_exponents(
    result: Result, tables: Tables
) -> None:
    rows = tables["shares"].frame.query("part == 'samples'")
    for task, share in rows.groupby("task"):
        best = optima(rows_of_networks(result, task), ["n_train"])
        lam = (best["lam_high"] / best["lam_low"]).to_numpy()
        assert (share["value_high"] / share["value_low"] > lam - 1e-9).all()
        slope = np.polyfit(np.log(share["x"]), np.log(share["value"]), 1)[0]
        found = tables["scalings"].row(of="share", task=task)["exponent"]
        assert found == pytest.approx(slope, abs=0.02)


def test_a_sum_of_exponents_is_less_certain_than_each() -> None:
    one, other = (
        {"exponent": -0.4, "low": -0.43, "high": -0.37},
        {"exponent": -0.5, "low": -0.54, "high": -0.46},
    )
    found = total((1.0, one), (-1.0, other))
    assert found["exponent"] == pytest.approx(0.1)
    assert (found["high"] - found["low"]) / 2 == pytest.approx(0.05)
    sigma = {"exponent": 1.2, "low": 1.0, "high": 1.4}
    assert [*total((0.5, sigma)).values()] == pytest.approx([0.6, 0.5, 0.7])


def test_the_threshold_goes_with_weak_noise_and_steeper_with_strong() -> None:
    assert model_exponent(0.05) == pytest.approx(1, abs=0.01)
    assert 1.3 < model_exponent(0.5) < 2


@pytest.mark.parametrize(
    ("whole", "first", "last", "value", "said"),
    [
        ((-0.48, -0.55, -0.41), (-0.24, -0.48, -0.01), (-0.72, -0.81, -0.63), -0.5, "bends"),
        ((-0.5, -0.53, -0.47), (-0.4, -0.48, -0.32), (-0.4, -0.48, -0.32), -0.5, "bends"),
        (
            (-0.66, -0.70, -0.62), (-0.57, -0.64, -0.49), (-0.75, -0.8, -0.7), -1.0,
            "failed, and bends",
        ),
        ((-0.24, -0.29, -0.19), (-0.24, -0.3, -0.2), (-0.2, -0.3, -0.1), -0.5, "failed"),
        ((-1.2, -1.9, -0.6), (-1.2, -1.9, -0.6), (-1.2, -1.9, -0.6), -0.5, "failed"),  # wide
        ((-0.48, -0.55, -0.41), (-0.24, -0.7, 0.2), (-0.6, -0.7, -0.5), -0.5, "held"),
        ((-0.48, -0.75, -0.21), (-0.24, -0.3, -0.2), (-0.6, -0.7, -0.5), -0.5, "undecided"),
    ],
)  # fmt: skip
def test_a_power_that_changes_on_the_way_bends(whole, first, last, value, said) -> None:
    names = ("exponent", "low", "high")
    rows = [pd.Series(dict(zip(names, row, strict=True))) for row in (whole, first, last)]
    rows[0]["predicted"] = value
    found = law(*rows)
    assert found["outcome"] == said
    frame = pd.DataFrame([found | {"hidden": "yes"}])
    held = {"bends": []}.get(said, [said.removesuffix(", and bends")])
    assert became("hidden", laws=Table(frame, "exponent")) == held


@pytest.mark.parametrize(
    ("digits", "in_ridge", "verdict"),
    [(0.05, 0.01, "CONDITIONAL"), (-0.05, 0.01, "OPEN"), (0.05, -0.01, "OPEN")],
)
def test_more_data_still_teaches_at_a_kept_strength(
    tables: Tables, digits: float, in_ridge: float, verdict: str
) -> None:
    assert SETTLED["C37"].slug == SLUG and tables["learned"].row()["low"] > 0
    learned, falls = tables["learned"].frame.assign(low=digits), tables["falls"].frame
    found = {"learned": Table(learned), "falls": Table(falls.assign(low=in_ridge))}
    assert SETTLED["C37"].function(found) == verdict
    assert template_at(SLUG, "C37", verdict)


@pytest.mark.parametrize(
    ("task", "low", "verdict"),
    [("logistic", -0.6, "CONDITIONAL"), ("logistic", -1.5, "OPEN"), ("teacher", -1.5, "OPEN")],
)
def test_the_calculus_says_nothing_of_the_best_strength(
    tables: Tables, task: str, low: float, verdict: str
) -> None:
    assert SETTLED["C09"].slug == SLUG
    rows = tables["powers"].frame.assign(exponent=-0.5, low=-0.6, high=-0.4)
    rows.loc[rows["task"] == task, ["low", "high"]] = low, -1 - low
    assert SETTLED["C09"].function({"powers": Table(rows, "exponent")}) == verdict
    assert template_at(SLUG, "C09", verdict)


def test_wrong_labels_to_be_judged_by_want_a_stronger_penalty(result: Result) -> None:
    for name, task in TASKS.items():
        by_wrong, by_right = (
            optima(table, ["n_train"])["lam"]
            for table in (rows_of_networks(result, name), result[name].table)
        )
        assert (by_wrong > by_right).all() == task.labels


def test_right_labels_are_the_variant(result: Result, tables: Tables) -> None:
    best = optima(result["logistic"].table, ["n_train"])
    slope = np.polyfit(np.log(best["n_train"]), np.log(best["lam"]), 1)[0]
    found = tables["right"].row(task="logistic", end="all")["exponent"]
    assert found == pytest.approx(slope)
    assert found != tables["powers"].row(task="logistic", metric="loss", end="all")["exponent"]


def test_the_forces_quoted_are_those_at_the_strengths_named(result: Result) -> None:
    rows = result["digits"].table
    named = Tables(with_rows(result, digits=rows.assign(force_ratio=1e4 * rows["lam"])))
    few, many = (
        named["best"].row(task="digits", metric="loss", n=n)["lam"] for n in ("min", "max")
    )
    factor = rows["n_train"].max() / rows["n_train"].min()
    found = named["training"].row()
    assert found["best"] == pytest.approx(1e4 * many, rel=0.5)
    assert found["over_n"] == pytest.approx(1e4 * few / factor, rel=0.5)
