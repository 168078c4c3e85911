// The form that says what a strength does to a network. It does what strengths.py, calculator.py
// and calculated.py of l2scale/practice do, with the networks, settings, rules and words that
// records() has.
"use strict";

(() => {
  const { held, evaluate, decimal, three, plain } = l2scaleNumbers;
  const { Refused, answering, fill, tell, open } = l2scaleForms;

  const number = (found) => {
    if (!held(found)) throw new Refused("beyond");
    return found;
  };

  // ---- The numbers -------------------------------------------------------------------------------

  // The network that is named, or typed as 784-1024-10.
  const networkOf = (records, text) => {
    if (Object.hasOwn(records.networks, text)) return records.networks[text];
    const units = text.split("-").map((part) => (/^\s*\d{1,10}\s*$/.test(part) ? Number(part) : 0));
    if (units.length < 2 || !units.every((one) => one >= 1 && one <= 1e9)) {
      throw new Refused("network");
    }
    const layers = units.slice(1).map((out, i) => [units[i], out]);
    const total = (of) => layers.reduce((sum, layer) => sum + of(...layer), 0);
    const squares = {};
    for (const [init, [constant, inputs, outputs]] of Object.entries(records.inits)) {
      squares[init] = total((into, out) => (into * out) / (constant + inputs * into + outputs * out));
    }
    return {
      weights: total((into, out) => into * out), depth: layers.length,
      classes: Math.max(units.at(-1), 2), normalised: false, squares,
    };
  };

  const check = (known) => {
    for (const [name, found] of Object.entries(known)) {
      const low = { factor: 1 }[name] ?? 0;
      const closed = name === "momentum" || name === "factor";
      const inside = Number.isFinite(found) && (closed ? found >= low : found > low)
        && (name !== "momentum" || found < 1);
      const whole = ["steps", "n_samples", "batch_size"].includes(name);
      if (!inside || (whole && !Number.isInteger(found))) throw new Refused(name);
    }
    if (known.batch_size > known.n_samples) throw new Refused("batch");
  };

  const kindOf = (setting, steps, momentum) => {
    const decays = setting.where === "weights";
    if (steps === "sgd" && momentum) return decays ? "sgdw" : "momentum";
    return steps === "adam" && decays ? "adamw" : steps;
  };

  const carry = (rule, setting, value, growth, network) => {
    const own = rule.grows === "samples" ? setting.samples : 0;
    const power = rule.power + rule.over_layers / network.depth;
    const found = number(value * growth ** own * growth ** power);
    const tries = rule.tries.map(([times, more]) => number(found * times * growth ** more));
    return { rule, value: found, tries };
  };

  // As calculate() has it, null where Python has None, with `normalised`; throws Refused.
  const calculate = (records, asked) => {
    const setting = records.settings[asked.setting], network = networkOf(records, asked.network);
    const steps = setting.optimiser || asked.optimiser;
    if (!steps) throw new Refused("optimiser");
    const { value, lr, n_samples, batch_size, factor } = asked;
    const momentum = steps === "sgd" ? asked.momentum : 0;
    const known = { value, lr, momentum, steps: asked.steps, n_samples, batch_size, factor };
    check(known);
    const kind = kindOf(setting, steps, momentum);
    const lam = number(evaluate(setting.lam, known));
    const divided = setting.where === "objective" && steps !== "sgd";
    const decay = divided ? null : number(evaluate(setting.decay, known));
    if (decay !== null && decay >= 1) throw new Refused("decay");
    const guess = Math.log(network.classes);
    const penalty = setting.where === "objective" ? number(lam * network.squares[asked.init]) : null;
    const forget = divided ? null : (kind === "momentum" ? 1 - momentum : 1) / decay;
    const rules = records.rules
      .filter(({ steps: by, layers: [fewest, most] }) => by === kind && !network.normalised
        && fewest <= network.depth && network.depth <= most)
      .map((rule) => carry(rule, setting, value, factor, network));
    const unmeasured = records.unmeasured[asked.grows];
    return {
      kind, lam, guess, penalty, decay, rules,
      weights: network.weights,
      normalised: network.normalised,
      cost: guess + (penalty ?? 0),
      share: penalty === null ? null : penalty / (guess + penalty),
      forget_steps: forget,
      forget_epochs: divided ? null : (forget * batch_size) / n_samples,
      clocks: divided ? null : asked.steps / forget,
      ceiling: kind === "adamw" ? 1 / (2 * lam) : null,
      angle: kind === "adamw" ? (2 * Math.asin(Math.sqrt(decay / 2)) * 180) / Math.PI : null,
      answer: rules.find(({ rule }) => rule.grows === asked.grows)
        ?? carry(unmeasured, setting, value, factor, network),
    };
  };

  // ---- Words -------------------------------------------------------------------------------------

  const listing = (numbers) => {
    const texts = [...numbers].sort((one, other) => one - other).map(plain);
    return `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
  };

  const values = ({ value, tries }) =>
    ({ value: plain(value), tries: listing(tries), values: listing([value, ...tries]) });

  // As said() has it: `answer`, the rows by name, and `rule <id>`.
  const say = (records, found, asked) => {
    const text = (name, words) => fill(records.texts[name], words);
    const words = { steps: records.kinds[found.kind] };
    for (const [name, one] of Object.entries(found)) {
      if (typeof one === "number") words[name] = three(name === "share" ? 100 * one : one);
    }
    const lines = {};
    for (const name of records.rows) {
      const known = words[name === "forget" ? "forget_steps" : name] !== undefined;
      lines[name] = text(known ? name : `no ${name}`, words);
    }
    for (const carried of found.rules) {
      const row = carried.rule.tune ? "row tune" : "row type";
      lines[`rule ${carried.rule.id}`] = text(row, values(carried));
    }
    const { rule } = found.answer, row = values(found.answer);
    const nothing = found.normalised ? "normalised" : "unmeasured";
    const kind = !rule.id ? nothing : rule.tune ? "tune" : "type";
    const [before, after] = records.settings[asked.setting].typed;
    lines.answer = text(kind, {
      ...words, ...row,
      grows: records.grows[rule.grows],
      factor: three(asked.factor),
      typed: `${before}${kind === "type" ? row.value : row.values}${after}`,
    });
    return lines;
  };

  // The numbers, `found`, and the words, `lines`; or {wrong: name, lines: {answer}}.
  const answer = (records, asked) => answering(records, () => {
    const found = calculate(records, asked);
    return { found, lines: say(records, found, asked) };
  });

  // ---- The form ----------------------------------------------------------------------------------

  const start = (form) => {
    const records = JSON.parse(form.querySelector("script").textContent);
    const fields = form.elements;
    const rows = [...document.querySelectorAll("tr[id^=rule-]")];
    const texts = ["init", "setting", "optimiser", "grows"];
    const numbers = ["value", "lr", "momentum", "steps", "n_samples", "batch_size", "factor"];
    const marked = { batch: "batch_size", decay: "value" };
    const show = (name, shown) => { fields[name].closest(".press-field").hidden = !shown; };

    const refresh = () => {
      const setting = records.settings[fields.setting.value];
      const steps = setting.optimiser || fields.optimiser.value;
      show("network", !fields.preset.value);
      show("optimiser", !setting.optimiser);
      show("momentum", steps === "sgd");
      form.querySelector(".press-letter").textContent = setting.letter;
      const asked = { network: fields.preset.value || fields.network.value };
      for (const name of texts) asked[name] = fields[name].value;
      const state = new URLSearchParams({ ...asked });
      for (const name of numbers) {
        const text = fields[name].value.trim();
        state.set(name, text);
        asked[name] = decimal(text);
      }
      const { wrong, lines } = answer(records, asked);
      tell(form, lines.answer, wrong ? "wrong" : "value", marked[wrong] ?? wrong);
      for (const cell of form.querySelectorAll("[data-result]")) {
        cell.textContent = lines[cell.dataset.result] ?? "–";
      }
      for (const row of rows) {
        const text = lines[row.id.replace("-", " ")];
        row.hidden = text === undefined;
        row.cells[2].textContent = text ?? "";
      }
      form.querySelector(".press-unruled").hidden = rows.some((row) => !row.hidden);
      form.querySelector(".press-here").href = `?${state}#${form.id}`;
    };

    const names = ["network", ...texts, ...numbers];
    open(form, refresh, (key, text) => {
      if (key === "network" && Object.hasOwn(records.networks, text)) return "preset";
      return names.find((name) => name === key);
    });
  };

  window.l2scaleCalculate = answer;
  for (const form of document.querySelectorAll("form.press-calculate")) start(form);
})();
