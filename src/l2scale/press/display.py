"""What a chapter's cells call: show a figure, report a result."""

import gzip
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from types import ModuleType
from typing import Any

from l2scale.catalogue import predictions
from l2scale.catalogue.figures import FIGURES, Draw, spec_of
from l2scale.catalogue.results import Result, slug_of
from l2scale.catalogue.tables import Tables, packed, to_csv
from l2scale.catalogue.verdicts import SETTLED
from l2scale.lab.machine import one_thread
from l2scale.press import addresses, provenance
from l2scale.press.render import RenderedFigure, as_json, count, render

REPORT_MIME = "application/vnd.l2scale.report+json"
SITE_FOLDER = "L2SCALE_SITE_FOLDER"
"""Variable with the folder of the site that is being built."""


@dataclass(frozen=True)
class Report:
    """What a chapter's result says beyond its figures.

    Attributes:
        slug: the exhibit.
        tables: by name: CSV, main column and networks; see `l2scale.catalogue.tables`.
        predictions: see `l2scale.catalogue.predictions.listed`.
        verdicts: by claim id: verdict, statement, numbers, figure, derivation.
        figures: ids of the exhibit's figures; the chapter is to show each.
        networks: networks trained for it.
        scale, seconds, device, machine, commit, versions: what else made the result.
        rows: by measurement: bytes of the file that has a row for each network, where one was
            written: in a build, which names its folder in L2SCALE_SITE_FOLDER.
    """

    slug: str
    tables: Mapping[str, Mapping[str, Any]]
    predictions: Sequence[Mapping[str, Any]]
    verdicts: Mapping[str, Mapping[str, Any]]
    figures: tuple[str, ...]
    scale: str
    networks: int
    seconds: float
    device: str
    machine: str
    commit: str
    versions: Mapping[str, str]
    rows: Mapping[str, int] = field(default_factory=dict)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        summary = f"{count(self.networks, 'network')} in {self.seconds:.1f} s at {self.scale} scale"
        found = [(row["words"], row["outcome"]) for row in self.predictions]
        found += [(row["statement"], row["verdict"]) for row in self.verdicts.values()]
        rows = "".join(
            f"<tr><td>{escape(words)}</td><td>{escape(became)}</td></tr>" for words, became in found
        )
        return {
            "text/plain": f"{self.slug}: {summary}",
            "text/html": f"<p>{escape(summary)}. The numbers of this run:</p><table>{rows}</table>",
            REPORT_MIME: as_json(asdict(self)),
        }


# Beside training there are small products alone, in which several threads wait for each other.
@one_thread()
def show(draw: Draw, result: Result) -> RenderedFigure:
    """The figure that `draw` is registered as, drawn for `result`."""
    return render(spec_of(draw), result)


@one_thread()
def report(exhibit: ModuleType, result: Result) -> Report:
    """The tables, predictions and verdicts of an exhibit for `result`, and what made it.

    In a build the rows of its measurements are written into the site, see `Report.rows`.

    Raises:
        OSError: those cannot be written.
        ValueError: the result is another exhibit's, or a verdict points to a figure that the
            exhibit does not have.
    """
    slug = slug_of(exhibit.__name__)
    if result.slug != slug:
        raise ValueError(f"the result is of {result.slug!r}, the exhibit is {slug!r}")
    figures = tuple(spec.id for spec in FIGURES.values() if spec.slug == slug)
    return Report(
        slug=slug,
        tables={name: packed(table) for name, table in Tables(result).items()},
        predictions=predictions.listed(slug, Tables(result)),
        verdicts=_verdicts(slug, figures, result),
        figures=figures,
        scale=result.scale,
        networks=result.trained,
        seconds=round(result.seconds, 2),
        device=result.device,
        machine=result.machine,
        commit=provenance.commit(),
        versions=provenance.library_versions(),
        rows=_rows(result),
    )


def _rows(result: Result) -> dict[str, int]:
    # Files, for they have megabytes: a notebook server drops an output of that size.
    site = os.environ.get(SITE_FOLDER)
    if not site:
        return {}
    sizes = {}
    for name, measured in result.measurements.items():
        file = Path(site, addresses.rows_file(result.slug, name))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(to_csv(measured.table).encode(), mtime=0))
        sizes[name] = file.stat().st_size
    return sizes


def _verdicts(slug: str, figures: tuple[str, ...], result: Result) -> dict[str, dict[str, Any]]:
    verdicts = {}
    for claim, row in sorted(SETTLED.items()):
        if row.slug != slug:
            continue
        if row.figure not in figures:
            raise ValueError(f"{claim} points to figure {row.figure!r}: {slug} has {figures}")
        verdict = row.judge(result)
        verdicts[claim] = {
            "verdict": verdict.verdict,
            "statement": verdict.statement,
            "numbers": dict(verdict.numbers),
            "figure": row.figure,
            "derivation": row.derivation,
        }
    return verdicts
