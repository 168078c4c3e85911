"""In the drawings of the real figures no text lies over another, or outside the page.

And signs are printers' signs: nothing sets them later.
"""

import io
from itertools import combinations

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.text import Text

from l2scale.catalogue.figures import FIGURES
from l2scale.catalogue.typeset import typeset
from l2scale.looks import style
from l2scale.press.addresses import figure_file
from l2scale.press.compose import lay_out
from l2scale.press.narrow import stack

SLACK = 2  # pixels at 100 dots an inch: boxes of text have some air
MARGIN = 16  # pixels that a figure's page has around the drawing


def texts(fig) -> list[Text]:
    """All text that is drawn: not the labels of ticks outside the limits."""
    hidden = set()
    for axis in (axis for ax in fig.axes for axis in (ax.xaxis, ax.yaxis)):
        low, high = sorted(axis.get_view_interval())
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            if not low <= tick.get_loc() <= high:
                hidden |= {tick.label1, tick.label2}
    found = fig.findobj(Text)
    return [t for t in found if t.get_visible() and t.get_text().strip() and t not in hidden]


def faults(fig) -> list[str]:
    renderer = fig.canvas.get_renderer()
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts(fig)]
    found = [
        f"{text!r} leaves the page"
        for text, box in boxes
        if box.x0 < -MARGIN or box.x1 > fig.bbox.x1 + MARGIN
    ]
    for (one, a), (other, b) in combinations(boxes, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        if min(across, down) > SLACK:
            found.append(f"{one!r} and {other!r} overlap")
    return found


def untypeset(fig) -> list[str]:
    """Texts with a typewriter's signs, but for formulas."""
    found = [text.get_text() for text in texts(fig)]
    return [
        text for text in found
        if "$" not in text and typeset(text) != " ".join(text.split())
    ]  # fmt: skip


@pytest.mark.parametrize("arrange", [lambda fig: None, stack], ids=["wide", "narrow"])
def test_no_text_lies_over_another_and_signs_are_set(folder, arrange):
    found = {}
    for id, spec in FIGURES.items():
        table = pd.read_csv(io.BytesIO((folder / figure_file(id, "csv")).read_bytes()))
        with style.theme("light"):
            fig = spec.draw(table)
            arrange(fig)
            lay_out(fig)
            if wrong := faults(fig) + untypeset(fig):
                found[id] = wrong
            plt.close(fig)
    assert not found


def test_faults_are_found():
    with style.theme("light"):
        fig, ax = plt.subplots()
        ax.text(0.5, 0.5, "one")
        ax.text(0.51, 0.5, "other")
        fig.text(1.1, 0.5, "far outside")
        fig.text(0.1, 0.9, "the sum's")
        ax.set_yticks([0.5], ["-1 less"])
        fig.draw_without_rendering()
        found, signs = faults(fig), untypeset(fig)
        plt.close(fig)
    assert found == ["'far outside' leaves the page", "'one' and 'other' overlap"]
    assert sorted(signs) == ["-1 less", "the sum's"]
