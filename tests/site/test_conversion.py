"""The tables of settings, and the form: what it answers is what Python answers."""

import math
import re
import shutil
from itertools import product
from pathlib import Path

import pytest
from books import served
from visits import DESK, EQUATIONS, PHONE, Visit

from l2scale.practice.answers import SENTENCES, answer, records
from l2scale.practice.conversions import REASONS, NoEquivalent, convert
from l2scale.practice.settings import SETTINGS
from l2scale.press.addresses import CONVERTER, setting_anchor

pytestmark = pytest.mark.xdist_group("conversion")  # which share a small book
ROOT = Path(__file__).parents[2]
PAGE = """# A page

```{converter}
```

```{settings} objective
```

```{settings} weights
```
"""
WHOLE = {
    "lr": 0.05,
    "lr0": 0.4,
    "n_samples": 60000,
    "batch_size": 48,
    "n_weights": 7850,
    "momentum": 0,
    "optimiser": "sgd",
}
GIVEN = (
    {},
    {"lr": 0.3},
    {"optimiser": "adam"},
    {"optimiser": "adam", "lr": 0.3, "batch_size": 32, "n_samples": 1000},
    {"lr0": 0.2, "momentum": 0},
    {"lr": 0.3, "momentum": 0, "batch_size": 32, "n_samples": 1000, "n_weights": 9},
    {
        "optimiser": "muon",
        **dict.fromkeys(("lr", "lr0", "n_samples", "batch_size", "n_weights"), 3),
    },
    {"n_samples": 1000, "batch_size": 10},
    WHOLE,
    {name: given for name, given in WHOLE.items() if name != "lr"},
    WHOLE | {"momentum": 0.9},
    WHOLE | {"to_lr": 0.002},
    WHOLE | {"momentum": 1.0},
    WHOLE | {"lr": -0.1},
    WHOLE | {"lr": 1e-308},
    WHOLE | {"lr": 1e200, "batch_size": 1e200},
    WHOLE | {"momentum": 0.9, "batch_size": 1e-200},
)
VALUES = (0.013, 250.0, 0.0, -0.02, 1e308, 1e-308, 5e-324)
"""No strength is negative but optax's, added last; the last ones are the ends of floats."""

ANSWERS = """
cases => {
  const records = JSON.parse(document.querySelector(".press-convert script").textContent);
  return cases.map(([value, from, to, given]) => {
    const found = l2scaleConvert(records, value, from, to, given);
    if (found.value !== undefined) found.said = l2scaleAnswer(records, found, from, to, given);
    return found;
  });
}
"""


def expected(value, source, target, given) -> dict:
    """What Python answers, in the form that the page's function has."""
    try:
        found = convert(value, source, target, **given)
    except NoEquivalent as none:
        return {"none": str(none), "nearest": none.nearest}
    except ValueError as error:
        _, missing, names = str(error).partition(" it takes ")
        if missing:
            return {"missing": re.findall(r"(\w+) \(", names)}
        if " is beyond what a float holds" in str(error):
            return {"beyond": True}
        return {"wrong": str(error).split()[0]}
    numbers = {name: getattr(found, name) for name in ("value", "kept", "strength", "lr")}
    numbers["caveats"] = list(found.caveats)
    return numbers | {"said": answer(value, source, target, **given)}


def same(page, python) -> bool:
    """Equal, and numbers to twelve digits."""
    return page.keys() == python.keys() and all(
        math.isclose(page[name], wanted, rel_tol=1e-12)
        if isinstance(wanted, float)
        else page[name] == wanted
        for name, wanted in python.items()
    )


@pytest.fixture(scope="module")
def page(build, tmp_path_factory):
    """A book of one page with the form and both tables, and one without, on a server."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("out")
    for name in ("_config.yml", "references.bib"):
        shutil.copy(ROOT / name, source)
    toc = "format: jb-book\nroot: index\nchapters:\n- file: other\n"
    (source / "_toc.yml").write_text(toc)
    (source / "index.md").write_text(PAGE, encoding="utf-8")
    (source / "other.md").write_text("# Another\n\nWords.\n")
    done = build(source, out)
    assert done.returncode == 0, done.stdout[-6000:]
    with served(out / "_build" / "html") as site:
        yield site


@pytest.fixture(scope="module")
def opened(browser, page):
    with Visit(browser, page, "index.html") as visit:
        yield visit


@pytest.fixture
def visit(opened):
    """The page as it is when it is opened."""
    opened.go("index.html")
    yield opened
    assert not opened.faults


def said(visit) -> str:
    return visit.tab.locator("output").inner_text()


def shown(visit) -> set[str]:
    inputs = visit.tab.locator("[data-asked]:visible")
    return set(inputs.evaluate_all("inputs => inputs.map(input => input.dataset.asked)"))


def choose(visit, source, target, value="0.01") -> None:
    visit.tab.get_by_label("From").select_option(source)
    visit.tab.get_by_label("To", exact=True).select_option(target)
    visit.tab.get_by_label("Value").fill(value)


def test_the_page_carries_the_records(visit):
    embedded = "JSON.parse(document.querySelector('.press-convert script').textContent)"
    assert visit.tab.evaluate(embedded) == records()


@pytest.mark.parametrize("given", GIVEN, ids=lambda given: " ".join(given) or "nothing")
def test_the_page_answers_as_python_does(visit, given):
    cases = [
        (value, source, target, given) for source, target in product(SETTINGS, SETTINGS)
        for value in VALUES
    ]  # fmt: skip
    found = visit.tab.evaluate(ANSWERS, cases)
    wrong = [
        (case, page, python)
        for case, page in zip(cases, found, strict=True)
        if not same(page, python := expected(*case))
    ]
    assert wrong[:3] == []


def test_every_kind_of_answer_is_compared():
    kinds = set()
    for given, value, source, target in product(GIVEN, VALUES, SETTINGS, SETTINGS):
        found = expected(value, source, target, given)
        if "none" in found:
            kinds |= {name for name, reason in REASONS.items() if found["none"].startswith(reason)}
        else:
            kinds.add(found.get("wrong") or next(iter(found)))
    numbers = {"value", "lr", "momentum", "to_lr", "optimiser"}
    assert kinds == {"missing", "beyond", *numbers, *REASONS}


def test_every_sentence_is_compared():
    unseen = set(SENTENCES) - {"found"}
    for given, value, source, target in product(GIVEN, VALUES, SETTINGS, SETTINGS):
        said = expected(value, source, target, given).get("said", "")
        apis = {"source": SETTINGS[source].api, "target": SETTINGS[target].api}
        for name in [*unseen]:
            words = SENTENCES[name]
            for who, api in apis.items():
                words = words.replace(f"{{{who}}}", api)
            if words.split("{")[0] in said:
                unseen.remove(name)
    assert unseen == set()


def test_the_first_answer_needs_nothing(visit):
    assert said(visit) == answer(0.01, "torch-sgd", "keras-l2")
    assert shown(visit) == set()
    assert not visit.tab.locator(".press-asked").is_visible()


@pytest.mark.parametrize(
    ("source", "target", "asked"),
    [
        ("torch-sgd", "book", set()),
        ("ng", "book", {"n_samples"}),
        ("mask-rcnn", "keras-l2", {"n_weights"}),
        ("sklearn-mlp", "sklearn-mlp-lbfgs", {"n_samples", "batch_size"}),
        ("torch-adam", "torch-adamw", set()),
        ("torch-adamw", "torch-muon", {"lr", "to_lr"}),
        ("torch-adamw", "tfa-adamw", {"lr"}),
        ("torch-adamw", "composer-adamw", {"lr0"}),
        ("composer-adamw", "torch-adamw", {"lr0", "to_lr"}),
        ("composer-adamw", "lion-decoupled", set()),
        ("torch-adamw", "optax-adamw", {"to_lr"}),
        ("torch-adamw", "torch-adamw", {"to_lr"}),
        ("torch-adamw", "keras-weight-decay", {"to_lr"}),
        ("sklearn-ridge", "sklearn-logistic", set()),
        ("keras-l2", "sum-by-hand", {"lr", "batch_size"}),
        ("torch-sgd", "keras-weight-decay", {"momentum"}),
        ("keras-l2", "keras-weight-decay", {"optimiser", "momentum"}),
        ("torch-sgd-sum", "keras-l2", {"lr", "batch_size"}),
    ],
)
def test_a_pair_asks_for_what_it_needs(visit, source, target, asked):
    choose(visit, source, target)
    assert shown(visit) == asked


def test_every_pair_has_an_answer_once_it_has_what_it_asks_for(visit):
    fill = """
    () => {
      const form = document.querySelector(".press-convert"), fields = form.elements;
      const unanswered = [];
      for (const from of fields.from.options) for (const to of fields.to.options) {
        fields.from.value = from.value;
        fields.to.value = to.value;
        fields.value.value = from.value === "optax-add-last" ? "-0.01" : "0.01";
        for (const input of form.querySelectorAll("[data-asked] input")) input.value = "";
        for (const _ of "twice") {
          form.dispatchEvent(new Event("input"));
          for (const input of form.querySelectorAll("[data-asked]:not([hidden]) input"))
            if (input.parentElement.querySelector(".press-optional")?.hidden ?? true)
              input.value = "0.5";
          if (form.querySelector("[data-asked=optimiser]").hidden === false)
            fields.optimiser.value = "sgd";
        }
        fields.optimiser.value ||= "";
        form.dispatchEvent(new Event("input"));
        const { found } = form.querySelector("output").dataset;
        if (found !== "value" && found !== "none") unanswered.push([from.value, to.value, found]);
      }
      return unanswered;
    }
    """
    assert visit.tab.evaluate(fill) == []


def test_an_optional_rate_asks_for_more_only_when_it_is_given(visit):
    choose(visit, "bengio", "ng")
    assert shown(visit) == {"lr"}
    assert visit.tab.get_by_text("(optional)").locator("visible=true").count() == 1
    assert said(visit) == answer(0.01, "bengio", "ng")
    visit.tab.get_by_label("Learning rate (optional)", exact=True).fill("0.1")
    assert shown(visit) == {"lr", "batch_size"}
    assert said(visit) == "Still to be given: samples of a step."
    visit.tab.get_by_label("Samples of a step").fill("32")
    assert said(visit) == answer(0.01, "bengio", "ng", lr=0.1, batch_size=32)


def test_no_equivalent_is_said_with_the_nearest(visit):
    choose(visit, "torch-sgd", "keras-weight-decay")
    visit.tab.get_by_label("Momentum").fill("0.9")
    with pytest.raises(NoEquivalent) as none:
        convert(0.01, "torch-sgd", "keras-weight-decay", momentum=0.9)
    assert said(visit) == str(none.value)
    assert visit.tab.locator("output").get_attribute("data-found") == "none"


@pytest.mark.parametrize(
    ("label", "text", "fault"),
    [
        *[
            ("Value", text, "Value has to be a finite number, such as 0.01.")
            for text in ("0,01", "", "1e999", "-1e999", "Infinity", "NaN", "0x10", "1e", ".", "1 2")
        ],
        ("Momentum", "1", "Momentum has to be at least 0 and below 1."),
    ],
)
def test_bad_input_is_named_and_marked(visit, label, text, fault):
    choose(visit, "torch-sgd", "keras-weight-decay")
    visit.tab.get_by_label(label).fill(text)
    assert said(visit) == fault
    assert visit.tab.get_by_label(label).get_attribute("aria-invalid") == "true"
    assert visit.tab.locator("[aria-invalid=true]").count() == 1


@pytest.mark.parametrize(
    ("value", "source", "target"),
    [("1.7e308", "keras-l2", "torch-sgd"), ("3e-308", "torch-sgd", "keras-l2")],
)
def test_what_no_number_holds_is_said(visit, value, source, target):
    choose(visit, source, target, value)
    assert said(visit) == (
        "The answer is beyond what a number holds here: give numbers nearer to 1."
    )


def test_a_decay_may_have_another_rate_there_in_the_form_too(visit):
    choose(visit, "torch-adamw", "torch-adamw", "0.1")
    visit.tab.get_by_label("Learning rate of the target (optional)").fill("0.05")
    visit.tab.locator("#convert-lr").fill("0.1")
    assert said(visit) == answer(0.1, "torch-adamw", "torch-adamw", lr=0.1, to_lr=0.05)
    assert said(visit).startswith("ω = 0.2 in torch.optim.AdamW")


def test_the_answer_can_be_copied(browser, page):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    tab = context.new_page()
    tab.goto(page.url + "index.html")
    tab.get_by_role("button", name="Copy the answer").click()
    tab.get_by_role("button", name="Copied").wait_for()
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert copied == answer(0.01, "torch-sgd", "keras-l2")
    assert tab.locator(".press-convert [role=status]").text_content() == "The answer copied"
    context.close()


def test_what_is_hidden_does_not_count(visit):
    choose(visit, "ng", "book")
    visit.tab.get_by_label("Training samples").fill("-3")
    assert said(visit) == "Training samples has to be a finite number above 0."
    choose(visit, "torch-sgd", "book")
    assert said(visit) == answer(0.01, "torch-sgd", "book")


def test_swapping_goes_back(visit):
    choose(visit, "torch-sgd-sum", "keras-weight-decay")
    visit.tab.get_by_label("Momentum").fill("0")
    visit.tab.locator("#convert-lr").fill("0.1")
    visit.tab.get_by_label("Samples of a step").fill("32")
    there = said(visit)
    visit.tab.get_by_role("button", name="Swap").click()
    assert visit.tab.get_by_label("From").input_value() == "keras-weight-decay"
    assert visit.tab.locator("#convert-lr").input_value() == "3.2"
    assert said(visit).startswith("ω = 0.01 in ")
    visit.tab.get_by_role("button", name="Swap").click()
    assert said(visit) == there


def test_swapping_keeps_the_schedule(visit):
    choose(visit, "composer-adamw", "torch-adamw")
    for field, text in {"to_lr": "0.2", "lr": "0.05", "lr0": "0.1"}.items():
        visit.tab.locator(f"#convert-{field}").fill(text)
    visit.tab.get_by_role("button", name="Swap").click()
    assert visit.tab.locator("#convert-lr0").input_value() == "0.4"
    assert said(visit).startswith("ω = 0.01 in ")


def test_a_link_leads_to_the_same_answer(visit, page):
    choose(visit, "torch-adamw", "torch-muon", "0.05")
    visit.tab.locator("#convert-lr").fill("0.1")
    visit.tab.get_by_label("Learning rate of the target").fill("0.02")
    before = said(visit)
    visit.tab.get_by_role("link", name="Link to this conversion").click()
    visit.tab.wait_for_url(f"**/index.html?**#{CONVERTER}")
    assert said(visit) == before == answer(0.05, "torch-adamw", "torch-muon", lr=0.1, to_lr=0.02)


def test_a_link_to_what_there_is_not_is_harmless(browser, page):
    with Visit(browser, page, "index.html?from=nobody&length=3&item=2&to=book#convert") as visit:
        assert said(visit) == answer(0.01, "torch-sgd", "book")
        assert not visit.faults


def test_the_form_is_worked_with_the_keyboard(visit):
    choose(visit, "keras-l2", "keras-weight-decay")
    visit.tab.get_by_label("Value").focus()
    reached = []
    for _ in range(8):
        focus = "document.activeElement.name || document.activeElement.textContent"
        reached.append(visit.tab.evaluate(focus))
        visit.tab.keyboard.press("Tab")
    assert reached == [
        "value", "from", "⇄ Swap", "to", "momentum", "optimiser", "Copy the answer",
        "Link to this conversion",
    ]  # fmt: skip


def test_each_control_has_a_label_and_answers_are_announced(visit):
    bare = "controls => controls.filter(c => !c.labels.length).map(c => c.name)"
    assert visit.tab.locator("form.press-convert :is(input, select)").evaluate_all(bare) == []
    assert visit.tab.locator("output").get_attribute("aria-live") == "polite"


def test_without_a_script_the_page_names_the_command(browser, page):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page.url + "index.html")
    assert not tab.locator("form.press-convert").is_visible()
    assert tab.get_by_text("l2scale convert").is_visible()
    context.close()


def test_the_script_is_loaded_where_there_is_a_form(page):
    assert "convert.js" in page.text("index.html")
    assert "convert.js" not in page.text("other.html")


def test_every_setting_has_its_row_in_its_table(visit):
    tables = visit.tab.locator("table.press-conventions")
    for table, kind in zip(tables.all(), ("objective", "weights"), strict=True):
        rows = table.locator("tr[id]").evaluate_all("rows => rows.map(row => row.id)")
        expected = [setting_anchor(id) for id, one in SETTINGS.items() if one.where == kind]
        assert rows == expected


def test_the_tables_are_set_and_nothing_is_cut_off(visit):
    assert visit.tab.evaluate(EQUATIONS) == []
    assert visit.tab.locator("td mjx-container").count() == 2 * len(SETTINGS)
    cut = """
    cells => cells.flatMap(cell => [...cell.querySelectorAll("mjx-math, code")]
      .filter(math => math.getBoundingClientRect().right > cell.getBoundingClientRect().right)
      .map(math => cell.closest("tr").id))
    """
    for size in (DESK, PHONE):
        visit.tab.set_viewport_size(size)
        assert visit.tab.locator(".press-conventions :is(td, th)").evaluate_all(cut) == []


def test_the_page_is_sound_in_both_themes(browser, page):
    with Visit(browser, page, "index.html") as visit:
        assert visit.check() == []
