"""The calculator: what the page answers is what Python answers.

Its address is kept for good. All of it is optional, and what is no value is passed over:

    chapters/calculator.html?network=784-1024-10   layers, or the id of a known network
        &init=pytorch                              key of l2scale.practice.networks.INITS
        &setting=torch-adamw                       key of l2scale.practice.strengths.CALCULABLE
        &optimiser=sgd                             sgd, adam or muon, where the setting says none
        &grows=width&factor=4                      width, depth or samples, and how many times
        &value=0.1&lr=0.001&momentum=0&steps=10000&n_samples=60000&batch_size=128#calculate
"""

import math
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
import pytest
from visits import PHONE, Visit

from l2scale.practice.asking import Refused
from l2scale.practice.calculated import EXAMPLES, ROWS, records, said, worked
from l2scale.practice.calculator import REFUSALS, calculate
from l2scale.practice.networks import INITS, NETWORKS
from l2scale.practice.rules import GROWS, RULES
from l2scale.practice.strengths import CALCULABLE, STEPPERS
from l2scale.press.addresses import CALCULATOR

PAGE = "chapters/calculator.html"
NUMBERS = ("value", "lr", "momentum", "steps", "n_samples", "batch_size", "factor")
FIRST = {
    "optimiser": "",
    "momentum": 0,
    "grows": "width",
    "factor": 4,
    **next(iter(EXAMPLES.values())),
}
KEYS = {"network", "init", "setting", "optimiser", "grows", *NUMBERS}

ANSWERS = """
cases => {
  const records = JSON.parse(document.querySelector(".press-calculate script").textContent);
  return cases.map(asked => {
    const { wrong, lines, found } = l2scaleCalculate(records, asked);
    return { wrong: wrong ?? null, lines, found: found ?? {} };
  });
}
"""


def cases(count: int = 800) -> list[dict]:
    """Questions drawn at random; in one of four a number is out of its range."""
    rng = np.random.default_rng(7)
    chains = ["-".join(map(str, rng.integers(1, 3000, size))) for size in rng.integers(2, 7, 60)]
    shapes = [*NETWORKS, *chains, "784", "0-1", " 5 - 3 ", "a-b", ""]
    found = []
    for _ in range(count):
        samples = int(rng.integers(1, 10**6))
        asked = {
            "network": str(rng.choice(shapes)),
            "init": str(rng.choice(list(INITS))),
            "setting": str(rng.choice(list(CALCULABLE))),
            "optimiser": str(rng.choice(["", *STEPPERS], p=[0.1, 0.5, 0.2, 0.2])),
            "grows": str(rng.choice(list(GROWS))),
            "value": float(10 ** rng.uniform(-6, 1)),
            "lr": float(10 ** rng.uniform(-5, 0)),
            "momentum": float(rng.choice([0, 0.5, 0.9])),
            "steps": int(rng.integers(1, 10**7)),
            "n_samples": samples,
            "batch_size": int(rng.integers(1, samples + 1)),
            "factor": float(rng.choice([1, 2, 4, 10.5])),
        }
        if rng.random() < 0.25:
            name = str(rng.choice(NUMBERS))
            asked[name] = float(rng.choice([-1, 0, 0.5, 1, 1.5, 1e-308, 1e300]))
        found.append(asked)
    return found


def expected(asked: dict) -> dict:
    """What Python answers, in the form that the page's function has."""
    try:
        found = calculate(**asked)
    except Refused as refused:
        return {"wrong": refused.name, "lines": {"answer": str(refused)}, "found": {}}
    lines = said(found, asked["setting"], asked["factor"])
    names = ("lam", "guess", "penalty", "cost", "share", "decay", "forget_steps", "forget_epochs")
    names += ("weights", "clocks", "ceiling", "angle")
    numbers = {name: getattr(found, name) for name in names}
    return {"wrong": None, "lines": lines, "found": numbers}


def same(page: dict, python: dict) -> bool:
    """Equal, and numbers to twelve digits."""
    numbers = python["found"]
    return (
        page["wrong"] == python["wrong"]
        and page["lines"] == python["lines"]
        and all(
            page["found"][name] is None
            if wanted is None
            else math.isclose(page["found"][name], wanted, rel_tol=1e-12)
            for name, wanted in numbers.items()
        )
    )


@pytest.fixture
def visit(browser, site):
    with Visit(browser, site, PAGE) as visit:
        yield visit
        assert not visit.faults


def answer(visit) -> str:
    return visit.tab.locator(".press-calculate output").inner_text()


def fill(visit, **given) -> None:
    for name, value in given.items():
        field = visit.tab.locator(f"#calculate-{name}")
        choice = field.evaluate("field => field.tagName === 'SELECT'")
        field.select_option(str(value)) if choice else field.fill(str(value))


def results(visit) -> dict[str, str]:
    cells = visit.tab.locator("[data-result]")
    return dict(cells.evaluate_all("cells => cells.map(c => [c.dataset.result, c.innerText])"))


def shown_rules(visit) -> dict[str, str]:
    rows = visit.tab.locator("tr[id^=rule-]:visible")
    texts = rows.evaluate_all("rows => rows.map(r => [r.id, r.cells[2].innerText])")
    return {id.replace("-", " ", 1): text for id, text in texts}


def test_the_page_carries_the_records(visit):
    embedded = "JSON.parse(document.querySelector('.press-calculate script').textContent)"
    assert visit.tab.evaluate(embedded) == records()


def test_the_page_answers_as_python_does(visit):
    asked = cases()
    found = visit.tab.evaluate(ANSWERS, asked)
    wrong = [
        (case, page, python)
        for case, page in zip(asked, found, strict=True)
        if not same(page, python := expected(case))
    ]
    assert wrong[:2] == []


def test_every_refusal_and_every_rule_is_compared():
    answers = [expected(asked) for asked in cases()]
    assert {one["wrong"] for one in answers} == {None, *REFUSALS}
    said_rules = {name for one in answers for name in one["lines"] if name.startswith("rule ")}
    assert said_rules == {f"rule {rule.id}" for rule in RULES}


def test_the_first_answer_can_be_typed(visit):
    python = expected(FIRST)["lines"]
    assert answer(visit) == python["answer"]
    assert answer(visit) == "At width ×4 under AdamW type weight_decay = 0.2; try 0.1 and 0.4."
    assert results(visit) == {name: python[name] for name in ROWS}
    assert shown_rules(visit) == {name: python[name] for name in python if name.startswith("rule ")}


def test_a_rule_has_its_cost_and_its_figure(visit):
    row = visit.tab.locator("#rule-adamw-width")
    assert row.locator("a.press-number").count() == 2
    assert row.locator("a[href$='#fig-optimisers-judged-alike']").count() == 1


def test_fields_come_and_go_with_what_is_set(visit):
    seen = visit.tab.locator("#calculate-momentum, #calculate-optimiser, #calculate-network")
    names = "fields => fields.filter(f => f.offsetParent).map(f => f.name)"
    assert seen.evaluate_all(names) == ["network"]
    fill(visit, setting="torch-sgd", preset="resnet-50")
    assert seen.evaluate_all(names) == ["momentum"]
    fill(visit, setting="keras-l2")
    assert seen.evaluate_all(names) == ["optimiser"]
    assert answer(visit) == REFUSALS["optimiser"]
    fill(visit, optimiser="sgd")
    assert seen.evaluate_all(names) == ["optimiser", "momentum"]
    assert "with normalised layers" in answer(visit)
    assert shown_rules(visit) == {}
    assert visit.tab.locator(".press-unruled").is_visible()


@pytest.mark.parametrize(
    ("name", "text", "refusal"),
    [
        ("network", "", "network"),
        ("network", "784", "network"),
        ("value", "-0.1", "value"),
        ("value", "", "value"),
        ("value", "0,1", "value"),
        ("lr", "NaN", "lr"),
        ("lr", "0x10", "lr"),
        ("steps", "1.5", "steps"),
        ("n_samples", "-1", "n_samples"),
        ("batch_size", "60001", "batch"),
        ("factor", "0", "factor"),
        ("value", "1e6", "decay"),
    ],
)
def test_bad_input_is_named_and_marked(visit, name, text, refusal):
    fill(visit, **{name: text})
    assert answer(visit) == REFUSALS[refusal]
    assert visit.tab.locator(f"#calculate-{name}").get_attribute("aria-invalid") == "true"
    assert visit.tab.locator("[aria-invalid=true]").count() == 1
    assert set(results(visit).values()) == {"–"}
    fill(visit, **{name: FIRST[name]})
    assert answer(visit) == expected(FIRST)["lines"]["answer"]
    assert visit.tab.locator("[aria-invalid=true]").count() == 0


def test_the_address_has_all_that_was_asked(visit):
    link = visit.tab.get_by_role("link", name="Link to this calculation")
    fill(visit, preset="fifty", setting="keras-l2", optimiser="sgd", value="0.01", lr="0.1")
    before = answer(visit), results(visit)
    parts = urlsplit(link.get_attribute("href"))
    assert parts.fragment == CALCULATOR
    assert dict(parse_qsl(parts.query, keep_blank_values=True)) == {
        name: str(value)
        for name, value in (FIRST | {
            "network": "fifty", "setting": "keras-l2", "optimiser": "sgd", "value": 0.01, "lr": 0.1,
        }).items()
    }  # fmt: skip
    link.click()
    visit.tab.wait_for_url(f"**/calculator.html?**#{CALCULATOR}")
    assert (answer(visit), results(visit)) == before


@pytest.mark.parametrize("asked", cases(6))
def test_an_address_leads_to_its_answer(browser, site, asked):
    with Visit(browser, site, f"{PAGE}?{urlencode(asked)}#{CALCULATOR}") as visit:
        assert answer(visit) == expected(asked)["lines"]["answer"]
        assert not visit.faults


def test_an_address_of_what_there_is_not_is_harmless(browser, site):
    with Visit(browser, site, f"{PAGE}?setting=nobody&length=3&preset=fifty&lr=0.001") as visit:
        assert answer(visit) == expected(FIRST)["lines"]["answer"]
        assert not visit.faults


def test_the_form_is_worked_with_the_keyboard(visit):
    visit.tab.locator("#calculate-preset").focus()
    reached = []
    for _ in range(10):
        reached.append(visit.tab.evaluate("document.activeElement.name"))
        visit.tab.keyboard.press("Tab")
    assert reached == [
        "preset", "network", "init", "setting", "value", "lr", "steps", "n_samples", "batch_size",
        "grows",
    ]  # fmt: skip
    visit.tab.keyboard.press("ControlOrMeta+A")
    visit.tab.keyboard.type("16")
    assert answer(visit) == expected(FIRST | {"factor": 16})["lines"]["answer"]


def test_each_control_has_a_label_and_answers_are_announced(visit):
    bare = "controls => controls.filter(c => !c.labels.length).map(c => c.name)"
    assert visit.tab.locator("form.press-calculate :is(input, select)").evaluate_all(bare) == []
    assert visit.tab.locator(".press-calculate output").get_attribute("aria-live") == "polite"


def test_examples_open_in_the_form(browser, site):
    for name, asked in EXAMPLES.items():
        with Visit(browser, site, PAGE) as visit:
            table = visit.tab.get_by_role("region", name="Worked examples")
            table.get_by_role("link", name=name).click()
            visit.tab.wait_for_url(f"**/calculator.html?**#{CALCULATOR}")
            lines = worked(name)
            assert answer(visit) == lines["answer"], asked
            assert results(visit) == {row: lines[row] for row in ROWS}


def test_without_a_script_there_are_worked_examples(browser, site):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(site.url + PAGE)
    assert not tab.locator("form.press-calculate").is_visible()
    table = tab.get_by_role("region", name="Worked examples").inner_text()
    for name in EXAMPLES:
        assert worked(name)["answer"] in table
    assert tab.locator("tr[id^=rule-]:visible").count() == len(RULES)
    context.close()


def test_the_page_is_sound_in_both_themes_and_on_paper(browser, site):
    with Visit(browser, site, PAGE) as visit:
        assert visit.check() == []
        visit.tab.set_viewport_size(PHONE)
        assert visit.tab.locator(".press-calculate output").bounding_box()["width"] < PHONE["width"]
        visit.tab.emulate_media(media="print")
        assert visit.tab.locator(".press-calculate output").is_visible()
        assert visit.tab.locator("[data-result=cost]").is_visible()
        assert not visit.tab.locator(".press-calculate button").is_visible()


def test_the_script_is_loaded_where_there_is_a_form(site):
    assert "calculate.js" in site.text(PAGE)
    assert "calculate.js" not in site.text("chapters/what_to_do.html")
