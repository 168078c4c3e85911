"""What holds for every exhibit: its figures, its numbers, and the chapter that quotes them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from l2scale.catalogue.claims import CLAIMS
from l2scale.catalogue.figures import FIGURES
from l2scale.catalogue.predictions import PREDICTIONS
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Tables
from l2scale.catalogue.text import fill, quote, template_at, texts
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits import EXHIBITS, load
from l2scale.press import grid, report

pytestmark = pytest.mark.xdist_group("exhibits")
ROOT = Path(__file__).parents[2]
SCALE = 'scale = None  # or "smoke" for seconds, "book" for minutes, "full" for a GPU'
for slug in EXHIBITS:
    load(slug)  # registers its figures, tables and claims


@pytest.mark.parametrize("slug", EXHIBITS)
def test_every_figure_is_shown_once_in_its_chapter(slug: str) -> None:
    text = (ROOT / "chapters" / f"{slug}.md").read_text(encoding="utf-8")
    shown = re.findall(r"^show\(exhibit\.(\w+), result\)$", text, flags=re.MULTILINE)
    drawn = [spec.draw.__name__ for spec in FIGURES.values() if spec.slug == slug]
    assert sorted(shown) == sorted(drawn)
    assert [name for name in shown if not hasattr(load(slug), name)] == []  # not imported


@pytest.mark.parametrize("slug", EXHIBITS)
def test_one_line_of_the_chapter_chooses_its_scale(slug: str) -> None:
    text = (ROOT / "chapters" / f"{slug}.md").read_text(encoding="utf-8")
    assert text.count(f"{SCALE}\nresult = run(exhibit, scale)\n") == 1
    assert text.count("run(exhibit") == 1


def pages() -> str:
    """The text of all pages, with the cells of each grid written out."""
    found = [*ROOT.glob("*.md"), *(ROOT / "chapters").glob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in found)
    grids = re.findall(r"```\{grid\}.*?\n\n(.*?)```", text, flags=re.DOTALL)
    return "\n".join([text, *(line for body in grids for line in grid.lines(body))])


@pytest.mark.parametrize("slug", EXHIBITS)
def test_every_address_in_the_text_names_a_cell(results: dict[str, Result], slug: str) -> None:
    tables, text = Tables(results[slug]), pages()
    for address in set(re.findall(rf"\{{num\}}`{slug}\.([^`]+)`", text)):
        assert quote(tables, address)
    said = set(re.findall(rf"\{{say\}}`{slug}\.(\w+)`", text))
    assert said == set(texts(slug).get("prose", {}))
    for name in said:
        assert fill(template_at(slug, "prose", name), tables, slug)


@pytest.mark.parametrize("slug", EXHIBITS)
def test_every_text_belongs_to_a_figure_a_claim_or_a_prediction(slug: str) -> None:
    figures = {spec.id for spec in FIGURES.values() if spec.slug == slug}
    claims = {claim for claim, row in SETTLED.items() if row.slug == slug}
    parts = {name for name in texts(slug) if name not in ("prose", "predictions", "shared")}
    assert parts == figures | claims
    stated = {id for id, row in PREDICTIONS.get(slug, {}).items() if row.stated is not None}
    assert stated == set(texts(slug).get("predictions", {}))
    for claim in claims:
        assert set(texts(slug)[claim]) & {"TRUE", "FALSE", "CONDITIONAL"}


@pytest.mark.parametrize("slug", EXHIBITS)
def test_reports_hold_a_verdict_for_each_claim_they_settle(
    results: dict[str, Result], slug: str
) -> None:
    verdicts = report(load(slug), results[slug]).verdicts
    assert set(verdicts) == {claim for claim, row in SETTLED.items() if row.slug == slug}
    assert set(verdicts) <= set(CLAIMS)


@pytest.mark.parametrize("slug", EXHIBITS)
def test_each_scale_declares_more_than_the_one_below(
    declared: Callable[[str, str], Any], slug: str
) -> None:
    sizes = [declared(slug, scale).networks for scale in ("smoke", "book", "full")]
    assert sizes == sorted(sizes) and len(set(sizes)) == 3


def test_unknown_exhibits_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown exhibit 'depth': choose one of cost_of_fifty"):
        load("depth")


def test_the_book_trains_two_thousand_networks() -> None:
    runs = [r for slug in EXHIBITS for sweep in load(slug).sweeps("book") for r in sweep.runs]
    assert sum(run.steps > 0 for run in runs) >= 2000
