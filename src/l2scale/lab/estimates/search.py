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
        validation: a number per setting, ``(K,)``, the lower the better; nan, of a setting at which
            training diverged, is worse than any number.
        tries: from 1 to K.

    Returns:
        ``(K,)``, adding up to 1.

    Raises:
        ValueError: for no settings, or more tries than there are.
    """
    values = np.asarray(validation, dtype=np.float64)
    if values.ndim != 1 or not 1 <= tries <= len(values):
        raise ValueError(f"a search tries 1 to {values.size} settings, not {tries!r}")
    order = np.argsort(np.where(np.isnan(values), np.inf, values), kind="stable")
    found = np.zeros(len(values))
    draws = comb(len(values), tries)
    for better, setting in enumerate(order):
        # It is chosen where it is drawn and none of those that are better.
        found[setting] = comb(len(values) - 1 - better, tries - 1) / draws
    return found
