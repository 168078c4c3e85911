"""Parts of a library whose other parts need more than is installed."""

import __future__

import ast
from importlib.metadata import distribution
from pathlib import Path
from types import SimpleNamespace
from typing import Any

LATE = __future__.annotations.compiler_flag  # annotations name what is not imported


def lifted(library: str, file: str, *names: str, **given: Any) -> SimpleNamespace:
    """Functions and classes of a library, by name, compiled from its source without an import."""
    path = Path(str(distribution(library).locate_file(file)))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef)
    found = {node.name: node for node in ast.walk(tree) if isinstance(node, kinds)}
    for name in names:
        body = ast.Module([found[name]], type_ignores=[])
        exec(compile(body, str(path), "exec", LATE), given)
    return SimpleNamespace(**{name: given[name] for name in names})
