"""What holds for every exhibit: its figures, its numbers, and the chapter that quotes them."""

import io
import re
from pathlib import Path

import pandas as pd
import pytest

from l2scale.catalogue.claims import CLAIMS
from l2scale.catalogue.figures import FIGURES
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits import EXHIBITS, load
from l2scale.press import report
from l2scale.press.render import render

pytestmark = pytest.mark.xdist_group("exhibits")
ROOT = Path(__file__).parents[2]
SCALE = 'scale = None  # or "smoke" for seconds, "book" for minutes, "full" for a GPU'
for slug in EXHIBITS:
    load(slug)  # registers the figures that the tests below are parametrised by


@pytest.mark.parametrize("id", sorted(FIGURES))
def test_figures_are_functions_of_their_csv(results: dict[str, Result], id: str) -> None:
    spec = FIGURES[id]
    plate = render(spec, results[spec.slug])
    table = pd.read_csv(io.BytesIO(plate.files["csv"]))
    assert len(table) > 0
    for which in ("title", "claim", "alt"):
        assert spec.words(which, table)
    assert plate.files["svg"] != plate.files["dark.svg"]
    assert render(spec, results[spec.slug]).files["svg"] == plate.files["svg"]


@pytest.mark.parametrize("slug", EXHIBITS)
def test_every_figure_is_shown_once_in_its_chapter(slug: str) -> None:
    text = (ROOT / "chapters" / f"{slug}.md").read_text(encoding="utf-8")
    shown = re.findall(r"^show\(exhibit\.(\w+), result\)$", text, flags=re.MULTILINE)
    drawn = [spec.draw.__name__ for spec in FIGURES.values() if spec.slug == slug]
    assert sorted(shown) == sorted(drawn)


@pytest.mark.parametrize("slug", EXHIBITS)
def test_one_line_of_the_chapter_chooses_its_scale(slug: str) -> None:
    text = (ROOT / "chapters" / f"{slug}.md").read_text(encoding="utf-8")
    assert text.count(f"{SCALE}\nresult = exhibit.run(scale)\n") == 1
    assert text.count("exhibit.run(") == 1


@pytest.mark.parametrize("slug", EXHIBITS)
def test_every_number_is_quoted_somewhere(results: dict[str, Result], slug: str) -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "chapters").glob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    quoted = set(re.findall(rf"\{{num\}}`{slug}\.(\w+)`", text))
    assert quoted == set(load(slug).numbers(results[slug]))


@pytest.mark.parametrize("slug", EXHIBITS)
def test_reports_hold_a_verdict_for_each_claim_they_settle(
    results: dict[str, Result], slug: str
) -> None:
    verdicts = report(load(slug), results[slug]).verdicts
    assert set(verdicts) == {claim for claim, row in SETTLED.items() if row.slug == slug}
    assert set(verdicts) <= set(CLAIMS)


@pytest.mark.parametrize("slug", EXHIBITS)
def test_each_scale_declares_more_than_the_one_below(slug: str) -> None:
    sizes = [
        sum(len(sweep.runs) for sweep in load(slug).sweeps(scale))
        for scale in ("smoke", "book", "full")
    ]
    assert sizes == sorted(sizes) and len(set(sizes)) == 3


def test_unknown_exhibits_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown exhibit 'depth': choose one of cost_of_fifty"):
        load("depth")


def test_the_book_trains_two_thousand_networks() -> None:
    runs = [r for slug in EXHIBITS for sweep in load(slug).sweeps("book") for r in sweep.runs]
    assert sum(run.steps > 0 for run in runs) >= 2000
