"""Muon takes matrices alone: a model's groups in two parts, one of them for AdamW beside it."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from types import MappingProxyType

from torch import nn

from l2scale.practice.checks import BIASES_AND_NORMS, check_patterns
from l2scale.practice.groups import Groups, param_groups, split
from l2scale.practice.layouts import LOOKUPS


def muon_groups(
    model: nn.Module,
    penalty: str = "sum",
    *,
    lam: float,
    beside: Sequence[str] = (),
    exclude: Sequence[str] = BIASES_AND_NORMS,
    fans: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> tuple[Groups, Groups]:
    """The groups of `l2scale.practice.groups.param_groups` for ``torch.optim.Muon``, and the rest.

        muon, adamw = muon_groups(model, lam=0.05, beside=("head.weight",))
        optimisers = Muon(muon, lr=0.02), AdamW(adamw, lr=3e-4)

    Both multiply each weight by ``1 - 2 lr lam c_l`` a step, so that at two rates the two parts
    forget in two times.

    Args:
        model: as in `param_groups`.
        penalty: as there.
        lam: as there.
        beside: names or patterns of matrices that AdamW is to take as well. Jordan et al. (2024,
            https://kellerjordan.github.io/posts/muon/) do so with that of the output, which nothing
            tells from others; embeddings, which they leave to it too, are found by their modules.
        exclude: as there; a matrix without decay is Muon's all the same.
        fans: as there.

    Returns:
        Groups for Muon, tensors of two axes; and groups for AdamW, all others. No group is empty.

    Raises:
        ValueError: as `param_groups`, for a pattern in `beside` that matches nothing, and where
            nothing is left for Muon.
    """
    names: dict[nn.Parameter, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        names.setdefault(parameter, []).append(name)
    every = [name for own in names.values() for name in own]
    patterns = check_patterns(beside, every, "beside")
    embedded = {id(m.weight) for m in model.modules() if isinstance(m, LOOKUPS)}

    def is_for_muon(parameter: nn.Parameter) -> bool:
        named = any(fnmatchcase(name, one) for name in names[parameter] for one in patterns)
        return parameter.ndim == 2 and id(parameter) not in embedded and not named

    parts = split(param_groups(model, penalty, lam=lam, exclude=exclude, fans=fans), is_for_muon)
    if True not in parts:
        raise ValueError(
            f"no matrix is left for Muon, of {len(names)} tensors with beside={tuple(beside)!r}: "
            "give all of them to AdamW, by param_groups"
        )
    return parts[True], parts.get(False, [])
