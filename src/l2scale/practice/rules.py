"""The rules of the page *What to do*, one frozen record each, in ``rules.toml``."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

GROWS = {"width": "width", "depth": "depth", "samples": "data"}
"""What may grow, in words."""

HALF_AND_TWICE = ((0.5, 0.0), (2.0, 0.0))


@dataclass(frozen=True)
class Rule:
    """What to do with a strength where something grows.

    Attributes:
        id: lower-case words joined by hyphens, permanent.
        steps: key of `l2scale.practice.strengths.KINDS`.
        grows: key of GROWS.
        layers: the fewest and the most weight layers that it is for.
        when: its other conditions, in words.
        power: of the growth.
        over_layers: what is added to `power`, divided by the number of weight layers.
        tries: what is to be tried beside it, as factor and further power of the growth.
        tune: whether it only says where to look.
        loss: address of its cost by loss, as `l2scale.catalogue.cells` has it; "" for none.
        error: the same by error.
        figure: id of the figure that it is read from; "" for none.
    """

    id: str
    steps: str
    grows: str
    layers: tuple[int, int]
    when: str
    power: float = 0.0
    over_layers: float = 0.0
    tries: tuple[tuple[float, float], ...] = HALF_AND_TWICE
    tune: bool = False
    loss: str = ""
    error: str = ""
    figure: str = ""

    def carry(self, value: float, growth: float, layers: int) -> "Carried":
        """A setting that is proportional to the book's λ, for a network `growth` times as large."""
        found = value * growth ** (self.power + self.over_layers / layers)
        tries = tuple(found * times * growth**more for times, more in self.tries)
        return Carried(self, found, tries)


@dataclass(frozen=True)
class Carried:
    """A setting for the larger network.

    Attributes:
        rule: by which; that of UNMEASURED where none fits.
        value: of the setting.
        tries: values to try beside it.
    """

    rule: Rule
    value: float
    tries: tuple[float, ...]


def _load() -> tuple[Rule, ...]:
    text = (files(__package__) / "rules.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["rules"]
    pairs = [{**row, "layers": tuple(row["layers"])} for row in rows]
    return tuple(
        Rule(**row | {"tries": tuple(map(tuple, row.get("tries", HALF_AND_TWICE)))})
        for row in pairs
    )


RULES = _load()
"""Every rule, in the order in which the first one that fits is the answer."""

UNMEASURED = {
    "width": Rule("", "", "width", (1, 1), "", tries=((2.0, 0.0), (4.0, 0.0))),
    "depth": Rule("", "", "depth", (1, 1), "", tries=((0.5, 0.0), (0.25, 0.0))),
    "samples": Rule("", "", "samples", (1, 1), "", tries=((0.5, 0.0), (0.25, 0.0))),
}
"""Where to look where no rule was measured, by what grows."""
