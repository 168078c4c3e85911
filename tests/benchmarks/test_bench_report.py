"""What is made of the turns; nothing is timed here."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks import report, throughput
from benchmarks.work import CONFIGURATIONS, flops
from l2scale.press import bench

RATES = {"ours": (40, 60, 50), "plain_torch": (1, 2, 3), "jax_map": (60, 80, 90)}
KEYS = [
    "configuration",
    "contender",
    "networks_per_second",
    "ours_over_this",
    "fraction_of_sgemm",
]


def made_up(**off) -> pd.DataFrame:
    """Three rounds of two configurations; `off` is added to a contender's accuracies."""
    rows = [
        {
            "configuration": work.name,
            "contender": contender,
            "round": turn,
            "networks": 4 if contender == "ours" else 2,
            "networks_per_second": rate,
            "seconds": 1.0,
            "sgemm": 2e11,
            "flops": flops(work.run),
            "traffic": 1e8,
            "accuracies": {
                replace(work.run, seed=10 * turn + seed): 0.97
                + 0.001 * seed
                + off.get(contender, 0.0)
                for seed in range(4 if contender == "ours" else 2)
            },
        }
        for work in CONFIGURATIONS[:2]
        for contender, rates in RATES.items()
        for turn, rate in enumerate(rates)
    ]
    return pd.DataFrame(rows)


def test_the_summary_holds_medians_ratios_and_shares_of_the_peak():
    table = report.summary(made_up()).set_index(["configuration", "contender"])
    ours, jax = table.loc["base", "ours"], table.loc["base", "jax_map"]
    assert (ours["low"], ours["networks_per_second"], ours["high"]) == (40, 50, 60)
    assert ours["networks"] == 12 and ours["ours_over_this"] == 1
    assert jax["ours_over_this"] == pytest.approx(50 / 80)
    share = flops(CONFIGURATIONS[0].run) * 80 / 2e11
    assert jax["fraction_of_sgemm"] == pytest.approx(share)


def test_all_is_published_and_the_list_has_five_keys(tmp_path, capsys):
    report.publish(made_up(), "cpu", tmp_path)
    rows = json.loads((tmp_path / "bench.json").read_text())
    assert [list(row) for row in rows] == [KEYS] * 6
    assert {(row["configuration"], row["contender"]) for row in rows} == {
        (work.name, contender) for work in CONFIGURATIONS[:2] for contender in RATES
    }
    assert all(np.isfinite(row[key]) for row in rows for key in KEYS[2:])
    printed = capsys.readouterr().out
    assert "goal 40 x plain_torch: missed at base 25.00, width32 25.00" in printed
    assert "goal 1 x jax_map: missed" in printed
    assert "goal 15 x lean_torch: not measured" in printed
    assert "goal 0.5 of the sgemm peak from width 128 up: met" in printed
    (figure,) = bench.figures_in(tmp_path)
    assert figure.meta["title"].startswith("l2scale trains 50 networks a second")
    assert figure.meta["rows"][0]["low"] == 40


def test_who_has_learnt_something_else_is_named_when_all_is_written(tmp_path):
    with pytest.raises(SystemExit, match=r"plain_torch by -0.300 at base, plain_torch by -0.300"):
        report.publish(made_up(plain_torch=-0.3), "cpu", tmp_path)
    assert (tmp_path / "bench.json").exists()
    assert not list(bench.figures_in(tmp_path))


def test_chance_is_no_disagreement():
    turns = made_up(jax_map=0.004)
    assert report.disagreements(turns) == []
    noisy = turns["contender"] == "jax_map"
    turns.loc[noisy, "accuracies"] = [
        {run: value + (0.05 if run.seed % 2 else -0.02) for run, value in one.items()}
        for one in turns.loc[noisy, "accuracies"]
    ]
    assert report.disagreements(turns) == []


def test_a_network_that_diverged_is_a_disagreement():
    assert report.disagreements(made_up(jax_map=np.nan))


def test_the_roof_is_the_lower_of_arithmetic_and_memory():
    lines = list(report.roofline(made_up(), bandwidth=1e10))
    work = flops(CONFIGURATIONS[0].run)
    roof = min(2e11, work / 1e8 * 1e10)
    assert re.search(rf"base .* the roof is {roof / 1e12:.2f} TFLOP/s", lines[0])
    assert lines[0].endswith(f"{50 * work / roof:.2f} of it")


def test_every_contender_has_a_goal_and_trains_at_least_one_network():
    field = throughput.field("cpu")
    assert set(field) - {"ours"} <= set(report.GOALS)
    assert all(one.share(work) >= 1 for one in field.values() for work in CONFIGURATIONS)
    assert {work.name for work in CONFIGURATIONS} > set(report.WIDE)
