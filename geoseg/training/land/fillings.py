"""What stands inside a block, by the name of its filling."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from geoseg.training.land.place import Block, Place
from geoseg.training.land.thing import Thing
from geoseg.training.land.things import (
    airfield,
    building_site,
    energy,
    farming,
    ground,
    harbour,
    houses,
    industry,
    sport,
    town,
    vehicles,
    water,
    ways,
    wild,
)
from geoseg.training.land.things.lots import lots

__all__ = ["FILLINGS", "SIZES", "Size", "fitting", "lots"]

Filling = Callable[[Place, Block], Iterator[Thing]]

FILLINGS: Final[dict[str, Filling]] = {
    "houses": houses.houses, "dense": town.dense, "village": town.village,
    "terrace": town.terrace, "flats": town.flats, "large": town.large, "shops": town.shops,
    "school": sport.school, "car_park": vehicles.car_park, "bus depot": vehicles.bus_depot,
    "park": wild.park, "forest": wild.forest, "scrub": wild.scrub, "savanna": ground.savanna,
    "bare": ground.bare, "burnt": ground.burnt, "snow": ground.snowfield, "rocks": ground.rocks,
    "dunes": ground.dunes, "beach": water.beach, "lake": water.lake,
    "fish ponds": water.fish_ponds, "field": farming.fields, "pivot": farming.pivot,
    "orchard": farming.orchard, "vineyard": farming.vineyard,
    "greenhouses": farming.greenhouses, "farm": farming.farmyard, "solar farm": energy.solar_farm,
    "wind farm": energy.wind_farm, "tank farm": industry.tank_farm,
    "container yard": industry.container_yard, "works": industry.works,
    "construction": building_site.construction, "harbour": harbour.harbour,
    "marina": harbour.marina, "airfield": airfield.airfield, "apron": airfield.aircraft_stands,
    "rail yard": ways.rail_yard, "sports ground": sport.sports_ground, "tennis": sport.courts,
    "basketball": sport.ball_courts, "baseball": sport.baseball, "stadium": sport.stadium,
}  # fmt: skip
"""The ways to fill a block; the first thing of each is the ground of the whole block."""


@dataclass(frozen=True, slots=True)
class Size:
    """Which blocks a filling suits."""

    short_m: float
    """The least that the short side measures."""

    long_m: float
    """The least that the long side measures."""

    most_m: float = 400.0
    """The most that the long side measures."""


SIZES: Final[dict[str, Size]] = {
    "houses": Size(25, 30, 260), "dense": Size(15, 15, 200), "village": Size(20, 25, 160),
    "terrace": Size(18, 30, 160), "flats": Size(35, 45, 260), "large": Size(35, 40, 320),
    "shops": Size(40, 60, 260), "school": Size(55, 80, 260), "car_park": Size(20, 30, 240),
    "bus depot": Size(30, 40, 160), "park": Size(15, 15), "forest": Size(20, 20, 800),
    "scrub": Size(15, 15, 300), "savanna": Size(15, 15, 300), "bare": Size(10, 10, 300),
    "burnt": Size(30, 30, 600), "snow": Size(20, 20, 600), "rocks": Size(20, 20, 300),
    "dunes": Size(30, 30, 600), "beach": Size(50, 60, 500), "lake": Size(25, 25, 500),
    "fish ponds": Size(25, 40, 260), "field": Size(20, 20, 500), "pivot": Size(90, 90, 800),
    "orchard": Size(30, 30, 300), "vineyard": Size(30, 30, 300), "greenhouses": Size(40, 50, 260),
    "farm": Size(45, 55, 130), "solar farm": Size(40, 50, 320), "wind farm": Size(70, 70, 600),
    "tank farm": Size(35, 35, 260), "container yard": Size(35, 50, 320), "works": Size(50, 70, 220),
    "construction": Size(30, 35, 180), "harbour": Size(70, 120, 500), "marina": Size(55, 70, 260),
    "airfield": Size(110, 250, 3000), "apron": Size(60, 90, 500), "rail yard": Size(35, 90, 700),
    "sports ground": Size(45, 70, 260), "tennis": Size(38, 40, 130), "basketball": Size(20, 34, 90),
    "baseball": Size(65, 65, 160), "stadium": Size(90, 120, 330),
}  # fmt: skip
"""How large a block each filling wants."""


def fitting(block: Block) -> tuple[str, ...]:
    """The fillings that a block is neither too small nor too large for."""
    short, long = 2 * min(block.half), 2 * max(block.half)
    return tuple(
        name
        for name, size in SIZES.items()
        if size.short_m <= short and size.long_m <= long <= size.most_m
    )
