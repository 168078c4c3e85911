"""Where everything stands on the site: every path and anchor is named here, once.

All paths are relative to the site's root. Addresses are permanent: they are linked from elsewhere.
Where the site and its repository stand themselves is a setting of the build, and may be unknown.
"""

import os
import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

FIGURES = "figures"
TABLES = "tables"
GALLERY_PAGE = "gallery"
VERDICTS_PAGE = "verdicts"
PREDICTIONS_PAGE = "predictions"
CONVERTER = "convert"
CALCULATOR = "calculate"
FIRST_LAMBDA = "first-lambda"
CITE = "cite"
ABOUT_PAGE = "chapters/about"
BIBLIOGRAPHY_PAGE = "chapters/bibliography"
NOTEBOOKS = "notebooks"
PAGES_BRANCH = "gh-pages"
CODE_INDEX = "code/index"
INDEX_FILE = f"{FIGURES}/index.json"
VERDICTS_FILE = "verdicts.json"

_GITHUB = "github.com"
_ADDRESS = re.compile(
    r"https?://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*)(:[0-9]+)?"
    r"(/([A-Za-z0-9._~!$()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*"
)
"""An address of the web that may stand in a page as it is: no spaces, no markup, no password."""

_FILES = {
    "svg": "{id}.svg",
    "dark.svg": "{id}-dark.svg",
    "png": "{id}.png",
    "dark.png": "{id}-dark.png",
    "narrow.svg": "{id}-narrow.svg",
    "narrow.dark.svg": "{id}-narrow-dark.svg",
    "csv": "{id}.csv",
    "json": "{id}.json",
}
KINDS = tuple(_FILES)
"""The files of a figure."""


def figure_file(id: str, kind: str) -> str:
    """The file of kind `kind` (one of KINDS) of the figure `id`."""
    return f"{FIGURES}/{file_name(id, kind)}"


def bench_file(id: str, kind: str) -> str:
    """A file of a figure that `make bench` draws; unlike the others' its address may change."""
    return f"_images/{file_name(id, kind)}"


def file_name(id: str, kind: str) -> str:
    """The bare name of that file."""
    return _FILES[kind].format(id=id)


def figure_page(id: str) -> str:
    """The page of the figure `id`, as a Sphinx page name (the file adds .html)."""
    return f"{FIGURES}/{id}/index"


def figure_address(id: str) -> str:
    """The permanent address of that page: a folder, so that it outlives any kind of file."""
    return f"{FIGURES}/{id}/"


def figure_anchor(id: str) -> str:
    """The anchor, and the name for numref, of the figure `id` in its chapter."""
    return f"fig-{id}"


def table_page(slug: str) -> str:
    """The page of a chapter's tables."""
    return f"{TABLES}/{slug}/index"


def table_file(slug: str, name: str) -> str:
    """The CSV of a chapter's table."""
    return f"{TABLES}/{slug}/{name}.csv"


def rows_file(slug: str, name: str) -> str:
    """Each network's own row in a chapter's measurement, as compressed CSV."""
    return f"{TABLES}/{slug}/rows/{name}.csv.gz"


def claim_anchor(claim: str) -> str:
    """The anchor of a claim on the verdicts page: "C05" stands at #c05."""
    return claim.lower()


def thread_anchor(thread: str) -> str:
    """The anchor of a discussion's claims on the verdicts page."""
    return f"thread-{thread}"


def setting_anchor(id: str) -> str:
    """The anchor of a framework's setting in the table."""
    return f"setting-{id}"


def code_page(module: str) -> str:
    """The page that shows the source of the module with this dotted name."""
    return f"code/{module}"


def code_target(code: Mapping[str, str | int]) -> tuple[str, str]:
    """Page and anchor of the line at which a figure's drawing starts; `code` is from its JSON."""
    return code_page(str(code["module"])), line_anchor(int(code["line"]))


def lines_in_repository(code: Mapping[str, str | int], commit: str) -> str:
    """The address of a figure's drawing in the repository, at its lines and at `commit`.

    "" where the repository has no address, or has no such commit: it is unknown, or files have
    changed since.
    """
    if not repository() or not commit.isalnum() or commit == "unknown":
        return ""
    path = f"src/{str(code['module']).replace('.', '/')}.py"
    return f"{repository()}/blob/{commit}/{path}#L{code['line']}-L{code['end']}"


def issue_url(title: str, body: str) -> str:
    """Where an issue is opened with these words in it; "" where no repository is known."""
    if not repository():
        return ""
    return f"{repository()}/issues/new?{urlencode({'title': title, 'body': body})}"


def line_anchor(line: int) -> str:
    """The anchor of a line on a page of code."""
    return f"line-{line}"


def site() -> str:
    """The site's own address, with a slash at its end; "" where L2SCALE_SITE is unset.

    Raises:
        ValueError: it is no address of the web.
    """
    address = _setting("L2SCALE_SITE")
    return f"{address}/" if address else ""


def repository() -> str:
    """The address of the code's repository, without a slash; "" where L2SCALE_REPOSITORY is unset.

    Raises:
        ValueError: it is no address of the web, or of no repository.
    """
    address = _setting("L2SCALE_REPOSITORY").removesuffix(".git")
    parts = urlsplit(address)
    folders = parts.path.strip("/").split("/")
    if address and (not folders[0] or (parts.hostname == _GITHUB and len(folders) != 2)):
        raise ValueError(
            f"L2SCALE_REPOSITORY is {address!r}, which names no repository: give its address, like "
            "https://github.com/owner/name"
        )
    return address


def notebook_file(page: str) -> str:
    """The notebook of the chapter with this page name."""
    return f"{NOTEBOOKS}/{page.rpartition('/')[2]}.ipynb"


def colab(page: str) -> str:
    """Where Google Colab opens the published notebook of a chapter; "" where it is not known."""
    place = _published(notebook_file(page))
    if place is None:
        return ""
    owner, name, path = place
    return f"https://colab.research.google.com/github/{owner}/{name}/blob/{PAGES_BRANCH}/{path}"


def binder(page: str, commit: str) -> str:
    """Where Binder opens the same notebook, beside the package at `commit`; "" as for `colab`."""
    place = _published(notebook_file(page))
    if place is None:
        return ""
    owner, name, path = place
    pulled = {
        "repo": f"https://github.com/{owner}/{name}",
        "branch": PAGES_BRANCH,
        "targetPath": PAGES_BRANCH,
        "urlpath": f"lab/tree/{PAGES_BRANCH}/{path}",
    }
    opened = urlencode({"urlpath": f"git-pull?{urlencode(pulled)}"})
    return f"https://mybinder.org/v2/gh/{owner}/{name}/{commit}?{opened}"


def _published(path: str) -> tuple[str, str, str] | None:
    """Owner and name of the repository on GitHub, and where its pages' branch has a site's file."""
    parts = urlsplit(repository())
    if not site() or parts.hostname != _GITHUB:
        return None
    owner, name = parts.path.strip("/").split("/")
    folders = [folder for folder in urlsplit(site()).path.split("/") if folder]
    if folders[:1] == [name]:  # a site of a project stands under the project's name
        folders = folders[1:]
    return owner, name, "/".join((*folders, path))


def _setting(name: str) -> str:
    address = os.environ.get(name, "").strip().rstrip("/")
    if address and not (_ADDRESS.fullmatch(address) and _has_place(address)):
        raise ValueError(f"{name} is {address!r}: give an address like https://host/path/, or none")
    return address


def _has_place(address: str) -> bool:
    try:
        return urlsplit(address).port != 0
    except ValueError:  # no port, or no place in IPv6
        return False
