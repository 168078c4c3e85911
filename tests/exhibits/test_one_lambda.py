"""The claims of the chapter "One lambda is enough", at smoke scale.

Minima are not reached at this scale: what is exact is tested exactly, the rest with slack.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from l2scale.catalogue.figures import FIGURES
from l2scale.catalogue.numerals import portion
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.one_lambda import verdicts
from l2scale.exhibits.one_lambda.balance_by_layer import balance_table, mean_square_error, spreads
from l2scale.exhibits.one_lambda.every_point import points_table, typical_breach, worst
from l2scale.exhibits.one_lambda.imbalance_clock import (
    at_every_lambda,
    clock_table,
    law,
    predicted_floor,
    rate,
)
from l2scale.exhibits.one_lambda.least_costs import (
    ALIKE,
    lower,
    minima_table,
    restarts,
    spread,
    typed_ratios,
)
from l2scale.exhibits.one_lambda.sweeps import (
    BALANCED,
    MINIMUM,
    SETTINGS,
    SHAPES,
    STARTS,
    geometric_mean,
    matched,
    minima,
    shapes_of,
    sweeps,
)
from l2scale.exhibits.one_lambda.tuning import (
    COMPARED,
    OTHERS,
    at_edge,
    best,
    chosen,
    difference,
    failed,
    in_words,
    settled_difference,
    tuned_table,
)
from l2scale.exhibits.one_lambda.what_breaks_balance import (
    PENALISED,
    breaks_table,
    decayed,
    left,
    median,
)
from l2scale.lab.training import train, train_from, trained_weights
from l2scale.theory.penalties import coefficients
from l2scale.theory.rescaling import factors, rescale

pytestmark = pytest.mark.xdist_group("exhibits")


def test_costs_agree_to_rounding_at_every_point(result: Result) -> None:
    table = points_table(result)
    assert worst(table) < 1e-14
    assert typical_breach(table) > 1e-3


def test_runs_are_matched_by_the_geometric_mean() -> None:
    runs = minima(SETTINGS["smoke"])
    felt = [run.lam * geometric_mean(run) for run in runs]
    assert felt == pytest.approx([0.01] * len(felt))
    assert matched(runs[0], 0.5).lam == pytest.approx(0.5)
    assert {sweep.name for sweep in sweeps("smoke")} >= {"minima", "unmatched", "settled"}


def test_layers_come_into_balance(result: Result) -> None:
    table = balance_table(result)
    found = spreads(table)
    assert found[found["shape"].isin(SHAPES)]["spread"].max() < 0.15
    assert mean_square_error(table, "fan") < 0.15


def test_matched_costs_agree_and_typed_ones_do_not(result: Result) -> None:
    table = minima_table(result)
    assert spread(table, explicit=False) < 0.1
    assert spread(table) < 0.25
    assert (typed_ratios(table, "tensor_mean") < 0.8).all()
    assert (typed_ratios(table, "prior") > 2).all()


def test_typed_costs_are_compared_after_as_many_iterations(result: Result) -> None:
    table = minima_table(result)
    row = table[(table["arm"] == "typed") & (table["shape"] == "square")].iloc[0]
    runs = result["minima"].table
    steps = sorted(runs["step"].unique())
    half = runs[(runs["penalty"] == "sum") & (runs["init"] == "he") & (runs["hidden"] == "24-24")]
    half = half[(half["step"] == steps[1]) & (half["seed"] == row["seed"])]
    assert row["relative"] == pytest.approx(row["cost"] / half["cost"].item())


def test_lower_costs_and_restarts_are_told_seed_by_seed() -> None:
    square = {"shape": "square", "seed": 0}
    costs = [("effective", "sum", 2.0), ("restarted", "sum", 1.9), ("effective", "fan", 1.8)]
    rows = [square | {"arm": a, "penalty": p, "cost": c} for a, p, c in costs]
    table = pd.DataFrame(rows)
    assert restarts(table).item() == pytest.approx(2 / 1.9 - 1)
    assert lower(table).item() == pytest.approx(1 - 1.8 / 1.9)


def test_what_breaks_balance_does(result: Result) -> None:
    table = breaks_table(result)
    assert median(table, "linear", "layers") < 1e-2
    assert max(median(table, name, "layers") for name in BALANCED) < 0.2
    assert median(table, "tanh", "layers") > 0.1
    assert median(table, "ReLU, AdamW", "layers") > 1
    assert median(table, PENALISED, "units") < 0.01 < median(table, PENALISED, "layers")


def test_normalised_layers_decay_as_if_alone(result: Result) -> None:
    table = breaks_table(result)
    assert left(table).estimate == pytest.approx(decayed(table), rel=0.02)


def test_the_imbalance_dies_at_the_rate_of_the_law(result: Result) -> None:
    table = clock_table(result)
    assert rate(table, 0).estimate == pytest.approx(1, abs=0.01)
    assert at_every_lambda(table)


def test_the_floor_is_that_of_the_batches_gradients() -> None:
    # Full batches: eta (||g_l||^2 - ||g_m||^2) / (4 lam (1 - eta lam)), here 0.2 / 0.0016 * (1, 2).
    row = {"lr": 0.2, "lam": 4e-4, "n_train": 100, "batch_size": 0}
    forces = {"data_force_1": 2.0, "data_force_2": 3**0.5, "data_force_3": 1.0, "data_force_4": 1.0}
    samples = {name.replace("data", "sample"): 2 * force for name, force in forces.items()}
    gaps = np.array([1.0, 2.0, 0.0]) * 0.2 / (4 * 4e-4 * (1 - 0.2 * 4e-4))
    full = predicted_floor(pd.Series(row | forces | samples))
    assert full == pytest.approx(np.sqrt(np.square(gaps).mean()))
    # Samples whose squares are 4 times the mean gradient's: batches add 3 / 10 times 90 / 99.
    some = predicted_floor(pd.Series(row | {"batch_size": 10} | forces | samples))
    assert some == pytest.approx(full * (1 + 3 / 10 * 90 / 99))


def test_strengths_are_chosen_inside_the_grid(result: Result) -> None:
    table = tuned_table(result)
    felt = np.sort(table.loc[table["arm"] == "SGD", "felt"].unique())
    assert len(felt) * len(COMPARED) * 3 == result["tuned"].networks
    assert all(best(table, penalty).edge is None for penalty in COMPARED)
    assert at_edge(table) == ""
    assert abs(difference(table, "fan").estimate) < 0.1


def test_a_strength_at_the_edge_of_its_grid_is_a_bound(result: Result) -> None:
    table = tuned_table(result)
    rows = (table["arm"] == "SGD") & (table["penalty"] == "fan")
    at = best(table, "fan").at
    cut = table[~rows | (table["felt"] <= at)]
    assert chosen(cut, "fan") == f"at least {at:.3g}"
    for words in (at_edge(cut), FIGURES["tuned-penalties"].words("claim", cut)):
        assert f"At the edge of the grid lies the best λ·c̄ of fan (at least {at:.3g})." in words
    assert best(cut, "sum").edge is None and "at " not in chosen(cut, "sum")


def test_settled_differences_are_paired_over_seeds(result: Result) -> None:
    table = tuned_table(result)
    ends = table[table["arm"] == "minimum"].pivot(
        index="seed", columns="penalty", values="test_error"
    )
    for penalty in OTHERS:
        mean = (ends[penalty] - ends["sum"]).mean()
        assert settled_difference(table, penalty).estimate == pytest.approx(mean, abs=1e-12)


def test_verdict_on_who_divides(result: Result) -> None:
    assert SETTLED["C12"].slug == "one_lambda"
    assert SETTLED["C12"].function(result).verdict == "FALSE"


@pytest.mark.parametrize("claim", ["C03", "C16", "C20"])
def test_costs_apart_leave_verdicts_open(
    result: Result, claim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = SETTLED[claim].function
    # This scale stops short of minima: what its solver leaves is more than counts as one cost.
    assert spread(minima_table(result)) > ALIKE
    assert verdict(result).verdict == "OPEN"
    for apart, opened in ((0.05, True), (0.001, False)):
        monkeypatch.setattr(verdicts, "spread", lambda table, explicit=None, at=apart: at)
        assert (verdict(result).verdict == "OPEN") == opened


@pytest.mark.parametrize(
    ("metric", "shift", "expected"),
    [
        ("test_loss", 0.0, "TRUE"),
        ("test_loss", -0.1, "CONDITIONAL"),
        ("test_error", -0.1, "CONDITIONAL"),
        ("test_error", 0.1, "TRUE"),
    ],
)
def test_a_lower_loss_or_error_makes_equal_layers_conditional(
    result: Result, metric: str, shift: float, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tuned_table(result)
    plain_sum = table[table["penalty"] == "sum"]
    copies = [plain_sum.assign(penalty=p) for p in OTHERS]
    noise = 0.001 * (-1.0) ** plain_sum["seed"]
    copies[1][metric] += noise + shift
    synthetic = pd.concat([plain_sum, *copies], ignore_index=True)
    monkeypatch.setattr(verdicts, "spread", lambda table, explicit=None: 0.001)
    monkeypatch.setattr(verdicts, "tuned_table", lambda result: synthetic)
    found = SETTLED["C16"].function(result)
    assert found.verdict == expected
    word = metric.removeprefix("test_")
    assert (f"lower than under the sum is fan in test {word}" in found.statement) == (shift < 0)
    side = "lower" if shift < 0 else "higher"
    assert (f"in {word}, {side} under fan" in in_words(synthetic)) == (shift != 0)


def test_alt_text_of_points_follows_the_table(result: Result) -> None:
    table = points_table(result)
    words = FIGURES["every-point"].words("alt", table)
    assert f"{table.loc[~table['homogeneous'], 'gap'].max():.3g}" in words


def test_alt_texts_of_minima_and_balance_follow_the_table(result: Result) -> None:
    costs = minima_table(result)
    costs["relative"] = costs["relative"].mask(costs["penalty"] == "fan", 3.21)
    words = FIGURES["matched-minima"].words("alt", costs)
    assert "and 3.2100." in words and "fan at 3.21 to 3.21" in words
    breaks = breaks_table(result)
    for name in ("tanh", PENALISED):
        breaks["layers"] = breaks["layers"].mask(breaks["condition"] == name, 0.123)
    words = FIGURES["what-breaks-balance"].words("alt", breaks)
    assert "tanh 0.123 and" in words and f"{PENALISED} 0.123 and" in words


def test_the_clocks_title_says_that_batches_stop_it_only_where_they_do(result: Result) -> None:
    table = clock_table(result)
    words = FIGURES["imbalance-clock"].words
    kept = table.assign(left=law(table))
    assert "clock" in words("title", kept) and "stops" not in words("title", kept)
    noisy = kept["batch_size"] > 0
    stopped = kept.assign(left=kept["left"].mask(noisy, kept["left"].clip(lower=0.5)))
    assert "with batches the fastest stops early" in words("title", stopped)


def test_the_title_of_tuned_penalties_names_errors_that_differ_among_all(result: Result) -> None:
    table = tuned_table(result)
    plain_sum = table[table["penalty"] == "sum"]
    copies = {p: plain_sum.assign(penalty=p) for p in OTHERS}
    words = FIGURES["tuned-penalties"].words
    same = pd.concat([plain_sum, *copies.values()], ignore_index=True)
    assert words("title", same).endswith("no test loss or error can be told from the sum’s")
    copies["fan"]["test_error"] += 0.001 * (-1.0) ** plain_sum["seed"] + 0.1
    other = pd.concat([plain_sum, *copies.values()], ignore_index=True)
    assert words("title", other).endswith("from the sum’s; the test error is higher under fan")


def test_the_sets_of_minima_agree_where_descents_from_one_start_do_not() -> None:
    base = replace(MINIMUM, n_train=256, hidden=SHAPES["square"], steps=400)
    penalised = [matched(replace(base, penalty=penalty)) for penalty in COMPARED]
    started = [matched(replace(base, init=init)) for init in STARTS]
    costs = {run: train([run])[0]["cost"] for run in (*penalised, *started)}
    apart, starts = (
        max(found) / min(found) - 1
        for found in (
            [costs[run] for run in penalised],
            [costs[run] for run in (penalised[0], *started)],
        )
    )
    assert 0.001 < apart < 10 * starts and starts > 0.001
    plain = replace(penalised[0], optimiser="sgd", steps=0)
    for run in penalised[1:]:
        # The minimum found under these coefficients is one of the sum, with the same cost.
        (found,) = trained_weights([run])
        back = 1 / factors(coefficients(run.penalty, shapes_of(run)))
        weights, biases = rescale([w[:, :-1] for w in found], [w[:, -1] for w in found], back)
        layers = [np.column_stack(pair)[None] for pair in zip(weights, biases, strict=True)]
        (row,) = train_from([plain], [torch.as_tensor(layer) for layer in layers])
        assert row["cost"] == pytest.approx(costs[run], rel=1e-10)


def test_the_prediction_on_tuned_penalties_is_judged_as_it_was_stated(result: Result) -> None:
    table = tuned_table(result)
    for metric in ("test_loss", "test_error"):
        excluding = sum(0 not in difference(table, penalty, metric) for penalty in OTHERS)
        assert failed(table, metric) == portion(excluding, len(OTHERS))
