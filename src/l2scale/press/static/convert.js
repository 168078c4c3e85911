// The form that converts a strength. It does what l2scale/practice/convert.py does, with the
// records of settings.toml that the page carries: powers are added, and nothing else is known here.
"use strict";

(() => {
  // ---- Monomials: a coefficient times powers of quantities ----------------------------------

  const times = (one, other, power = 1) => {
    const powers = { ...one.powers };
    for (const [name, own] of Object.entries(other.powers)) {
      powers[name] = (powers[name] ?? 0) + power * own;
      if (!powers[name]) delete powers[name];
    }
    return { coefficient: one.coefficient * other.coefficient ** power, powers };
  };

  const without = (one, name) => {
    const { [name]: _, ...powers } = one.powers;
    return { coefficient: one.coefficient, powers };
  };

  // Whether a number has all its digits: it is no 0, not infinite and not NaN.
  const held = (number) => Math.abs(number) >= 2 ** -1022 && Number.isFinite(number);

  // NaN where no number holds it, or what is on the way to it.
  const evaluate = ({ coefficient, powers }, known) =>
    Object.keys(powers).sort().reduce((product, name) => {
      const next = product * known[name] ** powers[name];
      return held(next) ? next : NaN;
    }, coefficient);

  const quantity = (name) => ({ coefficient: 1, powers: { [name]: 1 } });
  const number = (coefficient) => ({ coefficient, powers: {} });
  const strength = (setting) => times(setting.penalty, setting.loss, -1);

  // ---- The rule ------------------------------------------------------------------------------

  // What two settings have to do with each other, before any number is known.
  const relate = (records, from, to, { optimiser, to_lr } = {}) => {
    const source = records.settings[from], target = records.settings[to];
    const named = [source.optimiser, target.optimiser].filter(Boolean);
    const said = named.length ? named : [optimiser].filter(Boolean);
    const steps = said.find((name) => name !== "sgd") ?? said[0] ?? "";
    const crossing = source.where !== target.where;
    const changes = Boolean(source.optimiser && target.optimiser)
      && source.optimiser !== target.optimiser;
    const eta = times(quantity("lr"), source.loss);
    let wanted = strength(source), rest = without(strength(target), "value");
    if (crossing && target.where === "weights") {
      wanted = times(times(wanted, eta), number(2));
      if (rest.powers.lr) rest = times(without(rest, "lr"), eta);
    } else if (crossing) {
      wanted = times(times(wanted, eta, -1), number(2), -1);
    } else if (source.where === "weights" && (changes || to_lr !== undefined) && rest.powers.lr) {
      rest = times(without(rest, "lr"), quantity("to_lr"));
    }
    const rate = times(eta, target.loss, -1);
    return {
      source, target, named, steps, crossing, changes,
      ratio: times(wanted, rest, -1),
      rate,
      // The same steps on a loss of another factor take another learning rate, under SGD.
      rescaled: changes ? [] : Object.keys(without(rate, "lr").powers),
    };
  };

  const wrong = (given) => Object.keys(given).find((name) => name !== "optimiser"
    && (!Number.isFinite(given[name])
      || (name === "momentum" ? given[name] < 0 || given[name] >= 1
        : name !== "value" && given[name] <= 0)));

  // What an answer has to add, in its order.
  const caveats = ({ source, target, ratio }, given) => {
    const rates = ["lr", "to_lr"].filter((name) => name in ratio.powers);
    const shares = [source, target].every(
      (one) => one.where === "weights" && "lr" in strength(one).powers);
    const taken = (one, other) => Object.keys(one.decayed)
      .filter((part) => one.decayed[part] && other.decayed[part] === false).join(" and ");
    const found = {
      "same rate": shares && !rates.length && given.lr === undefined,
      "one rate": rates.length === 1,
      tensor: "n_weights" in ratio.powers,
      [`source ${taken(source, target)}`]: taken(source, target) !== "",
      [`target ${taken(target, source)}`]: taken(target, source) !== "",
    };
    return Object.keys(found).filter((name) => found[name]);
  };

  // {value, kept, strength, lr, caveats}, {none, nearest}, {missing: names}, {wrong: name}, or
  // {beyond: true} where no number holds the answer, as convert().
  // `given` has numbers by name of the quantity, momentum, and optimiser.
  const convert = (records, value, from, to, given) => {
    const fault = wrong({ value, ...given });
    if (fault) return { wrong: fault };
    const pair = relate(records, from, to, given);
    const { source, target, named, steps, crossing, changes, ratio, rate, rescaled } = pair;
    if (given.to_lr !== undefined && (crossing || source.where !== "weights")) {
      return { wrong: "to_lr" };
    }
    if (given.optimiser && named.some((name) => name !== given.optimiser)) {
      return { wrong: "optimiser" };
    }
    if (source.fits && target.fits && source.fits !== target.fits) {
      return { none: records.reasons.fits, nearest: null };
    }
    const power = strength(target).powers.value;
    if (value === 0) {
      if (strength(source).powers.value < 0) return { wrong: "value" };
      if (power < 0) return { none: records.reasons.none, nearest: null };
      return { value: 0, kept: "nothing", strength: 0, lr: null, caveats: [] };
    }
    const known = { value, ...given };
    if (crossing) {
      if (!["", "sgd"].includes(steps)) return { none: records.reasons[steps], nearest: null };
      const missing = ["optimiser", "momentum"].filter(
        (name) => known[name] === undefined && !(name === "optimiser" && steps));
      if (missing.length) return { missing };
    }
    const rated = given.lr !== undefined && rescaled.length > 0;
    const moves = rated && steps === "sgd";
    const needed = {
      ...(rated && !steps ? { optimiser: 1 } : {}), ...ratio.powers, ...(moves ? rate.powers : {}),
    };
    const missing = Object.keys(needed).filter((name) => known[name] === undefined);
    if (missing.length) return { missing };
    if (strength(source).coefficient * value < 0) {
      return { none: records.reasons.grows, nearest: null };
    }
    const found = evaluate(ratio, known) ** power;
    if (!held(found)) return { beyond: true };
    if (crossing && known.momentum) {
      const late = source.where === "weights" ? 1 - known.momentum : 1 / (1 - known.momentum);
      const nearest = found * late ** power;
      if (!held(nearest)) return { beyond: true };
      return { none: `${records.reasons.momentum}${brief(nearest)}.`, nearest };
    }
    const own = { ...known, value: found };
    if (given.to_lr !== undefined) own.lr = given.to_lr;
    else if (moves) own.lr = evaluate(rate, known);
    const whole = Object.keys(strength(target).powers).every((name) => own[name] !== undefined);
    const amount = whole ? evaluate(strength(target), own) : null;
    if ([amount, moves ? own.lr : null].some((one) => one !== null && !held(one))) {
      return { beyond: true };
    }
    const elsewhere = (changes && given.to_lr === undefined) || steps === "solver";
    return {
      value: found,
      kept: crossing ? "both" : source.where,
      strength: amount,
      lr: elsewhere ? null : own.lr ?? null,
      caveats: caveats(pair, given),
    };
  };

  // What the pair has to be told, by name; true where the answer can do without.
  const asked = (records, from, to, given) => {
    const found = {};
    const { source, target, named, steps, crossing, ratio, rescaled } =
      relate(records, from, to, given);
    if (source.fits && target.fits && source.fits !== target.fits) return found;
    if (crossing) {
      if (!named.length) found.optimiser = false;
      if (!["", "sgd"].includes(steps)) return found;
      found.momentum = false;
    }
    for (const name of Object.keys(ratio.powers)) if (name !== "value") found[name] = false;
    // Two decays need not have one rate.
    const shares = !crossing && source.where === "weights" && strength(target).powers.lr;
    if (shares) found.to_lr ??= true;
    if (rescaled.length && (["", "sgd"].includes(steps) || !named.length)) {
      found.lr ??= true;
      if (given.lr !== undefined && !named.length) found.optimiser = false;
      if (steps === "sgd" && (!found.lr || given.lr !== undefined)) {
        for (const name of rescaled) found[name] ??= false;
      }
    }
    return found;
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
    const fill = (text) => text.replace(/\{(\w+)\}/g, (_, name) => words[name]);
    return said.map((name) => fill(records.sentences[name])).join(" ");
  };

  // ---- The form ----------------------------------------------------------------------------------

  const start = (form) => {
    const records = JSON.parse(form.querySelector("script").textContent);
    const fields = form.elements;
    const inputs = [...form.querySelectorAll("[data-asked]")];
    const said = form.querySelector("output"), link = form.querySelector(".press-here");

    // As a reader writes numbers, and the command reads them: no 0x10, and "" is none.
    const decimal = (text) =>
      /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;

    const read = () => {
      const filled = {};
      for (const { dataset: { asked: name } } of inputs) {
        const text = fields[name].value.trim();
        if (text) filled[name] = name === "optimiser" ? text : decimal(text);
      }
      const needs = asked(records, fields.from.value, fields.to.value, filled);
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
      for (const field of form.querySelectorAll("input")) {
        field.setAttribute("aria-invalid", String(field.name === found.wrong));
      }
      const kind = ["wrong", "beyond", "missing", "none"].find((key) => found[key]) ?? "value";
      const text = words(found, value, given);
      said.dataset.found = kind;
      if (said.textContent !== text) said.textContent = text;
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
      if (found.lr) fields.lr.value = exact(found.lr);
      [fields.from.value, fields.to.value] = [fields.to.value, fields.from.value];
      refresh();
    };

    for (const [key, text] of new URLSearchParams(location.search)) {
      const field = fields.namedItem(key);
      if (!field) continue;
      if (field.options && ![...field.options].some((option) => option.value === text)) continue;
      field.value = text;
    }
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", refresh);
    form.querySelector(".press-swap").addEventListener("click", swap);
    document.querySelector(".press-scriptless").hidden = true;
    form.hidden = false;
    refresh();
    // The form was not there yet when the browser looked for the anchor.
    if (location.hash === `#${form.id}`) form.scrollIntoView();
  };

  window.l2scaleConvert = convert;
  window.l2scaleAnswer = answer;
  for (const form of document.querySelectorAll("form.press-convert")) start(form);
})();
