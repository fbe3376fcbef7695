"""Which colours rendered things have, and what people call them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

RGB = tuple[float, float, float]

COLOURS: Final = ("red", "blue", "grey", "white", "brown", "green", "black", "yellow")
"""Every colour word a roof or a car can carry."""

ROOFS: Final[dict[str, tuple[RGB, ...]]] = {
    "red": ((182, 66, 58), (200, 98, 78), (190, 58, 72), (206, 116, 92), (150, 48, 44)),
    "blue": ((48, 92, 172), (84, 130, 194), (40, 72, 130), (96, 158, 208)),
    "grey": ((140, 140, 140), (112, 114, 118), (168, 166, 160), (98, 103, 112), (186, 186, 186)),
    "white": ((238, 238, 234), (228, 228, 230), (244, 240, 228)),
    "brown": ((122, 88, 62), (146, 98, 66), (98, 72, 56), (128, 76, 50), (150, 112, 84)),
    "green": ((66, 132, 92), (58, 112, 78), (104, 152, 112), (70, 140, 120)),
    "black": ((48, 48, 52), (40, 42, 46), (60, 60, 64)),
    "yellow": ((216, 186, 84), (226, 202, 118), (206, 170, 60)),
}

CARS: Final[dict[str, tuple[RGB, ...]]] = {
    "red": ((180, 36, 36), (150, 30, 40)),
    "blue": ((40, 76, 160), (60, 100, 180)),
    "grey": ((130, 132, 136), (166, 168, 172)),
    "white": ((242, 242, 242), (232, 234, 236)),
    "brown": ((112, 84, 60),),
    "green": ((50, 110, 70),),
    "black": ((34, 34, 38), (46, 46, 50)),
    "yellow": ((226, 190, 40), (236, 206, 70)),
}

GROUND: Final[dict[str, tuple[RGB, ...]]] = {
    "grass": ((96, 124, 62), (120, 140, 76), (142, 148, 92), (78, 112, 52), (112, 146, 66)),
    "soil": ((186, 152, 112), (206, 172, 132), (164, 116, 82), (176, 104, 70), (168, 156, 138),
             (210, 192, 162), (138, 116, 92)),
    "paved": ((164, 160, 152), (182, 178, 168), (140, 138, 134), (200, 192, 178)),
    "crop": ((88, 126, 58), (132, 150, 66), (178, 164, 94), (150, 126, 84), (110, 90, 66),
             (196, 180, 110), (66, 104, 50)),
    "asphalt": ((98, 98, 102), (120, 120, 120), (80, 82, 86), (140, 138, 134), (66, 68, 72)),
    "dirt": ((190, 156, 118), (178, 112, 78), (206, 178, 140), (158, 130, 102), (184, 170, 148)),
    "leaf": ((62, 92, 46), (80, 108, 54), (48, 78, 42), (102, 122, 60), (92, 100, 58),
             (122, 136, 72), (54, 84, 58)),
    "water": ((42, 62, 78), (56, 82, 82), (70, 84, 66), (96, 96, 74), (34, 48, 56), (66, 104, 126),
              (40, 60, 48)),
    "pool": ((84, 190, 214), (70, 170, 206), (110, 208, 220), (60, 150, 190)),
}  # fmt: skip


def shade(rng: np.random.Generator, anchors: tuple[RGB, ...]) -> NDArray[np.float32]:
    """One of the anchor colours, a little lighter or darker and a little off, as (3,) 0..255."""
    anchor = np.asarray(anchors[rng.integers(len(anchors))], np.float32)
    drawn = anchor * rng.uniform(0.88, 1.1) + rng.normal(0, 3.5, 3)
    return np.clip(drawn, 8, 250).astype(np.float32)


def weighted(rng: np.random.Generator, weights: dict[str, float]) -> str:
    """One of the keys, as likely as its weight says."""
    share = np.fromiter(weights.values(), float)
    return str(rng.choice(list(weights), p=share / share.sum()))
