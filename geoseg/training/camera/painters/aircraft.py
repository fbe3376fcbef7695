"""Aircraft from above."""

from typing import Final

import numpy as np

from geoseg.training.camera.painters.spot import Field, Painter, Spot, colour, fades, lit, mixed


def airplane(spot: Spot) -> Field:
    """A round fuselage, flat wings with flaps and engines, the tail with its fin."""
    u, v = spot.local
    long = spot.thing.half[0]
    body = np.float32(spot.thing.look["body_m"] / 2)
    along = u / np.float32(long)
    away_v = spot.sun.away[0] * np.cos(spot.thing.angle) - spot.sun.away[1] * np.sin(
        spot.thing.angle
    )
    on_body = np.abs(v) < body * np.where(along < -0.55, 1 - 0.9 * (-along - 0.55), 1.0)
    bow = np.clip(v / body, -1, 1)
    round_light = 1.04 - 0.16 * bow**2 - 0.22 * bow * np.float32(away_v)
    wing_light = 0.86 + 0.03 * spot.noise(1.5)
    wing_light = wing_light - 0.07 * (np.abs((u + np.abs(v) * 0.5) % 3.3) < 0.4) * fades(
        0.5, spot.gsd
    )
    light = np.where(on_body, round_light, wing_light) + 0.015 * spot.grain()
    seen = lit(spot.thing.rgb, light.astype(np.float32))
    fin = (np.abs(v) < max(0.16 * body, 0.22)) & (along < -0.66)
    livery = colour(*TAILS[int(spot.traits[0] * len(TAILS))])
    seen = mixed(seen, livery, fin.astype(np.float32) * np.float32(0.9))
    if spot.traits[1] > 0.6:  # a painted tail end
        band = (on_body & (along < -0.55)).astype(np.float32)
        seen = mixed(seen, livery, band * np.float32(0.8))
    cockpit = on_body & (along > 0.925) & (along < 0.955) & (np.abs(v) < 0.6 * body)
    if spot.thing.look.get("small", 0.0):
        cockpit = on_body & (along > 0.3) & (along < 0.46)
    seen = mixed(seen, colour(40, 44, 52), (cockpit * 0.85).astype(np.float32))
    intake = engine_rims(spot, u, v)
    return mixed(seen, colour(70, 72, 78), intake)


def engine_rims(spot: Spot, u: Field, v: Field) -> Field:
    """How dark each pixel is for lying at the mouth of an engine, 0..1."""
    dark = spot.plain
    for index in (1, 2):
        if away := spot.thing.look.get(f"engine{index}_m", 0.0):
            front = spot.thing.look[f"mouth{index}_m"]
            near = (np.abs(np.abs(v) - away) < 0.11 * away) & (np.abs(u - front + 0.5) < 0.6)
            dark = np.maximum(dark, near.astype(np.float32) * np.float32(0.7))
    return dark


TAILS: Final = (
    (190, 40, 44), (40, 70, 150), (28, 44, 92), (60, 130, 90), (226, 170, 60), (120, 124, 130),
)  # fmt: skip

AIRCRAFT: Final[dict[str, Painter]] = {"airplane": airplane}
