"""The real book, built once at the smallest scale, on a server, in a real browser."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from books import REPOSITORY, SITE, served
from filelock import FileLock
from playwright.sync_api import sync_playwright

from l2scale.exhibits import EXHIBITS, load
from l2scale.press import addresses
from l2scale.press.pdf import chromium

ROOT = Path(__file__).parents[2]
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


HEAD = """---
file_format: mystnb
kernelspec:
  display_name: Python 3
  language: python
  name: %s
---

# A page

"""


@pytest.fixture(scope="session")
def build(once):
    """A function that builds a book as `make book` does; it returns the finished process."""

    def run(source: Path, out: Path, site: str = SITE) -> subprocess.CompletedProcess:
        command = [Path(sys.executable).with_name("jupyter-book"), "build", source]
        options = ["--path-output", out, "-W", "--keep-going"]
        settings = {
            "L2SCALE_SCALE": "smoke",
            "L2SCALE_DEVICE": "cpu",
            "L2SCALE_SITE": site,
            "L2SCALE_REPOSITORY": REPOSITORY,
            "NO_COLOR": "1",
        }
        return subprocess.run(
            [*map(str, command), *map(str, options)],
            env=os.environ | once | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=1500,
            check=False,
        )

    return run


@pytest.fixture
def book(tmp_path):
    """A function that writes a book of one page, configured as the real one."""

    def write(page: str, kernel: str = "python3") -> Path:
        folder = tmp_path / "source"
        folder.mkdir()
        for name in ("_config.yml", "references.bib"):
            shutil.copy(ROOT / name, folder)
        (folder / "_toc.yml").write_text("format: jb-book\nroot: index\n")
        (folder / "index.md").write_text(HEAD % kernel + page, encoding="utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def folder(build, shared) -> Path:
    """The built book: the first worker that asks has it built, and the others wait."""
    out, faults = shared / "book", shared / "book.txt"
    with FileLock(shared / "book.lock"):
        if not faults.exists():
            faults.write_text("it was not finished", encoding="utf-8")  # if what follows raises
            done = build(ROOT, out)
            faults.write_text(done.stdout if done.returncode else "", encoding="utf-8")
    if told := faults.read_text(encoding="utf-8"):
        pytest.fail(f"the book does not build:\n{told[-6000:]}", pytrace=False)
    return out / "_build" / "html"


@pytest.fixture(scope="session")
def site(folder):
    with served(folder) as site:
        yield site


@pytest.fixture(params=range(4), ids="a quarter of the pages, {}".format)
def quarter(request, site):
    """Every fourth page: what looks at all of them is shared by the workers."""
    return site.pages[request.param :: 4]


@pytest.fixture(scope="session", autouse=True)
def exhibits():
    """What the book shows is registered here, too."""
    for slug in EXHIBITS:
        load(slug)


@pytest.fixture(scope="session")
def index(folder):
    """The site's index of figures."""
    return json.loads((folder / addresses.INDEX_FILE).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def ledger(folder):
    """The site's verdicts by claim."""
    return json.loads((folder / addresses.VERDICTS_FILE).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def browser():
    try:
        program = chromium()
    except FileNotFoundError as missing:
        pytest.fail(str(missing), pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield browser
        browser.close()
