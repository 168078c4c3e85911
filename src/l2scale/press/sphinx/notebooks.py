"""Each chapter as a notebook: the text in plain Markdown, the code, the outputs of this build.

Jupyter Book leaves what it executed beside the site. What only the site can use is taken out, and
what a reader needs elsewhere is put in: the installation, a scale of seconds, captions.
"""

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.application import Sphinx

from l2scale.press import addresses, provenance
from l2scale.press.display import REPORT_MIME
from l2scale.press.markdown import markdown
from l2scale.press.render import PLATE_MIME
from l2scale.press.sphinx import store
from l2scale.press.sphinx.overview import about_book
from l2scale.press.sphinx.references import References

EXECUTED = "jupyter_execute"  # what myst_nb calls the folder
SCALE = 'scale = None  # or "smoke" for seconds, "book" for minutes, "full" for a GPU'
_KEPT = ("kernelspec", "language_info")


def write_notebooks(app: Sphinx, error: Exception | None) -> None:
    """Write the notebook of every page that has a report, into the built site."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    (out / addresses.NOTEBOOKS).mkdir(exist_ok=True)
    for page, report in store.reports(app.env).values():
        executed = nbformat.read(out.parent / EXECUTED / f"{page}.ipynb", as_version=4)
        file = addresses.notebook_file(page)
        finished = notebook(executed, References(app, page), report["scale"])
        nbformat.validate(finished)
        nbformat.write(finished, out / file)


def notebook(executed: NotebookNode, book: References, scale: str) -> NotebookNode:
    """The notebook to publish, from the one that the build executed at `scale`."""
    cells = [new_markdown_cell(_origin(book, scale)), new_code_cell(_installation())]
    for cell in executed.cells:
        if cell.cell_type == "markdown":
            cells.append(new_markdown_cell(markdown(cell.source, book)))
        else:
            captions = [new_markdown_cell(_caption(meta, book)) for meta in _plates(cell)]
            cells += [_code(cell, scale), *captions]
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"  # nbformat draws them at random
    kept = {key: executed.metadata[key] for key in _KEPT if key in executed.metadata}
    return new_notebook(cells=cells, metadata=kept)


def _origin(book: References, scale: str) -> str:
    """Where it comes from, and whose numbers its text has when a reader has run its cells."""
    about = about_book(book.app.env)
    title = book.linked(book.app.env.titles[book.page].astext(), book.page)
    return (
        f"*From* Sum or Mean, *version {about['version']}, commit `{about['commit']}`. "
        f"The page itself: {title}.*\n\n"
        f"*The text and the captions have the numbers of the book’s own run, at {scale} scale, and "
        "keep them when you run the cells. Your numbers are in the figures that you draw and in "
        "the table under `report`.*"
    )


def _installation() -> str:
    """Code that installs the package where it is missing, with all that chapters measure."""
    if addresses.repository():
        revision = provenance.revision(provenance.commit())
        source = f"git+{addresses.repository()}@{revision}"
        way = f'%pip install --quiet "l2scale[frameworks] @ {source}"'
    else:
        way = "raise ImportError(\"in a clone of the repository: pip install '.[frameworks]'\")"
    return f'from importlib.util import find_spec\n\nif find_spec("l2scale") is None:\n    {way}'


def _code(cell: NotebookNode, scale: str) -> NotebookNode:
    """A cell without what the site alone takes from its outputs."""
    shown = (
        f'scale = "smoke"  # or "book" for minutes, "full" for a GPU (the outputs here: "{scale}")'
    )
    kept = new_code_cell(cell.source.replace(SCALE, shown))
    kept.execution_count = cell.execution_count
    for output in cell.outputs:
        for mime in (PLATE_MIME, REPORT_MIME):
            output.get("data", {}).pop(mime, None)
    kept.outputs = cell.outputs
    return kept


def _plates(cell: NotebookNode) -> list[dict[str, Any]]:
    data = (output.get("data", {}) for output in cell.outputs)
    return [bundle[PLATE_MIME]["meta"] for bundle in data if PLATE_MIME in bundle]


def _caption(meta: dict[str, Any], book: References) -> str:
    number = book.numbered(addresses.figure_anchor(meta["id"]))
    page = book.linked("The figure’s page", addresses.figure_page(meta["id"]))
    return f"**{number}**, in the book’s run at {meta['scale']} scale. {meta['claim']} {page}"


def setup(app: Sphinx) -> None:
    """Write the notebooks when the pages are done."""
    app.connect("build-finished", write_notebooks)
