"""Reading: by keyboard and by ear, in the dark, on a phone, on paper, over a slow line."""

import io
import re
from importlib.resources import files
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from PIL import Image
from visits import DESK, PHONE, UNFOLD

from l2scale.press.addresses import figure_file, file_name
from l2scale.press.sphinx.reading import HIDE, SHOW

HEAVIEST = 1.5e6  # bytes of a page before its images
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
CHAPTER = "chapters/batches.html"
FIGURE = "fig-best-lambda-by-batch"

# Only what depends on colours is looked at again in the dark, and of rows that are alike but for
# their words (of one colour of stripe, with the same tags, classes and empty cells) the first, and
# the first signatures of a page of them. What is left out is emptied: axe reads all that there is.
FAULTS = """
async ([theme, rules, within, left]) => {
  if (left) for (const one of document.querySelectorAll(left)) one.replaceChildren("left out");
  const shapes = new Set();
  for (const row of document.querySelectorAll("main tbody tr")) {
    const stripe = [row.rowIndex % 2, row.offsetHeight > 0, row.closest("table").className];
    const shape = stripe + row.outerHTML.replace(/>[^<]*[^<\\s][^<]*</g, ">words<")
      .replace(/ (id|href|title)="[^"]+"/g, " $1");
    row.toggleAttribute("data-alike", shapes.has(shape));
    shapes.add(shape);
  }
  const signatures = [...document.querySelectorAll("main dt.sig")];
  for (const one of signatures.slice(12)) one.toggleAttribute("data-alike", true);
  document.documentElement.dataset.theme = theme;
  if (window.MathJax?.startup) await MathJax.startup.promise;
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  const some = rules.length ? {runOnly: {type: "rule", values: rules}}
    : {rules: {"label-content-name-mismatch": {enabled: true}}};
  const parts = {include: [within], exclude: ["[data-alike]"]};
  const found = await axe.run(parts, {resultTypes: ["violations"], ...some});
  // A header may be a formula, which MathJax names for screen readers: axe does not read MathML.
  const named = (id, [target]) => id === "empty-table-header"
    && document.querySelector(target).querySelector("mjx-assistive-mml")?.textContent.trim();
  return found.violations.flatMap(({id, nodes}) => nodes
    .filter(({target}) => !named(id, target))
    .map(({target}) => `${id} in ${theme}: ${target}`));
}
"""

LOADED = """
async () => {
  if (window.MathJax?.startup) await MathJax.startup.promise;
  await document.fonts.ready;
  return performance.getEntriesByType("resource").map(({name}) => name);
}
"""

# Formulas in a line: those that the keyboard stops at, and those that are wider than their line.
FORMULAS = """
async () => {
  await MathJax.startup.promise;
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  const all = [...document.querySelectorAll("main span.math")];
  const wide = math => math.querySelector("mjx-container").getBoundingClientRect().width
    > math.clientWidth + 1;
  const scrolls = math => ["auto", "scroll"].includes(getComputedStyle(math).overflowX);
  return [math => math.tabIndex >= 0, wide, scrolls].map(is => all.map(is));
}
"""

# Signs that stand on another line than the formula that they belong to.
TORN = """
async () => {
  await MathJax.startup.promise;
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  const sign = (text, at) => {
    const range = document.createRange();
    range.setStart(text, at);
    range.setEnd(text, at + 1);
    return range.getBoundingClientRect();
  };
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const near = (math, side) => {
    walker.currentNode = math;
    if (side > 0) while (walker.nextNode() && math.contains(walker.currentNode));
    else walker.previousNode();
    const text = walker.currentNode;
    return text.nodeType === Node.TEXT_NODE && text.data.length ? text : null;
  };
  const torn = (math, text, found, at) => {
    if (!text || !found.test(text.data)) return [];
    const box = math.getBoundingClientRect(), other = sign(text, at(text));
    const apart = other.top > box.bottom || other.bottom < box.top;
    return [[`${math.textContent.slice(0, 30)} and ${text.data.slice(0, 10)}`, apart]];
  };
  return [...document.querySelectorAll("main span.math:not([tabindex])")]
    .filter(math => math.offsetParent)
    .flatMap(math => [
      ...torn(math, near(math, 1), /^[,.;:!?)\\]]/, () => 0),
      ...torn(math, near(math, -1), /[(\\[]$/, text => text.length - 1),
    ]);
}
"""

# The element that has the focus, where nothing around it shows that.
UNRINGED = """
() => {
  // The theme rings the sign of a list of pages, inside of what has the focus.
  const node = document.activeElement, sign = node.querySelector(".toctree-toggle") ?? node;
  const ringed = [node, sign].some(one => {
    const {outlineStyle, boxShadow} = getComputedStyle(one);
    return outlineStyle !== "none" || boxShadow !== "none";
  });
  return ringed ? [] : [node.outerHTML.slice(0, 120)];
}
"""

# What stands in the way of a whole sheet: on paper nothing is fixed, folded or cut.
ON_PAPER = """
() => {
  const seen = selector => [...document.querySelectorAll(selector)].filter(n => n.offsetParent);
  const shown = node => getComputedStyle(node);
  const aside = ".bd-sidebar-primary, .bd-sidebar-secondary, .bd-header-article, " +
    ".prev-next-area, .bd-footer, .press-run, .press-filters, .press-citation, " +
    "a.headerlink, button, details.hide";
  return {
    theme: document.documentElement.dataset.theme,
    aside: seen(aside).map(node => node.className),
    dark: seen("img.only-dark").length,
    figures: seen("figure.plate img.only-light").length,
    cut: seen("figure.plate").filter(node => shown(node).breakInside !== "avoid").length,
    folded: document.querySelectorAll("main details:not(.hide):not([open])").length,
    links: getComputedStyle(document.querySelector("main a[href^='http']"), "::after").content,
    wide: document.documentElement.scrollWidth,
  };
}
"""


@pytest.fixture
def tab(browser):
    """A page of a desk's size, and its context, closed in the end."""
    context = browser.new_context(viewport=DESK)
    yield context.new_page()
    context.close()


def opened(tab, site, page, theme="light"):
    tab.goto(site.url + page, wait_until="load")
    tab.add_style_tag(content="* { transition: none !important }")
    tab.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    tab.evaluate("window.MathJax?.startup?.promise")
    tab.evaluate(UNFOLD)
    return tab


OF_ONE_MAKE = ("code/", "figures/", "tables/")
WHOLE = ("code/index.html", "code/l2scale.lab.training.runs.html", "tables/crush/index.html")
"""Of such pages those that are looked at with what stands around them, and with their code."""
_CODE = re.compile(r'<div class="highlight">.*?</div>', re.DOTALL)
_TAG = re.compile(r"<(/?[a-z][\w-]*)((?:\s[^<>]*)?)>")
_ATTRIBUTE = re.compile(r'\s([\w-]+)(?:="([^"]*)")?')


def kind(page):
    """The make of a page, "" of one that is a make of its own."""
    return next((make for make in OF_ONE_MAKE if page.startswith(make)), "")


def looked_at(page):
    """What of a page axe sees, and what it leaves out."""
    if page in WHOLE or not kind(page):
        return "html", ""
    return "main", ".highlight" if page.startswith("code/") else ""


def shape(html):
    """What axe goes by beside words: each tag with its classes and attributes, and the next one."""
    main = _CODE.sub("", html[html.find("<main") : html.find("</main>")])
    tags = [
        (tag, *sorted((n, v if n == "class" else v == "") for n, v in _ATTRIBUTE.findall(own)))
        for tag, own in _TAG.findall(main)
    ]
    return set(pairwise(tags))


def test_a_shape_is_all_but_words():
    page = '<main><p class="a" title="{}">{}</p><div class="highlight">x</div></main>'
    assert shape(page.format("b", "c")) == shape(page.format("d", "e"))
    assert shape(page.format("b", "c")) != shape(page.format("", "c"))
    assert shape(page.format("b", "c")) != shape(page.format("b", "<i>c</i>"))
    assert shape("<main><b></b></main>") != shape('<main><b class="a"></b></main>')


def test_every_page_is_light_and_axe_finds_no_fault(tab, site, quarter):
    """Light before its images: text, styles, scripts, fonts as they lie; most servers pack them.

    Of one make axe looks at the pages that have some tags, classes or attributes, or two of them in
    a row, that none before had. The others load what those of their make do.
    """
    heavy, faults, shapes, beside = {}, {}, {make: set() for make in OF_ONE_MAKE}, {}
    for page in quarter:
        make, own = kind(page), (site.folder / page).stat().st_size
        if make:
            new = shape(site.text(page)) - shapes[make]
            shapes[make] |= new
            if make in beside and not new and page not in WHOLE:
                if own + beside[make] > HEAVIEST:
                    heavy[page] = own + beside[make]
                continue
        opened(tab, site, page)
        loaded = {urlsplit(name).path.lstrip("/") for name in tab.evaluate(LOADED)}
        loaded = {name for name in loaded if not name.endswith((".svg", ".png"))} - {page}
        rest = sum((site.folder / path).stat().st_size for path in loaded)
        beside[make] = max(beside.get(make, 0), rest)
        if own + rest > HEAVIEST:
            heavy[page] = own + rest
        tab.evaluate(f"{AXE};0")
        parts = looked_at(page)
        found = tab.evaluate(FAULTS, ["light", [], *parts])
        found += tab.evaluate(FAULTS, ["dark", ["color-contrast", "link-in-text-block"], *parts])
        tab.set_viewport_size(PHONE)
        found += tab.evaluate(FAULTS, ["light", ["scrollable-region-focusable"], *parts])
        tab.set_viewport_size(DESK)
        if found:
            faults[page] = found
    assert not heavy
    assert not faults


def test_code_is_hidden_until_it_is_asked_for(tab, site):
    opened(tab, site, CHAPTER)
    cells = tab.locator("main div.cell:has(details.hide)")
    assert cells.count() >= 4
    for cell in cells.all():
        code, summary = cell.locator("pre").first, cell.locator("summary")
        assert not code.is_visible()
        assert summary.inner_text().strip().removeprefix("▸").strip() == SHOW
        summary.focus()
        tab.keyboard.press("Enter")
        assert code.is_visible()
        assert HIDE in summary.inner_text()
        tab.keyboard.press("Space")
        assert not code.is_visible()


def test_a_cell_that_did_not_run_shows_its_code(tab, site):
    opened(tab, site, CHAPTER)
    assert tab.locator("main div.cell pre", has_text="retrain(").is_visible()


def test_code_that_a_reader_copies_is_in_sight(tab, site):
    opened(tab, site, "chapters/your_model.html")
    assert tab.locator("main div.cell pre", has_text="diagnose(network").is_visible()
    assert tab.locator("main div.cell pre", has_text="param_groups(network").first.is_visible()


def test_what_is_numbered_has_an_address_on_hover_and_on_focus(tab, site):
    opened(tab, site, CHAPTER)
    blocks = {
        "equation-eq-bat-form": "#equation-eq-bat-form",
        FIGURE: f"#{FIGURE}",
        "tab-bat-forms": "#tab-bat-forms",
        "prop-bat-same": "#prop-bat-same",
        "ex-bat-c": "#ex-bat-c",
    }
    for id, address in blocks.items():
        link = tab.locator(f"[id='{id}'] a.headerlink[href='{address}']").first
        assert link.get_attribute("title").startswith("Link to this")
        assert link.evaluate("node => getComputedStyle(node).opacity") == "0"
        link.hover()
        assert link.evaluate("node => getComputedStyle(node).opacity") == "1"
        tab.mouse.move(0, 0)
        tab.keyboard.press("Shift")  # so that the next focus is a keyboard's
        link.focus()
        assert link.evaluate("node => getComputedStyle(node).opacity") == "1"
        link.press("Enter")
        assert tab.url.endswith(address)


def test_a_phone_gets_a_drawing_that_fits_it(tab, site):
    shown = f"#{FIGURE} img.only-light"
    for size, kind in ((DESK, "svg"), (PHONE, "narrow.svg")):
        tab.set_viewport_size(size)
        opened(tab, site, CHAPTER)
        tab.locator(shown).scroll_into_view_if_needed()
        tab.wait_for_function("s => document.querySelector(s).complete", arg=shown)
        drawn, wide, box = tab.locator(shown).evaluate(
            "img => [img.currentSrc, img.offsetWidth, img.closest('.plate-images').clientWidth]"
        )
        assert drawn.endswith(file_name(FIGURE.removeprefix("fig-"), kind))
        assert wide <= box


def test_the_keyboard_reaches_what_scrolls_on_a_phone_alone(tab, site):
    opened(tab, site, CHAPTER)
    wide = "@media (max-width: 600px) { .plate-images img { min-width: 34rem } }"
    tab.add_style_tag(content=wide)
    images = tab.locator(f"#{FIGURE} .plate-images")
    assert images.get_attribute("tabindex") is None
    tab.set_viewport_size(PHONE)
    images.scroll_into_view_if_needed()
    tab.wait_for_selector(f"#{FIGURE} .plate-images[tabindex='0']")
    tab.set_viewport_size(DESK)
    tab.wait_for_selector(f"#{FIGURE} .plate-images:not([tabindex])")


@pytest.mark.parametrize("size", [DESK, {"width": 700, "height": 900}, PHONE])
def test_formulas_in_a_line_are_stops_only_where_they_scroll(tab, site, size):
    tab.set_viewport_size(size)
    for page in ("chapters/crush.html", "chapters/frameworks.html"):
        opened(tab, site, page)
        stops, wide, scroll = tab.evaluate(FORMULAS)
        assert len(wide) > 50 and stops == wide == scroll
        assert size == PHONE or not any(wide)


@pytest.mark.parametrize("page", ["chapters/crush.html", "chapters/notation.html", CHAPTER])
def test_no_line_ends_between_a_formula_and_its_punctuation(tab, site, page):
    opened(tab, site, page)
    for width in (*range(360, 480, 15), 700, 1000, 1280):
        tab.set_viewport_size({"width": width, "height": 900})
        seen = tab.evaluate(TORN)
        assert len(seen) > 10
        assert not [words for words, apart in seen if apart], width


def test_no_formula_stands_between_the_keyboard_and_the_converter(tab, site):
    opened(tab, site, "chapters/frameworks.html")
    tab.evaluate(FORMULAS)
    passed = []
    while "convert-value" not in passed:
        assert len(passed) < 120
        tab.keyboard.press("Tab")
        passed.append(tab.evaluate("document.activeElement.id"))
        assert not tab.evaluate("document.activeElement.closest('span.math')?.textContent")


def test_the_keyboard_sees_where_it_is(tab, site):
    opened(tab, site, "verdicts.html")
    bare = []
    for _ in range(tab.locator(".bd-sidebar-primary a").count() + 20):
        tab.keyboard.press("Tab")
        bare += tab.evaluate(UNRINGED)
    assert not bare


@pytest.mark.parametrize("page", [CHAPTER, "verdicts.html", "index.html"])
def test_a_printed_page_is_the_text_alone(tab, site, page):
    opened(tab, site, page, "dark")
    figures = tab.locator("figure.plate").count()
    tab.emulate_media(media="print")
    tab.set_viewport_size({"width": 720, "height": 1000})
    tab.wait_for_function("document.documentElement.dataset.theme === 'light'")
    found = tab.evaluate(ON_PAPER)
    assert not found["aside"]
    assert not found["dark"] and found["figures"] == figures
    assert not found["cut"] and not found["folded"]
    assert "http" in found["links"]
    assert found["wide"] <= 720
    tab.emulate_media(media="screen")
    tab.wait_for_function("document.documentElement.dataset.theme === 'dark'")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_figure_has_the_colours_of_its_file(tab, site, mode):
    opened(tab, site, CHAPTER, mode)
    name = FIGURE.removeprefix("fig-") + {"light": ".svg", "dark": "-dark.svg"}[mode]
    image = tab.locator(f"#{FIGURE} img.only-{mode}")
    shown = picture(image)
    width = image.bounding_box()["width"]
    ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.set_content(
        f"<body style='margin: 0; background: {ground}'>"
        f"<img src='{site.url}figures/{name}' width='{width}'>"
    )
    assert colours(shown) == colours(picture(tab.locator("img")))


def test_light_and_dark_pages_differ_as_they_should(tab, site):
    brightness = {}
    for mode in ("light", "dark"):
        opened(tab, site, CHAPTER, mode)
        tab.locator(f"#{FIGURE} img.only-{mode}").scroll_into_view_if_needed()
        page = Image.open(io.BytesIO(tab.screenshot())).convert("L")
        figure = picture(tab.locator(f"#{FIGURE} img.only-{mode}")).convert("L")
        brightness[mode] = [
            sum(image.get_flattened_data()) / image.width / image.height for image in (page, figure)
        ]
    assert min(brightness["light"]) > 200
    assert max(brightness["dark"]) < 60


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["gallery.html", "index.html"])
def test_a_page_loads_the_images_of_its_theme_as_they_are_needed(browser, site, page, scheme):
    context = browser.new_context(viewport=DESK, color_scheme=scheme)
    tab, loaded = context.new_page(), []
    tab.on("request", lambda request: loaded.append(urlsplit(request.url).path))
    tab.goto(site.url + page, wait_until="networkidle")
    images = [path for path in loaded if path.endswith(".svg") and "/figures/" in path]
    assert images and {path.endswith("-dark.svg") for path in images} == {scheme == "dark"}
    assert len(images) < 30
    last = tab.locator(f"main img.only-{scheme}").last
    last.scroll_into_view_if_needed()
    last.evaluate("async image => { await image.decode() }")
    context.close()


def test_a_figure_opened_alone_has_its_words_in_its_own_letters(tab, site, index):
    for row in index[:3]:
        tab.goto(f"{site.url}{figure_file(row['id'], 'svg')}")
        words = " ".join(tab.locator("text").all_text_contents())
        assert row["title"].split()[0] in words
        tab.evaluate("document.fonts.ready")
        states = tab.evaluate("[...document.fonts].map(({family, status}) => [family, status])")
        assert states and all(state == ["DejaVu Sans", "loaded"] for state in states)


def picture(image):
    """A screenshot of an image that has been loaded."""
    image.scroll_into_view_if_needed()
    image.evaluate("async node => { node.loading = 'eager'; await node.decode() }")
    return Image.open(io.BytesIO(image.screenshot())).convert("RGB")


def colours(image):
    """The colour that fills most of an image, and the strongest that is on more than its edges."""
    counts = sorted(image.getcolors(1 << 24), reverse=True)
    strong = [colour for _, colour in counts if max(colour) - min(colour) > 60]
    return counts[0][1], strong[0]
