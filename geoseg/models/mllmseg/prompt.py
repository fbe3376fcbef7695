"""Token sequences in which several queries share one look at the chip."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class PackedPrompt:
    """One sequence per chip: the shared prefix, then one block of tokens per query.

    n chips, t tokens, q queries. A block sees the prefix and itself, never another block, and
    its positions start again behind the prefix: an answer cannot depend on the other queries.
    """

    input_ids: Tensor
    """(n, t) int64."""

    position_ids: Tensor
    """(n, t) int64."""

    attention_mask: Tensor
    """(n, 1, t, t) bool: True where the token of the row may see the token of the column.

    Without its prefix (n, 1, t, prefix + t): the columns keep it."""

    answer_positions: Tensor
    """(n, q) int64: the tokens before [SEG], whose states hold the answers."""

    present: Tensor
    """(n, q) bool: False where a chip asks fewer queries and q is filled up."""

    def expand(self, chips: int) -> Self:
        """The same prompt for that many chips; the single one is shared, not copied."""
        return type(self)(*(part.expand(chips, *part.shape[1:]) for part in self._parts()))

    def without_prefix(self, tokens: int) -> Self:
        """The same queries, for a language model that remembers the first `tokens` tokens."""
        return type(self)(
            input_ids=self.input_ids[:, tokens:],
            position_ids=self.position_ids[:, tokens:],
            attention_mask=self.attention_mask[:, :, tokens:],
            answer_positions=(self.answer_positions - tokens).clamp(min=0),  # filling has 0
            present=self.present,
        )

    def to(self, device: torch.device | str) -> Self:
        """The same prompt on another device."""
        return type(self)(*(part.to(device) for part in self._parts()))

    def _parts(self) -> tuple[Tensor, ...]:
        return (
            self.input_ids,
            self.position_ids,
            self.attention_mask,
            self.answer_positions,
            self.present,
        )


def packed(prefix: Sequence[int], blocks: Sequence[Sequence[Sequence[int]]]) -> PackedPrompt:
    """The prompt of chips that each ask their own blocks behind the same prefix.

    `blocks[chip][query]` are token ids; the last one of a block is where its answer is read.
    """
    rows = [row_of(prefix, chip_blocks) for chip_blocks in blocks]
    tokens = max(len(row.input_ids) for row in rows)
    queries = max(len(row.answer_positions) for row in rows)
    return PackedPrompt(
        input_ids=torch.stack([padded(row.input_ids, tokens) for row in rows]),
        position_ids=torch.stack([padded(row.position_ids, tokens) for row in rows]),
        attention_mask=torch.stack([sight(row.owners, tokens) for row in rows])[:, None],
        answer_positions=torch.stack([padded(row.answer_positions, queries) for row in rows]),
        present=torch.stack([torch.arange(queries) < len(row.answer_positions) for row in rows]),
    )


def spoken(input_ids: Sequence[int], answer_positions: Sequence[int]) -> PackedPrompt:
    """One chip asked in one running text, in which every token sees all before it.

    Answers then depend on each other: the published evaluation's form, kept to compare with it.
    """
    tokens = len(input_ids)
    return PackedPrompt(
        input_ids=torch.tensor([input_ids]),
        position_ids=torch.arange(tokens)[None],
        attention_mask=torch.ones(tokens, tokens).tril().bool()[None, None],
        answer_positions=torch.tensor([answer_positions]),
        present=torch.ones(1, len(answer_positions)).bool(),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """The tokens of one chip."""

    input_ids: Tensor
    """(t,)."""

    position_ids: Tensor
    """(t,)."""

    owners: Tensor
    """(t,): -1 for the prefix, otherwise the query that the token belongs to."""

    answer_positions: Tensor
    """(q,)."""


def row_of(prefix: Sequence[int], blocks: Sequence[Sequence[int]]) -> Row:
    """The prefix and the blocks of one chip, one after another."""
    parts = [prefix, *blocks]
    lengths = torch.tensor([len(part) for part in parts])
    starts = [0] + [len(prefix)] * len(blocks)
    return Row(
        input_ids=torch.tensor([token for part in parts for token in part]),
        position_ids=torch.cat(
            [start + torch.arange(len(part)) for start, part in zip(starts, parts, strict=True)]
        ),
        owners=torch.repeat_interleave(torch.arange(-1, len(blocks)), lengths),
        answer_positions=lengths.cumsum(0)[1:] - 1,
    )


def sight(owners: Tensor, tokens: int) -> Tensor:
    """Which of `tokens` tokens sees which: (tokens, tokens) bool.

    Tokens beyond the owned ones are filling: they see only themselves, and nobody sees them.
    """
    causal = torch.ones(len(owners), len(owners)).tril().bool()
    seen = causal & ((owners[None] == owners[:, None]) | (owners[None] == -1))
    whole = torch.eye(tokens).bool()
    whole[: len(owners), : len(owners)] = seen
    return whole


def padded(values: Tensor, length: int) -> Tensor:
    """The values, filled up with zeros at the end to that length."""
    return torch.nn.functional.pad(values, (0, length - len(values)))
