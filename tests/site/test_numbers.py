"""Where a number of the text leads: to the row that it is, on the page of its chapter's tables."""

import gzip
from collections import Counter
from urllib.parse import urljoin

import pandas as pd
import pytest

from l2scale.catalogue.predictions import OUTCOMES, PREDICTIONS
from l2scale.catalogue.tables import TABLES, to_csv
from l2scale.exhibits import EXHIBITS, load, run
from l2scale.press import addresses

PREDICTED = "predictions.html"


@pytest.mark.parametrize("slug", EXHIBITS)
def test_each_number_leads_to_its_row_and_says_what_is_behind_it(site, slug):
    page = f"chapters/{slug}.html"
    numbers = site.tree(page).find_all("a", class_="press-number")
    assert len(numbers) > 10
    rows = {}
    for number in numbers:
        path, _, anchor = urljoin(page, number["href"]).partition("#")
        if path not in rows:
            rows[path] = {row["id"] for row in site.tree(path).find_all("tr", id=True)}
        assert anchor in rows[path], f"{number.text} of {page} leads to {path}#{anchor}"
        assert number.text.strip() and number["title"].startswith("Table ")


@pytest.mark.parametrize("slug", EXHIBITS)
def test_each_table_is_published_whole(site, slug):
    page = f"{addresses.table_page(slug)}.html"
    shown = {head["id"] for head in site.tree(page).select("section.press-tables h2")}
    assert shown == set(TABLES[slug])
    for name in TABLES[slug]:
        kept = pd.read_csv(site.folder / addresses.table_file(slug, name))
        assert not kept.columns.empty


def test_each_network_has_a_row_of_its_own(site, once, monkeypatch):
    """In a file that leads back to the result, digit for digit as it is published."""
    for name, value in once.items():
        monkeypatch.setenv(name, value)
    result = run(load("batches"), "smoke")
    links = site.tree(f"{addresses.table_page('batches')}.html").select("section.press-each a")
    assert [link.text for link in links] == [*result.measurements]
    for name, measured in result.measurements.items():
        file = site.folder / addresses.rows_file("batches", name)
        published = gzip.decompress(file.read_bytes()).decode()
        assert published == to_csv(measured.table)
        read = pd.read_csv(file)
        assert len(read) == len(measured.table) and read["seed"].nunique() > 1


@pytest.mark.parametrize("slug", EXHIBITS)
def test_a_sceptic_has_the_rows_of_every_sweep(site, slug):
    trained = {sweep.name: sweep for sweep in load(slug).sweeps("smoke")}
    for name, sweep in trained.items():
        rows = pd.read_csv(site.folder / addresses.rows_file(slug, name), low_memory=False)
        assert len(rows) == sum(len(run.measured_at) for run in sweep.runs)
        assert {*rows["seed"]} == {run.seed for run in sweep.runs}


def test_each_prediction_is_listed_with_its_outcome(site):
    stated = {
        (slug, id)
        for slug, declared in PREDICTIONS.items()
        for id, prediction in declared.items()
        if prediction.stated is not None
    }
    page = site.tree(PREDICTED)
    rows = page.select("[data-item]")
    assert len(rows) == len(stated) > 60
    assert {(row["data-chapter"], row["id"]) for row in rows} == {
        (slug, f"{slug}-{id}") for slug, id in stated
    }
    became = Counter(row["data-became"] for row in rows)
    assert set(became) <= {*OUTCOMES, "in-part"}
    totals = [int(cell.text) for cell in page.table.find_all("td")]
    assert sum(totals) == len(rows)
