"""What a tuned lambda is worth at another size, on valleys whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from l2scale.lab.estimates.exponents import bend, exponent, exponent_difference
from l2scale.lab.estimates.transfer import exponents, local_exponents, on_grid, transfer_regret

LAMS = [2.0**k for k in range(-10, 3)]


def valleys(power: float, widths: tuple[int, ...] = (4, 16, 64), seeds: int = 6) -> pd.DataFrame:
    """Parabolas in log2 lambda with vertex 2^-4 (w / 16)^power, a little apart for each seed."""
    rows = []
    for width in widths:
        for seed in range(seeds):
            shift = 0.02 * (seed - (seeds - 1) / 2)
            for lam in LAMS:
                off = np.log2(lam) + 4 - power * np.log2(width / 16) - shift
                rows.append(
                    {"width": width, "seed": seed, "lam": lam, "val_loss": 1 + 0.1 * off**2}
                )
    table = pd.DataFrame(rows)
    return table.assign(test_loss=table["val_loss"] + 0.5 + 0.01 * table["seed"])


@pytest.mark.parametrize("power", [-1.0, 0.0, 0.5])
def test_exponents_are_found(power: float) -> None:
    table = pd.concat([valleys(power).assign(rule="a"), valleys(0.0).assign(rule="b")])
    found = exponents(table, ["rule"]).set_index("rule")
    assert found.loc["a", "exponent"] == pytest.approx(power, abs=1e-9)
    assert found.loc["b", "exponent"] == pytest.approx(0.0, abs=1e-9)
    assert (found["low"] <= found["exponent"]).all() and (found["high"] >= found["exponent"]).all()
    assert (found["edges"] == "").all()
    kinds = pd.Categorical(table["rule"], categories=["a", "b", "never trained"])
    assert exponents(table.assign(rule=kinds), ["rule"])["rule"].tolist() == ["a", "b"]


def test_a_local_exponent_belongs_to_its_pair() -> None:
    bent = pd.concat([valleys(-1.0, (4, 16)), valleys(0.0, (64,))])
    found = local_exponents(bent)
    assert list(found["x_low"]) == [4, 16] and list(found["x_high"]) == [16, 64]
    np.testing.assert_allclose(found["width"], [8, 32])
    np.testing.assert_allclose(found["exponent"], [-1.0, 0.0], atol=1e-9)


def test_a_bend_is_the_exponent_after_less_the_one_before() -> None:
    bent = pd.concat([valleys(-1.0, (4, 16)), valleys(0.5, (64, 256))])
    found = bend(bent, at=16)
    before, after = exponent(bent[bent["width"] <= 16]), exponent(bent[bent["width"] >= 16])
    assert found.estimate == pytest.approx(after.estimate - before.estimate)
    assert bend(valleys(-0.5), at=16).estimate == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(ValueError, match="either side"):
        bend(bent, at=256)


def test_what_seeds_share_leaves_a_bend_certain_and_what_they_do_not_share_does_not() -> None:
    table = valleys(-0.5, (4, 16, 64))
    certain = bend(table, at=16)
    assert certain.high - certain.low < 1e-6
    tilt = 0.02 * (table["seed"] % 2) * np.log2(table["lam"]) * (table["width"] == 64)
    uneven = bend(table.assign(val_loss=table["val_loss"] + tilt), at=16)
    assert uneven.high - uneven.low > 0.01


@pytest.mark.parametrize(("one", "other"), [(0.5, 0.0), (-0.2, 0.3)])
def test_a_difference_is_the_exponent_of_the_quotient(one: float, other: float) -> None:
    table, second = valleys(one), valleys(other)
    found = exponent_difference(table, second)
    assert found.estimate == pytest.approx(one - other)
    assert found.high - found.low < 1e-6, "what seeds share is in both"
    tilt = 0.02 * (second["seed"] % 2) * np.log2(second["lam"]) * (second["width"] == 64)
    uneven = exponent_difference(table, second.assign(val_loss=second["val_loss"] + tilt))
    assert uneven.high - uneven.low > 0.01
    for column, wrong in (("width", valleys(other, (4, 16))), ("seed", valleys(other, seeds=5))):
        with pytest.raises(ValueError, match=f"the same {column} in both"):
            exponent_difference(table, wrong)


def test_an_optimum_at_the_edge_has_no_exponent() -> None:
    table = valleys(2.0, (4, 16, 256))
    (row,) = exponents(table.assign(rule="a"), ["rule"]).to_dict("records")
    assert np.isnan([row[name] for name in ("exponent", "low", "high")]).all()
    assert row["edges"] == "high at 256"
    local = local_exponents(table)
    assert list(local["edges"]) == ["", "high at 256"] and local["exponent"][0] == pytest.approx(2)


def test_carrying_costs_the_valley() -> None:
    found = transfer_regret(valleys(-1.0)).set_index("width")
    # At 4 the best is 2^-2; two and four doublings further it is off by 2 and 4 steps.
    np.testing.assert_allclose(found["kept"], 2.0**-2)
    np.testing.assert_allclose(found["own"], [2.0**-2, 2.0**-4, 2.0**-6])
    assert found.loc[4, "excess"] == 0 and found.loc[4, "ratio"] == 1
    assert found.loc[16, "excess"] == pytest.approx(0.1 * 4)
    assert found.loc[64, "excess"] == pytest.approx(0.1 * 16)
    assert found.loc[64, "low"] < 1.6 < found.loc[64, "high"]
    assert found.loc[64, "ratio"] == pytest.approx((1.6 + 1.525) / 1.525, rel=0.01)


def test_what_is_carried_is_the_best_on_the_grid_not_the_vertex_between_its_points() -> None:
    """The vertices are 2^-4.2, 2^-4 and 2^-3.8: on every grid 2^-4 is the nearest."""
    found = transfer_regret(valleys(0.1))
    assert (found[["kept", "own"]] == 2.0**-4).all(axis=None)
    assert (found["excess"] == 0).all() and (found["ratio"] == 1).all()


def test_one_metric_chooses_and_the_other_is_charged() -> None:
    """The charged one is lambda times a factor for each seed, so that the quotient is certain."""
    table = valleys(-1.0)
    table = table.assign(test_loss=table["lam"] * (1 + table["seed"] / 10))
    found = transfer_regret(table).set_index("width")
    np.testing.assert_allclose(found["excess"], (found["kept"] - found["own"]) * 1.25)
    np.testing.assert_allclose(found["level"], found["own"] * 1.25)
    for column in ("ratio", "ratio_low", "ratio_high"):
        np.testing.assert_allclose(found[column], found["kept"] / found["own"])
    moved = found[1:]
    assert (moved["low"] < moved["excess"]).all() and (moved["excess"] < moved["high"]).all()
    swapped = table.rename(columns={"val_loss": "test_loss", "test_loss": "val_loss"})
    again = transfer_regret(swapped, select="test_loss", report="val_loss").set_index("width")
    pd.testing.assert_frame_equal(again, found)


def test_bounds_of_a_quotient_hold_it_and_an_edge_is_told() -> None:
    found = transfer_regret(valleys(2.0, (4, 16, 256))).set_index("width")
    assert list(found["edge"].fillna("")) == ["", "", "high"]
    bounds = found.loc[16, ["ratio_low", "ratio", "ratio_high"]].to_list()
    assert 1 < bounds[0] < bounds[1] < bounds[2]


def test_another_metric_and_another_size_have_exponents_of_their_own() -> None:
    table = valleys(0.0).assign(val_error=valleys(-0.5)["val_loss"], rule="a")
    table = table.rename(columns={"width": "depth"})
    names = {"x": "depth", "select": "val_error"}
    assert exponents(table, ["rule"], **names)["exponent"][0] == pytest.approx(-0.5)
    np.testing.assert_allclose(local_exponents(table, **names)["exponent"], [-0.5, -0.5])
    two = table[table["depth"] < 64]
    np.testing.assert_allclose(local_exponents(two, **names)["depth"], [8])


def test_a_report_of_zero_has_an_excess_and_no_ratio() -> None:
    table = valleys(-1.0)
    found = transfer_regret(
        table.assign(test_error=(table["val_loss"] - 1).round(2)), report="test_error"
    )
    assert found["ratio"].isna().any() and found["excess"].notna().all()
    for lam in (2.0**-2, 2.0**-6):  # that carried to 64, and the one found anew there
        one = (table["seed"] == 0) & (table["width"] == 64) & (table["lam"] == lam)
        found = transfer_regret(table.assign(test_loss=table["test_loss"].mask(one, 0.0)))
        assert found["ratio"].isna().tolist() == [False, False, True]
        assert found["excess"].notna().all()
    means = table.groupby(["width", "lam"])["test_loss"].mean()
    levels = transfer_regret(table).set_index("width")
    for width in (4, 16, 64):
        own = levels.loc[width, "own"]
        assert levels.loc[width, "level"] == pytest.approx(means.loc[width, own])


def test_carrying_by_the_power_of_the_valley_costs_nothing() -> None:
    table = valleys(0.5)
    rounded = table.assign(lam=[float(f"{lam:.6g}") for lam in table["lam"]])
    found = transfer_regret(rounded, exponent=0.5).set_index("width")
    np.testing.assert_allclose(found["kept"], [2.0**-5, 2.0**-4, 2.0**-3])
    assert (found["kept"] == found["own"]).all() and (found["excess"] == 0).all()
    # By the power 1 it is one doubling too far at 16, and two at 64.
    further = transfer_regret(rounded, exponent=1.0).set_index("width")
    np.testing.assert_allclose(further["excess"], [0, 0.1, 0.4], atol=1e-9)


def test_a_rounded_strength_is_found_on_its_grid() -> None:
    assert on_grid([0.0248031, 0.0992126], 4 * 0.0248031) == 0.0992126
    assert on_grid([0.0992126], 0.1) is None


def test_off_the_grid_a_carried_strength_has_no_cost() -> None:
    table = valleys(0.0)
    off_grid = table.assign(lam=table["lam"].where(table["width"] != 16, 1.1 * table["lam"]))
    found = transfer_regret(off_grid).set_index("width")
    costs = ["excess", "low", "high", "ratio", "ratio_low", "ratio_high"]
    assert found.loc[16, costs].isna().all()
    assert found.drop(index=16)[costs].notna().all(axis=None)
    assert found.loc[16, "kept"] == found.loc[4, "kept"] and found.loc[16, "level"] > 0


def test_bad_input() -> None:
    table = valleys(0.0)
    with pytest.raises(ValueError, match="needs 2 or more width"):
        local_exponents(table[table["width"] == 4])
    with pytest.raises(ValueError, match=r"at width=16: .* finite numbers"):
        transfer_regret(table.assign(test_loss=table["test_loss"].where(table["width"] != 16)))
