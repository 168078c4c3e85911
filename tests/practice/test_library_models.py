"""Models of transformers and torch_geometric: each tensor is penalised or listed, none is refused.

Small configurations at their own initial weights, in float64.
"""

import copy
import re
import warnings

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from l2scale.practice import BIASES_AND_NORMS, diagnose, muon_groups, param_groups
from l2scale.practice.placement import place

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of what these libraries would load if it were there
    import transformers as hf
    from torch_geometric import nn as graphs

hf.utils.logging.set_verbosity_error()

LAM, LR = 1e-3, 0.1
VOCABULARY, SAMPLES, LENGTH, CLASSES = 40, 6, 8, 5
EDGES = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 2], [1, 2, 3, 4, 5, 0, 3, 5]])
ENDS = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 0}
WORDS = {"vocab_size": VOCABULARY, "max_position_embeddings": LENGTH, **ENDS}
SIZES = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}
STILL = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


class Logits(nn.Module):
    """A model that says logits alone, of words that it is given."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if isinstance(self.model, hf.T5ForConditionalGeneration):
            return self.model(input_ids=x, decoder_input_ids=x).logits
        return self.model(x).logits


class Graph(nn.Module):
    """Two graph layers over fixed edges, a class for each node."""

    def __init__(self, layer: type[nn.Module]) -> None:
        super().__init__()
        self.first, self.second = layer(7, 9), layer(9, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(x, EDGES).relu(), EDGES)


def gpt2() -> nn.Module:
    return hf.GPT2LMHeadModel(
        hf.GPT2Config(
            n_embd=16, n_layer=2, n_head=4, vocab_size=VOCABULARY, n_positions=LENGTH,
            resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=0, eos_token_id=1,
        )
    )  # fmt: skip


def t5() -> nn.Module:
    return hf.T5ForConditionalGeneration(
        hf.T5Config(
            d_model=16, d_ff=32, d_kv=4, num_layers=2, num_heads=4, vocab_size=VOCABULARY,
            dropout_rate=0.0, decoder_start_token_id=0, **ENDS,
        )
    )  # fmt: skip


LANGUAGE = {
    "gpt2": gpt2,
    "llama": lambda: hf.LlamaForCausalLM(hf.LlamaConfig(**SIZES, **WORDS)),
    "bert": lambda: hf.BertForMaskedLM(hf.BertConfig(**SIZES, **WORDS, **STILL)),
    "t5": t5,
    "mixtral": lambda: hf.MixtralForCausalLM(
        hf.MixtralConfig(
            **SIZES,
            **WORDS,
            num_key_value_heads=2,
            num_local_experts=4,
            experts_implementation="eager",
        )
    ),
}
VISION = {
    "vit": lambda: hf.ViTForImageClassification(
        hf.ViTConfig(**SIZES, **STILL, image_size=8, patch_size=4, num_labels=CLASSES)
    )
}
GRAPHS = {
    "gcn": lambda: Graph(graphs.GCNConv),
    "sage": lambda: Graph(graphs.SAGEConv),
    "gat": lambda: Graph(graphs.GATConv),
}


def flat_mean(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return cross_entropy(outputs.flatten(0, -2), targets.flatten())


def flat_sum(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return cross_entropy(outputs.flatten(0, -2), targets.flatten(), reduction="sum")


def built(name: str) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    """A model, what it is given and what it should say."""
    torch.manual_seed(0)
    if name in GRAPHS:
        x, y = torch.randn(SAMPLES, 7), torch.randint(CLASSES, (SAMPLES,))
        return GRAPHS[name]().double(), x.double(), y
    if name in VISION:
        x, y = torch.randn(SAMPLES, 3, 8, 8), torch.randint(CLASSES, (SAMPLES,))
        return Logits(VISION[name]()).double(), x.double(), y
    x, y = (torch.randint(2, VOCABULARY, (SAMPLES, LENGTH)) for _ in range(2))
    return Logits(LANGUAGE[name]()).double(), x, y


@pytest.fixture(params=[*LANGUAGE, *VISION, *GRAPHS])
def case(request) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    return built(request.param)


SPARED = re.compile(
    r"(\.bias|norm\w*\.weight|\.ln_\w+\.weight|cls_token|\.att_\w+)$", re.IGNORECASE
)
"""What a reader of these models would leave out: biases, norms, a token, one head's direction."""


def test_every_tensor_is_penalised_or_listed(case):
    model, *_ = case
    penalised, free = param_groups(model, lam=LAM)
    names = [name for name, _ in model.named_parameters()]
    assert penalised["weight_decay"] == 2 * LAM and free["weight_decay"] == 0
    assert sorted(free["names"]) == sorted(filter(SPARED.search, names)) != []
    assert sorted(penalised["names"] + free["names"]) == sorted(names)


def test_sgd_takes_the_steps_of_the_penalty_written_out(case):
    model, x, y = case
    written = copy.deepcopy(model)
    groups = torch.optim.SGD(param_groups(model, lam=LAM), lr=LR)
    plain = torch.optim.SGD(written.parameters(), lr=LR)
    for _ in range(3):
        groups.zero_grad()
        flat_mean(model(x), y).backward()
        groups.step()
        plain.zero_grad()
        pairs = written.named_parameters()
        squares = sum(p.square().sum() for name, p in pairs if not SPARED.search(name))
        (flat_mean(written(x), y) + LAM * squares).backward()
        plain.step()
    for ours, theirs in zip(model.parameters(), written.parameters(), strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-6, atol=1e-12)


def test_the_forces_are_those_of_automatic_differentiation(case):
    model, x, y = case
    found = diagnose(model, flat_mean, (x, y), LAM)
    parameters = dict(model.named_parameters())
    names = found.table["name"].tolist()
    data = torch.autograd.grad(flat_mean(model(x), y), [parameters[name] for name in names])
    assert found.table["data_force"].tolist() == pytest.approx([float(g.norm()) for g in data])
    force = [2 * LAM * float(parameters[name].detach().norm()) for name in names]
    assert found.table["force"].tolist() == pytest.approx(force)


@pytest.mark.parametrize("name", LANGUAGE)
def test_a_sum_over_words_is_no_mean_loss(name):
    model, x, y = built(name)
    with pytest.raises(ValueError, match="sum"):
        diagnose(model, flat_sum, (x, y), LAM)


def test_a_conv1d_has_its_fans_the_other_way_round():
    model, *_ = built("gpt2")
    placed = {tensor.name: tensor for tensor in place(model)}
    wide, back = (placed[f"model.transformer.h.0.mlp.{part}.weight"] for part in ("c_fc", "c_proj"))
    assert (wide.matrices, back.matrices) == (((64, 16),), ((16, 64),))


def test_embeddings_are_left_out_by_name_though_the_output_shares_them():
    model, *_ = built("gpt2")
    embeddings = ("*.wte.weight", "*.wpe.weight")
    penalised, free = param_groups(model, lam=LAM, exclude=(*BIASES_AND_NORMS, *embeddings))
    assert {name.split(".")[-2] for name in penalised["names"]} == {"c_attn", "c_proj", "c_fc"}
    assert {"model.transformer.wte.weight", "model.transformer.wpe.weight"} <= {*free["names"]}


def test_muon_takes_the_matrices_inside():
    model, *_ = built("gpt2")
    muon, adamw = muon_groups(model, lam=LAM)
    assert {name.split(".")[-2] for g in muon for name in g["names"]} == {
        "c_attn",
        "c_proj",
        "c_fc",
    }
    assert {"model.transformer.wte.weight"} < {name for g in adamw for name in g["names"]}


def test_experts_have_the_fans_that_are_stated():
    model, *_ = built("mixtral")
    experts = {"*.gate_up_proj": (16, 64), "*.down_proj": (32, 16), "*.gate.weight": (16, 4)}
    groups = param_groups(model, "fan", lam=LAM, fans=experts)
    found = {name: group["weight_decay"] for group in groups for name in group["names"]}
    layer = "model.model.layers.0.mlp"
    linear = nn.Sequential(nn.Linear(16, 64, bias=False))
    alone = param_groups(linear, "fan", lam=LAM)[0]["weight_decay"]
    assert found[f"{layer}.experts.gate_up_proj"] == pytest.approx(alone)
    with pytest.raises(ValueError, match=r"gate_up_proj.*are unknown.*State them"):
        param_groups(model, "fan", lam=LAM)
