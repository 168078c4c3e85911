"""What the page for a reader's own model claims, at smoke scale."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, quote, template_at
from l2scale.exhibits import your_model
from l2scale.exhibits.your_model.measured import MINIMA, TRAINED
from l2scale.exhibits.your_model.networks import lab_network
from l2scale.exhibits.your_model.sweeps import LAM, sweeps
from l2scale.practice import param_groups

SLUG = "your_model"


@pytest.fixture
def tables(result: Result) -> Tables:
    return Tables(result)


def test_the_value_is_that_of_the_start_and_the_network_learns(tables: Tables) -> None:
    start, end = (tables["fifty"].row(look=look) for look in ("start", "end"))
    assert start["value_over_expected"] == pytest.approx(1, abs=0.02)
    assert start["cost"] == pytest.approx(start["data_loss"] + start["value"], rel=1e-6)
    assert end["data_loss"] < 0.8 * start["data_loss"]
    assert start["weights"] == tables["layers"].frame.query("look == 'end'")["n_weights"].sum()


def test_the_large_network_has_the_weights_of_the_first_chapter() -> None:
    network = your_model.large_network("smoke")
    assert [tuple(w.shape) for w in network.parameters()] == [(176, 64), (48, 176), (1, 48)]
    assert network(torch.zeros(5, 64)).shape == (5,)


def test_convolutions_before_normalisation_have_no_balance(tables: Tables) -> None:
    frame = tables["tensors"].frame
    kernels = frame.query("kind == 'convolution' and look != 'between'")
    assert kernels["scale_free"].all() and kernels["size"].max() < 1e-2
    assert set(kernels["name"]) == {"1.weight", "4.weight", "7.weight"}
    assert not frame.loc[frame["model"] != "convolutions", "scale_free"].any()


def test_minima_balance_and_the_smooth_one_to_rounding(tables: Tables) -> None:
    frame = tables["tensors"].frame.query("at_minimum == 'yes'")
    assert frame.loc[frame["look"] == "end", "balance_off"].max() < 0.05
    assert frame.loc[frame["look"] == "start", "balance_off"].max() > 1
    at_end = frame.query("look == 'end'")
    relu, tanh = (at_end[at_end["model"] == model] for model in MINIMA.values())
    assert tanh[["balance_off", "force_off"]].max(axis=None) < 1e-3
    assert relu["layers_off"].max() < 0.01
    assert tanh["all_unbalanced"].max() < 0.01 < relu["all_unbalanced"].max()
    words = "On each penalised tensor its force and the data’s balance"
    assert all(words in verdict for verdict in tanh["verdict"])


def test_diagnoses_agree_with_what_the_lab_measures(result: Result) -> None:
    """Two programs, and one network each."""
    lab = result["minima"].table.set_index(["activation", "seed", "step"]).sort_index()
    table = result["at_minimum"].table
    for activation, model in MINIMA.items():
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


def test_both_networks_learn_the_digits(tables: Tables) -> None:
    for model, least in (("convolutions", 0.95), ("transformer", 0.8)):
        assert tables["means"].row(model=model, look="end", quantity="accuracy")["estimate"] > least


def test_groups_take_the_steps_of_the_penalty_written_out(tables: Tables) -> None:
    found = tables["groups"].frame
    assert len(found) == 5 and found["deviation"].max() < 1e-12


def test_the_table_of_decays_is_that_of_the_groups() -> None:
    network = your_model.conv_model(seed=0)
    found = your_model.weight_decays(network, LAM)
    assert (found["sum"] == np.where(found["fan"] > 0, 2 * LAM, 0)).all()
    for group in param_groups(network, "fan", lam=LAM):
        assert (found.loc[group["names"], "fan"] == group["weight_decay"]).all()


def fed(result: Result, **tables: pd.DataFrame) -> Tables:
    """What is made of a result with other tables."""
    new = {name: replace(result[name], table=table) for name, table in tables.items()}
    return Tables(replace(result, measurements=dict(result.measurements) | new))


def became(tables: Tables, name: str) -> str:
    (found,) = outcomes_of(PREDICTIONS[SLUG][name], tables)
    return found


def test_rank_correlations_are_those_of_each_network(result: Result) -> None:
    trained = result["trained"].table
    forces = trained["value_share"].where(trained["seed"] == 0, -trained["value_share"])
    tables = fed(result, trained=trained.assign(force_ratio=forces))
    found = tables["rank_correlations"].frame
    small = found["model"].isin(TRAINED)
    assert (found.loc[small, "rank"] == found.loc[small, "seed"].map({0: 1, 1: -1})).all()
    assert tables["ranks"].frame["estimate"].tolist() == [0, 0]
    two = found[found["model"].isin(MINIMA.values())]
    assert (two["counted"] == "no").all() and two["rank"].isna().all()
    counted = tables["agreement"].row()
    large = found.query("model == 'fully connected' and same == 'yes'")
    assert counted["same"] == 4 + len(large) and counted["of"] == 2 * (1 + 2 * 2)
    assert 0 < counted["chance"] < counted["of"] / 3
    more = fill(template_at(SLUG, "value-share-and-force", "more"), tables, SLUG)
    assert f"{' and '.join(MINIMA.values())} have fewer than three tensors" in more


def test_predictions_are_judged_by_the_table(result: Result, tables: Tables) -> None:
    for name in ("start_by_chance", "free", "minima"):
        assert became(tables, name) == "held", name
    trained, rest = result["trained"].table, result["at_minimum"].table
    assert became(fed(result, at_minimum=rest.assign(balance=0.5)), "minima") == "failed"
    off = fed(result, trained=trained.assign(value_over_expected=1.1))
    assert became(off, "start") == became(off, "start_by_chance") == "failed"
    # As it was stated, five per cent of every network's tensors decide, those at minima too.
    exact = trained.assign(value_over_expected=1.04)
    for value, outcome in ((1.0, "held"), (1.06, "failed")):
        minima = rest.assign(value_over_expected=value)
        assert became(fed(result, trained=exact, at_minimum=minima), "start") == outcome
    # A convolution stays in the judged set when it turns out to have a scale.
    first = trained["name"].eq("1.weight") & trained["model"].eq("convolutions")
    scaled = trained.assign(scale_free=trained["scale_free"] & ~first)
    changed = fed(result, trained=scaled.assign(balance=trained["balance"].mask(first, 0.5)))
    assert became(changed, "free") == "failed"
    assert changed["counts"].row()[["scale_free", "diagnoses"]].tolist() == [8, 12]
    # One tensor of one seed decides, where a mean may hide it.
    between = trained.assign(balance=0.5)
    assert became(fed(result, trained=between), "between") == "held"
    last = (between["model"] == "transformer") & (between["seed"] == 0)
    swung = fed(result, trained=between.assign(balance=between["balance"].mask(last, -0.1)))
    assert (became(swung, "between"), became(swung, "between_means")) == ("failed", "held")
    same = fed(result, trained=trained.assign(force_ratio=trained["value_share"]))
    assert became(same, "rank_start") == became(same, "rank_end") == "failed"
    assert quote(same, "ranks[look=end]:.2f") == "1.00"  # in every network


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [(-0.2, 0.2, "held"), (-0.5, 0.5, "was left open"), (0.1, 0.2, "failed")],
)
def test_a_rank_correlation_is_0_where_its_interval_is_narrow_about_it(
    low: float, high: float, outcome: str
) -> None:
    frame = pd.DataFrame({"look": ["start", "end"], "estimate": 0.1, "low": low, "high": high})
    ranks = {"ranks": Table(frame)}
    found = [became(ranks, f"rank_{look}") for look in ("start", "end")]
    predictions = pd.DataFrame({"id": ["rank_start", "rank_end"], "outcome": found})
    said = fill(template_at(SLUG, "prose", "ranks"), {"predictions": Table(predictions, "outcome")})
    assert said == f"{outcome} before training and {outcome} after"


def test_the_first_prediction_can_hold_and_fail(result: Result) -> None:
    table = result["fifty"].table
    start = table["step"] == 0
    right = table.assign(all_data_loss=np.where(start, 0.69, 0.4), all_value_share=0.99)
    assert became(fed(result, fifty=right), "fifty") == "held"
    for column, wrong in {"all_data_loss": 0.69, "all_value_share": 0.9}.items():
        assert became(fed(result, fifty=right.assign(**{column: wrong})), "fifty") == "failed"
