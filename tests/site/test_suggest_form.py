"""The form for a first lambda: what the page answers is what Python answers.

Its address is kept for good. All of it is optional, and what is no value is passed over:

    chapters/suggest.html?optimiser=sgd    key of l2scale.practice.suggest_rules.STEPPERS
        &setting=torch-sgd                 key of l2scale.practice.suggest_words.OFFERED
        &n=1000&inputs=30&width=128&classes=2#first-lambda
"""

from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
import pytest
from visits import PHONE, Visit

from l2scale.practice.asking import Refused
from l2scale.practice.suggest_rules import SHAPE, STEPPERS
from l2scale.practice.suggest_words import (
    EXAMPLES,
    FIRST,
    OFFERED,
    REFUSALS,
    answered,
    records,
)
from l2scale.press.addresses import FIRST_LAMBDA

PAGE = "chapters/suggest.html"
ANSWERS = """
cases => {
  const records = JSON.parse(document.querySelector(".press-suggest script").textContent);
  return cases.map(asked => {
    const { wrong, lines } = l2scaleSuggest(records, asked);
    return { wrong: wrong ?? null, lines };
  });
}
"""


def cases(count: int = 400) -> list[dict]:
    """Questions drawn at random; in one of four a number is out of its range."""
    rng = np.random.default_rng(11)
    found = []
    for _ in range(count):
        optimiser = str(rng.choice(list(STEPPERS)))
        asked = {
            "optimiser": optimiser,
            "setting": str(rng.choice(list(OFFERED[optimiser]))),
            "n": int(10 ** rng.uniform(1, 6)),
            "inputs": int(10 ** rng.uniform(0, 4)),
            "width": int(10 ** rng.uniform(0, 4)),
            "classes": int(rng.integers(1, 30)),
        }
        if rng.random() < 0.25:
            asked[str(rng.choice(SHAPE))] = float(rng.choice([-1, 0, 0.5, 1.5]))
        found.append(asked)
    return found


def expected(asked: dict) -> dict:
    """What Python answers, in the form that the page's function has."""
    try:
        return {"wrong": None, "lines": answered(**asked)}
    except Refused as refused:
        return {"wrong": refused.name, "lines": {"answer": str(refused)}}


@pytest.fixture
def visit(browser, site):
    with Visit(browser, site, PAGE) as visit:
        yield visit
        assert not visit.faults


def answer(visit) -> str:
    return visit.tab.locator(".press-suggest output").inner_text()


def fill(visit, **given) -> None:
    for name, value in given.items():
        field = visit.tab.locator(f"#suggest-{name}")
        choice = field.evaluate("field => field.tagName === 'SELECT'")
        field.select_option(str(value)) if choice else field.fill(str(value))


def test_the_page_carries_the_records(visit):
    embedded = "JSON.parse(document.querySelector('.press-suggest script').textContent)"
    assert visit.tab.evaluate(embedded) == records()


def test_the_page_answers_as_python_does(visit):
    asked = cases()
    found = visit.tab.evaluate(ANSWERS, asked)
    wrong = [
        (case, page, python)
        for case, page in zip(asked, found, strict=True)
        if page != (python := expected(case))
    ]
    assert wrong[:2] == []


def test_all_that_can_be_refused_is_compared_but_what_no_float_holds():
    assert {expected(asked)["wrong"] for asked in cases()} == {None, *REFUSALS} - {"beyond"}


def test_the_first_answer_can_be_typed(visit):
    lines = expected(dict(FIRST))["lines"]
    assert answer(visit) == lines["answer"]
    assert answer(visit).startswith("Try weight_decay = ")
    shown = visit.tab.locator(".press-suggest [data-result]:visible").all_inner_texts()
    assert shown == [lines[name] for name in ("search", "sure", "cost", "worth", "beyond")
                     if lines[name]]  # fmt: skip


def test_the_optimiser_decides_which_settings_are_offered(visit):
    names = "field => [...field.options].filter(o => !o.disabled).map(o => o.value)"
    field = visit.tab.locator("#suggest-setting")
    for optimiser in (*STEPPERS, "sgd"):
        fill(visit, optimiser=optimiser)
        assert sorted(field.evaluate(names)) == sorted(OFFERED[optimiser])
        asked = dict(FIRST) | {"optimiser": optimiser, "setting": field.input_value()}
        assert answer(visit) == expected(asked)["lines"]["answer"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("n", ""), ("n", "1e3.5"), ("n", "-4"), ("inputs", "0"), ("width", "12.5"), ("classes", "0")],
)
def test_bad_input_is_named_and_marked(visit, name, text):
    fill(visit, **{name: text})
    assert answer(visit) == REFUSALS[name]
    assert visit.tab.locator(f"#suggest-{name}").get_attribute("aria-invalid") == "true"
    assert visit.tab.locator("[aria-invalid=true]").count() == 1
    assert visit.tab.locator(".press-suggest [data-result]:visible").count() == 0
    fill(visit, **{name: FIRST[name]})
    assert answer(visit) == expected(dict(FIRST))["lines"]["answer"]


def test_the_address_has_all_that_was_asked(visit):
    fill(visit, optimiser="adamw", setting="optax-adamw", n=700)
    before = answer(visit)
    link = visit.tab.get_by_role("link", name="Link to this suggestion")
    parts = urlsplit(link.get_attribute("href"))
    asked = dict(FIRST) | {"optimiser": "adamw", "setting": "optax-adamw", "n": 700}
    assert parts.fragment == FIRST_LAMBDA
    assert dict(parse_qsl(parts.query)) == {name: str(value) for name, value in asked.items()}
    link.click()
    visit.tab.wait_for_url(f"**/suggest.html?**#{FIRST_LAMBDA}")
    assert answer(visit) == before == expected(asked)["lines"]["answer"]


def test_an_address_of_what_there_is_not_is_harmless(browser, site):
    with Visit(browser, site, f"{PAGE}?setting=nobody&length=3&optimiser=lion") as visit:
        assert answer(visit) == expected(dict(FIRST))["lines"]["answer"]
        assert not visit.faults


@pytest.mark.parametrize("asked", [one for row in EXAMPLES.values() for one in row])
def test_an_address_leads_to_its_answer(browser, site, asked):
    with Visit(browser, site, f"{PAGE}?{urlencode(asked)}#{FIRST_LAMBDA}") as visit:
        assert answer(visit) == expected(asked)["lines"]["answer"]
        assert not visit.faults


def test_each_control_has_a_label_and_answers_are_announced(visit):
    bare = "controls => controls.filter(c => !c.labels.length).map(c => c.name)"
    assert visit.tab.locator("form.press-suggest :is(input, select)").evaluate_all(bare) == []
    assert visit.tab.locator(".press-suggest output").get_attribute("aria-live") == "polite"


def test_without_a_script_there_are_answers(browser, site):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(site.url + PAGE)
    assert not tab.locator("form.press-suggest").is_visible()
    table = tab.get_by_role("region", name="Examples").inner_text()
    for asked in (one for row in EXAMPLES.values() for one in row):
        assert answered(**asked)["answer"] in table
    context.close()


def test_the_page_is_sound_in_both_themes_and_on_paper(browser, site):
    with Visit(browser, site, PAGE) as visit:
        assert visit.check() == []
        visit.tab.set_viewport_size(PHONE)
        assert visit.tab.locator(".press-suggest output").bounding_box()["width"] < PHONE["width"]
        visit.tab.emulate_media(media="print")
        assert visit.tab.locator(".press-suggest output").is_visible()
        assert not visit.tab.locator(".press-suggest button").is_visible()
