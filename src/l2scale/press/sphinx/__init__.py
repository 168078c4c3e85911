"""The book's Sphinx extension: figures, numbers, verdicts and their pages.

Chapters hand over plates and reports in the outputs of their cells (`plugin`), which are kept with
Sphinx's environment (`store`). What one page says of another's results is filled in at the end
(`late`, `resolve`), when the pages of figures and of code (`pages`) and all files (`assets`) are
written too. What frameworks mean by their settings is known at once (`conventions`). The gallery and the ledger
have filters (`finding`), the ledger also links to derivations (`derivations`).
"""

from typing import Any

from sphinx.application import Sphinx

from l2scale.press.sphinx import (
    assets,
    conventions,
    finding,
    late,
    nodes,
    pages,
    resolve,
    store,
    watch,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    for part in (store, nodes, late, resolve, conventions, finding, pages, assets, watch):
        part.setup(app)
    # Bumped when what `store` or `late` keep changes its form, so that Sphinx reads pages again.
    return {"version": "1", "env_version": 1, "parallel_read_safe": True}
