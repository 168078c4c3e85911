"""Each chapter as a notebook: valid, plain, and run from top to bottom where nothing else is."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from books import REPOSITORY, SITE

from l2scale.exhibits import EXHIBITS
from l2scale.press import addresses

ROOT = Path(__file__).parents[2]
# What MyST alone understands: a role, a directive, a target.
LEFT_OVER = re.compile(r"\{[\w:]+\}`|^(?:> )*[`:]{3,}\{|^\([\w-]+\)=$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s\\]+)\)")  # not f[a](\lambda), which is a formula
RUN = "value_and_force"
SHOWN = re.compile(r"show\(exhibit\.\w+, result\)")  # the figures of the run itself
OWN = re.compile(r"show\(exhibit\.\w+, mine\)")  # and one of the reader's own values


@pytest.fixture(scope="module")
def notebooks(folder):
    paths = sorted((folder / addresses.NOTEBOOKS).iterdir())
    return {path.stem: nbformat.read(path, as_version=4) for path in paths}


def words(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_every_chapter_has_a_valid_notebook(notebooks):
    assert set(notebooks) == set(EXHIBITS)
    for notebook in notebooks.values():
        nbformat.validate(notebook)
        assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_jupyter_reads_all_of_their_words(notebooks):
    faults = {slug: LEFT_OVER.findall(words(notebook)) for slug, notebook in notebooks.items()}
    assert not {slug: found for slug, found in faults.items() if found}


def test_links_lead_to_pages_of_the_site(notebooks, folder):
    targets = {link for one in notebooks.values() for link in LINK.findall(words(one))}
    own = {target.removeprefix(SITE) for target in targets if target.startswith(SITE)}
    dead = set()
    for target in own:
        path, _, anchor = target.partition("#")
        page = folder / path
        if not page.is_file() or (anchor and f'id="{anchor}"' not in page.read_text("utf-8")):
            dead.add(target)
    assert len(own) > 100 and not dead
    assert all("://" in target for target in targets)


def test_each_says_whose_numbers_its_text_has(notebooks):
    for notebook in notebooks.values():
        assert "numbers of the book’s own run, at smoke scale" in notebook.cells[0].source
        said = words(notebook)
        assert said.count(", in the book’s run at smoke scale. ") == sum(
            cell.cell_type == "code" and SHOWN.search(cell.source) is not None
            for cell in notebook.cells
        )
        (report,) = [cell for cell in notebook.cells if "report(exhibit" in cell.get("source", "")]
        assert "The numbers of this run:" in report.outputs[-1]["data"]["text/html"]


def test_outputs_are_there_once_and_light(notebooks, folder):
    for slug, notebook in notebooks.items():
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        kinds = {mime for output in outputs for mime in output.get("data", {})}
        assert kinds <= {"image/png", "text/plain", "text/html"}
        assert any("image/png" in output.get("data", {}) for output in outputs)
        assert (folder / addresses.NOTEBOOKS / f"{slug}.ipynb").stat().st_size < 4e6


def test_one_visible_line_sets_the_scale(notebooks):
    for notebook in notebooks.values():
        code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        lines = [line for cell in code for line in cell.splitlines() if line.startswith("scale =")]
        assert len(lines) == 1
        assert lines[0].startswith('scale = "smoke"  # or "book" for minutes')
        assert 'find_spec("l2scale") is None' in code[0]
        assert f'"l2scale[frameworks] @ git+{REPOSITORY}@' in code[0]


def test_chapter_pages_offer_their_notebooks(site):
    for slug in EXHIBITS:
        link = site.tree(f"chapters/{slug}.html").select_one(".press-run a[download]")
        assert link["href"] == f"../notebooks/{slug}.ipynb"


def test_a_notebook_runs_from_top_to_bottom_in_an_empty_folder(folder, tmp_path):
    published = folder / addresses.NOTEBOOKS / f"{RUN}.ipynb"
    executed, empty = tmp_path / "executed.ipynb", tmp_path / "empty"
    empty.mkdir()
    options = ["--execute", "--to", "notebook", "--output", executed, published]
    done = subprocess.run(
        [sys.executable, "-m", "nbconvert", *map(str, options)],
        cwd=empty,
        env=os.environ | {"L2SCALE_SCALE": "book"},  # the visible line has the last word
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert not list(empty.iterdir())
    cells = nbformat.read(executed, as_version=4).cells
    bundles = [o.get("data", {}) for cell in cells for o in cell.get("outputs", [])]
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    shown, own = (sum(map(bool, map(kind.search, code))) for kind in (SHOWN, OWN))
    drawn = [bundle for bundle in bundles if "image/png" in bundle]
    assert shown > 0 and own == 1 and len(drawn) == shown + own
    assert any("at smoke scale" in bundle.get("text/plain", "") for bundle in bundles)


# ---- make lab ----------------------------------------------------------------------------------

JUPYTER = """#!/bin/sh
echo "$@" > asked
"""


@pytest.fixture
def clone(tmp_path):
    """A folder with the Makefile and an environment whose JupyterLab only says what it is asked."""
    for name in (
        "Makefile",
        "requirements.txt",
        "requirements-data.txt",
        "pyproject.toml",
        "tests/practice/requirements.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    jupyter = tmp_path / ".venv/bin/jupyter"
    jupyter.parent.mkdir(parents=True)
    jupyter.write_text(JUPYTER)
    jupyter.chmod(0o755)
    (tmp_path / ".venv/.installed").touch()
    return tmp_path


def make_lab(clone):
    return subprocess.run(["make", "lab"], cwd=clone, capture_output=True, text=True, check=False)


def test_the_lab_opens_copies_that_stay_the_readers_own(clone):
    built, own = clone / "_build/html/notebooks", clone / "notebooks"
    built.mkdir(parents=True)
    (built / "one.ipynb").write_text("as built")
    assert make_lab(clone).returncode == 0
    assert (clone / "asked").read_text() == "lab --notebook-dir=notebooks\n"
    assert (own / "one.ipynb").read_text() == "as built"
    (own / "one.ipynb").write_text("as changed")
    for name in ("one", "two"):
        (built / f"{name}.ipynb").write_text("as built again")
    assert make_lab(clone).returncode == 0
    assert (own / "one.ipynb").read_text() == "as changed"
    assert (own / "two.ipynb").read_text() == "as built again"


def test_before_the_first_build_the_lab_says_what_to_do(clone):
    done = make_lab(clone)
    assert done.returncode != 0 and not (clone / "asked").exists()
    assert "There are no notebooks yet: make book" in done.stdout
