from collections.abc import Callable

import numpy as np
import pytest
import shapely

from geoseg.training.land.place import Block, Place
from geoseg.training.land.things.plants import (
    TYPES,
    crown_outline,
    hedge,
    stand,
    tree,
    tree_row,
    trees,
    wood,
)

At = Callable[..., Place]
Plot = Callable[..., Block]


@pytest.mark.parametrize("kind", TYPES)
def test_a_crown_is_about_as_wide_as_its_radius_says(kind: str) -> None:
    area = shapely.Polygon(crown_outline(kind, np.zeros(2), 3.0, 1.0)).area
    assert 0.35 < area / (9 * np.pi) < 1.1


def test_trees_stand_as_densely_as_asked(at: At, plot: Plot) -> None:
    counts = [sum(1 for _ in trees(at(seed), plot(100, 100), 1.0)) for seed in range(10)]
    assert np.mean(counts) == pytest.approx(100, rel=0.1)


def test_broad_leaves_fall_in_winter_and_needles_stay(at: At) -> None:
    winter = at(season="winter")
    kinds = [next(tree(winter, np.zeros(2), 3.0, kind="round")).kind for _ in range(60)]
    assert kinds.count("leafless") > 40
    assert next(tree(winter, np.zeros(2), 3.0, kind="spire")).kind == "spire"


def test_a_row_of_trees_is_of_one_kind(at: At) -> None:
    found = list(tree_row(at(), np.array([(0.0, 0.0), (0.0, 90.0)]), every=9, large=3))
    assert len(found) > 6
    assert len({thing.kind for thing in found}) == 1


def test_a_forest_has_the_outline_it_was_given(at: At) -> None:
    outline = np.array([(0, 0), (0, 50), (40, 50), (40, 0)], float)
    made = stand(at(), outline, np.array([20.0, 25.0]))
    assert made.concept == "forest"
    np.testing.assert_array_equal(made.outline, outline)


def test_a_wood_has_a_bumpy_edge(at: At) -> None:
    made = wood(at(), np.zeros(2), (40.0, 30.0))
    ring = shapely.Polygon(made.outline).buffer(0)
    assert ring.length > 1.1 * ring.buffer(6).buffer(-6).length


def test_a_hedge_runs_along_its_line(at: At) -> None:
    made = hedge(at(), np.array([(0.0, 0.0), (0.0, 20.0)]), wide=1.5)
    assert shapely.Polygon(made.outline).area == pytest.approx(30)
