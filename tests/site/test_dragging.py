"""Sliders over published tables: what is drawn and said is what the CSV has."""

import math
import re
from itertools import product

import pandas as pd
import pytest
from visits import DESK, PHONE, Visit

from l2scale.press.addresses import table_file

SLIDERS = {
    "cost_of_fifty": ("values", "width", "step", ["penalty_value", "train_loss"], None),
    "which_penalty": ("valleys", "width", "lam", ["val_error"], "penalty"),
    "crush": ("clock", "ratio", "step", ["squares"], None),
    "other_optimisers": ("valleys", "width", "lam", ["val_loss_noisy"], "name"),
    "samples": ("valleys", "n_train", "lam", ["val_loss"], "task"),
    "batches": ("valleys", "step", "lam", ["val_loss"], "batch_size"),
}
"""Chapter: table, column dragged, columns drawn, column that tells lines apart."""
_PLACE = re.compile(r"[ML](\S+) ([^MLh]+)")
NOW = """
() => {
  const frame = document.querySelector(".press-now");
  const lines = [...frame.querySelectorAll(".press-line")];
  return {
    value: frame.dataset.value,
    last: frame === frame.parentElement.lastElementChild,
    paths: lines.map(line => line.getAttribute("d")),
    axes: ["x", "y"].map(name => frame.closest("svg").dataset[name].split(" ").map(Number)),
  };
}
"""


def back(place: float, axis: list[float]) -> float:
    """The number that stands at a place on an axis."""
    low, high, start, end, log = axis
    share = (place - start) / (end - start)
    if log:
        return low * (high / low) ** share
    return low + (high - low) * share


def expected(site, slug: str) -> dict[float, list[pd.Series]]:
    """The lines of each value dragged, each as y by x, from the published CSV alone."""
    table, drag, x, ys, line = SLIDERS[slug]
    rows = pd.read_csv(site.folder / table_file(slug, table))
    if slug == "samples":
        rows = rows[rows["task"] == "digits"]
    found = {}
    for value, frame in rows.groupby(drag):
        parts = [one for _, one in frame.groupby(line, sort=False)] if line else [frame]
        found[value] = [part.groupby(x)[y].mean() for part, y in product(parts, ys)]
    return found


def drawn(now) -> list[list[tuple[float, float]]]:
    x, y = now["axes"]
    return [
        [(back(float(a), x), back(float(b), y)) for a, b in _PLACE.findall(path)]
        for path in now["paths"]
    ]


def close(one: float, other: float, axis: list[float]) -> bool:
    """Equal to a hundredth of the drawing's units, to which places are rounded."""
    low, high, start, end, log = axis
    slack = 0.02 / abs(end - start) * (math.log(high / low) if log else high - low)
    return abs(math.log(one / other) if log else one - other) <= slack


@pytest.mark.parametrize("slug", SLIDERS)
def test_what_is_drawn_is_what_the_table_has(browser, site, slug):
    frames = expected(site, slug)
    with Visit(browser, site, f"chapters/{slug}.html") as visit:
        tab, slider = visit.tab, visit.tab.get_by_role("slider")
        slider.focus()
        tab.keyboard.press("Home")
        said = set()
        for value, lines in frames.items():
            now = tab.evaluate(NOW)
            x, y = now["axes"]
            assert float(now["value"].replace(",", "")) == pytest.approx(value, rel=0.006)
            assert now["last"], "it is drawn above the others"
            assert len(drawn(now)) == len(lines)
            for found, line in zip(drawn(now), lines, strict=True):
                kept = line[line > 0] if y[4] else line
                assert len(found) == len(kept)
                for (at, height), (where, number) in zip(found, kept.items(), strict=True):
                    assert close(at, where, x) and close(height, number, y)
            assert slider.get_attribute("aria-valuetext") == now["value"]
            said.add(tab.locator(".press-slider output").inner_text())
            tab.keyboard.press("ArrowRight")
        assert len(said) == len(frames) > 1
        assert visit.faults == []


def test_a_finger_moves_it_and_each_part_has_a_name(browser, site):
    context = browser.new_context(viewport=PHONE, has_touch=True)
    tab = context.new_page()
    tab.goto(f"{site.url}chapters/which_penalty.html")
    slider = tab.get_by_role("slider", name="Hidden units")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    before = tab.locator(".press-value").inner_text()
    tab.touchscreen.tap(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    assert tab.locator(".press-value").inner_text() != before
    output = tab.locator(".press-slider output")
    assert output.get_attribute("aria-live") == "polite"
    assert output.bounding_box()["width"] < PHONE["width"]
    context.close()


def test_without_a_script_and_on_paper_the_figure_alone_is_there(browser, site):
    context = browser.new_context(java_script_enabled=False, viewport=DESK)
    tab = context.new_page()
    tab.goto(f"{site.url}chapters/crush.html")
    assert not tab.locator(".press-slider").is_visible()
    assert tab.locator("figure.plate").first.is_visible()
    context.close()
    with Visit(browser, site, "chapters/crush.html") as visit:
        assert visit.tab.locator(".press-slider").is_visible()
        visit.tab.emulate_media(media="print")
        assert not visit.tab.locator(".press-slider").is_visible()


def test_the_script_is_loaded_where_there_is_a_slider(site):
    assert all("slider.js" in site.text(f"chapters/{slug}.html") for slug in SLIDERS)
    assert "slider.js" not in site.text("chapters/notation.html")
