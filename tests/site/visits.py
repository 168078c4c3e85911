"""A page open in a real browser, and all that can be wrong with it."""

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}

IMAGES = """
async (theme) => {
  document.documentElement.dataset.theme = theme;
  const faults = [];
  for (const image of document.querySelectorAll("main img")) {
    const name = image.getAttribute("src");
    const shown = getComputedStyle(image).display !== "none";
    if (!image.alt.trim()) faults.push(`${name} has no alt text`);
    for (const mode of ["light", "dark"]) {
      if (image.classList.contains(`only-${mode}`) && shown !== (mode === theme))
        faults.push(`${name} is ${shown ? "" : "not "}shown in the ${theme} theme`);
    }
    if (!shown) continue;
    image.loading = "eager";
    await image.decode().catch(() => {});
    if (!image.naturalWidth) faults.push(`${name} does not load`);
    if (image.getBoundingClientRect().width < 100) faults.push(`${name} is not visible`);
  }
  for (const figure of document.querySelectorAll("figure.plate")) {
    const shown = [...figure.querySelectorAll("img")].filter(i => i.offsetParent !== null);
    if (shown.length !== 1) faults.push(`${figure.id} shows ${shown.length} images in ${theme}`);
    if (!figure.querySelector("figcaption").innerText.trim()) faults.push("a figure lacks words");
  }
  return faults;
}
"""

EQUATIONS = """
async () => {
  const maths = document.querySelectorAll("main .math");
  if (!maths.length) return [];
  if (!window.MathJax || !MathJax.startup) return ["MathJax has not been loaded"];
  await MathJax.startup.promise;
  const bare = [...maths].filter(math => !math.querySelector("mjx-container"));
  const wrong = document.querySelectorAll("mjx-merror, [data-mjx-error]");
  return [
    ...bare.map(math => `not set: ${math.innerText}`),
    ...[...wrong].map(math => `wrong: ${math.dataset.mjxError || math.innerText}`),
  ];
}
"""

# A displayed equation that reaches under its number, or that scrolls in its column.
CLIPPED = """
() => [...document.querySelectorAll("main div.math")].flatMap(math => {
  const box = math.querySelector("mjx-container"), set = box?.querySelector("mjx-math");
  if (!set) return [];
  const right = node => node.getBoundingClientRect().right;
  const end = Math.max(...[...set.querySelectorAll("*")].map(right));
  const number = math.querySelector(".eqno");
  const limit = number ? number.getBoundingClientRect().left : right(math);
  const clipped = end > limit + 0.5 || box.scrollWidth > box.clientWidth + 1;
  return clipped ? [`too wide: ${math.id || math.innerText.slice(0, 40)}`] : [];
})
"""

# A formula in a line that is wider than it, and does not scroll.
CUT = """
async () => {
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  const width = math => math.querySelector("mjx-container")?.getBoundingClientRect().width;
  return [...document.querySelectorAll("main span.math")]
    .filter(math => width(math) > math.clientWidth + 1)
    .filter(math => getComputedStyle(math).overflowX === "hidden")
    .map(math => `cut off: ${math.innerText.slice(0, 40)}`);
}
"""

# Contrast of text against the nearest opaque ground behind it (WCAG 2.1, 1.4.3).
CONTRAST = """
(theme) => {
  document.documentElement.dataset.theme = theme;
  const channels = text => text.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(c => (c /= 255) <= 0.04045 ? c / 12.92
      : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = channels(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return theme === "dark" ? [18, 18, 18] : [255, 255, 255];
  };
  const own = ".press-older, .press-older a, .press-versions summary, .press-versions a, " +
    ".press-verdict, .press-note, .plate-line span, .plate-line a, figcaption, " +
    ".press-thread, .press-ledger th, .press-ledger p, .press-id, .press-claim, " +
    ".press-facts dt, .press-facts dd, .press-files span, .press-table th, .press-crumb, " +
    ".press-small, .press-cite pre, .press-cite button, .press-buttons a, " +
    ".press-format-head span, .press-made, .press-filters label, .press-hits, .press-shows, " +
    ".press-ledger td span, .press-ledger summary, " +
    ".press-form label, .press-form legend, .press-form output, " +
    ".admonition.answer > .admonition-title, .press-prediction p, .press-fold > summary";
  return [...document.querySelectorAll(own)].flatMap(node => {
    const colours = [channels(getComputedStyle(node).color), ground(node)];
    const [dim, bright] = colours.map(light).sort((a, b) => a - b);
    const contrast = (bright + 0.05) / (dim + 0.05);
    const words = node.innerText.slice(0, 30);
    return contrast < 4.5 ? [`${contrast.toFixed(2)} in ${theme}: ${words}`] : [];
  });
}
"""

LANDMARKS = """
() => {
  const faults = [];
  const count = selector => document.querySelectorAll(selector).length;
  if (!document.documentElement.lang) faults.push("no language");
  if (!document.title.trim()) faults.push("no title");
  if (count("main") !== 1) faults.push(`${count("main")} main landmarks`);
  if (count("main h1:not(.onlyprint h1)") !== 1) faults.push("not one first heading");
  const skip = document.querySelector(".skip-link a");
  if (!skip || !document.querySelector(skip.getAttribute("href"))) faults.push("no skip link");
  for (const control of document.querySelectorAll("button, a[href]")) {
    const name = control.ariaLabel || control.title || control.textContent.trim()
      || control.dataset.bsTitle || control.querySelector("img")?.alt;
    if (!name) faults.push(`nameless: ${control.outerHTML.slice(0, 80)}`);
  }
  return faults;
}
"""


UNFOLD = """
() => {
  for (const fold of document.querySelectorAll("details.press-fold")) fold.open = true;
  for (const fold of document.querySelectorAll(".toggle-hidden"))
    fold.classList.remove("toggle-hidden");
}
"""
"""Opens what a page has folded, so that all of it is looked at."""


class Visit:
    """One page open in the browser, and the faults that it has shown so far."""

    def __init__(self, browser, site, page):
        self.context = browser.new_context(viewport=DESK)
        self.site, self.faults = site, []
        self.tab = self.context.new_page()
        self.tab.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.tab.on("console", self._console)
        self.tab.on("request", lambda request: self._request(request, site))
        self.tab.on("response", self._response)
        self.go(page)

    def go(self, page):
        """Open a page, as if it were the first: another tab would cost a second more."""
        self.faults.clear()
        self.tab.set_viewport_size(DESK)
        self.tab.goto(self.site.url + page, wait_until="load")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text}")

    def _request(self, request, site):
        if not request.url.startswith((site.url, "data:", "blob:")):
            self.faults.append(f"asks another host: {request.url}")

    def _response(self, response):
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def check(self):
        """All that can be wrong with the page, in both themes, on a desk and on a phone."""
        self.tab.evaluate(UNFOLD)
        self.faults += self.tab.evaluate(EQUATIONS)
        self.faults += self.tab.evaluate(CLIPPED)
        self.faults += self.tab.evaluate(LANDMARKS)
        for theme in ("light", "dark"):
            self.faults += self.tab.evaluate(IMAGES, theme)
            self.faults += self.tab.evaluate(CONTRAST, theme)
        # What is too wide for a phone is to scroll in a box of its own.
        self.tab.set_viewport_size(PHONE)
        width = self.tab.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            self.faults.append(f"{width} pixels wide on a phone")
        self.faults += self.tab.evaluate(CUT)
        return self.faults
