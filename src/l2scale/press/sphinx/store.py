"""What the chapters handed over, kept with Sphinx's environment until the end of the build."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PageFigure:
    """A plate as a page shows it: `meta` as in its JSON, `files` base64 by kind."""

    page: str
    meta: Mapping[str, Any]
    files: Mapping[str, str]

    def content(self, kind: str) -> bytes:
        """The bytes of one of its files."""
        return base64.b64decode(self.files[kind])


@dataclass
class Store:
    """Plates and reports by page name, then by figure id or exhibit; and who needs them late.

    `first` is the id of the first figure that a page shows, be it its own or another page's;
    `quoted` are the rows, by exhibit, that pages quote as they are written: (table, row).
    """

    plates: dict[str, dict[str, PageFigure]] = field(default_factory=dict)
    reports: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    late_pages: set[str] = field(default_factory=set)
    first: dict[str, str] = field(default_factory=dict)
    quoted: dict[str, set[tuple[str, int]]] = field(default_factory=dict)

    def add_plate(self, page: str, payload: Mapping[str, Any], location: object) -> None:
        """Keep a plate; warns where a page showed the figure before, for its address is one."""
        id = payload["meta"]["id"]
        for other, plates in self.plates.items():
            if id in plates:
                logger.warning("figure %r is shown on %s already", id, other, location=location)
        shown = PageFigure(page, payload["meta"], payload["files"])
        self.plates.setdefault(page, {})[id] = shown
        self.first.setdefault(page, id)

    def add_report(self, page: str, report: Mapping[str, Any]) -> None:
        """Keep a report."""
        self.reports.setdefault(page, {})[report["slug"]] = report

    def forget(self, page: str) -> None:
        """Drop all that came from a page."""
        self.plates.pop(page, None)
        self.reports.pop(page, None)
        self.first.pop(page, None)
        self.late_pages.discard(page)

    def merge(self, other: "Store", pages: Iterable[str]) -> None:
        """Take over what another process read from `pages`."""
        for page in pages:
            if page in other.plates:
                self.plates[page] = other.plates[page]
            if page in other.reports:
                self.reports[page] = other.reports[page]
            if page in other.first:
                self.first[page] = other.first[page]
            if page in other.late_pages:
                self.late_pages.add(page)


def of(env: BuildEnvironment) -> Store:
    """The environment's store."""
    holder: Any = env  # which keeps what an extension puts there
    if not hasattr(holder, "l2scale"):
        holder.l2scale = Store()
    return holder.l2scale


def pages(env: BuildEnvironment) -> Iterator[str]:
    """The pages in the order of the table of contents."""

    def walk(page: str) -> Iterator[str]:
        yield page
        for child in env.toctree_includes.get(page, ()):
            yield from walk(child)

    return walk(env.config.root_doc)


def plates(env: BuildEnvironment) -> dict[str, PageFigure]:
    """All figures by id, in the order of the book."""
    kept = of(env).plates
    return {id: shown for page in pages(env) for id, shown in kept.get(page, {}).items()}


def reports(env: BuildEnvironment) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """All reports, with their pages, by exhibit, in the order of the book."""
    kept = of(env).reports
    return {slug: (page, row) for page in pages(env) for slug, row in kept.get(page, {}).items()}


def verdicts(env: BuildEnvironment) -> dict[str, Mapping[str, Any]]:
    """All verdicts by claim id, as in a report."""
    return {
        claim: row for _, one in reports(env).values() for claim, row in one["verdicts"].items()
    }


def _purge(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    of(env).forget(page)


def _merge(
    app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment
) -> None:
    of(env).merge(of(other), docnames)


def _check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of figures that a chapter has and does not show: links to them would be dead."""
    shown = plates(env)
    for slug, (page, row) in reports(env).items():
        for id in row["figures"]:
            if id not in shown:
                logger.warning("figure %r of %s is shown on no page", id, slug, location=page)


def setup(app: Sphinx) -> None:
    """Keep the store in step with the pages that Sphinx reads."""
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("env-check-consistency", _check)
