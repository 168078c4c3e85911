"""Tables whose optima and exponents are known."""

import math

import numpy as np
import pandas as pd

GRID = np.logspace(-5, 0, 11)


def table_of(losses, lams=GRID, **cell):
    """A tidy table from losses by seed and lambda; the test loss is the validation loss plus 1."""
    seeds, positions = np.indices(losses.shape)
    return pd.DataFrame(
        {
            **cell,
            "lam": lams[positions.ravel()],
            "seed": seeds.ravel(),
            "val_loss": losses.ravel(),
            "test_loss": losses.ravel() + 1,
        }
    )


def valley(centres, lams=GRID, curvature=1.0, floor=0.5, noise=0.0, rng=None):
    """Losses, one row per seed, that are parabolas in log lambda with the given minima."""
    losses = floor + curvature * (np.log(lams) - np.log(np.asarray(centres))[:, np.newaxis]) ** 2
    return losses + (noise * rng.standard_normal(losses.shape) if noise else 0)


def widths_table(slope, seeds=6, widths=(16, 64, 256), spread=0.3, noise=0.0, seed=0):
    """Cells at several widths with lambda* = 2e-3 (width / 64)^slope, a shift per seed."""
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal(seeds)
    cells = []
    for width in widths:
        shift = spread * (shared + rng.standard_normal(seeds)) / math.sqrt(2)
        centres = 2e-3 * (width / 64) ** slope * np.exp(shift)
        cells.append(table_of(valley(centres, noise=noise, rng=rng), width=width))
    return pd.concat(cells, ignore_index=True)
