"""Masks written as run lengths, the way COCO does it."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

FIRST = 48
"""The character that stands for 0."""

MORE, SIGN, BITS = 0x20, 0x10, 5
"""Of six bits in a character: one says that the number goes on, five carry it, lowest first; the
highest bit of the last character is the sign."""

STRAIGHT = 3
"""Runs written as they are; every later one as the difference from the run two before."""


def numbers(text: str) -> Iterator[int]:
    """The numbers in a text of run lengths.

    >>> list(numbers("PP1o0"))
    [1024, 31]
    """
    value = shift = 0
    for character in text:
        bits = ord(character) - FIRST
        if not 0 <= bits < 2 * MORE:
            raise ValueError(f"the character {character!r} is none of run lengths")
        value |= (bits & (MORE - 1)) << shift
        shift += BITS
        if not bits & MORE:
            yield value - (1 << shift) if bits & SIGN else value
            value = shift = 0
    if shift:
        raise ValueError("the run lengths end in the middle of a number")


def runs(counts: str | Sequence[int]) -> list[int]:
    """How many pixels are off, on, off ... in turn."""
    if not isinstance(counts, str):
        return [int(count) for count in counts]
    found: list[int] = []
    for number in numbers(counts):
        found.append(number + (found[-2] if len(found) >= STRAIGHT else 0))
    return found


def decoded(counts: str | Sequence[int], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """(height, width): True in every second run, column by column.

    >>> decoded([1, 2, 3], (2, 3)).astype(int)
    array([[0, 1, 0],
           [1, 0, 0]])
    """
    lengths = runs(counts)
    pixels = shape[0] * shape[1]
    if min(lengths, default=0) < 0 or sum(lengths) != pixels:
        raise ValueError(f"the runs hold {sum(lengths)} pixels, but the mask has {pixels}")
    flat = np.zeros(pixels, np.bool_)
    ends = list(accumulate(lengths))
    for start, stop in zip(ends[::2], ends[1::2], strict=False):
        flat[start:stop] = True
    return flat.reshape(shape, order="F")
