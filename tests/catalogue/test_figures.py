"""What the registry of figures accepts, and what it refuses with a way out."""

import json

import pandas as pd
import pytest
from matplotlib.figure import Figure

from l2scale.catalogue.figures import FIGURES, figure, spec_of
from l2scale.catalogue.results import Result, slug_of
from l2scale.catalogue.tables import table
from l2scale.lab.sweeps.measurement import Measurement

TEXTS = {"title": "A finding", "claim": "A caption.", "alt": "A line."}


def points(result: Result) -> pd.DataFrame:
    return result["runs"].table


def draw(table: pd.DataFrame) -> Figure:
    return Figure()


def another(table: pd.DataFrame) -> Figure:
    return Figure()


def test_a_registered_function_stays_as_it_was_and_knows_its_figure():
    assert figure(id="some-figure", source="runs")(draw) is draw
    spec = FIGURES["some-figure"]
    assert spec_of(draw) is spec
    assert (spec.slug, spec.source, spec.module) == ("test_figures", ("runs",), __name__)
    assert spec.line == draw.__code__.co_firstlineno
    assert spec.end > spec.line


@pytest.mark.parametrize(
    "id", ["", "Figure", "fig_one", "figure-1", "3d", "-a", "a-", "a--b", "a b", "a.b", "a/b"]
)
def test_ids_that_are_no_words_are_refused(id):
    with pytest.raises(ValueError, match="lower-case words joined by hyphens"):
        figure(id=id, source="runs")


def test_an_id_names_one_figure():
    figure(id="taken", source="runs")(draw)
    with pytest.raises(ValueError, match=r"'taken' is taken by .*draw"):
        figure(id="taken", source="runs")(another)


def test_a_module_may_register_its_figure_again_when_reloaded():
    figure(id="again", source="runs")(draw)
    figure(id="again", source="others")(draw)
    assert FIGURES["again"].source == ("others",)


@pytest.fixture
def say(write_texts):
    """A function that writes a figure's texts, some of them others, and returns one as printed."""
    rows = pd.DataFrame({"x": [1, 2], "seed": [0, 1]})
    result = Result("test_figures", "smoke", {"runs": Measurement("runs", rows, 2, 1.0, "cpu", {})})
    table(source="runs", main="x")(points)
    figure(id="some-figure", source="runs")(draw)

    def printed(which: str, **others: str) -> str:
        lines = (f"{name} = {json.dumps(text)}" for name, text in {**TEXTS, **others}.items())
        write_texts("test_figures", "\n".join(["[some-figure]", *lines]))
        return FIGURES["some-figure"].text(which, result)

    return printed


@pytest.mark.parametrize("which", TEXTS)
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("$\\lambda$", "markup"),
        ("`code`", "markup"),
        ("of x}", "markup"),
    ],
)
def test_empty_texts_and_markup_are_refused(say, which, text, complaint):
    with pytest.raises(ValueError, match=complaint):
        say(which, **{which: text})


@pytest.mark.parametrize("which", TEXTS)
def test_texts_are_set_on_one_line_with_their_numbers(say, which):
    assert say(which) == TEXTS[which]
    assert say(which, **{which: "There are\n  {points[x=max]} rows."}) == "There are 2 rows."


def test_a_text_that_is_missing_is_named(say):
    with pytest.raises(LookupError, match=r"no some-figure\.note: there is title, claim, alt"):
        say("note")


def test_several_sources_need_a_function_that_makes_one_table():
    with pytest.raises(ValueError, match="pass data="):
        figure(id="several", source=("one", "two"))
    with pytest.raises(ValueError, match="names no source"):
        figure(id="several", source=())


def test_a_function_that_is_no_figure_says_so():
    with pytest.raises(ValueError, match="another is not a figure"):
        spec_of(another)


@pytest.mark.parametrize(
    ("module", "slug"),
    [
        ("l2scale.exhibits.cost", "cost"),
        ("l2scale.exhibits.cost.drawing.deep", "cost"),
        ("elsewhere.cost", "cost"),
        ("cost", "cost"),
    ],
)
def test_a_figure_belongs_to_its_exhibit_whatever_module_draws_it(module, slug):
    assert slug_of(module) == slug


@pytest.mark.parametrize(
    ("declared", "columns", "trained", "shown"),
    [
        (None, {"x": [1]}, ["prior", "sum"], ["sum", "prior"]),
        (None, {"penalty": ["fan", "mean", "(1, 2)"]}, ["prior"], ["mean", "fan"]),
        (None, {"penalised": ["none", "sum"]}, [], ["sum"]),
        (None, {"penalty": [0.5, 1.0]}, "sum", ["sum"]),
        (None, {"x": [1]}, (), []),
        (("sum",), {"penalty": ["fan"]}, ["prior"], ["sum"]),
        ((), {"penalty": ["fan"]}, ["prior"], []),
    ],
)
def test_a_figure_shows_what_it_declares_or_else_its_table_or_else_what_was_trained(
    declared, columns, trained, shown
):
    figure(id="shown", source="runs", penalties=declared)(draw)
    configurations = [{"lr": 0.1}, {"penalty": trained}]
    assert FIGURES["shown"].shown_penalties(pd.DataFrame(columns), configurations) == shown


def test_a_penalty_of_no_known_name_is_refused():
    with pytest.raises(ValueError, match="shows penalty 'summe': choose from sum, mean"):
        figure(id="shown", source="runs", penalties=("summe",))
