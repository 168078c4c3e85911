"""How an objective can be written for a batch, and which lambda of the book each form has.

On a batch of B of the n training samples every form is

    per_sample * (sum of the batch's losses) + penalty * ||w||^2

with two numbers of its own. The book's lambda and the rate of the same steps follow from them.
"""

from collections.abc import Callable
from dataclasses import dataclass

Number = Callable[[float, int, int], float]  # of its own strength, B and n


@dataclass(frozen=True)
class Convention:
    """One way to write the objective of a batch.

    Attributes:
        words: how a reader recognises it.
        per_sample: factor on the loss of each sample of the batch.
        penalty: factor on the sum of squares.
        own: (lambda of the book, B, n) -> the strength that whoever writes it so is told to use.
    """

    words: str
    per_sample: Number
    penalty: Number
    own: Number

    def book(self, own: float, batch: int, samples: int) -> float:
        """The book's lambda for a strength in this form: penalty over the mean loss's factor."""
        return self.penalty(own, batch, samples) / self.on_mean(own, batch, samples)

    def rate(self, lr: float, own: float, batch: int, samples: int) -> float:
        """The rate at which this form takes the steps that the mean loss takes at `lr`."""
        return lr / self.on_mean(own, batch, samples)

    def on_mean(self, own: float, batch: int, samples: int) -> float:
        """Factor on the mean loss of the batch."""
        return self.per_sample(own, batch, samples) * batch


def _mean(own: float, batch: int, samples: int) -> float:
    return 1 / batch


def _sum(own: float, batch: int, samples: int) -> float:
    return 1.0


def _all(own: float, batch: int, samples: int) -> float:
    return samples / batch


CONVENTIONS = {
    "mean": Convention(
        "mean over the batch + λ‖w‖²", _mean, lambda own, b, n: own, lambda lam, b, n: lam
    ),
    "bengio": Convention(
        "sum over the batch + (B/n)Λ‖w‖²", _sum, lambda own, b, n: own * b / n,
        lambda lam, b, n: lam * n,
    ),
    "sum": Convention(
        "sum over the batch + Λ‖w‖²", _sum, lambda own, b, n: own, lambda lam, b, n: lam * b
    ),
    "total": Convention(
        "(n/B) times the sum over the batch + Λ‖w‖²", _all, lambda own, b, n: own,
        lambda lam, b, n: lam * n,
    ),
    "nielsen": Convention(
        "mean over the batch + (Λ/2n)‖w‖²", _mean, lambda own, b, n: own / (2 * n),
        lambda lam, b, n: 2 * n * lam,
    ),
    "sklearn": Convention(
        "C times the summed loss + ½‖w‖²", lambda own, b, n: own * n / b, lambda own, b, n: 0.5,
        lambda lam, b, n: 1 / (2 * lam * n),
    ),
    "decay": Convention(
        "mean over the batch + (ω/2)‖w‖²", _mean, lambda own, b, n: own / 2,
        lambda lam, b, n: 2 * lam,
    ),
    "sum_decay": Convention(
        "sum over the batch + (ω/2)‖w‖²", _sum, lambda own, b, n: own / 2,
        lambda lam, b, n: 2 * lam * b,
    ),
    "mlp": Convention(
        "mean over the batch + (α/2B)‖w‖²", _mean, lambda own, b, n: own / (2 * b),
        lambda lam, b, n: 2 * b * lam,
    ),
}  # fmt: skip

# What is read into Bengio's factor when the two forms are mixed up.
MISUSES = {
    "mean_scaled": Convention(
        "mean over the batch + (B/n)λ‖w‖²", _mean, lambda own, b, n: own * b / n,
        lambda lam, b, n: lam,
    ),
    "batch_samples": Convention(
        "sum over the batch + (B/n)Λ‖w‖², Λ = Bλ", _sum, lambda own, b, n: own * b / n,
        lambda lam, b, n: lam * b,
    ),
}  # fmt: skip

FORMS = CONVENTIONS | MISUSES
