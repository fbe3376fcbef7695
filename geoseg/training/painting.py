"""How each kind of thing is painted on the canvas."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoseg.training.canvas import Canvas, Window, covered, grid_m
from geoseg.training.thing import Thing, directions

Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Sun:
    """Where the light comes from."""

    away: NDArray[np.float64]
    """(2,) unit vector on the ground, away from the sun: where shadows point."""

    length: float
    """Metres of shadow for each metre of height."""

    dark: float
    """What is left of the light in a shadow, 0..1."""


def paint(canvas: Canvas, thing: Thing, *, label: int, sun: Sun) -> None:
    """Paint one thing; its visible pixels get the label."""
    kind = thing.kind.removeprefix("wing:")
    PAINTERS[kind](canvas, thing, label, sun)


def lit(rgb: Field, light: Field) -> Field:
    """One colour (3,) under light (h, w), as (h, w, 3)."""
    return np.asarray(rgb * light[..., None], np.float32)


def ground(canvas: Canvas, thing: Thing, label: int, sun: Sun) -> None:
    """Grass, soil, concrete: the colour in patches of several sizes."""
    del sun
    fine, patch, grain = ROUGHNESS[thing.kind]
    other = thing.rgb * np.array(SECOND[thing.kind], np.float32)

    def colours(window: Window) -> Field:
        large = canvas.noise(14)[window] + 0.6 * canvas.noise(4)[window]
        share = np.clip(0.5 + patch * large, 0, 1)[..., None]
        light = 1 + fine * canvas.noise(0.5)[window] + grain * canvas.noise(0.01)[window]
        light += fine * 0.7 * canvas.noise(1.5)[window]
        return np.asarray((thing.rgb * (1 - share) + other * share) * light[..., None], np.float32)

    canvas.fill(thing.outline, label, colours)


ROUGHNESS = {
    "grass": (0.07, 0.25, 0.05), "soil": (0.06, 0.22, 0.045), "paved": (0.04, 0.12, 0.03),
    "asphalt": (0.03, 0.1, 0.025), "dirt": (0.05, 0.2, 0.04), "line": (0.02, 0.0, 0.02),
}  # fmt: skip
"""Medium mottling, large patches, grain."""

SECOND = {
    "grass": (1.22, 1.05, 1.0), "soil": (0.84, 0.86, 0.84), "paved": (0.9, 0.9, 0.9),
    "asphalt": (1.12, 1.12, 1.1), "dirt": (0.88, 0.9, 0.9), "line": (1.0, 1.0, 1.0),
}  # fmt: skip
"""What the patches' colour is, beside the thing's own."""


def crop(canvas: Canvas, thing: Thing, label: int, sun: Sun) -> None:
    """A field with rows."""
    del sun
    period = 1.2 + 4.5 * (thing.rgb[0] / 255) ** 2 + (thing.half[0] % 1) * 3
    depth = 0.05 + 0.16 * (thing.half[1] % 1)
    _, across = directions(thing.angle)

    def colours(window: Window) -> Field:
        rows, columns = grid_m(window, canvas.gsd)
        wave = np.sin((rows * across[0] + columns * across[1]) * (2 * np.pi / period))
        light = 1 + depth * wave + 0.04 * canvas.noise(0.5)[window]
        light = light + 0.06 * canvas.noise(6)[window] + 0.04 * canvas.noise(0.01)[window]
        return lit(thing.rgb, light)

    canvas.fill(thing.outline, label, colours)


def water(canvas: Canvas, thing: Thing, label: int, sun: Sun) -> None:
    """Still water: smooth, with slow changes of colour."""
    del sun

    def colours(window: Window) -> Field:
        light = 1 + 0.07 * canvas.noise(14)[window] + 0.02 * canvas.noise(1.5)[window]
        return lit(thing.rgb, light + 0.012 * canvas.noise(0.01)[window])

    canvas.fill(thing.outline, label, colours)


def local(thing: Thing, window: Window, gsd: float) -> tuple[Field, Field]:
    """Metres along and across a thing from its centre, each (h, w)."""
    along, across = directions(thing.angle)
    rows, columns = grid_m(window, gsd)
    rows, columns = rows - np.float32(thing.centre[0]), columns - np.float32(thing.centre[1])
    u = rows * np.float32(along[0]) + columns * np.float32(along[1])
    v = rows * np.float32(across[0]) + columns * np.float32(across[1])
    return u, v


def character(thing: Thing, count: int) -> NDArray[np.float64]:
    """Numbers 0..1 that belong to this thing for good: a house and its wing share them."""
    seed = int(thing.rgb.astype(np.float64).sum() * 1e4) % 2**31
    return np.random.default_rng(seed).random(count)


def roof(canvas: Canvas, thing: Thing, label: int, sun: Sun) -> None:
    """A roof: its faces lit by the sun, its covering, its stains."""
    kind = thing.kind.removeprefix("wing:")
    traits = character(thing, 8)

    def colours(window: Window) -> Field:
        u, v = local(thing, window, canvas.gsd)
        light = FACES[kind](thing, u, v, sun) * covering(thing, u, v, traits)
        light = light + (0.02 + 0.04 * traits[0]) * canvas.noise(0.4)[window]
        light = light + (0.1 * traits[1] ** 2) * canvas.noise(2.5)[window]
        light = light + 0.03 * canvas.noise(0.01)[window]
        return rusted(canvas, thing, window, lit(thing.rgb, light.astype(np.float32)), traits)

    canvas.fill(thing.outline, label, colours)


def rusted(
    canvas: Canvas, thing: Thing, window: Window, colours: Field, traits: NDArray[np.float64]
) -> Field:
    """Metal roofs rust in patches; others are left alone."""
    if thing.colour not in ("grey", "brown") or traits[2] < 0.55:
        return colours
    share = np.clip(0.15 + 0.35 * canvas.noise(1.8)[window], 0, 0.7)[..., None]
    patch = np.array((126, 86, 60) if thing.colour == "grey" else (150, 146, 140), np.float32)
    return np.asarray(colours * (1 - 0.6 * share) + patch * 0.6 * share, np.float32)


def flat_faces(thing: Thing, u: Field, v: Field, sun: Sun) -> Field:
    """A flat roof with a rim that is lighter on one side, and boxes on it."""
    del sun
    traits = character(thing, 14)[8:]
    rim = np.minimum(thing.half[0] - np.abs(u), thing.half[1] - np.abs(v))
    light = np.where(rim < 0.35, 0.78 + 0.5 * traits[0], 1.0)
    for index in (1, 3):
        at = (traits[index : index + 2] * 1.4 - 0.7) * thing.half
        size = 0.4 + 1.6 * traits[5]
        box = (np.abs(u - at[0]) < size) & (np.abs(v - at[1]) < size)
        light = np.where(box & (traits[0] > 0.4), 0.6 + 0.7 * traits[index], light)
    return np.asarray(light, np.float32)


def gabled_faces(thing: Thing, u: Field, v: Field, sun: Sun) -> Field:
    """Two slopes from a ridge."""
    _, across = directions(thing.angle)
    steep = 0.12 + 0.2 * character(thing, 1)[0]
    light = 1 - steep * np.sign(v) * float(across @ sun.away)
    return np.asarray(np.where(np.abs(v) < 0.15, light * 1.08, light), np.float32) + 0 * u


def hipped_faces(thing: Thing, u: Field, v: Field, sun: Sun) -> Field:
    """Four slopes from a short ridge."""
    along, across = directions(thing.angle)
    steep = 0.12 + 0.2 * character(thing, 1)[0]
    end = np.abs(u) - (thing.half[0] - thing.half[1]) > np.abs(v)
    side = -np.sign(v) * float(across @ sun.away)
    ends = -np.sign(u) * float(along @ sun.away)
    return np.asarray(1 + steep * np.where(end, ends, side), np.float32)


def shed_faces(thing: Thing, u: Field, v: Field, sun: Sun) -> Field:
    """One slope."""
    _, across = directions(thing.angle)
    light = 1 - 0.1 * float(across @ sun.away)
    return np.asarray(light + 0 * (u + v), np.float32)


FACES: dict[str, Callable[[Thing, Field, Field, Sun], Field]] = {
    "flat": flat_faces, "gabled": gabled_faces, "hipped": hipped_faces, "shed": shed_faces,
}  # fmt: skip


def covering(thing: Thing, u: Field, v: Field, traits: NDArray[np.float64]) -> Field:
    """Corrugation, sheets or tiles: stripes across the slope."""
    period = 0.35 + 0.9 * traits[3]
    depth = 0.09 * traits[4] ** 1.5
    stripes = 1 + depth * np.sin(u * (2 * np.pi / period))
    if thing.colour in ("grey", "brown", "white") and traits[5] > 0.5:
        sheets = 0.8 + 0.4 * np.random.default_rng(int(traits[6] * 1e6)).random(64)
        column = ((u + thing.half[0]) / (0.8 + traits[7])).astype(int) % 32
        return np.asarray(stripes * sheets[column + 32 * (v > 0)] ** 0.6, np.float32)
    return np.asarray(stripes, np.float32)


def vehicle(canvas: Canvas, thing: Thing, label: int, sun: Sun) -> None:
    """A car from above: body, dark windscreens."""
    del sun

    def colours(window: Window) -> Field:
        u, v = local(thing, window, canvas.gsd)
        share = u / thing.half[0]
        glass = ((share > 0.25) & (share < 0.5)) | ((share < -0.6) & (share > -0.78))
        light = np.where(glass & (thing.kind == "car"), 0.35, 1.0)
        light = light * (1 - 0.12 * (np.abs(v) > 0.75 * thing.half[1]))
        return lit(thing.rgb, light.astype(np.float32))

    canvas.fill(thing.outline, label, colours)


def crown(canvas: Canvas, thing: Thing, label: int, sun: Sun) -> None:
    """A tree crown: a lumpy round of leaves, lighter towards the sun."""
    found = covered(
        canvas.pixels(thing.outline + (thing.outline - thing.centre) * 0.25), canvas.shape
    )
    if found is None:
        return
    window, _ = found
    rows, columns = grid_m(window, canvas.gsd)
    rows, columns = rows - np.float32(thing.centre[0]), columns - np.float32(thing.centre[1])
    distance = np.hypot(rows, columns) / thing.half[0]
    turn = np.arctan2(rows, columns)
    mask = distance < OUTLINES[thing.kind](turn, thing.angle) + 0.1 * canvas.noise(0.8)[window]
    facing = -(rows * sun.away[0] + columns * sun.away[1]) / thing.half[0]
    light = 1 + 0.28 * facing - 0.3 * distance**3 + 0.14 * canvas.noise(0.8)[window]
    light = light + 0.13 * canvas.noise(0.25)[window] + 0.07 * canvas.noise(0.01)[window]
    leaves = mask
    if thing.kind == "loose":
        leaves = mask & (canvas.noise(0.5)[window] + 0.6 * canvas.noise(0.25)[window] > -0.5)
    canvas.ids[window][mask] = label
    canvas.rgb[window][leaves] = lit(thing.rgb, light.astype(np.float32))[leaves]


def lumpy(turn: Field, start: float) -> Field:
    """A round outline with a few lobes."""
    lobes = 0.1 * np.sin(3 * turn + start) + 0.07 * np.sin(5 * turn + 2 * start)
    return np.asarray(0.95 + lobes, np.float32)


def fronds(turn: Field, start: float) -> Field:
    """A star of palm leaves."""
    return np.asarray(0.35 + 0.75 * np.abs(np.cos(4 * turn + start)) ** 0.8, np.float32)


OUTLINES: dict[str, Callable[[Field, float], Field]] = {
    "round": lumpy, "loose": lumpy, "dark": lumpy, "palm": fronds,
}  # fmt: skip

PAINTERS: dict[str, Callable[[Canvas, Thing, int, Sun], None]] = {
    **dict.fromkeys(ROUGHNESS, ground), **dict.fromkeys(FACES, roof),
    **dict.fromkeys(OUTLINES, crown), "crop": crop, "water": water, "pool": water,
    "car": vehicle, "lorry": vehicle,
}  # fmt: skip
"""The painter of each kind of thing."""
