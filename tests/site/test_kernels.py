"""A kernel that dies before its first cell: it is started again, and not for ever."""

import atexit
import json
import sys
from pathlib import Path

import pytest
from nbformat import v4

from l2scale.press.sphinx.kernels import STARTS, Starter

KERNEL = """
import os, pathlib, sys
deaths = pathlib.Path(__file__).with_name("deaths")
left = int(deaths.read_text())
if left:
    deaths.write_text(str(left - 1))
    sys.exit("Address already in use")
os.execv(sys.executable, [sys.executable, "-m", "ipykernel_launcher", *sys.argv[1:]])
"""


@pytest.fixture
def mortal(tmp_path, monkeypatch):
    """A function that installs the kernel "mortal", which dies so many times when it starts."""

    def install(deaths: int) -> Path:
        folder = tmp_path / "kernels/mortal"
        folder.mkdir(parents=True)
        (folder / "start.py").write_text(KERNEL)
        argv = [sys.executable, str(folder / "start.py"), "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": "Mortal", "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec))
        (folder / "deaths").write_text(str(deaths))
        monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
        return folder / "deaths"

    return install


def run(folder: Path) -> Starter:
    """A client that has run a page of one cell, which shows the folder it ran in."""
    page = v4.new_notebook(cells=[v4.new_code_cell("import os; os.getcwd()")])
    starter = Starter(page, kernel_name="mortal", resources={"metadata": {"path": str(folder)}})
    starter.execute()
    return starter


@pytest.mark.parametrize("deaths", range(STARTS))
def test_a_page_runs_in_the_first_kernel_that_lives(mortal, tmp_path, deaths):
    mortal(deaths)
    output = run(tmp_path).nb.cells[0].outputs[0]
    assert output["data"]["text/plain"] == repr(str(tmp_path))


def test_a_kernel_that_never_lives_is_an_error(mortal, tmp_path, monkeypatch):
    left = mortal(STARTS + 1)
    monkeypatch.setattr(atexit, "register", lambda _: None)  # nbclient would tidy up once more
    with pytest.raises(RuntimeError, match="Kernel died"):
        run(tmp_path)
    assert left.read_text() == "1"


def test_the_book_is_built_with_it(mortal, build, book, tmp_path):
    mortal(1)
    page = "```{code-cell} python\nprint('It', 'lives')\n```\n"
    done = build(book(page, "mortal"), tmp_path / "out")
    assert done.returncode == 0, done.stdout[-6000:]
    assert f"start 1 of {STARTS} of a kernel failed: Kernel died" in done.stdout
    assert "It lives" in (tmp_path / "out/_build/html/index.html").read_text(encoding="utf-8")
