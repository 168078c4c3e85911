"""A book that is wrong does not build."""

import re

CELL = "```{code-cell} python\n%s\n```\n\n"

FIGURE = """
import matplotlib.pyplot as plt
import pandas as pd
from l2scale.catalogue import text
from l2scale.catalogue.figures import figure
from l2scale.catalogue.results import Result
from l2scale.lab.sweeps.measurement import Measurement
from l2scale.press import show
from l2scale.press.display import Report

table = pd.DataFrame({"x": [1, 2], "seed": [0, 1]})
result = Result("__main__", "smoke", {"m": Measurement("m", table, 2, 1.0, "cpu", {"lr": 1})})

text.texts = lambda slug: {"small": {"title": "T", "claim": "C.", "alt": "A"}}

@figure(id="small", source="m")
def draw(table):
    fig, ax = plt.subplots()
    ax.plot(table["x"])
    return fig
"""
REPORT = r"""
table = {"csv": "penalty,power\nsum,1\nmean,2\nsum,3\n", "main": "power", "networks": 2}
Report(
    "tiny", {"power": table}, (), {}, ("small", "never-shown"),
    "smoke", 2, 1.0, "cpu", "cpu", "x", {},
)
"""
GRID = """
```{grid} A table with a field too many.
:name: tab-tiny

corner: Penalty
cell: tiny.power
rows: {"sum": penalty=mean}
columns: {"Power": ""}
heads: none
```
"""
WRONG = (
    "{num}`tiny.unknown`, {num}`huge.known`, {num}`book.pages`, {claim}`C99`, "
    "{source}`lab.nothing`, {num}`tiny.power[penalty=mean]`,\n"
    "{num}`tiny.power[penalty=summ]`, {num}`tiny.power[penalty=sum]`, "
    "{num}`tiny.force[penalty=sum]`,\n"
    "{num}`tiny.power[penalty=mean].powr`, {num}`tiny.power[penaltys=mean]`, {say}`tiny.nothing`\n"
    "\n```{plate} unseen\n```\n"
    "\n```{settings} neither\n```\n"
)


def test_a_cell_that_raises_fails_the_build(build, book, tmp_path):
    done = build(book(CELL % "raise RuntimeError('the lab burns')"), tmp_path / "out")
    assert done.returncode != 0
    assert "the lab burns" in done.stdout


def test_what_the_book_does_not_know_fails_the_build(build, book, tmp_path):
    page = (
        CELL % FIGURE
        + CELL % "show(draw, result)"
        + CELL % "show(draw, result)"
        + CELL % REPORT
        + WRONG
        + GRID
    )
    done = build(book(page), tmp_path / "out")
    assert done.returncode != 0
    for warning in (
        "no report of 'huge', but of tiny and book",
        "the book has no number 'pages', but version",
        "unknown claim 'C99': the ledger has C01 to C46",
        "no module, function or class 'lab.nothing'",
        "figure 'never-shown' of tiny is shown on no page",
        "no figure 'unseen', but small",
        "no settings of kind 'neither': choose from objective, weights",
        "tiny.unknown: no table 'unknown', but power",
        "tiny.power[penalty=summ]: no row has penalty=summ; nearest to penalty=summ: sum",
        "tiny.power[penalty=sum]: 2 rows fit: add power",
        "tiny.power[penalty=mean].powr: no column 'powr', but penalty, power",
        "tiny.power[penaltys=mean]: no column 'penaltys', but penalty, power",
        "tiny/text.toml has no prose.nothing",
        "a grid has corner, cell, rows and columns, not corner, cell, rows, columns, heads",
    ):
        assert warning in done.stdout, warning
    assert "tiny.power[penalty=mean]:" not in done.stdout
    assert re.search(r"index\.md:\d+: WARNING: tiny\.power\[penalty=summ\]", done.stdout)
    assert "figure 'small' is shown" in done.stdout
