"""What may go wrong in a terminal: one line with the value and the way out, and the status 2."""

import sys
from importlib.metadata import version

import pytest
import torch
from torch import nn

from l2scale import cli

MODELS = """
import sys
import torch
from torch import nn

class Unready(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)

class Failing(Unready):
    def forward(self, x):
        raise AssertionError("not so")

def linear(): return nn.Linear(4, 3)
def unready(): return Unready()
def failing(): return Failing()
def raising(): raise RuntimeError("there is no GPU")
def asserting(): assert False, "not here"
def dividing(): return 1 / 0
def opening(): return open("no/such/file")
def ending(): sys.exit("bye")
def looking(): return {}["key"]
def asking(size): return nn.Linear(size, 3)
def nothing(): pass
def listed(): return [nn.Linear(4, 3)]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with weights, data and modules of a reader's own."""
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    torch.save(nn.Linear(4, 3).state_dict(), "w.pt")
    torch.save((torch.randn(8, 4), torch.randint(3, (8,))), "d.pt")
    torch.save((torch.randn(8, 4), torch.randn(8)), "flat.pt")
    torch.save((torch.randn(8, 5), torch.randint(3, (8,))), "wide.pt")
    torch.save((torch.randn(8, 4), torch.randint(3, 9, (8,))), "classes.pt")
    torch.save({f"layer.{name}": w for name, w in nn.Linear(4, 3).state_dict().items()}, "in.pt")
    for name, text in {"models": MODELS, "unclosed": "def make(:\n", "dying": "1 / 0\n"}.items():
        (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "leaving.py").write_text("raise SystemExit\n")
    (tmp_path / "folder.svg").mkdir()
    yield
    for name in ("models", "unclosed", "dying", "leaving"):
        sys.modules.pop(name, None)


WAY = "Give package.module:function"
FACTORIES = {
    "models:raising": ("RuntimeError: there is no GPU (", "models.py, line 18", WAY),
    "models:asserting": ("AssertionError: not here", "line 19", WAY),
    "models:dividing": ("ZeroDivisionError", "line 20", WAY),
    "models:opening": ("No such file or directory: 'no/such/file'", "line 21", WAY),
    "models:ending": ("SystemExit: bye", "line 22", WAY),
    "models:looking": ("KeyError: 'key'", "line 23", WAY),
    "models:asking": ("missing 1 required positional argument: 'size'", WAY),
    "models:nothing": ("returned NoneType", "not a torch nn.Module"),
    "models:listed": ("returned list", "not a torch nn.Module"),
    "models:none": ("no attribute 'none'", WAY),
    "models": ("no attribute ''", WAY),
    "models:": ("no attribute ''", WAY),
    ":linear": ("ValueError: Empty module name", WAY),
    "models.part:linear": ("No module named 'models.part'", WAY),
    "no_such:linear": ("No module named 'no_such'", WAY),
    "unclosed:make": ("SyntaxError", "unclosed.py, line 1", WAY),
    "dying:make": ("ZeroDivisionError", "dying.py, line 1", WAY),
    "leaving:make": ("SystemExit", "leaving.py, line 1", WAY),
    "models:unready": ('Missing key(s) in state_dict: "layer.weight"', "save the state dict of"),
}


@pytest.mark.parametrize("factory", FACTORIES)
def test_a_factory_that_makes_no_model_is_named(capsys, factory):
    given = "w.pt", "--lam", "1", "--model", factory, "--data", "d.pt"
    refused(capsys, "diagnose", *given, has=FACTORIES[factory])


MEASURED = {
    "in.pt --model models:unready --data d.pt": ("models:unready", "NotImplementedError"),
    "in.pt --model models:failing --data d.pt": ("AssertionError: not so", "models.py, line 13"),
    "w.pt --model models:linear --data wide.pt": ("--data wide.pt", "RuntimeError: mat1 and mat2"),
    "w.pt --model models:linear --data classes.pt": ("--data classes.pt", "is out of bounds"),
    "w.pt --model models:linear --data flat.pt --loss mse": ("(8, 3)", "(8,)", "Give both one"),
    "w.pt --model models:linear": ("needs both --model and --data",),
    "w.pt --data d.pt": ("needs both --model and --data",),
    "w.pt --json folder.svg": ("--json folder.svg is a folder", "name a file"),
    "w.pt --json no/found.json": ("--json no/found.json needs a folder no", "that exists"),
    "w.pt --json d.pt/found.json": ("needs a folder d.pt", "in a folder that exists"),
    "w.pt --figure no/found.svg": ("--figure no/found.svg needs a folder no", "that exists"),
    "w.pt --figure folder.svg": ("--figure folder.svg is a folder", "name a file"),
    "w.pt --figure found": ("--figure found ends in none of", ".svg"),
    "w.pt --figure found.doc": ("--figure found.doc ends in none of", ".svg"),
    "w.pt --exclude weights": ("'weights' matches no tensor", "there are weight"),
    "w.pt --exclude weight": ("left with exclude weight", "there is bias (3,)"),
    "w.pt --lr -1": ("lr must be a finite number, 0 or above", "is -1.0"),
    "w.pt --lr inf": ("lr must be a finite number, 0 or above", "is inf"),
}


@pytest.mark.parametrize("arguments", MEASURED)
def test_what_cannot_be_measured_is_named(capsys, arguments):
    refused(capsys, "diagnose", *arguments.split(), "--lam", "1", has=MEASURED[arguments])


@pytest.mark.parametrize("lam", ["-1", "nan", "inf", "1e400", "1e308"])
def test_a_strength_that_is_none_is_named(capsys, lam):
    refused(capsys, "diagnose", "w.pt", f"--lam={lam}", has=(f"is {float(lam)!r}", "lam"))


def test_nothing_is_measured_before_the_files_to_write_are_tried(capsys, monkeypatch):
    def measured(*_):
        raise AssertionError("it was measured")

    monkeypatch.setattr(cli.diagnose, "_of_weights", measured)
    for option in ("--json", "--figure"):
        refused(capsys, "diagnose", "w.pt", "--lam", "1", option, "no/x.svg", has=("no/x.svg",))


CONVERTED = {
    "1 --from nobody --to book": ("unknown setting 'nobody'", "convert --list"),
    "1 --from torch-adamv --to book": ("'torch-adamv': choose one of torch-adam",),
    "nan --from ng --to book": ("is nan", "has to be finite"),
    "1e400 --from ng --to book": ("is inf", "has to be finite"),
    "0 --from sklearn-logistic --to book --n-samples 3": ("value is 0", "give another number"),
    "1 --from ng --to book --n-samples -3": ("n_samples", "is -3.0", "above 0"),
    "1 --from book --to d2l --lr 0": ("lr (learning rate) is 0.0", "above 0"),
    "1 --from book --to d2l --lr 1e400": ("lr (learning rate) is inf", "finite and above 0"),
    "1 --from book --to d2l --momentum 1": ("momentum", "is 1.0", "in [0, 1)"),
    "1 --from book --to d2l --to-lr 1": ("to_lr is 1.0", "leave it out"),
    "1 --from ng --to book": ("it takes n_samples", "give it"),
    "1.7e308 --from keras-l2 --to torch-sgd": ("value 1.7e+308", "give other numbers"),
    "3e-308 --from torch-sgd --to keras-l2": ("value 3e-308", "give other numbers"),
}


@pytest.mark.parametrize("arguments", CONVERTED)
def test_what_cannot_be_converted_is_named(capsys, arguments):
    refused(capsys, "convert", *arguments.split(), has=CONVERTED[arguments])


PARSED = {
    "": ("the following arguments are required: COMMAND",),
    "diagnos w.pt --lam 1": ("invalid choice: 'diagnos'", "figure"),
    "diagnose w.pt": ("required: --lam",),
    "diagnose w.pt --lam x": ("argument --lam: invalid float value: 'x'",),
    "diagnose w.pt --lam 1 --lr 0,1": ("argument --lr: invalid float value: '0,1'",),
    "diagnose w.pt --lam 1 --penalty l1": ("--penalty: invalid choice: 'l1'", "tensor_mean"),
    "diagnose w.pt --lam 1 --start zero": ("--start: invalid choice: 'zero'", "glorot"),
    "diagnose w.pt --lam 1 --loss l1": ("--loss: invalid choice: 'l1'", "mse"),
    "convert 0,1 --from book --to d2l": ("argument VALUE: invalid float value: '0,1'",),
    "convert 1 --from book": ("required: --to",),
    "convert 1 --from book --to d2l --optimiser lamb": ("invalid choice: 'lamb'", "muon"),
    "figure": ("required: ID",),
    "figure carried-over --scale huge": ("--scale: invalid choice: 'huge'", "smoke"),
}


@pytest.mark.parametrize("arguments", PARSED)
def test_what_is_no_command_is_answered_with_what_is(capsys, arguments):
    with pytest.raises(SystemExit) as end:
        cli.main(arguments.split())
    assert end.value.code == 2
    out, err = capsys.readouterr()
    line = err.splitlines()[-1]
    assert not out and "error: " in line
    assert all(word in line for word in PARSED[arguments]), line


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"l2scale {version('l2scale')}\n"


def test_what_is_said_of_an_error_does_nothing_to_a_terminal(capsys):
    refused(capsys, "diagnose", "\x1b[2Jw\x07.pt", "--lam", "1", has=(r"\x1b[2Jw\x07.pt cannot",))


def refused(capsys, *arguments: str, has: tuple[str, ...]) -> None:
    """The command ends with the status 2 and an error that has some words and no escapes."""
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith(f"l2scale {arguments[0]}: ") and "Traceback" not in err
    assert all(word in err for word in has), err
    assert all(c.isprintable() or c in "\n\t" for c in err)
