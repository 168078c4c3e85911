"""Batches of inputs and targets, and what else a reader may give for them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

Data = tuple[Tensor, Tensor] | Iterable[tuple[Tensor, Tensor]]
"""One pair of inputs and targets, or batches of them, such as a DataLoader gives."""


def batches(data: Data) -> Iterator[tuple[Tensor, Tensor]]:
    """The pairs of inputs and targets in the data.

    Raises:
        ValueError: for what is no batch; the message says what it is, and the way out.
    """
    is_one = isinstance(data, tuple | list) and len(data) == 2 and torch.is_tensor(data[0])
    try:
        several: Iterator[Any] = iter((data,) if is_one else data)
    except TypeError as error:
        raise ValueError(
            f"data is {type(data).__name__}: give one pair of tensors (inputs, targets), or several"
        ) from error
    for batch in several:
        is_pair = isinstance(batch, tuple | list) and len(batch) == 2
        if not (is_pair and all(map(torch.is_tensor, batch))):
            raise ValueError(
                f"a batch is {_described(batch)}, not a pair of tensors (inputs, targets). Take "
                "them out of a dictionary: ((b['x'], b['y']) for b in loader); make tensors of "
                "arrays: torch.from_numpy"
            )
        if batch[1].ndim == 0:
            raise ValueError(
                "data gives single samples, not batches: wrap the data set in a DataLoader"
            )
        if any(part.ndim and len(part) == 0 for part in batch):
            raise ValueError("a batch has no samples: leave it out")
        inputs, targets = batch
        yield inputs, targets


def _described(batch: object) -> str:
    parts = [repr(key) for key in batch] if isinstance(batch, Mapping) else []
    if isinstance(batch, tuple | list):
        parts = [type(part).__name__ for part in batch]
    return type(batch).__name__ + (f" of {', '.join(parts[:5])}" if parts else "")
