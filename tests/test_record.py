"""Predictions stay as they were stated: none is changed or taken out once it is in the book.

`predictions.md` holds the words of each as they stand in its chapter, with {} for what the build
fills in. A new one is added there; a line is never changed or removed, which the history of that
file shows where it is at hand.
"""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KEPT = Path("tests/predictions.md")
CHAPTERS = sorted((ROOT / "chapters").glob("*.md"))
_STATED = re.compile(r"^\*\*Predictions?\.\*\*")
_ROLE = re.compile(r"\{[\w:]+\}`[^`]*`")
_CHANGED = "## What was changed after the data"
_TOGETHER = "committed together, so the history cannot show which came first"
_COMMIT = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7}\b")


def stated(text: str) -> list[str]:
    """The predictions of a page, each as one line: a paragraph, and a list that follows it."""
    paragraphs = re.split(r"\n\s*\n", text)
    found = []
    for place, paragraph in enumerate(paragraphs):
        if _STATED.match(paragraph):
            listed = paragraphs[place + 1] if paragraph.startswith("**Predictions.") else ""
            found.append(_ROLE.sub("{}", " ".join(f"{paragraph} {listed}".split())))
    return found


def recorded(text: str) -> dict[str, list[str]]:
    """The predictions of the record, by chapter."""
    found: dict[str, list[str]] = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        slug, *lines = part.splitlines()
        found[slug] = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    return found


def before_the_data(history: str) -> set[str]:
    """Commits that a page names in sentences on its predictions and what came before what."""
    sentences = [s for s in re.split(r"(?<=[.:])\s", history) if re.search(r"predictions?\b", s)]
    return {c for s in sentences if re.search(r"\bbefore\b", s) for c in _COMMIT.findall(s)}


def mending(slug: str, found: list[str], kept: list[str]) -> str:
    """What to do where a chapter and its record differ: lines to add, or to state again."""
    lines = [f"- {line}" for line in found]
    parts = [
        f"add to {KEPT.as_posix()}, after the line {before!r}:\n{line}"
        for before, line in zip([f"## {slug}", *lines[:-1]], lines, strict=True)
        if line.removeprefix("- ") not in kept
    ]
    lost = [line for line in kept if line not in found]
    parts += [f"state again in chapters/{slug}.md, word for word:\n{line}" for line in lost]
    return "\n".join(parts or [f"order {KEPT.as_posix()} as chapters/{slug}.md is"])


def git(*arguments: str) -> str | None:
    """What git says, or None where there is no history."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_the_record_has_each_prediction_as_the_chapter_states_it(chapter: Path) -> None:
    kept = recorded((ROOT / KEPT).read_text(encoding="utf-8")).get(chapter.stem, [])
    found = stated(chapter.read_text(encoding="utf-8"))
    assert found == kept, mending(chapter.stem, found, kept)


def test_no_recorded_prediction_was_ever_changed_or_removed() -> None:
    # In full: else a line that a merge dropped goes with the side that had it.
    log = git("log", "--full-history", "--format=%H", "--", KEPT.as_posix())
    commits = (log or "").split()
    today = recorded((ROOT / KEPT).read_text(encoding="utf-8"))
    for commit in commits:
        before = recorded(git("show", f"{commit}:{KEPT.as_posix()}") or "")
        for slug, lines in before.items():
            lost = [line for line in lines if line not in today.get(slug, [])]
            assert not lost, f"{slug} lost what {commit[:7]} stated: {lost}"


@pytest.mark.parametrize(
    "chapter",
    [path for path in CHAPTERS if stated(path.read_text(encoding="utf-8"))],
    ids=lambda path: path.stem,
)
def test_a_chapter_with_predictions_says_what_was_changed(chapter: Path) -> None:
    text = chapter.read_text(encoding="utf-8")
    _, found, after = text.partition(_CHANGED)
    assert found, f"{chapter.stem} has no section on what was changed after the data"
    history = " ".join(re.split(r"^#", after, maxsplit=1, flags=re.MULTILINE)[0].split())
    assert "```{intervals}" in text
    # A page names the commits that stated its predictions before the data, or says that there are
    # none.
    first = before_the_data(history)
    assert first or _TOGETHER in history
    if git("cat-file", "-e", "cf4a537") is None:
        return  # a clone without its history knows no commits
    for commit in _COMMIT.findall(history):
        assert git("cat-file", "-e", commit) is not None, commit
    if _TOGETHER not in history:
        records = [recorded(git("show", f"{each}:{KEPT.as_posix()}") or "") for each in first]
        then = {line for record in records for line in record.get(chapter.stem, [])}
        late = [line for line in stated(text) if line not in then]
        assert not late, f"{sorted(first)} of {chapter.stem} do not have {late}"


def test_a_changed_word_is_noticed() -> None:
    text = "Words.\n\n**Prediction.** It is {num}`a.b`\nfor it.\n\n**Predictions.**\n\n1. a\n2. b\n"
    assert stated(text) == ["**Prediction.** It is {} for it.", "**Predictions.** 1. a 2. b"]
    assert stated("**Restated after the data.** It is 1.") == []
    assert recorded("# x\n\n## sums\n\n- one\n- two\n\n## means\n\n- three\n") == {
        "sums": ["one", "two"],
        "means": ["three"],
    }


def test_commits_of_predictions_are_those_said_to_come_before() -> None:
    said = "The predictions were committed at 05:09 (814e183) before all. Then came more (fe790f2)."
    assert before_the_data(said) == {"814e183"}
    assert before_the_data("- **The predictions** (7810ff0), before any network.") == {"7810ff0"}
    assert not before_the_data("The predictions came last (814e183). Before, 1234567 was tried.")


def test_what_the_record_lacks_is_said_with_its_place() -> None:
    assert mending("sums", ["one", "two"], ["one"]) == (
        "add to tests/predictions.md, after the line '- one':\n- two"
    )
    assert mending("sums", ["new"], []).startswith(
        "add to tests/predictions.md, after the line '## sums'"
    )
    changed = mending("sums", ["One."], ["one"])
    assert changed.endswith("state again in chapters/sums.md, word for word:\none")
    assert mending("sums", ["two", "one"], ["one", "two"]).startswith("order")
