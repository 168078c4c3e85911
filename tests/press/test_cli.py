"""The command line lists figures and makes one."""

import json

import pytest

from l2scale import cli, exhibits
from l2scale.press.addresses import KINDS, file_name


@pytest.fixture(autouse=True)
def one_exhibit(exhibit, monkeypatch):
    monkeypatch.setattr(exhibits, "EXHIBITS", ("small",))
    monkeypatch.setattr(exhibits, "load", lambda slug: exhibit)


def test_figures_are_listed_by_id_and_title(capsys):
    assert cli.main(["figures"]) == 0
    assert capsys.readouterr().out.startswith("small-figure  The sum grows with the width")


def test_a_figure_is_made_with_all_its_files(tmp_path, capsys):
    out = tmp_path / "new" / "folder"
    assert cli.main(["figure", "small-figure", "--scale", "smoke", "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == {
        file_name("small-figure", kind) for kind in KINDS
    }
    assert json.loads((out / "small-figure.json").read_text())["id"] == "small-figure"
    assert str(out / "small-figure.csv") in capsys.readouterr().out


def test_an_unknown_figure_is_answered_with_those_there_are(capsys):
    assert cli.main(["figure", "no-such-figure"]) == 2
    assert "no figure 'no-such-figure': choose one of small-figure" in capsys.readouterr().err


def test_an_unknown_scale_is_refused(capsys):
    with pytest.raises(SystemExit):
        cli.main(["figure", "small-figure", "--scale", "huge"])
    assert "huge" in capsys.readouterr().err
