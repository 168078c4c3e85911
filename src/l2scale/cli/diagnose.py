"""`l2scale diagnose`: what a penalty does to saved weights, and against which force of the data."""

import argparse
import sys
from importlib import import_module
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING

from l2scale.cli.outputs import check_file
from l2scale.theory.initialisation import INITS
from l2scale.theory.penalties import PENALTIES

if TYPE_CHECKING:
    from torch import Tensor, nn

    from l2scale.practice.diagnosis import Diagnosis

LOSSES = {"cross_entropy": "cross_entropy", "mse": "mse_loss",
          "bce": "binary_cross_entropy_with_logits"}  # fmt: skip


def add_diagnose(commands: argparse._SubParsersAction) -> None:
    """Register `l2scale diagnose WEIGHTS`."""
    parser = commands.add_parser("diagnose", help="tell what an L2 penalty does to a saved model")
    parser.add_argument("weights", type=Path, metavar="WEIGHTS.pt", help="a saved state dict")
    parser.add_argument(
        "--lam",
        type=float,
        required=True,
        help="strength beside a mean loss: weight_decay / 2 of SGD or Adam",
    )
    parser.add_argument("--lr", type=float, help="learning rate, over 1 - momentum")
    parser.add_argument("--penalty", choices=PENALTIES, default="sum", help="(sum)")
    parser.add_argument("--start", choices=INITS, default="pytorch", help="start to compare with")
    parser.add_argument(
        "--exclude", nargs="+", default=[], metavar="PATTERN",
        help="more tensors without a penalty than biases and normalisation layers",
    )  # fmt: skip
    parser.add_argument("--model", metavar="MODULE:FACTORY", help="your function that makes it")
    parser.add_argument("--data", type=Path, metavar="DATA.pt", help="saved (inputs, targets)")
    parser.add_argument(
        "--eval", action="store_true",
        help="measure in evaluation mode, without dropout and with running means (training mode)",
    )  # fmt: skip
    parser.add_argument("--loss", choices=LOSSES, default="cross_entropy", help="(cross_entropy)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers there")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="draw it there: .svg, .png")
    parser.set_defaults(run=run_diagnose)


def run_diagnose(options: argparse.Namespace) -> int:
    """Print a diagnosis, and write what is asked for."""
    if options.json:
        check_file("--json", options.json)
    if options.figure:
        _check_figure(options.figure)
    found, remark = _measured(options) if options.model or options.data else _of_weights(options)
    print(found)
    print(f"\n{remark}")
    if options.json:
        options.json.write_text(found.to_json(), encoding="utf-8")
    if options.figure:
        found.figure().savefig(options.figure, dpi=150)
    return 0


def _check_figure(file: Path) -> None:
    from matplotlib.backend_bases import FigureCanvasBase

    formats = FigureCanvasBase.get_supported_filetypes()
    if file.suffix.removeprefix(".").lower() not in formats:
        raise ValueError(f"--figure {file} ends in none of .{', .'.join(sorted(formats))}")
    check_file("--figure", file)


def _of_weights(options: argparse.Namespace) -> "tuple[Diagnosis, str]":
    """A diagnosis, and what the file does not tell."""
    from l2scale.practice.diagnosing import diagnosed
    from l2scale.practice.files import load_state
    from l2scale.practice.state import left_out, place_state

    state = load_state(options.weights)
    placed = place_state(state, options.exclude)
    found = diagnosed(
        placed, options.lam, penalty=options.penalty, lr=options.lr, start=options.start
    )
    others = left_out(state, placed)
    remark = f"Left out: {', '.join(others)}.\n" if others else ""
    return found, (
        f"{remark}This is what names and weights alone tell: an embedding is not told from a "
        "linear layer.\nThat, and the force of the data, needs --model and --data."
    )


def _measured(options: argparse.Namespace) -> "tuple[Diagnosis, str]":
    """A diagnosis, and the mode that it is made in."""
    from torch.nn import functional

    from l2scale.practice import BIASES_AND_NORMS, diagnose
    from l2scale.practice.files import load_state

    if not (options.model and options.data):
        raise ValueError("the force of the data needs both --model and --data")
    loss, data = getattr(functional, LOSSES[options.loss]), _pair(options.data)
    model = _made(options.model).train(not options.eval)
    try:
        model.load_state_dict(load_state(options.weights))
    except RuntimeError as error:
        raise ValueError(
            f"{error}\nWhere names in the file begin with module. or _orig_mod. (of "
            "DistributedDataParallel, torch.compile), save the state dict of the module inside"
        ) from error
    try:
        found = diagnose(
            model, loss, data, options.lam, penalty=options.penalty, lr=options.lr,
            start=options.start, exclude=(*BIASES_AND_NORMS, *options.exclude),
        )  # fmt: skip
    except ValueError:
        raise
    except Exception as error:  # the model is the reader's own, and may fail in any way
        raise ValueError(
            f"--model {options.model} with --data {options.data} and --loss {options.loss}: "
            f"{_failure(error)}"
        ) from error
    mode = "evaluation mode" if options.eval else "training mode (--eval for the other)"
    return found, f"Measured in {mode}."


def _made(address: str) -> "nn.Module":
    """The model that the user's own function makes; their folder is where Python looks first."""
    from torch import nn

    name, _, factory = address.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        model = getattr(import_module(name), factory)()
    except (Exception, SystemExit) as error:  # it is the reader's own code, and may fail in any way
        raise ValueError(
            f"--model {address}: {_failure(error)}. Give package.module:function, a function "
            "without arguments that returns the model"
        ) from error
    finally:
        sys.path.remove(str(Path.cwd()))
    if not isinstance(model, nn.Module):
        raise ValueError(
            f"--model {address} returned {type(model).__name__}, not a torch nn.Module"
        )
    return model


def _failure(error: BaseException) -> str:
    """An error in one line, with the line of the reader's code that raised it."""
    frames = [frame for frame in extract_tb(error.__traceback__)[1:] if frame.filename[0] != "<"]
    where = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"


def _pair(path: Path) -> "tuple[Tensor, Tensor]":
    import torch

    from l2scale.practice.files import load_tensors

    held = load_tensors(path, "Save tensors alone: torch.save((inputs, targets), PATH)")
    held = tuple(held.values()) if isinstance(held, dict) else held
    if not (isinstance(held, tuple | list) and len(held) == 2 and all(map(torch.is_tensor, held))):
        raise ValueError(f"{path} is not inputs and targets: torch.save((inputs, targets), PATH)")
    return tuple(held)
