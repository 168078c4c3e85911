"""What is told of a measurement, and the table of many tasks."""

from l2scale.lab.sweeps.measurement import configuration, gathered
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid

BASE = Run(data="wine", hidden=(6,), steps=30, batch_size=16, dtype="float64", lr=0.05)


def small_sweep() -> Sweep:
    runs = grid(
        BASE, hidden=((6,), (9, 4)), penalty=("sum", "fan"), lam=(1e-3, 1e-2), seed=range(3)
    )
    return Sweep("small", runs)


def test_configuration_names_constants_and_what_varies() -> None:
    found = configuration(small_sweep().runs)
    assert found["data"] == "wine" and found["lam"] == [1e-3, 1e-2] and found["seed"] == [0, 1, 2]
    assert found["hidden"] == ["6", "9-4"]


def rows_of(place: int) -> list[dict[str, int]]:
    return [{"place": place, "row": row} for row in range(place)]


def test_rows_of_many_tasks_make_one_table_in_their_order() -> None:
    table = gathered(rows_of, [(2,), (0,), (1,)])
    assert table.to_dict("list") == {"place": [2, 2, 1], "row": [0, 1, 0]}
