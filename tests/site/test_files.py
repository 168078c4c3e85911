"""What stands beside the pages: files of figures, their index, the verdicts."""

import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest

from l2scale.catalogue.claims import CLAIMS
from l2scale.catalogue.figures import FIGURES
from l2scale.catalogue.tables import TABLES, Table
from l2scale.catalogue.text import fill, template_at
from l2scale.catalogue.typeset import typeset
from l2scale.catalogue.verdicts import SETTLED, VERDICTS
from l2scale.exhibits import EXHIBITS
from l2scale.press import addresses, compose, grid
from l2scale.press.render import draw_theme, stamp

ROOT = Path(__file__).parents[2]
# Drawn from what is computed, and from no network that trains.
COMPUTED = {
    "threshold-certified", "preactivation-kurtosis",
    "ridge-pairs", "ridge-by-samples", "negative-ridge", "unused-by-optimiser",
    "stopped-and-ridge",
}  # fmt: skip
INDEXED = {
    "id", "title", "claim", "alt", "chapter", "claims", "penalties",
    "networks", "seconds", "scale", "device",
}  # fmt: skip
SOURCES = [*ROOT.glob("*.md"), *ROOT.glob("chapters/*.md")]
NAN = re.compile(r"(?<![\w+/])[nN]a[nN](?![\w+/=])")  # not inside a picture in base64
NUMBER = re.compile(r"\{num\}`[^`]+`")
OF_A_DIRECTIVE = "tab-calculator-rules"  # whose numbers stand in records, not in the text
GRID = re.compile(r"```\{grid\}.*?\n\n(.*?)```", re.DOTALL)


def test_the_index_lists_every_figure_of_every_exhibit(index):
    assert {row["id"] for row in index} == set(FIGURES)
    assert all(set(row) == INDEXED for row in index)
    assert {row["chapter"] for row in index} == set(EXHIBITS)


def test_each_figure_has_its_files_and_no_others(folder, index):
    expected = {addresses.file_name(row["id"], kind) for row in index for kind in addresses.KINDS}
    on_disk = {path.name for path in (folder / addresses.FIGURES).iterdir() if path.is_file()}
    assert on_disk == expected | {Path(addresses.INDEX_FILE).name}


@pytest.mark.parametrize("slug", EXHIBITS)
def test_each_chapter_says_how_many_intervals_it_prints(folder, slug):
    page = (folder / "chapters" / f"{slug}.html").read_text(encoding="utf-8")
    (count,) = re.findall(r"This page prints (\d+) intervals", page)
    assert int(count) > 0


def test_records_agree_with_the_index_and_with_the_data(folder, index):
    for row in index:
        path = folder / addresses.figure_file(row["id"], "json")
        record = json.loads(path.read_text(encoding="utf-8"))
        assert {key: record[key] for key in INDEXED} == row
        assert record["networks"] == 0 if row["id"] in COMPUTED else record["networks"] > 0
        assert record["seconds"] > 0 and record["configuration"]
        assert record["scale"] == "smoke"
        for kind in ("svg", "dark.svg"):
            ET.parse(folder / addresses.figure_file(row["id"], kind))


@pytest.mark.parametrize("part", range(4), ids="a quarter of the figures, {}".format)
def test_each_figure_is_drawn_from_its_published_data(folder, index, part, monkeypatch):
    """From its CSV alone, the same bytes; its words from the tables, and both themes differ."""
    monkeypatch.setattr(compose, "_png", lambda drawing, page: b"")  # none is compared here
    for row in index[part::4]:
        spec = FIGURES[row["id"]]
        record = json.loads((folder / addresses.figure_file(spec.id, "json")).read_bytes())
        table = pd.read_csv(
            io.BytesIO((folder / addresses.figure_file(spec.id, "csv")).read_bytes())
        )
        assert len(table) > 0
        tables = {
            name: Table(pd.read_csv(folder / addresses.table_file(spec.slug, name)), made.main)
            for name, made in TABLES[spec.slug].items()
        }
        for which in ("title", "claim", "alt"):
            assert fill(template_at(spec.slug, spec.id, which), tables, spec.slug) == record[which]
        foot = stamp(record["scale"], record["networks"], record["seeds"], record["device"])
        light, dark = (
            (folder / addresses.figure_file(spec.id, kind)).read_bytes()
            for kind in ("svg", "dark.svg")
        )
        assert light != dark
        for mode, published in {"light": light, "dark": dark}.items():
            again = draw_theme(spec.draw, table, record["title"], foot, mode)
            assert again.svg == published, spec.id


def test_each_figure_has_a_page_and_a_place_in_its_chapter(site, index):
    for row in index:
        page = site.tree(f"{addresses.figure_page(row['id'])}.html")
        assert page.find("article").h1.text == row["title"]
        assert row["claim"] in page.find("figcaption").text
        chapter = site.tree(f"chapters/{row['chapter']}.html")
        figure = chapter.find(id=addresses.figure_anchor(row["id"]))
        assert row["claim"] in figure.find("figcaption").text
        assert [image["alt"] for image in figure.find_all("img")] == [row["alt"]] * 2
        assert figure.find(class_="caption-number").text.startswith("Fig.")


def test_pages_do_not_carry_the_files_of_their_figures(folder):
    for slug in EXHIBITS:
        html = (folder / f"chapters/{slug}.html").read_text(encoding="utf-8")
        assert "data:image/png" not in html
        assert not re.search(r"[A-Za-z0-9+/]{2000}", html)


def test_each_claim_has_a_verdict(site, ledger):
    assert list(ledger) == list(CLAIMS)
    assert len(ledger) == 46
    page = site.tree(f"{addresses.VERDICTS_PAGE}.html")
    for claim, row in ledger.items():
        assert set(row) == {"verdict", "figure", "derivation", "numbers", "statement"}
        assert row["verdict"] in VERDICTS
        cells = page.find(id=addresses.claim_anchor(claim))
        assert typeset(CLAIMS[claim].claim) in cells.text
        assert row["verdict"].capitalize() in cells.find(class_="press-verdict").text
        assert row["statement"] in cells.text
        if claim in SETTLED:
            assert row["figure"] == SETTLED[claim].figure and row["statement"]
        else:
            assert (row["verdict"], row["figure"]) == ("PENDING", None)


def test_no_page_and_no_file_says_nan(folder, site, index):
    """What is not known has a word or is left out: in text, captions, alt texts and citations."""
    # Code, and what is said of its arguments and results, may name the value.
    pages = [page for page in site.pages if not page.startswith(("code/", "chapters/api_"))]
    records = [addresses.figure_file(row["id"], "json") for row in index]
    notebooks = [addresses.notebook_file(slug) for slug in EXHIBITS]
    files = [*pages, *records, *notebooks, addresses.INDEX_FILE, addresses.VERDICTS_FILE]
    said = {}
    for name in files:
        text = (folder / name).read_text(encoding="utf-8")
        said[name] = [
            text[max(found.start() - 40, 0) : found.end() + 20] for found in NAN.finditer(text)
        ]
    assert not {name: found for name, found in said.items() if found}


def test_each_number_in_the_prose_was_filled_in(site):
    found = 0
    for source in SOURCES:
        page = source.relative_to(ROOT).with_suffix(".html").as_posix()
        if page not in site.pages:
            continue
        text = GRID.sub(lambda body: "\n".join(grid.lines(body[1])), source.read_text("utf-8"))
        typed = len(NUMBER.findall(text))
        filled = [
            number
            for number in site.tree(page).find_all(class_="press-number")
            if not number.find_parent(id=OF_A_DIRECTIVE)
        ]
        assert len(filled) == typed, source.name
        assert all(number.text.strip() for number in filled)
        found += typed
    assert found
