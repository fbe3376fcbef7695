"""What is rare, put where a scene begins, so that small scenes hold it as well."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import shapely

from geoseg.training.land.fillings import fitting
from geoseg.training.land.hashing import chance, generator
from geoseg.training.land.layout import Ground, Leaf, whole_of
from geoseg.training.land.streets import Street

SHARE: Final = 0.35
"""How many worlds have a showpiece."""

BUILT: Final = ("airfield", "airfield", "apron", "baseball", "container yard", "greenhouses",
                "harbour", "harbour", "marina", "rail yard", "solar farm", "stadium", "stadium",
                "tank farm", "tennis", "tennis", "works")  # fmt: skip

FARMED: Final = ("airfield", "airfield", "baseball", "farm", "fish ponds", "greenhouses",
                 "greenhouses", "harbour", "orchard", "pivot", "solar farm", "vineyard",
                 "vineyard", "wind farm", "wind farm")  # fmt: skip

WILD: Final = ("airfield", "burnt", "dunes", "harbour", "marina", "rocks", "rocks", "snow",
               "wind farm")  # fmt: skip


def showpiece(seed: int, style: str) -> str | None:
    """The filling that a world of a style shows where its scenes begin; None for none."""
    if chance(seed, 16) >= SHARE:
        return None
    choices = {"rural": FARMED, "nature": WILD}.get(style, BUILT)
    return str(generator(seed, 17).choice(choices))


def showing(
    pieces: Sequence[Leaf | Street], name: str, cell: Ground
) -> tuple[Leaf, tuple[Leaf | Street, ...]]:
    """A leaf with that filling, and the pieces of its cell with it among them.

    It is the largest leaf that the filling fits, or else the whole cell.
    """
    fit = [piece for piece in pieces if isinstance(piece, Leaf) and name in fitting(piece.block)]
    if fit:
        chosen = max(fit, key=lambda leaf: float(leaf.ground.area))
        shown = replace(chosen, filling=name)
        return shown, tuple(shown if piece is chosen else piece for piece in pieces)
    ground = max(shapely.get_parts(cell.land), key=lambda part: float(part.area))
    shapely.prepare(ground)
    shown = Leaf(whole_of(cell), ground, name)
    return shown, (shown,)
