"""What programs that collect works read of a page: JSON-LD, and tags for Google Scholar and Zotero.

The front page is a book, a chapter a part of it, and a figure's page a data set with its downloads.
They are told by their addresses, so a site without one says nothing.
"""

from importlib.metadata import version
from typing import Any

from markupsafe import Markup
from sphinx.application import Sphinx

from l2scale.press import addresses
from l2scale.press.sphinx.store import PageFigure
from l2scale.press.sphinx.templating import render_template

LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
CHAPTERS = "chapters/"
_DOWNLOADS = {"csv": "text/csv", "svg": "image/svg+xml", "png": "image/png"}


def tags(
    app: Sphinx, page: str, title: str, description: str, address: str, shown: PageFigure | None
) -> Markup:
    """The tags of a page, empty where it is no work of its own.

    Args:
        app: the build, which knows the book's title, authors and year.
        page: the page's name.
        title: its title.
        description: its content in one sentence or two.
        address: where it stands, from the site's root.
        shown: the figure whose own page it is, None for another page.
    """
    record = _record(app, page, shown)
    if not addresses.site() or record is None:
        return Markup()
    whole = {
        "@context": "https://schema.org",
        "name": title,
        "description": description,
        "url": addresses.site() + address,
        **_made(app),
        **record,
    }
    return render_template(app, page, "scholarly.html", record=whole, book=app.config.html_title)


def _made(app: Sphinx) -> dict[str, Any]:
    """By whom, when, and what others may do with it."""
    return {
        "author": {"@type": "Organization", "name": app.config.author},
        "datePublished": app.config.copyright,
        "version": version("l2scale"),
        "license": LICENCE_URL,
        "inLanguage": app.config.language,
    }


def _record(app: Sphinx, page: str, shown: PageFigure | None) -> dict[str, Any] | None:
    """What a page says beyond its words and its makers; None where it is no work."""
    if page == app.config.root_doc:
        return {"@type": "Book"}
    book = {"@type": "Book", "name": app.config.html_title, "url": addresses.site()}
    if shown is not None:
        files = {
            kind: addresses.site() + addresses.figure_file(shown.meta["id"], kind)
            for kind in _DOWNLOADS
        }
        return {
            "@type": "Dataset",
            "description": shown.meta["claim"],
            "image": files["png"],
            "isPartOf": book,
            "distribution": [
                {"@type": "DataDownload", "encodingFormat": kept, "contentUrl": files[kind]}
                for kind, kept in _DOWNLOADS.items()
            ],
        }
    return {"@type": "Chapter", "isPartOf": book} if page.startswith(CHAPTERS) else None
