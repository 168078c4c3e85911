"""Writes a figure of a benchmark where the book finds it, with the record of how it was made."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from l2scale.catalogue.figures import Draw
from l2scale.catalogue.typeset import typeset
from l2scale.looks import style
from l2scale.press import provenance
from l2scale.press.render import draw_theme, to_json


@dataclass(frozen=True)
class FigureText:
    """A figure's title, caption and alt text, and what stands behind it."""

    title: str
    claim: str
    alt: str
    foot: str


def write(
    folder: Path, name: str, drawing: Draw, table: pd.DataFrame, words: FigureText, device: str
) -> None:
    """Draw the table in both themes, and write images and record into the folder.

    Args:
        folder: which `l2scale.press.bench.figures_in` reads.
        name: one of `l2scale.press.bench.FIGURES`.
        drawing: makes the figure of the table.
        table: what was measured.
        words: about the figure.
        device: it was measured on, in words.
    """
    today = date.today().isoformat()
    title, foot = typeset(words.title), f"{words.foot} · {device} · {today}"
    printed = {mode: draw_theme(drawing, table, title, foot, mode) for mode in style.MODES}
    meta = {
        "id": name,
        "title": title,
        "claim": typeset(words.claim),
        "alt": typeset(words.alt),
        "size": printed["light"].size,
        "device": device,
        "date": today,
        "commit": provenance.commit(),
        "versions": provenance.library_versions(),
        "rows": table.to_dict("records"),
    }
    (folder / f"{name}.svg").write_bytes(printed["light"].svg)
    (folder / f"{name}.dark.svg").write_bytes(printed["dark"].svg)
    (folder / f"{name}.json").write_bytes(to_json(meta))
