"""Networks on the line: the least cost found at each width, beside the limit without one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from l2scale.exhibits.width_limit.sweeps import LINE, SETTINGS
from l2scale.lab.sweeps.measurement import Measurement, gathered, observe
from l2scale.lab.training.batches import split_of
from l2scale.lab.training.starts import minimise_from, spread_start
from l2scale.theory.lines import cheapest_network, half_squares, through
from l2scale.theory.variation import Fit, limit

REACH = 1.0  # bends start anywhere between the data's ends
GRID = np.round(np.linspace(-1.15, 1.15, 116), 3)
VANISHING = 1e-7  # a strength that stands for lambda to 0


def observe_lines(scale: str) -> Measurement:
    """The measurement "line": per seed the limit, and the best network of several starts by width.

    Columns: seed; width; `kind`, which is "trained", "built" (the limit written as a network) or
    "limit"; `cost`, `bound` and `excess`, the cost over the limit's less 1; `squares`, the sum of
    squares; `integral`, R of the function computed, from its bends; `curve_...`, its values.
    """
    at = SETTINGS[scale]
    seeds = range(at["line_seeds"])

    def look() -> pd.DataFrame:
        return gathered(one_data_set, [(seed, at) for seed in seeds])

    networks = len(seeds) * at["line_starts"] * len(at["line_widths"])
    varied = {"width": [*at["line_widths"]], "steps": at["line_steps"], "seed": [*seeds]}
    settings = {k: v for k, v in LINE.columns.items() if k != "hidden"} | varied
    return observe("line", look, networks, **settings | {"starts": at["line_starts"]})


def one_data_set(seed: int, at: dict[str, Any]) -> list[dict[str, Any]]:
    """The limit for one seed's data, its network, and what training finds width by width."""
    run = replace(LINE, seed=seed, steps=at["line_steps"])
    data = split_of(run)
    x, targets = data.x_train[:, 0], data.y_train[:, 0]
    fit = limit(x, targets, run.lam)
    spline, gentle = through(x, targets), limit(x, targets, VANISHING)
    built = cheapest_network(fit.line)
    shared = {"seed": seed, "lam": run.lam, "limit": fit.cost, "bound": fit.bound}
    squares = {"spline_squares": 2 * spline.half_squares}
    squares |= {
        "gentle_squares": 2 * gentle.line.half_squares,
        "squares": 2 * fit.line.half_squares,
    }
    alone = {"width": 0, "cost": fit.cost, "integral": fit.line.half_squares}
    still = replace(run, steps=0, hidden=(len(built[0]),))
    rows = [
        shared | {"kind": "limit"} | alone | squares | curve(fit.line(GRID)),
        shared | {"kind": "built"} | measured(fit, *minimise_from(still, built)),
    ]
    for width in at["line_widths"]:
        wide = replace(run, hidden=(width,))
        ends = [minimise_from(wide, spread_start(wide, k, REACH)) for k in range(at["line_starts"])]
        costs = [end["cost"] for _, (end,) in ends]
        median = {"kind": "trained", "median_excess": float(np.median(costs)) / fit.cost - 1}
        rows.append(shared | median | measured(fit, *ends[int(np.argmin(costs))]))
    return rows


def measured(fit: Fit, weights: list[np.ndarray], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A network's cost, sum of squares, bends and curve."""
    hidden, out = weights
    values = np.maximum(hidden @ [GRID, np.ones_like(GRID)], 0)
    return {
        "width": len(hidden),
        "cost": rows[-1]["cost"],
        "excess": rows[-1]["cost"] / fit.cost - 1,
        "squares": rows[-1]["sq_norm_1"] + rows[-1]["sq_norm_2"],
        "integral": half_squares((hidden, out)),
    } | curve(out[0, :-1] @ values + out[0, -1])


def curve(values: np.ndarray) -> dict[str, float]:
    """The values on GRID as columns."""
    return {f"curve_{i}": float(value) for i, value in enumerate(values)}
