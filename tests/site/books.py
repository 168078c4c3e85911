"""A built book, and the server that shows it."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bs4 import BeautifulSoup

# Where the built book says that it stands: nobody answers there, and nothing may ask.
SITE = "https://book.example/latest/"
REPOSITORY = "https://github.example/owner/book"


@dataclass(frozen=True)
class Site:
    """A built book: its folder, and the address at which it is served."""

    folder: Path
    url: str

    @property
    def pages(self) -> list[str]:
        """Every page, relative to the folder, but the one for lost readers.

        That one knows where the book stands and nothing else: `test_versions` opens it there.
        """
        found = (path.relative_to(self.folder).as_posix() for path in self._html())
        return sorted(set(found) - {"404.html"})

    def _html(self):
        return (path for path in self.folder.rglob("*.html") if "_static" not in path.parts)

    def text(self, page: str) -> str:
        return (self.folder / page).read_text(encoding="utf-8")

    def tree(self, page: str) -> BeautifulSoup:
        return BeautifulSoup(self.text(page), "html.parser")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing of each request."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A browser may leave before it has everything."""


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """The book in a folder, on a server while it is needed."""
    server = _Server(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(folder, f"http://127.0.0.1:{server.server_port}/")
    server.shutdown()
    server.server_close()
    thread.join()
