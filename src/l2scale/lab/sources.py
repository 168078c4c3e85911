"""The code that trains a network, as a digest: what other code trains is another network."""

import ast
import hashlib
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
TRAINER = "l2scale.lab.training.trainer"
MACHINE = "l2scale.lab.machine"
"""The module that trains, and the one that says in which threads, and which numbers count as 0: all
that they import, and nothing else, makes a network what it is."""


@cache
def source_digest() -> str:
    """A digest of all code of this package that training imports; comments do not change it."""
    digest = hashlib.sha256()
    for name, tree in sorted((modules(TRAINER) | modules(MACHINE)).items()):
        digest.update(f"{name} {ast.dump(tree)}".encode())
    return digest.hexdigest()


def modules(start: str) -> dict[str, ast.Module]:
    """The code of a module of this package and of all those that its imports lead to, by name.

    Raises:
        ModuleNotFoundError: the package has no such module.
    """
    if _path(start) is None:
        raise ModuleNotFoundError(f"no module {start!r} in {PACKAGE}")
    found: dict[str, ast.Module] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        path = _path(name)
        if name in found or path is None:
            continue
        found[name] = ast.parse(path.read_bytes())
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        waiting.append(name.rpartition(".")[0])
        for node in ast.walk(found[name]):
            if isinstance(node, ast.Import):
                waiting += [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom):
                source = resolve_name("." * node.level + (node.module or ""), package)
                waiting += [source, *(f"{source}.{each.name}" for each in node.names)]
    return found


def _path(name: str) -> Path | None:
    """Where the code of a module is, or None for what is no module of this package."""
    first, *rest = name.split(".")
    base = PACKAGE.joinpath(*rest)
    places = (base / "__init__.py", base.with_suffix(".py"))
    return next((p for p in places if first == PACKAGE.name and p.is_file()), None)
