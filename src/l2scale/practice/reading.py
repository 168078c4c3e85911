"""Tables to read: CSV and Parquet files, and the data sets that scikit-learn ships."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from l2scale.looks.numerals import nearest

KINDS = (".csv", ".parquet")
_NO_TABLES = {"files", "linnerud", "sample_image", "sample_images", "svmlight_file"} | {
    "svmlight_files"
}


def load(source: str, target: str | None = None) -> tuple[pd.DataFrame, pd.Series]:
    """Inputs and targets of a CSV or Parquet file, or of a data set that scikit-learn ships.

    Raises:
        ValueError: for what is neither, or cannot be read, or a column that is not there.
    """
    path = Path(source)
    if path.suffix.lower() not in KINDS and not path.exists():
        return _shipped(source)
    table = _read(path)
    if target is None:
        raise ValueError(f"{path} needs the name of its target column: --target NAME")
    if target not in table:
        raise ValueError(f"{path} has no column {target!r}: there are {nearest(target, table)}")
    return table.drop(columns=target), table[target]


def _shipped(name: str) -> tuple[pd.DataFrame, pd.Series]:
    from sklearn import datasets

    known = [one.removeprefix("load_") for one in dir(datasets) if one.startswith("load_")]
    known = [one for one in known if one not in _NO_TABLES]
    if name not in known:
        raise ValueError(
            f"{name} is no .csv or .parquet file, and no data set of scikit-learn: there are "
            f"{', '.join(known)}"
        )
    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    return bunch.data, bunch.target


def _read(path: Path) -> pd.DataFrame:
    parquet = path.suffix.lower() == ".parquet"
    if parquet and not (find_spec("pyarrow") or find_spec("fastparquet")):
        raise ValueError(f"{path}: Parquet needs pyarrow; pip install pyarrow, or save it as CSV")
    try:
        return pd.read_parquet(path) if parquet else pd.read_csv(path)
    except (OSError, ValueError) as error:  # a bad CSV or encoding is a ValueError too
        raise ValueError(f"{path} cannot be read as a table: {error}") from error


def of_bunch(bunch: Mapping[str, Any]) -> tuple[Any, Any]:
    """Inputs and targets of what scikit-learn's loaders return.

    Raises:
        ValueError: if it has none.
    """
    if "data" not in bunch or "target" not in bunch:
        raise ValueError("X is a mapping without data and target: give arrays, or a Bunch")
    return bunch["data"], bunch["target"]
