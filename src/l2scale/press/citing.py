"""How a figure or a verdict is cited elsewhere, in the formats that people paste.

Each is a function of a `Cited` and says the same: the finding, its numbers, where it stands,
and which version and commit found it. A comment leaves the numbers to the page that it links to.
"""

import html as entities
import re
import textwrap
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

BOOK = "Sum or Mean"
"""The book's title, as figures carry it."""

LICENCE = "CC BY 4.0"
"""Of the book's text, its figures and their data."""

COMMENT = 600
"""Characters that Stack Exchange takes in a comment, the address included."""


@dataclass(frozen=True)
class Cited:
    """What is cited, in plain text.

    Attributes:
        name: what it is, with its id: "figure carried-over", "verdict C21".
        title: the finding.
        claim: what was found, with its numbers; a few sentences.
        address: where it stands.
        version: of the book.
        commit: of the code that found it, as people quote it.
        year: of the book.
        authors: of the book, as one name.
        book: the book's title.
        image: address of a picture of it, "" where there is none.
        alt: what the picture shows.

    Raises:
        ValueError: an empty text, or a picture that nothing describes.
    """

    name: str
    title: str
    claim: str
    address: str
    version: str
    commit: str
    year: str
    authors: str
    book: str
    image: str = ""
    alt: str = ""

    def __post_init__(self) -> None:
        empty = [key for key, text in vars(self).items() if not text and key not in _OPTIONAL]
        if empty:
            raise ValueError(f"citation of {self.name!r} lacks {', '.join(empty)}: say what it is")
        if self.image and not self.alt:
            raise ValueError(f"the picture of {self.name!r} has no alt text: say what it shows")


_OPTIONAL = ("image", "alt")


def markdown(cited: Cited) -> str:
    """Picture, finding and link, as GitHub and Stack Exchange take them."""
    link = f"[{escaped(cited.book)}]({cited.address})"
    title, claim = escaped(_sentence(cited.title)), escaped(cited.claim)
    words = f"**{title}** {claim}\n\n{_credit(cited, link, escaped)}"
    if not cited.image:
        return words
    return f"[![{escaped(cited.alt)}]({cited.image})]({cited.address})\n\n{words}"


def comment(cited: Cited) -> str:
    """Title and link in Markdown, in at most `COMMENT` characters: a title may lose its end."""
    after = f"]({cited.address}). {_credit(cited, escaped(cited.book), escaped)}"
    title = textwrap.shorten(escaped(cited.title), COMMENT - len(after) - 1, placeholder=" …")
    return f"[{title}{after}"


def html(cited: Cited) -> str:
    """A figure with its caption; a paragraph where there is no picture."""
    address, image, alt = map(entities.escape, (cited.address, cited.image, cited.alt))
    link = f'<a href="{address}">{_text(cited.book)}</a>'
    title, claim = _text(_sentence(cited.title)), _text(cited.claim)
    words = f"<strong>{title}</strong> {claim} {_credit(cited, link, _text)}"
    if not cited.image:
        return f"<p>{words}</p>"
    picture = f'<a href="{address}"><img src="{image}" alt="{alt}" style="max-width: 100%"></a>'
    return f"<figure>\n  {picture}\n  <figcaption>{words}</figcaption>\n</figure>"


def bibtex(cited: Cited) -> str:
    """An entry for BibTeX; its symbols are LaTeX commands, so any LaTeX can set it."""
    key = re.sub(r"[^a-z0-9]+", "-", f"{cited.book} {cited.name}".lower()).strip("-")
    what = cited.name[0].upper() + cited.name[1:]
    note = f"{what} of {cited.book}, version {cited.version}, commit {cited.commit}, {LICENCE}"
    fields = {
        "author": f"{{{_latex(cited.authors)}}}",
        "title": f"{{{_latex(cited.title)}}}",
        "year": cited.year,
        "note": _latex(note),
        "url": cited.address,
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}}}"


def plain_text(cited: Cited) -> str:
    """One paragraph, for where nothing is understood but text."""
    credit = _credit(cited, cited.book, str)
    return f"{_sentence(cited.title)} {cited.claim} {credit} {cited.address}"


FORMATS: Mapping[str, Callable[[Cited], str]] = MappingProxyType(
    {
        "Markdown": markdown,
        "Comment": comment,
        "HTML": html,
        "BibTeX": bibtex,
        "Plain text": plain_text,
    }
)
"""Every format, by the name that readers know."""


def _credit(cited: Cited, book: str, written: Callable[[str], str]) -> str:
    """Who found it, and where; `book` is the book's title as a link, if the format has links."""
    of = written(f"{cited.authors} ({cited.year}), {cited.name} of ")
    made = f", version {cited.version}, commit {cited.commit}, {LICENCE}."
    return f"{of}{book}{written(made)}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def escaped(text: str) -> str:
    """Text in which Markdown finds no markup: as CommonMark has it, any sign may be escaped."""
    return re.sub(r"([\\`*_\[\]<>|~$#&])", r"\\\1", text)


def _text(text: str) -> str:
    return entities.escape(text, quote=False)


# ---- LaTeX ------------------------------------------------------------------------------------

_SIGNS = {
    "’": "'",
    "‘": "`",
    "“": "``",
    "”": "''",
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
    "\u00a0": "~",
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "{": r"\textbraceleft{}",  # BibTeX counts braces, escaped or not
    "}": r"\textbraceright{}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}
_MATHS = {
    "−": "-",
    "±": r"\pm",
    "·": r"\cdot",
    "×": r"\times",
    "√": r"\surd",
    "‖": r"\Vert",
    "∝": r"\propto",
    "≈": r"\approx",
    "≤": r"\le",
    "≥": r"\ge",
    "→": r"\to",
    "∞": r"\infty",
    "⟨": r"\langle",
    "⟩": r"\rangle",
    "½": r"\frac12",
}
_BAR = "\u0304"


def _latex(text: str) -> str:
    barred = re.split(f"(.{_BAR})", text)
    return "".join(
        rf"\ensuremath{{\bar{{{part[0]}}}}}" if part.endswith(_BAR) else "".join(map(_sign, part))
        for part in barred
    )


def _sign(sign: str) -> str:
    """One character; letters that no rule knows, such as é, stay what they are."""
    if sign in _SIGNS:
        return _SIGNS[sign]
    if sign in _MATHS:
        return rf"\ensuremath{{{_MATHS[sign]}}}"
    place, *points = unicodedata.decomposition(sign).split() or [""]
    if place in ("<super>", "<sub>"):
        mark = "^" if place == "<super>" else "_"
        inner = "".join(chr(int(point, 16)) for point in points).replace("−", "-")
        return rf"\ensuremath{{{mark}{{{inner}}}}}"
    size, _, letter = unicodedata.name(sign, "").partition(" LETTER ")
    if size in ("GREEK SMALL", "GREEK CAPITAL"):
        letter = letter.lower().replace("lamda", "lambda")  # Unicode's spelling, codespell:ignore
        command = letter.capitalize() if size == "GREEK CAPITAL" else letter
        return rf"\ensuremath{{\{command}}}"
    return sign
