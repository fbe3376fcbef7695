"""What roofs are covered with: tiles, sheets, straw, concrete."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoseg.training.camera.painters.slopes import Faces
from geoseg.training.camera.painters.spot import Field, Spot, fades, wave

Covering = Callable[[Spot, Faces], Field]
"""Light (n,) that a covering gives back."""

OTHER_SHEETS: Final = (
    (128, 84, 60), (104, 72, 56), (150, 104, 76), (112, 106, 100), (150, 146, 138),
    (176, 172, 164), (92, 90, 90), (206, 204, 196), (92, 116, 142), (70, 104, 156),
    (116, 132, 110), (156, 92, 76),
)  # fmt: skip
"""The colours of the sheets that roofs are patched with."""

SHEETS: Final = 64
"""Sheets of a roof before their tones repeat."""


def covering(spot: Spot, faces: Faces) -> Field:
    """Light (n,) of tiles, sheets or thatch."""
    material = spot.thing.attributes.get("material", "metal")
    return COVERINGS[material](spot, faces)


def tiles(spot: Spot, faces: Faces) -> Field:
    """Courses of tiles and their columns; some tiles darker, the lower courses too."""
    period, traits = 0.3 + 0.14 * float(spot.traits[16]), spot.traits
    courses = (0.03 + 0.07 * float(traits[17])) * wave(faces.down, period, spot.gsd)
    columns = (0.02 + 0.06 * float(traits[18])) * wave(faces.along, 0.26, spot.gsd)
    uneven = 0.05 * spot.noise(0.4) + (0.02 + 0.07 * float(traits[19])) * spot.noise(1.8)
    return np.asarray(1 + courses + columns + uneven, np.float32)


def sheets(spot: Spot, faces: Faces) -> Field:
    """Corrugated or seamed metal sheets, of one tone or of many; new ones shine at the sun."""
    traits, gsd = spot.traits, spot.gsd
    period = 0.18 + 0.9 * float(traits[3]) ** 2
    light = 1 + (0.02 + 0.12 * float(traits[4])) * wave(faces.along, period, gsd)
    wide = 0.8 + 0.5 * float(traits[7])
    seam = fades(0.5, gsd) * (0.04 + 0.1 * float(traits[20]))
    if seam:
        light -= np.float32(seam) * (faces.along % np.float32(wide) < max(0.1, 0.7 * gsd))
    if traits[5] > 0.4:
        tones = 0.82 + 0.36 * np.random.default_rng(int(traits[6] * 1e6)).random(SHEETS)
        strength = fades(1.2, gsd) * (0.2 + 0.8 * float(traits[8]))
        tones = (1 + (tones - 1) * strength).astype(np.float32)
        light = light * tones.take(sheet(faces, wide, 3.6))
    if traits[21] > 0.7:
        light += np.float32(0.22 * traits[22]) * np.maximum(faces.light, 0) * spot.noise(2.5)
    return np.asarray(light, np.float32)


def sheet(faces: Faces, wide: float, long: float) -> NDArray[np.int32]:
    """Which of the SHEETS lies at each pixel (n,): columns of sheets with rows down the slope."""
    across = np.floor(faces.along / np.float32(wide)).astype(np.int32)
    below = np.floor(faces.down / np.float32(long)).astype(np.int32)
    return np.asarray((across * 5 + below * 23 + 11 * (faces.light > 0)) % SHEETS, np.int32)


def patched(spot: Spot, faces: Faces) -> Field:
    """The colour (3,), or colours (n, 3) where sheets of other colours mend the roof."""
    share, own = spot.thing.look.get("patched", 0.0), spot.thing.rgb
    strength = fades(1.0, spot.gsd)
    if not share or not strength:
        return own
    random = np.random.default_rng(int(spot.traits[23] * 1e6))
    chosen = np.array(OTHER_SHEETS, np.float32)[random.integers(0, len(OTHER_SHEETS), 4)]
    table = chosen[random.integers(0, 4, SHEETS)] * random.uniform(0.85, 1.12, (SHEETS, 1))
    foreign = (random.permutation(SHEETS) < share * SHEETS)[:, None] * np.float32(strength)
    table = (own + (table - own) * foreign).astype(np.float32)
    wide, long = 0.8 + 0.5 * float(spot.traits[7]), 1.6 + 1.6 * float(spot.traits[24])
    return np.asarray(table.take(sheet(faces, wide, long), axis=0))


def thatch(spot: Spot, faces: Faces) -> Field:
    """Straw: soft, streaky down the slope."""
    return (
        1 + 0.08 * wave(faces.along + 0.2 * spot.noise(0.5), 0.5, spot.gsd) + 0.06 * spot.noise(1)
    )


def smooth(spot: Spot, faces: Faces) -> Field:
    """Concrete or membrane: nothing but stains."""
    del faces
    return 1 + 0.03 * spot.noise(3)


COVERINGS: Final[dict[str, Covering]] = {
    "tiles": tiles, "slate": tiles, "metal": sheets, "thatch": thatch, "concrete": smooth,
    "membrane": smooth,
}  # fmt: skip
