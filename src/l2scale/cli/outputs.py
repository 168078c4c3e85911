"""Where a command puts its files: tried before the work, for that may take hours."""

import os
from pathlib import Path
from tempfile import TemporaryFile


def check_folder(option: str, folder: Path) -> None:
    """Make a folder where it is missing, and write to it.

    Raises:
        ValueError: if that cannot be, with the name of the option that asked for it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(
            f"{option} {folder}: no file can be put there ({error.strerror}). Name a folder that "
            "can be written to"
        ) from error


def check_file(option: str, file: Path) -> None:
    """Refuse a file that cannot be written.

    Raises:
        ValueError: as `check_folder`.
    """
    if file.is_dir() or not file.parent.is_dir():
        what = "is a folder" if file.is_dir() else f"needs a folder {file.parent}, which is not"
        raise ValueError(f"{option} {file} {what}: name a file in a folder that exists")
    if file.exists() and not os.access(file, os.W_OK):
        raise ValueError(f"{option} {file} cannot be written to: name another file")
    if not file.exists():
        check_folder(option, file.parent)
