"""The claims of the chapter "Wider, with AdamW and a schedule", at smoke scale."""

from dataclasses import replace

import numpy as np
import pytest

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.exhibits.wider_adamw.sweeps import FITTED, SETTINGS, predicted_pair
from l2scale.exhibits.wider_adamw.tables import ARMS, READINGS, deep_ends, labelled_ends

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "wider_adamw"


def valleys(result: Result, powers: tuple[float, float], noise: float) -> Tables:
    """The tables with losses put in: the best lambda goes as width^powers in arms A and B.

    Rates are as 1 over the width; the middle one is best. The widest networks, of both arms, are
    at the centre of the grid.
    """
    found = {}
    for name, power in zip(("fixed", "grown"), powers, strict=True):
        rows = result[name].table
        product = np.log2(rows["lr"] * rows["lam"])
        centre = -7.5 + (power - 1) * np.log2(rows["width"] / 16)
        centre = centre + noise * np.sin(rows["seed"] * 5.0 + rows["width"])
        valley = 1 + 0.01 * (product - centre) ** 2 + (rows["lr"] * rows["width"] != 1)
        metrics = {"val_loss": valley, "test_loss": valley}
        found[name] = replace(result[name], table=rows.assign(**metrics))
    return Tables(Result(result.slug, result.scale, {**result.measurements, **found}))


def test_arms_are_full_grids_and_share_the_widest(result: Result) -> None:
    rows = labelled_ends(result)
    for (arm, width), cell in rows.groupby(["arm", "width"]):
        assert len(cell) == cell["c"].nunique() * cell["product"].nunique() * cell["seed"].nunique()
        samples = SETTINGS["smoke"]["samples"]
        asked = samples if arm == "A" else samples * width**2 // 16**2
        assert (cell["n_train"] == asked).all()
    assert set(rows["arm"]) == set(ARMS)


@pytest.mark.parametrize("powers", [(1.0, -1.0), (0.5, 0.5), (0.3, -0.3)])
def test_a_power_that_is_put_in_comes_out_and_only_its_reading_can_hold(
    result: Result, powers: tuple[float, float]
) -> None:
    tables = valleys(result, powers, 0.01)
    for arm, power in zip(ARMS, powers, strict=True):
        row = tables["exponents"].row(arm=arm, rate="tuned")
        assert row["coupled"] == pytest.approx(power, abs=0.1)
    became = tables["readings"].frame.set_index(["arm", "reading"])["outcome"]
    for place, arm in enumerate(ARMS):
        for name, asked in READINGS.items():
            assert became[arm, name] == ("held" if asked[place] == powers[place] else "failed")


def test_an_interval_that_holds_two_readings_decides_none(result: Result) -> None:
    tables = valleys(result, (0.25, 0.25), 1.0)
    rows = tables["readings"].frame
    for _, some in rows.groupby("arm"):
        low, high = some["measured_low"].iloc[0], some["measured_high"].iloc[0]
        inside = some["power"].between(low, high)
        assert inside.sum() >= 2
        assert (some["outcome"][inside] == "undecided").all()
    assert (
        "Nothing is decided" in fill(template_at(SLUG, "prose", "decided"), tables, SLUG)
        or (rows["outcome"] == "failed").any()
    )


def test_the_pair_ahead_is_that_of_the_fit(tables: Tables) -> None:
    rate, lam = predicted_pair(64)
    assert rate * 64 == pytest.approx(FITTED["c"])
    assert rate * lam == pytest.approx(FITTED["product"] * 2 ** FITTED["power"], rel=1e-5)
    row = tables["ahead"].row()
    assert (row["lr"], row["lam"]) == predicted_pair(SETTINGS["smoke"]["ahead"])
    assert row["reached"] > 0


@pytest.mark.parametrize(
    ("ends", "word", "became"),
    [((-0.1, 0.01), "is within 2%", "held"), ((0.03, 0.1), "costs more", "failed"),
     ((-0.1, 0.1), "not decided", "undecided")],
)  # fmt: skip
def test_each_outcome_of_the_pair_has_its_words(tables: Tables, ends, word, became) -> None:
    found = tables["ahead"]
    frame = found.frame.assign(low=ends[0], high=ends[1], excess=sum(ends) / 2)
    made = {**{key: tables[key] for key in tables}, "ahead": Table(frame, found.main)}
    assert word in fill(template_at(SLUG, "prose", "carried"), made, SLUG)
    assert set(outcomes_of(PREDICTIONS[SLUG]["carried"], made)) == {became}


@pytest.mark.parametrize("noise", [0.01, 1.0])
def test_what_it_would_take_is_a_number_of_seeds(result: Result, noise: float) -> None:
    tables = valleys(result, (0.5, 0.5), noise)
    said = fill(template_at(SLUG, "prose", "takes"), tables, SLUG)
    assert "seeds in" in said
    asked = tables["takes"].frame
    assert ((asked["seeds_asked"] > asked["seeds"]) == (asked["half"] > 0.44)).all()
    assert "the same multiple" in fill(template_at(SLUG, "prose", "rate"), tables, SLUG)


def test_more_blocks_are_trained_in_full_grids(result: Result) -> None:
    rows, at = deep_ends(result), SETTINGS["smoke"]
    assert set(rows["blocks"]) == set(at["blocks"])
    for _, cell in rows.groupby("blocks"):
        assert len(cell) == cell["c"].nunique() * cell["product"].nunique() * at["deep_seeds"]


@pytest.mark.parametrize("power", [0.0, 0.5])
def test_a_power_of_the_depth_that_is_put_in_comes_out(result: Result, power: float) -> None:
    rows = result["deeper"].table
    off = np.log2(rows["lr"] * rows["lam"]) + 7.5 - power * np.log2(rows["depth"] - 1)
    off += 0.01 * np.sin(rows["seed"] * 5.0 + rows["depth"])
    valley = 1 + 0.01 * off**2 + (rows["lr"] * rows["width"] != 1)
    made = replace(result["deeper"], table=rows.assign(val_loss=valley, test_loss=valley))
    tables = Tables(Result(result.slug, result.scale, {**result.measurements, "deeper": made}))
    found = tables["depth_exponents"].row(rate="tuned")
    assert found["exponent"] == pytest.approx(power, abs=0.05)
    became = outcomes_of(PREDICTIONS[SLUG]["deeper"], tables)
    assert became == (["held"] if power == 0 else ["failed"])


@pytest.mark.parametrize(
    ("ends", "note", "word", "became"),
    [((0.0, 0.0), "the same pair", "is also the best one", "held"),
     ((0.03, 0.1), "", "costs 2 blocks", "failed"), ((-0.1, 0.1), "", "costs 2", "undecided")],
)  # fmt: skip
def test_each_outcome_of_the_pair_of_one_block_has_its_words(
    tables: Tables, ends, note, word, became
) -> None:
    found = tables["deeper_cost"]
    deepest = found.frame["blocks"] == found.frame["blocks"].max()
    frame = found.frame.copy()
    frame.loc[deepest, ["low", "high", "excess", "note"]] = [*ends, sum(ends) / 2, note]
    made = {**{key: tables[key] for key in tables}, "deeper_cost": Table(frame, found.main)}
    assert word in fill(template_at(SLUG, "prose", "deeper"), made, SLUG)
    assert outcomes_of(PREDICTIONS[SLUG]["deeper_cost"], made) == [became]
