"""The claims of the chapter "Value and force", at smoke scale."""

import pytest

from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.value_and_force.big_layer import layers_table, lost_use, start_share
from l2scale.exhibits.value_and_force.samples_and_weights import sample_growth, samples_table
from l2scale.exhibits.value_and_force.sum_is_mean import disagreement, pairs_table
from l2scale.exhibits.value_and_force.unused_weight import decay_constant, unused_table
from l2scale.exhibits.value_and_force.value_and_force import (
    growth,
    predicted,
    value_and_force_table,
)
from l2scale.theory.penalties import PENALTIES

pytestmark = pytest.mark.xdist_group("exhibits")


def test_the_sums_value_grows_and_its_force_does_not(result: Result) -> None:
    table = value_and_force_table(result)
    assert growth(table, "sum", "penalty_value").low > 0.6
    assert growth(table, "sum", "unit_force").estimate == pytest.approx(0, abs=1e-5)
    assert -0.4 < growth(table, "mean", "penalty_value").estimate < 0
    assert growth(table, "mean", "unit_force").estimate == pytest.approx(-1, abs=1e-5)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_start_values_and_forces_are_those_of_the_shapes(result: Result, penalty: str) -> None:
    table = value_and_force_table(result)
    rows = table[(table["penalty"] == penalty) & (table["width"] == table["width"].max())]
    value, force = predicted(penalty, int(rows["width"].iloc[0]), rows["lam"].iloc[0])
    assert rows["penalty_value"].mean() == pytest.approx(value, rel=0.05)
    assert rows["unit_force"].to_numpy() == pytest.approx(force, rel=1e-5)


def test_an_unused_weight_loses_twice_lr_lam(result: Result) -> None:
    found = decay_constant(unused_table(result))
    assert found.estimate == pytest.approx(2, abs=1e-6)


def test_the_small_layers_terms_work(result: Result) -> None:
    table = layers_table(result)
    assert start_share(table) > 0.97
    assert lost_use(table, 2).low > 0.05 and lost_use(table, 3).low > 0.05


def test_sum_and_mean_train_the_same_networks(result: Result) -> None:
    gap = disagreement(pairs_table(result))
    assert len(gap) == result["pairs"].networks / 2
    assert gap.median() < 1e-4


def test_gradient_terms_count_samples_and_not_weights(result: Result) -> None:
    table = samples_table(result)
    assert 0.85 < sample_growth(table, "summed").estimate < 1.05
    assert sample_growth(table, "penalty").estimate == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("C05", "FALSE"),
        ("C06", "FALSE"),
        ("C10", "FALSE"),
        ("C29", "CONDITIONAL"),
        ("C31", "TRUE"),
        ("C33", "FALSE"),
    ],
)
def test_verdicts(result: Result, claim: str, verdict: str) -> None:
    assert SETTLED[claim].slug == "value_and_force"
    assert SETTLED[claim].function(result).verdict == verdict
