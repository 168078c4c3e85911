"""Fills in what is known at the end of the build: numbers, verdicts, tables."""

import re
from collections.abc import Callable
from pathlib import Path

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from l2scale.catalogue.claims import CLAIMS
from l2scale.catalogue.typeset import typeset
from l2scale.press import addresses, bench, provenance
from l2scale.press.sphinx import finding, quoting, replies, slider, store
from l2scale.press.sphinx.late import late_part, late_text
from l2scale.press.sphinx.overview import about_book, ledger
from l2scale.press.sphinx.templating import link_from, render_template

logger = logging.getLogger(__name__)

_INTERVAL = re.compile(r"[^\s(]*\d\S*(?:\spoints)?\s\[[^\[\]]*\d%?,\s[^\[\]]*\d%?\]")


def fill_in(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Replace the placeholders of a page."""
    for node in list(doctree.findall(late_text)):
        node.replace_self(_TEXTS[node["kind"]](app, page, node))
    for part in list(doctree.findall(late_part)):
        if part["kind"] == "intervals":
            part["argument"] = str(len(printed_intervals(seen(doctree))))
        try:
            html = _PARTS[part["kind"]](app, page, part["argument"])
        except LookupError as error:
            logger.warning("%s", error.args[0], location=part if part.line else page)
            html = ""
        part.replace_self(nodes.raw("", html, format="html"))


def seen(doctree: nodes.document) -> str:
    """What a reader sees of a page: of HTML the text alone, and no alt text or other attribute."""
    shown = (node for node in doctree.findall(nodes.Text) if not isinstance(node.parent, nodes.raw))
    drawn = (BeautifulSoup(node.astext(), "html.parser") for node in doctree.findall(nodes.raw))
    return "\n".join([*map(str, shown), *(html.get_text("\n") for html in drawn)])


def printed_intervals(text: str) -> set[str]:
    """The intervals in a text, each with its estimate, once: "0.50 [0.45, 0.55]"."""
    return set(_INTERVAL.findall(text))


def _number(app: Sphinx, page: str, node: late_text) -> nodes.Node:
    """The number's text; a warning that names what there is where the key is unknown."""
    slug, _, name = node["argument"].partition(".")
    try:
        if slug != "book":
            return quoting.number_node(app, page, slug, name)
        known = about_book(app.env)
        if name not in known:
            raise LookupError(f"the book has no number {name!r}, but {', '.join(known)}")
        return nodes.inline("", known[name], classes=["press-number"])
    except (LookupError, ValueError) as error:
        logger.warning("%s", error.args[0], location=node)
        return nodes.Text(node["argument"])


def _sentence(app: Sphinx, page: str, node: late_text) -> nodes.Node:
    """Words that depend on what was found."""
    slug, _, name = node["argument"].partition(".")
    try:
        return nodes.Text(quoting.sentence(app, slug, name))
    except (LookupError, ValueError) as error:
        logger.warning("%s", error.args[0], location=node)
        return nodes.Text(node["argument"])


def _claim(app: Sphinx, page: str, node: late_text) -> nodes.Node:
    """A link to the claim's row, which says the claim and its verdict on hovering."""
    claim = node["argument"]
    row = ledger(app.env)[claim]
    link = link_from(app, page)(addresses.VERDICTS_PAGE, addresses.claim_anchor(claim))
    return nodes.reference(
        "",
        claim,
        internal=True,
        refuri=link,
        reftitle=f"{typeset(CLAIMS[claim].claim)} {row['verdict'].capitalize()}.",
        classes=["press-claim"],
    )


def _gallery(app: Sphinx, page: str, _: str) -> str:
    return finding.gallery(app, page)


def _verdicts(app: Sphinx, page: str, _: str) -> str:
    return finding.verdict_list(app, page, ledger(app.env))


def _prediction(app: Sphinx, page: str, name: str) -> str:
    return finding.prediction(app, page, name)


def _predictions(app: Sphinx, page: str, _: str) -> str:
    return finding.predictions(app, page)


def _plate(app: Sphinx, page: str, id: str) -> str:
    plates = store.plates(app.env)
    if id not in plates:
        raise LookupError(f"no figure {id!r}, but {', '.join(plates) or 'none'}")
    return render_template(app, page, "plate.html", meta=plates[id].meta)


def _provenance(app: Sphinx, page: str, _: str) -> str:
    reports = store.reports(app.env)
    titles = {name: app.env.titles[name].astext() for name, _ in reports.values()}
    return render_template(
        app, page, "provenance.html", reports=list(reports.values()), titles=titles
    )


def _speed(app: Sphinx, page: str, _: str) -> str:
    """The figures that `make bench` has left beside the site, copied into it."""
    out = Path(app.outdir)
    figures = list(bench.figures_in(out.parent))
    for figure in figures:
        for kind, content in figure.files.items():
            file = out / addresses.bench_file(figure.meta["id"], kind)
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
    return render_template(app, page, "speed.html", records=[figure.meta for figure in figures])


def _intervals(app: Sphinx, page: str, count: str) -> str:
    """How many intervals a page prints, and how many of 95% would miss by chance."""
    return render_template(app, page, "intervals.html", count=int(count))


def _note(app: Sphinx, page: str, slug: str) -> str:
    _, report = store.reports(app.env)[slug]
    binder = addresses.binder(page, provenance.revision(report["commit"]))
    launchers = {"Colab": addresses.colab(page), "Binder": binder}
    file = addresses.notebook_file(page)
    return render_template(
        app, page, "note.html", report=report, notebook=file, launchers=launchers
    )


_TEXTS: dict[str, Callable[[Sphinx, str, late_text], nodes.Node]] = {
    "num": _number,
    "say": _sentence,
    "claim": _claim,
}
_PARTS: dict[str, Callable[[Sphinx, str, str], str]] = {
    "plate": _plate,
    "gallery": _gallery,
    "prediction": _prediction,
    "predictions": _predictions,
    "verdicts": _verdicts,
    "provenance": _provenance,
    "note": _note,
    "speed": _speed,
    "intervals": _intervals,
    "reply": replies.box,
    "slider": slider.box,
}


def setup(app: Sphinx) -> None:
    """Fill in each page as it is written."""
    app.connect("doctree-resolved", fill_in)
