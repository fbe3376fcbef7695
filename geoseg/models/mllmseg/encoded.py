"""What is known of chips before anything is asked about them."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor
from transformers import DynamicCache


@dataclass(frozen=True, slots=True, eq=False)
class Remembered:
    """Keys and values of tokens that a language model has read: n rows, t tokens."""

    keys: tuple[Tensor, ...]
    """(n, heads, t, width) for each layer."""

    values: tuple[Tensor, ...]
    """(n, heads, t, width) for each layer."""

    @classmethod
    def of(cls, cache: DynamicCache) -> Self:
        """What a cache holds."""
        keys, values = zip(*((layer[0], layer[1]) for layer in cache), strict=True)
        return cls(keys, values)

    def as_cache(self) -> DynamicCache:
        """A cache to go on reading from; what is read does not change this value."""
        return DynamicCache(zip(self.keys, self.values, strict=True))

    def expand(self, rows: int) -> Self:
        """The same memory for that many rows; the single one is shared, not copied."""
        return type(self)(
            tuple(part.expand(rows, -1, -1, -1) for part in self.keys),
            tuple(part.expand(rows, -1, -1, -1) for part in self.values),
        )

    def __getitem__(self, rows: slice) -> Self:
        """Some of the rows, not copied."""
        return type(self)(
            tuple(part[rows] for part in self.keys), tuple(part[rows] for part in self.values)
        )

    @property
    def nbytes(self) -> int:
        """Bytes it takes."""
        return sum(part.nbytes for part in (*self.keys, *self.values))


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """What a language model made of the text before the image: the same for every chip."""

    image_state: Tensor
    """(1, 1, T): the state at `<img>`, which is the first of the image states."""

    remembered: Remembered
    """Of one row."""


@dataclass(frozen=True, slots=True, eq=False)
class EncodedChips:
    """Chips that can be asked again: everything about them that no query changes."""

    trunk: Tensor
    """(n, s*s, D): what the mask decoder worked out for all queries."""

    remembered: Remembered
    """What the language model read before the queries, chip by chip."""

    def __len__(self) -> int:
        """How many chips."""
        return len(self.trunk)

    def __getitem__(self, chips: slice) -> Self:
        """Some of the chips, not copied."""
        return type(self)(self.trunk[chips], self.remembered[chips])

    @classmethod
    def joined(cls, parts: "list[Self]") -> Self:
        """Chips encoded at different times, as one value; at least one part."""
        layers = range(len(parts[0].remembered.keys))
        keys = tuple(torch.cat([part.remembered.keys[i] for part in parts]) for i in layers)
        values = tuple(torch.cat([part.remembered.values[i] for part in parts]) for i in layers)
        return cls(torch.cat([part.trunk for part in parts]), Remembered(keys, values))

    @property
    def nbytes(self) -> int:
        """Bytes it takes on its device."""
        return self.trunk.nbytes + self.remembered.nbytes
