"""Networks that are trained already, so that a stopped sweep can go on where it was.

With L2SCALE_RESUME set to a file, every group's rows are written to that file as it finishes, and
a later sweep takes from it the runs that it finds there. A run is found again only if the run
itself, the kind of device, every line of this laboratory and the libraries that compute are the
same. Without the variable nothing is kept: a build measures everything anew.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from l2scale.lab.machine import version_of
from l2scale.lab.runs import Run

VARIABLE = "L2SCALE_RESUME"
# With Numba other code trains than without it, and L-BFGS may end in another minimum.
COMPUTING = ("torch", "numpy", "scipy", "numba")
Rows = list[dict[str, Any]]


class Finished:
    """Rows of finished runs in an open SQLite file, or of none where there is no file."""

    def __init__(self, connection: sqlite3.Connection | None, kind: str) -> None:
        """`kind` is the kind of device, "cpu" or "cuda"."""
        self._connection, self._kind = connection, kind

    def rows(self, run: Run) -> Rows | None:
        """The rows of a run, or None if it is not finished."""
        if self._connection is None:
            return None
        query = self._connection.execute("SELECT rows FROM runs WHERE key = ?", (self._key(run),))
        found = query.fetchone()
        return json.loads(found[0]) if found else None

    def add(self, runs: Sequence[Run], rows: Rows) -> None:
        """Write the rows of some runs, as many rows for each, in one transaction."""
        if self._connection is None or not rows:
            return
        each = len(rows) // len(runs)
        records = [
            (self._key(run), json.dumps(rows[i * each : (i + 1) * each]))
            for i, run in enumerate(runs)
        ]
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?)", records)

    def _key(self, run: Run) -> str:
        versions = " ".join(version_of(library) for library in COMPUTING)
        words = f"{run!r} {self._kind} {versions} {source_digest()}"
        return hashlib.sha256(words.encode()).hexdigest()


@contextmanager
def opened(kind: str) -> Iterator[Finished]:
    """The runs finished so far, in the file that L2SCALE_RESUME names.

    Raises:
        ValueError: if the file cannot be made or is no such file.
    """
    name = os.environ.get(VARIABLE)
    if not name:
        yield Finished(None, kind)
        return
    try:
        connection = sqlite3.connect(name)
        connection.execute("CREATE TABLE IF NOT EXISTS runs (key TEXT PRIMARY KEY, rows TEXT)")
    except sqlite3.Error as error:
        raise ValueError(
            f"{VARIABLE} is {name!r}, which cannot keep finished runs ({error}): name a new file "
            "in a folder that exists"
        ) from error
    with closing(connection):
        yield Finished(connection, kind)


@lru_cache(maxsize=1)
def source_digest() -> str:
    """A digest of the code that trains: a run of other code is another run."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted([*package.glob("lab/**/*.py"), *package.glob("theory/*.py")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
