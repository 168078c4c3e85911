"""Before training: signals through untrained networks, and the weights that libraries draw."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.fan_scale.sweeps import SIGNAL_INITS, SIGNAL_SHAPES
from l2scale.exhibits.shared import means, yes
from l2scale.theory.signal import backward_moments, forward_moments

LABELS = {"he": "He", "glorot": "Glorot", "lecun": "LeCun", "pytorch": "PyTorch Linear"}
DIRECTIONS = {"forward": forward_moments, "backward": backward_moments}
LINEAR, KERAS = "PyTorch nn.Linear", "Keras Dense"
RELU, LOGISTIC = "scikit-learn MLPClassifier, relu", "scikit-learn MLPClassifier, logistic"
NEAR = 2 * 1.05  # "about" a factor 2 from the thread's scale, since Glorot's is exactly twice it


@table(source="signals", main="forward")
def signals(result: Result) -> pd.DataFrame:
    """Measured and predicted second moments by initialisation, seed and layer."""
    rows = result["signals"].table.copy()
    for direction, moments in DIRECTIONS.items():
        known = {init: moments(init, SIGNAL_SHAPES) for init in SIGNAL_INITS}
        cells = zip(rows["init"], rows["layer"], strict=True)
        rows[f"predicted_{direction}"] = [known[init][layer - 1] for init, layer in cells]
    return rows


@table(source="signals", main="ratio")
def signal_means(result: Result) -> pd.DataFrame:
    """Per initialisation, direction and layer: measured over predicted, and how far that is off."""
    rows = signals(result)
    long = [
        rows.assign(direction=direction, ratio=rows[direction] / rows[f"predicted_{direction}"])
        for direction in DIRECTIONS
    ]
    found = means(pd.concat(long), ["init", "direction", "layer"], "ratio")
    return found.assign(miss=(found["ratio"] - 1).abs(), seeds=rows["seed"].nunique())


@table(source="signals", main="forward")
def reach(result: Result) -> pd.DataFrame:
    """Per initialisation: the mean second moment at the far end, in units of where it set out.

    `keeps` says which of the two stay within a factor 2 on the way: "both", "signal", "gradient" or
    "none". The signal is compared with that of the first layer, since the inputs are not cut.
    """
    rows = signals(result)
    by_layer = rows.groupby(["init", "layer"], sort=False)[[*DIRECTIONS]].mean().unstack()
    far = pd.DataFrame(
        {"forward": by_layer["forward"][rows["layer"].max()], "backward": by_layer["backward"][1]}
    )
    signal = (far["forward"] / by_layer["forward"][1]).between(0.5, 2, inclusive="neither")
    gradient = far["backward"].between(0.5, 2, inclusive="neither")
    keeps = np.select([signal & gradient, signal, gradient], ["both", "signal", "gradient"], "none")
    return far.assign(label=far.index.map(LABELS), keeps=keeps).reset_index()


@table(source="libraries", main="scaled")
def libraries(result: Result) -> pd.DataFrame:
    """Each draw's variance times (fan_in + fan_out), which is 1 if it is what the thread says."""
    rows = result["libraries"].table
    total = rows["fan_in"] + rows["fan_out"]
    return rows.assign(
        name=rows["library"] + " " + rows["layer"],
        aspect=rows["fan_out"] / rows["fan_in"],
        scaled=rows["variance"] * total,
        predicted_scaled=rows["predicted"] * total,
    )


@table(source="libraries", main="scaled")
def library_shapes(result: Result) -> pd.DataFrame:
    """Per layer and ratio of outputs to inputs: the scaled variance over seeds, and its formula.

    `miss` is the relative distance between them; `near` is whether the variance is within about a
    factor 2 of the thread's scale.
    """
    rows, cell = libraries(result), ["library", "name", "aspect"]
    formula = rows.groupby(cell)["predicted_scaled"].first().rename("predicted")
    found = means(rows, cell, "scaled").merge(formula, on=cell)
    return found.assign(
        miss=(found["scaled"] / found["predicted"] - 1).abs(),
        near=yes(np.log(found["scaled"]).abs() < np.log(NEAR)),
    )


@table(source="libraries", main="mean")
def library_ends(result: Result) -> pd.DataFrame:
    """Per layer, also where its library is not installed: the scaled variance over all shapes.

    `near` counts the shapes near the thread's scale, from the ratio `near_low` to `near_high`;
    `default` is what one gets without asking for an initialisation.
    """
    shapes, rows = library_shapes(result), []
    for name in dict.fromkeys((KERAS, RELU, LINEAR, *shapes["name"])):
        cells = shapes[shapes["name"] == name]
        near = cells.loc[cells["near"] == "yes", "aspect"]
        least, most = cells["scaled"].min(), cells["scaled"].max()
        rows.append(
            {"name": name, "default": name in (KERAS, RELU, LINEAR), "mean": cells["scaled"].mean()}
            | {"least": least, "most": most, "shapes": len(cells), "near": len(near)}
            | {"near_low": ratio(near.min()), "near_high": ratio(near.max())}
            | {"measured": len(cells) > 0, "glorot": np.allclose([least, most], 2, rtol=0.05)}
            | {"proportional": most / least < 1.1}
        )
    found = pd.DataFrame(rows)
    truths = ["default", "measured", "glorot", "proportional"]
    return found.assign(**{name: yes(found[name]) for name in truths})


def ratio(aspect: float) -> str:
    """Outputs to inputs as one reads it: 4 or 1/2; none where there is none."""
    return "none" if np.isnan(aspect) else f"{aspect:g}" if aspect >= 1 else f"1/{1 / aspect:g}"
