"""What came out of the turns: rates and ratios, whether the goals are met, and who disagrees."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import peak, record, speed_figure
from l2scale.lab import machine
from l2scale.lab.training.runs import Run
from l2scale.press import bench

OUT = Path("_build")
GOALS = {
    "plain_torch": 40,
    "lean_torch": 15,
    "sklearn": 10,
    "torch_func": 5,
    "jax_vmap": 1,
    "jax_map": 1,
}
"""How many times as fast as each of them we want to be, on a CPU."""
SGEMM_GOAL = 0.5  # of the peak
WIDE = ("base", "width512", "full_batch", "depth3")  # where the peak is the goal: width 128 and up
BAND = 0.01  # of accuracy, if three standard errors are no more


def summary(turns: pd.DataFrame) -> pd.DataFrame:
    """One row for each configuration and contender, in the order of the turns.

    Columns: configuration, contender, rounds, networks (in all of them), low, networks_per_second
    and high (least, median and largest of the rounds), ours_over_this, fraction_of_sgemm and
    accuracy.
    """
    rows = []
    for (configuration, contender), some in turns.groupby(
        ["configuration", "contender"], sort=False
    ):
        rates = some["networks_per_second"]
        rows.append(
            {
                "configuration": configuration,
                "contender": contender,
                "rounds": some["round"].nunique(),
                "networks": int(some["networks"].sum()),
                "low": float(rates.min()),
                "networks_per_second": float(rates.median()),
                "high": float(rates.max()),
                "fraction_of_sgemm": float((some["flops"] * rates / some["sgemm"]).median()),
                "accuracy": float(np.mean(list(_by_run(some).values()))),
            }
        )
    table = pd.DataFrame(rows)
    medians = table.set_index(["configuration", "contender"])["networks_per_second"]
    table["ours_over_this"] = [
        float(medians[row.configuration, "ours"] / row.networks_per_second)
        for row in table.itertuples()
    ]
    return table


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The medians, as `bench.json` holds them."""
    keys = [
        "configuration",
        "contender",
        "networks_per_second",
        "ours_over_this",
        "fraction_of_sgemm",
    ]
    return table[keys].to_dict("records")


def disagreements(turns: pd.DataFrame) -> list[str]:
    """Whose mean accuracy differs from ours, run by run, by more than chance explains."""
    found = []
    parts = dict(list(turns.groupby(["configuration", "contender"], sort=False)))
    for (configuration, contender), some in parts.items():
        our = _by_run(parts[configuration, "ours"])
        gaps = np.array([value - our[run] for run, value in _by_run(some).items()])
        error = gaps.std(ddof=1) / math.sqrt(len(gaps)) if len(gaps) > 1 else 0.0
        if not abs(gaps.mean()) <= max(BAND, 3 * error):
            found.append(f"{contender} by {gaps.mean():+.3f} at {configuration}")
    return found


def verdicts(table: pd.DataFrame) -> Iterator[str]:
    """One line for each goal: whether it is met, and where not."""
    for contender, goal in GOALS.items():
        rows = table[table["contender"] == contender]
        ratios = dict(zip(rows["configuration"], rows["ours_over_this"], strict=True))
        yield _verdict(f"{goal} x {contender}", ratios, goal)
    ours = table[(table["contender"] == "ours") & table["configuration"].isin(WIDE)]
    shares = dict(zip(ours["configuration"], ours["fraction_of_sgemm"], strict=True))
    yield _verdict(f"{SGEMM_GOAL} of the sgemm peak from width 128 up", shares, SGEMM_GOAL)


def lines(table: pd.DataFrame) -> Iterator[str]:
    """The table as it is printed."""
    yield (
        f"{'configuration':<14}{'contender':<13}{'networks':>9}{'min':>9}{'median':>9}{'max':>9}"
        f"{'ours/this':>11}{'of sgemm':>10}{'accuracy':>10}"
    )
    for row in table.itertuples():
        yield (
            f"{row.configuration:<14}{row.contender:<13}{row.networks:>9}{row.low:>9.2f}"
            f"{row.networks_per_second:>9.2f}{row.high:>9.2f}{row.ours_over_this:>11.2f}"
            f"{row.fraction_of_sgemm:>10.3f}{row.accuracy:>10.3f}"
        )


def roofline(turns: pd.DataFrame, bandwidth: float) -> Iterator[str]:
    """What we achieve of a GPU in each configuration, against the roof over its intensity."""
    ours = turns[turns["contender"] == "ours"]
    for configuration, some in ours.groupby("configuration", sort=False):
        rate, sgemm = some["networks_per_second"].median(), some["sgemm"].median()
        flops, traffic = some["flops"].iloc[0], some["traffic"].iloc[0]
        roof = min(sgemm, flops / traffic * bandwidth)
        yield (
            f"{configuration:<14}{rate * flops / 1e12:7.2f} TFLOP/s of {sgemm / 1e12:.1f}, "
            f"{rate * traffic / 1e12:6.3f} TB/s of {bandwidth / 1e12:.2f}: at "
            f"{flops / traffic:.1f} FLOP a byte the roof is {roof / 1e12:.2f} TFLOP/s, "
            f"and this is {rate * flops / roof:.2f} of it"
        )


def publish(turns: pd.DataFrame, kind: str, out: Path = OUT) -> None:
    """Print the turns' outcome, write it, and draw its figure.

    Raises:
        SystemExit: if contenders disagree; the medians are written, and nothing is drawn.
    """
    table = summary(turns)
    print(f"{machine.describe(kind)}: networks per second over {turns['round'].nunique()} rounds")
    print(*lines(table), sep="\n")
    print(*verdicts(table), sep="\n")
    if kind == "cuda":
        print(*roofline(turns, peak.bandwidth("cuda")), sep="\n")
    out.mkdir(exist_ok=True)
    (out / "bench.json").write_text(json.dumps(records(table), indent=2) + "\n", encoding="utf-8")
    if found := disagreements(turns):
        raise SystemExit(f"test accuracy differs from ours: {', '.join(found)}")
    device = machine.describe(kind)
    words = speed_figure.describe(table)
    record.write(out, bench.THROUGHPUT, speed_figure.draw, table, words, device)


def _by_run(turns: pd.DataFrame) -> dict[Run, float]:
    return {run: value for one in turns["accuracies"] for run, value in one.items()}


def _verdict(goal: str, found: dict[str, float], least: float) -> str:
    missed = [f"{name} {value:.2f}" for name, value in found.items() if value < least]
    if not found:
        return f"goal {goal}: not measured"
    return f"goal {goal}: {'missed at ' + ', '.join(missed) if missed else 'met'}"
