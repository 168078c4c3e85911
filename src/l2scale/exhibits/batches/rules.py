"""What the chapter predicted, and the claims that it settles. Their words are in `text.toml`."""

from collections.abc import Mapping

from l2scale.catalogue.predictions import Prediction, declare
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.batches.best import RISE
from l2scale.exhibits.batches.conventions import MISUSES
from l2scale.exhibits.shared import outcome_of

Tables = Mapping[str, Table]
ROUNDING = 1e-10  # of the largest weight; float64 gives 1e-16 a step
MISLED = 0.01  # of the largest weight: a misuse is off by more. The text does not state it


def same_steps(tables: Tables) -> str:
    """All converted forms take the trainer's steps."""
    return outcome_of(tables["rounding"].row()["deviation"] < ROUNDING)


def fans_out(tables: Tables) -> str:
    """With the wrong factor, more is left of the sum of squares in smaller batches."""
    ends = tables["ends"].frame.query("form == 'mean_scaled'").sort_values("batch_size")
    return outcome_of(ends["kept"].is_monotonic_decreasing and ends["kept"].is_unique)


declare(
    __name__,
    "together",
    same_steps=Prediction(rule=same_steps, derivation="prop-bat-same"),
    fans_out=Prediction(rule=fans_out, derivation="eq-bat-book"),
    **{
        f"stays_{arm}": Prediction(f"powers[arm={arm}]", derivation="eq-bat-epoch")
        for arm in ("steps", "halved", "scaled")
    },
    rises=Prediction("powers[arm=epochs, short=yes]", *RISE, derivation="eq-bat-epoch"),
)


def conversions_agree(tables: Tables) -> bool:
    """Whether conversions agree to rounding, and the two misuses do with each other alone."""
    off, ends = tables["rounding"].row(), tables["ends"].frame
    misled = ends.loc[ends["form"].isin([*MISUSES]), "deviation"]
    return max(off["deviation"], off["between"]) < ROUNDING and misled.min() > MISLED


@settles("C04", figure="one-trajectory", derivation="eq-bat-bengio")
def bengio(tables: Tables) -> str:
    """Because his loss is summed over the samples, and the penalty belongs to all of them."""
    return "TRUE" if conversions_agree(tables) else "OPEN"


@settles("C08", figure="one-trajectory", derivation="prop-bat-same")
def which_samples(tables: Tables) -> str:
    """The factor is the number of training samples."""
    return "FALSE" if conversions_agree(tables) else "OPEN"


@settles("C40", figure="one-trajectory", derivation="prop-bat-same")
def batches_of_an_epoch(tables: Tables) -> str:
    """Where the loss is summed over the batch, and nowhere else."""
    return "CONDITIONAL" if conversions_agree(tables) else "OPEN"
