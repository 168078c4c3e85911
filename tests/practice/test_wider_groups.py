"""Groups of a wide model from a small one's numbers: rules, what they are read from, and mup's."""

import copy
import warnings
from itertools import pairwise

import mup
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import cross_entropy

from l2scale.practice import BIASES_AND_NORMS, param_groups, wider_groups
from l2scale.practice.wider import RULES
from l2scale.theory.parametrisation import width_factors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of what it would load if it were there
    import transformers as hf

LAM, LR = 0.03, 0.01
ENDS = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 0}


def wide(model, base, rule="maximal_update", **options):
    return wider_groups(model, base, rule=rule, lam=LAM, lr=LR, **options)


def told(groups):
    """Rate and decay of each tensor by its name."""
    return {n: (g["lr"], g["weight_decay"]) for g in groups for n in g["names"]}


def rates(groups):
    """By what the rate of each tensor is divided."""
    return {name: LR / lr for name, (lr, _) in told(groups).items()}


def mlp(width, layers=3, inputs=5, outputs=3):
    sizes = [inputs, *[width] * (layers - 1), outputs]
    linear = [nn.Linear(i, o) for i, o in pairwise(sizes)]
    return nn.Sequential(*[part for layer in linear for part in (layer, nn.ReLU())][:-1])


class Tokens(nn.Module):
    """Word vectors, a transformer, and classes from their mean."""

    def __init__(self, width, inner, head=nn.Linear):
        super().__init__()
        self.embedding = nn.Embedding(11, width)
        layer = nn.TransformerEncoderLayer(width, 2, inner, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = head(width, 3)

    def forward(self, tokens):
        return self.head(self.encoder(self.embedding(tokens)).mean(dim=1))


class Tied(nn.Module):
    def __init__(self, width, first):
        super().__init__()
        made = {"embedding": nn.Embedding(9, width), "out": nn.Linear(width, 9, bias=False)}
        for name in sorted(made, reverse=first == "out"):
            setattr(self, name, made[name])
        self.out.weight = self.embedding.weight


# What groups are


@pytest.mark.parametrize("rule", ["constant", "maximal_update"])
@pytest.mark.parametrize("penalty", ["sum", "fan"])
def test_no_growth_leaves_param_groups(case, rule, penalty):
    model, *_ = case
    groups = wide(model, copy.deepcopy(model), rule, penalty=penalty)
    for ours, plain in zip(groups, param_groups(model, penalty, lam=LAM), strict=True):
        assert ours == {**plain, "lr": LR}


def test_each_trainable_parameter_is_in_one_group():
    model, small = Tokens(16, 48), Tokens(8, 16)
    model.head.bias.requires_grad_(False)
    groups = wide(model, small)
    found = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(found) == sorted(id(p) for p in model.parameters() if p.requires_grad)
    named = dict(model.named_parameters())
    for group in groups:
        assert all(named[n] is p for n, p in zip(group["names"], group["params"], strict=True))


@given(st.integers(2, 9), st.integers(2, 40), st.integers(2, 40), st.sampled_from(RULES))
def test_plain_networks_follow_the_rule(layers, before, now, rule):
    m, small = now / before, mlp(before, layers)
    found = told(wide(mlp(now, layers), small, rule))
    factors = width_factors(rule if rule == "maximal_update" else "constant", "adamw", layers, m)
    for i, factor in enumerate(factors.lr):
        lr, decay = found[f"{2 * i}.weight"]
        assert lr == pytest.approx(LR * factor)
        power = (layers - 1) / layers if rule == "plain_adamw" else 0
        assert lr * decay == pytest.approx(2 * LAM * LR * m**power)
        assert found[f"{2 * i}.bias"] == (LR, 0.0)


def test_a_step_without_gradient_takes_the_same_share_as_in_the_small_network():
    small, model = Tokens(8, 16).double(), Tokens(16, 48).double()
    optimiser = torch.optim.AdamW(wide(model, small))
    start = copy.deepcopy(model)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    for _ in range(5):
        optimiser.step()
    before = dict(start.named_parameters())
    decayed = set(param_groups(small, lam=LAM)[0]["names"])
    for name, parameter in model.named_parameters():
        left = (1 - 2 * LR * LAM) ** 5 if name in decayed else 1.0
        assert torch.allclose(parameter, left * before[name], rtol=1e-12, atol=0), name


def test_a_base_is_a_model_anywhere_or_the_shapes_of_one():
    model, small = Tokens(16, 48), Tokens(8, 16)
    shapes = {name: tuple(p.shape) for name, p in small.named_parameters()}
    fixed = {name: tuple(p.shape) for name, p in model.named_parameters()}
    saved = {
        name: [None if n == w else n for n, w in zip(shape, fixed[name], strict=True)]
        for name, shape in shapes.items()
    }
    expected = told(wide(model, small))
    assert {lr for lr, _ in expected.values()} == {LR, LR / 2, LR / 3}
    for base in (small.to("meta"), shapes, saved):
        assert told(wide(model, base)) == expected


def test_what_is_spared_has_its_rate_all_the_same():
    spared = (*BIASES_AND_NORMS, "2.weight")
    found = told(wide(mlp(8), mlp(4), exclude=spared))
    assert found["2.weight"] == (LR / 2, 0.0) and found["4.weight"] == (LR / 2, 4 * LAM)


# Which growth a tensor has


def test_convolutions_grow_by_their_channels():
    def cnn(d, groups):
        return nn.Sequential(
            nn.Conv2d(2, d, 3), nn.BatchNorm2d(d), nn.Conv2d(d, 2 * d, 3, groups=groups),
            nn.Conv2d(d, d, 3, groups=d), nn.ConvTranspose2d(2 * d, d, 2, groups=groups),
            nn.ConvTranspose2d(d, d, 2, groups=d), nn.ConvTranspose2d(d, 3, 2),
        )  # fmt: skip

    model = cnn(12, groups=2)
    found = rates(wide(model, cnn(4, groups=2)))
    kept = {"0.weight": 1, "1.weight": 1, "3.weight": 1, "5.weight": 1}
    grown = {"2.weight": 3, "4.weight": 3, "6.weight": 3}
    weights = {name: rate for name, rate in found.items() if name.endswith("weight")}
    assert weights == pytest.approx(kept | grown)
    shapes = {name: tuple(p.shape) for name, p in cnn(4, groups=2).named_parameters()}
    with pytest.raises(ValueError, match=r"4.weight is .* does not tell groups: give a model"):
        wide(model, shapes)
    with pytest.raises(ValueError, match=r"weight is \(4, 2, 5\), in base \(4, 2, 3\): another k"):
        wide(nn.Conv1d(2, 4, 5), nn.Conv1d(2, 4, 3))


def test_recurrent_and_attention_layers_grow_by_their_inputs():
    found = rates(wide(nn.LSTM(4, 12, proj_size=9), nn.LSTM(4, 6, proj_size=3)))
    assert found == pytest.approx(
        {"weight_ih_l0": 1, "weight_hh_l0": 3, "weight_hr_l0": 2, "bias_ih_l0": 1, "bias_hh_l0": 1}
    )
    one, other = (nn.MultiheadAttention(d, 2, kdim=k, vdim=5) for d, k in ((12, 8), (4, 4)))
    found = rates(wide(one, other))
    assert [found[f"{x}_proj_weight"] for x in "qkv"] == pytest.approx([3, 2, 1])
    assert rates(wide(nn.MultiheadAttention(8, 2), nn.MultiheadAttention(4, 2)))[
        "in_proj_weight"
    ] == pytest.approx(2)


@pytest.mark.parametrize("first", ["embedding", "out"])
def test_an_output_that_shares_the_embedding_keeps_its_rate(first):
    assert [*rates(wide(Tied(8, first), Tied(4, first))).values()] == [1]
    for one in ("embedding.weight", "out.weight"):  # named_parameters has one of them
        assert [*rates(wide(Tied(8, first), {one: (9, 4)})).values()] == [1]


def test_a_fused_layer_grows_by_its_inputs():
    found = rates(wide(nn.Linear(8, 24), nn.Linear(4, 12), fans={"weight": (8, 8)}))
    assert found == {"weight": 2, "bias": 1}


class Loose(nn.Module):
    """Tensors of no known layer."""

    def __init__(self, width):
        super().__init__()
        self.positions = nn.Parameter(torch.ones(1, 8, width))
        self.experts = nn.Parameter(torch.ones(2, 4 * width, width))
        self.router = nn.Parameter(torch.ones(2, width))
        self.token = nn.Parameter(torch.ones(1, 1, width))
        self.fixed = nn.Parameter(torch.ones(3, 3))


def test_unknown_fans_are_stated():
    fans = {"pos*": (8, 16), "experts": (16, 64), "router": (16, 2)}
    found = rates(wide(Loose(16), Loose(8), fans=fans))
    assert found == {"positions": 1, "experts": 2, "router": 2, "token": 1, "fixed": 1}
    assert rates(wide(Loose(16), Loose(8), "constant")) == dict.fromkeys(found, 1)
    for missing in fans:
        left = {key: pair for key, pair in fans.items() if key != missing}
        with pytest.raises(
            ValueError, match=rf"{missing[:3]}.* its fans are unknown. State .*fans="
        ):
            wide(Loose(16), Loose(8), fans=left)
    square = {"pos*": (8, 8), "experts": (8, 32), "router": (8, 2)}
    with pytest.raises(ValueError, match=r"fans \(8, 8\) do not tell which axis.*an Embedding"):
        wide(Loose(8), Loose(4), fans=square)
    frozen = Loose(8)
    frozen.positions.requires_grad_(False)
    del square["pos*"]
    assert "positions" not in rates(wide(frozen, Loose(4), fans=square))


# Real models


def gpt2(width, inner):
    return hf.GPT2LMHeadModel(
        hf.GPT2Config(
            n_embd=width, n_inner=inner, n_layer=2, n_head=4, vocab_size=40, n_positions=8, **ENDS
        )
    )  # fmt: skip


def llama(width, inner):
    return hf.LlamaForCausalLM(
        hf.LlamaConfig(
            hidden_size=width, intermediate_size=inner, num_hidden_layers=2, vocab_size=40,
            num_attention_heads=4, num_key_value_heads=2, **ENDS,
        )
    )  # fmt: skip


def test_gpt2_has_the_rates_of_its_matrices_and_keeps_those_of_its_tables():
    found = rates(wide(gpt2(32, 96), gpt2(16, 32)))
    matrices = {name.partition(".h.0.")[2]: rate for name, rate in found.items() if rate != 1}
    assert {name: rate for name, rate in matrices.items() if name} == pytest.approx(
        {
            "attn.c_attn.weight": 2,
            "attn.c_proj.weight": 2,
            "mlp.c_fc.weight": 2,
            "mlp.c_proj.weight": 3,
        }
    )
    assert sum(rate != 1 for rate in found.values()) == 8


def test_llama_has_an_output_layer_of_its_own():
    found = rates(wide(llama(32, 96), llama(16, 32)))
    for name, rate in found.items():
        part = name.split(".")[-2]
        expected = (
            1 if "norm" in part or part == "embed_tokens" else 3 if part == "down_proj" else 2
        )
        assert rate == pytest.approx(expected), name


# mup itself


def of_mup(model, base):
    """Rate and decay that mup 1.0.0 gives each tensor, and how many of its sides grow."""
    mup.set_base_shapes(model, base, rescale_params=False, do_assert=False)
    optimiser = mup.MuAdamW(param_groups(model, lam=LAM), lr=LR)
    found = {p: (g["lr"], g["weight_decay"]) for g in optimiser.param_groups for p in g["params"]}
    named = model.named_parameters()
    return {name: (*found[p], p.infshape.ninf()) for name, p in named}


def mu_mlp(width):
    return nn.Sequential(
        nn.Linear(5, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), mup.MuReadout(width, 3)
    )


@pytest.mark.parametrize(
    ("model", "base", "output"),
    [
        (mu_mlp(24), mu_mlp(8), "4.weight"),
        (Tokens(16, 48, mup.MuReadout), Tokens(8, 16, mup.MuReadout), "head.weight"),
        (Tokens(12, 24, mup.MuReadout), Tokens(8, 16, mup.MuReadout), "head.weight"),
    ],
)
def test_all_but_the_output_layer_are_as_in_mup(model, base, output):
    theirs, ours = of_mup(model, base), told(wide(model, base))
    assert ours.keys() == theirs.keys()
    assert sum(sides == 2 for *_, sides in theirs.values()) >= 1
    m = model.get_parameter(output).shape[1] / base.get_parameter(output).shape[1]
    for name, (lr, decay, _) in theirs.items():
        factor = m if name == output else 1.0  # mup divides the forward pass instead
        assert ours[name] == (lr / factor, decay * factor), name


def test_a_weight_stored_inputs_first_has_the_growth_of_its_outputs_in_mup():
    model, base = gpt2(32, 96), gpt2(16, 32)
    theirs, ours = of_mup(model, base), told(wide(model, base))
    differing = {name for name, (*found, _) in theirs.items() if ours[name] != tuple(found)}
    matrices = ("mlp.c_fc.weight", "mlp.c_proj.weight")  # 2 to 3, and 3 to 2
    assert differing == {f"transformer.h.{i}.{name}" for i in (0, 1) for name in matrices}


def test_a_plain_output_layer_gives_the_outputs_of_mup():
    torch.manual_seed(1)
    theirs, base = mu_mlp(24).double(), mlp(8).double()
    mup.set_base_shapes(theirs, mu_mlp(8))
    ours, m = mlp(24).double(), 3
    ours.load_state_dict(theirs.state_dict())
    with torch.no_grad():
        ours[4].weight /= m  # MuReadout's start is m^(1/2) times that of a plain layer
    x, y = torch.randn(20, 5, dtype=torch.float64), torch.randint(3, (20,))
    settings = {"lr": LR, "eps": 1e-30}
    optimisers = (
        mup.MuAdamW(param_groups(theirs, lam=LAM), **settings),
        torch.optim.AdamW(wide(ours, base), **settings),
    )
    first = ours(x).detach()
    for _ in range(10):
        for model, optimiser in zip((theirs, ours), optimisers, strict=True):
            optimiser.zero_grad()
            cross_entropy(model(x), y).backward()
            optimiser.step()
    assert torch.allclose(ours(x), theirs(x), rtol=1e-9, atol=1e-12)
    assert not torch.allclose(ours(x), first, rtol=0.1)


# What is refused


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rule": "mup"}, "unknown rule 'mup': choose one of constant, plain_adamw, max"),
        ({"lam": -1.0}, "lam must be"),
        ({"lr": -1.0}, "lr must be"),
        ({"lr": float("nan")}, "lr must be"),
        ({"penalty": "l1"}, "unknown penalty 'l1'"),
        ({"model": [1]}, "model is list"),
        ({"base": 3}, "base is int: give the small model, or shapes by names"),
        ({"base": {"0.weight": 4}}, r"base has 4 for 0.weight: give a shape"),
        ({"base": {"0.weight": "45"}}, r"base has '45' for 0.weight: give a shape"),
        ({"base": {"0.weight": (0, 5)}}, r"base has \(0, 5\) for 0.weight: give a shape"),
        ({"base": mlp(4, layers=2)}, "two kinds, with 4.weight, 4.bias only in model: make both"),
        (
            {"base": nn.ModuleDict({"other": nn.Linear(2, 2)})},
            "0.weight, 0.bias, 2.weight and 3 more only in model and other.weight, other.bias only "
            "in base",
        ),
        (
            {"model": nn.Conv1d(2, 4, 3), "base": nn.Linear(2, 4)},
            r"weight has 3 axes, and 2 in base, \(4, 2\)",
        ),
        ({"base": nn.Sequential(nn.LazyLinear(3))}, "0.weight has no shape yet: run a lazy"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(change, message):
    given = {"model": mlp(8), "base": mlp(4), "rule": "maximal_update", "lam": LAM, "lr": LR}
    with pytest.raises(ValueError, match=message):
        wider_groups(**given | change)


def twice():
    shared = nn.Linear(4, 4)
    return nn.Sequential(nn.Linear(5, 4), shared, shared, nn.Linear(4, 3))


@pytest.mark.parametrize(
    ("model", "base", "message"),
    [
        (Tokens(16, 32), Tokens(8, 16), r"encoder.layers.0.norm1.* and .* more: the rule is for"),
        (nn.Sequential(mlp(8), nn.Embedding(3, 3)), None, "the model has 1.weight: the rule"),
        (nn.Sequential(mlp(8), nn.LayerNorm(3, 1e-5, False)), None, "the model has 1:"),
        (twice(), None, "the model has 1.weight, 1.bias: the rule"),
        (nn.Sequential(nn.Linear(5, 4), nn.Linear(5, 4)), None, "do not follow one another"),
        (
            nn.Sequential(nn.Linear(5, 8), nn.Linear(8, 3)),
            nn.Sequential(nn.Linear(5, 4), nn.Linear(2, 3)),
            "do not follow one another",
        ),
        (mlp(8, inputs=6), mlp(4), r"0.weight is \(8, 6\), in base \(4, 5\): inputs and outputs"),
        (mlp(8, outputs=6), mlp(4), r"4.weight is \(6, 8\), in base \(3, 4\): inputs and outputs"),
        (
            nn.Sequential(nn.Linear(5, 8), nn.Linear(8, 16), nn.Linear(16, 3)),
            nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 4), nn.Linear(4, 3)),
            "different factors, 0.weight × 2, 1.weight × 4: the rule",
        ),
    ],
)  # fmt: skip
def test_layers_that_cannot_be_counted_are_refused_with_the_way_out(model, base, message):
    with pytest.raises(ValueError, match=message) as caught:
        wide(model, copy.deepcopy(model) if base is None else base, "plain_adamw")
    assert "lam * m ** ((L - 1) / L) with rule='constant'" in str(caught.value)
