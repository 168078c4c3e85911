"""The real book, built once at the smallest scale, on a server, in a real browser."""

import functools
import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
# Where the built book says that it stands: nobody answers there, and nothing may ask.
SITE = "https://book.example/latest/"
REPOSITORY = "https://github.example/owner/book"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass(frozen=True)
class Site:
    """A built book: its folder, and the address at which it is served."""

    folder: Path
    url: str

    @property
    def pages(self) -> list[str]:
        """Every page, relative to the folder."""
        return sorted(path.relative_to(self.folder).as_posix() for path in self._html())

    def _html(self):
        return (path for path in self.folder.rglob("*.html") if "_static" not in path.parts)

    def text(self, page: str) -> str:
        return (self.folder / page).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def build():
    """A function that builds a book as `make book` does; it returns the finished process."""

    def run(source: Path, out: Path) -> subprocess.CompletedProcess:
        command = [Path(sys.executable).with_name("jupyter-book"), "build", source]
        options = ["--path-output", out, "-W", "--keep-going"]
        settings = {
            "L2SCALE_SCALE": "smoke",
            "L2SCALE_DEVICE": "cpu",
            "L2SCALE_SITE": SITE,
            "L2SCALE_REPOSITORY": REPOSITORY,
            "NO_COLOR": "1",
        }
        return subprocess.run(
            [*map(str, command), *map(str, options)],
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=1500,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def folder(build, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("book")
    done = build(ROOT, out)
    if done.returncode:
        pytest.fail(f"the book does not build:\n{done.stdout[-6000:]}", pytrace=False)
    return out / "_build" / "html"


@pytest.fixture(scope="session")
def served():
    """A function that puts a built book on a server, while it is needed."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            """Say nothing of each request."""

    @contextmanager
    def serve(folder: Path):
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Site(folder, f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
        server.server_close()
        thread.join()

    return serve


@pytest.fixture(scope="session")
def site(folder, served):
    with served(folder) as site:
        yield site


@pytest.fixture(scope="session")
def browser():
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.fail(
            "no Chromium to open the pages in: apt-get install chromium, or set CHROMIUM "
            "to the path of one",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield browser
        browser.close()
