"""How many intervals a page prints: each once, whatever stands around it."""

import pytest
from docutils import nodes
from docutils.utils import new_document

from l2scale.press.sphinx.resolve import printed_intervals, seen


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It is 0.50 [0.45, 0.55], and again 0.50 [0.45, 0.55].", 1),
        ("by error −0.24\u00a0[−0.45,\u00a0−0.03] and by loss -0.35 [-0.42, -0.28]", 2),
        ("12% [10%, 14%] of error, 15.3 points [11.5, 19.2], 1.2e-06 [1e-06, 2e-06]", 3),
        ("a start (0.305 [0.293, 0.317]) in brackets", 1),
        ("unknown: 0.52 [?, ?]; a set [0, 255]; a source [2024]; a list [1, 2]", 0),
    ],
)
def test_an_interval_stands_behind_its_estimate_and_counts_once(text: str, count: int) -> None:
    assert len(printed_intervals(text)) == count


def test_only_what_is_seen_counts():
    page = new_document("page")
    page += nodes.paragraph("", "", nodes.Text("It is 0.5 [0.4, 0.6]."))
    drawn = '<img alt="0.9 [0.8, 1.0]"/><p>0.5 [0.4, 0.6]</p><p>0.7 [0.6, 0.8]</p>'
    page += nodes.raw("", drawn, format="html")
    assert printed_intervals(seen(page)) == {"0.5 [0.4, 0.6]", "0.7 [0.6, 0.8]"}
