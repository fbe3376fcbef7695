import torch
from hypothesis import given
from hypothesis import strategies as st

from geoseg.models.mllmseg.prompt import packed

tokens = st.lists(st.integers(1, 50), min_size=1, max_size=6)
chips = st.lists(st.lists(tokens, min_size=1, max_size=4), min_size=1, max_size=3)


@given(prefix=tokens, blocks=chips)
def test_a_query_sees_exactly_the_sequence_it_would_see_alone(
    prefix: list[int], blocks: list[list[list[int]]]
) -> None:
    prompt = packed(prefix, blocks)
    for chip, chip_blocks in enumerate(blocks):
        for query, block in enumerate(chip_blocks):
            answer = prompt.answer_positions[chip, query]
            seen = prompt.attention_mask[chip, 0, answer]
            assert prompt.input_ids[chip][seen].tolist() == prefix + block
            assert prompt.position_ids[chip][seen].tolist() == [*range(len(prefix) + len(block))]


@given(prefix=tokens, blocks=chips)
def test_every_token_sees_only_itself_and_earlier_ones(
    prefix: list[int], blocks: list[list[list[int]]]
) -> None:
    mask = packed(prefix, blocks).attention_mask[:, 0]
    assert not mask.triu(1).any()
    assert mask.diagonal(dim1=1, dim2=2).all()


@given(prefix=tokens, blocks=chips)
def test_present_counts_the_queries_of_each_chip(
    prefix: list[int], blocks: list[list[list[int]]]
) -> None:
    assert packed(prefix, blocks).present.sum(1).tolist() == [len(row) for row in blocks]


def test_expanding_gives_every_chip_the_same_prompt() -> None:
    one = packed([1, 2], [[[3], [4, 5]]])
    three = one.expand(3)
    again = packed([1, 2], [[[3], [4, 5]]] * 3)
    for shared, copied in zip(three._parts(), again._parts(), strict=True):
        assert torch.equal(shared, copied)
    assert three.attention_mask.data_ptr() == one.attention_mask.data_ptr()


def test_moving_to_a_device_keeps_the_values() -> None:
    prompt = packed([1], [[[2]]])
    assert torch.equal(prompt.to("cpu").input_ids, prompt.input_ids)
