"""Tables that are declared: a cell is an address, a range two, and a head may span columns."""

import pytest

from l2scale.press.grid import lines

BODY = """
corner: Penalty
cell: crush.regret
rows:
  '`"sum"`': cell=sum
  3 layers: cell=3 layers ~ reach=widest
  '{num}`crush.settings.least` units': other.regret[width=min]
columns:
  Loss: criterion=loss
  Widest, kept: criterion=loss, reach=widest | .kept:.2f
"""


def test_each_cell_is_asked_for_by_the_keys_of_its_row_and_column() -> None:
    head, rule, plain, deep, other = lines(BODY)
    assert head == "| Penalty | Loss | Widest, kept |"
    assert rule == "| --- | --- | --- |"
    assert plain == (
        '| `"sum"` | {num}`crush.regret[cell=sum, criterion=loss]` '
        "| {num}`crush.regret[cell=sum, criterion=loss, reach=widest].kept:.2f` |"
    )
    assert deep == "| 3 layers | {num}`crush.regret[cell=3 layers, criterion=loss]` |  |"
    assert "{num}`other.regret[width=min, criterion=loss]`" in other
    assert other.startswith("| {num}`crush.settings.least` units |")


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("rows: [", "no YAML"),
        ("corner: A", "a grid has corner, cell, rows and columns, not corner"),
        ("just words", "not 'just words'"),
        (BODY.replace("cell=sum", "cell=sum]["), "names no cells"),
    ],
)
def test_what_declares_no_table_is_refused(body: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        lines(body)


SPANS = """
corner: Units | Start
cell: bad_start.errors
rows:
  30 | large: width=30, init=normal
  100 | large: width=100, init=normal ~ when=last
columns:
  First: when=first
  Range: bad_start.gaps[when=last] | .low:.1f to .high:.1f
"""


def test_cells_are_addresses_and_ranges_two_of_them() -> None:
    head, rule, first, second = lines(SPANS)
    assert head == "| Units | Start | First | Range |"
    assert rule.count("---") == head.count("|") - 1
    row = "bad_start.errors[width=30, init=normal, when=first]"
    gap = "bad_start.gaps[width=30, init=normal, when=last]"
    assert first == (
        f"| 30 | large | {{num}}`{row}` | {{num}}`{gap}.low:.1f` to {{num}}`{gap}.high:.1f` |"
    )
    assert second.endswith("when=first]` |  |")
