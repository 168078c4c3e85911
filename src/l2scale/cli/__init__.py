"""The command `l2scale`, with one module per subject.

A command is one function `add_<name>(commands)`. It registers a parser and sets `run`, a function
of the parsed options that returns the exit status and does the slow imports.
"""

import argparse
from collections.abc import Sequence

from l2scale.cli.convert import add_convert
from l2scale.cli.diagnose import add_diagnose
from l2scale.cli.figures import add_figure, add_figures

COMMANDS = (add_figures, add_figure, add_convert, add_diagnose)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="l2scale", description="How an L2 penalty scales with a network: figures and tools."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in COMMANDS:
        add(commands)
    options = parser.parse_args(arguments)
    return options.run(options)
