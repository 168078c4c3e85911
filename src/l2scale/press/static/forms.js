// What the forms share: what they say and refuse, and how they open from the page's address.
"use strict";

window.l2scaleForms = (() => {
  // What has no answer; its message is a key of the refusals in records().
  class Refused extends Error {}

  // What `reckon` returns, or {wrong: name, lines: {answer}} where it refuses.
  const answering = (records, reckon) => {
    try {
      return reckon();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { wrong: error.message, lines: { answer: records.refusals[error.message] } };
    }
  };

  const fill = (text, words) => text.replace(/\{(\w+)\}/g, (_, word) => words[word]);

  // Say a text; `found` is of what kind it is, `wrong` the name of the field to blame, if any.
  const tell = (form, text, found, wrong) => {
    for (const field of form.querySelectorAll("input, select")) {
      field.setAttribute("aria-invalid", String(field.name === wrong));
    }
    const said = form.querySelector("output");
    said.dataset.found = found;
    if (said.textContent !== text) said.textContent = text;
  };

  // Fill in what the page's address has, show the form, and refresh it now and after each input.
  // `named` has the field of a key and its text, if there is one.
  const open = (form, refresh, named) => {
    for (const [key, text] of new URLSearchParams(location.search)) {
      const field = form.elements.namedItem(named(key, text) ?? "");
      if (!field) continue;
      if (field.options && ![...field.options].some((option) => option.value === text)) continue;
      field.value = text;
    }
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", refresh);
    document.querySelector(".press-scriptless").hidden = true;
    form.hidden = false;
    refresh();
    // The form was not there yet when the browser looked for the anchor.
    if (location.hash === `#${form.id}`) form.scrollIntoView();
  };

  return { Refused, answering, fill, tell, open };
})();
