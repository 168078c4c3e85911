"""The claims of the chapter "Wider, with AdamW and a schedule", at smoke scale."""

from dataclasses import replace

import numpy as np
import pytest

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.exhibits.wider_adamw.few import few_rows
from l2scale.exhibits.wider_adamw.sweeps import FEW_RATES, FITTED, SETTINGS, predicted_pair
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
        "no reading is decided" in fill(template_at(SLUG, "prose", "decided"), tables, SLUG)
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
    ("ends", "became"), [((0.0, 0.0), "held"), ((0.03, 0.1), "failed"), ((-0.1, 0.1), "undecided")]
)
def test_the_pair_of_one_block_is_judged_at_the_deepest(tables: Tables, ends, became) -> None:
    found = tables["deeper_cost"]
    deepest = found.frame["blocks"] == found.frame["blocks"].max()
    frame = found.frame.copy()
    frame.loc[deepest, ["low", "high", "excess"]] = [*ends, sum(ends) / 2]
    made = {**{key: tables[key] for key in tables}, "deeper_cost": Table(frame, found.main)}
    assert outcomes_of(PREDICTIONS[SLUG]["deeper_cost"], made) == [became]


def few_valleys(result: Result, kept: float, falling: float, noise: float = 0.01) -> Tables:
    """The tables with few data's losses put in, whose best lambda has these powers of the width.

    At one rate, and at rates as 1/width: so its power of the rate is the difference.
    """
    rows = result["few"].table
    wide, fast = np.log2(rows["width"] / 8), np.log2(rows["lr"] / FEW_RATES[-1])
    centre = 1 + kept * wide + (kept - falling) * fast
    centre += noise * np.sin(rows["seed"] * 5.0 + rows["width"])
    valley = 1 + 0.01 * (np.log2(rows["lam"]) - centre) ** 2
    made = replace(result["few"], table=rows.assign(val_loss=valley, test_loss=valley))
    return Tables(Result(result.slug, result.scale, {**result.measurements, "few": made}))


@pytest.mark.parametrize(("kept", "falling"), [(0.5, 0.25), (-0.2, -0.5), (1.0, 0.75)])
def test_powers_under_both_rules_for_the_rate_come_out(
    result: Result, kept: float, falling: float
) -> None:
    tables = few_valleys(result, kept, falling)
    for rule, power in (("kept", kept), ("falling", falling)):
        row = tables["few_exponents"].row(rule=rule, rate=FEW_RATES[-1])
        assert row["exponent"] == pytest.approx(power, abs=0.05)
        assert row["doubling"] == pytest.approx(2**power, rel=0.05)
    became = {
        name: outcomes_of(PREDICTIONS[SLUG][name], tables) for name in ("few_kept", "few_falling")
    }
    assert set(became["few_kept"]) == {"held" if kept > 0 else "failed"}
    assert set(became["few_falling"]) == {"held" if falling < 0.5 else "failed"}
    out = tables["few_readings"].frame
    assert (out["left_out"] == out["of"]).all(), "these are no reading's powers"
    assert (out["all_out"] == out["of"]).all()
    said = fill(template_at(SLUG, "prose", "few"), tables, SLUG)
    assert "out the powers of all" in said
    title = fill(template_at(SLUG, "best-lambda-few-data", "title"), tables, SLUG)
    assert ("falls" in title) == (falling < 0)


def test_an_interval_that_holds_readings_says_which_it_leaves_out(result: Result) -> None:
    tables = few_valleys(result, 0.5, 0.5)
    said = fill(template_at(SLUG, "prose", "few"), tables, SLUG)
    assert "leaves out the power of" in said and "constant gain" not in said
    unsure = few_valleys(result, 0.5, 0.5, noise=3.0)
    frame = unsure["few_readings"].frame.assign(left_out=0, all_out=0)
    for of, words in ((2, "No interval leaves out"), (0, "lie at the edge")):
        made = {key: unsure[key] for key in unsure}
        made["few_readings"] = Table(frame.assign(of=of), "left_out")
        assert words in fill(template_at(SLUG, "prose", "few"), made, SLUG)


def test_a_rule_for_the_rate_has_the_networks_that_were_trained_for_it(result: Result) -> None:
    rows = few_rows(result)
    falling = rows[rows["rule"] == "falling"]
    narrow = rows["width"].min()
    np.testing.assert_allclose(falling["lr"] * falling["width"], falling["rate"] * narrow)
    assert (falling.groupby("rate")["width"].nunique() == rows["width"].nunique()).all()
    assert set(rows.loc[rows["rule"] == "kept", "lr"]) == set(FEW_RATES)
