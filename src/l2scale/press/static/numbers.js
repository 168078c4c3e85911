// What the forms that reckon share: numbers as readers type them, and powers of them.
"use strict";

window.l2scaleNumbers = (() => {
  // Whether a number has all its digits: it is no 0, not infinite and not NaN.
  const held = (number) => Math.abs(number) >= 2 ** -1022 && Number.isFinite(number);

  // A coefficient times powers; NaN where no number holds it, or what is on the way to it.
  const evaluate = ({ coefficient, powers }, known) =>
    Object.keys(powers).sort().reduce((product, name) => {
      const next = product * known[name] ** powers[name];
      return held(next) ? next : NaN;
    }, coefficient);

  // As a reader writes numbers, and the command reads them: no 0x10, and "" is none.
  const decimal = (text) =>
    /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;

  // Three digits, as number() of calculated.py has them.
  const three = (found) => {
    const rounded = Number(found.toPrecision(3));
    if (Math.abs(rounded) >= 1e-4 && Math.abs(rounded) < 1e15) {
      return rounded.toLocaleString("en-US", { maximumFractionDigits: 7 });
    }
    const [digits, exponent] = rounded.toExponential().split("e");
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  };

  const plain = (found) => three(found).replaceAll(",", "");

  return { held, evaluate, decimal, three, plain };
})();
