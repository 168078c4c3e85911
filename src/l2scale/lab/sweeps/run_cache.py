"""Networks that are trained already, so that a stopped sweep can go on where it was.

With L2SCALE_RESUME set to a file, every group's rows are written to that file as it finishes, and
a later sweep takes from it the runs that it finds there. A run is found again only if the run
itself, the kind of device, the code that trains and the libraries that compute are the same.
Without the variable nothing is kept: a build measures everything anew.
"""

import hashlib
import json
import os
import sqlite3
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from l2scale.lab.machine import version_of
from l2scale.lab.sources import source_digest
from l2scale.lab.training.runs import Run

VARIABLE = "L2SCALE_RESUME"
COMPUTING = ("torch", "numpy", "scipy", "numba")
UNUSABLE = (sqlite3.Error, UnicodeDecodeError)  # the second for words that quote damaged text
PATIENCE = 20.0  # seconds that a sweep waits while another process writes
Rows = list[dict[str, Any]]


class RunCache:
    """Rows of finished runs in an open SQLite file, or of none where there is no file.

    Attributes:
        file: as L2SCALE_RESUME names it; empty where there is none.
    """

    def __init__(self, connection: sqlite3.Connection | None, kind: str, file: str = "") -> None:
        """`kind` is the kind of device, "cpu" or "cuda"."""
        self._connection, self._kind, self.file = connection, kind, file
        self._warned = False

    def rows(self, run: Run) -> Rows | None:
        """The rows of a run, or None if it is not finished.

        Raises:
            ValueError: if what the file holds cannot be read, or is not as it was written.
        """
        if self._connection is None:
            return None
        key = self._key(run)
        try:
            query = self._connection.execute("SELECT rows FROM runs WHERE key = ?", (key,))
            found = query.fetchone()
        except UNUSABLE as error:
            raise ValueError(_what_is_wrong(self.file, error)) from error
        if found is None:
            return None
        sealed, _, text = str(found[0]).partition(" ")
        if sealed != _seal(key, text):
            raise ValueError(
                f"{VARIABLE} is {self.file!r}, which is damaged: it does not hold what was written "
                f"of {run}. Delete it, or name a new file"
            )
        rows: Rows = json.loads(text)
        return rows

    def add(self, runs: Sequence[Run], rows: Rows) -> None:
        """Write the rows of some runs, as many rows for each, in one transaction.

        Where the file does not take them, this warns once, and the sweep goes on without.
        """
        if self._connection is None or not rows:
            return
        each = len(rows) // len(runs)
        records = []
        for i, run in enumerate(runs):
            key, text = self._key(run), json.dumps(rows[i * each : (i + 1) * each])
            records.append((key, f"{_seal(key, text)} {text}"))
        try:
            with self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?)", records)
        except UNUSABLE as error:
            if not self._warned:
                self._warned = True
                words = (
                    f"{_what_is_wrong(self.file, error)}. The sweep goes on and keeps what it can"
                )
                warnings.warn(words, RuntimeWarning, stacklevel=2)

    def _key(self, run: Run) -> str:
        versions = " ".join(version_of(library) for library in COMPUTING)
        words = f"{run!r} {self._kind} {versions} {source_digest()}"
        return hashlib.sha256(words.encode()).hexdigest()


@contextmanager
def opened(kind: str) -> Iterator[RunCache]:
    """The runs finished so far, in the file that L2SCALE_RESUME names.

    Raises:
        ValueError: if the file cannot be made or is no such file.
    """
    name = os.environ.get(VARIABLE)
    if not name:
        yield RunCache(None, kind)
        return
    try:
        connection = sqlite3.connect(name, timeout=PATIENCE)
    except UNUSABLE as error:
        raise ValueError(_what_is_wrong(name, error)) from error
    with closing(connection):
        try:
            connection.execute("CREATE TABLE IF NOT EXISTS runs (key TEXT PRIMARY KEY, rows TEXT)")
        except UNUSABLE as error:
            raise ValueError(_what_is_wrong(name, error)) from error
        yield RunCache(connection, kind, name)


def _seal(key: str, text: str) -> str:
    """What tells whether the rows of a key are still those that were written."""
    return hashlib.sha256(f"{key} {text}".encode()).hexdigest()


def _what_is_wrong(name: str, error: Exception) -> str:
    """That the file cannot keep finished runs, why, and the way out."""
    wait = "wait until the other process has finished, or name another file"
    ways = {
        sqlite3.SQLITE_BUSY: wait,
        sqlite3.SQLITE_LOCKED: wait,
        sqlite3.SQLITE_FULL: "make room on its disk, or name a file on another one",
        sqlite3.SQLITE_READONLY: "make it writable, or name another file",
        sqlite3.SQLITE_CORRUPT: "it is damaged: delete it, or name a new file",
    }
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without what SQLite says in more detail
    way = ways.get(code, "name a new file in a folder that exists")
    return f"{VARIABLE} is {name!r}, which cannot keep finished runs ({error}): {way}"
