// The form that says a first lambda. It does what suggesting.py of l2scale/practice does, with the
// rules, settings and words that records() has.
"use strict";

(() => {
  const { held, evaluate, decimal, plain } = l2scaleNumbers;

  class Refused extends Error {}

  const number = (found) => {
    if (!held(found)) throw new Refused("beyond");
    return found;
  };

  const fill = (text, words) => text.replace(/\{(\w+)\}/g, (_, word) => words[word]);

  // What is said, by what it is about; throws Refused.
  const say = (records, asked) => {
    const rule = records.rules[asked.optimiser], setting = rule.settings[asked.setting];
    for (const name of records.shape) {
      if (!(asked[name] >= 1 && Number.isInteger(asked[name]))) throw new Refused(name);
    }
    const [lowest, highest] = rule.range;
    const own = records.shape.reduce(
      (product, name) => product * asked[name] ** rule.powers[name], rule.share,
    );
    const lam = number(Math.min(Math.max(own, lowest), highest));
    const [value, ...tries] = [1, ...rule.tries]
      .map((factor) => number(evaluate(setting.value, { value: lam * factor, n_samples: asked.n })));
    const [before, after] = setting.typed, [low, high] = rule.reach;
    const words = {
      before, after, value: plain(value), tries: tries.map(plain).join(", "), lam: plain(lam),
      low: plain(lam * low), high: plain(lam * high), ...rule.words,
    };
    const lines = { ...rule.measured };
    for (const [name, text] of Object.entries(records.texts)) lines[name] = fill(text, words);
    const outside = (name) => {
      const [least, most] = rule.least_and_most[name];
      return asked[name] < least || asked[name] > most;
    };
    const limits = records.shape.filter(outside).map((name) => rule.limits[name]);
    if (rule.range.includes(lam)) limits.push(rule.limits.lam);
    lines.beyond = limits.length ? [records.beyond, ...limits].join(" ") : "";
    return lines;
  };

  // The words, or {wrong: name, lines: {answer}}.
  const answer = (records, asked) => {
    try {
      return { lines: say(records, asked) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { wrong: error.message, lines: { answer: records.refusals[error.message] } };
    }
  };

  const start = (form) => {
    const records = JSON.parse(form.querySelector("script").textContent);
    const fields = form.elements, said = form.querySelector("output");

    // The settings of the optimiser; the first of them where another one was chosen.
    const offer = () => {
      const known = records.rules[fields.optimiser.value].settings;
      for (const option of fields.setting.options) {
        option.hidden = option.disabled = !Object.hasOwn(known, option.value);
      }
      if (!Object.hasOwn(known, fields.setting.value)) {
        fields.setting.value = [...fields.setting.options].find((one) => !one.disabled).value;
      }
      for (const group of fields.setting.querySelectorAll("optgroup")) {
        group.hidden = ![...group.children].some((option) => !option.disabled);
      }
    };

    const refresh = () => {
      offer();
      const asked = { optimiser: fields.optimiser.value, setting: fields.setting.value };
      const state = new URLSearchParams({ ...asked });
      for (const name of records.shape) {
        const text = fields[name].value.trim();
        state.set(name, text);
        asked[name] = decimal(text);
      }
      const { wrong, lines } = answer(records, asked);
      for (const field of form.querySelectorAll("input, select")) {
        field.setAttribute("aria-invalid", String(field.name === wrong));
      }
      said.dataset.found = wrong ? "wrong" : "value";
      if (said.textContent !== lines.answer) said.textContent = lines.answer;
      for (const line of form.querySelectorAll("[data-result]")) {
        line.textContent = lines[line.dataset.result] ?? "";
        line.hidden = !line.textContent;
      }
      form.querySelector(".press-here").href = `?${state}#${form.id}`;
    };

    for (const [key, text] of new URLSearchParams(location.search)) {
      const field = fields.namedItem(key);
      if (!field || !(["optimiser", "setting"].includes(key) || records.shape.includes(key))) continue;
      if (field.options && ![...field.options].some((option) => option.value === text)) continue;
      field.value = text;
    }
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", refresh);
    document.querySelector(".press-scriptless").hidden = true;
    form.hidden = false;
    refresh();
    if (location.hash === `#${form.id}`) form.scrollIntoView();
  };

  window.l2scaleSuggest = answer;
  for (const form of document.querySelectorAll("form.press-suggest")) start(form);
})();
