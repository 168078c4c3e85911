"""From MyST, as the chapters are written, to the Markdown and mathematics that Jupyter shows.

Directives become quotes, display mathematics and folded solutions; roles become what they say on
the site. Who knows the book's numbers and addresses is asked for them: see `Book`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from l2scale.press import grid

_OPENING = re.compile(r"(?P<fence>`{3,}|:{3,})(?:\{(?P<name>[\w:-]+)\}\s*(?P<argument>.*))?")
_OPTION = re.compile(r":(?P<key>[\w-]+):\s*(?P<value>.*)")
_TARGET = re.compile(r"\([\w-]+\)=")
_ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")


class Book(Protocol):
    """What the converter asks of the book."""

    def role(self, name: str, content: str) -> str:
        """What a role says, as Markdown."""

    def link(self, target: str) -> str:
        """The address of a link's target; "" where it has none outside the site."""

    def numbered(self, label: str) -> str:
        """Its kind and number: Proposition 3."""

    def equation(self, label: str) -> str:
        """An equation's number."""

    def part(self, name: str, argument: str) -> str:
        """What stands for a directive that only the site can show."""


def markdown(text: str, book: Book) -> str:
    """The MyST text of a cell as Markdown for Jupyter."""
    return "\n\n".join(part for part in _parts(text, book) if part)


def linked(words: str, address: str) -> str:
    """Words with a link; alone where there is no address."""
    return f"[{words}]({address})" if address else words


def _parts(text: str, book: Book) -> Iterator[str]:
    """Prose and blocks in turn."""
    lines, prose = text.splitlines(), []
    at = 0
    while at < len(lines):
        opening = _OPENING.match(lines[at])
        if opening is None:
            if not _TARGET.fullmatch(lines[at]):
                prose.append(lines[at])
            at += 1
            continue
        yield _prose("\n".join(prose), book)
        prose = []
        end = _closing(lines, at, opening["fence"])
        if opening["name"] is None:
            yield "\n".join(lines[at : end + 1])
        else:
            yield _block(opening["name"], opening["argument"], lines[at + 1 : end], book)
        at = end + 1
    yield _prose("\n".join(prose), book)


def _closing(lines: list[str], at: int, fence: str) -> int:
    """The place of the line that closes the block, or of the end."""
    closing = re.compile(rf"{fence[0]}{{{len(fence)},}}\s*")
    after = range(at + 1, len(lines))
    return next((place for place in after if closing.fullmatch(lines[place])), len(lines))


def _prose(text: str, book: Book) -> str:
    # Links first: those that roles become lead to the right place already.
    text = _LINK.sub(lambda link: linked(link[1], book.link(link[2])), text)
    return _ROLE.sub(lambda role: book.role(role[1], " ".join(role[2].split())), text).strip("\n")


def _block(name: str, argument: str, lines: list[str], book: Book) -> str:
    options: dict[str, str] = {}
    while lines and (option := _OPTION.fullmatch(lines[0])):
        options[option["key"]] = option["value"]
        lines = lines[1:]
    body = "\n".join(lines).strip("\n")
    if name.startswith("prf:") and name != "prf:proof":
        return _quote(_title(book.numbered(options["label"]), argument, book), body, book)
    known = _BLOCKS.get(name)
    return known(argument, options, body, book) if known else book.part(name, argument)


def _title(words: str, argument: str, book: Book) -> str:
    return f"**{words}** ({_prose(argument, book)})." if argument else f"**{words}.**"


def _quote(title: str, body: str, book: Book) -> str:
    lines = f"{title}\n\n{markdown(body, book)}".splitlines()
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _admonition(argument: str, options: Mapping[str, str], body: str, book: Book) -> str:
    return _quote(f"**{_prose(argument, book)}**", body, book)


def _proof(argument: str, options: Mapping[str, str], body: str, book: Book) -> str:
    return _quote("*Proof.*", body, book)


def _math(argument: str, options: Mapping[str, str], body: str, book: Book) -> str:
    if "\\\\" in body and "\\begin{" not in body:
        body = f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"
    tag = f"\n\\tag{{{book.equation(options['label'])}}}" if "label" in options else ""
    return f"$$\n{body}{tag}\n$$"


def _table(argument: str, options: Mapping[str, str], body: str, book: Book) -> str:
    number = f"**{book.numbered(options['name'])}.** " if "name" in options else ""
    return f"{number}{_prose(argument, book)}\n\n{markdown(body, book)}"


def _grid(argument: str, options: Mapping[str, str], body: str, book: Book) -> str:
    return _table(argument, options, "\n".join(grid.lines(body)), book)


def _exercise(argument: str, options: Mapping[str, str], body: str, book: Book) -> str:
    title = _title(book.numbered(options["label"]), argument, book)
    return f"{title} {markdown(body, book)}"


def _solution(argument: str, options: Mapping[str, str], body: str, book: Book) -> str:
    summary = f"<summary>Solution to {book.numbered(argument)}</summary>"
    return f"<details>{summary}\n\n{markdown(body, book)}\n\n</details>"


def _nothing(argument: str, options: Mapping[str, str], body: str, book: Book) -> str:
    return ""


_BLOCKS: Mapping[str, Callable[[str, Mapping[str, str], str, Book], str]] = {
    "admonition": _admonition,
    "prf:proof": _proof,
    "math": _math,
    "table": _table,
    "grid": _grid,
    "exercise": _exercise,
    "solution": _solution,
    "folded": _nothing,
    "index": _nothing,
    "slider": _nothing,
}
