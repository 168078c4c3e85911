"""What a site at a public address owes to search engines, and to readers who lost their way.

All versions of a page name one as canonical, the latest. The sitemap lists those. A page for
addresses at which nothing stands is written in any case.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from l2scale.press import addresses
from l2scale.press.release import LATEST, is_version
from l2scale.press.sphinx.templating import render_template

SITEMAP = "sitemap.xml"
ROBOTS = "robots.txt"
LOST = "404.html"
_UNLISTED = {LOST, "search.html"}  # they hold nothing of their own


def canonical() -> str:
    """The address of the site's latest version; "" where the site has no address.

    A site at .../v1.2.0/ stands beside .../latest/; any other is its own latest.
    """
    site = addresses.site()
    above, _, name = site.rstrip("/").rpartition("/")
    return f"{above}/{LATEST}/" if is_version(name) else site


def use_address(app: Sphinx, config: Config) -> None:
    """Let Sphinx name each page's canonical address."""
    config.html_baseurl = canonical()
    addresses.repository()  # a bad one ends the build now, not after all that is trained


def shorten(app: Sphinx, page: str, _: str, context: dict[str, Any], __: nodes.document) -> None:
    """A folder's page is known by the folder, as links from elsewhere have it."""
    if context.get("pageurl"):
        context["pageurl"] = _short(context["pageurl"])


def write_guides(app: Sphinx, error: Exception | None) -> None:
    """Write the page for lost readers, and where there is an address sitemap and robots.txt."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    # Servers show it for an address at any depth, from which only a path from the host holds.
    root = urlsplit(addresses.site()).path
    lost = render_template(app, "index", "404.html", root=root, book=app.config.html_title)
    (out / LOST).write_text(lost, encoding="utf-8")
    if base := canonical():
        found = (path.relative_to(out) for path in out.rglob("*.html"))
        pages = sorted(p.as_posix() for p in found if "_static" not in p.parts)
        listed = [_short(base + page) for page in pages if page not in _UNLISTED]
        text = render_template(app, "index", "sitemap.xml", pages=listed)
        (out / SITEMAP).write_text(text, encoding="utf-8")
        robots = f"User-agent: *\nAllow: /\n\nSitemap: {base}{SITEMAP}\n"
        (out / ROBOTS).write_text(robots, encoding="utf-8")


def _short(address: str) -> str:
    above, slash, name = address.rpartition("/")
    return above + slash if name == "index.html" else address


def setup(app: Sphinx) -> None:
    """Name addresses before pages are written; write files after all pages are."""
    app.add_js_file("versions.js", loading_method="defer")
    app.connect("config-inited", use_address)
    app.connect("html-page-context", shorten)
    app.connect("build-finished", write_guides, priority=900)
