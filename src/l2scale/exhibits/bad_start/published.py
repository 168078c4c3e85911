"""Nielsen's published comparison of two starts, and ours on the data at hand."""

import math

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.bad_start.sweeps import PUBLISHED
from l2scale.exhibits.bad_start.training import NAMES, edges, gap
from l2scale.exhibits.shared import means
from l2scale.lab.data.datasets import load
from l2scale.theory.epochs import epoch_factor

RECORD = pd.DataFrame({
    "width": [30, 30, 100, 100],
    "init": ["normal", "lecun", "normal", "lecun"],
    "his_first": [0.1357, 0.0730, 0.1006, 0.0705],
    "his_last": [0.0363, 0.0350, 0.0258, 0.0219],
})  # fmt: skip
"""Nielsen's errors on 10,000 validation images after epochs 1 and 30, of one run each.

From fig/weight_initialization_30.json and _100.json of
https://github.com/mnielsen/neural-networks-and-deep-learning (commit b5ee3ad, the last one).
"""
HIS = 2 * PUBLISHED.lam  # his lambda over n, twice the book's
EPOCHS, HIS_BATCHES = 30, 5000  # of his runs, and in each epoch of 50,000 images
MARGIN = 0.01  # errors this near to each other are level
DATA = {
    "digits_pixels": "UCI digits of 8 × 8 pixels",
    "mnist_test_pixels": "MNIST's 10,000 test images",
    "mnist_pixels": "MNIST",
}


@table(source="published")
def published(result: Result) -> pd.DataFrame:
    """Per data set, width, start, seed and checkpoint: validation error, a share; `epoch`."""
    rows = result["published"].table
    columns = ["data", "width", "init", "seed", "n_train", "batch_size", "step", "val_error"]
    return rows[columns].assign(epoch=rows["step"] * rows["batch_size"] / rows["n_train"])


@table(source="published")
def our_data(result: Result) -> pd.DataFrame:
    """One row: the data set and its epochs, and what decay leaves of a weight without a gradient.

    `left`: over all our epochs; `his_left`: over his. `margin`: in percentage points.
    """
    rows = published(result)
    data, n, epochs = rows["data"].iloc[0], int(rows["n_train"].iloc[0]), rows["epoch"].max()
    batches = n // PUBLISHED.batch_size
    squares = np.square(load(data, seed=0, n_train=n).x_train).sum(axis=1)
    row = {"data": DATA[data], "images": n, "batches": batches, "square": squares.mean()}
    row |= {"epochs": epochs, "left": epoch_factor(PUBLISHED.lr, PUBLISHED.lam, batches) ** epochs}
    his = math.exp(-2 * PUBLISHED.lr * PUBLISHED.lam * EPOCHS * HIS_BATCHES)
    row |= {"his_left": his, "his_ratio": HIS, "margin": 100 * MARGIN}
    return pd.DataFrame([row])


@table(source="published", main="first")
def errors(result: Result) -> pd.DataFrame:
    """Per width and start: validation error after the first epoch and the last, ours and his."""
    first, last = (
        means(rows, ["width", "init"], "val_error").rename(columns={"val_error": when})
        for when, rows in edges(published(result)).items()
    )
    last = last.rename(columns={"low": "last_low", "high": "last_high"}).drop(columns="seeds")
    found = first.merge(last, on=["width", "init"]).merge(RECORD, on=["width", "init"])
    return found.assign(start=found["init"].map(NAMES), epochs=published(result)["epoch"].max())


@table(source="published", main="gap")
def gaps(result: Result) -> pd.DataFrame:
    """Per width, by `when`, after the first epoch and the last: `gap` of the starts' errors."""
    return pd.DataFrame(
        {"width": width, "when": when} | gap(rows)
        for when, cells in edges(published(result)).items()
        for width, rows in cells.groupby("width")
    )
