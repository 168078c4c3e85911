"""Each reply is short, whole as Markdown, and leads back to what it rests on."""

import re
from pathlib import Path

import pytest
from books import SITE

FOLDER = Path(__file__).parents[2] / "chapters" / "replies"
REPLIES = sorted(file.stem for file in FOLDER.glob("*.md"))
WORDS = 200


@pytest.fixture(params=REPLIES)
def reply(request, site):
    return site.tree(f"chapters/replies/{request.param}.html")


def test_there_is_one_for_each_discussion_and_a_list_of_all(site):
    listed = {a["href"] for a in site.tree("chapters/replies.html").article.select("li a")}
    assert {f"replies/{name}.html" for name in REPLIES} <= listed
    assert len(REPLIES) == 15


def test_it_can_be_read_in_a_minute_and_names_what_it_rests_on(reply):
    text = reply.select_one(".press-reply")
    assert len(text.get_text(" ").split()) <= WORDS
    assert text.p.strong, "it begins with its answer"
    assert text.select("a.press-claim") or text.select("a.press-number")
    assert reply.select_one("article blockquote a[href^=https]"), "no link to the discussion"
    assert len(reply.select("article figure.plate")) == 1


def test_its_markdown_needs_nothing_of_the_site(reply):
    text = reply.select_one("pre#post-markdown").get_text()
    assert not re.search(r"\{\w+\}`|```", text), "markup of the book's own"
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert all(link.startswith("https://") for link in links)
    picture = re.search(r"\]\((\S+\.png)\)\]\((\S+)\)", text)
    assert picture and all(address.startswith(SITE) for address in picture.groups())
    assert f"({SITE}chapters/replies/" in text
