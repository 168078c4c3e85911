"""Which settings of a run go together: with its architecture, its layers and its steps."""

from typing import TYPE_CHECKING, Any

from l2scale.lab.checks import are, is_number, is_positive
from l2scale.lab.data.datasets import SIDES
from l2scale.theory.penalties import PENALTIES

if TYPE_CHECKING:
    from l2scale.lab.training.runs import Run

MLP = "mlp"
ARCHITECTURES = (MLP, "layer_norm", "batch_norm", "residual", "transformer", "convolutional")
MUON = ("muon_original", "muon_match_rms_adamw")
# What belongs to one of the two kinds, with the value that says nothing.
OF_MLP: dict[str, Any] = {
    "norm": "none",
    "dropout": 0.0,
    "held_out": (),
    "penalise_biases": False,
    "layer_init": (),
    "bias_init": 0.0,
}
OF_OTHERS: dict[str, Any] = {"decayed": "matrices", "decay_steps": (), "muon_on": "matrices"}
STACKS = (MLP, "layer_norm", "batch_norm")
IN_BLOCK = {"residual": 2, "transformer": 6, "convolutional": 2}  # matrices
HEADS = 4  # of the transformer's attention


def matrices(run: "Run") -> int:
    """How many weight matrices the network has: of its layers or blocks, and at its ends."""
    if run.architecture in STACKS:
        return len(run.hidden) + 1
    return IN_BLOCK[run.architecture] * len(run.hidden) + 2


def check_architecture(run: "Run") -> None:
    """Raise ValueError for the first setting that the run's architecture does not know."""
    plain = run.architecture == MLP
    others = "mlp" if not plain else ", ".join(ARCHITECTURES[1:])
    for field, unset in (OF_OTHERS if plain else OF_MLP).items():
        if getattr(run, field) != unset:
            _refuse(run, field, f"leave it at {unset!r}, or choose of {others}")
    if run.optimiser in MUON and plain:
        _refuse(run, "optimiser", f"choose another, or of {others}")
    if plain:
        return
    if run.optimiser == "lbfgs":
        _refuse(run, "optimiser", "choose another, or mlp")
    if not run.hidden:
        _refuse(run, "hidden", "give at least one width")
    if run.architecture == "batch_norm" and run.batch_size == 1:
        _refuse(run, "batch_size", "a batch norm needs 2 samples or more")
    if run.architecture in IN_BLOCK and len(set(run.hidden)) > 1:
        _refuse(run, "hidden", "give the same width for every block, as in (64, 64)")
    if run.architecture in ("transformer", "convolutional") and run.data not in SIDES:
        _refuse(run, "data", f"it sees images: choose one of {', '.join(SIDES)}")
    if run.architecture == "transformer" and run.hidden[0] % HEADS:
        _refuse(run, "hidden", f"its {HEADS} heads share the width: give a multiple of {HEADS}")
    if run.architecture == "convolutional" and run.optimiser in MUON:
        _refuse(run, "optimiser", "torch's Muon takes matrices, and kernels have four axes")
    if run.decayed == "all" and run.penalty != "sum":
        raise ValueError(
            f"decayed 'all' goes with penalty 'sum', not {run.penalty!r}: the others have a "
            "coefficient for matrices only"
        )


def check_choice(field: str, value: object, choices: tuple[str, ...]) -> None:
    """Raise ValueError for a value of the field that is none of its choices."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"unknown {field} {value!r}: choose one of {', '.join(choices)}")


def check_layers(run: "Run") -> None:
    """Raise ValueError for what has an entry a layer, and not one for each."""
    layers = matrices(run)
    for field in ("layer_init", "layer_lr"):
        factors = getattr(run, field)
        if factors != () and not (are(is_positive, factors) and len(factors) == layers):
            raise ValueError(
                f"{field} is {factors!r}: give one finite number above 0 for each of the "
                f"{layers} layers, or ()"
            )
    if isinstance(run.penalty, str):
        check_choice("penalty", run.penalty, PENALTIES)
    elif not (are(is_number, run.penalty) and len(run.penalty) == layers):
        raise ValueError(
            f"penalty is {run.penalty!r}: give one of {', '.join(PENALTIES)}, or a tuple with "
            f"one finite number, 0 or above, for each of the {layers} layers"
        )


def check_schedule(run: "Run") -> None:
    """Raise ValueError for a warm-up, penalty or checkpoint that the run's steps do not hold."""
    if (run.schedule == "warmup_cosine") != (run.warmup > 0):
        raise ValueError(
            f"warmup is {run.warmup} with schedule {run.schedule!r}: warmup_cosine takes a whole "
            "number above 0, and the others 0"
        )
    if run.warmup > run.steps:
        raise ValueError(
            f"warmup {run.warmup} is longer than the {run.steps} steps: choose at most as many"
        )
    first, *rest = run.decay_steps or (0,)
    if run.decay_steps and not (len(rest) == 1 and first < rest[0] <= run.steps):
        raise ValueError(
            f"decay_steps is {run.decay_steps!r}: give the first step of the penalty and the one "
            f"after its last, as in (0, {run.steps}), at most {run.steps}; or () for all"
        )
    rising = list(run.checkpoints) == sorted(set(run.checkpoints))
    if not rising or max(run.checkpoints, default=0) > run.steps:
        raise ValueError(
            f"checkpoints are {run.checkpoints}: rising steps between 0 and {run.steps}"
        )


def check_optimiser(run: "Run") -> None:
    """Raise ValueError for what the run's optimiser has no use for."""
    if run.momentum and run.optimiser != "sgd":
        raise ValueError(f"momentum {run.momentum} belongs to sgd, not to {run.optimiser}")
    if run.muon_on == "hidden" and (run.optimiser not in MUON or matrices(run) < 3):
        raise ValueError(
            f"muon_on is 'hidden', with {run.optimiser} and {matrices(run)} matrices: it is for "
            f"{' and '.join(MUON)}, and a network of 3 or more; choose 'matrices'"
        )
    if run.optimiser == "lbfgs" and (run.batch_size, run.dtype) != (None, "float64"):
        raise ValueError(
            "lbfgs needs batch_size None and dtype float64, and they are "
            f"{run.batch_size} and {run.dtype}"
        )
    if run.dropout and (run.optimiser == "lbfgs" or not run.hidden):
        raise ValueError(
            f"dropout {run.dropout} needs hidden units, and sgd, adam or adamw, whose "
            f"objective may change at each step, not {run.optimiser} with {run.hidden}: "
            "choose dropout 0 for these"
        )


def check_data(run: "Run") -> None:
    """Raise ValueError for a batch larger than the data, or biases that are drawn and not there."""
    if run.bias_init and not run.bias:
        raise ValueError(f"bias_init is {run.bias_init}, and the network has no biases")
    if run.n_train is not None and (run.batch_size or 0) > run.n_train:
        raise ValueError(
            f"batch_size {run.batch_size} exceeds the {run.n_train} training samples that "
            "n_train leaves: choose at most as many, or None for the full batch"
        )


def _refuse(run: "Run", field: str, way: str) -> None:
    raise ValueError(
        f"{field} is {getattr(run, field)!r}, which architecture {run.architecture!r} does not "
        f"take: {way}"
    )
