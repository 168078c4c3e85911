"""What a diagnosis holds, and its three forms: plain text, HTML and JSON."""

import html
import json
import math
import textwrap
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from l2scale.looks import style
from l2scale.looks.numerals import plain
from l2scale.practice.plot import draw

SHOWN = {
    "name": "tensor", "shape": "shape", "value": "value", "value_share": "share",
    "value_over_expected": "of start", "force_ratio": "penalty/data", "balance": "balance",
    "forget_steps": "steps to forget",
}  # fmt: skip
"""Columns of the printed table, and how they are headed there."""

COLUMNS = 80
"""Characters of a line of printed text."""


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What a penalty does to a model now.

    Attributes:
        table: one row per penalised tensor. `name`, `kind`, `shape`, `n_weights`; `mean_square`,
            `sum_of_squares`; `coefficient` c; `value` lam c ||W||^2 and its `value_share`;
            `expected_value` at the start and `value_over_expected`; `layer_balance`, c ||W||^2
            over its geometric mean; `force` ||2 lam c W||, `data_force` ||g|| and their
            `force_ratio`; `balance` -<g, W> / (2 lam c ||W||^2), 1 at a stationary point;
            `unbalanced`, length of both forces' sum over the larger one, 0 there; `cosine` between
            the data's pull -g and decay, -1 where they oppose each other; `scale_free`: the loss
            stays if the tensor is scaled; `forget_steps` 1/(2 lr lam c).
        totals: the same of all tensors together, with `data_loss`, `cost`, `value_share` of the
            cost (nan beside a negative loss), `start_scatter`, the standard deviation of
            `value_over_expected` at a Gaussian start, and `effective_lambda`
            lam (c_1 ... c_L)^(1/L). What was not measured is nan.
        settings: `lam`, `penalty`, `lr` and `start`.
        verdict: two or three sentences that say no more than these numbers.
    """

    table: pd.DataFrame
    totals: dict[str, float]
    settings: dict[str, object]
    verdict: str

    def figure(self, mode: str = "light") -> Figure:
        """Share of the value and ratio of forces, tensor by tensor, for a light or a dark page."""
        with style.theme(mode):
            return draw(self.table)

    def to_json(self) -> str:
        """All of it as JSON; what is not a finite number is null there."""
        rows = [
            {name: _finite(value) for name, value in row.items()}
            for row in self.table.astype(object).to_dict("records")
        ]
        totals = {name: _finite(value) for name, value in self.totals.items()}
        held = {"settings": self.settings, "totals": totals, "table": rows}
        return json.dumps(held | {"verdict": self.verdict}, indent=2, allow_nan=False)

    def __str__(self) -> str:
        """The verdict, the sums and the table, for a terminal."""
        said = textwrap.fill(self.verdict, COLUMNS)
        return f"{said}\n\n{self._sums()}\n\n{self.summary().to_string(index=False)}"

    def _repr_html_(self) -> str:
        table = self.summary().to_html(index=False, border=0)
        return f"<p>{html.escape(self.verdict)}</p><p>{html.escape(self._sums())}</p>{table}"

    def _sums(self) -> str:
        t = self.totals
        words = [f"data loss {number(t['data_loss'])}", f"penalty {number(t['value'])}"]
        words += [f"cost {number(t['cost'])}", f"penalty/data force {number(t['force_ratio'])}"]
        return "; ".join(words) + f"; λ {self.settings['lam']:g} ({self.settings['penalty']})"

    def summary(self) -> pd.DataFrame:
        """The columns of the table that matter most, with numbers as a reader writes them."""
        rows = self.table[list(SHOWN)].rename(columns=SHOWN)
        numeric = rows.columns.difference(["tensor", "shape"], sort=False)
        return rows.assign(**{name: rows[name].map(number) for name in numeric})


def number(value: float) -> str:
    """A number as a reader writes it: 353,000; 50.3; 0.0012; a dash for what is unknown."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "never"
    return plain(value)


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
