"""How much to train: seconds for tests, minutes for the book on a CPU, more on a GPU."""

import os

SCALES = ("smoke", "book", "full")


def resolve(scale: str | None = None) -> str:
    """The scale to train at: `scale`, else L2SCALE_SCALE, else "full" on a GPU and "book" on a CPU.

    Raises:
        ValueError: for a name that is no scale.
    """
    chosen = scale or os.environ.get("L2SCALE_SCALE") or _of_the_machine()
    if chosen not in SCALES:
        raise ValueError(f"unknown scale {chosen!r}: choose one of {', '.join(SCALES)}")
    return chosen


def _of_the_machine() -> str:
    from l2scale.lab.machine import device  # and torch: who only asks for SCALES does not wait

    return "book" if device() == "cpu" else "full"
