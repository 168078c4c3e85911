"""What each protocol chooses on held-out data, and the test error that it ends at, split by split.

Networks lie in arrays of shape ``(S, K, T)``: splits, strengths (0 first), looks. A protocol that
searches has a *candidate* for each strength: how good it looks, as a rank, and what it is on test
data.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.early_stopping.sweeps import ALL_HELD_OUT
from l2scale.exhibits.shared import balancing_lambda
from l2scale.lab.estimates.search import chances, expected

SEARCHES = ("lambda", "joint", "reused")


@dataclass(frozen=True, eq=False)
class Cell:
    """The networks of one number of samples and share of wrong labels.

    Attributes:
        rows: one a split, strength and look, in this order.
        lams: the strengths, ``(K,)``, 0 first.
        steps: the looks, ``(T,)``.
    """

    rows: pd.DataFrame
    lams: np.ndarray
    steps: np.ndarray

    def array(self, column: str) -> np.ndarray:
        """A column as ``(S, K, T)``."""
        shape = (-1, len(self.lams), len(self.steps))
        return self.rows[column].to_numpy(dtype=np.float64).reshape(shape)

    def ranks(self, criterion: str, held_out: int) -> np.ndarray:
        """How good each network looks on so many held-out samples, 0 the best of its split.

        Of equal errors the loss decides. A network that diverged comes last.
        """
        end = "" if held_out == ALL_HELD_OUT else f"_{held_out}"
        first, then = (self.array(f"val_{name}{end}") for name in (criterion, "loss"))
        shape = (len(first), -1)
        keys = [np.nan_to_num(each, nan=np.inf).reshape(shape) for each in (then, first)]
        order = np.lexsort(keys, axis=1)
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.arange(order.shape[1])[np.newaxis], axis=1)
        return ranks.reshape(first.shape)


def cells(result: Result) -> dict[tuple[int, float], Cell]:
    """The networks by number of samples and share of wrong labels."""
    rows = result["trained"].table.sort_values(["seed", "lam", "step"])
    return {
        (int(n), float(noise)): Cell(part, np.unique(part["lam"]), np.unique(part["step"]))
        for (n, noise), part in rows.groupby(["n_train", "label_noise"], sort=False)
    }


@dataclass(frozen=True, eq=False)
class Choice:
    """What the protocols choose in one cell by one criterion, from so many held-out samples."""

    cell: Cell
    criterion: str = "error"
    held_out: int = ALL_HELD_OUT

    def reached(self, protocol: str, trained: int | None = None) -> np.ndarray:
        """What a protocol ends at on test data, one number a split, ``(S,)``.

        Args:
            protocol: "none": no penalty, full length; "stop": no penalty, the best look; "trick":
                full length at the strength that `estimates` says; "lambda": the best strength at
                full length; "joint": the best strength and look; "reused": that strength at full
                length; "best": the strength and look that are best over all splits together.
            trained: how many strengths a search draws from the grid, whose expectation this is; by
                default it tries all.
        """
        test = self.cell.array(f"test_{self.criterion}")
        if protocol in (*SEARCHES, "late"):
            seen, found = self.candidates(protocol)
            return expected(chances(seen, trained or seen.shape[1]), found)
        splits = np.arange(len(test))
        if protocol == "none":
            return test[:, 0, -1]
        if protocol == "stop":
            return test[splits, 0, self.stops()]
        if protocol == "trick":
            return test[splits, self.nearest(self.estimates()), -1]
        if protocol == "best":
            mean = self.cell.array(f"val_{self.criterion}").mean(axis=0)
            k, t = np.unravel_index(np.argmin(mean.round(7)), mean.shape)
            return test[:, k, t]
        raise ValueError(f"unknown protocol {protocol!r}: choose one of {', '.join(PROTOCOLS)}")

    def candidates(self, protocol: str) -> tuple[np.ndarray, np.ndarray]:
        """For each strength its rank as the protocol sees it, and what it ends at: ``(S, K)``."""
        ranks = self.cell.ranks(self.criterion, self.held_out)
        test = self.cell.array(f"test_{self.criterion}")
        if protocol == "lambda":
            return ranks[:, :, -1], test[:, :, -1]
        if protocol == "late":
            late = self.cell.steps >= self.cell.steps[-1] / 2
            ranks, test = ranks[:, :, late], test[:, :, late]
        at = ranks.argmin(axis=2)[:, :, np.newaxis]
        stopped = np.take_along_axis(test, at, axis=2)[:, :, 0]
        return ranks.min(axis=2), test[:, :, -1] if protocol == "reused" else stopped

    def stops(self) -> np.ndarray:
        """The look that is chosen without a penalty, ``(S,)``."""
        found: np.ndarray = self.cell.ranks(self.criterion, self.held_out)[:, 0].argmin(axis=1)
        return found

    def strengths(self, protocol: str) -> np.ndarray:
        """The strength that a search over all of them chooses, ``(S,)``."""
        chosen: np.ndarray = self.cell.lams[self.candidates(protocol)[0].argmin(axis=1)]
        return chosen

    def estimates(self) -> np.ndarray:
        """Roegnvaldsson's estimate from the training without a penalty at its stop, ``(S,)``."""
        at, rows = self.stops(), self.cell.rows.assign(balance=balancing_lambda(self.cell.rows))
        found = replace(self.cell, rows=rows).array("balance")[np.arange(len(at)), 0, at]
        return found

    def nearest(self, lams: np.ndarray) -> np.ndarray:
        """The place of the strength above 0 that is nearest on a logarithmic scale, ``(S,)``."""
        grid = np.log(self.cell.lams[1:])
        found: np.ndarray = 1 + np.abs(np.log(lams)[:, np.newaxis] - grid).argmin(axis=1)
        return found


PROTOCOLS = ("none", "stop", "trick", *SEARCHES, "late", "best")


def trainings(protocol: str, drawn: int) -> int:
    """Full trainings that a protocol spends; a strength that is used again is trained again."""
    once = {"none": 1, "stop": 1, "trick": 2, "lambda": drawn, "joint": drawn}
    return once.get(protocol, drawn + 1)
