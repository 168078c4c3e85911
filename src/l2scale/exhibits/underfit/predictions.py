"""Which of the chapter's predictions held: yes or no, by the intervals."""

import numpy as np
import pandas as pd

from l2scale.exhibits.underfit.collapse import collapse, inside
from l2scale.exhibits.underfit.deeper import crossing, depths, gaps
from l2scale.exhibits.underfit.larger import ENOUGH, by_lam, surely_above, tuned
from l2scale.exhibits.underfit.larger import gaps as wide_gaps
from l2scale.exhibits.underfit.tables import excess


def kept(wide: pd.DataFrame, deep: pd.DataFrame, gone: pd.DataFrame) -> dict[str, str]:
    """Each prediction's answer, by its key."""
    slow, patient = wide_gaps(wide, "slower"), wide_gaps(wide, "slower, longer")
    more = depths(deep)[1:]
    weakest = deep.loc[deep["lam"] > 0, "lam"].min()
    first = collapse(gone)["any"]
    answers = {
        "width": not any(surely_above(wide, arm) for arm in ENOUGH),
        "lag": excess(slow, 0.0).low > 0 and excess(patient, 0.0).low <= 0,
        "lag_tuned": excess(slow, tuned(wide, "slower")).low > 0,
        "adamw": all(found.high < 0 for found in by_lam(wide, "adamw").values()),
        "weak": all(excess(gaps(deep, depth), weakest).high < 0 for depth in more),
        "cross": all(np.isfinite(crossing(deep, depth)) for depth in more),
        "adam": not surely_above(wide, "adam"),
        "normalised": not surely_above(wide, "normalised"),
        "first": bool(first.iloc[-1] < first.iloc[:-1].min()),
        "expanded": len(set(inside(gone, "expanded_end"))) == 1,
        "path": len(set(inside(gone, "path_end"))) == 1,
    }
    found = {f"kept_{name}": "yes" if held else "no" for name, held in answers.items()}
    if first.iloc[-1] == first.iloc[:-1].min():
        found["kept_first"] = "tie on the grid"
    return found
