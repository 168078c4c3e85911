"""What an exhibit hands to its figures, numbers and verdicts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pandas as pd

from l2scale.looks.numerals import listing

if TYPE_CHECKING:
    from l2scale.lab.sweeps.measurement import Measurement


def slug_of(module: str) -> str:
    """The exhibit that a module belongs to, by dotted name: its own, or that of its package."""
    _, inside, rest = module.partition(".exhibits.")
    return rest.partition(".")[0] if inside else module.rpartition(".")[2]


@dataclass(frozen=True, eq=False)
class Result:
    """The measurements of one exhibit, by name. No other result is equal to it.

    Attributes:
        slug: the exhibit's module name, which is also its chapter's file name.
        scale: "smoke", "book" or "full".
        measurements: at least one named measurement.
        own: values that a reader gave in place of the exhibit's, by measurement and setting; see
            `l2scale.exhibits.retrain`.

    Raises:
        ValueError: there is no measurement.
    """

    slug: str
    scale: str
    measurements: Mapping[str, "Measurement"]
    own: Mapping[str, Mapping[str, tuple[Any, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.measurements:
            raise ValueError(f"result of {self.slug!r} has no measurements: run at least one sweep")

    def __getitem__(self, name: str) -> "Measurement":
        """The measurement called `name`; a KeyError lists the names there are."""
        if name not in self.measurements:
            known = ", ".join(self.measurements)
            raise KeyError(
                f"no measurement {name!r} in the result of {self.slug!r}: it has {known}"
            )
        return self.measurements[name]

    def part(self, names: Iterable[str]) -> "Result":
        """The same result restricted to the measurements called `names`."""
        chosen = {name: self[name] for name in names}
        own = {name: axes for name, axes in self.own.items() if name in chosen}
        return replace(self, measurements=chosen, own=own)

    @property
    def own_values(self) -> str:
        """The values that a reader gave, in words; "" where there are none."""
        words = []
        for name, axes in self.own.items():
            listed = (f"{axis} = {listing([str(v) for v in axes[axis]])}" for axis in axes)
            words.append(f"{name}: {', '.join(listed)}")
        return "; ".join(words)

    @property
    def networks(self) -> int:
        """Networks measured, over all measurements."""
        return sum(measurement.networks for measurement in self.measurements.values())

    @property
    def trained(self) -> int:
        """Networks trained: those that took at least one step."""
        untrained = sum(measurement.untrained for measurement in self.measurements.values())
        return self.networks - untrained

    @property
    def seconds(self) -> float:
        """Wall-clock seconds of training, over all measurements."""
        return float(sum(measurement.seconds for measurement in self.measurements.values()))

    @property
    def machine(self) -> str:
        """What trained the networks, in words; all of them, where the measurements differ."""
        devices = {measurement.device for measurement in self.measurements.values()}
        return "; ".join(sorted(devices))

    @property
    def device(self) -> str:
        """The kind of device, "cpu" or "cuda"; both, joined, where the measurements differ."""
        words = (measurement.device.split()[0] for measurement in self.measurements.values())
        return " + ".join(sorted(set(words)))

    @property
    def seeds(self) -> int:
        """Distinct seeds among all runs."""
        tables = (measurement.table for measurement in self.measurements.values())
        return len({int(seed) for table in tables for seed in table["seed"].unique()})


def once(table: Callable[[Result], pd.DataFrame]) -> Callable[[Result], pd.DataFrame]:
    """Make a table of each result once, for all the figures, numbers and verdicts that read it.

    Each caller has its own copy. A table is kept as long as its result is.
    """
    made: WeakKeyDictionary[Result, pd.DataFrame] = WeakKeyDictionary()

    @wraps(table)
    def copied(result: Result) -> pd.DataFrame:
        if result not in made:
            made[result] = table(result)
        return made[result].copy()

    return copied
