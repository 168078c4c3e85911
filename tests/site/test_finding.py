"""Finding a figure, a verdict or an answer: filters, anchors, derivations, search."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from visits import DESK, PHONE, Visit

from l2scale.catalogue.claims import CLAIMS
from l2scale.catalogue.verdicts import SETTLED
from l2scale.press import addresses
from l2scale.press.citing import COMMENT, FORMATS
from l2scale.press.sphinx.search import English

ROOT = Path(__file__).parents[2]
GALLERY = f"{addresses.GALLERY_PAGE}.html"
VERDICTS = f"{addresses.VERDICTS_PAGE}.html"
ANSWERS = "chapters/short_answers"
LISTS = {GALLERY: "figure", VERDICTS: "claim"}
NOWHERE = "no such word"

# Figures are known by the folder of their pages, claims by the ids of their rows.
SHOWN = """
() => [...document.querySelectorAll("[data-item]")].filter(item => item.checkVisibility()).map(
  item => item.id || item.querySelector("a").getAttribute("href").split("/").at(-2))
"""
HEADS = """
() => [...document.querySelectorAll("[data-group]")].filter(group => group.checkVisibility()).length
"""
ANSWER = re.compile(r"[^.?!]+(?:[.?!](?!\s|$)[^.?!]*)*[.?!](?=\s|$)")


@pytest.fixture(scope="module")
def said(index, ledger):
    """What each item of each list says of itself, by the name of the filter."""
    chapters = {row["id"]: row["chapter"] for row in index}
    figures = {
        row["id"]: {
            "chapter": [row["chapter"]],
            "penalty": row["penalties"],
            "claim": row["claims"],
        }
        for row in index
    }
    claims = {
        addresses.claim_anchor(claim): {
            "verdict": [row["verdict"].lower()],
            "discussion": [CLAIMS[claim].thread],
            "chapter": [chapters[row["figure"]]] if row["figure"] in chapters else [],
        }
        for claim, row in ledger.items()
    }
    return {GALLERY: figures, VERDICTS: claims}


@pytest.fixture(params=LISTS)
def page(request):
    return request.param


def fitting(items, **chosen) -> list[str]:
    return [
        id
        for id, says in items.items()
        if all(value in says[name] for name, value in chosen.items())
    ]


def choose(visit, **chosen):
    for name, value in chosen.items():
        visit.tab.locator(f"#filter-{name}").select_option(value)


def hits(visit) -> str:
    return visit.tab.locator(".press-hits[role=status]").inner_text()


# ---- Filters -----------------------------------------------------------------------------------


def test_each_filter_shows_what_the_data_say_and_nothing_else(browser, site, page, said):
    items = said[page]
    with Visit(browser, site, page) as visit:
        assert visit.tab.evaluate(SHOWN) == list(items)
        for name in next(iter(items.values())):
            field = visit.tab.locator(f"#filter-{name}")
            offered = field.locator("option").evaluate_all("all => all.map(one => one.value)")
            assert set(offered) == {"", *(value for says in items.values() for value in says[name])}
            for value in filter(None, offered):
                field.select_option(value)
                expected = fitting(items, **{name: value})
                assert visit.tab.evaluate(SHOWN) == expected, (name, value)
                if len(expected) < len(items):
                    assert hits(visit) == f"{len(expected)} of {len(items)} {LISTS[page]}s"
            field.select_option("")
        assert visit.tab.evaluate(SHOWN) == list(items)
        assert hits(visit) == f"{len(items)} {LISTS[page]}s"
        assert not visit.faults


def test_filters_combine_and_are_reset_together(browser, site, page, said):
    items = said[page]
    names = list(next(iter(items.values())))
    says = next(says for says in items.values() if all(says.values()))
    chosen = {name: says[name][0] for name in names}
    with Visit(browser, site, page) as visit:
        choose(visit, **chosen)
        assert visit.tab.evaluate(SHOWN) == fitting(items, **chosen)
        visit.tab.locator("#filter-words").fill(NOWHERE)
        assert (visit.tab.evaluate(SHOWN), visit.tab.evaluate(HEADS)) == ([], 0)
        assert hits(visit) == f"No {LISTS[page]} of {len(items)} fits"
        visit.tab.get_by_role("button", name="Show all").click()
        assert visit.tab.evaluate(SHOWN) == list(items)
        assert visit.tab.evaluate("location.search") == ""
        fields = visit.tab.locator(".press-filters [name]")
        assert fields.evaluate_all("all => all.map(one => one.value)") == [""] * (len(names) + 1)


def test_words_are_found_in_any_case_and_order(browser, site, ledger):
    with Visit(browser, site, VERDICTS) as visit:
        visit.tab.locator("#filter-words").fill("DIVIDE weights λ")
        shown = visit.tab.evaluate(SHOWN)
        assert "c02" in shown and len(shown) < len(ledger)
        # What stands in a closed Cite box is no part of the row.
        visit.tab.locator("#filter-words").fill("@misc")
        assert visit.tab.evaluate(SHOWN) == []


def test_what_was_chosen_stands_in_the_address(browser, site, page, said):
    items = said[page]
    says = next(says for says in items.values() if all(says.values()))
    chosen = {name: value[0] for name, value in says.items()}
    with Visit(browser, site, page) as visit:
        choose(visit, **chosen)
        visit.tab.locator("#filter-words").fill("λ & é")
        address = visit.tab.evaluate("location.href")
        before = visit.tab.evaluate(SHOWN)
        visit.tab.reload()
        assert visit.tab.evaluate("location.href") == address
        assert visit.tab.evaluate(SHOWN) == before
        assert visit.tab.locator("#filter-words").input_value() == "λ & é"
    name = next(iter(chosen))
    with Visit(browser, site, f"{page}?{name}={chosen[name]}&other=1") as visit:
        assert visit.tab.evaluate(SHOWN) == fitting(items, **{name: chosen[name]})
    with Visit(browser, site, f"{page}?{name}=nothing") as visit:
        assert visit.tab.evaluate(SHOWN) == list(items)


def test_filters_work_from_the_keyboard(browser, site, ledger, said):
    with Visit(browser, site, VERDICTS) as visit:
        visit.tab.locator("#filter-verdict").focus()
        visit.tab.keyboard.press("f")
        assert visit.tab.evaluate(SHOWN) == fitting(said[VERDICTS], verdict="false")
        for control in ("filter-discussion", "filter-chapter", "filter-words"):
            visit.tab.keyboard.press("Tab")
            assert visit.tab.evaluate("document.activeElement.id") == control
        visit.tab.keyboard.type("gradient")
        visit.tab.keyboard.press("Enter")  # the form is not sent anywhere
        assert visit.tab.evaluate("location.search") == "?verdict=false&words=gradient"
        visit.tab.keyboard.press("Tab")
        assert visit.tab.evaluate("document.activeElement.type") == "reset"
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert visit.tab.evaluate(outline) == "solid"
        visit.tab.keyboard.press("Enter")
        assert len(visit.tab.evaluate(SHOWN)) == len(ledger)


def test_the_tally_leads_to_the_claims_of_each_verdict(browser, site, ledger, said):
    with Visit(browser, site, VERDICTS) as visit:
        links = visit.tab.locator(".press-tally a")
        for place in range(links.count()):
            word = links.nth(place).inner_text().lower()
            count = visit.tab.locator(".press-tally strong").nth(place).inner_text()
            links.nth(place).click()
            visit.tab.wait_for_url(f"**verdict={word}*")
            expected = fitting(said[VERDICTS], verdict=word)
            assert visit.tab.evaluate(SHOWN) == expected and int(count) == len(expected)


def test_without_a_script_everything_is_shown_and_no_form(browser, site, page, said):
    context = browser.new_context(viewport=DESK, java_script_enabled=False)
    tab = context.new_page()
    tab.goto(site.url + page)
    items = tab.locator("[data-item]")
    assert items.count() == len(said[page])
    assert all(items.nth(place).is_visible() for place in range(items.count()))
    assert not tab.locator(".press-filters").is_visible()
    context.close()


def test_filters_work_in_a_page_opened_from_a_file(browser, site, page, said):
    context = browser.new_context(viewport=PHONE)
    tab, errors = context.new_page(), []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto((site.folder / page).as_uri())
    name, value = next((name, value[0]) for name, value in next(iter(said[page].values())).items())
    tab.locator(f"#filter-{name}").select_option(value)
    assert tab.evaluate(SHOWN) == fitting(said[page], **{name: value})
    assert not errors
    context.close()


# ---- The ledger --------------------------------------------------------------------------------


def test_each_row_is_reached_by_its_anchor_whatever_was_chosen(browser, site, ledger):
    for claim in ("C02", "C21", "C46"):
        other = "true" if ledger[claim]["verdict"] != "TRUE" else "false"
        anchor = addresses.claim_anchor(claim)
        with Visit(browser, site, f"{VERDICTS}?verdict={other}#{anchor}") as visit:
            row = visit.tab.locator(f"#{anchor}")
            assert row.is_visible()
            top = row.evaluate("row => row.getBoundingClientRect().top")
            assert 0 <= top < DESK["height"]
            visit.tab.locator("#filter-verdict").select_option(other)
            assert not row.is_visible()
            visit.tab.evaluate("location.hash = ''")
            visit.tab.evaluate(f"location.hash = '#{anchor}'")
            visit.tab.wait_for_function(f"document.getElementById('{anchor}').checkVisibility()")


def test_each_row_says_claim_verdict_number_figure_and_derivation(site, ledger, index):
    titles = {row["id"]: row["title"] for row in index}
    page = site.tree(VERDICTS)
    heads = [head.text for head in page.select(".press-ledger thead th")]
    assert heads == ["Claim", "Verdict", "Number", "Figure", "Derivation"]
    for claim, row in ledger.items():
        cells = page.find(id=addresses.claim_anchor(claim)).find_all(["th", "td"], recursive=False)
        _, _, numbers, figure, derivation = cells
        assert len(numbers.find_all("strong")) == len(row["numbers"])
        if row["figure"] in titles:
            assert figure.a["href"] == f"{addresses.figure_page(row['figure'])}.html"
            assert figure.a.text == titles[row["figure"]]
        assert (row["derivation"] is not None) == bool(derivation.a)


def test_each_derivation_leads_to_what_its_label_names(site, ledger):
    page = site.tree(VERDICTS)
    kinds = {"eq": "Equation (", "thm": "Theorem ", "prop": "Proposition ", "cor": "Corollary "}
    for claim, row in ledger.items():
        if row["verdict"] == "PENDING":
            continue
        label = row["derivation"]
        assert label == SETTLED[claim].derivation
        if label is None:
            continue
        link = page.find(id=addresses.claim_anchor(claim)).find_all("td")[-1].a
        target, _, anchor = link["href"].partition("#")
        assert anchor.endswith(label) and site.tree(target).find(id=anchor), claim
        kind = kinds.get(label.split("-")[0])
        if kind:
            assert link.text.startswith(kind) and re.search(r"\d", link.text), claim
        else:
            assert link.text in site.tree(target).find(id=anchor).parent.text


def test_each_label_of_a_derivation_stands_in_a_chapter():
    sources = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "chapters").glob("*.md")
    )
    labels = set(re.findall(r"^(?::label: (\S+)|\((\S+)\)=)$", sources, flags=re.MULTILINE))
    labels = {label for pair in labels for label in pair if label}
    asked = {row.derivation for row in SETTLED.values() if row.derivation}
    assert asked and asked <= labels


def test_each_verdict_has_a_box_to_cite_it_from(site, ledger):
    page = site.tree(VERDICTS)
    for claim, row in ledger.items():
        box = page.find(id=addresses.claim_anchor(claim)).find_next_sibling("tr")
        heads = box.select(".press-format-head span[id]")
        assert [head.text for head in heads] == list(FORMATS)
        for head in heads:
            text = box.find("pre", {"aria-labelledby": head["id"]}).text
            assert f"{VERDICTS}#{addresses.claim_anchor(claim)}" in text
            assert claim in text and "commit" in text
            assert head.text != "Comment" or len(text) <= COMMENT
        plain = box.find_all("pre")[-1].text
        assert row["statement"] in plain and row["verdict"].capitalize() in plain


def test_the_box_of_a_row_copies_what_it_shows(browser, site):
    with Visit(browser, site, f"{VERDICTS}#c05") as visit:
        visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
        row = visit.tab.locator("#c05")
        box = visit.tab.locator("#c05 + .press-citation")
        assert not box.locator("pre").first.is_visible()
        box.locator("summary").click()
        wide = [one.bounding_box()["width"] for one in (box, row)]
        assert wide[0] == pytest.approx(wide[1], abs=1)
        for place in range(len(FORMATS)):
            shown = box.locator("pre").nth(place)
            box.locator("button[data-copies]").nth(place).click()
            visit.tab.wait_for_function(
                "text => navigator.clipboard.readText().then(copied => copied === text)",
                arg=shown.text_content(),
            )
        assert not visit.faults


# ---- Search ------------------------------------------------------------------------------------


def test_the_search_finds_figures_by_their_titles(browser, site, index):
    for row in index[:: max(1, len(index) // 4)]:
        words = " ".join(re.findall(r"[A-Za-z]{3,}", row["title"])[:6])
        with Visit(browser, site, f"search.html?q={quote(words)}") as visit:
            own = f"{addresses.figure_page(row['id'])}.html"
            found = visit.tab.locator(f"#search-results a[href^='{own}']").first
            found.wait_for(timeout=15_000)
            assert found.inner_text() == row["title"]
            found.click()
            assert visit.tab.locator(".press-figure-page h1").inner_text() == row["title"]
            assert not visit.faults


# Where the results lead, in their order, once all have come. Names of the API have one spelling.
RESULTS = """
() => [...document.querySelectorAll("#search-results li > a")]
  .filter(link => !link.hash.includes("l2scale.")).map(link => link.pathname)
"""


def found_by(browser, site, words) -> list[str]:
    with Visit(browser, site, f"search.html?q={quote(words)}") as visit:
        done = visit.tab.locator(".search-summary", has_text="Search finished")
        done.wait_for(timeout=15_000)
        assert not visit.faults
        return visit.tab.evaluate(RESULTS)


@pytest.mark.parametrize(
    ("american", "british"),
    [
        ("regularization", "regularisation"),
        ("optimizers", "optimisers"),
        ("initialized", "initialised"),
        ("labeled", "labelled"),
    ],
)
def test_the_search_knows_both_spellings(browser, site, american, british):
    found = found_by(browser, site, american)
    assert found and found == found_by(browser, site, british)


@pytest.mark.parametrize("words", ["Keras", "pytorch", "scikit-learn", "weight decay"])
def test_a_framework_leads_to_its_chapter_first(browser, site, words):
    assert found_by(browser, site, words)[0] == "/chapters/frameworks.html"


def test_the_browser_takes_words_apart_as_the_index_does(browser, site):
    text = site.tree("chapters/other_optimisers.html").find("article").text
    words = {*re.findall(r"[a-z]{2,}", text.lower()), "hour", "our", "behaviours"}
    words = sorted(words - English.stopwords)  # which are left out before
    stems = "words => { const one = new Stemmer(); return words.map(word => one.stemWord(word)) }"
    with Visit(browser, site, "search.html") as visit:
        found = dict(zip(words, visit.tab.evaluate(stems, words), strict=True))
    assert found == {word: English({}).stem(word) for word in words}


# ---- Short answers -----------------------------------------------------------------------------


def test_each_short_answer_is_a_sentence_with_a_fold_that_holds_a_figure(site):
    sections = site.tree(f"{ANSWERS}.html").find("article").find_all("section")[1:]
    assert 15 <= len(sections) <= 20
    for section in sections:
        assert section.h2.text.rstrip("#").endswith("?")
        (answer,) = section.find_all("p", recursive=False)
        sentence, _, chapter = " ".join(answer.text.split()).partition(" → ")
        assert len(ANSWER.findall(sentence)) == 1, sentence
        assert chapter and answer.find_all("a")[-1]["href"]
        assert section.select_one(".dropdown figure.plate"), section.h2.text


def test_short_answers_type_no_number():
    source = (ROOT / f"{ANSWERS}.md").read_text(encoding="utf-8")
    answers = re.sub(r"^(#|\(|```).*$", "", source, flags=re.MULTILINE).split("\n\n", 2)[2]
    left = re.sub(r"\{num\}`[^`]+`|`[^`]+`|\$[^$]+\$|\]\([^)]+\)|95%", "", answers)
    assert set(re.findall(r"\d[\d.]*", left)) <= {"50", "2"}  # the cost asked about, the factor


def test_the_front_page_gives_four_answers_to_type_and_leads_to_more(site):
    page, answers = site.tree("index.html"), site.tree(f"{ANSWERS}.html")
    short = page.find("section", id="short-answers")
    asked = short.find_all("section", recursive=False)
    assert len(asked) == 6  # the four, how to post a figure, and more questions
    for section in asked[:4]:
        answer = section.find("p", recursive=False)
        assert len(answer.text.split()) <= 100
        assert re.search(r"\d", answer.text)
        links = [link["href"] for link in answer.select("a:not(.press-number)")]
        assert any(
            target == f"{ANSWERS}.html" and answers.find(id=anchor)
            for target, _, anchor in (link.partition("#") for link in links)
        )
    jumps = [link["href"] for link in page.select("article h1 ~ p a[href^='#front-']")]
    assert len(jumps) == 5 and all(page.find(id=jump[1:]) for jump in jumps)
    assert len(short.select("figure.plate")) == 1
