// The filters of the gallery and of the ledger. What an item is stands in its data attributes, and
// what was chosen in the page's address. Without this script all items are shown.
"use strict";

(() => {
  const plain = (text) => text.normalize("NFKC").toLowerCase();

  // The words of an item, without those of the boxes that it can open. They are read from the item
  // itself: a copy of it would load its images once more, and all of them at once.
  const wordsOf = (node) => {
    if (node.nodeName === "DETAILS") return "";
    return node.nodeType === Node.TEXT_NODE ? node.data : [...node.childNodes].map(wordsOf).join("");
  };

  const start = (form) => {
    const list = document.getElementById(form.dataset.list);
    const items = [...list.querySelectorAll("[data-item]")];
    const groups = [...list.querySelectorAll("[data-group]")];
    const fields = [...form.elements].filter((field) => field.name);
    const words = new Map(items.map((item) => [item, plain(wordsOf(item))]));
    const hits = form.querySelector(".press-hits"), { noun } = form.dataset;

    const fits = (item) => fields.every(({ name, type, value }) => (
      type === "search"
        ? plain(value).split(/\s+/).every((word) => words.get(item).includes(word))
        : !value || item.dataset[name].split(" ").includes(value)));

    const count = (shown) => {
      if (shown === items.length) return `${shown} ${noun}s`;
      if (!shown) return `No ${noun} of ${items.length} fits`;
      return `${shown} of ${items.length} ${noun}s`;
    };

    const remember = () => {
      const chosen = fields.filter((field) => field.value.trim());
      const query = new URLSearchParams(chosen.map((field) => [field.name, field.value.trim()]));
      const address = `${location.pathname}${chosen.length ? `?${query}` : ""}${location.hash}`;
      // Browsers let a page that was opened from a file keep the address it has.
      if (location.protocol !== "file:") history.replaceState(history.state, "", address);
    };

    const refresh = () => {
      for (const item of items) item.hidden = !fits(item);
      for (const group of groups) group.hidden = !group.querySelector("[data-item]:not([hidden])");
      const text = count(items.filter((item) => !item.hidden).length);
      if (hits.textContent !== text) hits.textContent = text;
      remember();
    };

    // A link to an item shows it, whatever was chosen before.
    const reveal = () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (!target || !list.contains(target)) return;
      if (target.closest("[hidden]")) form.reset();
      target.scrollIntoView();
    };

    for (const [name, value] of new URLSearchParams(location.search)) {
      const field = fields.find((one) => one.name === name);
      if (!field) continue;
      field.value = value;
      if (field.value !== value) field.value = "";  // no such choice
    }
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", refresh);
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      for (const field of fields) field.value = "";
      refresh();
    });
    window.addEventListener("hashchange", reveal);
    form.hidden = false;
    refresh();
    reveal();
  };

  for (const form of document.querySelectorAll("form.press-filters")) start(form);
})();
