"""A wide model's groups from the numbers that were tuned on a small one, by a rule with a name.

==================  ==================  =====================  =======================
rule                learning rate       lambda                 measured in the figures
==================  ==================  =====================  =======================
``constant``        kept                kept                   ``carried-over``,
                                                               ``carried-by-optimiser``
``plain_adamw``     kept                times ``m^((L-1)/L)``  ``carried-by-optimiser``
``maximal_update``  over a tensor's m   times a tensor's m     ``optimum-by-optimiser``,
                                                               ``readings-of-adamw``,
                                                               ``best-lambda-few-data``
==================  ==================  =====================  =======================

Figures go by their ids in the book. The first two have what a rule costs in plain networks of two
or three layers, under "sum". The other three have where the best lambda goes: in plain networks
under maximal update, one lambda for all layers, and in pre-norm residual blocks with the rates of
all layers over m. No cost of the last rule was measured, and the page What to do calls it undecided
in small networks. That page says what suits which network, and what to try beside it.

Here m is a growth in width. Under ``plain_adamw``, which is from the ceiling that AdamW puts on a
weight (the book's eq. oo-power), it is that of the hidden layers, and L is the number of weight
layers. Under ``maximal_update`` each tensor has its own, by which its fan_in has grown: the rates
are those of Adam and AdamW in `l2scale.theory.parametrisation` (Yang et al. 2022, "Tensor Programs
V", table 3), and lambda keeps learning rate times decay. It is 1 for biases, all other vectors and
embeddings.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from torch import nn

from l2scale.practice.checks import BIASES_AND_NORMS
from l2scale.practice.groups import Groups, param_groups, split
from l2scale.practice.growth import chain_growth, input_growth
from l2scale.practice.pairing import Base, pair
from l2scale.theory.penalties import check_rate

RULES = ("constant", "plain_adamw", "maximal_update")


def wider_groups(
    model: nn.Module,
    base: Base,
    *,
    rule: str,
    lam: float,
    lr: float,
    penalty: str = "sum",
    exclude: Sequence[str] = BIASES_AND_NORMS,
    fans: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> Groups:
    """The groups of `l2scale.practice.groups.param_groups` for a model wider than the tuned one.

    An optimiser takes them as they are::

        groups = wider_groups(model, small, rule="maximal_update", lam=0.05, lr=3e-4)
        optimiser = AdamW(groups)

    Maximal update asks for more than groups can give. Start the weights of an output layer at
    ``m^(-1/2)`` times their usual size. Where that layer shares the table of an embedding, whose
    rate is kept, divide its outputs by m. Let attention divide by the size of a head in place of
    its root, as the README of mup says.

    The groups are those of ``MuAdamW`` in mup 1.0.0
    (https://github.com/microsoft/mup/blob/v1.0.0/mup/optim.py) but for an output layer. There
    ``MuReadout`` divides what comes in by m, and keeps learning rate and decay. A plain layer with
    a start of ``m^(-1/2)``, the rate over m and lambda times m says the same, step by step. And mup
    takes m from the last axis that grows. That has the outputs in a transposed convolution and in
    the Conv1D of transformers, whose two sides may grow by different factors.

    Args:
        model: the wide model; a narrower one, with m below 1, will do.
        base: the small model, on the meta device if you like; or the shapes of its tensors by
            name, as `l2scale.practice.pairing.pair` takes them.
        rule: a name in `RULES`.
        lam: tuned on the small model, as in `param_groups`.
        lr: learning rate, tuned on the small model.
        penalty: as in `param_groups`. The rules are for "sum"; the coefficients of others depend on
            the width themselves.
        exclude: as there; what has no decay is given its rate all the same.
        fans: as there, of the wide model.

    Returns:
        Groups with `params`, `names`, `lr` and `weight_decay`, which is ``2 lam c_l`` with lambda
        as the rule has it. Each trainable parameter is in exactly one.

    Raises:
        ValueError: for an unknown rule; as `param_groups`, `check_rate` and `pair`; as
            `l2scale.practice.growth.chain_growth` under ``plain_adamw``, and as
            `l2scale.practice.growth.input_growth` under ``maximal_update``.
    """
    if rule not in RULES:
        raise ValueError(f"unknown rule {rule!r}: choose one of {', '.join(RULES)}")
    lr = check_rate(lr)
    groups = param_groups(model, penalty, lam=lam, exclude=exclude, fans=fans)
    pairs = pair(model, base)
    slower, stronger = dict.fromkeys(model.parameters(), 1.0), 1.0
    if rule == "plain_adamw":
        layers, m = chain_growth(model, pairs)
        stronger = m ** ((layers - 1) / layers)
    if rule == "maximal_update":
        trained = [tensor for tensor in pairs if tensor.parameter.requires_grad]
        slower = {t.parameter: input_growth(model, base, t, fans) for t in trained}
    return [
        {**group, "lr": lr / m, "weight_decay": group["weight_decay"] * m * stronger}
        for m, part in split(groups, slower.__getitem__).items()
        for group in part
    ]
