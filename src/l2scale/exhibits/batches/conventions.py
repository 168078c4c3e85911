"""How an objective can be written for a batch, and which lambda of the book each form has.

On a batch of B of the n training samples every form is

    per_sample * (sum of the batch's losses) + penalty * ||w||^2

with two numbers of its own, from its record in `l2scale.practice.settings`. The book's lambda and
the rate of the same steps follow from them.
"""

from dataclasses import dataclass, replace

from l2scale.practice.monomials import Monomial
from l2scale.practice.settings import SETTINGS, Setting


@dataclass(frozen=True)
class Convention:
    """One way to write the objective of a batch.

    Attributes:
        words: how a reader recognises it.
        setting: the record of its strength.
        typed: the strength that whoever writes it so is told to use, with the book's lambda as
            the value.
    """

    words: str
    setting: Setting
    typed: Monomial

    def own(self, lam: float, batch: int, samples: int) -> float:
        """The strength to type for a lambda of the book."""
        return self.typed.of(_known(lam, batch, samples))

    def penalty(self, own: float, batch: int, samples: int) -> float:
        """Factor on the sum of squares."""
        return self.setting.penalty.of(_known(own, batch, samples))

    def on_mean(self, own: float, batch: int, samples: int) -> float:
        """Factor on the mean loss of the batch."""
        return self.setting.loss.of(_known(own, batch, samples))

    def per_sample(self, own: float, batch: int, samples: int) -> float:
        """Factor on the loss of each sample of the batch."""
        return self.on_mean(own, batch, samples) / batch

    def book(self, own: float, batch: int, samples: int) -> float:
        """The book's lambda for a strength in this form."""
        return self.setting.strength.of(_known(own, batch, samples))

    def rate(self, lr: float, own: float, batch: int, samples: int) -> float:
        """The rate at which this form takes the steps that the mean loss takes at `lr`."""
        return lr / self.on_mean(own, batch, samples)


def _known(value: float, batch: int, samples: int) -> dict[str, float]:
    return {"value": value, "batch_size": batch, "n_samples": samples}


def _right(words: str, id: str) -> Convention:
    return Convention(words, SETTINGS[id], SETTINGS[id].strength.inverse("value"))


CONVENTIONS = {
    "mean": _right("mean over the batch + λ‖w‖²", "book"),
    "bengio": _right("sum over the batch + (B/n)Λ‖w‖²", "bengio"),
    "sum": _right("sum over the batch + Λ‖w‖²", "sum-by-hand"),
    "total": _right("(n/B) times the sum over the batch + (Λ/2)‖w‖²", "log-posterior"),
    "nielsen": _right("mean over the batch + (Λ/2n)‖w‖²", "nielsen"),
    "sklearn": _right("C times the summed loss + ½‖w‖²", "sklearn-logistic"),
    "decay": _right("mean over the batch + (ω/2)‖w‖²", "torch-sgd"),
    "sum_decay": _right("sum over the batch + (ω/2)‖w‖²", "torch-sgd-sum"),
    "mlp": _right("mean over the batch + (α/2B)‖w‖²", "sklearn-mlp"),
}

_SHARE = Monomial(1.0, {"value": 1, "batch_size": 1, "n_samples": -1})

# What is read into Bengio's factor when the two forms are mixed up.
MISUSES = {
    "mean_scaled": Convention(
        "mean over the batch + (B/n)λ‖w‖²",
        replace(SETTINGS["book"], penalty=_SHARE),
        Monomial(1.0, {"value": 1}),
    ),
    "batch_samples": Convention(
        "sum over the batch + (B/n)Λ‖w‖², Λ = Bλ",
        SETTINGS["bengio"],
        Monomial(1.0, {"value": 1, "batch_size": 1}),
    ),
}

FORMS = CONVENTIONS | MISUSES
