"""`l2scale suggest`: a first lambda for a table of the reader's own."""

import argparse
import json
from pathlib import Path

from l2scale.cli.outputs import check_file

OPTIMISERS = ("sgd", "adamw")
TASKS = ("classes", "numbers")


def add_suggest(commands: argparse._SubParsersAction) -> None:
    """Register `l2scale suggest DATA --hidden N --optimiser NAME`."""
    parser = commands.add_parser("suggest", help="a first λ for your own data and network")
    parser.add_argument(
        "data", metavar="DATA",
        help="a .csv or .parquet file of the training rows, or a data set of scikit-learn",
    )  # fmt: skip
    parser.add_argument("--target", metavar="NAME", help="the column to predict, of a file")
    parser.add_argument(
        "--hidden", type=int, nargs="+", required=True, metavar="N",
        help="units of each hidden layer",
    )  # fmt: skip
    parser.add_argument("--optimiser", choices=OPTIMISERS, required=True)
    parser.add_argument("--task", choices=TASKS, help="where the targets could be either")
    parser.add_argument("--to", metavar="ID", help="say it to this setting of `convert --list`")
    parser.add_argument("--lr", type=float, metavar="X", help="learning rate")
    parser.add_argument("--momentum", type=float, metavar="X", default=0.0, help="of SGD (0)")
    parser.add_argument("--steps", type=int, metavar="N", help="of your training")
    parser.add_argument("--epochs", type=int, metavar="N", help="instead; with --batch-size")
    parser.add_argument("--batch-size", type=int, metavar="N", help="rows of a step")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers there")
    parser.set_defaults(run=print_suggestion)


def print_suggestion(options: argparse.Namespace) -> int:
    """Print a first lambda; 1 if the setting that is asked for has no such strength."""
    from dataclasses import asdict

    from l2scale.practice.conversions import NoEquivalent
    from l2scale.practice.reading import load
    from l2scale.practice.suggest import suggest_lambda

    if options.json:
        check_file("--json", options.json)
    names = ("hidden", "optimiser", "task", "to", "lr", "momentum", "steps", "epochs", "batch_size")
    x, y = load(options.data, options.target)
    try:
        found = suggest_lambda(x, y, **{name: getattr(options, name) for name in names})
    except NoEquivalent as reason:
        print(reason)
        return 1
    print(found)
    if options.json:
        options.json.write_text(json.dumps(asdict(found), indent=1), encoding="utf-8")
    return 0
