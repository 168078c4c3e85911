"""What the chapter measures by other means than the lab's trainer."""

from l2scale.exhibits.frameworks import alpha, applied, forgetting, kinds, watching
from l2scale.lab.sweeps import Measurement


def observations(scale: str) -> tuple[Measurement, ...]:
    """All of them, at a scale."""
    return (
        applied.applied(scale),
        forgetting.observation(),
        kinds.observation(scale),
        *watching.observations(scale),
        alpha.observation(),
    )
