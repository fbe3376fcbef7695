"""Chance that belongs to a place: the same place always draws the same."""

import numpy as np

MASK = (1 << 64) - 1


def generator(seed: int, *where: int) -> np.random.Generator:
    """A generator that belongs to a seed and some whole numbers, negative ones too."""
    return np.random.default_rng([seed, *(number & MASK for number in where)])


def mixed(*numbers: int) -> int:
    """64 bits that look random and depend on all the numbers."""
    state = 0x9E3779B97F4A7C15
    for number in numbers:  # splitmix64 (Steele, Lea and Flood 2014)
        state = (state + (number & MASK) + 0x9E3779B97F4A7C15) & MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
        state ^= state >> 31
    return state


def chance(*numbers: int) -> float:
    """A number in 0..1 that belongs to the numbers.

    >>> chance(7, 1) == chance(7, 1), chance(7, 1) == chance(7, 2)
    (True, False)
    """
    return mixed(*numbers) / 2**64
