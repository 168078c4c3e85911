"""What the page for a reader's own model claims, at smoke scale."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from l2scale.catalogue.results import Result
from l2scale.exhibits import your_model
from l2scale.exhibits.your_model import balances, shares
from l2scale.exhibits.your_model.diagnosed_fifty import MODEL, largest, total
from l2scale.exhibits.your_model.networks import lab_network
from l2scale.exhibits.your_model.quoted import numbers
from l2scale.exhibits.your_model.sweeps import LAM, sweeps
from l2scale.exhibits.your_model.tables import (
    RESTING,
    at,
    fifty_rows,
    looks,
    rank_correlations,
    small_rows,
)
from l2scale.practice import param_groups


def test_the_value_is_that_of_the_start_and_the_network_learns(result: Result) -> None:
    table = fifty_rows(result)
    assert total(table, "value_over_expected") == pytest.approx(1, abs=0.02)
    assert total(table, "cost") == pytest.approx(
        total(table, "data_loss") + total(table, "value"), rel=1e-6
    )
    assert total(table, "data_loss", "end") < 0.8 * total(table, "data_loss")
    rows = at(table, MODEL, "start")
    assert largest(table)["value_share"] == rows["value_share"].max()


def test_the_large_network_has_the_weights_of_the_first_chapter() -> None:
    network = your_model.large_network("smoke")
    assert [tuple(w.shape) for w in network.parameters()] == [(176, 64), (48, 176), (1, 48)]
    assert network(torch.zeros(5, 64)).shape == (5,)


def test_convolutions_before_normalisation_have_no_balance(result: Result) -> None:
    table = small_rows(result)
    for look in ("start", "end"):
        found = balances.before_norm(table, look)
        assert found["scale_free"].all()
        assert set(found["name"]) == {"1.weight", "4.weight", "7.weight"}
        assert found["balance"].abs().max() < 1e-2
    others = looks(table)
    others = others[others["model"] != "convolutions"]
    assert not others["scale_free"].any()


def test_minima_balance_and_the_smooth_one_to_rounding(result: Result) -> None:
    table = small_rows(result)
    assert balances.furthest(table, RESTING) < 0.05
    assert balances.furthest(table, RESTING, "start") > 1
    relu, tanh = (at(table, model, "end") for model in RESTING)
    assert (tanh[["balance", "force_ratio"]] - 1).abs().to_numpy().max() < 1e-3
    assert (relu["layer_balance"] - 1).abs().max() < 0.01
    assert tanh["all_unbalanced"].max() < 0.01 < relu["all_unbalanced"].max()
    words = "On each penalised tensor its force and the data’s balance"
    assert all(words in verdict for verdict in tanh["verdict"])


def test_diagnoses_agree_with_what_the_lab_measures(result: Result) -> None:
    """Two programs, and one network each."""
    lab = result["minima"].table.set_index(["activation", "seed", "step"]).sort_index()
    table = small_rows(result)
    for model, activation in zip(RESTING, ("relu", "tanh"), strict=True):
        for (seed, step), rows in table[table["model"] == model].groupby(["seed", "step"]):
            row = lab.loc[(activation, seed, step)]
            assert rows["all_value"].iloc[0] == pytest.approx(row["penalty_value"])
            assert rows["all_data_loss"].iloc[0] == pytest.approx(row["train_loss"])
            found = rows["force_ratio"].to_numpy()
            assert found == pytest.approx(row[["force_ratio_1", "force_ratio_2"]].astype(float))


def test_a_network_of_the_lab_keeps_its_function() -> None:
    (sweep,) = sweeps("smoke")
    run = replace(sweep.runs[-1], steps=0, checkpoints=())
    assert run.activation == "tanh"
    network = lab_network(run)
    assert [type(layer).__name__ for layer in network] == ["Linear", "Tanh", "Linear"]


def test_both_networks_learn_the_digits(result: Result) -> None:
    table = result["trained"].table
    last = table[table["step"] == table["step"].max()].groupby("model")["accuracy"].mean()
    assert last["convolutions"] > 0.95 and last["transformer"] > 0.8


def test_groups_take_the_steps_of_the_penalty_written_out(result: Result) -> None:
    table = result["groups"].table
    assert table["penalty"].nunique() == 5 and table["deviation"].max() < 1e-12


def test_the_table_of_decays_is_that_of_the_groups() -> None:
    network = your_model.convolutional(seed=0)
    found = your_model.weight_decays(network, LAM)
    assert (found["sum"] == np.where(found["fan"] > 0, 2 * LAM, 0)).all()
    for group in param_groups(network, "fan", lam=LAM):
        assert (found.loc[group["names"], "fan"] == group["weight_decay"]).all()


def ranked(orders: dict[int, list[float]]) -> pd.DataFrame:
    """One network per seed, whose ratios of forces stand in an order, at both looks."""
    rows = [
        {"model": "some", "seed": seed, "step": step, "value_share": i, "force_ratio": ratio}
        for seed, ratios in orders.items()
        for step in (0, 9)
        for i, ratio in enumerate(ratios)
    ]
    return pd.DataFrame(rows)


def test_rank_correlations_are_those_of_each_network() -> None:
    table = ranked({0: [1, 2, 3], 1: [3, 2, 1]})
    found = rank_correlations(table)
    assert found.loc[found["look"] == "end", "rank"].tolist() == [1, -1]
    assert shares.same(table) == (2, 4, 4 / 3)
    assert shares.ranks(table, "start").estimate == 0
    assert rank_correlations(ranked({0: [1, 2]})).empty


def fed(result: Result, **tables: pd.DataFrame) -> dict[str, str]:
    """The numbers of a result with other tables."""
    new = {name: replace(result[name], table=table) for name, table in tables.items()}
    return numbers(replace(result, measurements=dict(result.measurements) | new))


def test_predictions_are_judged_by_the_table(result: Result) -> None:
    found = numbers(result)
    for name in ("start_chance", "free", "minima"):
        assert found[f"judged_{name}"] == "held", name
    trained, rest = result["trained"].table, result["at_minimum"].table
    assert fed(result, at_minimum=rest.assign(balance=0.5))["judged_minima"] == "failed"
    off = trained.assign(value_over_expected=1.1)
    assert fed(result, trained=off)["judged_start"] == "failed"
    assert fed(result, trained=off)["judged_start_chance"] == "failed"
    # As it was stated, five per cent of every network's tensors decide, those at minima too.
    exact = trained.assign(value_over_expected=1.04), rest.assign(value_over_expected=1.0)
    near, far = (
        fed(result, trained=exact[0], at_minimum=minima)
        for minima in (exact[1], rest.assign(value_over_expected=1.06))
    )
    assert (near["judged_start"], far["judged_start"]) == ("held", "failed")
    # A convolution stays in the judged set when it turns out to have a scale.
    first = trained["name"].eq("1.weight") & trained["model"].eq("convolutions")
    scaled = trained.assign(scale_free=trained["scale_free"] & ~first)
    changed = fed(result, trained=scaled.assign(balance=trained["balance"].mask(first, 0.5)))
    assert changed["judged_free"] == "failed" and changed["free_balance"] == "0.5"
    assert changed["free_flagged"] == "8 of 12"
    # One tensor of one seed decides, where a mean may hide it.
    between = trained.assign(balance=0.5)
    assert fed(result, trained=between)["judged_between"] == "held"
    last = (between["model"] == "transformer") & (between["seed"] == 0)
    swung = between.assign(balance=between["balance"].mask(last, -0.1))
    judged = fed(result, trained=swung)
    assert judged["judged_between"] == "failed" and judged["judged_between_means"] == "held"
    alike = fed(result, trained=trained.assign(force_ratio=trained["value_share"]))
    assert alike["judged_rank_start"] == alike["judged_rank_end"] == "failed"
    assert alike["rank_end"] == "1.00 [1.00, 1.00]"


def test_the_first_prediction_can_hold_and_fail(result: Result) -> None:
    table = result["fifty"].table
    start = table["step"] == 0
    right = table.assign(all_data_loss=np.where(start, 0.69, 0.4), all_value_share=0.99)
    assert fed(result, fifty=right)["judged_fifty"] == "held"
    for column, wrong in {"all_data_loss": 0.69, "all_value_share": 0.9}.items():
        assert fed(result, fifty=right.assign(**{column: wrong}))["judged_fifty"] == "failed"


def test_titles_and_captions_count_the_same_diagnoses(result: Result) -> None:
    table = shares.all_rows(result)
    count, of, chance = shares.same(table)
    title = shares.title(table)
    assert f"in {count} of {of} diagnoses of networks with three tensors or more" in title
    assert of == 2 * (1 + 2 * 2) and 0 < chance < of / 3
    assert shares.uncounted(table) == " and ".join(RESTING)
    low, high = balances.held(small_rows(result))
    assert numbers(result)["attention_low"] == f"{low:.2f}"
    assert f"between {low:.2g} and {high:.2g}" in balances.title(small_rows(result))
