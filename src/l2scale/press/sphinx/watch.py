"""Shows the progress of training in the terminal of the build.

What a kernel prints would become part of the page. So the bars of `l2scale.lab.sweeps.progress`
write to a file, whose name kernels inherit in L2SCALE_PROGRESS, and a thread follows it here.
"""

import codecs
import os
import re
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TextIO

from sphinx.application import Sphinx

VARIABLE = "L2SCALE_PROGRESS"
_COUNT = re.compile(r"(\d+)/(\d+) \[")


class Follower:
    """Follows one file and prints its latest line.

    On a terminal the line is rewritten in place; elsewhere, as in the log of a build server, a line
    is printed every `quiet` seconds, and one for every bar that is complete.
    """

    def __init__(self, path: Path, out: TextIO, *, poll: float = 0.25, quiet: float = 10.0) -> None:
        """Follow `path`, which exists; print to `out`. Times are in seconds."""
        self.path, self.out, self.poll, self.quiet = path, out, poll, quiet
        self._tty = out.isatty()
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._offset = 0
        self._line = ""
        self._completed = ""
        self._printed_at = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    def start(self) -> None:
        """Begin to follow, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Print what is left, and end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self.poll):
            self.look()
        self.look()

    def look(self) -> None:
        """Read what is new and print what is due."""
        with self.path.open("rb") as file:
            file.seek(self._offset)
            new = file.read()
        if not new:
            return
        self._offset += len(new)
        # A bar begins its line with a carriage return, so the last line is still open: more of it
        # may follow.
        lines = re.split(r"[\r\n]", self._line + self._decoder.decode(new))
        self._line = lines[-1]
        due = [line.rstrip() for line in lines if line.strip()]
        for line in due:
            self._complete(line)
        if due and not self._completed:
            waited = time.monotonic() - self._printed_at
            if self._tty or waited >= self.quiet:
                self._print(due[-1], end="" if self._tty else "\n")

    def _complete(self, line: str) -> None:
        """Print a complete bar, once: it writes its last line twice, with another time."""
        count = _COUNT.search(line)
        if count is None or count[1] != count[2]:
            self._completed = ""
        elif self._completed != line[: count.end()]:
            self._completed = line[: count.end()]
            self._print(line, end="\n")

    def _print(self, line: str, end: str) -> None:
        # Erase the line before: it may have been longer.
        self.out.write(f"\r\x1b[K{line}{end}" if self._tty else f"{line}{end}")
        self.out.flush()
        self._printed_at = time.monotonic()


def setup(app: Sphinx) -> None:
    """Follow training from the start of the build to its end."""
    followers: list[Follower] = []

    def start(app: Sphinx) -> None:
        descriptor, name = tempfile.mkstemp(prefix="l2scale-", suffix=".progress")
        os.close(descriptor)
        os.environ[VARIABLE] = name
        followers.append(Follower(Path(name), sys.stderr))
        followers[-1].start()

    def stop(app: Sphinx, error: Exception | None) -> None:
        while followers:
            follower = followers.pop()
            follower.stop()
            follower.path.unlink()
            os.environ.pop(VARIABLE, None)

    app.connect("builder-inited", start)
    app.connect("build-finished", stop)
