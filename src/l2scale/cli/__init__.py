"""The command `l2scale`, with one module per subject.

A command is one function `add_<name>(commands)`. It registers a parser and sets `run`, a function
of the parsed options that returns the exit status and does the slow imports. What it refuses, or
what fails outside of it, is one line of the command's own and the status 2.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from l2scale.cli.convert import add_convert
from l2scale.cli.diagnose import add_diagnose
from l2scale.cli.figures import add_figure, add_figures
from l2scale.cli.suggest import add_suggest

COMMANDS = (add_figures, add_figure, add_convert, add_diagnose, add_suggest)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="l2scale", description="How an L2 penalty scales with a network: figures and tools."
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="say which version this is")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    for add in COMMANDS:
        add(commands)
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except (ValueError, RuntimeError, OSError) as error:
        print(f"l2scale {options.command}: {_printable(str(error))}", file=sys.stderr)
        return 2


class _Version(argparse.Action):
    """Looked up only when it is asked for: a folder of sources may be run without installing it."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print it, and end."""
        try:
            print(parser.prog, version("l2scale"))
        except PackageNotFoundError:
            print(parser.prog, "(not installed)")
        parser.exit()


def _printable(text: str) -> str:
    """A text of which no character does anything to a terminal but make room."""
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)
