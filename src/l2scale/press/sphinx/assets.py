"""The site's files: figures, their index, the verdicts, the style sheet and MathJax."""

from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset

from l2scale.press import addresses
from l2scale.press.render import to_json
from l2scale.press.sphinx import store
from l2scale.press.sphinx.overview import ledger

STATIC = files("l2scale.press") / "static"
THEME = files("l2scale.press") / "templates" / "theme"
MATHJAX_PACKAGE = "sphinx-mathjax-offline"
MATHJAX = (
    "startup.js",
    "core.js",
    "input/tex.js",
    "input/tex/extensions",
    "output/chtml.js",
    "output/chtml/fonts",
    "a11y/assistive-mml.js",
)
"""What the pages may ask for of MathJax: TeX in, HTML out, and MathML to be read aloud.

Its bundles hold a menu and a speech engine as well, at twice the size.
"""
ICONS = "_static/scripts/fontawesome.js"
"""The theme's icons once more, as drawings in 1.5 MB of script; the pages have them in a font."""

_INDEXED = (
    *("id", "title", "claim", "alt", "chapter", "claims", "penalties"),
    *("networks", "seconds", "scale", "device"),
)
_LEDGER = ("verdict", "figure", "derivation", "numbers", "statement")


def use_static_files(app: Sphinx, config: Config) -> None:
    """Serve the style sheet, the icon and MathJax from the site itself."""
    config.html_static_path.append(str(STATIC))
    config.templates_path.append(str(THEME))
    config.html_favicon = config.html_favicon or str(STATIC / "favicon.svg")
    config.mathjax_path = "mathjax/startup.js"
    parts = {"load": ["input/tex", "output/chtml", "a11y/assistive-mml"]}
    config.mathjax3_config = (config.mathjax3_config or {}) | {"loader": parts}


def write_files(app: Sphinx, error: Exception | None) -> None:
    """Write all files into the built site."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    plates = store.plates(app.env)
    _copy_mathjax(out / "_static" / "mathjax")
    (out / ICONS).write_text("// Icons come from a font.\n", encoding="utf-8")
    (out / addresses.FIGURES).mkdir(exist_ok=True)
    for id, shown in plates.items():
        for kind in shown.files:
            (out / addresses.figure_file(id, kind)).write_bytes(shown.content(kind))
    index = [{key: shown.meta[key] for key in _INDEXED} for shown in plates.values()]
    (out / addresses.INDEX_FILE).write_bytes(to_json(index))
    rows = {claim: {key: row[key] for key in _LEDGER} for claim, row in ledger(app.env).items()}
    (out / addresses.VERDICTS_FILE).write_bytes(to_json(rows))


def _copy_mathjax(target: Path) -> None:
    spec = find_spec(MATHJAX_PACKAGE)
    if spec is None or spec.origin is None:
        raise ExtensionError(f"{MATHJAX_PACKAGE} is missing: pip install -r requirements.txt")
    source = Path(spec.origin).parent / "static" / "mathjax"
    for part in MATHJAX:
        inside = target / part
        copy_asset(source / part, inside if (source / part).is_dir() else inside.parent)


def setup(app: Sphinx) -> None:
    """Add the style sheet, and write the files when the pages are done."""
    app.add_css_file("press.css")
    app.connect("config-inited", use_static_files)
    app.connect("build-finished", write_files)
