import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.conversion import (
    Step,
    by_groups,
    folded,
    in_thirds,
    own_steps,
    parts_by_parameter,
    published_steps,
)
from tests.geoseg.models.mllmseg.hand_conversion import converted_by_hand, rows_of_groups
from tests.geoseg.models.mllmseg.published import Sizes, published_tensors
from tests.geoseg.models.mllmseg.tiny import tiny_config

VARIANTS = pytest.mark.parametrize(
    "sizes", [Sizes(llm=llm, lora=rank) for llm in ("qwen2", "internlm2") for rank in (0, 3)]
)

HALVES = ("base_layer.weight", "lora_A.default.weight", "lora_B.default.weight")


def config_of(sizes: Sizes) -> MLLMSegConfig:
    heads = {"num_attention_heads": sizes.heads, "num_key_value_heads": sizes.kv_heads}
    return tiny_config(text_config={**tiny_config().text.to_dict(), **heads})


def run(steps: list[Step], tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name: tensor
        for step in steps
        for name, tensor in zip(
            step.targets, step.convert([tensors[n] for n in step.sources]), strict=True
        )
    }


@VARIANTS
def test_every_tensor_is_what_converting_by_hand_gives(sizes: Sizes) -> None:
    tensors = published_tensors(sizes)
    made = run(published_steps(tensors, config_of(sizes)), tensors)
    expected = converted_by_hand(tensors, sizes)
    assert made.keys() == expected.keys()
    for name, tensor in made.items():
        torch.testing.assert_close(tensor, expected[name], atol=2e-6, rtol=0, msg=name)


@VARIANTS
def test_every_stored_tensor_is_used_once(sizes: Sizes) -> None:
    tensors = published_tensors(sizes)
    steps = published_steps(tensors, config_of(sizes))
    used = [name for step in steps for name in step.sources]
    assert sorted(used) == sorted(tensors)
    assert all(step.targets for step in steps)


@given(
    kv_heads=st.integers(1, 4),
    group=st.integers(1, 4),
    head=st.integers(1, 5),
    width=st.integers(1, 5),
)
def test_groups_are_taken_apart_head_by_head(
    kv_heads: int, group: int, head: int, width: int
) -> None:
    heads = kv_heads * group
    sizes = Sizes(heads=heads, kv_heads=kv_heads, width=heads * head)
    fused = torch.arange(kv_heads * (group + 2) * head * width).reshape(-1, width)
    expected = [torch.cat(part) for part in rows_of_groups(fused, sizes).values()]
    for got, wanted in zip(by_groups(fused, config=config_of(sizes)), expected, strict=True):
        assert torch.equal(got, wanted)


def test_thirds_are_query_key_and_value_in_this_order() -> None:
    query, key, value = in_thirds(torch.arange(12).reshape(6, 2))
    assert query.flatten().tolist() == [0, 1, 2, 3]
    assert key.flatten().tolist() == [4, 5, 6, 7]
    assert value.flatten().tolist() == [8, 9, 10, 11]


@given(rank=st.integers(1, 4), out=st.integers(1, 6), into=st.integers(1, 6))
def test_folding_gives_the_layer_that_runs_with_its_lora(rank: int, out: int, into: int) -> None:
    random = torch.Generator().manual_seed(0)
    weight, down, up = (
        torch.randn(shape, generator=random) for shape in ((out, into), (rank, into), (out, rank))
    )
    seen = torch.randn(3, into, generator=random)
    beside = seen @ weight.T + 2 * (seen @ down.T) @ up.T
    torch.testing.assert_close(seen @ folded([weight, down, up])[0].T, beside)


def test_folding_does_not_round_in_between() -> None:
    parts = [torch.full((1, 1), value, dtype=torch.bfloat16) for value in (1, 2.0**-9, 0.5)]
    assert folded(parts)[0].item() == 1 + 2.0**-9


@pytest.mark.parametrize("lost", HALVES)
def test_half_a_lora_is_refused(lost: str) -> None:
    layer = "language_model.base_model.model.model.layers.0.self_attn.q_proj"
    names = [f"{layer}.{leaf}" for leaf in HALVES if leaf != lost]
    with pytest.raises(CheckpointError, match="lack their other half") as refused:
        parts_by_parameter(names)
    assert f"{layer}.lora_" in str(refused.value)


def test_a_parameter_both_merged_and_not_is_refused() -> None:
    names = ["language_model.output.weight", "language_model.base_model.model.output.weight"]
    with pytest.raises(CheckpointError, match="merged and not"):
        parts_by_parameter(names)


def test_a_tensor_without_counterpart_becomes_nothing() -> None:
    (step,) = published_steps(["vision_model.head.weight"], config_of(Sizes()))
    assert step.targets == ()


def test_our_own_tensors_are_taken_as_they_are() -> None:
    tensors = {"b": torch.ones(2), "a": torch.zeros(())}
    made = run(own_steps(tensors), tensors)
    assert all(made[name] is tensor for name, tensor in tensors.items())
