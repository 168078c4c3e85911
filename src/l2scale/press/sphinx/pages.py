"""The pages that no chapter writes: one for each figure, one for each module of code."""

from collections.abc import Iterator

from sphinx.application import Sphinx

from l2scale.catalogue.claims import CLAIMS
from l2scale.press import addresses
from l2scale.press.sphinx import citations, store
from l2scale.press.sphinx.code import code_pages
from l2scale.press.sphinx.overview import ledger
from l2scale.press.sphinx.templating import Page, context, render_template


def collect_pages(app: Sphinx) -> Iterator[Page]:
    """All pages of figures and of code, as Sphinx collects them."""
    if app.builder.format == "html":
        yield from _figure_pages(app)
        yield from code_pages(app)


def _figure_pages(app: Sphinx) -> Iterator[Page]:
    verdicts = ledger(app.env)
    for id, shown in store.plates(app.env).items():
        page = addresses.figure_page(id)
        body = render_template(
            app,
            page,
            "figure.html",
            meta=shown.meta,
            sizes={kind: len(shown.content(kind)) for kind in shown.files},
            chapter=shown.page,
            chapter_title=app.env.titles[shown.page].astext(),
            claims=[(CLAIMS[claim], verdicts[claim]) for claim in shown.meta["claims"]],
            cited=citations.of_figure(app, shown.meta),
        )
        own = context(shown.meta["title"], body, shown.meta["claim"]) | {"figure": id}
        yield page, own, "page.html"


def setup(app: Sphinx) -> None:
    """Add the pages."""
    app.connect("html-collect-pages", collect_pages)
