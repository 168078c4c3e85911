"""The command line lists figures and makes one."""

import json
import tempfile

import pytest

from l2scale import cli, exhibits
from l2scale.catalogue import figures
from l2scale.catalogue.figures import FIGURES
from l2scale.lab.sweeps.sweep import Sweep, measure
from l2scale.lab.training.runs import Run, grid
from l2scale.press.addresses import KINDS, file_name


@pytest.fixture(autouse=True)
def one_exhibit(exhibit, monkeypatch):
    monkeypatch.setattr(exhibits, "EXHIBITS", ("small",))
    monkeypatch.setattr(exhibits, "load", lambda slug: exhibit)
    monkeypatch.setattr(exhibits, "run", lambda exhibit, scale: exhibit.run(scale))


def test_figures_are_listed_by_id_and_what_they_draw(capsys):
    assert cli.main(["figures"]) == 0
    assert capsys.readouterr().out == "small-figure  Value against width.\n"


def test_a_figure_is_made_with_all_its_files(tmp_path, capsys):
    out = tmp_path / "new" / "folder"
    assert cli.main(["figure", "small-figure", "--scale", "smoke", "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == {
        file_name("small-figure", kind) for kind in KINDS
    }
    assert json.loads((out / "small-figure.json").read_text())["id"] == "small-figure"
    assert str(out / "small-figure.csv") in capsys.readouterr().out


@pytest.mark.parametrize("given", ["small", "smal-figure", "SMALL-FIGURE", "figure-small", ""])
def test_an_unknown_figure_is_answered_with_the_nearest(monkeypatch, capsys, given):
    many = {f"other-{i}": None for i in range(70)}
    monkeypatch.setattr(figures, "FIGURES", many | FIGURES)
    assert cli.main(["figure", given]) == 2
    out, err = capsys.readouterr()
    assert not out and err.startswith(f"l2scale figure: no figure {given!r}: there are ")
    assert ("small-figure" in err or given in ("SMALL-FIGURE", "")) and err.count("other-") <= 3
    assert err.endswith("`l2scale figures` lists\n")


@pytest.fixture
def untrained(exhibit):
    """Fails where anything is trained."""

    def run(scale):
        raise AssertionError("it was trained")

    exhibit.run = run


def in_a_file(folder):
    (folder / "file").touch()
    return folder / "file"


def below_a_file(folder):
    return in_a_file(folder) / "more"


def no_room(folder):
    return "/proc/1/figures"


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize("where", [in_a_file, below_a_file, no_room])
def test_nothing_is_trained_for_a_folder_that_takes_no_file(tmp_path, capsys, where):
    out = where(tmp_path)
    assert cli.main(["figure", "small-figure", "--scale", "smoke", "--out", str(out)]) == 2
    assert capsys.readouterr().err.startswith(f"l2scale figure: --out {out}: no file can be put ")


@pytest.mark.usefixtures("untrained")
def test_a_bad_scale_in_the_environment_is_one_line(monkeypatch, capsys):
    monkeypatch.setenv("L2SCALE_SCALE", "huge")
    assert cli.main(["figure", "small-figure"]) == 2
    assert capsys.readouterr().err == (
        "l2scale figure: unknown scale 'huge': choose one of smoke, book, full\n"
    )


@pytest.mark.parametrize("error", [ValueError, RuntimeError, OSError])
def test_what_training_refuses_is_one_line(exhibit, tmp_path, capsys, error):
    def run(scale):
        raise error("L2SCALE_RESUME is 'x', which cannot keep finished runs")

    exhibit.run = run
    assert cli.main(["figure", "small-figure", "--scale", "smoke", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        "l2scale figure: L2SCALE_RESUME is 'x', which cannot keep finished runs\n"
    )


def test_a_resume_file_that_is_none_is_one_line(exhibit, monkeypatch, tmp_path, capsys):
    runs = grid(Run(data="digits", hidden=(2,), steps=1), seed=[0])
    exhibit.run = lambda scale: measure(Sweep("one", runs))
    for name in ("no/such/file", str(tmp_path)):
        monkeypatch.setenv("L2SCALE_RESUME", name)
        assert cli.main(["figure", "small-figure", "--scale", "smoke", "--out", str(tmp_path)]) == 2
        err = capsys.readouterr().err
        assert err.startswith(f"l2scale figure: L2SCALE_RESUME is {name!r}")


def test_a_figure_for_which_there_is_no_room_any_more_is_kept_elsewhere(
    exhibit, result, monkeypatch, tmp_path, capsys
):
    def run(scale):
        out.rmdir()  # while it trains
        return result

    exhibit.run = run
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    assert cli.main(["figure", "small-figure", "--scale", "smoke", "--out", str(out)]) == 2
    (kept,) = elsewhere.iterdir()
    err = capsys.readouterr().err
    assert str(out) in err and str(kept) in err
    assert {path.name for path in kept.iterdir()} == {
        file_name("small-figure", kind) for kind in KINDS
    }


def test_an_unknown_scale_is_refused(capsys):
    with pytest.raises(SystemExit):
        cli.main(["figure", "small-figure", "--scale", "huge"])
    assert "huge" in capsys.readouterr().err
