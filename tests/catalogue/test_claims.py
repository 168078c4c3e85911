"""The claims are complete, consistent data, and a faulty row is named in the error."""

import re
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from l2scale.catalogue.claims import CLAIMS, THREADS, Claim, Thread, parse

ROOT = Path(__file__).parents[2]
CLAIMS_PER_THREAD = {"scale": 9, "nodes": 11, "constant": 10, "decouple": 10, "initialisation": 6}

THREAD = """
[[threads]]
id = "here"
title = "A title"
site = "A site"
url = ""
year = 2020
"""
FIRST = """
[[claims]]
id = "C01"
thread = "here"
claim = "Something is so."
"""


def test_there_are_46_claims_with_ids_in_order():
    assert list(CLAIMS) == [f"C{number:02d}" for number in range(1, 47)]
    assert all(key == claim.id for key, claim in CLAIMS.items())


def test_every_thread_has_its_claims():
    found = [claim.thread for claim in CLAIMS.values()]
    assert {thread: found.count(thread) for thread in THREADS} == CLAIMS_PER_THREAD


def test_each_claim_is_one_plain_sentence():
    for claim in CLAIMS.values():
        assert claim.claim[-1] in ".?", claim.id
        assert len(re.findall(r"[.?!] [A-Z]", claim.claim)) == 0, claim.id
        assert len(claim.claim) <= 160, claim.id


def test_no_claim_is_repeated():
    assert len({claim.claim for claim in CLAIMS.values()}) == len(CLAIMS)


def test_addresses_are_distinct():
    urls = [thread.url for thread in THREADS.values() if thread.url]
    assert len(set(urls)) == len(urls)


def test_the_bibliography_lists_every_discussion():
    page = (ROOT / "chapters" / "bibliography.md").read_text(encoding="utf-8")
    for thread in THREADS.values():
        assert thread.title in page
        assert thread.url in page
        assert f"{thread.site}, {thread.year}" in page


def test_records_are_frozen_and_the_tables_read_only():
    with pytest.raises(FrozenInstanceError):
        CLAIMS["C01"].claim = "other"
    with pytest.raises(TypeError):
        CLAIMS["C01"] = CLAIMS["C02"]


def test_parse_reads_rows_in_order():
    claims, threads = parse(THREAD + FIRST + FIRST.replace("C01", "C02"))
    assert list(claims) == ["C01", "C02"]
    assert claims["C01"] == Claim("C01", "here", "Something is so.")
    assert threads["here"] == Thread("here", "A title", "A site", "", 2020)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"no \[\[threads\]\] rows"),
        (THREAD, r"no \[\[claims\]\] rows"),
        (THREAD + FIRST + FIRST, "duplicate id 'C01'"),
        (THREAD + THREAD + FIRST, "duplicate id 'here'"),
        (THREAD + FIRST.replace("C01", "C02"), "'C02' stands where C01 belongs"),
        (THREAD + FIRST.replace("here", "there"), "C01 names thread 'there': choose one of here"),
        (THREAD + FIRST.replace('thread = "here"', ""), r"'C01' lacks \['thread'\]"),
        (THREAD + FIRST.replace('id = "C01"', ""), r"'without id' lacks \['id'\]"),
        (THREAD + FIRST + 'verdict = "TRUE"', r"unknown \['verdict'\]"),
        (THREAD + FIRST.replace("Something is so.", " "), "claim of 'C01' is empty"),
        (THREAD.replace("2020", '"2020"') + FIRST, "year of 'here' is '2020': it must be of type"),
        (THREAD.replace('url = ""', 'url = "example.org"') + FIRST, "give an https address"),
        ("[[threads", "Expected"),
    ],
)
def test_a_faulty_file_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parse(text)
