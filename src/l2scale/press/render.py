"""From a figure's spec and a result to its six files, the same bytes on every run."""

import base64
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from l2scale.catalogue.figures import Draw, FigureSpec
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.lab import machine
from l2scale.looks import style
from l2scale.press import provenance
from l2scale.press.citing import BOOK, LICENCE
from l2scale.press.compose import Compose, ThemeFiles, compose, compose_narrow

PLATE_MIME = "application/vnd.l2scale.plate+json"


@dataclass(frozen=True)
class RenderedFigure:
    """A figure ready to publish.

    In a notebook it shows as a picture; the book's build takes all of it from the same output.

    Attributes:
        id: the figure's id.
        meta: what its JSON file says.
        files: bytes by kind, see `l2scale.press.addresses.KINDS`.
    """

    id: str
    meta: Mapping[str, Any]
    files: Mapping[str, bytes]

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        picture = base64.b64encode(self.files["png"]).decode("ascii")
        encoded = {k: base64.b64encode(v).decode("ascii") for k, v in self.files.items()}
        bundle = {
            "image/png": picture,
            "text/plain": f"{self.meta['title']} [{self.id}]",
            PLATE_MIME: {"meta": dict(self.meta), "files": encoded},
        }
        return bundle, {"image/png": {"width": self.meta["size"][0]}}


def render(spec: FigureSpec, result: Result) -> RenderedFigure:
    """Make a figure's files: two drawings, each as SVG and PNG, its data and its record.

    The figure is drawn from its CSV read back, so the CSV holds all there is to it. Nothing but
    "seconds" in the JSON differs between two runs on one machine.

    Raises:
        ValueError: the result is another exhibit's, the table is empty, a text is not fit, or a
            reader's own values leave too little to draw.
    """
    if result.slug != spec.slug:
        raise ValueError(f"figure {spec.id!r} belongs to {spec.slug}, not to {result.slug}")
    try:
        return _rendered(spec, result)
    except Exception as error:
        if not result.own:
            raise
        raise ValueError(
            f"figure {spec.id!r} cannot be drawn with your own values, {result.own_values}: "
            f"{error}. Give more values, as many as exhibit.sweeps(result.scale) has of each, or "
            "train all sweeps that the figure compares on the same ones"
        ) from error


def _rendered(spec: FigureSpec, result: Result) -> RenderedFigure:
    frame = spec.data(result)
    if frame.empty:
        raise ValueError(f"figure {spec.id!r} has an empty table: check its data function")
    csv = frame.to_csv(index=False, float_format="%.9g", lineterminator="\n")
    table = pd.read_csv(io.StringIO(csv))
    part = result.part(spec.source)
    title = spec.text("title", result)
    foot = stamp(part.scale, part.networks, part.seeds, part.device)
    configuration = {name: part[name].configuration for name in spec.source}
    wanted = [(how, mode) for how in (compose, compose_narrow) for mode in style.MODES]
    themes = [(spec.draw, table, title, foot, mode, how) for how, mode in wanted]
    light, dark, narrow, narrow_dark = machine.parallel_map(draw_theme, themes)
    meta = {
        "id": spec.id,
        "title": title,
        "claim": spec.text("claim", result),
        "more": spec.text("more", result),
        "alt": spec.text("alt", result),
        "chapter": spec.slug,
        "claims": sorted(claim for claim, row in SETTLED.items() if row.figure == spec.id),
        "penalties": spec.shown_penalties(table, configuration.values()),
        "networks": part.networks,
        "seeds": part.seeds,
        "scale": part.scale,
        "device": part.device,
        "machine": part.machine,
        "seconds": float(f"{part.seconds:.3g}"),
        "commit": provenance.commit(),
        "versions": provenance.library_versions(),
        "configuration": configuration,
        "code": {
            "module": spec.module,
            "function": spec.draw.__name__,
            "line": spec.line,
            "end": spec.end,
        },
        "size": list(light.size),
        "narrow": list(narrow.size),
    }
    meta = as_json(meta)
    files = {
        "svg": light.svg,
        "dark.svg": dark.svg,
        "png": light.png,
        "dark.png": dark.png,
        "narrow.svg": narrow.svg,
        "narrow.dark.svg": narrow_dark.svg,
        "csv": csv.encode(),
        "json": to_json(meta),
    }
    return RenderedFigure(id=spec.id, meta=meta, files=files)


def draw_theme(
    drawing: Draw, table: pd.DataFrame, title: str, foot: str, mode: str, how: Compose = compose
) -> ThemeFiles:
    """Draw a figure's table in one theme and set it on its page; leaves no figure open."""
    open_before = set(plt.get_fignums())
    try:
        with style.theme(mode):
            return how(drawing(table), title, foot)
    finally:
        for number in set(plt.get_fignums()) - open_before:
            plt.close(number)


def stamp(scale: str, networks: int, seeds: int, device: str) -> str:
    """What stands behind a figure, and whose it is, in one line for its foot."""
    made_from = count(networks, "network"), count(seeds, "seed")
    return " · ".join((f"{scale} scale", *made_from, device, f"{BOOK}, {LICENCE}"))


def count(number: int, noun: str) -> str:
    """No networks, 1 network, 1,440 networks."""
    return f"{number:,} {noun}{'s' * (number > 1)}" if number else f"no {noun}s"


def to_json(data: Any) -> bytes:
    """JSON text for people and programs: UTF-8, indented, one line feed at the end."""
    return (
        json.dumps(as_json(data), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    ).encode()


def as_json(value: Any) -> Any:
    """The same data in JSON's own types; numbers that are not finite become null.

    Raises:
        TypeError: for a value that has no JSON form.
    """
    match value:
        case None | bool() | str() | int():
            return value
        case np.generic():
            return as_json(value.item())
        case float():
            return value if math.isfinite(value) else None
        case Mapping():
            return {str(key): as_json(item) for key, item in value.items()}
        case list() | tuple() | np.ndarray():
            return [as_json(item) for item in value]
    raise TypeError(f"cannot write {value!r} as JSON: give numbers, text, lists or mappings")
