"""What the registry of figures accepts, and what it refuses with a way out."""

import pandas as pd
import pytest
from matplotlib.figure import Figure

from l2scale.catalogue.figures import FIGURES, figure, spec_of
from l2scale.catalogue.results import slug_of

TEXTS = {"title": "A finding", "claim": "A caption.", "alt": "A line."}
TABLE = pd.DataFrame({"x": [1, 2]})


def draw(table: pd.DataFrame) -> Figure:
    return Figure()


def another(table: pd.DataFrame) -> Figure:
    return Figure()


def test_a_registered_function_stays_as_it_was_and_knows_its_figure():
    assert figure(id="some-figure", source="runs", **TEXTS)(draw) is draw
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
        figure(id=id, source="runs", **TEXTS)


def test_an_id_names_one_figure():
    figure(id="taken", source="runs", **TEXTS)(draw)
    with pytest.raises(ValueError, match=r"'taken' is taken by .*draw"):
        figure(id="taken", source="runs", **TEXTS)(another)


def test_a_module_may_register_its_figure_again_when_reloaded():
    figure(id="again", source="runs", **TEXTS)(draw)
    figure(id="again", source="others", **TEXTS)(draw)
    assert FIGURES["again"].source == ("others",)


@pytest.mark.parametrize("which", TEXTS)
def test_empty_texts_are_refused_at_once(which):
    with pytest.raises(ValueError, match=f"empty {which}"):
        figure(id="wordless", source="runs", **{**TEXTS, which: "  "})


@pytest.mark.parametrize("which", TEXTS)
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("$\\lambda$", "markup"),
        ("`code`", "markup"),
        ("{x}", "markup"),
    ],
)
def test_texts_computed_from_the_table_are_checked_too(which, text, complaint):
    figure(id="computed", source="runs", **{**TEXTS, which: lambda table: text})(draw)
    with pytest.raises(ValueError, match=complaint):
        FIGURES["computed"].words(which, TABLE)


def test_texts_are_set_on_one_line():
    texts = {**TEXTS, "claim": lambda table: f"There are\n  {len(table)} rows."}
    figure(id="lines", source="runs", **texts)(draw)
    assert FIGURES["lines"].words("claim", TABLE) == "There are 2 rows."


def test_several_sources_need_a_function_that_makes_one_table():
    with pytest.raises(ValueError, match="pass data="):
        figure(id="several", source=("one", "two"), **TEXTS)
    with pytest.raises(ValueError, match="names no source"):
        figure(id="several", source=(), **TEXTS)


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
    figure(id="shown", source="runs", penalties=declared, **TEXTS)(draw)
    configurations = [{"lr": 0.1}, {"penalty": trained}]
    assert FIGURES["shown"].shown_penalties(pd.DataFrame(columns), configurations) == shown


def test_a_penalty_of_no_known_name_is_refused():
    with pytest.raises(ValueError, match="shows penalty 'summe': choose from sum, mean"):
        figure(id="shown", source="runs", penalties=("summe",), **TEXTS)
