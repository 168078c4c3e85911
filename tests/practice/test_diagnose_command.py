"""From the terminal: what weights alone tell, and with a model and data what diagnose tells."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from l2scale import cli
from l2scale.practice import diagnose
from l2scale.practice.diagnosing import diagnosed
from l2scale.practice.groups import tensor_coefficients
from l2scale.practice.placement import place
from l2scale.practice.state import place_state

FACTORY = """
from torch import nn

def make():
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))

def dropping():
    return nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.9), nn.Linear(8, 3))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with weights, data and a module that makes the model."""
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    data = torch.randn(16, 4), torch.randint(3, (16,))
    torch.save(model.state_dict(), "weights.pt")
    torch.save(data, "data.pt")
    (tmp_path / "own_model.py").write_text(FACTORY)
    monkeypatch.delitem(sys.modules, "own_model", raising=False)
    return tmp_path, model, data


def run(*arguments):
    return cli.main(["diagnose", *map(str, arguments)])


def test_weights_alone_tell_value_and_clock(folder, capsys):
    _, model, data = folder
    expected = diagnose(model, nn.functional.cross_entropy, data, 0.01, lr=0.1)
    files = "--json", "found.json", "--figure", "found.svg"
    assert run("weights.pt", "--lam", 0.01, "--lr", 0.1, *files) == 0
    out = capsys.readouterr().out
    assert (
        "needs --model and --data" in out
        and "2.weight" in out
        and "500 steps" in " ".join(out.split())
    )
    held = json.loads((folder[0] / "found.json").read_text())
    for column in ("name", "value", "force", "value_over_expected", "forget_steps"):
        found = [row[column] for row in held["table"]]
        assert found == pytest.approx(expected.table[column].tolist()), column
    assert held["totals"]["data_loss"] is None
    assert "<svg" in (folder[0] / "found.svg").read_text()


def test_a_model_and_data_tell_all(folder, capsys):
    _, model, data = folder
    expected = diagnose(model, nn.functional.cross_entropy, data, 0.01, penalty="fan")
    more = "--model", "own_model:make", "--data", "data.pt", "--json", "found.json"
    assert run("weights.pt", "--lam", 0.01, "--penalty", "fan", *more) == 0
    assert capsys.readouterr().out.startswith(str(expected))
    assert json.loads((folder[0] / "found.json").read_text()) == json.loads(expected.to_json())
    torch.save({"x": data[0], "y": data[1]}, "data.pt")
    torch.save({"epoch": 3, "model": {**model.state_dict()}}, "weights.pt")
    assert run("weights.pt", "--lam", 0.01, *more, "--exclude", "0.*") == 0
    assert len(json.loads((folder[0] / "found.json").read_text())["table"]) == 1


@pytest.mark.parametrize(
    "module",
    [
        nn.LSTM(3, 5, 2, bidirectional=True), nn.LSTM(3, 5, proj_size=2), nn.GRUCell(3, 5),
        nn.RNN(3, 5), nn.MultiheadAttention(8, 2), nn.MultiheadAttention(8, 2, kdim=4, vdim=6),
        nn.Conv2d(2, 4, 3), nn.Sequential(nn.Linear(5, 3), nn.LayerNorm((3, 4)), nn.BatchNorm1d(3)),
    ],
    ids=lambda module: type(module).__name__,
)  # fmt: skip
def test_names_and_shapes_place_tensors_as_the_model_does(module):
    for found, expected in zip(place_state(module.state_dict()), place(module), strict=True):
        assert found.name == expected.name and found.kind == expected.kind
        assert found.matrices == expected.matrices
        assert found.start_variance == pytest.approx(expected.start_variance)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.out, self.embedding = nn.Linear(4, 9, bias=False), nn.Embedding(9, 4)
        self.out.weight = self.embedding.weight


def test_a_start_that_names_do_not_tell_is_unknown():
    several = nn.ModuleDict({"embed": nn.Linear(5, 3), "position": nn.Embedding(5, 3)})
    transformer = nn.Transformer(8, 2, 1, 1, 16, batch_first=True)
    for module in (several, Tied(), transformer):
        found = place_state(module.state_dict())
        for one, other in zip(found, place(module), strict=True):
            assert one.name == other.name
            assert tensor_coefficients((one,), "prior") == tensor_coefficients((other,), "prior")
            known = other.start_variance if one.kind == "attention" else np.nan
            assert one.start_variance == pytest.approx(known, nan_ok=True)
    assert "What embed.weight, position.weight started from is unknown" in (
        diagnosed(place_state(several.state_dict()), 1).verdict
    )


def test_what_a_file_does_not_show_is_named_or_refused(folder, capsys):
    layers = nn.ModuleDict({"a": nn.Linear(3, 2), "b": nn.LayerNorm((4, 6))})
    layers.register_parameter("table", nn.Parameter(torch.zeros(3, 3)))
    torch.save(layers.state_dict(), "layers.pt")
    assert run("layers.pt", "--lam", 1) == 0
    assert "Left out: table, b.weight, b.bias." in capsys.readouterr().out
    torch.save(nn.utils.parametrizations.weight_norm(layers.a).state_dict(), "normed.pt")
    assert run("normed.pt", "--lam", 1) == 2
    assert "remove_parametrizations" in capsys.readouterr().err


def test_the_mode_is_chosen_and_said(folder, capsys):
    more = "--lam", 0.01, "--model", "own_model:dropping", "--data", "data.pt"
    found = []
    for mode in ((), ("--eval",)):
        assert run("weights.pt", *more, *mode, "--json", "found.json") == 0
        found.append(json.loads((folder[0] / "found.json").read_text())["totals"]["data_loss"])
    assert found[0] != found[1]
    out = capsys.readouterr().out
    assert "in training mode (--eval" in out and "in evaluation mode" in out


def test_the_command_does_not_import_the_exhibits():
    code = (
        "import sys; from l2scale import cli\ntry: cli.main(['diagnose', 'none.pt', '--lam', '1'])"
        "\nfinally: print([m for m in sys.modules if m.startswith('l2scale.exhibits')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
