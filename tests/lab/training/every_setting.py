"""Runs that between them have each choice that a step on a GPU can depend on, in one list."""

from dataclasses import replace

from l2scale.lab.training.runs import Run

BASE = Run(hidden=(9, 5), lam=1e-3, lr=0.02, steps=70, schedule="cosine")
STACK = {"hidden": (12, 7)}
BLOCKS = {"hidden": (8, 8)}
RATES = {
    "adam": {"optimiser": "adam", "lr": 1e-3},
    "adamw": {"optimiser": "adamw", "lr": 1e-3},
    "original": {"optimiser": "muon_original", "lr": 1e-2},
    "match": {"optimiser": "muon_match_rms_adamw", "lr": 1e-2},
}
# Of dense layers: these are recorded.
PERCEPTRONS = [
    {},
    {"momentum": 0.9},
    RATES["adam"],
    RATES["adamw"] | {"checkpoints": (0, 7, 70), "held_out": (40, 90)},
    {"schedule": "constant", "init": "lecun", "bias_init": 0.1},
    {"schedule": "warmup_cosine", "warmup": 9, "penalty": "fan"},
    {"schedule": "step", "layer_lr": (1.0, 0.5, 2.0), "layer_init": (1.0, 2.0, 0.5)},
    {"batch_size": None, "steps": 20},
    {"batch_size": 1},
    {"activation": "tanh", "init": "glorot", "penalty": "prior"},
    {"activation": "sigmoid", "penalty": "tensor_mean"},
    {"activation": "linear", "penalty": (0.0, 1.0, 2.0)},
    {"activation": "leaky_relu", "norm": "layer"},
    {"norm": "layer", "bias": False},
    {"penalise_biases": True, "penalty": "mean"},
    {"data": "teacher", "init": "pytorch"},
    {"data": "digits_parity", "init": "normal", "init_scale": 0.1, "label_noise": 0.1},
    {"outputs": "sigmoid"},
    {"dropout": 0.3},
    {"hidden": ()},
    {"dtype": "float64"},
]
OTHERS = [
    {"architecture": "layer_norm", **STACK},
    {"architecture": "layer_norm", **STACK, **RATES["original"], "penalty": "tensor_mean"},
    {"architecture": "layer_norm", **STACK, "data": "teacher", "activation": "tanh"},
    {"architecture": "layer_norm", **STACK, "batch_size": 1, "bias": False, "outputs": "sigmoid"},
    {"architecture": "batch_norm", **STACK},
    {"architecture": "batch_norm", **STACK, **RATES["adam"], "decay_steps": (20, 40)},
    {"architecture": "batch_norm", **STACK, **RATES["match"], "data": "digits_parity"},
    {"architecture": "batch_norm", **STACK, "batch_size": None, "steps": 20},
    {"architecture": "residual", **BLOCKS, "momentum": 0.9, "schedule": "step"},
    {"architecture": "residual", **BLOCKS, **RATES["adamw"], "decayed": "all"},
    {"architecture": "residual", **BLOCKS, **RATES["match"], "activation": "leaky_relu"},
    {
        "architecture": "residual",
        **BLOCKS,
        **RATES["original"],
        "muon_on": "hidden",
        "layer_lr": (0.1, 1.0, 1.0, 1.0, 1.0, 0.5),
    },
    {"architecture": "transformer", **BLOCKS, "n_train": 96},
    {"architecture": "transformer", **BLOCKS, "n_train": 96, **RATES["original"], "penalty": "fan"},
    {"architecture": "convolutional", "hidden": (4, 4), "n_train": 64},
    {"architecture": "convolutional", "hidden": (4, 4), "n_train": 64, **RATES["adamw"]},
]
SETTINGS = [*PERCEPTRONS, *OTHERS]


def group(change: dict, **more: object) -> list[Run]:
    """Three runs of the setting, that differ in what runs of a group may differ in."""
    return [replace(BASE, **change | more, seed=seed, lam=seed * 1e-3) for seed in range(3)]
