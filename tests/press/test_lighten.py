"""Style sheets keep what a page or a script could use, and lose the rest."""

import pytest

from l2scale.press.sphinx.lighten import without_unused, words


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


def test_words_are_those_of_pages_and_of_scripts(tmp_path):
    page, script = tmp_path / "page.html", tmp_path / "script.js"
    page.write_text('<p class="one two-three">four</p>')
    script.write_text('node.classList.add("five_6")')
    assert {"one", "two-three", "five_6"} <= words([page, script])
