"""The package works where the tools of the book are not installed."""

import subprocess
import sys

CODE = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("sphinx", "docutils", "myst_nb", "IPython"):
            raise ImportError(f"{name} is not installed here")

sys.meta_path.insert(0, Missing())
import l2scale.cli
import l2scale.press
from l2scale.exhibits import EXHIBITS, load
for slug in EXHIBITS:
    load(slug)
"""


def test_everything_but_the_extension_imports_without_sphinx():
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
