// What a page does for its reader, see reading.py.
"use strict";

(() => {
  // What is too wide for a page scrolls in a box of its own. While it does, the keyboard reaches
  // it.
  const boxes =
    ".plate-images, .press-scroll, .pst-scrollable-table-container, " +
    "mjx-container[display='true'], div.highlight pre, .cell_output div.text_html, main span.math";

  // A formula in a line is measured by its box: what is written inside for screen readers, and
  // letters whose font has not come yet, reach out of it and are no reason to scroll.
  const width = (box) => {
    if (!box.matches("span.math")) return box.scrollWidth;
    return box.querySelector("mjx-container")?.getBoundingClientRect().width ?? 0;
  };

  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (width(target) > target.clientWidth + 1) {
        target.tabIndex = 0;
      } else {
        target.removeAttribute("tabindex");
      }
    }
  });

  const observe = () => document.querySelectorAll(boxes).forEach((box) => watch.observe(box));
  observe();
  addEventListener("load", () => window.MathJax?.startup?.promise.then(observe));

  // The theme's signs that open a list of pages have no name.
  document.querySelectorAll("nav.bd-links summary").forEach((sign) => {
    sign.ariaLabel = "Pages of this one";
  });

  // A link into a fold opens it, and so does the address of the section that it is.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const own = target.closest("section")?.querySelector(":scope > details.press-fold");
    if (own) own.open = true;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      fold.open = true;
    }
    target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  addEventListener("click", ({ target }) => {
    if (target.closest(`a[href="${CSS.escape(location.hash)}"]`)) unfold();
  });
  unfold();

  // Paper is light, and shows what a click would: solutions and settings, and no code.
  const { dataset } = document.documentElement;
  let before;
  matchMedia("print").addEventListener("change", ({ matches: printing }) => {
    if (printing) {
      const closed = [...document.querySelectorAll("main details:not(.hide):not([open])")];
      before = { theme: dataset.theme, closed };
    }
    if (!before) return;
    dataset.theme = printing ? "light" : before.theme;
    for (const details of before.closed) details.open = printing;
  });
})();
