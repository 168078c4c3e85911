"""What this chapter trains: sigmoid networks from N(0, 1) weights, as in Nielsen (2015)."""

from dataclasses import replace
from typing import Any

from l2scale.lab.data import mnist
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid

RATIOS = (1e-4, 1e-3, 1e-2, 2e-2, 3e-2, 1e-1)  # his lambda over n, twice the book's lambda
SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "n": 200, "steps": 600, "ratios": RATIOS, "seeds": 3, "width": 8,
        "start_widths": (8, 32), "start_seeds": 3,
        "widths": (4, 8, 16), "end_ratios": (1e-3, 3e-3, 1e-2), "end_seeds": 2, "iterations": 60,
        "published_n": 200, "epochs": 2, "published_seeds": 2,
    },
    "book": {
        "n": 1000, "steps": 20_000, "ratios": RATIOS, "seeds": 6, "width": 30,
        "start_widths": (10, 30, 100, 300), "start_seeds": 12,
        "widths": (8, 16, 32, 64, 128), "end_ratios": (1e-3, 3e-3, 1e-2), "end_seeds": 3,
        "iterations": 300,
        "published_n": 1000, "epochs": 30, "published_seeds": 6,
    },
    "full": {
        "n": 1000, "steps": 80_000, "ratios": RATIOS, "seeds": 64, "width": 30,
        "start_widths": (10, 30, 100, 300, 1000), "start_seeds": 64,
        "widths": (8, 16, 32, 64, 128, 256), "end_ratios": (3e-4, 1e-3, 3e-3, 1e-2),
        "end_seeds": 12, "iterations": 1000,
        "published_n": 1000, "epochs": 30, "published_seeds": 12,
    },
}  # fmt: skip

BATCH = 10
STARTS = ("normal", "lecun")  # N(0, 1) and N(0, 1/n_in)
SIGMOIDS = Run(
    data="digits_pixels", activation="sigmoid", outputs="sigmoid", init="normal", bias_init=1.0,
    lr=0.5, batch_size=BATCH,
)  # fmt: skip
PUBLISHED = replace(SIGMOIDS, lr=0.1, lam=0.5e-4)  # his lambda 5 for 50,000 images


def book_lambda(ratio: float) -> float:
    """The book's lambda for his lambda over n: his cost has (lambda / 2n) sum w^2."""
    return ratio / 2


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    at = SETTINGS[scale]
    base, long = replace(SIGMOIDS, n_train=at["n"]), long_run(at)
    lams = [book_lambda(ratio) for ratio in at["ratios"]]
    end_lams = [book_lambda(ratio) for ratio in at["end_ratios"]]
    untrained = replace(base, steps=0, lam=book_lambda(1e-3))
    minimum = replace(
        base, optimiser="lbfgs", batch_size=None, dtype="float64", steps=at["iterations"]
    )
    return (
        Sweep("starts", grid(untrained, hidden=[(width,) for width in at["start_widths"]],
                             seed=range(at["start_seeds"]))),
        Sweep("decay", grid(long, init=STARTS, lam=lams, seed=range(at["seeds"]))),
        Sweep("unpenalised", grid(long, init=STARTS, seed=range(at["seeds"]))),
        Sweep("ends", grid(minimum, init=STARTS, hidden=[(width,) for width in at["widths"]],
                           lam=end_lams, seed=range(at["end_seeds"]))),
        Sweep("published", grid(published_run(scale), hidden=[(30,), (100,)], init=STARTS,
                                seed=range(at["published_seeds"]))),
    )  # fmt: skip


def long_run(at: dict[str, Any]) -> Run:
    """A network whose rate falls after half of its steps, and the noise of its batches with it."""
    steps, epoch = at["steps"], at["n"] // BATCH
    early = {epoch * e // 10 for e in (0, 1, 3)} | {epoch * e for e in (1, 2, 3, 4, 5, 10, 20, 50)}
    late = {steps * part // 8 for part in (1, 2, 3, 4, 5, 6, 7, 8)}
    return replace(
        SIGMOIDS, n_train=at["n"], hidden=(at["width"],), steps=steps, schedule="step",
        checkpoints=tuple(sorted(step for step in early | late if step <= steps)),
    )  # fmt: skip


def published_run(scale: str) -> Run:
    """Nielsen's networks on the largest data of his kind at hand."""
    last = SETTINGS[scale]["epochs"]
    data, n = images(scale)
    epoch = n // BATCH
    epochs = sorted({0, 1, 2, 5, 10, 20, last})
    return replace(
        PUBLISHED, data=data, n_train=n, steps=epoch * last,
        checkpoints=tuple(epoch * e for e in epochs if e <= last),
    )  # fmt: skip


def images(scale: str) -> tuple[str, int]:
    """The data set and its number of training images: MNIST where its files are, else digits.

    The tests use digits; a full-scale run downloads MNIST where it is not.
    """
    if scale == "full" or (scale == "book" and mnist.at_hand("train") and mnist.at_hand("test")):
        return "mnist_pixels", 50_000
    if scale == "book" and mnist.at_hand("test"):
        return "mnist_test_pixels", 6_000
    return "digits_pixels", SETTINGS[scale]["published_n"]
