"""What `make bench` left is shown, and where it left nothing the page says how to get it."""

import re
from pathlib import Path

import pandas as pd
import pytest
from matplotlib import pyplot as plt
from sphinx.application import Sphinx

from benchmarks import record, speed_figure
from l2scale.looks import style
from l2scale.press import bench

CONF = """
from l2scale.press.sphinx import late, resolve, store

def setup(app):
    for part in (store, late, resolve):
        part.setup(app)
"""


@pytest.fixture
def table() -> pd.DataFrame:
    rates = {"ours": 50.0, "plain_torch": 1.25, "sklearn": 4.0, "jax_map": 62.5}
    return pd.DataFrame(
        [
            {
                "configuration": configuration,
                "contender": contender,
                "rounds": 3,
                "networks": 12,
                "low": 0.9 * rate,
                "networks_per_second": rate,
                "high": 1.2 * rate,
                "ours_over_this": 50 / rate,
                "fraction_of_sgemm": rate / 100,
            }
            for configuration in ("base", "depth3")
            for contender, rate in rates.items()
        ]
    )


def page(folder: Path) -> str:
    """A page with the directive, as built into `folder`/html."""
    source = folder / "source"
    source.mkdir()
    (source / "conf.py").write_text(CONF)
    (source / "index.rst").write_text("Speed\n=====\n\n.. speed::\n")
    out = folder / "html"
    Sphinx(source, source, out, folder / "doctrees", "html", status=None).build()
    return (out / "index.html").read_text(encoding="utf-8")


def keep(folder: Path, table: pd.DataFrame) -> None:
    words, device = speed_figure.describe(table), "cpu (some, 2 cores)"
    record.write(folder, bench.THROUGHPUT, speed_figure.draw, table, words, device)


def test_without_a_measurement_the_page_says_how_to_get_one(tmp_path):
    html = page(tmp_path)
    assert "make bench" in html and "make book" in html
    assert "<img" not in html.partition("<body")[2]


def test_with_a_measurement_the_page_shows_it_in_both_themes(tmp_path, table):
    keep(tmp_path, table)
    html = page(tmp_path)
    images = re.findall(r'<img class="only-(light|dark)" src="([^"]+)" alt="([^"]+)"', html)
    assert [theme for theme, *_ in images] == ["light", "dark"]
    files = [(tmp_path / "html" / file).read_bytes() for _, file, _ in images]
    assert len(set(files)) == 2 and all(b"<svg" in file for file in files)
    assert all("plain torch loop 1.25 (l2scale is 40 times as fast)" in alt for *_, alt in images)
    (figure,) = bench.figures_in(tmp_path)
    assert "cpu (some, 2 cores)" in html and figure.meta["date"] in html
    assert "make bench" not in html


def test_the_title_compares_with_the_slowest_and_the_fastest(table):
    title = speed_figure.describe(table).title
    assert title == (
        "l2scale trains 50 networks a second: 40 times the plain torch loop and 0.8 times JAX’s map"
    )


def test_the_caption_says_what_share_of_the_peak_it_is(table):
    assert "50.0% to 50.0% for l2scale" in speed_figure.describe(table).claim
    assert speed_figure.describe(table).foot == "96 networks in 3 rounds"


def test_each_panel_names_the_contenders_in_one_order(table):
    with style.theme("light"):
        fig = speed_figure.draw(table)
    plt.close(fig)
    assert [ax.get_title("left") for ax in fig.axes] == [
        "64-128-10, batches of 32",
        "64-128-128-10, batches of 32",
    ]
    names = [[label.get_text() for label in ax.get_yticklabels()] for ax in fig.axes]
    assert names[0] == names[1] == ["l2scale", "plain torch loop", "scikit-learn", "JAX’s map"]
