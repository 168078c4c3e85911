"""Data sets, split, standardised and with label noise, the same for the same seed everywhere.

==================  ==========  ======  ========  =======  =======  =======  ==================
name                task        inputs  outputs   train    val      test     source
==================  ==========  ======  ========  =======  =======  =======  ==================
digits              multiclass  64      10        1,077    360      360      scikit-learn
digits_pixels       multiclass  64      10        1,077    360      360      scikit-learn
digits_parity       binary      64      1 (odd)   1,077    360      360      scikit-learn
breast_cancer       binary      30      1         341      114      114      scikit-learn
diabetes            regression  10      1         266      88       88       scikit-learn
wine                multiclass  13      3         106      36       36       scikit-learn
teacher             regression  16      1         4,096    2,048    4,096    drawn
line                regression  16      1         4,096    2,048    4,096    drawn
mnist               multiclass  784     10        50,000   10,000   10,000   MNIST
mnist_pixels        multiclass  784     10        50,000   10,000   10,000   MNIST
mnist_parity        binary      784     1 (odd)   50,000   10,000   10,000   MNIST
mnist_test          multiclass  784     10        6,000    2,000    2,000    MNIST's test set
mnist_test_pixels   multiclass  784     10        6,000    2,000    2,000    MNIST's test set
mnist_test_parity   binary      784     1 (odd)   6,000    2,000    2,000    MNIST's test set
zigzag              regression  1       1         10       200      200      drawn
==================  ==========  ======  ========  =======  =======  =======  ==================

and the tables of `l2scale.lab.data.tables`, which other packages ship.

**Split.** The seed puts the samples into an order in which every stretch has about the same share
of each class, or of each tenth of the targets. Test and validation are its first stretches and
training is the rest, so a training part of n samples is contained in every larger one, and the
held-out samples depend on the seed alone. "mnist" keeps the original test set whole. The data sets
of one source share their split.

**Inputs** are standardised by what the training part says, see `l2scale.lab.data.preparation`, and
so are the targets of a table's regression. What is drawn stays as it is, see
`l2scale.lab.data.synthetic`, and so do pixels in data sets of that name: from 0, paper, to 1, ink.

**Label noise** touches the training part alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, partial

import numpy as np
from sklearn import datasets as sklearn_datasets

from l2scale.lab.checks import as_python, is_number, is_whole
from l2scale.lab.data import mnist
from l2scale.lab.data.preparation import move_labels, standardiser, stratified_order
from l2scale.lab.data.synthetic import SYNTHETIC
from l2scale.lab.data.tables import TABLES, read

_SPLIT, _NOISE = 0, 1  # streams of a seed's random numbers; `synthetic` has 2 and 3


@dataclass(frozen=True, eq=False)
class Split:
    """One data set in three parts. Arrays are read-only and shared between callers.

    Attributes:
        name: a name in `DATASETS`.
        task: "multiclass", "binary" or "regression".
        x_train: standardised inputs of the training part, shape ``(n, d)``, float64.
        y_train: targets: ``(n,)`` int64, classes 0 to K-1 (multiclass) or 0 and 1 (binary);
            ``(n, k)`` float64 (regression). The only part with label noise.
        x_val: as ``x_train``, for choosing lambda.
        y_val: as ``y_train``.
        x_test: as ``x_train``, for reporting.
        y_test: as ``y_train``.
        n_classes: outputs a network needs: K classes, 1 for binary, k for regression.
        noisy: training targets that label noise has changed.
    """

    name: str
    task: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    n_classes: int
    noisy: int


@dataclass(frozen=True)
class _Source:
    """How a data set is read: ``read()`` gives inputs ``(N, d)`` and targets ``(N,)``."""

    read: Callable[[], tuple[np.ndarray, np.ndarray]]
    n_val: int
    n_test: int
    pixels: bool = False
    ink: float | None = None  # where given, inputs are only divided by it
    parity: bool = False
    own_test: bool = False  # the last n_test samples are the test set, whatever the seed
    binary: bool = False
    regression: bool = False


def _mnist() -> tuple[np.ndarray, np.ndarray]:
    parts = (mnist.read_part("train"), mnist.read_part("test"))
    x, y = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return x, y


def _mnist_test() -> tuple[np.ndarray, np.ndarray]:
    return mnist.read_part("test")


_digits = partial(sklearn_datasets.load_digits, return_X_y=True)

_SOURCES = {
    "digits": _Source(_digits, 360, 360, pixels=True),
    "digits_pixels": _Source(_digits, 360, 360, ink=16.0),
    "digits_parity": _Source(_digits, 360, 360, pixels=True, parity=True),
    "breast_cancer": _Source(
        partial(sklearn_datasets.load_breast_cancer, return_X_y=True), 114, 114, binary=True
    ),
    "diabetes": _Source(
        partial(sklearn_datasets.load_diabetes, return_X_y=True), 88, 88, regression=True
    ),
    "wine": _Source(partial(sklearn_datasets.load_wine, return_X_y=True), 36, 36),
    "mnist": _Source(_mnist, 10_000, 10_000, pixels=True, own_test=True),
    "mnist_pixels": _Source(_mnist, 10_000, 10_000, ink=255.0, own_test=True),
    "mnist_parity": _Source(_mnist, 10_000, 10_000, pixels=True, own_test=True, parity=True),
    "mnist_test": _Source(_mnist_test, 2_000, 2_000, pixels=True),
    "mnist_test_pixels": _Source(_mnist_test, 2_000, 2_000, ink=255.0),
    "mnist_test_parity": _Source(_mnist_test, 2_000, 2_000, pixels=True, parity=True),
} | {
    name: _Source(
        partial(read, name), table.held_out, table.held_out, pixels=name == "mnist_5k",
        binary=table.task == "binary", regression=table.task == "regression",
    )
    for name, table in TABLES.items()
}  # fmt: skip

DATASETS: tuple[str, ...] = (*_SOURCES, *SYNTHETIC)
SIDES = {
    name: 28 if name.startswith("mnist") else 8
    for name, source in _SOURCES.items()
    if source.pixels or source.ink
}
"""Pixels of a row, and rows, where the inputs are an image, row by row."""
_NUMBERS = {*SYNTHETIC, *(name for name, source in _SOURCES.items() if source.regression)}


def load(name: str, *, seed: int, n_train: int | None = None, label_noise: float = 0.0) -> Split:
    """Return a data set split by ``seed``. A repeated call returns the same object at once.

    The arrays are read-only: copy them into a framework (``torch.tensor(split.x_train)``).

    Args:
        name: a name in `DATASETS`.
        seed: whole number, 0 or above; decides the split, the noise and what is drawn.
        n_train: keep the first n training samples; all of them when None.
        label_noise: classes: the share of training labels moved to another class, each other
            class equally likely, in exactly ``round(label_noise * n)`` samples, below 1.
            Regression: standard deviation of the Gaussian noise added to training targets.

    Raises:
        ValueError: for an unknown name, a seed that is not a whole number from 0 up, more
            training samples than there are, or a label noise out of range.
        l2scale.lab.data.mnist.DataError: if MNIST's files are needed and missing, damaged or out of
            reach, or a table's package is not installed.
    """
    seed, n_train, label_noise = as_python((seed, n_train, label_noise))
    check(name, seed=seed, n_train=n_train, label_noise=label_noise)
    # A split of MNIST takes up to half a gigabyte, so few of them are kept.
    large = name.startswith("mnist") and name not in TABLES
    build = _build_large if large else _build_small
    return build(name, seed, n_train, float(label_noise))


def check(name: str, *, seed: int, n_train: int | None, label_noise: float) -> None:
    """Raise ValueError, as `load` does, for what is wrong whatever the data are."""
    if not isinstance(name, str) or name not in DATASETS:
        raise ValueError(f"unknown data set {name!r}: choose one of {', '.join(DATASETS)}")
    for field, number, least in (("seed", seed, 0), ("n_train", n_train, 1)):
        if not (is_whole(number, least) or (field == "n_train" and number is None)):
            raise ValueError(f"{field} must be a whole number, {least} or above, and is {number!r}")
    if not is_number(label_noise):
        raise ValueError(f"label_noise must be a finite number, 0 or above, and is {label_noise!r}")
    if name not in _NUMBERS and label_noise >= 1:
        raise ValueError(f"label_noise is a share of labels, in [0, 1), and is {label_noise!r}")


def _build(name: str, seed: int, n_train: int | None, label_noise: float) -> Split:
    if name in SYNTHETIC:
        task, outputs = "regression", 1
        x, y, rows = SYNTHETIC[name](seed)
    else:
        source = _SOURCES[name]
        x, y = _read(source.read)
        rows = _split_rows(source, y, seed)
        y = y % 2 if source.parity else y
        task, outputs = _asked(source, y)
    largest = len(rows["train"])
    keep = largest if n_train is None else n_train
    if keep > largest:
        raise ValueError(f"n_train is {n_train}, and {name!r} has at most {largest}")
    if name not in SYNTHETIC and task == "regression":
        middle, spread = standardiser(y[rows["train"][:keep], None], pixels=False)
        y = (y[:, None] - middle) / spread
    arrays = {f"y_{part}": y[index] for part, index in rows.items()}
    noise = np.random.default_rng([seed, _NOISE])
    if task == "regression":
        arrays["y_train"] = y[rows["train"]] + label_noise * noise.standard_normal((largest, 1))
        noisy = keep if label_noise > 0 else 0
    else:
        n_labels = 2 if task == "binary" else outputs
        arrays["y_train"], noisy = move_labels(y[rows["train"]], keep, n_labels, label_noise, noise)
    arrays["y_train"] = arrays["y_train"][:keep]
    rows["train"] = rows["train"][:keep]
    mean: np.ndarray | float = 0.0
    divisor: np.ndarray | float = 1.0
    if name not in SYNTHETIC:
        standard = standardiser(x[rows["train"]], pixels=source.pixels)
        mean, divisor = (0.0, source.ink) if source.ink else standard
    arrays |= {f"x_{part}": (x[index] - mean) / divisor for part, index in rows.items()}
    for array in arrays.values():
        array.setflags(write=False)
    return Split(name=name, task=task, n_classes=outputs, noisy=noisy, **arrays)


_build_small, _build_large = lru_cache(maxsize=128)(_build), lru_cache(maxsize=2)(_build)


@cache
def _read(read: Callable[[], tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    x, y = read()
    return x, y if np.issubdtype(y.dtype, np.floating) else y.astype(np.int64)


def _asked(source: _Source, y: np.ndarray) -> tuple[str, int]:
    """The task, and the outputs that a network needs."""
    if source.regression or source.binary or source.parity:
        return "regression" if source.regression else "binary", 1
    return "multiclass", int(y.max()) + 1


def _split_rows(source: _Source, classes: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    drawn = len(classes) - source.n_test if source.own_test else len(classes)
    if source.regression:  # ten groups by size, ties in the order of the rows
        classes = 10 * np.argsort(np.argsort(classes, kind="stable")) // len(classes)
    order = stratified_order(classes[:drawn], np.random.default_rng([seed, _SPLIT]))
    test = np.arange(drawn, len(classes))
    if not source.own_test:
        test, order = np.split(order, [source.n_test])
    val, train = np.split(order, [source.n_val])
    return {"train": train, "val": val, "test": test}
