"""The book's Sphinx extension: figures, numbers, verdicts and their pages.

Chapters hand over plates and reports in the outputs of their cells (`plugin`), which are kept with
Sphinx's environment (`store`). What one page says of another's results is filled in at the end
(`late`, `resolve`), when the pages of figures and of code (`pages`), all files (`assets`) and each
chapter as a notebook (`notebooks`) are written too. What frameworks mean by their settings is known
at once (`conventions`), and so is what a page does for its reader (`reading`).
"""

from typing import Any

from sphinx.application import Sphinx

from l2scale.press.sphinx import (
    assets,
    conventions,
    late,
    nodes,
    notebooks,
    pages,
    reading,
    resolve,
    store,
    watch,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    for part in (
        store,
        nodes,
        late,
        resolve,
        conventions,
        pages,
        reading,
        assets,
        notebooks,
        watch,
    ):
        part.setup(app)
    # Bumped when what `store` or `late` keep changes its form, so that Sphinx reads pages again.
    return {"version": "1", "env_version": 1, "parallel_read_safe": True}
