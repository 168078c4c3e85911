"""The book's Sphinx extension: figures, numbers, verdicts and their pages.

Chapters hand over plates and reports in the outputs of their cells (`plugin`), which are kept with
Sphinx's environment (`store`); a kernel that dies before its first cell is started again
(`kernels`). What one page says of another's results is filled in at the end (`late`, `resolve`),
when the pages of figures, of code (`pages`) and of tables (`quoting`), all files (`assets`) and
each chapter as a notebook (`notebooks`) are written too. What frameworks mean by their settings
(`conventions`), what a strength does to a network (`calculator`), which to begin with (`suggest`)
and what the docstrings say (`api`) are known at once, and so is what a page does for its reader
(`reading`, `folding`). Each page gets a card for where it is linked (`cards`), each figure's page
and each verdict a box to cite it from (`citations`), and some hold a reply to post (`replies`) or a
table to drag through (`slider`). The gallery and the ledger have filters (`finding`); the ledger
links to what derives its verdicts (`derivations`), and the site's search knows the figures' pages
(`search`). The site tells its address and leads to its other versions (`published`), and to where
an error is reported and a verdict disputed (`objections`). In the end its style sheets and icon
fonts lose what no page uses (`lighten`).
"""

from typing import Any

from sphinx.application import Sphinx

from l2scale.press.sphinx import (
    api,
    assets,
    calculator,
    cards,
    citations,
    conventions,
    finding,
    folding,
    kernels,
    late,
    lighten,
    nodes,
    notebooks,
    objections,
    pages,
    published,
    quoting,
    reading,
    replies,
    resolve,
    search,
    slider,
    store,
    suggest,
    watch,
)

PARTS = (
    kernels,
    store,
    nodes,
    late,
    resolve,
    conventions,
    calculator,
    suggest,
    finding,
    citations,
    cards,
    pages,
    quoting,
    reading,
    folding,
    replies,
    slider,
    api,
    assets,
    notebooks,
    published,
    objections,
    search,
    lighten,
    watch,
)
"""In the order in which they handle an event."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    for part in PARTS:
        part.setup(app)
    # Bumped when what `store` or `late` keep changes its form, so that Sphinx reads pages again.
    return {"version": "1", "env_version": 5, "parallel_read_safe": True}
