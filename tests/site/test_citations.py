"""A figure's own page: its files, its card, and a box from which it can be cited."""

import json
import re
from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np
import pytest
from books import REPOSITORY, SITE, served
from bs4 import BeautifulSoup
from pybtex.database import parse_string
from test_failures import CELL, FIGURE
from visits import PHONE, Visit

from l2scale.press import addresses
from l2scale.press.citing import COMMENT, FORMATS
from l2scale.press.provenance import short_commit
from l2scale.press.sphinx.templating import brief

CHAPTER = "chapters/batches.html"
BUTTONS = "button[data-copies]"
CLIPBOARD = "navigator.clipboard.readText()"
# Two ways in which a browser can refuse the clipboard to a page.
NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
NO_COPYING = f"{NO_CLIPBOARD}; document.execCommand = () => false"


@pytest.fixture(scope="module")
def pages(site, index):
    """Each figure's page by id, as a tree."""
    return {row["id"]: site.tree(f"{addresses.figure_page(row['id'])}.html") for row in index}


def card(page) -> dict[str, str]:
    named = [(tag.get("property") or tag.get("name"), tag) for tag in page.head.find_all("meta")]
    return {name: tag["content"] for name, tag in named if name and tag.get("content")}


def shown(page) -> dict[str, str]:
    """The texts of a Cite box by name of the format."""
    heads = page.select(".press-format-head span[id]")
    return {head.text: page.find("pre", {"aria-labelledby": head["id"]}).text for head in heads}


@contextmanager
def opened(browser, site, id, script=None):
    """A figure's page in a context that may read the clipboard."""
    with Visit(browser, site, f"{addresses.figure_page(id)}.html") as visit:
        visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
        if script:
            visit.tab.add_init_script(script)
            visit.tab.reload()
        yield visit


# ---- Files and sources ------------------------------------------------------------------------


def test_each_page_agrees_with_the_index_and_leads_to_all_files(folder, index, pages):
    for row in index:
        page = pages[row["id"]]
        assert page.find("article").h1.text == row["title"]
        assert page.find("article").find(class_="caption-text").text == row["claim"]
        links = [a["href"] for a in page.select(".press-buttons a, .press-files a")]
        for kind in addresses.KINDS:
            file = addresses.file_name(row["id"], kind)
            assert f"../{file}" in links and (folder / addresses.FIGURES / file).is_file()
        words = [a.text for a in page.select(".press-buttons a:not(.only-dark)")]
        assert words == ["SVG", "PNG", "CSV", "JSON", "Code", "Chapter"]
        assert f"../../chapters/{row['chapter']}.html#fig-{row['id']}" in links


def test_code_is_linked_at_the_lines_that_draw(folder, index, pages, monkeypatch):
    monkeypatch.setenv("L2SCALE_REPOSITORY", REPOSITORY)
    for row in index:
        record = json.loads((folder / addresses.figure_file(row["id"], "json")).read_bytes())
        page, anchor = addresses.code_target(record["code"])
        ours = f"../../{page}.html#{anchor}"
        theirs = addresses.lines_in_repository(record["code"], record["commit"])
        links = [a["href"] for a in pages[row["id"]].select(".press-buttons a")]
        assert (theirs or ours) in links
        source = (folder / f"{page}.html").read_text(encoding="utf-8")
        lines = BeautifulSoup(source, "html.parser").select("[id^=line-]")
        drawing = "".join(
            line.text for line in lines[record["code"]["line"] - 1 : record["code"]["end"]]
        )
        assert "@figure(" in drawing and f"def {record['code']['function']}(" in drawing
        assert "return" in drawing.splitlines()[-1] or drawing.rstrip().endswith(")")


def test_light_and_dark_pictures_differ_in_the_ground_they_stand_on(folder, index):
    for row in index:
        light, dark = (
            plt.imread(folder / addresses.figure_file(row["id"], kind))[..., :3]
            for kind in ("png", "dark.png")
        )
        assert light.shape == dark.shape
        assert np.mean(light) > 0.5 > np.mean(dark)


def test_the_buttons_lead_to_the_picture_of_the_theme(browser, site, index):
    id = index[0]["id"]
    with opened(browser, site, id) as visit:
        for theme, kind in (("light", "svg"), ("dark", "dark.svg")):
            visit.tab.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            button = visit.tab.locator(".press-buttons a:visible", has_text="SVG")
            assert button.get_attribute("href") == f"../{addresses.file_name(id, kind)}"


def test_in_its_chapter_a_figure_has_a_bar(site, index):
    for row in index:
        chapter = site.tree(f"chapters/{row['chapter']}.html")
        bar = chapter.find(id=addresses.figure_anchor(row["id"])).select(".plate-links a")
        assert [a.text for a in bar] == ["Cite", "Data", "Code", "Page"]
        assert bar[0]["href"] == f"../{addresses.figure_page(row['id'])}.html#{addresses.CITE}"
        assert bar[1]["href"] == f"../{addresses.figure_file(row['id'], 'csv')}"
        assert all(row["title"] in a["aria-label"] for a in bar)


# ---- Cards --------------------------------------------------------------------------------------


def test_each_figure_has_a_card_of_its_own(folder, index, pages):
    for row in index:
        found = card(pages[row["id"]])
        file = addresses.figure_file(row["id"], "png")
        assert found["og:title"] == found["twitter:title"] == row["title"]
        assert found["og:description"] == found["twitter:description"] == brief(row["claim"], 300)
        assert found["og:url"] == SITE + addresses.figure_address(row["id"])
        assert found["og:image"] == found["twitter:image"] == SITE + file
        assert found["og:image:alt"] == row["alt"]
        assert found["twitter:image:alt"] and len(found["twitter:image:alt"]) <= 420
        assert found["twitter:card"] == "summary_large_image"
        height, width = plt.imread(folder / file).shape[:2]
        assert (found["og:image:width"], found["og:image:height"]) == (str(width), str(height))


def test_every_other_page_has_a_card_with_words(site):
    for name in site.pages:
        # The head alone: pages of code are long.
        head = site.text(name).partition("</head>")[0]
        assert "&lt;meta" not in head, name
        page = BeautifulSoup(head, "html.parser")
        found = card(page)
        assert found["og:site_name"] == "Sum or Mean"
        assert found["og:title"].strip() and found["og:title"] == found["twitter:title"]
        assert found["og:url"] == SITE + name.removesuffix("index.html")
        assert found["og:description"] == found["description"]
        assert not {"\\", "$", "{"} & set(found["description"]), name
        assert 0 < len(found["description"]) <= 300, name
        assert len(page.head.find_all("meta", {"name": "description"})) == 1
        if "og:image" in found:
            assert (site.folder / found["og:image"].removeprefix(SITE)).is_file()
            assert found["og:image:alt"]


def test_a_chapter_is_shown_by_its_first_figure_in_its_readers_words(site, index):
    for chapter in {row["chapter"] for row in index}:
        page = site.tree(f"chapters/{chapter}.html")
        found, first = card(page), page.select_one("figure.plate img")
        assert found["og:image:alt"] == first["alt"]


def test_the_front_page_says_its_name_once_and_others_say_theirs_first(site):
    assert site.tree("index.html").title.text == "Sum or Mean"
    assert site.tree(CHAPTER).title.text == "Batches and epochs — Sum or Mean"


# ---- For programs that collect works -----------------------------------------------------------


def records(page) -> list[dict]:
    return [json.loads(tag.string) for tag in page.find_all("script", type="application/ld+json")]


def test_each_figure_is_a_data_set_with_its_downloads(folder, index, pages):
    for row in index:
        (record,) = records(pages[row["id"]])
        assert record["@type"] == "Dataset" and record["@context"] == "https://schema.org"
        assert (record["name"], record["description"]) == (row["title"], row["claim"])
        assert record["url"] == SITE + addresses.figure_address(row["id"])
        assert record["isPartOf"] == {"@type": "Book", "name": "Sum or Mean", "url": SITE}
        files = [kept["contentUrl"] for kept in record["distribution"]]
        assert [path.rpartition(".")[2] for path in files] == ["csv", "svg", "png"]
        for path in (*files, record["image"]):
            assert (folder / path.removeprefix(SITE)).is_file()
        found = card(pages[row["id"]])
        assert found["citation_title"] == row["title"]
        assert found["citation_public_url"] == record["url"]


def test_each_chapter_is_a_part_of_the_book_and_no_other_page_is_a_work(site):
    kinds = {}
    for name in site.pages:
        page = BeautifulSoup(site.text(name).partition("</head>")[0], "html.parser")
        found = records(page)
        kinds[name] = found[0]["@type"] if found else None
        assert ("citation_title" in card(page)) == bool(found)
        if found:
            assert card(page)["citation_author"] == "The Sum or Mean authors"
            assert re.fullmatch(r"\d{4}", card(page)["citation_publication_date"])
            inside = card(page).get("citation_inbook_title")
            assert inside == (None if name == "index.html" else "Sum or Mean")
    assert kinds.pop("index.html") == "Book"
    for name, kind in kinds.items():
        expected = {"chapters": "Chapter", "figures": "Dataset"}.get(name.partition("/")[0])
        assert kind == expected, name


# ---- The Cite box -------------------------------------------------------------------------------


def test_each_citation_says_what_and_where_in_every_format(folder, index, pages):
    keys = set()
    for row in index:
        record = json.loads((folder / addresses.figure_file(row["id"], "json")).read_bytes())
        texts = shown(pages[row["id"]])
        assert list(texts) == list(FORMATS)
        address = SITE + addresses.figure_address(row["id"])
        image = SITE + addresses.figure_file(row["id"], "png")
        for name, text in texts.items():
            assert address in text and short_commit(record["commit"]) in text and "version" in text
            assert (image in text) == (name in ("Markdown", "HTML"))
        assert len(texts["Comment"]) <= COMMENT
        # A symbol without a command has no rule yet: see the tables in l2scale.press.citing.
        assert texts["BibTeX"].isascii(), row["id"]
        keys |= set(parse_string(texts["BibTeX"], "bibtex").entries)
        quoted = BeautifulSoup(texts["HTML"], "html.parser")
        assert row["claim"] in quoted.figcaption.text and quoted.img["alt"] == row["alt"]
        assert row["claim"] in texts["Plain text"]
    assert len(keys) == len(index)


def test_a_button_puts_exactly_the_shown_text_on_the_clipboard(browser, site, index, pages):
    for id in (index[0]["id"], index[-1]["id"]):
        with opened(browser, site, id) as visit:
            texts = shown(pages[id])
            buttons = visit.tab.locator(BUTTONS)
            assert buttons.count() == len(FORMATS)
            for button, (name, text) in zip(buttons.all(), texts.items(), strict=True):
                assert button.inner_text().split() == ["Copy", *name.split()]
                button.click()
                visit.tab.get_by_role("status").get_by_text(f"{name} copied").wait_for()
                assert visit.tab.evaluate(CLIPBOARD) == text
                assert button.inner_text().startswith("Copied")
            assert not visit.faults


def test_the_keyboard_copies_too_and_the_button_says_copy_again(browser, site, index, pages):
    id = index[0]["id"]
    with opened(browser, site, id) as visit:
        visit.tab.locator(BUTTONS).first.focus()
        visit.tab.keyboard.press("Enter")
        visit.tab.get_by_role("button", name="Copied").wait_for()
        assert visit.tab.evaluate(CLIPBOARD) == shown(pages[id])["Markdown"]
        visit.tab.keyboard.press("Tab")
        assert visit.tab.evaluate("document.activeElement.tagName") == "PRE"
        visit.tab.get_by_role("button", name="Copied").wait_for(state="detached")
        assert not visit.faults


def test_where_the_clipboard_is_refused_the_selection_is_copied(browser, site, index, pages):
    id = index[0]["id"]
    with opened(browser, site, id, NO_CLIPBOARD) as visit:
        reader = visit.context.new_page()
        reader.goto(site.url)
        for button, text in zip(
            visit.tab.locator(BUTTONS).all(), shown(pages[id]).values(), strict=True
        ):
            visit.tab.bring_to_front()
            button.click()
            visit.tab.get_by_role("button", name="Copied").first.wait_for()
            reader.bring_to_front()
            assert reader.evaluate(CLIPBOARD) == text


def test_where_nothing_can_be_copied_the_text_is_selected_and_the_page_says_so(
    browser, site, index, pages
):
    id = index[0]["id"]
    with opened(browser, site, id, NO_COPYING) as visit:
        visit.tab.locator(BUTTONS).first.click()
        visit.tab.get_by_text("Markdown is selected: press Ctrl+C to copy it").wait_for(
            state="attached"
        )
        assert visit.tab.evaluate("getSelection().toString()") == shown(pages[id])["Markdown"]


def test_the_box_works_from_a_file(browser, site, index, pages):
    id = index[0]["id"]
    context = browser.new_context(viewport=PHONE)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab = context.new_page()
    tab.goto((site.folder / f"{addresses.figure_page(id)}.html").as_uri())
    tab.locator(BUTTONS).last.click()
    tab.get_by_role("button", name="Copied").wait_for()
    assert tab.evaluate(CLIPBOARD) == shown(pages[id])["Plain text"]
    context.close()


def test_without_a_script_the_texts_are_there_and_no_dead_button(browser, site, index, pages):
    id = index[0]["id"]
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{site.url}{addresses.figure_page(id)}.html")
    assert tab.locator(f"{BUTTONS}:visible").count() == 0
    assert tab.locator("figure.plate img:visible").count() == 1
    assert tab.locator(".press-buttons a:visible").count() == 6
    texts = [text.text_content() for text in tab.locator(".press-cite pre:visible").all()]
    assert texts == list(shown(pages[id]).values())
    context.close()


# ---- Where the book has no address ---------------------------------------------------------------


def test_without_an_address_a_button_says_so_and_copies_nothing(browser, build, book, tmp_path):
    page = f"{CELL % FIGURE}{CELL % 'show(draw, result)'}"
    done = build(book(page), tmp_path / "out", "")
    assert done.returncode == 0, done.stdout[-6000:]
    with served(tmp_path / "out/_build/html") as site, opened(browser, site, "small") as visit:
        visit.tab.evaluate("navigator.clipboard.writeText('as before')")
        for button in visit.tab.locator(BUTTONS).all():
            button.click()
            assert button.inner_text().startswith("No address")
            said = visit.tab.get_by_role("status").inner_text()
            assert "built without a public address" in said and "nothing is copied" in said
        assert visit.tab.locator(".press-addressless").is_visible()
        assert visit.tab.evaluate(CLIPBOARD) == "as before"
