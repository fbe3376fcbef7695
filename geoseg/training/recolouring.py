"""Chips as another sensor, light or processing would show them."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

GREY = 118
"""What contrast turns about: the middle grey of sRGB."""

FAITHFUL = 0.6
"""Share of chips whose light has hardly a tint."""

PANCHROMATIC = 0.06
"""Share of chips without any colour."""


def recoloured(rgb: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The same chip (h, w, 3) by another sensor, in another light, processed in another way.

    Grey comes last, so that a chip without colours has none in its noise either.
    """
    sharp = refocused(rgb.astype(np.float32), rng)
    grainy = sharp + rng.normal(0, rng.uniform(2, 9) * (rng.random() < 0.25), sharp.shape)
    shades = desaturated(relit(grainy, rng), rng)
    return np.clip(shades, 0, 255).round().astype(np.uint8)


def refocused(shades: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Blurred in one chip of four, sharpened in one of seven."""
    draw, reach, gain = rng.random(), rng.uniform(0.4, 1.2), rng.uniform(0.3, 1)
    if draw < 0.25:
        return blurred(shades, reach)
    if draw < 0.4:
        sharpened: NDArray[np.float32] = shades + gain * (shades - blurred(shades, 1))
        return sharpened
    return shades


def blurred(shades: NDArray[np.float32], reach: float) -> NDArray[np.float32]:
    """Every band blurred by a Gauss of that many pixels."""
    soft: NDArray[np.float32] = ndimage.gaussian_filter(shades, (reach, reach, 0))
    return soft


def relit(shades: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Lighter or darker, flatter or harder, with another curve and a tint."""
    tint = rng.normal(0, 0.02 if rng.random() < FAITHFUL else 0.12, 3)
    curve = np.exp(rng.normal(0, 0.2))
    gain = np.exp(rng.normal(0, 0.15) + tint)
    light = 255 * (np.clip(shades, 0, 255) / 255) ** curve
    lit: NDArray[np.float64] = (light - GREY) * gain + GREY + 60 * tint + rng.normal(0, 15)
    return lit


def desaturated(shades: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """With paler or stronger colours, or none."""
    kept = rng.uniform(0.4, 1.3) * (rng.random() >= PANCHROMATIC)
    grey = shades.mean(axis=2, keepdims=True)
    pale: NDArray[np.float64] = grey + kept * (shades - grey)
    return pale
