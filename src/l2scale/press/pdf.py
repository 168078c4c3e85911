"""The built book on paper: each page of its contents as a PDF, and all of them as one.

    python -m l2scale.press.pdf _build/html             all pages, into _build/html/pdf/
    python -m l2scale.press.pdf _build/html index.html  some of them

Chromium prints what `reading.js` prepares for paper: light, with folds and solutions open. When all
are in the site, each page gets a link to its own and to the book at its foot: a site without them
has none.
"""

import argparse
import os
import re
import shutil
import sys
from collections.abc import Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from os.path import relpath
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urldefrag

from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright
from pypdf import PdfWriter

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BOOK_FILE = "book.pdf"
_FOOT = re.compile(r'<p class="press-paper".*?</p>')
_PAPER: dict[str, Any] = {
    "format": "A4",
    "margin": dict.fromkeys(("top", "bottom", "left", "right"), "18mm"),
}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


def contents(site: Path) -> list[str]:
    """The pages of the book's contents in order, as paths from the site's root."""
    front = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")
    links = [urldefrag(str(link["href"])).url for link in front.select("nav.bd-links a[href]")]
    return list(dict.fromkeys(["index.html", *(one for one in links if one.endswith(".html"))]))


def chromium() -> str:
    """The browser's program: CHROMIUM, or the first that is installed.

    Raises:
        FileNotFoundError: there is none.
    """
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise FileNotFoundError(
            "no Chromium to open the pages in: apt-get install chromium, or set CHROMIUM to the "
            "path of one"
        )
    return program


def print_pages(site: Path, pages: Sequence[str], out: Path) -> list[Path]:
    """Print pages of a built site into a folder; returns their files, in order.

    Raises:
        FileNotFoundError: there is no browser, or no such page.
    """
    missing = [page for page in pages if not (site / page).is_file()]
    if missing:
        raise FileNotFoundError(f"{site} has no {', '.join(missing)}: make book")
    out.mkdir(parents=True, exist_ok=True)
    handler = partial(_Quiet, directory=site)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        files = []
        for page in pages:
            tab = browser.new_page()
            tab.goto(f"http://127.0.0.1:{server.server_port}/{page}", wait_until="networkidle")
            tab.emulate_media(media="print")
            tab.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
            tab.wait_for_load_state("networkidle")
            files.append(out / f"{Path(page).stem}.pdf")
            tab.pdf(path=files[-1], **_PAPER)
            tab.close()
        browser.close()
        server.shutdown()
    return files


def bind(files: Sequence[Path], book: Path) -> None:
    """One file of all, with an entry in its outline for each."""
    with PdfWriter() as writer:
        for file in files:
            writer.append(file, outline_item=file.stem)
        writer.write(book)


def link_pages(site: Path, pages: Sequence[str], files: Sequence[Path], book: Path) -> None:
    """Lead from the foot of each page to its PDF and to the book's; both are in the site.

    Raises:
        ValueError: a page has no place for it.
    """
    for page, file in zip(pages, files, strict=True):
        above = Path(page).parent
        own, whole = (relpath(one.relative_to(site), above) for one in (file, book))
        links = f'<a href="{own}">This page as a PDF</a> · <a href="{whole}">The whole book</a>'
        text = (site / page).read_text(encoding="utf-8")
        linked, places = _FOOT.subn(f'<p class="press-paper">{links}</p>', text)
        if places != 1:
            raise ValueError(f"{page} has {places} places for a link to its PDF, and needs one")
        (site / page).write_text(linked, encoding="utf-8")


def main() -> None:
    """Print what the command line names; ends with one line where that cannot be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path, help="the folder of the built book")
    parser.add_argument("pages", nargs="*", help="as chapters/crush.html; by default, all")
    parser.add_argument("--out", type=Path, help="where to; by default, pdf/ in the site")
    asked = parser.parse_args()
    out = asked.out or asked.site / "pdf"
    try:
        pages = asked.pages or contents(asked.site)
        files = print_pages(asked.site, pages, out)
    except OSError as error:
        sys.exit(f"{error}.")
    bind(files, out / BOOK_FILE)
    if not asked.pages and not asked.out:
        link_pages(asked.site, pages, files, out / BOOK_FILE)
    print(f"{len(files)} pages of the book, and all as one: {out / BOOK_FILE}")


if __name__ == "__main__":
    main()
