"""The gallery and the ledger, and what their filters choose by; ``filter.js`` chooses."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from l2scale.catalogue.claims import CLAIMS, THREADS, Claim
from l2scale.catalogue.predictions import OUTCOMES, STATED
from l2scale.catalogue.typeset import typeset
from l2scale.catalogue.verdicts import VERDICTS
from l2scale.looks import style
from l2scale.press.sphinx import citations, derivations, objections, store
from l2scale.press.sphinx.nodes import load_scripts
from l2scale.press.sphinx.templating import render_template
from l2scale.theory.penalties import PENALTIES

logger = logging.getLogger(__name__)

SCRIPT = "filter.js"
BECAME = (*OUTCOMES, "in part")


def gallery(app: Sphinx, page: str) -> str:
    """All figures, chapter by chapter, to be filtered by chapter, penalty and claim."""
    plates = store.plates(app.env)
    chapters: dict[str, list[store.PageFigure]] = {}
    for shown in plates.values():
        chapters.setdefault(shown.page, []).append(shown)
    penalties = {name for shown in plates.values() for name in shown.meta["penalties"]}
    claims = {name for shown in plates.values() for name in shown.meta["claims"]}
    return render_template(
        app,
        page,
        "gallery.html",
        chapters=chapters,
        titles={name: app.env.titles[name].astext() for name in chapters},
        list="figures",
        noun="figure",
        total=len(plates),
        choices={
            "chapter": ("Chapter", _chapters(app, plates.values())),
            "penalty": ("Penalty", [(p, style.words(p)) for p in PENALTIES if p in penalties]),
            "claim": ("Claim", [(c.id, _describe(c)) for c in CLAIMS.values() if c.id in claims]),
        },
    )


def verdict_list(app: Sphinx, page: str, ledger: Mapping[str, Mapping[str, Any]]) -> str:
    """The ledger, to be filtered by verdict, discussion and chapter."""
    counts = Counter(row["verdict"] for row in ledger.values())
    plates = store.plates(app.env)
    cited = [plates[row["figure"]] for row in ledger.values() if row["figure"] in plates]
    return render_template(
        app,
        page,
        "ledger.html",
        shares=[(verdict, counts[verdict]) for verdict in VERDICTS if counts[verdict]],
        threads=[
            (thread, [claim for claim in CLAIMS.values() if claim.thread == thread.id])
            for thread in THREADS.values()
        ],
        verdicts=ledger,
        plates=plates,
        places=_places(app, page, ledger),
        cite=lambda claim: citations.of_verdict(
            app, claim, ledger[claim.id], plates.get(ledger[claim.id]["figure"])
        ),
        dispute=lambda claim: objections.dispute(claim, ledger[claim.id]),
        list="ledger",
        noun="claim",
        total=len(CLAIMS),
        choices={
            "verdict": ("Verdict", [(v.lower(), v.capitalize()) for v in VERDICTS if counts[v]]),
            "discussion": ("Discussion", [(t.id, typeset(t.title)) for t in THREADS.values()]),
            "chapter": ("Chapter", _chapters(app, cited)),
        },
    )


def predicted(env: BuildEnvironment) -> list[dict[str, Any]]:
    """Every declared prediction, with its chapter and its anchor on the page of all."""
    return [
        row | {"slug": slug, "key": f"{slug}-{row['id']}"}
        for slug, (_, report) in store.reports(env).items()
        for row in report["predictions"]
    ]


def prediction(app: Sphinx, page: str, name: str) -> str:
    """The one named <slug>.<id>, with its outcome and a link to its row.

    Raises:
        LookupError: there is none; it lists those of the chapter.
    """
    rows = {f"{row['slug']}.{row['id']}": row for row in predicted(app.env)}
    if name not in rows:
        chapter = name.partition(".")[0]
        known = [one for one in rows if one.startswith(f"{chapter}.")] or list(rows)
        raise LookupError(f"no prediction {name!r}, but {', '.join(known) or 'none'}")
    return render_template(app, page, "prediction.html", row=rows[name], stated=STATED)


def predictions(app: Sphinx, page: str) -> str:
    """All predictions, to be filtered by outcome, by when they were stated and by chapter."""
    reports = store.reports(app.env)
    rows = predicted(app.env)
    counts = Counter((row["stated"], row["became"]) for row in rows)
    titles = {slug: app.env.titles[name].astext() for slug, (name, _) in reports.items()}
    return render_template(
        app,
        page,
        "predictions.html",
        rows={slug: [row for row in rows if row["slug"] == slug] for slug in reports},
        chapters={slug: name for slug, (name, _) in reports.items()},
        titles=titles,
        counts=counts,
        stated=STATED,
        became=BECAME,
        places=_places(app, page, {row["key"]: row for row in rows}),
        list="predicted",
        noun="prediction",
        total=len(rows),
        choices={
            "became": ("Outcome", [(b.replace(" ", "-"), b.capitalize()) for b in BECAME]),
            "stated": ("Stated", list(STATED.items())),
            "chapter": ("Chapter", [(slug, titles[slug]) for slug in {r["slug"]: 0 for r in rows}]),
        },
    )


def _places(
    app: Sphinx, page: str, rows: Mapping[str, Mapping[str, Any]]
) -> dict[str, derivations.Place]:
    places = {}
    for key, row in rows.items():
        if row["derivation"]:
            try:
                places[key] = derivations.locate(app, row["derivation"])
            except LookupError as error:
                logger.warning("derivation of %s: %s", key, error, location=page)
    return places


def _chapters(app: Sphinx, shown: Iterable[store.PageFigure]) -> list[tuple[str, str]]:
    """Slug and title of the chapters of some figures, in the order of the book."""
    pages = {one.page: one.meta["chapter"] for one in shown}
    return [
        (pages[page], app.env.titles[page].astext())
        for page in store.pages(app.env)
        if page in pages
    ]


def _describe(claim: Claim) -> str:
    return f"{claim.id} {typeset(claim.claim)}"


def setup(app: Sphinx) -> None:
    """Add the script."""
    load_scripts(app, 'class="press-filters"', SCRIPT)
