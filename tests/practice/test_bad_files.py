"""Files that are no weights, or hold what has no squares: one line that names them and the way out.

Nothing in a file is run, nothing that it names reaches a terminal as it is, and a small file does
not take a large memory.
"""

import pickle
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn

from l2scale import cli

EYE = torch.eye(3)


def zipped(path: Path, how: int, rows: int = 2000) -> None:
    """A square matrix saved, with each part of the file compressed as asked."""
    torch.save({"a.weight": torch.zeros(rows, rows)}, path.with_suffix(".raw"))
    with zipfile.ZipFile(path.with_suffix(".raw")) as one, zipfile.ZipFile(path, "w", how) as other:
        for name in one.namelist():
            other.writestr(name, one.read(name))


def half(path: Path) -> None:
    torch.save({"a.weight": torch.ones(50, 50)}, path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scrambled(path: Path) -> None:
    torch.save({"a.weight": EYE}, path)
    held = bytearray(path.read_bytes())
    at = held.find(b"_rebuild_tensor")
    held[at - 3 : at + 6] = b"\x00\xff\x01zzzzzz"
    path.write_bytes(held)


def old_and_cut(path: Path) -> None:
    torch.save({"a.weight": torch.ones(50, 50)}, path, _use_new_zipfile_serialization=False)
    path.write_bytes(path.read_bytes()[:200])


def program(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(nn.Linear(2, 2)), path)


def foreign_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/b", "text")


FILES = {
    "missing": (lambda path: None, "cannot be read: No such file"),
    "a folder": (lambda path: path.mkdir(), "cannot be read: Is a directory"),
    "empty": (lambda path: path.touch(), "is empty"),
    "text": (lambda path: path.write_text("hello"), "is damaged, or no file of torch.save"),
    "bytes": (lambda path: path.write_bytes(bytes(range(256))), "is damaged, or no file"),
    "a pickle": (lambda path: path.write_bytes(pickle.dumps({"a": 1})), "is damaged, or no file"),
    "another archive": (foreign_zip, "is no file of torch.save"),
    "cut off": (half, "is damaged, or no file of torch.save"),
    "scrambled": (scrambled, "is damaged, or no file of torch.save"),
    "an old one, cut off": (old_and_cut, "is damaged, or no file of torch.save"),
    "compressed": (lambda path: zipped(path, zipfile.ZIP_DEFLATED), "is compressed"),
    "a whole model": (
        lambda path: torch.save(nn.Linear(2, 2), path),
        "holds more than tensors, such as torch.nn.modules.linear.Linear, and is not opened",
    ),
    "a program": (program, "is a program of TorchScript, and is not opened"),
    "a list": (lambda path: torch.save([1, 2], path), "holds no state dict, alone or under"),
    "a number": (lambda path: torch.save(3, path), "holds no state dict, alone or under"),
    "nothing": (lambda path: torch.save({}, path), "holds no state dict, alone or under"),
    "no tensors": (lambda path: torch.save({"a": 1}, path), "holds no state dict"),
}


@pytest.mark.parametrize(("write", "words"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_weights_is_named_with_the_way_out(tmp_path, capsys, write, words):
    path = tmp_path / "given.pt"
    write(path)
    way_out = "" if words.startswith("cannot be read") else "torch.save(model.state_dict(), PATH)"
    refused(capsys, path, f"{path} {words}", way_out)


@pytest.mark.parametrize(("write", "words"), FILES.values(), ids=FILES)
def test_data_that_are_no_pair_are_named_with_the_way_out(tmp_path, capsys, write, words):
    weights, path = tmp_path / "weights.pt", tmp_path / "given.pt"
    torch.save(nn.Linear(2, 2).state_dict(), weights)
    write(path)
    way_out = "" if words.startswith("cannot be read") else "torch.save((inputs, targets), PATH)"
    words = "is not inputs and targets" if "state dict" in words else words
    more = "--model", "torch.nn:Flatten", "--data", str(path)
    refused(capsys, weights, f"{path} {words}", way_out, more=more)


def test_an_older_file_is_read(tmp_path, capsys):
    path = tmp_path / "given.pt"
    torch.save({"a.weight": EYE}, path, _use_new_zipfile_serialization=False)
    assert cli.main(["diagnose", str(path), "--lam", "1"]) == 0
    zipped(path, zipfile.ZIP_STORED)
    assert cli.main(["diagnose", str(path), "--lam", "1"]) == 0
    assert not capsys.readouterr().err


def sparse(layout: str) -> torch.Tensor:
    return getattr(EYE, layout)()


def recurrent(rows: int, *hidden: int) -> dict[str, torch.Tensor]:
    return {"l.weight_ih_l0": torch.ones(rows, 3), "l.weight_hh_l0": torch.ones(rows, *hidden)}


STATES = {
    "a whole number for a name": ({0: EYE, "a.weight": EYE}, "0 is no name", "give it one"),
    "a name that colours": ({"\x1b[31ma.weight": EYE}, r"'\x1b[31ma.weight' is no", "give it one"),
    "a name that rings": ({"b.weight": EYE, "a\x07": EYE}, r"'a\x07' is no name", "give it one"),
    "a name that turns": ({"a\u202e.weight": EYE}, r"'a\u202e.weight' is no name", "give it one"),
    "rows for no gates": (recurrent(7, 2), "l.weight_ih_l0 has 7 rows for 2 units", "exclude it"),
    "two gates": (recurrent(4, 2), "l.weight_ih_l0 has 4 rows for 2 units", "exclude it"),
    "a vector beside": (recurrent(8), "l.weight_ih_l0 has no matrix weight_hh", "exclude it"),
    "nothing beside": ({"l.weight_ih_l0": EYE}, "l.weight_ih_l0 has no matrix", "exclude it"),
    "no units": (recurrent(8, 0), "l.weight_hh_l0 is of shape (8, 0)", "exclude it"),
    "a third of 7 rows": ({"a.in_proj_weight": torch.ones(7, 3)}, "(7, 3)", "exclude it"),
    "no columns": ({"a.weight": torch.ones(3, 0)}, "a.weight is of shape (3, 0)", "exclude it"),
    "sparse": ({"a.weight": sparse("to_sparse")}, "a.weight is stored as torch.sp", "to_dense()"),
    "fp8": ({"a.weight": EYE.to(torch.float8_e4m3fn)}, "a.weight is stored as torch.fl", "float32"),
    "meta": (
        {"a.weight": EYE.to("meta")},
        "a.weight is on the meta device",
        "to_empty(device=...)",
    ),
    "stretched": ({"a.weight": torch.ones(1, 1).expand(9, 9)}, "a.weight is one", "clone() it"),
    "complex alone": ({"a.weight": EYE + 0j}, "no real tensor", "a.weight (3, 3) of torch.complex"),
    "whole numbers": ({"a.weight": EYE.long()}, "no real tensor", "a.weight (3, 3) of torch.int64"),
    "vectors": ({"a.weight": EYE[0]}, "of two dimensions or more", "there is a.weight (3,)"),
    "nan": ({"a.weight": EYE * torch.nan}, "a.weight: weights that are nan", "mended"),
    "infinite squares": ({"a.weight": EYE.double() * 1e200}, "a.weight: weights", "squares are"),
    "a parametrisation": ({"a.weight_g": EYE}, "a.weight_g is part of", "remove_parametrizations"),
}


@pytest.mark.parametrize("case", STATES.values(), ids=STATES)
def test_a_tensor_without_squares_is_named_with_the_way_out(tmp_path, capsys, case):
    state, *words = case
    path = tmp_path / "given.pt"
    torch.save(state, path)
    refused(capsys, path, *words)


def test_what_is_refused_can_be_excluded(tmp_path, capsys):
    path = tmp_path / "given.pt"
    held = {
        "s.weight": sparse("to_sparse"), "f.weight": EYE.to(torch.float8_e4m3fn),
        "m.weight": EYE.to("meta"), "z.weight": torch.ones(0, 3), "b.weight": EYE,
    }  # fmt: skip
    torch.save(held | recurrent(7, 2), path)
    for name in ("s.weight", "f.weight", "m.weight", "z.weight"):
        refused(capsys, path, name, "exclude it")
        held[name] = EYE
        torch.save(held | recurrent(7, 2), path)
    assert cli.main(["diagnose", str(path), "--lam", "1", "--exclude", "l.*"]) == 0
    assert "Left out: l.weight_ih_l0, l.weight_hh_l0." in capsys.readouterr().out
    torch.save({"s.weight": sparse("to_sparse"), "b.weight": EYE}, path)
    assert cli.main(["diagnose", str(path), "--lam", "1", "--exclude", "s.*"]) == 0
    assert "Left out: s.weight." in capsys.readouterr().out


def test_complex_tensors_are_mentioned(tmp_path, capsys):
    path = tmp_path / "given.pt"
    torch.save({"a.weight": EYE + 0j, "b.weight": EYE, "c.weight": EYE.long()}, path)
    assert cli.main(["diagnose", str(path), "--lam", "1"]) == 0
    assert "Left out: a.weight, c.weight." in capsys.readouterr().out


def test_a_small_file_takes_no_large_memory(tmp_path):
    path = tmp_path / "given.pt"
    zipped(path, zipfile.ZIP_DEFLATED, rows=6000)
    assert path.stat().st_size < 1e6
    code = (
        "import sys, resource as r\nfrom l2scale import cli\nimport l2scale.practice\n"
        "peak = lambda: r.getrusage(r.RUSAGE_SELF).ru_maxrss\nbefore = peak()\n"
        "status = cli.main(['diagnose', sys.argv[1], '--lam', '1'])\n"
        "print(status, peak() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    status, more = map(int, done.stdout.split())
    assert status == 2 and "is compressed" in done.stderr
    assert more < 50_000  # of its 144 MB, in KiB


def refused(capsys, path: Path, *words: str, more: tuple[str, ...] = ()) -> None:
    """The command ends with the status 2, and with one line that has the words and no escapes."""
    assert cli.main(["diagnose", str(path), "--lam", "1", *more]) == 2
    out, err = capsys.readouterr()
    line, *others = err.splitlines()
    assert (out, others) == ("", [])
    assert line.startswith("l2scale diagnose: ") and line.isprintable()
    assert all(word in line for word in words), line
    assert "weights_only" not in line
