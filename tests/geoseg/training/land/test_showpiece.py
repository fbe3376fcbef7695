import numpy as np
import pytest
import shapely

from geoseg.training.land.fillings import FILLINGS
from geoseg.training.land.layout import Ground, Leaf, laid_out
from geoseg.training.land.place import new_place
from geoseg.training.land.showpiece import BUILT, FARMED, SHARE, WILD, showing, showpiece
from geoseg.training.land.world import Land, World

QUAD = np.array([(0, 0), (10, 300), (290, 310), (300, -20)], float)
CELL = Ground(QUAD, shapely.Polygon(QUAD), shapely.Polygon(QUAD).buffer(-8))


def test_showpieces_are_fillings() -> None:
    assert {*BUILT, *FARMED, *WILD} <= set(FILLINGS)


def test_about_as_many_worlds_have_one_as_should() -> None:
    shown = [showpiece(seed, "town") for seed in range(400)]
    assert np.mean([name is not None for name in shown]) == pytest.approx(SHARE, abs=0.08)
    assert {name for name in shown if name} == set(BUILT)


@pytest.mark.parametrize("name", ["tennis", "airfield", "stadium"])
def test_a_cell_shows_its_showpiece_once(name: str) -> None:
    pieces = list(laid_out(new_place(np.random.default_rng(0), None, "town"), CELL))
    shown, with_it = showing(pieces, name, CELL)
    assert shown.filling == name
    assert [piece for piece in with_it if piece is shown] == [shown]
    grounds = [piece.ground for piece in with_it if isinstance(piece, Leaf)]
    assert sum(ground.area for ground in grounds) <= CELL.land.area + 1e-6


def test_scenes_begin_at_the_showpiece() -> None:
    seed = next(seed for seed in range(99) if showpiece(seed, "rural") == "vineyard")
    low, high = np.array([60.0, 60.0]), np.array([140.0, 140.0])
    groups = World(seed, Land("rural")).near(low, high)
    concepts = {
        known.thing.concept for group in groups for known in group.near(low, high, np.zeros((1, 2)))
    }
    assert "vineyard" in concepts
