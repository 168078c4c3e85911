"""In the drawings of the real figures no text lies over another, or outside the page."""

import io
from itertools import combinations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.text import Text

from l2scale.catalogue import style
from l2scale.catalogue.figures import FIGURES
from l2scale.press.addresses import figure_file
from l2scale.press.compose import lay_out

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


def test_no_text_lies_over_another(folder):
    found = {}
    for id, spec in FIGURES.items():
        table = pd.read_csv(io.BytesIO((folder / figure_file(id, "csv")).read_bytes()))
        with style.theme("light"):
            fig = spec.draw(table)
            lay_out(fig)
            if wrong := faults(fig):
                found[id] = wrong
            plt.close(fig)
    assert not found


def test_faults_are_found():
    with style.theme("light"):
        fig, ax = plt.subplots()
        ax.text(0.5, 0.5, "one")
        ax.text(0.51, 0.5, "other")
        fig.text(1.1, 0.5, "far outside")
        fig.draw_without_rendering()
        found = faults(fig)
        plt.close(fig)
    assert found == ["'far outside' leaves the page", "'one' and 'other' overlap"]
