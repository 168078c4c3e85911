"""The command `l2scale`: list the book's figures, and make one of them again."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from l2scale.catalogue.figures import FIGURES, FigureSpec
from l2scale.exhibits import EXHIBITS, load
from l2scale.lab.scale import SCALES
from l2scale.press.addresses import file_name
from l2scale.press.render import render


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="l2scale", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("figures", help="list the ids and titles of all figures")
    one = commands.add_parser("figure", help="train the networks behind a figure and draw it")
    one.add_argument("id", metavar="ID", help="the figure's id, as `l2scale figures` lists it")
    one.add_argument("--scale", choices=SCALES, help="how much to train (default: L2SCALE_SCALE)")
    one.add_argument("--out", type=Path, default=Path("."), help="folder for the files (default .)")
    options = parser.parse_args(arguments)
    exhibits = {slug: load(slug) for slug in EXHIBITS}
    if options.command == "figures":
        width = max(map(len, FIGURES))
        for spec in FIGURES.values():
            print(f"{spec.id:{width}}  {_heading(spec)}")
        return 0
    if options.id not in FIGURES:
        print(f"no figure {options.id!r}: choose one of {', '.join(FIGURES)}", file=sys.stderr)
        return 2
    spec = FIGURES[options.id]
    plate = render(spec, exhibits[spec.slug].run(options.scale))
    options.out.mkdir(parents=True, exist_ok=True)
    print(plate.meta["title"])
    for kind, content in plate.files.items():
        path = options.out / file_name(spec.id, kind)
        path.write_bytes(content)
        print(path)
    return 0


def _heading(spec: FigureSpec) -> str:
    """A figure's title, or what its function says it draws where the title takes a result."""
    if not callable(spec.title):
        return spec.title
    return (spec.draw.__doc__ or spec.slug).strip().splitlines()[0]
