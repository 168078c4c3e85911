"""Style sheets and fonts keep what a page or a script could use, and lose the rest."""

from pathlib import Path

import pydata_sphinx_theme
import pytest
from fontTools.ttLib import TTFont

from l2scale.press.sphinx.lighten import keep_glyphs, without_unused, words

ICONS = sorted(Path(pydata_sphinx_theme.__file__).parent.glob("theme/**/webfonts/*.*"))


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".used{a:b}", ".used{a:b}"),
        (".other{a:b}", ""),
        ("p.used > .other, p.used{a:b}", "p.used{a:b}"),
        (".used:not(.other){a:b}", ".used:not(.other){a:b}"),
        (":is(.other, .used) b, .other b{a:b}", ":is(.other, .used) b{a:b}"),
        ("h1, [class~=other]{a:b}", "h1,[class~=other]{a:b}"),
        ("@media print{.used{a:b}.other{a:b}}", "@media print{.used{a:b}}"),
        ("@media print{.other{a:b}}", ""),
        (
            "@supports (a:b){@media print{.other{a:b}i{a:b}}}",
            "@supports (a:b){@media print{i{a:b}}}",
        ),
        ("@font-face{src:url(x.woff2)}", "@font-face{src:url(x.woff2)}"),
        ("@keyframes other{from{a:b}to{a:c}}", "@keyframes other{from{a:b}to{a:c}}"),
        ('@import "x.css";', '@import "x.css";'),
        ('.used::after{content:"λ,.other"}', '.used::after{content:"λ,.other"}'),
        (r".two\/two{a:b}", ""),
    ],
)
def test_rules(css, kept):
    assert without_unused(f"/* a note */\n{css}", {"used"}).strip() == kept


def test_words_are_those_of_pages_and_of_scripts():
    page, script = '<p class="one two-three">four</p>', 'node.classList.add("five_6")'
    assert {"one", "two-three", "five_6"} <= words([page, script])


@pytest.mark.parametrize("icons", ICONS, ids=lambda path: path.name)
def test_fonts_keep_the_glyphs_that_are_asked_for(tmp_path, icons):
    with TTFont(icons) as font:
        kept = chr(max(font.getBestCmap()))
    lighter = tmp_path / icons.name
    lighter.write_bytes(icons.read_bytes())
    keep_glyphs(lighter, {kept, "漢"})
    with TTFont(lighter) as font:
        assert set(map(chr, font.getBestCmap())) == {kept}
        assert font["glyf"][font.getBestCmap()[ord(kept)]].numberOfContours
    assert lighter.read_bytes()[:4] == icons.read_bytes()[:4]
    assert lighter.stat().st_size < icons.stat().st_size / 10
