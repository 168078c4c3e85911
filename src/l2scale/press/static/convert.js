// The form that converts a strength. It evaluates what records() of l2scale/practice/answers.py has
// for the pair: which relation holds, what that asks for, and powers of what is given.
"use strict";

(() => {
  const { held, evaluate, decimal } = l2scaleNumbers;
  const { fill, tell, open } = l2scaleForms;

  const kind = (records, id) => records.settings[id].kind;

  // The relation of a pair by what is given, or the name of what does not belong there.
  const find = (records, from, to, given) => {
    const pair = records.pairs[kind(records, from)][kind(records, to)];
    const [first, ...places] = records.tables[pair], keys = records.keys[first];
    const rates = ["lr", "to_lr"].filter((name) => given[name] !== undefined);
    if (rates.includes("to_lr") && !keys.includes("to_lr")) return { wrong: "to_lr" };
    const at = keys.indexOf([given.optimiser, ...rates].filter(Boolean).join(" "));
    if (at < 0) return { wrong: "optimiser" };
    const row = records.relations[places[at]];
    return Object.fromEntries(records.columns.map((name, i) => [name, records.parts[row[i]]]));
  };

  const wrong = (given) => Object.keys(given).find((name) => name !== "optimiser"
    && (!Number.isFinite(given[name])
      || (name === "momentum" ? given[name] < 0 || given[name] >= 1
        : name !== "value" && given[name] <= 0)));

  // {value, kept, strength, lr, caveats}, {none, nearest}, {missing: names}, {wrong: name}, or
  // {beyond: true} where no number holds the answer, as convert().
  // `given` has numbers by name of the quantity, momentum, and optimiser.
  const convert = (records, value, from, to, given) => {
    const known = { value, ...given };
    const fault = wrong(known);
    if (fault) return { wrong: fault };
    const pair = find(records, from, to, given);
    if (pair.wrong) return pair;
    const why = value === 0 ? pair.zero : pair.none;
    if (why === "value") return { wrong: why };
    if (why) return { none: records.reasons[why], nearest: null };
    if (value === 0) return { value: 0, kept: "nothing", strength: 0, lr: null, caveats: [] };
    for (const names of pair.asks) {
      const missing = names.filter((name) => known[name] === undefined);
      if (missing.length) return { missing };
    }
    const [source, target] = [from, to].map((id) => records.strengths[kind(records, id)]);
    if (source.coefficient * value < 0) return { none: records.reasons.grows, nearest: null };
    const found = evaluate(pair.ratio, known) ** target.powers.value;
    if (!held(found)) return { beyond: true };
    if (pair.late && known.momentum) {
      const nearest = found * (1 - known.momentum) ** pair.late;
      if (!held(nearest)) return { beyond: true };
      return { none: `${records.reasons.momentum}${brief(nearest)}.`, nearest };
    }
    const own = { ...known, value: found };
    const moved = given.to_lr === undefined && pair.rate;
    const rate = moved ? evaluate(pair.rate, known) : given.to_lr ?? given.lr;
    if (Number.isNaN(rate)) return { beyond: true };
    if (rate !== undefined && !("lr0" in target.powers)) own.lr = rate;
    const whole = Object.keys(target.powers).every((name) => own[name] !== undefined);
    const amount = whole ? evaluate(target, own) : null;
    if (whole && !held(amount)) return { beyond: true };
    const unlike = records.unlike[records.settings[from].decayed][records.settings[to].decayed];
    const caveats = [...pair.caveats, ...unlike];
    const lr = pair.has_rate ? rate ?? null : null;
    return { value: found, kept: pair.kept, strength: amount, lr, caveats };
  };

  // ---- Words -----------------------------------------------------------------------------------

  // Six digits, as Python's format .6g has them.
  const brief = (number) => {
    const [digits, exponent] = (number + 0).toExponential(5).split("e");
    const bare = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
    if (exponent >= -4 && exponent < 6) return bare(number.toFixed(5 - exponent));
    const places = String(Math.abs(exponent)).padStart(2, "0");
    return `${bare(digits)}e${exponent < 0 ? "-" : "+"}${places}`;
  };

  // The answer in sentences, as l2scale/practice/answers.py has it; `found` is from convert().
  const answer = (records, found, from, to, given) => {
    const source = records.settings[from], target = records.settings[to];
    const said = ["found", found.kept];
    if (found.strength !== null) said.push(target.where === "objective" ? "lambda" : "share");
    const moved = given.lr !== undefined && found.lr !== null;
    if (moved && brief(found.lr) !== brief(given.lr)) said.push("lr");
    const words = { letter: target.letter, value: brief(found.value) };
    Object.assign(words, { source: source.api, target: target.api });
    if (found.strength !== null) words.strength = brief(found.strength);
    if (found.lr !== null) words.lr = brief(found.lr);
    said.push(...found.caveats);
    return said.map((name) => fill(records.sentences[name], words)).join(" ");
  };

  // ---- The form ----------------------------------------------------------------------------------

  const start = (form) => {
    const records = JSON.parse(form.querySelector("script").textContent);
    const fields = form.elements;
    const inputs = [...form.querySelectorAll("[data-asked]")];
    const link = form.querySelector(".press-here");

    // What the pair has to be told, by name; true where the answer can do without. What is filled
    // in and hidden may belong to another pair.
    const asked = (filled) => {
      const pair = find(records, fields.from.value, fields.to.value, filled);
      return pair.wrong ? asked({ ...filled, [pair.wrong]: undefined }) : pair.fields;
    };

    const read = () => {
      const filled = {};
      for (const { dataset: { asked: name } } of inputs) {
        const text = fields[name].value.trim();
        if (text) filled[name] = name === "optimiser" ? text : decimal(text);
      }
      const needs = asked(filled);
      const given = Object.fromEntries(
        Object.entries(filled).filter(([name]) => name in needs));
      const value = fields.value.value.trim();
      return { value: decimal(value), needs, given };
    };

    const name = (key) => form.querySelector(`label[for="convert-${key}"]`).firstChild.data.trim();

    const bounds = { value: "a finite number, such as 0.01", momentum: "at least 0 and below 1" };

    const words = (found, value, given) => {
      if (found.wrong === "value" && value === 0) {
        return "The value cannot be 0 here: the penalty is its inverse.";
      }
      if (found.wrong) {
        return `${name(found.wrong)} has to be ${bounds[found.wrong] ?? "a finite number above 0"}.`;
      }
      if (found.beyond) {
        return "The answer is beyond what a number holds here: give numbers nearer to 1.";
      }
      if (found.missing) {
        return `Still to be given: ${found.missing.map(name).join(", ").toLowerCase()}.`;
      }
      return found.none ?? answer(records, found, fields.from.value, fields.to.value, given);
    };

    const refresh = () => {
      const { value, needs, given } = read();
      for (const input of inputs) {
        input.hidden = !(input.dataset.asked in needs);
        const optional = input.querySelector(".press-optional");
        if (optional) optional.hidden = !needs[input.dataset.asked];
      }
      form.querySelector(".press-asked").hidden = !Object.keys(needs).length;
      form.querySelector(".press-letter").textContent =
        records.settings[fields.from.value].letter;
      const found = convert(records, value, fields.from.value, fields.to.value, given);
      const kind = ["wrong", "beyond", "missing", "none"].find((key) => found[key]) ?? "value";
      tell(form, words(found, value, given), kind, found.wrong);
      const chosen = { from: fields.from.value, to: fields.to.value };
      const state = new URLSearchParams({ value: fields.value.value, ...chosen, ...given });
      link.href = `?${state}#${form.id}`;
      return { found, given };
    };

    const swap = () => {
      const { found, given } = refresh();
      const exact = (number) => String(Number(number.toPrecision(12)));
      if (found.value !== undefined) fields.value.value = exact(found.value);
      if (given.to_lr !== undefined) fields.to_lr.value = fields.lr.value;
      if (found.lr) {
        // The schedule stays: both rates by the same factor.
        if (given.lr0) fields.lr0.value = exact(given.lr0 * (found.lr / given.lr));
        fields.lr.value = exact(found.lr);
      }
      [fields.from.value, fields.to.value] = [fields.to.value, fields.from.value];
      refresh();
    };

    form.querySelector(".press-swap").addEventListener("click", swap);
    open(form, refresh, (key) => key);
  };

  window.l2scaleConvert = convert;
  window.l2scaleAnswer = answer;
  for (const form of document.querySelectorAll("form.press-convert")) start(form);
})();
