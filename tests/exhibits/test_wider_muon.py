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
from l2scale.exhibits.wider_muon.sweeps import RATES, SETTINGS
from l2scale.exhibits.wider_muon.tables import labelled

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "wider_muon"


def valleys(result: Result, powers: dict[str, float], noise: float = 0.01) -> Tables:
    """The tables with losses put in: the best lambda goes as width^power, the middle rate is best.

    Powers are those of Muon's two settings; AdamW's valley lies as that of "match".
    """
    found = {}
    for name, measured in result.measurements.items():
        rows, power = measured.table, powers["match" if name == "adamw" else name]
        centre = -0.25 + power * np.log2(rows["width"] / 16)
        if name != "original":
            centre = centre + np.log2(4 / 5)
        centre = centre + noise * np.sin(rows["seed"] * 5.0 + rows["width"])
        c = labelled(result).query("setting == @name")["c"].to_numpy()
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


def test_a_pair_costs_nothing_where_it_is_the_best_one_there_too(result: Result):
    tables = valleys(result, {"original": 0.0, "match": 0.5})
    assert outcomes_of(PREDICTIONS[SLUG]["carried"], tables) == ["held", "held"]
    assert "is also the best one tried" in said(tables, "adamw")
    assert outcomes_of(PREDICTIONS[SLUG]["from_adamw"], tables) == ["held"]
    assert "One rate has the least" in said(tables, "rate")
    moved = valleys(result, {"original": 4.0, "match": 0.5})
    row = moved["carried"].row(setting="original", width=SETTINGS["smoke"]["widths"][-1])
    assert row["excess"] > 0.02
    assert outcomes_of(PREDICTIONS[SLUG]["carried"], moved)[0] == "failed"


def test_a_pair_of_adamw_that_costs_says_what(tables: Tables):
    found = tables["from_adamw"]
    frame = found.frame.assign(excess=0.05, low=0.03, high=0.07, note="")
    made = {**{key: tables[key] for key in tables}, "from_adamw": Table(frame, found.main)}
    assert "costs match_rms_adamw" in said(made, "adamw")
    frame = pd.concat([tables["best"].frame])
    frame.loc[(frame["setting"] == "original"), "chosen"] = "yes"
    made |= {"best": Table(frame, "estimate")}
    assert "is not the same" in said(made, "rate")


def test_no_singular_value_is_above_what_ceiling_and_start_allow(result: Result):
    tables = Tables(result)
    rows = tables["norms"].frame
    start = labelled(result)["spectral_norm_2"].max() * 2  # above what any network began with
    assert (rows["largest"] <= rows["ceiling"] + np.exp(-rows["time"]) * start).all()
    gone = rows[rows["time"] > 6]
    assert len(gone)
    assert (gone["times"] <= 1.0).all()
    assert {"held", "undecided"} >= set(outcomes_of(PREDICTIONS[SLUG]["weights"], tables))
