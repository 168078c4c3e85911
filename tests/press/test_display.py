"""What a cell hands to a notebook and to the book's build."""

import base64
import gzip
import json
from dataclasses import replace

import pytest

from l2scale.catalogue.tables import to_csv
from l2scale.catalogue.verdicts import settles
from l2scale.press import report, show
from l2scale.press.addresses import rows_file
from l2scale.press.display import REPORT_MIME, SITE_FOLDER
from l2scale.press.render import PLATE_MIME


def test_a_shown_figure_is_a_picture_and_carries_its_files(exhibit, result):
    plate = show(exhibit.draw_small, result)
    bundle, options = plate._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]) == plate.files["png"]
    assert options["image/png"]["width"] == plate.meta["size"][0]
    assert bundle["text/plain"].endswith("[small-figure]")
    payload = json.loads(json.dumps(bundle[PLATE_MIME]))
    assert payload["meta"] == plate.meta
    files = {kind: base64.b64decode(content) for kind, content in payload["files"].items()}
    assert files == dict(plate.files)


def test_a_report_carries_verdicts_and_what_made_them(exhibit, result):
    made = report(exhibit, result)
    bundle = made._repr_mimebundle_()
    payload = json.loads(json.dumps(bundle[REPORT_MIME]))
    assert payload["slug"] == "small"
    assert payload["verdicts"] == {
        "C38": {
            "verdict": "CONDITIONAL",
            "statement": "Only for the sum.",
            "numbers": {"slope": 1.0, "of": "width"},
            "figure": "small-figure",
            "derivation": None,
        }
    }
    assert payload["figures"] == ["small-figure"]
    assert (payload["networks"], payload["seconds"], payload["scale"]) == (24, 3.25, "smoke")
    assert "24 networks in 3.2 s at smoke scale" in bundle["text/plain"]
    assert "<td>Only for the sum.</td><td>CONDITIONAL</td>" in bundle["text/html"]


def test_in_a_build_each_network_has_a_row_in_a_file(exhibit, result, tmp_path, monkeypatch):
    assert report(exhibit, result).rows == {}
    monkeypatch.setenv(SITE_FOLDER, str(tmp_path))
    sizes = report(exhibit, result).rows
    assert [*sizes] == [*result.measurements]
    for name, measured in result.measurements.items():
        written = (tmp_path / rows_file("small", name)).read_bytes()
        assert gzip.decompress(written).decode() == to_csv(measured.table)
        assert sizes[name] == len(written)
        report(exhibit, result)  # no time stands in it
        assert (tmp_path / rows_file("small", name)).read_bytes() == written


def test_a_result_of_another_exhibit_is_refused(exhibit, result):
    with pytest.raises(ValueError, match="the result is of 'large', the exhibit is 'small'"):
        report(exhibit, replace(result, slug="large"))


def test_a_verdict_points_to_a_figure_of_its_exhibit(exhibit, result):
    def elsewhere(result):
        raise AssertionError("not reached")

    elsewhere.__module__ = exhibit.__name__
    settles("C01", figure="no-such-figure")(elsewhere)
    with pytest.raises(ValueError, match="C01 points to figure 'no-such-figure': small has"):
        report(exhibit, result)


def test_a_function_that_is_no_figure_is_refused(result):
    with pytest.raises(ValueError, match="is not a figure"):
        show(print, result)
