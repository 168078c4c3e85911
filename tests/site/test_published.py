"""The ids of figures are parts of links elsewhere: what was published once stays."""

from pathlib import Path

import pytest

from l2scale.catalogue.figures import FIGURES
from l2scale.exhibits import EXHIBITS

PUBLISHED = Path(__file__).with_name("published.txt")


def faults(published: list[str], figures: set[str]) -> list[str]:
    """What is wrong, and what to do about it."""
    gone, new = sorted(set(published) - figures), sorted(figures - set(published))
    found = []
    if gone:
        found.append(
            f"figures that were published are gone: {', '.join(gone)}. Others link to "
            "figures/<id>/ and to its files: draw them again under the same id"
        )
    if new:
        found.append(
            f"figures that are not in {PUBLISHED.name}: {', '.join(new)}. Add these ids to it, in "
            "alphabetical order; from then on they are permanent, so choose them with care"
        )
    if published != sorted(set(published)):
        found.append(f"{PUBLISHED.name} is not in alphabetical order, or holds an id twice")
    return found


def test_every_published_figure_is_there_and_every_figure_is_listed():
    drawn = {id for id, spec in FIGURES.items() if spec.slug in EXHIBITS}
    if found := faults(PUBLISHED.read_text(encoding="utf-8").split(), drawn):
        pytest.fail("\n".join(found), pytrace=False)


def test_both_directions_are_seen():
    (gone,) = faults(["a", "b"], {"a"})
    assert "gone: b." in gone
    (new,) = faults(["a"], {"a", "b"})
    assert "published.txt: b." in new
    assert faults(["b", "a"], {"a", "b"})
