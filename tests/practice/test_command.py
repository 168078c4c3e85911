"""`l2scale convert` answers, or says why not, with the exit status that a script can ask for."""

import subprocess
import sys

import pytest

from l2scale import cli
from l2scale.practice.answers import answer, everywhere
from l2scale.practice.conversions import REASONS, own_numbers
from l2scale.practice.settings import SETTINGS


def convert(*arguments: str) -> int:
    return cli.main(["convert", *arguments])


def test_the_answer_is_printed(capsys):
    told = ("--momentum", "0", "--lr", "0.1", "--batch-size", "32")
    assert convert("0.01", "--from", "torch-sgd-sum", "--to", "fastai-decay", *told) == 0
    expected = answer(0.01, "torch-sgd-sum", "fastai-decay", momentum=0, lr=0.1, batch_size=32)
    assert capsys.readouterr().out == expected + "\n"


def test_every_quantity_can_be_given(capsys):
    for pair, told in {
        ("mask-rcnn", "book"): ("--n-weights", "50"),
        ("ng", "book"): ("--n-samples", "50"),
        ("torch-adamw", "torch-muon"): ("--lr", "0.1", "--to-lr", "0.2"),
        ("ng", "keras-weight-decay"): (
            "--n-samples", "50", "--optimiser", "sgd", "--momentum", "0",
        ),
    }.items():  # fmt: skip
        source, target = pair
        assert convert("0.01", "--from", source, "--to", target, *told) == 0
        assert SETTINGS[target].api in capsys.readouterr().out


def test_no_equivalent_is_an_answer_with_its_own_status(capsys):
    assert convert("0.01", "--from", "torch-adam", "--to", "torch-adamw") == 1
    assert capsys.readouterr() == (REASONS["adam"] + "\n", "")


def test_the_list_has_every_setting_and_asks_for_nothing(capsys):
    with pytest.raises(SystemExit) as end:
        convert("--list")
    assert end.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(SETTINGS)
    assert "λ = ω / 2" in lines[0]
    assert lines[0].endswith(SETTINGS["torch-sgd"].api)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["convert", "1", "--from", "keras-l2", "--to", "torch-sgd"]]
)
def test_what_needs_no_torch_does_not_wait_for_it(arguments):
    code = (
        f"import sys; from l2scale import cli\ntry: cli.main({arguments})\n"
        "except SystemExit: pass\nprint({'torch', 'scipy', 'pandas'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")


def test_all_settings_are_told_at_once_or_why_not(capsys):
    told = ("--lr", "0.1", "--momentum", "0", "--n-samples", "1000", "--batch-size", "32")
    assert convert("0.01", "--from", "keras-l2", "--to", "all", *told) == 0
    lines = capsys.readouterr().out.splitlines()
    shown = {line.split()[0]: line for line in lines if line and not line.startswith("Not ")}
    given = {"lr": 0.1, "momentum": 0.0, "n_samples": 1000.0, "batch_size": 32.0}
    found, reasons = everywhere(0.01, "keras-l2", **given)
    assert {*found} | {*reasons} == {*SETTINGS} and not {*found} & {*reasons}
    assert found["torch-sgd"] == "ω = 0.02" and reasons["torch-adamw"] == REASONS["adam"]
    for id, words in found.items():
        assert words in shown[id] and SETTINGS[id].api in shown[id]
        assert convert("0.01", "--from", "keras-l2", "--to", id, *told) == 0
        assert f" {words} in " in f" {capsys.readouterr().out}"
    refused = "\n".join(line for line in lines if line.startswith("Not "))
    assert all(id in refused for id in reasons)


def test_all_settings_are_told_for_other_data_whether_they_depend_on_them_or_not():
    held = {"lr": 0.1, "momentum": 0.0, "n_samples": 50_000.0, "batch_size": 32.0}
    told, _ = everywhere(5.0, "nielsen", **held)
    other, reasons = everywhere(5.0, "nielsen", to_n_samples=1_000.0, **held)
    assert {*told} == {*other}
    assert (told["nielsen"], other["nielsen"]) == ("λ = 5", "λ = 0.1")
    moved = {id for id in told if told[id] != other[id]}
    assert moved == {id for id in told if "to_n_samples" in own_numbers(SETTINGS[id])}
    assert not any("to_n_samples" in reason for reason in reasons.values())


def test_what_no_setting_can_be_told_is_refused_once(capsys):
    assert convert("-1", "--from", "keras-l2", "--to", "all") == 1
    assert convert("nan", "--from", "keras-l2", "--to", "all") == 2
    assert convert("1", "--from", "keras", "--to", "all") == 2
