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
from l2scale.exhibits.fan_scale.balance import SHOWN, rest, terms
from l2scale.exhibits.fan_scale.sweeps import PENALISED, SIGNAL_SHAPES
from l2scale.exhibits.fan_scale.trained import mean_squares, pattern
from l2scale.exhibits.fan_scale.untrained import (
    DIRECTIONS,
    KERAS,
    LABELS,
    LINEAR,
    LOGISTIC,
    RELU,
    libraries,
    ratio,
    signals,
)
from l2scale.looks import style

INITS = {
    "he": ("sum", "o"),
    "glorot": ("fan", "D"),
    "lecun": ("tensor_mean", "^"),
    "pytorch": ("mean", "s"),
}
LAYERS = {
    "PyTorch kaiming_uniform_": ("prior", "v"),
    LINEAR: ("mean", "s"),
    "PyTorch xavier_uniform_": ("sum", "o"),
    KERAS: ("fan", "D"),
    RELU: ("tensor_mean", "^"),
    LOGISTIC: ("muted", "P"),
}
"""Colour and marker."""


@figure(id="signal-by-layer", data=signals)
def signal_by_layer(table: pd.DataFrame) -> Figure:
    """Second moments forward and backward by layer, with the closed forms."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.7), sharey=True)
    layers = np.arange(1, table["layer"].max() + 1)
    for ax, (direction, moments) in zip(axes, DIRECTIONS.items(), strict=True):
        for init, (colour, marker) in INITS.items():
            rows = table[table["init"] == init]
            mean_line(ax, rows, "layer", direction, style.colour(colour), marker, "none")
            reference(ax, layers, moments(init, SIGNAL_SHAPES))
        # Only now: on a logarithmic axis the mean over seeds would be a geometric one.
        ax.set(yscale="log", xticks=layers, xlabel="layer", ylabel="mean square")
    axes[0].set_title("Forward: pre-activations")
    axes[1].set_title("Backward: gradient")
    handles = [
        plt.Line2D([], [], color=style.colour(colour), marker=marker, ls="", label=LABELS[init])
        for init, (colour, marker) in INITS.items()
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=4)
    return fig


@figure(id="library-scales", data=libraries)
def library_scales(table: pd.DataFrame) -> Figure:
    """Scaled variances of the libraries' layers against their aspect."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 4.0))
    ax.set(xscale="log", yscale="log")
    shift = {"PyTorch xavier_uniform_": 0.93, KERAS: 1.0, RELU: 1.07}  # apart on one line
    for name, (colour, marker) in LAYERS.items():
        rows = table[table["name"] == name].groupby("aspect", as_index=False).mean(True)
        if rows.empty:
            continue
        reference(ax, rows["aspect"], rows["predicted_scaled"])
        ax.plot(
            rows["aspect"] * shift.get(name, 1.0),
            rows["scaled"],
            marker,
            color=style.colour(colour),
            label=name,
        )
    ax.axhline(1, color=style.colour("muted"), linewidth=1.0, linestyle=":")
    aspects = np.sort(table["aspect"].unique())
    note(ax, aspects[0], 1.06, "1/(nᵢₙ + nₒᵤₜ), as the thread has it", va="bottom")
    ticks = aspects[:: max(1, len(aspects) // 8)]
    ax.set_xticks(ticks, [ratio(a) for a in ticks])
    ax.set_xticks([], minor=True)
    levels = [0.5, 1, 2, 5, 10, 20]
    ax.set_yticks(levels, [f"{level:g}" for level in levels])
    ax.set_yticks([], minor=True)
    ax.set(xlabel="outputs per input, nₒᵤₜ / nᵢₙ", ylabel="variance × (nᵢₙ + nₒᵤₜ)")
    fig.legend(loc="outside lower center", ncols=3, fontsize=8.5)
    return fig


@figure(id="trained-mean-squares", data=mean_squares)
def trained_mean_squares(table: pd.DataFrame) -> Figure:
    """Scaled mean squares by layer, short and long, for every penalty and initial scale."""
    fig, axes = plt.subplots(
        2, len(PENALISED), figsize=(style.WIDTH, 5.0), sharex=True, sharey=True
    )
    scales = sorted(table["init_scale"].unique())
    colours = dict(zip(scales, style.shades(len(scales)), strict=True))
    layers = np.arange(1, 5)
    for row, when in zip(axes, ("short", "long"), strict=True):
        trained = table[(table["shape"] == "funnel") & (table["when"] == when)]
        for ax, name in zip(row, PENALISED, strict=True):
            rows = trained[trained["penalised"] == name]
            for scale, marker in zip(scales, "v^o", strict=True):
                one = rows[rows["init_scale"] == scale]
                mean_line(ax, one, "layer", "fan_scaled", colours[scale], marker)
            if name != "none" and when == "long":
                height = np.exp(np.log(rows["fan_scaled"]).mean())
                reference(ax, layers, height * pattern(name))
            ax.axhline(1, color=style.colour("ink"), linewidth=1.0, linestyle=":")
            ax.set(yscale="log", xlabel="", ylabel="", xticks=layers)
        row[0].set_ylabel(f"{trained['step'].iloc[0]:,} steps")
    levels = [0.1, 0.3, 1, 3, 10]
    axes[0, 0].set_yticks(levels, [f"{value:g}" for value in levels])
    axes[0, 0].set_yticks([], minor=True)
    for ax, name in zip(axes[0], PENALISED, strict=True):
        ax.set_title("no penalty" if name == "none" else style.words(name))
    for ax in axes[1]:
        ax.set_xlabel("layer")
    fig.supylabel("mean square × (nᵢₙ + nₒᵤₜ)", fontsize=9.5)
    handles = [
        plt.Line2D([], [], color=colours[scale], marker=marker, label=f"{scale:g} × Glorot")
        for scale, marker in zip(scales, "v^o", strict=True)
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=3, title="initial weights")
    return fig


@figure(id="fan-value-by-layer", data=terms)
def fan_value_by_layer(table: pd.DataFrame) -> Figure:
    """Values by layer over training, for three penalties."""
    fig, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 3.5), sharey=True)
    layers = sorted(table["layer"].unique())
    colours = dict(zip(layers, style.shades(len(layers)), strict=True))
    steps = sorted(table["step"].unique())
    start = steps[1] / 2.5  # where a logarithmic axis has room for step 0
    for ax, name in zip(axes, SHOWN, strict=True):
        rows = table[table["penalised"] == name]
        rows = rows.assign(at=rows["step"].where(rows["step"] > 0, start))
        for layer in layers:
            one = rows[rows["layer"] == layer]
            mean_line(ax, one, "at", "share", colours[layer], "o")
        ax.axhline(1, color=style.colour("ink"), linewidth=1.0, linestyle=":")
        ax.set(xscale="log", yscale="log", title=style.words(name), xlabel="steps", ylabel="")
        ticks = [start, *(t for t in (10, 100, 1000, 10000) if steps[1] <= t <= steps[-1])]
        ax.set_xticks(ticks, ["0", *(f"{t:,}" for t in ticks[1:])])
        ax.set_xticks([], minor=True)
    levels = [0.1, 0.2, 0.5, 1, 2]
    axes[0].set_yticks(levels, [f"{value:g}" for value in levels])
    axes[0].set_yticks([], minor=True)
    axes[0].set_ylabel("layer’s term, mean = 1")
    fans = table.drop_duplicates("layer").set_index("layer")
    handles = [
        plt.Line2D(
            [], [], color=colours[layer], marker="o",
            label=f"{layer}: {fans.loc[layer, 'fan_in']} → {fans.loc[layer, 'fan_out']}",
        )
        for layer in layers
    ]  # fmt: skip
    fig.legend(handles=handles, loc="outside lower center", ncols=4, title="layer")
    return fig


@figure(id="what-is-left", data=rest)
def what_is_left(table: pd.DataFrame) -> Figure:
    """Gap between the first and the last layer against batch size, with and without biases."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.5))
    log_ticks(ax, table["batch_size"])
    for bias, name, colour, marker in (
        (False, "without biases", "sum", "o"),
        (True, "with biases", "mean", "s"),
    ):
        rows = table[table["bias"] == bias]
        mean_line(ax, rows, "batch_size", "gap", style.colour(colour), marker)
        label_end(ax, rows, "batch_size", "gap", name, style.colour(colour), 5)
    free = table[~table["bias"]].groupby("batch_size")["predicted"].mean()
    reference(ax, free.index, free)
    ax.axhline(0, color=style.colour("muted"), linewidth=1.0, linestyle=":")
    leave_room(ax, 0.28)
    ax.set(xlabel="batch size", ylabel="‖W₁‖² / ‖W₄‖² − 1")
    ax.yaxis.set_major_formatter("{x:z.0%}")
    return fig
