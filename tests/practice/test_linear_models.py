"""Records of scikit-learn's linear models, at the minima that their solvers find."""

import numpy as np
import pytest
from sklearn.linear_model import ElasticNet, Ridge
from sklearn.svm import LinearSVC

from l2scale.adapters.penalties import draw_task
from l2scale.practice.conversions import convert
from l2scale.practice.settings import SETTINGS

N = 40
TASK = draw_task(0, N, 5, 1)
X = np.column_stack([TASK.x, np.ones(N)])


def lam_of(id: str, value: float) -> float:
    return SETTINGS[id].strength.of({"value": value, "n_samples": N})


@pytest.mark.parametrize("alpha", [0.05, 2.0])
def test_elastic_net_without_its_first_norm_is_a_ridge(alpha: float) -> None:
    model = ElasticNet(alpha, l1_ratio=0, tol=1e-14, max_iter=100_000).fit(TASK.x, TASK.y)
    slope = 2 * X.T @ (X @ np.append(model.coef_, model.intercept_) - TASK.y) / N
    force = 2 * lam_of("sklearn-elasticnet", alpha) * model.coef_
    assert slope == pytest.approx([*-force, 0.0], abs=1e-7)
    assert np.abs(force).max() > 1e-2
    there = convert(alpha, "sklearn-elasticnet", "sklearn-ridge", n_samples=N).value
    ridge = Ridge(there).fit(TASK.x, TASK.y)
    assert ridge.coef_ == pytest.approx(model.coef_, abs=1e-7)


@pytest.mark.parametrize("strength", [0.05, 2.0])
def test_a_linear_classifier_rests_where_the_record_says_its_intercept_too(strength: float) -> None:
    model = LinearSVC(C=strength, dual=False, tol=1e-10).fit(TASK.x, TASK.y)
    weights = np.append(model.coef_[0], model.intercept_)
    sign = 2 * TASK.y - 1
    short = np.maximum(1 - sign * (X @ weights), 0)
    slope = -2 * X.T @ (sign * short) / N
    force = 2 * lam_of("sklearn-linear-svc", strength) * weights
    assert slope == pytest.approx(-force, abs=1e-6)
    assert np.abs(force).min() > 1e-4
