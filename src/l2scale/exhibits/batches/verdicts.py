"""What the trajectories say of Bengio's factor, of the samples in it, and of N/B."""

import numpy as np
import pandas as pd

from l2scale.catalogue.numerals import listing, percent, plain
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.batches.conventions import MISUSES
from l2scale.exhibits.batches.one_trajectory import largest, misled
from l2scale.exhibits.batches.walks import WALK

ROUNDING = 1e-10  # of the largest weight; float64 gives 1e-16 a step
OPEN = "The trajectories do not tell right from wrong conversions at this scale."


def apart(table: pd.DataFrame) -> bool:
    """Whether conversions agree to rounding, and the two misuses do with each other alone."""
    columns = ["sq_norm", "deviation"]
    one, other = (table.loc[table["form"] == form, columns] for form in MISUSES)
    agree = np.allclose(one, other, rtol=ROUNDING, atol=ROUNDING)
    off = min(value for form in MISUSES for value in misled(table, form).values())
    return largest(table) < ROUNDING and agree and off > 0.01


def misuse(table: pd.DataFrame, form: str) -> str:
    """What the wrong factor does, by batch size."""
    off = [f"{percent(value)} at B = {size}" for size, value in misled(table, form).items()]
    return (
        f"some weight off by {listing(off)}, of the largest weight, after {table['step'].max():,} "
        f"steps at λ = {plain(WALK.lam)}"
    )


def settle(table: pd.DataFrame, form: str, verdict: str, statement: str) -> Verdict:
    """The verdict, if the trajectories are apart; its numbers are those of one misuse."""
    off = {f"off at B = {size}": value for size, value in misled(table, form).items()}
    numbers = {"largest difference": largest(table)} | off
    if not apart(table):
        return Verdict("OPEN", OPEN, numbers)
    return Verdict(verdict, statement, numbers)


@settles("C04", figure="one-trajectory", derivation="eq-bat-bengio")
def bengio(result: Result) -> Verdict:
    """Because his loss is summed over the samples, and the penalty belongs to all of them."""
    table = result["walks"].table
    return settle(
        table,
        "mean_scaled",
        "TRUE",
        "There is a reason: his criterion is a sum over the n training samples, of which a batch "
        "has the share B/n, so the penalty, added once for every batch, takes that share too. With "
        "Λ = nλ and the rate divided by B it takes the steps of the mean loss with λ, to "
        f"{largest(table):.0e} of the largest weight. On a mean loss there is nothing to correct, "
        f"and the factor leaves {misuse(table, 'mean_scaled')}.",
    )


@settles("C08", figure="one-trajectory", derivation="prop-bat-same")
def which_samples(result: Result) -> Verdict:
    """The factor is the number of training samples."""
    table = result["walks"].table
    return settle(
        table,
        "batch_samples",
        "FALSE",
        "Multiplied by a number of samples, yes: those of the training set, Λ = nλ. The B/n of the "
        "batch then makes Bλ of it, and the step divided by B has λ again, in batches of any size, "
        f"to {largest(table):.0e} of the largest weight. With the samples of the batch, Λ = Bλ, "
        f"the strength becomes λB/n, which leaves {misuse(table, 'batch_samples')}.",
    )


@settles("C40", figure="one-trajectory", derivation="prop-bat-same")
def batches_of_an_epoch(result: Result) -> Verdict:
    """Where the loss is summed over the batch, and nowhere else."""
    table = result["walks"].table
    return settle(
        table,
        "mean_scaled",
        "CONDITIONAL",
        "TRUE where the loss is summed over the batch and Λ belongs to the sum over the training "
        "set; batches of one sample need the factor as well, 1/n. FALSE where the loss is a mean "
        "over the batch: the penalty is then whole at every step, and dividing it by the n/B "
        f"batches of an epoch leaves {misuse(table, 'mean_scaled')}.",
    )
