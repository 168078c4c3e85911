"""Gives an SVG the letters that it is written in, so that its text is text wherever it is opened.

An image on a page can use no font but its own. With the few letters of one figure inside, a file
is smaller than one whose letters are drawn as outlines.
"""

import base64
import io
from collections.abc import Mapping
from functools import lru_cache
from xml.etree import ElementTree

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontProperties, findfont

_TEXT = {f"{{http://www.w3.org/2000/svg}}{tag}" for tag in ("text", "tspan")}
_NAMED = {"font-style": "normal", "font-weight": "400"}
Face = tuple[str, str, str]
"""Family, style and weight, as CSS names them."""


def with_letters(svg: bytes) -> bytes:
    """An SVG of matplotlib's, written as text, with the fonts of that text."""
    rules = ["text{white-space:pre}"]
    for face, letters in sorted(letters_in(svg).items()):
        family, style, weight = face
        rules.append(
            f"@font-face{{font-family:'{family}';font-style:{style};font-weight:{weight};"
            f"src:url(data:font/woff;base64,{_font(face, ''.join(sorted(letters)))})}}"
        )
    return svg.replace(b"</style>", "".join(rules).encode() + b"</style>", 1)


def letters_in(svg: bytes) -> Mapping[Face, set[str]]:
    """The letters of an SVG's text, by what they are set in."""
    found: dict[Face, set[str]] = {}
    for node in ElementTree.fromstring(svg).iter():
        if node.tag in _TEXT and node.text and node.text.strip():
            said = dict(rule.split(": ", 1) for rule in node.get("style").split("; "))
            style, weight = (said.get(name, usual) for name, usual in _NAMED.items())
            found.setdefault((said["font-family"].strip("'"), style, weight), set()).update(
                node.text
            )
    return found


@lru_cache(maxsize=256)  # a figure's two drawings have the same letters
def _font(face: Face, letters: str) -> str:
    """Some letters of an installed font as WOFF, which needs no library to pack, in base64."""
    family, style, weight = face
    path = findfont(FontProperties(family=family, style=style, weight=int(weight)))  # type: ignore[arg-type]  # an SVG's own words
    options = Options(hinting=False, layout_features=["kern"], name_IDs=[], drop_tables=["FFTM"])
    with TTFont(path, recalcTimestamp=False) as font:
        subsetter = Subsetter(options)
        subsetter.populate(text=letters)
        subsetter.subset(font)
        font.flavor = "woff"
        packed = io.BytesIO()
        font.save(packed)
    return base64.b64encode(packed.getvalue()).decode("ascii")
