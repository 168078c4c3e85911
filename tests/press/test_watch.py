"""The terminal of the build shows the bars that kernels write to a file."""

import io
import os
import time

import pytest

from l2scale.lab.sweeps import progress
from l2scale.press.sphinx import watch


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "progress"
    path.touch()
    return path


def append(path, text):
    with path.open("ab") as out:
        out.write(text if isinstance(text, bytes) else text.encode())


def test_a_log_gets_a_line_now_and_then_and_each_complete_bar_once(file):
    out = io.StringIO()
    follower = watch.Follower(file, out, quiet=3600)
    append(file, "\rwidths:   0%| | 0/8 [00:00<?]\rwidths:  50%|█ | 4/8 [00:01<00:01]")
    follower.look()
    assert out.getvalue() == ""
    append(file, "\rwidths: 100%|██| 8/8 [00:02<00:00]")
    follower.look()
    append(file, "\rwidths: 100%|██| 8/8 [00:03<00:00]\n")
    follower.look()
    assert out.getvalue() == "widths: 100%|██| 8/8 [00:02<00:00]\n"
    follower.quiet = 0
    append(file, "\rwidths:   0%| | 0/8 [00:00<?]")
    follower.look()
    append(file, "\rwidths: 100%|██| 8/8 [00:04<00:00]\n")
    follower.look()
    assert out.getvalue().splitlines()[1:] == [
        "widths:   0%| | 0/8 [00:00<?]",
        "widths: 100%|██| 8/8 [00:04<00:00]",
    ]


def test_nearly_all_is_not_complete(file):
    out = io.StringIO()
    follower = watch.Follower(file, out, quiet=3600)
    append(file, "\rwidths: 100%|██| 999/1000 [00:02<00:00]")
    follower.look()
    assert out.getvalue() == ""


def test_a_terminal_rewrites_its_line(file):
    out = Terminal()
    follower = watch.Follower(file, out)
    append(file, "\ra:   0%| | 0/2 [00:00<?]")
    follower.look()
    append(file, "\ra:  50%|█| 1/2 [00:01<00:01]")
    follower.look()
    append(file, "\ra: 100%|█| 2/2 [00:02<00:00]\n")
    follower.look()
    assert out.getvalue() == (
        "\r\x1b[Ka:   0%| | 0/2 [00:00<?]"
        "\r\x1b[Ka:  50%|█| 1/2 [00:01<00:01]"
        "\r\x1b[Ka: 100%|█| 2/2 [00:02<00:00]\n"
    )


def test_a_character_cut_in_two_is_put_together(file):
    out = io.StringIO()
    follower = watch.Follower(file, out, quiet=0)
    whole = "\ra: 100%|█| 2/2 [00:02<00:00]\n".encode()
    append(file, whole[:10])
    follower.look()
    append(file, whole[10:])
    follower.look()
    assert "�" not in out.getvalue()
    assert out.getvalue().endswith("a: 100%|█| 2/2 [00:02<00:00]\n")


def test_a_bar_of_the_lab_is_followed_to_its_end(file, monkeypatch, capsys):
    monkeypatch.setenv(watch.VARIABLE, os.fspath(file))
    out = io.StringIO()
    follower = watch.Follower(file, out, poll=0.01, quiet=3600)
    follower.start()
    with progress.bar(4, "widths") as bar:
        for _ in range(4):
            bar.update()
            time.sleep(0.02)
    follower.stop()
    (line,) = out.getvalue().splitlines()
    assert line.startswith("widths: 100%") and "4/4" in line
    assert capsys.readouterr() == ("", "")
