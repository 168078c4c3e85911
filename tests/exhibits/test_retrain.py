"""A reader's own values in place of an exhibit's, with no file changed."""

import pytest

from l2scale.catalogue.results import Result
from l2scale.exhibits import batches, retrain
from l2scale.press import show

GRID = [0.0005, 0.002, 0.008, 0.032]

pytestmark = pytest.mark.xdist_group("exhibits")


@pytest.fixture(scope="module")
def mine(results: dict[str, Result]) -> Result:
    return retrain(batches, results["batches"], "kept", lam=GRID)


def test_a_sweep_is_trained_on_the_values_given(results: dict[str, Result], mine: Result) -> None:
    ours = results["batches"]
    assert sorted(mine["kept"].table["lam"].unique()) == GRID
    kept = ["batch_size", "seed", "step"]
    assert set(mine["kept"].table[kept].itertuples(index=False)) == set(
        ours["kept"].table[kept].itertuples(index=False)
    )
    assert mine["scaled"] is ours["scaled"]
    assert mine.scale == ours.scale


def test_the_figure_is_of_those_values_and_says_so(
    results: dict[str, Result], mine: Result
) -> None:
    plate = show(batches.steps_or_epochs, mine)
    assert plate.meta["configuration"]["kept"]["lam"] == GRID
    assert plate.meta["networks"] == mine["kept"].networks
    assert plate.files["csv"] != show(batches.steps_or_epochs, results["batches"]).files["csv"]


@pytest.mark.parametrize(
    ("names", "axes", "message"),
    [
        ((), {"lam": GRID}, "name the sweeps to train again: there are kept, scaled, halved"),
        (("keep",), {"lam": GRID}, "no sweep 'keep' in batches: there are kept"),
        (("kept",), {}, "give values to train with"),
        (("kept",), {"lambda": GRID}, "unknown axis 'lambda'"),
        (("kept",), {"lam": []}, "axis 'lam' is empty"),
        (("kept",), {"lam": [-1.0]}, "-1"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    results: dict[str, Result], names: tuple, axes: dict, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        retrain(batches, results["batches"], *names, **axes)


def test_another_exhibits_result_is_refused(results: dict[str, Result]) -> None:
    with pytest.raises(ValueError, match="the result is of 'samples', the exhibit is 'batches'"):
        retrain(
            batches, Result("samples", "smoke", results["batches"].measurements), "kept", lam=GRID
        )
