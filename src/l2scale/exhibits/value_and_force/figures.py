"""The chapter's figures. Their words are in `text.toml`."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import (
    label_end,
    leave_room,
    log_ticks,
    mean_line,
    note,
    reference,
)
from l2scale.exhibits.value_and_force.sweeps import ARMS, LAM
from l2scale.exhibits.value_and_force.tables import (
    layers,
    pairs,
    predicted_from_shapes,
    samples,
    unused,
    values,
)
from l2scale.looks import style
from l2scale.looks.numerals import percent
from l2scale.theory.penalties import PENALTIES, decay_factor


@figure(id="value-and-force", data=values)
def value_and_force(table: pd.DataFrame) -> Figure:
    """Value and force of the five penalties against width, with their predictions."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6))
    for place, (ax, quantity) in enumerate(zip(axes, ("penalty_value", "unit_force"), strict=True)):
        ax.set_yscale("log")
        log_ticks(ax, table["width"])
        for penalty in PENALTIES:
            rows = table[table["penalty"] == penalty]
            widths = sorted(rows["width"].unique())
            lam = rows["lam"].iloc[0]
            mean_line(ax, rows, "width", quantity, style.colour(penalty), style.marker(penalty))
            reference(ax, widths, [predicted_from_shapes(penalty, w, lam)[place] for w in widths])
            apart = {"tensor_mean": 4, "mean": -4}.get(penalty, 0)  # their lines all but meet
            label_end(
                ax, rows, "width", quantity, style.words(penalty), style.colour(penalty), apart
            )
        leave_room(ax, 0.32)
        ax.set_xlabel("hidden units")
    axes[0].set(ylabel="nats", title="Value before training")
    axes[1].set(ylabel="nats per unit of weight", title="Force on a weight of size 1")
    return fig


@figure(id="unused-weight", data=unused)
def unused_weight(table: pd.DataFrame) -> Figure:
    """Decay of weights without a data gradient, against the closed form and the claim."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.6))
    lam, steps = table["lam"].iloc[0], np.linspace(0, table["step"].max(), 200)
    rates = sorted(table["lr"].unique())
    for lr, colour in zip(rates, style.shades(len(rates)), strict=True):
        rows = table[table["lr"] == lr]
        mean_line(ax, rows, "step", "share", colour, "o", "none")
        reference(ax, steps, decay_factor(lr, lam, 1.0) ** steps)
        label_end(ax, rows, "step", "share", f"η = {lr:g}", colour)
    ax.plot(steps, (1 - lam) ** steps, ":", color=style.colour("ink"), linewidth=3, alpha=0.6)
    at = steps[len(steps) // 2]
    note(ax, at * 1.05, (1 - lam) ** at, f"claimed for every η: {percent(lam)} a step")
    ax.set(xlabel="steps", ylabel="share of its initial size", yscale="log")
    ax.set_ylim(top=1.3)
    leave_room(ax, 0.06)
    return fig


@figure(id="big-layer", data=layers, penalties=("sum",))
def big_layer(table: pd.DataFrame) -> Figure:
    """Sum of squares of each layer over time, with and without the small layers' terms."""
    fig, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 3.2))
    colours = dict(zip(ARMS, (*style.shades(2)[::-1], style.colour("muted")), strict=True))
    shapes = ("64 → 1024", "1024 → 16", "16 → 10")
    for layer, (ax, shape) in enumerate(zip(axes, shapes, strict=True), start=1):
        for arm, colour in colours.items():
            rows = table[(table["penalised"] == arm) & (table["layer"] == layer)]
            mean_line(ax, rows, "step", "sq_norm", colour)
        ax.set(title=f"Layer {layer}: {shape}", xlabel="steps", ylabel="")
        ax.set_ylim(bottom=0)
        ax.xaxis.set_major_locator(plt.MaxNLocator(3))
    axes[0].set_ylabel("sum of squared weights")
    handles = [plt.Line2D([], [], color=colour, label=arm) for arm, colour in colours.items()]
    fig.legend(handles=handles, loc="outside lower center", ncols=3, title="penalised")
    return fig


@figure(id="sum-is-mean", data=pairs)
def sum_is_mean(table: pd.DataFrame) -> Figure:
    """Validation loss against the typed strength and against the strength one weight feels."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.7), sharey=True)
    rows = table[table["optimiser"] == "sgd"]
    widths = sorted(rows["width"].unique())
    lines = dict(zip(widths, (":", "--", "-.", "-")[-len(widths) :], strict=True))
    for ax, x in zip(axes, ("lam", "felt"), strict=True):
        ax.set(xscale="log", yscale="log")
        for penalty in ("mean", "sum"):
            for width, line in lines.items():
                some = rows[(rows["penalty"] == penalty) & (rows["width"] == width)]
                look = (style.colour(penalty), style.marker(penalty), line)
                mean_line(ax, some, x, "val_loss", *look)
                # Where the two coincide, the sum's small dots lie on the mean's large squares.
                ax.lines[-1].set_markersize(3.5 if penalty == "sum" else 7)
    axes[0].set(xlabel="λ as typed", ylabel="validation loss (nats)", title="As typed")
    axes[1].set(xlabel="λ · c, c = 1 (sum) or 1/P (mean)", title="As one weight feels it")
    for ax in axes:
        ax.yaxis.set_major_formatter("{x:.2g}")
        ax.yaxis.set_minor_formatter("{x:.2g}")
    handles = [
        plt.Line2D(
            [], [], color=style.colour(penalty), marker=style.marker(penalty), linestyle=line,
            label=f"{penalty}, H = {width}",
        )
        for width, line in lines.items()
        for penalty in ("sum", "mean")
    ]  # fmt: skip
    fig.legend(handles=handles, loc="outside lower center", ncols=len(widths))
    return fig


@figure(id="samples-and-weights", data=samples)
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
