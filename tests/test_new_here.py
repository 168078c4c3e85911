"""The page on what is new has every statement that the book proves, and none that it has not."""

import re
from pathlib import Path

CHAPTERS = Path(__file__).parents[1] / "chapters"
PAGE = CHAPTERS / "new_here.md"
_KINDS = "theorem|proposition|corollary|lemma"
_PROVED = re.compile(rf"^`+\{{prf:(?:{_KINDS})\}}.*\n:label: (\S+)", re.MULTILINE)


def test_it_says_of_every_statement_who_had_it_before():
    proved = {
        label
        for chapter in CHAPTERS.glob("*.md")
        for label in _PROVED.findall(chapter.read_text(encoding="utf-8"))
    }
    _, _, listed = PAGE.read_text(encoding="utf-8").partition("(new-statements)=")
    heads = re.findall(r"^- (\{prf:ref\}.*?`):", listed, re.MULTILINE)
    named = {label for head in heads for label in re.findall(r"\{prf:ref\}`(.*?)`", head)}
    assert proved - named == set(), "give each a line on chapters/new_here.md"
    assert named - proved == set()
