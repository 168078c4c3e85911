"""What `make bench` left for the book: figures, each with the record of how it was made.

They are measured when somebody asks for it and not at every build, so they are no figures of a
chapter and have no page of their own. `benchmarks.record` writes them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

THROUGHPUT, GROWTH = "bench_rounds", "growth"
FIGURES = (THROUGHPUT, GROWTH)
"""The figures' names, in the order in which they are shown."""


@dataclass(frozen=True)
class BenchFigure:
    """A figure as it was left: its record, and its images by kind."""

    meta: Mapping[str, Any]
    files: Mapping[str, bytes]


def figures_in(folder: Path) -> Iterator[BenchFigure]:
    """The figures that are in the folder."""
    for name in FIGURES:
        if (folder / f"{name}.json").exists():
            meta = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            files = {kind: (folder / f"{name}.{kind}").read_bytes() for kind in ("svg", "dark.svg")}
            yield BenchFigure(meta, files)
