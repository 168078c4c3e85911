"""An SVG has its text as text, and the fonts that it is set in."""

import base64
import io
import re
from xml.etree import ElementTree

import matplotlib.pyplot as plt
from fontTools.ttLib import TTFont

from l2scale.looks import style
from l2scale.press.compose import compose
from l2scale.press.lettering import letters_in, with_letters

FACE = re.compile(
    rb"@font-face\{font-family:'([^']+)';font-style:(\w+);font-weight:(\d+);"
    rb"src:url\(data:font/woff;base64,([^)]+)\)\}"
)


def printed() -> bytes:
    with style.theme("light"):
        fig, ax = plt.subplots()
        ax.plot([1e-3, 1], [1, 2], label="two  spaces")
        ax.set(xscale="log", xlabel=r"$\lambda_{best}$ of <w>", ylabel="AVA")
        ax.legend()
        svg = compose(fig, "A title in bold", "A stamp").svg
        plt.close(fig)
    return svg


def test_what_is_written_is_text():
    said = {node.text for node in ElementTree.fromstring(printed()).iter()}
    assert {"A title in bold", "A stamp", "two  spaces", "AVA"} <= said


def test_each_letter_is_in_a_font_of_the_file():
    svg = printed()
    fonts = {
        (family.decode(), slant.decode(), weight.decode()): base64.b64decode(packed)
        for family, slant, weight, packed in FACE.findall(svg)
    }
    assert len(fonts) == 3  # the formula's is oblique, the title's bold
    assert fonts.keys() == letters_in(svg).keys()
    for face, letters in letters_in(svg).items():
        with TTFont(io.BytesIO(fonts[face])) as font:
            assert set(font.getBestCmap()) == set(map(ord, letters)), face


def test_the_same_text_has_the_same_bytes_and_no_text_has_no_font():
    assert printed() == printed()
    bare = b'<svg xmlns="http://www.w3.org/2000/svg"><style>*{}</style><g/></svg>'
    assert b"@font-face" not in with_letters(bare)
