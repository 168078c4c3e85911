"""How the kernels are compiled, and where what was compiled is kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import config, njit

from l2scale.lab.sources import source_digest

_SETTINGS: Any = config  # which makes its names when it is imported
_KEPT = Path(__file__).with_name("__pycache__")


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function by Numba at its first call, or take what an earlier process compiled.

    It becomes a part of the compiled functions that call it: a call in what was just compiled and
    the same call in what is kept may otherwise lead to two versions of a function, whose results
    differ in the last digit.
    """
    return _by_numba(function, inlined=True, kept=True)


def compiled_within(function: Callable[..., Any]) -> Callable[..., Any]:
    """As `compiled`, but kept only inside what calls it: for functions made under one name."""
    return _by_numba(function, inlined=True, kept=False)


def compiled_apart(function: Callable[..., Any]) -> Callable[..., Any]:
    """As `compiled`, but called: for what is long, and has the same digits in any version."""
    return _by_numba(function, inlined=False, kept=True)


def _by_numba(function: Callable[..., Any], inlined: bool, kept: bool) -> Callable[..., Any]:
    """Numba's own way to keep what it compiled, in a folder for each state of the code that trains.

    Numba looks for changes in the function's own module alone, and not in those of the functions
    that it calls. The folder is in the reader's NUMBA_CACHE_DIR or beside this file.
    """
    before = _SETTINGS.CACHE_DIR
    _SETTINGS.CACHE_DIR = str(Path(before or _KEPT) / source_digest()[:16])
    try:
        # No promise that numbers are finite: a network that diverges has to be seen.
        fastmath = {"contract", "reassoc", "nsz", "arcp"}
        options: dict[str, Any] = {"error_model": "numpy", "fastmath": fastmath}
        # Without Python's lock, so that a worker sees meanwhile that its parent is gone.
        quick: Callable[..., Callable[..., Any]] = njit(
            cache=kept, forceinline=inlined, nogil=True, **options
        )
        return quick(function)
    finally:
        _SETTINGS.CACHE_DIR = before
