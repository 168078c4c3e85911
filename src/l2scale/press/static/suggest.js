// The form that says a first lambda. It does what suggest_words.py of l2scale/practice does, with the
// rules, settings and words that records() has.
"use strict";

(() => {
  const { held, evaluate, decimal, plain } = l2scaleNumbers;
  const { Refused, answering, fill, tell, open } = l2scaleForms;

  const number = (found) => {
    if (!held(found)) throw new Refused("beyond");
    return found;
  };

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

  const answer = (records, asked) => answering(records, () => ({ lines: say(records, asked) }));

  const start = (form) => {
    const records = JSON.parse(form.querySelector("script").textContent);
    const fields = form.elements, names = ["optimiser", "setting", ...records.shape];

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
      tell(form, lines.answer, wrong ? "wrong" : "value", wrong);
      for (const line of form.querySelectorAll("[data-result]")) {
        line.textContent = lines[line.dataset.result] ?? "";
        line.hidden = !line.textContent;
      }
      form.querySelector(".press-here").href = `?${state}#${form.id}`;
    };

    open(form, refresh, (key) => names.find((name) => name === key));
  };

  window.l2scaleSuggest = answer;
  for (const form of document.querySelectorAll("form.press-suggest")) start(form);
})();
