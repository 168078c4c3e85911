"""Networks as the calculator takes them: shapes of weights, typed or of a known network."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from l2scale.theory.initialisation import variance

INITS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {name: (name, 1.0) for name in ("glorot", "he", "lecun", "pytorch", "normal")}
    | {"gpt2": ("normal", 0.02)}
)
"""Initialisations by id: a name of `l2scale.theory.initialisation.INITS`, and a factor on it."""

INIT_WORDS = {
    "glorot": "Glorot (Keras)",
    "he": "He",
    "lecun": "LeCun",
    "pytorch": "PyTorch’s Linear",
    "normal": "normal, 1",
    "gpt2": "normal, 0.02 (GPT-2)",
}
"""The same in words."""

LARGEST = 10**9
"""Units that a layer may have."""

_CHAIN = re.compile(r"\s*\d{1,10}(\s*-\s*\d{1,10})+\s*", re.ASCII)


@dataclass(frozen=True)
class Network:
    """The weights of a network, biases and normalisation left out.

    Attributes:
        tensors: per kind of tensor how many there are, its outputs, its inputs and its kernel.
        classes: that are told apart; 2 for one output.
        normalised: whether there are normalisation layers.
        id: of a known network; "" for a typed one.
        name: its name, for people.
        source: the address that has its shapes.
    """

    tensors: tuple[tuple[int, int, int, int], ...]
    classes: int
    normalised: bool = False
    id: str = ""
    name: str = ""
    source: str = ""

    @property
    def weights(self) -> int:
        """How many there are, P."""
        return sum(many * out * into * k * k for many, out, into, k in self.tensors)

    @property
    def depth(self) -> int:
        """Tensors of weights: of a chain of layers L."""
        return sum(many for many, *_ in self.tensors)

    def squares(self, init: str) -> float:
        """The expected sum of squares of all weights before training; `init` is a key of INITS."""
        named, scale = INITS[init]
        return sum(
            many * out * into * k * k * variance(named, into * k * k, out * k * k, scale)
            for many, out, into, k in self.tensors
        )


def chain(text: str) -> Network | None:
    """The network of layers typed as 784-1024-10; None for what is no such text."""
    if not _CHAIN.fullmatch(text):
        return None
    units = [int(part) for part in text.split("-")]
    if not all(1 <= each <= LARGEST for each in units):
        return None
    tensors = tuple((1, out, into, 1) for into, out in pairwise(units))
    return Network(tensors, classes=max(units[-1], 2))


def _known(row: Mapping[str, Any]) -> Network:
    about = {name: row[name] for name in ("id", "name", "source")}
    if "chain" in row:
        found = chain(row["chain"])
        if found is None:
            raise ValueError(f"{row['chain']!r} of network {row['id']!r} is no chain of layers")
        return Network(found.tensors, found.classes, **about)
    tensors = tuple(map(tuple, row["tensors"]))
    return Network(tensors, row["classes"], row["normalised"], **about)


def _load() -> dict[str, Network]:
    text = (files(__package__) / "networks.toml").read_text(encoding="utf-8")
    return {row["id"]: _known(row) for row in tomllib.loads(text)["networks"]}


NETWORKS: Mapping[str, Network] = MappingProxyType(_load())
"""Known networks by id."""
