"""What a result says of itself, over all its measurements and over some."""

import pandas as pd
import pytest

from l2scale.catalogue.results import Result, once
from l2scale.lab.sweeps.measurement import Measurement


def measurement(name: str, seeds: list[int], seconds: float, device: str) -> Measurement:
    table = pd.DataFrame({"run": range(len(seeds)), "seed": seeds})
    return Measurement(name, table, len(seeds), seconds, device, {"lr": 0.1})


RESULT = Result(
    "cost",
    "smoke",
    {
        "one": measurement("one", [0, 1, 2], 1.5, "cpu (some, 2 cores)"),
        "two": measurement("two", [1, 2, 3, 4], 2.0, "cuda (other)"),
    },
)


def test_totals_are_over_all_measurements():
    assert RESULT.networks == 7
    assert RESULT.seconds == 3.5
    assert RESULT.seeds == 5
    assert RESULT.device == "cpu + cuda"
    assert RESULT.machine == "cpu (some, 2 cores); cuda (other)"


def test_a_part_has_its_own_totals():
    part = RESULT.part(["two"])
    assert (part.slug, part.scale) == ("cost", "smoke")
    assert (part.networks, part.seeds, part.device) == (4, 4, "cuda")


def test_unknown_measurements_are_named_with_those_there_are():
    with pytest.raises(KeyError, match=r"no measurement 'three'.*it has one, two"):
        RESULT["three"]


def test_a_result_without_measurements_is_refused():
    with pytest.raises(ValueError, match="'cost' has no measurements"):
        Result("cost", "smoke", {})


def test_a_table_is_made_once_for_a_result_and_nobody_shares_a_copy():
    asked = []

    @once
    def seeds(result: Result) -> pd.DataFrame:
        """Its seeds."""
        asked.append(result.slug)
        return result["one"].table[["seed"]]

    mine = seeds(RESULT)
    mine["seed"] = 0
    assert seeds(RESULT)["seed"].tolist() == [0, 1, 2]
    assert asked == ["cost"]
    assert seeds.__doc__ == "Its seeds."
    other = Result("cost", "smoke", {"one": measurement("one", [7], 1.0, "cpu")})
    assert seeds(other)["seed"].tolist() == [7]
    assert asked == ["cost", "cost"]
