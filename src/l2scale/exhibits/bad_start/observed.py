"""What this chapter measures by other means than its sweeps."""

from l2scale.exhibits.bad_start import draws
from l2scale.exhibits.bad_start.draws import preactivations
from l2scale.exhibits.bad_start.movement import movements
from l2scale.exhibits.bad_start.sweeps import SETTINGS, SIGMOIDS
from l2scale.lab.sweeps import Measurement, observe


def observations(scale: str) -> tuple[Measurement, ...]:
    """Draws of both layers, and the first epoch's net movement, at a scale."""
    drawn, at = draws.SETTINGS[scale], SETTINGS[scale]
    first = {name: at[name] for name in ("n", "width", "ratios", "seeds")}
    return (
        observe(
            "preactivations", lambda: preactivations(**drawn), data=SIGMOIDS.data,
            bias_init=1.0, **drawn,
        ),
        observe(
            "first_epoch", lambda: movements(**first), networks=len(at["ratios"]) * at["seeds"],
            data=SIGMOIDS.data, **first,
        ),
    )  # fmt: skip
