"""A progress bar for the terminal, for a notebook, or for the terminal of a book's build.

The build runs chapters in kernels whose output becomes the page. It names a file in
L2SCALE_PROGRESS, which it follows in its own terminal; the bar then writes there instead.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tqdm.auto import tqdm as auto_tqdm
from tqdm.std import tqdm


class _Followed:
    """A file as the bar writes to it. A full disk costs it words, and no sweep."""

    encoding = "utf-8"

    def __init__(self, path: str) -> None:
        self._path = path

    def write(self, text: str) -> None:
        with suppress(OSError), open(self._path, "a", encoding=self.encoding) as file:
            file.write(text)

    def flush(self) -> None:
        """Every word is written when it comes."""


@contextmanager
def bar(total: int, description: str) -> Iterator[tqdm]:
    """A bar over `total` networks: done of total, networks per second, time left."""
    options = {"total": total, "desc": description, "unit": " networks", "smoothing": 0.1}
    path = os.environ.get("L2SCALE_PROGRESS")
    if path is None:
        with auto_tqdm(**options) as progress:
            yield progress
        return
    with tqdm(**options, file=_Followed(path), ncols=100, mininterval=0.5) as progress:
        yield progress
