"""What else is scaled with the width: learning rates and initial weights, layer by layer.

Three rules say how a learning rate that suits one width is carried to another, m times as wide:

===============  =======================================================================
constant         the same number at every width
inverse_width    divided by m in every layer
maximal_update   the maximal update parametrisation, below
===============  =======================================================================

Under the maximal update parametrisation (Yang et al. 2022, "Tensor Programs V", table 3) one step
changes every layer's pre-activations, and the outputs, by an amount that has a limit as the
network widens. Factors on the standard parametrisation, for fixed numbers of inputs and outputs:

======================  ===========  ===========  ===========
factor                  first layer  between      last layer
======================  ===========  ===========  ===========
initial weights         1            1            m^(-1/2)
learning rate, SGD      m            1            1/m
learning rate, Adam     1            1/m          1/m
======================  ===========  ===========  ===========

AdamW's decay is multiplied by the layer's learning rate, as in torch. Biases are not covered.
"""

from dataclasses import dataclass

RULES = ("constant", "inverse_width", "maximal_update")
OPTIMISERS = ("sgd", "adam", "adamw")


@dataclass(frozen=True)
class Factors:
    """What multiplies a layer's initial weights and its learning rate, input side first."""

    init: tuple[float, ...]
    lr: tuple[float, ...]


def width_factors(rule: str, optimiser: str, depth: int, m: float) -> Factors:
    """Return each layer's factors at m times the base width.

    Args:
        rule: a name in `RULES`.
        optimiser: a name in `OPTIMISERS`; momentum leaves SGD's factors as they are.
        depth: weight layers, 2 or more.
        m: width over base width, above 0.

    Raises:
        ValueError: for an unknown name, fewer than 2 layers, or m not above 0.
    """
    if rule not in RULES:
        raise ValueError(f"unknown rule {rule!r}: choose one of {', '.join(RULES)}")
    if optimiser not in OPTIMISERS:
        raise ValueError(f"unknown optimiser {optimiser!r}: choose one of {', '.join(OPTIMISERS)}")
    if depth < 2 or not m > 0:
        raise ValueError(f"depth is {depth} and m is {m}: they are 2 or more, and above 0")
    ones = (1.0,) * depth
    if rule == "constant":
        return Factors(ones, ones)
    if rule == "inverse_width":
        return Factors(ones, (1 / m,) * depth)
    between = depth - 2
    first, middle = (m, 1.0) if optimiser == "sgd" else (1.0, 1 / m)
    return Factors((1.0,) * (depth - 1) + (m**-0.5,), (first, *(middle,) * between, 1 / m))
