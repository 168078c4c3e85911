"""How the kernels are compiled, and where what was compiled is kept."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import config, njit

_HERE = Path(__file__).parent
# The kernels, and the modules whose constants are compiled into them.
_SOURCES = (*sorted(_HERE.glob("*.py")), _HERE.parent / "minima.py", _HERE.parent / "optimisers.py")
_DIGEST = hashlib.sha256(b"".join(path.read_bytes() for path in _SOURCES)).hexdigest()[:16]


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function by Numba at its first call, or take what an earlier process compiled.

    Numba looks for changes in the function's own module alone, and not in those of the functions
    that it calls. So each state of the sources keeps what it compiled in a folder of its own.
    """
    before = config.CACHE_DIR  # Numba's own setting, empty where the reader has none
    config.CACHE_DIR = str(Path(before or _HERE / "__pycache__") / _DIGEST)
    try:
        # No promise that numbers are finite: a network that diverges has to be seen.
        fastmath = {"contract", "reassoc", "nsz", "arcp"}
        options = {"error_model": "numpy", "fastmath": fastmath}
        # A call within what was just compiled, and the same call within what is kept, may lead to
        # machine code that differs in the last digit; without calls there is one.
        return njit(cache=True, forceinline=True, **options)(function)
    finally:
        config.CACHE_DIR = before
