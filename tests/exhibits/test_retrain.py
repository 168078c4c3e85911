"""A reader's own values in place of an exhibit's, with no file changed."""

import re
from pathlib import Path
from typing import Any

import pytest

from l2scale.catalogue.figures import FIGURES
from l2scale.catalogue.results import Result
from l2scale.exhibits import EXHIBITS, batches, load, retrain
from l2scale.press import show


def figures_on_sweeps(slug: str) -> list[Any]:
    """The figures of an exhibit that a sweep of it stands behind."""
    trained = {sweep.name for sweep in load(slug).sweeps("smoke")}
    return [spec for spec in FIGURES.values() if spec.slug == slug and trained & {*spec.source}]


GRID = [0.0005, 0.002, 0.008, 0.032]
CHAPTERS = Path(__file__).parents[2] / "chapters"
EXAMPLE = re.compile(r"^from l2scale\.exhibits import retrain\n(?P<code>.*?)^```$", re.M | re.S)
# The figures of the others rest on nothing that is trained in a sweep.
TRAINING = sorted({spec.slug for slug in EXHIBITS for spec in figures_on_sweeps(slug)})

pytestmark = pytest.mark.xdist_group("exhibits")


@pytest.fixture(scope="module")
def mine(results: dict[str, Result]) -> Result:
    return retrain(batches, results["batches"], "kept", lam=GRID)


def test_a_sweep_is_trained_on_the_values_given(results: dict[str, Result], mine: Result) -> None:
    ours = results["batches"]
    assert sorted(mine["kept"].table["lam"].unique()) == GRID
    kept = ["batch_size", "seed", "step"]
    assert set(mine["kept"].table[kept].itertuples(index=False)) == set(
        ours["kept"].table[kept].itertuples(index=False)
    )
    assert mine["scaled"] is ours["scaled"]
    assert mine.scale == ours.scale


def test_the_figure_is_of_those_values_and_says_so(
    results: dict[str, Result], mine: Result
) -> None:
    plate = show(batches.steps_or_epochs, mine)
    assert plate.meta["configuration"]["kept"]["lam"] == GRID
    assert plate.meta["networks"] == mine["kept"].networks
    assert plate.files["csv"] != show(batches.steps_or_epochs, results["batches"]).files["csv"]


@pytest.mark.parametrize(
    ("names", "axes", "message"),
    [
        ((), {"lam": GRID}, "name the sweeps to train again: there are kept, scaled, halved"),
        (("keep",), {"lam": GRID}, "no sweep 'keep' in batches: there are kept"),
        (("kept",), {}, "give values to train with"),
        (("kept",), {"lambda": GRID}, "unknown axis 'lambda'"),
        (("kept",), {"lam": []}, "axis 'lam' is empty"),
        (("kept",), {"lam": [-1.0]}, "-1"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    results: dict[str, Result], names: tuple, axes: dict, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        retrain(batches, results["batches"], *names, **axes)


def test_another_exhibits_result_is_refused(results: dict[str, Result]) -> None:
    with pytest.raises(ValueError, match="the result is of 'samples', the exhibit is 'batches'"):
        retrain(
            batches, Result("samples", "smoke", results["batches"].measurements), "kept", lam=GRID
        )


@pytest.mark.parametrize("slug", TRAINING)
def test_a_chapters_example_draws_a_new_figure(results: dict[str, Result], slug: str) -> None:
    """What a student does: change a grid in the notebook, and look."""
    found = EXAMPLE.search((CHAPTERS / f"{slug}.md").read_text(encoding="utf-8"))
    assert found is not None
    shown: list[Any] = []
    exhibit, result = load(slug), results[slug]
    names = {"exhibit": exhibit, "result": result, "retrain": retrain, "show": None}
    names["show"] = lambda draw, mine: shown.append((show(draw, mine), show(draw, result)))
    exec(found["code"], names)
    (mine, ours), *more = shown
    assert not more
    changed = names["mine"].own
    assert changed
    for name, axes in changed.items():
        for axis, values in axes.items():
            there = mine.meta["configuration"][name][axis]
            assert len(there if isinstance(there, list) else [there]) == len(values)
    assert mine.files["csv"] != ours.files["csv"]
    assert "nan" not in f"{mine.meta['title']} {mine.meta['claim']}"


def test_too_few_values_say_which_figure_and_what_is_missing(results: dict[str, Result]) -> None:
    one = retrain(batches, results["batches"], "kept", lam=[0.01])
    with pytest.raises(ValueError, match=r"'steps-or-epochs' cannot be drawn .*kept: lam = 0\.01"):
        show(batches.steps_or_epochs, one)


def test_a_sentence_that_speaks_of_other_values_gives_way(results: dict[str, Result]) -> None:
    """With one lambda in a sweep that the figure does not draw but its words compare."""
    mine = retrain(batches, results["batches"], "scaled", lam=[0.01])
    plate = show(batches.steps_or_epochs, mine)
    given = "Your own values, scaled: lam = 0.01"
    assert any(plate.meta[text].startswith(given) for text in ("title", "claim", "more", "alt"))
