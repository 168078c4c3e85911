"""What `make bench` leaves for the book: two figures, and the record of how each was made.

They are measured when somebody asks for it and not at every build, so they are no figures of a
chapter and have no page of their own.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from l2scale.catalogue import style
from l2scale.catalogue.figures import Draw
from l2scale.catalogue.typeset import typeset
from l2scale.press import provenance
from l2scale.press.render import draw, to_json

THROUGHPUT, GROWTH = "bench_rounds", "growth"
FIGURES = (THROUGHPUT, GROWTH)
"""The figures' names, in the order in which they are shown."""


@dataclass(frozen=True)
class Words:
    """A figure's title, caption and alt text, and what stands behind it."""

    title: str
    claim: str
    alt: str
    foot: str


@dataclass(frozen=True)
class Kept:
    """A figure as it was left: its record, and its images by kind."""

    meta: Mapping[str, Any]
    files: Mapping[str, bytes]


def keep(
    folder: Path, name: str, drawing: Draw, table: pd.DataFrame, words: Words, device: str
) -> None:
    """Draw the table in both themes, and write images and record into the folder."""
    today = date.today().isoformat()
    title, foot = typeset(words.title), f"{words.foot} · {device} · {today}"
    printed = {mode: draw(drawing, table, title, foot, mode) for mode in style.MODES}
    meta = {
        "id": name,
        "title": title,
        "claim": typeset(words.claim),
        "alt": typeset(words.alt),
        "size": printed["light"].size,
        "device": device,
        "date": today,
        "commit": provenance.commit(),
        "versions": provenance.versions(),
        "rows": table.to_dict("records"),
    }
    (folder / f"{name}.svg").write_bytes(printed["light"].svg)
    (folder / f"{name}.dark.svg").write_bytes(printed["dark"].svg)
    (folder / f"{name}.json").write_bytes(to_json(meta))


def kept(folder: Path) -> Iterator[Kept]:
    """The figures that are in the folder."""
    for name in FIGURES:
        if (folder / f"{name}.json").exists():
            meta = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            kinds = ("svg", "dark.svg")
            yield Kept(meta, {kind: (folder / f"{name}.{kind}").read_bytes() for kind in kinds})
