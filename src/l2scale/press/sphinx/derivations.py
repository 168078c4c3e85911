"""What a verdict is derived from: the place that a label names, and its words in a link."""

from dataclasses import dataclass

from docutils.nodes import make_id
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


@dataclass(frozen=True)
class Place:
    """The `anchor` on `page` where a label stands, in a link's words: "Theorem 3", "Equation (7)".

    `title` is that of the chapter.
    """

    page: str
    anchor: str
    words: str
    title: str


def locate(app: Sphinx, label: str) -> Place:
    """The place of a theorem or its like, of an equation or of a section.

    Raises:
        LookupError: no page of this build has the label.
    """
    env = app.env
    for find in (_proved, _equation, _section):
        if found := find(env, label):
            page, anchor, words = found
            return Place(page, anchor, words, env.titles[page].astext())
    raise LookupError(f"no theorem, equation or section has the label {label!r}")


def _proved(env: BuildEnvironment, label: str) -> tuple[str, str, str] | None:
    entry = getattr(env, "proof_list", {}).get(label)
    if entry is None:
        return None
    number = _number(env, entry["docname"], entry["countertype"], label)
    return entry["docname"], label, f"{entry['realtype'].title()} {number}"


def _equation(env: BuildEnvironment, label: str) -> tuple[str, str, str] | None:
    page, number = env.domains["math"].equations.get(label, (None, None))
    if page is None:
        return None
    anchor = make_id(f"equation-{label}")
    return page, anchor, f"Equation ({_number(env, page, 'displaymath', anchor) or number})"


def _section(env: BuildEnvironment, label: str) -> tuple[str, str, str] | None:
    page, anchor, title = env.domains["std"].labels.get(label, (None, None, None))
    return None if page is None else (page, anchor, title)


def _number(env: BuildEnvironment, page: str, kind: str, anchor: str) -> str:
    return ".".join(map(str, env.toc_fignumbers.get(page, {}).get(kind, {}).get(anchor, ())))
