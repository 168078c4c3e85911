"""What the chapter predicted. Its words are in `text.toml`."""

import math

from l2scale.catalogue.predictions import Prediction, declare

NEAR = 0.02
ALIKE = 0.1

declare(
    __name__,
    "before",
    own=Prediction("exponents[setting=original, rates=kept]", 0.0, derivation="eq-mu-same"),
    match=Prediction("exponents[setting=match, rates=kept]", 0.5, derivation="eq-mu-same"),
    between=Prediction("between", 0.5 - ALIKE, 0.5 + ALIKE, derivation="eq-mu-same"),
    carried=Prediction("carried[width=max]", -math.inf, NEAR),
    weights=Prediction("weights", -ALIKE, ALIKE, derivation="eq-mu-ceiling"),
    from_adamw=Prediction("from_adamw", -math.inf, NEAR),
    last=Prediction("last_layer[layer=last]", 0.0, stated="pilot", derivation="eq-mu-ceiling"),
    down=Prediction(
        "last_layer[layer=down].less", -0.25, 0.0, stated="pilot", derivation="eq-mu-ceiling"
    ),
    beside=Prediction("beside[way=beside]", 0.25, 1.0, stated="pilot", derivation="eq-mu-ceiling"),
    scaled=Prediction("beside[way=scaled]", 0.0, stated="pilot", derivation="eq-mu-ceiling"),
    scaled_cost=Prediction("costs[way=scaled]", -math.inf, NEAR, stated="pilot"),
)
