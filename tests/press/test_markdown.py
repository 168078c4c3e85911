"""From MyST to the Markdown that Jupyter shows."""

import re
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2scale.press.markdown import markdown


class Book:
    """Answers that show what was asked."""

    def role(self, name, content):
        return f"[{name} {content}](known)"

    def link(self, target):
        return f"https://book/{target}"

    def numbered(self, label):
        return f"Kind {label}"

    def equation(self, label):
        return f"3.{len(label)}"

    def part(self, name, argument):
        return f"[part {name} {argument}]"


def converted(text):
    return markdown(dedent(text).strip("\n"), Book())


def test_roles_say_what_the_book_says():
    text = "It is {num}`a.b` ({claim}`C04`, see {ref}`the\nexercise <ex-a>`), not `{num}`."
    assert (
        converted(text) == "It is [num a.b](known) ([claim C04](known), "
        "see [ref the exercise <ex-a>](known)), not `{num}`."
    )


def test_links_lead_out_of_the_page_and_images_stay():
    text = "[a](other.md#x), [b](#y), ![c](z.png)"
    assert converted(text) == "[a](https://book/other.md#x), [b](https://book/#y), ![c](z.png)"


def test_targets_vanish_and_headings_stay():
    assert converted("(a-b)=\n## Title\n\nText") == "## Title\n\nText"


def test_entries_of_an_index_are_for_the_search_alone():
    assert converted("Before\n```{index} ! Keras, ! optax\n```\nafter") == "Before\n\nafter"


def test_equations_have_their_numbers():
    text = """
        Before
        ```{math}
        :label: eq-a
        x = \\frac{1}{2}
        ```
        after {eq}`eq-a`.
    """
    assert converted(text) == (
        "Before\n\n$$\nx = \\frac{1}{2}\n\\tag{3.4}\n$$\n\nafter [eq eq-a](known)."
    )


def test_lines_of_an_equation_are_aligned_as_sphinx_does():
    assert "\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}" in converted(
        "```{math}\na &= b \\\\\nc &= d\n```"
    )
    own = "```{math}\n\\begin{aligned}a \\\\ b\\end{aligned}\n```"
    assert converted(own).count("aligned") == 2


def test_blocks_become_quotes_with_what_they_hold():
    text = """
        ````{prf:proposition} One *way*
        :label: prop-a

        Let {num}`a.b` be

        ```{math}
        x
        ```
        ````
        ````{prf:proof}
        Clear.
        ````
        ```{admonition} In one minute
        :class: tip
        1. First.
        2. Second.
        ```
    """
    assert converted(text) == dedent(
        """\
        > **Kind prop-a** (One *way*).
        >
        > Let [num a.b](known) be
        >
        > $$
        > x
        > $$

        > *Proof.*
        >
        > Clear.

        > **In one minute**
        >
        > 1. First.
        > 2. Second."""
    )


def test_exercises_have_folded_solutions():
    text = """
        ```{exercise}
        :label: ex-a

        Why?
        ```
        ```{solution} ex-a
        :class: dropdown

        For {num}`a.b`.
        ```
    """
    assert converted(text) == (
        "**Kind ex-a.** Why?\n\n"
        "<details><summary>Solution to Kind ex-a</summary>\n\nFor [num a.b](known).\n\n</details>"
    )


def test_tables_keep_their_rows_under_their_captions():
    text = """
        ```{table} What it {num}`costs`.
        :name: tab-a

        | a | b |
        |---|---|
        | 1 | {num}`x.y` |
        ```
    """
    assert converted(text) == (
        "**Kind tab-a.** What it [num costs](known).\n\n"
        "| a | b |\n|---|---|\n| 1 | [num x.y](known) |"
    )


def test_plain_code_is_left_alone_and_parts_of_the_site_are_named():
    code = "```python\nf({num}`a`)  # (a)=\n[x](y)\n```"
    assert converted(code) == code
    assert converted("```{settings}\n```") == "[part settings ]"
    assert converted("```{plate} carried-over\n```") == "[part plate carried-over]"


@given(st.text(alphabet="ab *_$\\.,\n", max_size=60))
def test_plain_prose_is_its_own_markdown(text):
    kept = re.sub(r"\s+", "", markdown(text, Book()))
    assert kept == re.sub(r"\s+", "", text)


@pytest.mark.parametrize("fence", ["```", "````", ":::"])
def test_any_fence_will_do(fence):
    assert converted(f"{fence}{{admonition}} A\nb\n{fence}") == "> **A**\n>\n> b"
