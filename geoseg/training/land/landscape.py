"""Which kind of place lies where: towns, suburbs, farmland, wild land."""

from typing import Final

import numpy as np

from geoseg.training.land.hashing import chance, mixed
from geoseg.training.land.noise import Relief

STYLES: Final[dict[str, dict[str, float]]] = {
    "suburb": {"houses": 14, "park": 1, "bare": 0.4, "large": 0.5, "car_park": 0.3, "lake": 0.3,
               "tennis": 0.3, "basketball": 0.25, "shops": 0.4, "construction": 0.4,
               "baseball": 0.15, "terrace": 0.6, "flats": 0.4, "school": 0.3},
    "informal": {"dense": 9, "bare": 1, "village": 1, "houses": 0.4, "park": 0.4,
                 "basketball": 0.1, "construction": 0.3, "bus depot": 0.1},
    "town": {"terrace": 5, "dense": 1.2, "flats": 2, "large": 1.5, "shops": 1, "car_park": 1,
             "park": 1, "houses": 1, "construction": 0.5, "tennis": 0.2, "basketball": 0.3,
             "bus depot": 0.25, "school": 0.3},
    "industrial": {"large": 5, "car_park": 2, "bare": 1.5, "park": 0.4, "container yard": 1.2,
                   "tank farm": 1, "works": 1, "bus depot": 0.7, "construction": 0.7,
                   "solar farm": 0.3, "rail yard": 0.4},
    "rural": {"field": 6, "houses": 0.6, "village": 0.8, "farm": 1.2, "bare": 0.6, "forest": 1.5,
              "lake": 0.6, "park": 0.4, "orchard": 0.7, "vineyard": 0.6, "greenhouses": 0.4,
              "pivot": 0.3, "solar farm": 0.25, "fish ponds": 0.25, "wind farm": 0.2,
              "scrub": 0.4},
    "nature": {"forest": 4, "scrub": 2, "lake": 1.2, "bare": 1.2, "savanna": 3, "rocks": 1,
               "dunes": 0.6, "burnt": 0.6, "snow": 0.3, "park": 0.4},
    "patchwork": {"houses": 2, "dense": 0.8, "large": 0.8, "terrace": 0.6, "flats": 0.5,
                  "field": 0.8, "forest": 0.6, "park": 0.6, "bare": 0.5, "car_park": 0.6,
                  "lake": 0.5, "savanna": 0.3, "tennis": 0.4, "basketball": 0.35,
                  "baseball": 0.3, "tank farm": 0.4, "container yard": 0.4, "solar farm": 0.4,
                  "greenhouses": 0.35, "orchard": 0.35, "vineyard": 0.35, "construction": 0.4,
                  "bus depot": 0.3, "works": 0.3, "marina": 0.3, "apron": 0.3, "shops": 0.3,
                  "school": 0.3, "fish ponds": 0.2, "farm": 0.3, "rail yard": 0.3, "burnt": 0.25,
                  "snow": 0.2, "rocks": 0.25, "dunes": 0.25, "beach": 0.3},
}  # fmt: skip
"""Which block fillings each kind of place has, and how often; those that fit the block count."""

LARGE: Final[dict[str, dict[str, float]]] = {
    "suburb": {"sports ground": 2, "school": 2, "park": 1, "stadium": 0.6, "lake": 0.6},
    "informal": {"school": 1, "sports ground": 1, "stadium": 0.3},
    "town": {"stadium": 1, "sports ground": 1, "flats": 1.5, "shops": 1, "rail yard": 0.7,
             "construction": 0.6, "park": 0.8},
    "industrial": {"container yard": 1.5, "tank farm": 1.5, "works": 1, "rail yard": 1,
                   "airfield": 1, "apron": 1, "harbour": 0.8, "solar farm": 0.5},
    "rural": {"field": 5, "pivot": 1.2, "solar farm": 0.7, "wind farm": 0.8, "forest": 2,
              "airfield": 0.5, "lake": 0.5, "vineyard": 0.6, "orchard": 0.5},
    "nature": {"forest": 4, "burnt": 1, "snow": 0.5, "dunes": 1, "lake": 1.2, "savanna": 2,
               "rocks": 1},
    "patchwork": {"airfield": 1, "apron": 0.6, "harbour": 1, "stadium": 1, "pivot": 0.6,
                  "sports ground": 1, "wind farm": 0.6, "rail yard": 0.6, "marina": 0.6},
}  # fmt: skip
"""The same for blocks that are left whole."""

WHOLE: Final = {"suburb": 0.07, "informal": 0.03, "town": 0.07, "industrial": 0.2, "rural": 0.35,
                "nature": 0.35, "patchwork": 0.1}  # fmt: skip
"""How often a block is left whole, whenever it could be cut."""

COASTAL: Final = {"harbour": 1.0, "marina": 1.0, "beach": 0.3}
"""Large blocks beside the sea."""

BLOCK_M: Final = {"suburb": 78, "informal": 50, "town": 66, "industrial": 85, "rural": 110,
                  "nature": 90, "patchwork": 66}  # fmt: skip
"""About how long a block's side is."""

WAYS: Final[dict[str, dict[str, float]]] = {
    "suburb": {"avenue": 2, "street": 7, "none": 0.7},
    "informal": {"street": 4, "lane": 5, "none": 1},
    "town": {"avenue": 4, "street": 6, "none": 0.3},
    "industrial": {"avenue": 4, "street": 5, "none": 1},
    "rural": {"street": 3, "lane": 2, "track": 3, "none": 3},
    "nature": {"street": 1, "track": 3, "none": 6},
    "patchwork": {"avenue": 2, "street": 5, "lane": 1, "track": 1, "none": 1},
}  # fmt: skip
"""What runs along the border of a cell."""

LANDS: Final[dict[str, dict[str, float]]] = {
    "mixed": {"river": 0.5, "highway": 0.35, "railway": 0.4},
    "coast": {"coast": 1.0, "river": 0.3, "highway": 0.2, "railway": 0.2},
    "suburb": {"river": 0.3, "highway": 0.3, "railway": 0.3},
    "informal": {"river": 0.4, "railway": 0.3},
    "town": {"river": 0.4, "highway": 0.2, "railway": 0.5},
    "industrial": {"river": 0.3, "highway": 0.5, "railway": 0.8},
    "rural": {"river": 0.5, "highway": 0.3, "railway": 0.3},
    "nature": {"river": 0.7, "highway": 0.1},
    "patchwork": {"river": 0.4, "highway": 0.2, "railway": 0.3},
}  # fmt: skip
"""The styles of whole scenes, and the share of the possible routes that each has."""

CULTURES: Final = ("suburb", "suburb", "informal", "patchwork")
"""How people live outside the middle of towns."""


def style_at(seed: int, land: str, place: np.ndarray) -> str:
    """What kind of place a spot (2,) of the plan is."""
    if land in STYLES:
        return land
    row, column = place[:1], place[1:]
    urban = Relief(seed, 21, 1100).at(row, column) + 0.8 * Relief(seed, 22, 4500).at(row, column)
    other = float(Relief(seed, 23, 900).at(row, column)[0])
    level = float(urban[0]) + 1.2 * chance(seed, 24) - 0.5
    if level > 1.0:
        return "town" if other > -0.5 else "industrial"
    if level > 0.0:
        return "patchwork" if other > 1.3 else CULTURES[mixed(seed, 25) % len(CULTURES)]
    return "rural" if other > -0.4 else "nature"
