"""What a search of so many trainings finds, on average over which of a grid's settings it tries."""

from math import comb

import numpy as np
from numpy.typing import ArrayLike


def chances(validation: ArrayLike, tries: int) -> np.ndarray:
    """Return how likely each setting is to be chosen by a search that tries only some.

    A search draws `tries` of the K settings without replacement, every draw as likely as any other,
    and chooses the one that is best on validation data, the first of equals. These are the exact
    chances, to which a bootstrap over draws converges.

    Args:
        validation: a number per setting, ``(..., K)``, the lower the better; nan, of a setting at
            which training diverged, is worse than any number.
        tries: from 1 to K.

    Returns:
        ``(..., K)``, each row adding up to 1.

    Raises:
        ValueError: for no settings, or more tries than there are.
    """
    values = np.asarray(validation, dtype=np.float64)
    count = values.shape[-1] if values.ndim else 0
    if not 1 <= tries <= count:
        raise ValueError(f"a search tries 1 to {count} settings, not {tries!r}")
    order = np.argsort(np.where(np.isnan(values), np.inf, values), kind="stable")
    better = np.argsort(order, kind="stable")
    # A setting is chosen where it is drawn and none of those that are better.
    draws = comb(count, tries)
    by_place = np.array([comb(count - 1 - place, tries - 1) / draws for place in range(count)])
    found: np.ndarray = by_place[better]
    return found


def expected(chance: np.ndarray, reached: ArrayLike) -> np.ndarray:
    """Return what a search reaches on average, ``(...)``.

    Args:
        chance: of each setting, ``(..., K)``, by `chances`.
        reached: by each, ``(..., K)``; what is never chosen may be nan.
    """
    found: np.ndarray = np.where(chance > 0, chance * np.asarray(reached), 0.0).sum(axis=-1)
    return found
