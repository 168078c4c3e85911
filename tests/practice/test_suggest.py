"""A first lambda is the ladder's rule on the reader's data, in any format, and says how sure."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes

from l2scale import cli
from l2scale.practice import convert, suggest, suggest_lambda
from l2scale.practice.conversions import NoEquivalent
from l2scale.practice.own_data import problem
from l2scale.practice.suggest_rules import OF_DATA, SHAPE, parsed, rules
from l2scale.theory.yardsticks import YARDSTICKS

ONE = {f"power_{name}": 0.0 for name in (*SHAPE, *OF_DATA)} | {
    "lam_low": 0.0, "lam_high": 1e9, "samples_high": 500, "width_low": 8,
}  # fmt: skip
NOISE, ROOT = ONE | {"yardstick": "noise"}, ONE | {"yardstick": "root_n", "power_n": -0.5}
EXAMPLE = {
    key: replace(rule, **NOISE if key == ("sgd", "data") else ROOT) for key, rule in rules().items()
}
"""The rules that are shipped, with one simple yardstick each, whose share is known."""
X, Y = load_breast_cancer(return_X_y=True)


@pytest.fixture(autouse=True)
def example(monkeypatch):
    monkeypatch.setattr(suggest, "rules", lambda: EXAMPLE)


def standard(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(axis=0)) / x.std(axis=0)


@pytest.mark.parametrize("optimiser", ["sgd", "adamw"])
def test_it_is_the_ladders_rule(optimiser):
    found, rule = suggest_lambda(X, Y, hidden=64, optimiser=optimiser), EXAMPLE[optimiser, "data"]
    yardstick = YARDSTICKS[rule.yardstick](standard(X), Y, "binary")
    assert found.lam == pytest.approx(rule.share * yardstick)
    assert (found.low, found.high) == pytest.approx((found.lam * rule.low, found.lam * rule.high))
    assert found.told.value == pytest.approx(2 * found.lam)
    ends = found.lam * rule.search_low, found.lam * rule.search_high
    assert (found.tries[0], found.tries[-1]) == pytest.approx(ends)
    assert list(found.tries) == sorted(found.tries) and found.lam in found.tries
    assert str(found).startswith(f"Try weight_decay = {2 * found.lam:.3g}: λ = ")


def test_a_mixed_rule_has_every_yardstick_to_its_power(monkeypatch):
    powers = {"power_crush": 0.5, "power_noise": 1.5, "power_n": -0.25, "power_width": 0.1}
    rule = replace(EXAMPLE["sgd", "data"], yardstick="mixed", **powers)
    monkeypatch.setattr(suggest, "rules", lambda: {("sgd", "data"): rule})
    found = suggest_lambda(X, Y, hidden=64, optimiser="sgd")
    crush, noise = (YARDSTICKS[name](standard(X), Y, "binary") for name in ("crush", "noise"))
    expected = rule.share * crush**0.5 * noise**1.5 * 569**-0.25 * 64**0.1
    assert found.lam == pytest.approx(expected)
    assert found.yardsticks == pytest.approx({"crush": crush, "noise": noise})


def test_what_was_not_tried_is_not_suggested(monkeypatch):
    rule = replace(EXAMPLE["sgd", "data"], lam_low=1e-6, lam_high=1e-5)
    monkeypatch.setattr(suggest, "rules", lambda: {("sgd", "data"): rule})
    found = suggest_lambda(X, Y, hidden=64, optimiser="sgd")
    assert found.lam == 1e-5 and "λ from 1e-06 to 1e-05" in " ".join(found.notes)


def test_a_regression_is_told_in_units_of_its_spread():
    x, y = load_diabetes(return_X_y=True)
    found = suggest_lambda(x, y, hidden=64, optimiser="sgd")
    same = suggest_lambda(5 * x + 3, 7 * y - 2, hidden=64, optimiser="sgd")
    assert same.lam == pytest.approx(found.lam)
    assert any("target was standardised, by 77" in note for note in found.notes)


def test_a_rule_of_powers_takes_the_middle_width():
    rule = EXAMPLE["adamw", "form"]
    shape = {"n": 400, "width": 64, "inputs": 9, "classes": 3}
    powers = (rule.power_n, rule.power_width, rule.power_inputs, rule.power_classes)
    expected = rule.share * np.prod([400.0, 64, 9, 3] ** np.array(powers))
    assert rule.lam(shape) == pytest.approx(expected)


def formats(folder: Path) -> dict:
    table = pd.DataFrame(X).assign(sick=np.where(Y == 1, "no", "yes"))
    table.to_csv(folder / "own.csv", index=False)
    names = table.drop(columns="sick")
    return {
        "arrays": (X, Y), "a table": (names, table["sick"]), "lists": (X.tolist(), Y.tolist()),
        "a column": (X, Y[:, None]), "a Bunch": (load_breast_cancer(), None),
        "a Bunch of tables": (load_breast_cancer(as_frame=True), None),
        "other labels": (X, np.where(Y == 1, 7, 3)), "float32": (X.astype(np.float32), Y),
    }  # fmt: skip


def test_every_format_gives_the_same(tmp_path, capsys):
    expected = suggest_lambda(X, Y, hidden=[np.int64(32)], optimiser="sgd").lam
    for name, (x, y) in formats(tmp_path).items():
        found = suggest_lambda(x, y, hidden=32, optimiser="sgd")
        assert found.lam == pytest.approx(expected, rel=1e-4), name
    for told in ([str(tmp_path / "own.csv"), "--target", "sick"], ["breast_cancer"]):
        assert cli.main(["suggest", *told, "--hidden", "32", "--optimiser", "sgd"]) == 0
        value = re.search(r"λ = (\S+) under SGD", capsys.readouterr().out)
        assert float(value[1]) == pytest.approx(expected, rel=1e-2)


def test_a_parquet_file_is_read_or_the_way_out_is_named(tmp_path, capsys):
    path = tmp_path / "own.parquet"
    told = ["suggest", str(path), "--target", "0", "--hidden", "8", "--optimiser", "sgd"]
    try:
        pd.DataFrame(X, columns=map(str, range(30))).to_parquet(path)
    except ImportError:
        path.touch()
        assert cli.main(told) == 2
        assert "Parquet needs pyarrow" in capsys.readouterr().err
    else:
        assert cli.main(told) == 0


def test_text_becomes_inputs_of_0_and_1():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.standard_normal(300), "b": rng.choice(["x", "y", "z"], 300),
                          "c": rng.choice(["no", "yes"], 300), "d": 4})  # fmt: skip
    found = problem(table, rng.choice([True, False], 300))
    assert found.x.shape == (300, 1 + 3 + 1) and found.task == "binary" and found.classes == 2
    assert found.x.mean(axis=0) == pytest.approx(0) and found.x.std(axis=0) == pytest.approx(1)
    assert "b and c" in found.notes[0] and "left out: d" in " ".join(found.notes)


@pytest.mark.parametrize(
    ("y", "task", "kind", "classes"),
    [
        (np.arange(200) % 3, None, "multiclass", 3),
        (np.arange(200) % 3, "numbers", "regression", 1),
        (np.arange(200) % 2 / 1.0, None, "binary", 2),
        (np.arange(200), None, "regression", 1),
        (np.arange(200) % 40, "classes", "multiclass", 40),
        (np.sin(np.arange(200)), None, "regression", 1),
        (np.array(["a", "b", "c", "d"] * 50), None, "multiclass", 4),
    ],
)
def test_targets_tell_the_task(y, task, kind, classes):
    found = problem(np.random.default_rng(1).standard_normal((200, 3)), y, task)
    assert (found.task, found.classes) == (kind, classes)
    assert found.y.max() + 1 == classes or kind == "regression"


def test_it_is_said_to_other_frameworks_or_why_not():
    sgd = {"hidden": 64, "optimiser": "sgd"}
    keras = suggest_lambda(X, Y, **sgd, to="keras-l2")
    assert keras.told.value == pytest.approx(keras.lam) and "keras" in keras.sentence
    told = suggest_lambda(X, Y, hidden=64, optimiser="adamw", to="optax-adamw")
    assert told.told == convert(2 * told.lam, "torch-adamw", "optax-adamw", momentum=0.0,
                                n_samples=569, optimiser="adam")  # fmt: skip
    told = suggest_lambda(X, Y, hidden=64, optimiser="adamw", to="composer-adamw", lr=1e-3)
    assert told.told.value == pytest.approx(2e-3 * told.lam)
    with pytest.raises(NoEquivalent, match="velocity"):
        suggest_lambda(X, Y, **sgd, to="fastai-decay", lr=0.1, momentum=0.9)


def test_it_says_where_it_is_beyond_the_atlas_and_what_has_no_time_to_act():
    rows = suggest_lambda(X, Y, hidden=(64, 4), optimiser="sgd", lr=1e-4, steps=10)
    said = " ".join(rows.notes)
    assert (
        "125 to 500 training rows" in said
        and "2 hidden layers;" in said
        and "hardly time to act" in said
    )
    long = suggest_lambda(X, Y, hidden=8, optimiser="sgd", lr=0.5, epochs=900, batch_size=10)
    assert "enough to act" in " ".join(long.notes)
    assert "In 51,300 steps" in " ".join(long.notes)
    inside = suggest_lambda(X[:300], Y[:300], hidden=8, optimiser="sgd")
    assert "Beyond" not in " ".join(inside.notes)


def test_the_command_writes_its_numbers_and_answers_what_has_no_equivalent(tmp_path, capsys):
    out = tmp_path / "found.json"
    told = ["suggest", "wine", "--hidden", "8", "--optimiser", "sgd"]
    assert cli.main([*told, "--json", str(out)]) == 0
    assert '"lam"' in out.read_text(encoding="utf-8")
    capsys.readouterr()
    more = ["--to", "fastai-decay", "--lr", "0.1", "--momentum", "0.9"]
    assert cli.main([*told, *more]) == 1
    assert "velocity" in capsys.readouterr().out


GAPS = X.copy()
GAPS[3, 2] = np.nan
ENDLESS = np.where(np.isnan(GAPS), np.inf, X)
TEXT = pd.DataFrame({"id": [f"row {i}" for i in range(569)], "a": X[:, 0]})
BAD = {
    "a missing value": ({"X": GAPS}, "missing in 2: drop such rows with dropna()"),
    "a missing target": ({"y": np.where(Y == 1, np.nan, 0)}, "missing in the target"),
    "an infinite value": ({"X": ENDLESS}, "infinite in 2"),
    "ids": ({"X": TEXT}, "column 'id' has 569 different texts"),
    "one class": ({"y": np.ones(569)}, "1.0 in every row"),
    "too few rows": ({"X": X[:19], "y": Y[:19]}, "19 rows, and 20 are needed"),
    "nothing varies": ({"X": np.ones((569, 2))}, "no column of X varies"),
    "lengths": ({"y": Y[:5]}, "X has 569 rows and y 5"),
    "no inputs": ({"X": X[:, :0]}, "of shape (569, 0)"),
    "one row of numbers": ({"X": X[:, 0]}, "of shape (569,): give one row a sample"),
    "two targets": ({"y": X[:, :2]}, "y is of shape (569, 2)"),
    "no targets": ({"y": None}, "y is missing"),
    "no data": ({"X": "digits", "y": Y}, "X is str: give one row"),
    "many classes": ({"y": np.arange(569), "task": "classes"}, "569 different values"),
    "text for numbers": ({"y": np.where(Y, "a", "b"), "task": "numbers"}, "y holds 'b'"),
    "an unknown task": ({"task": "ranking"}, "task is 'ranking': choose one of classes, numbers"),
    "two columns of a name": (
        {"X": pd.DataFrame(X[:, :2], columns=["a", "a"])}, "two columns named a",
    ),
    "no width": ({"hidden": 0}, "hidden is 0: give whole numbers of units from 1"),
    "half a unit": ({"hidden": [8, 0.5]}, "hidden is [8, 0.5]"),
    "no layers": ({"hidden": []}, "hidden is []"),
    "a word for a width": ({"hidden": "128"}, "hidden is '128'"),
    "Adam": ({"optimiser": "adam"}, "optimiser is 'adam': the atlas has sgd and adamw"),
    "another's setting": ({"to": "torch-adamw"}, "to is 'torch-adamw', which is for Adam"),
    "no setting": ({"to": "torch"}, "unknown setting 'torch'"),
    "epochs alone": ({"epochs": 3}, "epochs take batch_size"),
    "no steps": ({"steps": 0}, "steps is 0"),
    "more than there are": ({"batch_size": 1000}, "batch_size is 1000 and there are 569 rows"),
    "no rate": ({"lr": -1.0, "steps": 10}, "lr"),
    "too much momentum": ({"lr": 0.1, "momentum": 1.0, "steps": 9}, "momentum"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_refused_with_the_way_out(name):
    given, said = BAD[name]
    asked = {"X": X, "y": Y, "hidden": 8, "optimiser": "sgd"} | given
    with pytest.raises(ValueError, match=re.escape(said)):
        suggest_lambda(**asked)


@pytest.mark.parametrize(
    ("text", "told", "said"),
    [
        (None, ["own.csv", "--target", "y"], "own.csv cannot be read as a table"),
        ("a,b\n1,2\n", ["own.csv"], "needs the name of its target column"),
        ("a,b\n1,2\n", ["own.csv", "--target", "c"], "has no column 'c': there are"),
        ("", ["own.csv", "--target", "c"], "cannot be read as a table"),
        ("a,b\n1,2\n", ["nobody"], "no data set of scikit-learn: there are breast_cancer"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(tmp_path, monkeypatch, capsys, text, told, said):
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path("own.csv").write_text(text, encoding="utf-8")
    assert cli.main(["suggest", *told, "--hidden", "8", "--optimiser", "sgd"]) == 2
    out, err = capsys.readouterr()
    assert not out and said in err and err.count("\n") == 1


def test_an_incomplete_table_of_rules_is_refused():
    with pytest.raises(ValueError, match="no rule for"):
        parsed("suggested = []")


def test_the_rules_that_are_shipped_are_sound():
    for rule in rules().values():
        assert rule.yardstick in {*YARDSTICKS, "powers", "mixed"}
        assert rule.use == "data" or not rule.yardsticks, "the form has no data"
        assert 0 < rule.search_low <= rule.low < rule.high <= rule.search_high
        assert rule.share > 0 and rule.regret_low <= rule.regret <= rule.regret_high
