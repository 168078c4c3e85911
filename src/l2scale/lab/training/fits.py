"""Which settings of a run go with its architecture."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from l2scale.lab.training.runs import Run

MLP = "mlp"
ARCHITECTURES = (MLP, "layer_norm", "batch_norm", "residual")
MUON = ("muon_original", "muon_match_rms_adamw")
# What belongs to one of the two kinds, with the value that says nothing.
OF_MLP: dict[str, Any] = {
    "norm": "none",
    "penalise_biases": False,
    "layer_init": (),
    "bias_init": 0.0,
    "layer_lr": (),
}
OF_OTHERS: dict[str, Any] = {"decayed": "matrices", "decay_steps": ()}
# Matrices before, in and after the blocks, or as a stack of layers with a head.
MATRICES = {MLP: (1, 1), "layer_norm": (1, 1), "batch_norm": (1, 1), "residual": (2, 2)}


def matrices(run: "Run") -> int:
    """How many weight matrices the network has."""
    ends, each = MATRICES[run.architecture]
    return ends + each * len(run.hidden)


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
    if run.architecture not in ("layer_norm", "batch_norm") and len(set(run.hidden)) > 1:
        _refuse(run, "hidden", "give the same width for every block, as in (64, 64)")
    if run.decayed == "all" and run.penalty != "sum":
        raise ValueError(
            f"decayed 'all' goes with penalty 'sum', not {run.penalty!r}: the others have a "
            "coefficient for matrices only"
        )


def check_schedule(run: "Run") -> None:
    """Raise ValueError for a warm-up or a penalty that does not fit into the run's steps."""
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


def _refuse(run: "Run", field: str, way: str) -> None:
    raise ValueError(
        f"{field} is {getattr(run, field)!r}, which architecture {run.architecture!r} does not "
        f"take: {way}"
    )
