"""What is told of the book in four places, to four kinds of readers, is the same."""

import json
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
CODEMETA = json.loads((ROOT / "codemeta.json").read_text(encoding="utf-8"))
ZENODO = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
SPDX = "https://spdx.org/licenses/"


def test_the_citation_file_is_valid(check_schema):
    check_schema("vendor.citation-file-format", ROOT / "CITATION.cff")


def test_the_version_is_one():
    told = {PROJECT["version"], CITATION["version"], CODEMETA["version"], ZENODO["version"]}
    assert told == {version("l2scale")}


def test_title_and_description_are_one():
    assert CITATION["title"] == CODEMETA["name"] == ZENODO["title"]
    assert CITATION["abstract"] == CODEMETA["description"] == ZENODO["description"]
    book = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert CITATION["title"].startswith(f"{book['title']}: ")


def test_authors_are_one():
    names = [author["name"] for author in PROJECT["authors"]]
    for told in (CITATION["authors"], CODEMETA["author"], ZENODO["creators"]):
        assert [author["name"] for author in told] == names
    book = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert [book["author"]] == names


def test_keywords_are_one():
    for told in (CITATION, CODEMETA, ZENODO):
        assert told["keywords"] == PROJECT["keywords"]


def test_licences_are_one():
    code, text = CITATION["license"]
    assert CODEMETA["license"] == [SPDX + code, SPDX + text]
    assert code == PROJECT["license"] == ZENODO["license"]
    assert code in ZENODO["notes"] and text in ZENODO["notes"]
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert f"{code} License" in licence and text.replace("-", " ") in licence


# Neither has a schema that can be had offline. These are the terms that their readers know:
# https://w3id.org/codemeta/3.0 and https://developers.zenodo.org/#representation
@pytest.mark.parametrize(
    ("record", "needed", "known"),
    [
        (
            CODEMETA,
            {"@context", "type", "name", "description", "version", "author", "license"},
            {"identifier", "keywords", "programmingLanguage", "runtimePlatform", "codeRepository"},
        ),
        (
            ZENODO,
            {"upload_type", "title", "description", "creators", "access_right", "license"},
            {"version", "notes", "keywords", "related_identifiers"},
        ),
    ],
    ids=["codemeta", "zenodo"],
)
def test_records_hold_what_their_readers_know(record, needed, known):
    assert needed <= set(record) <= needed | known


def test_python_is_the_one_that_the_package_asks_for():
    assert CODEMETA["runtimePlatform"] == f"Python {PROJECT['requires-python']}"
