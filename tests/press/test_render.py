"""A figure's files: complete, and the same bytes whenever they are made."""

import io
import json
import struct
import xml.etree.ElementTree as ET
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from l2scale.catalogue.figures import FIGURES, figure
from l2scale.looks import style
from l2scale.press import provenance
from l2scale.press.addresses import KINDS
from l2scale.press.render import as_json, draw_theme, render, stamp, to_json

DOTS_PER_METRE = round(200 / 0.0254)


def later(result, seconds):
    """The same result, measured in another time."""
    measurements = {
        name: replace(measurement, seconds=seconds)
        for name, measurement in result.measurements.items()
    }
    return replace(result, measurements=measurements)


def chunks(png: bytes) -> dict[bytes, bytes]:
    """A PNG file's chunks by type."""
    found, at = {}, 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        found[png[at + 4 : at + 8]] = png[at + 8 : at + 8 + length]
        at += length + 12
    return found


def test_a_rerun_differs_in_nothing_but_seconds(spec, result):
    first, second = render(spec, result), render(spec, later(result, 99.0))
    for kind in set(KINDS) - {"json"}:
        assert first.files[kind] == second.files[kind], kind
    one, other = (json.loads(plate.files["json"]) for plate in (first, second))
    assert (one.pop("seconds"), other.pop("seconds")) == (3.25, 99.0)
    assert one == other


def test_the_csv_is_all_there_is_to_a_figure(spec, result):
    plate = render(spec, result)
    table = pd.read_csv(io.BytesIO(plate.files["csv"]))
    foot = stamp("smoke", 24, 4, "cpu")
    for mode, kind in (("light", "svg"), ("dark", "dark.svg")):
        again = draw_theme(spec.draw, table, spec.text("title", result), foot, mode)
        assert again.svg == plate.files[kind]
    assert spec.text("claim", result) == plate.meta["claim"]


def test_figures_do_not_depend_on_settings_outside(spec, result):
    table = spec.data(result)
    before = draw_theme(spec.draw, table, "T", "foot", "light")
    with plt.rc_context({"font.size": 20, "svg.hashsalt": "other", "figure.dpi": 50}):
        assert draw_theme(spec.draw, table, "T", "foot", "light").svg == before.svg


def test_files_say_nothing_of_clock_or_program(spec, result):
    plate = render(spec, result)
    assert set(plate.files) == set(KINDS)
    for kind in ("svg", "dark.svg"):
        text = plate.files[kind].decode()
        assert ET.fromstring(text).tag.endswith("svg")
        assert "<dc:date>" not in text and "matplotlib.org" not in text
    for kind in ("png", "dark.png"):
        found = chunks(plate.files[kind])
        assert not {b"tEXt", b"iTXt", b"tIME"} & set(found)
        assert struct.unpack(">II", found[b"pHYs"][:8]) == (DOTS_PER_METRE, DOTS_PER_METRE)


@pytest.mark.parametrize(("kind", "mode"), [("png", "light"), ("dark.png", "dark")])
def test_a_picture_posted_elsewhere_has_its_own_ground(spec, result, kind, mode):
    pixels = plt.imread(io.BytesIO(render(spec, result).files[kind]))
    with style.theme(mode):
        paper = np.array(plt.matplotlib.colors.to_rgba(style.colour("paper")))
    edges = [pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]
    for edge in edges:
        assert np.allclose(edge[:, :3], paper[:3], atol=1 / 255)
        if edge.shape[1] == 4:
            assert (edge[:, 3] == 1).all()


def test_the_record_says_what_the_figure_rests_on(spec, result, exhibit):
    meta = json.loads(render(spec, result).files["json"])
    assert meta["id"] == "small-figure"
    assert (meta["chapter"], meta["claims"]) == ("small", ["C38"])
    assert (meta["networks"], meta["seeds"], meta["scale"]) == (24, 4, "smoke")
    assert (meta["device"], meta["machine"]) == ("cpu", "cpu (some, 2 cores)")
    assert meta["commit"] == provenance.commit()
    assert {"python", "torch", "numpy", "matplotlib"} <= set(meta["versions"])
    configuration = {"lam": [1e-4, 1e-3], "hidden": [8, 8], "lr": 0.1, "bias": True}
    assert meta["configuration"] == {"widths": configuration}
    assert meta["code"] == {
        "module": "l2scale.exhibits.small",
        "function": "draw_small",
        "line": spec.line,
        "end": spec.end,
    }


def test_no_figure_stays_open_even_when_drawing_fails(spec, result):
    def fails(table: pd.DataFrame) -> Figure:
        plt.figure()
        raise RuntimeError("no ink")

    fails.__module__ = "l2scale.exhibits.small"
    figure(id="fails", source="widths")(fails)
    before = plt.get_fignums()
    with pytest.raises(RuntimeError, match="no ink"):
        draw_theme(fails, result["widths"].table, "T", "foot", "light")
    assert plt.get_fignums() == before
    with pytest.raises(RuntimeError, match="no ink"):
        render(FIGURES["fails"], result)


def test_figures_of_another_exhibit_are_refused(spec, result):
    with pytest.raises(ValueError, match="'small-figure' belongs to small, not to large"):
        render(spec, replace(result, slug="large"))


def test_an_empty_table_is_refused(spec, result):
    empty = replace(spec, data=lambda result: result["widths"].table.iloc[:0])
    with pytest.raises(ValueError, match="'small-figure' has an empty table"):
        render(empty, result)


def test_json_holds_plain_values_only():
    given = {"a": np.float64(2), "b": (np.int64(1), float("nan")), "c": np.array([True, False])}
    assert as_json(given) == {"a": 2.0, "b": [1, None], "c": [True, False]}
    assert to_json({"λ": float("inf")}) == '{\n  "λ": null\n}\n'.encode()
    with pytest.raises(TypeError, match="cannot write"):
        as_json({"a": object()})


def test_a_stamp_counts_in_words():
    whose = "Sum or Mean, CC BY 4.0"
    assert (
        stamp("book", 1440, 20, "cpu") == f"book scale · 1,440 networks · 20 seeds · cpu · {whose}"
    )
    assert stamp("book", 0, 5, "cpu") == f"book scale · no networks · 5 seeds · cpu · {whose}"
    assert stamp("smoke", 1, 1, "cuda") == f"smoke scale · 1 network · 1 seed · cuda · {whose}"
