"""The claims of the chapter "Wider, with Muon", at smoke scale."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.exhibits.pairs import pair_cost
from l2scale.exhibits.wider_muon.sweeps import ADAMW_RATE, RATES, SETTINGS
from l2scale.exhibits.wider_muon.tables import labelled

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "wider_muon"


def valleys(result: Result, powers: dict[str, float], noise: float = 0.01) -> Tables:
    """The tables with losses put in: the best lambda goes as width^power, the middle rate is best.

    Powers are by sweep, 0 where none is given; AdamW's valley lies as that of "match".
    """
    found = {}
    # The first setting alone has other layers of its own, and other optimisers beside it.
    for name, measured in result.measurements.items():
        rows, power = measured.table, powers.get("match" if name == "adamw" else name, 0.0)
        centre = -0.25 + power * np.log2(rows["width"] / 16)
        if name in ("match", "adamw"):
            centre = centre + np.log2(4 / 5)
        centre = centre + noise * np.sin(rows["seed"] * 5.0 + rows["width"])
        unit = 5 / np.sqrt(rows["width"]) if name in ("match", "adamw") else 1.0
        c = (rows["lr"] / unit).round(5)
        valley = 1 + 0.01 * (np.log2(rows["lam"]) - centre) ** 2 + (c != RATES[1])
        found[name] = replace(measured, table=rows.assign(val_loss=valley, test_loss=valley))
    return Tables(Result(result.slug, result.scale, found))


def said(tables, name: str) -> str:
    return fill(template_at(SLUG, "prose", name), tables, SLUG)


def test_both_settings_are_full_grids_with_the_same_steps_on_the_first_matrix(result: Result):
    rows = labelled(result)
    rows = rows[rows["step"] == rows["step"].max()]
    at = SETTINGS["smoke"]
    for (setting, width), cell in rows.groupby(["setting", "width"]):
        assert set(cell["c"]) == set(RATES)
        assert len(cell) == len(RATES) * at["points"] * at["seeds"]
        assert set(cell["product"]) == set(rows["product"])
        if setting != "original":
            np.testing.assert_allclose(cell["lr"], 5 / math.sqrt(width) * cell["c"], rtol=1e-5)
    assert set(rows.loc[rows["setting"] == "adamw", "width"]) == {at["widths"][1]}


@pytest.mark.parametrize(("own", "match"), [(0.0, 0.5), (0.6, 0.6), (-0.4, 0.0)])
def test_powers_that_are_put_in_come_out_and_are_judged(result: Result, own, match):
    tables = valleys(result, {"original": own, "match": match})
    for setting, power in (("original", own), ("match", match)):
        row = tables["exponents"].row(setting=setting, rate=RATES[1])
        assert row["coupled"] == pytest.approx(power, abs=0.05)
        assert row["doubling"] == pytest.approx(2**power, rel=0.05)
        foreseen = {"original": 0.0, "match": 0.5}[setting]
        off = "" if power == foreseen else "above" if power > foreseen else "below"
        assert row["off"] == off
    became = {name: outcomes_of(PREDICTIONS[SLUG][name], tables) for name in ("own", "match")}
    assert set(became["own"]) == {"held" if own == 0 else "failed"}
    assert set(became["match"]) == {"held" if match == 0.5 else "failed"}
    between = tables["between"].frame["power"]
    np.testing.assert_allclose(between, match - own, atol=0.05)
    words = {0.0: "No interval leaves out", 0.6: "and none below", -0.4: "lie above"}[own]
    assert words in said(tables, "rises")
    title = fill(template_at(SLUG, "best-lambda-of-muon", "title"), tables, SLUG)
    assert ("rises" in title) == (own > 0)


def test_a_pair_costs_nothing_where_it_is_the_best_one_there_too(result: Result):
    tables = valleys(result, {"original": 0.0, "match": 0.5})
    assert outcomes_of(PREDICTIONS[SLUG]["carried"], tables) == ["held", "held"]
    assert set(tables["carried"].frame["note"]) == {"the same pair"}
    assert "(the same pair)" in said(tables, "adamw")
    assert outcomes_of(PREDICTIONS[SLUG]["from_adamw"], tables) == ["held"]
    assert tables["ends"].row()["at"] == 0
    assert tables["costs"].row(way="last")["note"] == "the same pair"
    moved = valleys(result, {"original": 4.0, "match": 0.5, "last": 4.0})
    assert moved["costs"].row(way="last")["excess"] > 0.02
    row = moved["carried"].row(setting="original", width=SETTINGS["smoke"]["widths"][-1])
    assert row["excess"] > 0.02
    assert outcomes_of(PREDICTIONS[SLUG]["carried"], moved)[0] == "failed"


def test_a_seed_is_judged_at_the_pairs_that_the_others_choose():
    """Two seeds like one pair and the third another, which its own test loss must not choose."""
    rows = pd.DataFrame(
        [
            {"seed": seed, "c": 1.0, "product": product, "val_loss": val, "test_loss": val}
            for seed, (low, high) in enumerate([(1.0, 2.0), (1.0, 2.0), (3.0, 2.5)])
            for product, val in ((0.1, low), (0.2, high))
        ]
    )
    other = rows.assign(val_loss=rows["product"].map({0.1: 2.0, 0.2: 1.0}))
    found = pair_cost(other, rows)
    assert (found["kept_product"], found["own_product"]) == (0.2, 0.1)
    ratios = [2 / 1, 2 / 1, 2.5 / 3]
    assert found["excess"] == pytest.approx(math.prod(ratios) ** (1 / 3) - 1)
    assert found["note"] == ""
    same = pair_cost(rows, rows)
    assert (same["excess"], same["note"]) == (pytest.approx(0.0), "the same pair")


@pytest.mark.parametrize(
    ("own", "match", "words"),
    [(0.1, 0.05, "costs the wide one 20% under original and"), (0.1, -0.1, "it is not clear"),
     (-0.1, 0.1, "under one or both")],
)  # fmt: skip
def test_each_outcome_of_what_a_pair_costs_has_its_title(tables: Tables, own, match, words):
    frame = tables["costs"].frame.set_index("way")
    frame.loc[["original", "match"], "low"] = [own, match]
    frame.loc[["original", "match"], "excess"] = [0.2, 0.1]
    made = {**{key: tables[key] for key in tables}, "costs": Table(frame.reset_index(), "excess")}
    assert words in fill(template_at(SLUG, "muon-pair-carried", "title"), made, SLUG)


def test_the_last_matrix_alone_is_decayed_as_the_root_of_the_width(result: Result):
    rows, plain = result["last"].table, result["original"].table
    both = rows.merge(plain, on=["width", "lr", "lam", "seed", "step"], suffixes=("", "_plain"))
    assert len(both) == len(rows) == len(plain) * (len(RATES) - 1) // len(RATES)
    narrow = both["width"].min()
    for layer, factor in ((1, 1.0), (2, 1.0), (4, np.sqrt(both["width"] / narrow))):
        times = f"decay_time_{layer}"
        np.testing.assert_allclose(both[times], factor * both[f"{times}_plain"], rtol=1e-5)


@pytest.mark.parametrize(("own", "last"), [(0.5, 0.0), (0.0, 0.5), (0.4, -0.4)])
def test_what_the_last_layer_accounts_for_is_said_by_its_outcome(result: Result, own, last):
    tables = valleys(result, {"original": own, "match": 0.5, "last": last})
    rows = tables["last_layer"].frame
    rows = rows[rows["layer"] == "last"]
    np.testing.assert_allclose(rows["plain"], own, atol=0.05)
    np.testing.assert_allclose(rows["exponent"], last, atol=0.05)
    np.testing.assert_allclose(rows["less"], last - own, atol=0.05)
    less = last < own
    assert (", less than with one" in said(tables, "last")) == less
    assert "counts alike" not in said(tables, "last")
    title = fill(template_at(SLUG, "muon-last-layer", "title"), tables, SLUG)
    assert ("rises less" in title) == less
    became = set(outcomes_of(PREDICTIONS[SLUG]["last"], tables))
    assert became == {"held" if last == 0 else "failed"}


def test_of_one_matrix_in_the_block_decay_alone_is_changed(result: Result):
    rows, plain = result["down"].table, result["original"].table
    both = rows.merge(plain, on=["width", "lr", "lam", "seed", "step"], suffixes=("", "_plain"))
    assert set(both["lr"]) == {RATES[1]} and len(both) == len(rows)
    root = np.sqrt(both["width"] / both["width"].min())
    for layer, factor in ((1, 1.0), (2, 1.0), (3, root), (4, 1.0)):
        times = f"decay_time_{layer}"
        np.testing.assert_allclose(both[times], factor * both[f"{times}_plain"], rtol=1e-5)


def test_the_last_layer_of_adamw_keeps_its_share_where_its_rate_falls(result: Result):
    rows, typed = result["scaled"].table, result["beside"].table
    both = rows.merge(typed, on=["width", "lr", "lam", "seed", "step"], suffixes=("", "_typed"))
    assert len(both) == len(rows) == len(typed)
    assert set(typed["muon_on"]) == set(rows["muon_on"]) == {"hidden"}
    for layer in range(1, 5):
        times = f"decay_time_{layer}"
        np.testing.assert_allclose(both[times], both[f"{times}_typed"], rtol=1e-5)
    narrow = both["width"] == both["width"].min()
    assert (both.loc[narrow, "val_loss"] == both.loc[narrow, "val_loss_typed"]).all()
    assert (both.loc[~narrow, "val_loss"] != both.loc[~narrow, "val_loss_typed"]).all()
    share = ADAMW_RATE / RATES[1]
    np.testing.assert_allclose(both["decay_time_4"], share * both["decay_time_3"], rtol=1e-5)


@pytest.mark.parametrize(
    ("down", "words"),
    [(0.5, "less than that of the last"), (-0.5, "too wide to tell the two apart")],
)
def test_a_matrix_in_place_of_the_last_is_judged_and_said(result: Result, down, words):
    tables = valleys(result, {"original": 0.6, "last": 0.0, "down": down})
    assert "counts alike" in said(tables, "last")  # 0.6 less 0.0 is more than a half
    row = tables["last_layer"].row(layer="down")
    assert row["less"] == pytest.approx(down - 0.6, abs=0.05)
    assert words in said(tables, "last")
    assert outcomes_of(PREDICTIONS[SLUG]["down"], tables) == ["held" if down == 0.5 else "failed"]


@pytest.mark.parametrize(
    ("typed", "scaled", "title", "words", "became"),
    [
        (0.0, 0.0, "no clear change", "0 was predicted", ("failed", "held")),
        (0.6, 0.6, "rises", "above the 0 predicted", ("held", "failed")),
        (-0.5, -0.5, "falls", "below the 0 predicted", ("failed", "failed")),
    ],
)
def test_adamw_beside_muon_is_judged_and_said(result: Result, typed, scaled, title, words, became):
    tables = valleys(result, {"beside": typed, "scaled": scaled})
    for way, power in (("beside", typed), ("scaled", scaled)):
        row = tables["beside"].row(way=way)
        assert row["exponent"] == pytest.approx(power, abs=0.05)
        assert row["less"] == pytest.approx(power, abs=0.05)  # than with Muon on all, which is 0
    assert title in fill(template_at(SLUG, "muon-beside-adamw", "title"), tables, SLUG)
    assert words in said(tables, "typed")
    found = [outcomes_of(PREDICTIONS[SLUG][name], tables)[0] for name in ("beside", "scaled")]
    assert tuple(found) == became
    same = bool(tables["costs"].row(way="beside")["note"])
    assert same or typed
    assert ("one λ is the best of the narrowest" in said(tables, "typed")) == same
    assert outcomes_of(PREDICTIONS[SLUG]["scaled_cost"], tables)[0] == "held" or not same


def test_no_singular_value_is_above_what_ceiling_and_start_allow(result: Result):
    tables = Tables(result)
    rows = tables["norms"].frame
    start = labelled(result)["spectral_norm_2"].max() * 2  # above what any network began with
    assert (rows["largest"] <= rows["ceiling"] + np.exp(-rows["time"]) * start).all()
    gone = rows[rows["time"] > 6]
    assert len(gone)
    assert (gone["times"] <= 1.0).all()
    assert len(tables["weights"].frame) == 2 * SETTINGS["smoke"]["points"]
