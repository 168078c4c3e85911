"""The atlas: the best lambda of real problems, and which rule comes near it without tuning."""

from l2scale.exhibits.atlas import rules
from l2scale.exhibits.atlas.figures import flat_valleys, lambda_atlas, lambda_ladder, lambda_said
from l2scale.exhibits.atlas.observed import observations
from l2scale.exhibits.atlas.suggested import write
from l2scale.exhibits.atlas.sweeps import sweeps
from l2scale.exhibits.atlas.valley_figures import every_valley

__all__ = [
    "every_valley",
    "flat_valleys",
    "lambda_atlas",
    "lambda_ladder",
    "lambda_said",
    "observations",
    "rules",
    "sweeps",
    "write",
]
