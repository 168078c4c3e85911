"""`l2scale figures` and `l2scale figure`: list the book's figures, and make one of them again."""

import argparse
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from l2scale.cli.outputs import check_folder
from l2scale.lab.sweeps.scale import SCALES, resolve

if TYPE_CHECKING:
    from l2scale.catalogue.figures import FigureSpec
    from l2scale.press.render import RenderedFigure


def add_figures(commands: argparse._SubParsersAction) -> None:
    """Register `l2scale figures`."""
    parser = commands.add_parser("figures", help="list all figures by id and what they draw")
    parser.set_defaults(run=list_figures)


def add_figure(commands: argparse._SubParsersAction) -> None:
    """Register `l2scale figure ID`."""
    parser = commands.add_parser("figure", help="train the networks behind a figure and draw it")
    parser.add_argument("id", metavar="ID", help="the figure's id, as `l2scale figures` lists it")
    parser.add_argument("--scale", choices=SCALES, help="how much to train (L2SCALE_SCALE)")
    parser.add_argument("--out", type=Path, default=Path("."), help="folder for the files (.)")
    parser.set_defaults(run=make_figure)


def list_figures(options: argparse.Namespace) -> int:
    """Print the id of every figure, and what it draws: what it finds is known once it has run."""
    from l2scale.catalogue.figures import FIGURES
    from l2scale.exhibits import EXHIBITS, load

    for slug in EXHIBITS:
        load(slug)
    width = max(map(len, FIGURES))
    for spec in FIGURES.values():
        print(f"{spec.id:{width}}  {_drawn(spec)}")
    return 0


def make_figure(options: argparse.Namespace) -> int:
    """Train what a figure rests on, and write its files."""
    from l2scale.catalogue.figures import FIGURES
    from l2scale.exhibits import EXHIBITS, load, run
    from l2scale.looks.numerals import nearest
    from l2scale.press.render import render

    scale = resolve(options.scale)
    exhibits = {slug: load(slug) for slug in EXHIBITS}
    if options.id not in FIGURES:
        raise ValueError(
            f"no figure {options.id!r}: there are {nearest(options.id, FIGURES)}, and what "
            f"`l2scale figures` lists"
        )
    check_folder("--out", options.out)
    spec = FIGURES[options.id]
    plate = render(spec, run(exhibits[spec.slug], scale))
    print(plate.meta["title"])
    try:
        _write(plate, spec.id, options.out)
    except OSError as error:
        kept = Path(mkdtemp(prefix="l2scale-"))
        _write(plate, spec.id, kept)
        raise OSError(f"{error.filename}: {error.strerror}. All files are in {kept}") from error
    return 0


def _write(plate: "RenderedFigure", id: str, folder: Path) -> None:
    from l2scale.press.addresses import file_name

    for kind, content in plate.files.items():
        path = folder / file_name(id, kind)
        path.write_bytes(content)
        print(path)


def _drawn(spec: "FigureSpec") -> str:
    return (spec.draw.__doc__ or spec.slug).strip().splitlines()[0]
