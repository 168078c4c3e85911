"""What the sum over samples and the sum over weights have in common, and what not."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import span
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import label_end, leave_room, log_ticks, mean_line
from l2scale.exhibits.value_and_force.sweeps import LAM
from l2scale.lab.estimates import Interval
from l2scale.lab.slopes import loglog_slope


def samples_table(result: Result) -> pd.DataFrame:
    """Norms before training: gradient of the summed and the mean loss, and penalty force."""
    start = result["samples"].table
    layers = (1, 2)
    mean = np.sqrt(sum(start[f"data_force_{layer}"] ** 2 for layer in layers))
    penalty = np.sqrt(sum(start[f"penalty_force_{layer}"] ** 2 for layer in layers))
    wide = start[["n_train", "seed"]].assign(
        summed=mean * start["n_train"], mean=mean, penalty=penalty
    )
    long = wide.melt(id_vars=["n_train", "seed"], var_name="term", value_name="norm")
    return long.reset_index(drop=True)


def sample_growth(table: pd.DataFrame, term: str) -> Interval:
    """The slope d log norm / d log n of one term."""
    return loglog_slope(table[table["term"] == term], "n_train", "norm")


@figure(
    id="samples-and-weights",
    source="samples",
    data=samples_table,
    title="A weight meets every sample in the data's gradient, and only itself in the penalty's",
    claim=lambda t: (
        "Norm of each term's gradient at the start, 64-64-10 networks on nested parts of the "
        "digits. The gradient of the summed loss grows with the samples n with exponent "
        f"{span(sample_growth(t, 'summed'))}, that of the mean loss with "
        f"{span(sample_growth(t, 'mean'))}; the penalty's force with "
        f"{sample_growth(t, 'penalty').estimate:z.2f}."
    ),
    alt="Log-log plot of gradient norms against the number of training samples. The summed loss's "
    "line rises in proportion to the samples; the mean loss's line is almost flat; the "
    "penalty's line is flat.",
)
def samples_and_weights(table: pd.DataFrame) -> Figure:
    """Gradient norms against the number of samples."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.4))
    ax.set_yscale("log")
    log_ticks(ax, table["n_train"])
    looks = {
        "summed": ("summed loss", "ink", "D"),
        "mean": ("mean loss", "data", "o"),
        "penalty": (f"penalty, λ = {LAM:g}", "penalty", "s"),
    }
    for term, (label, colour, marker) in looks.items():
        rows = table[table["term"] == term]
        mean_line(ax, rows, "n_train", "norm", style.colour(colour), marker)
        label_end(ax, rows, "n_train", "norm", label, style.colour(colour))
    leave_room(ax, 0.25)
    ax.set(xlabel="training samples n", ylabel="norm of the gradient at the start")
    return fig
