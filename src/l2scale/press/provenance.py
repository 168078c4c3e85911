"""What made a result: the commit, the versions of the software, the machine."""

import platform
import subprocess
from functools import lru_cache
from pathlib import Path

from l2scale.lab.machine import version_of

PACKAGES = (
    "torch",
    "numpy",
    "scipy",
    "numba",
    "pandas",
    "scikit-learn",
    "joblib",
    "matplotlib",
    "seaborn",
)
_HERE = Path(__file__).resolve().parent


def library_versions() -> dict[str, str]:
    """Versions of Python and of the packages that numbers and pictures depend on."""
    return {"python": platform.python_version(), **{name: version_of(name) for name in PACKAGES}}


@lru_cache(maxsize=1)
def commit() -> str:
    """The commit of the code that runs, with "-dirty" where files have changed since.

    It is read from the package's own folder, for a kernel's working directory is the chapter's.
    "unknown" outside a git checkout, without git, and before the first commit.
    """
    if "site-packages" in _HERE.parts:  # installed: a checkout around it is somebody else's
        return "unknown"
    head = _git("rev-parse", "HEAD")
    changes = _git("status", "--porcelain")
    if not head or changes is None:
        return "unknown"
    return f"{head}-dirty" if changes else head


def short_commit(commit: str) -> str:
    """A commit as people quote it: seven digits, and "-dirty" where that was said."""
    head, dash, dirty = commit.partition("-")
    return f"{head[:7]}{dash}{dirty}"


def revision(commit: str) -> str:
    """What a repository is asked for: the commit without its "-dirty", HEAD where it is unknown."""
    head = commit.partition("-")[0]
    return "HEAD" if head == "unknown" else head


def _git(*arguments: str) -> str | None:
    """What git prints, stripped; None where it cannot say."""
    try:
        done = subprocess.run(
            ["git", "-C", str(_HERE), *arguments],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
