from collections.abc import Callable

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoseg.training.land.place import Block
from geoseg.training.land.thing import rectangle
from geoseg.training.land.things.lots import (
    area_m2,
    cells,
    inner,
    lengthwise,
    lots,
    piece,
    whole_cells,
)

Plot = Callable[..., Block]


def polygon(block: Block) -> shapely.Polygon:
    return shapely.Polygon(rectangle(block.centre, block.half, block.angle))


@given(long=st.floats(10, 200), wide=st.floats(10, 200), size=st.floats(5, 80))
def test_lots_make_up_their_block(long: float, wide: float, size: float) -> None:
    block = Block(np.zeros(2), (long / 2, wide / 2), 0.7)
    pieces = list(lots(block, size, np.random.default_rng(0)))
    assert sum(area_m2(lot) for lot in pieces) == pytest.approx(long * wide)


def test_cells_without_play_do_not_overlap(plot: Plot) -> None:
    block = plot(60, 40)
    found = list(cells(block, (10, 8), rng=np.random.default_rng(0)))
    assert len(found) == 30
    assert shapely.union_all([polygon(cell) for cell in found]).area == pytest.approx(60 * 40)


@given(long=st.floats(5, 120), wide=st.floats(5, 120))
def test_whole_cells_are_never_too_small(long: float, wide: float) -> None:
    block = Block(np.zeros(2), (long / 2, wide / 2), 0.0)
    for cell in whole_cells(block, (18.0, 35.0), rng=np.random.default_rng(0)):
        assert 2 * cell.half[0] >= 18 - 1e-6
        assert 2 * cell.half[1] >= 35 - 1e-6


def test_turning_a_block_lengthwise_keeps_its_ground(plot: Plot) -> None:
    block = plot(20, 50)
    turned = lengthwise(block)
    assert turned.half == (25, 10)
    assert polygon(turned).symmetric_difference(polygon(block)).area == pytest.approx(0, abs=1e-6)


def test_a_piece_lies_where_its_shares_say(plot: Plot) -> None:
    block = plot(40, 20)
    assert polygon(piece(block, (-1, 1), (-1, 1))).area == pytest.approx(800)
    corner = piece(block, (0.5, 1), (0, 1))
    assert polygon(block).buffer(1e-6).contains(polygon(corner))
    np.testing.assert_allclose(corner.centre, block.at(15, 5))


def test_a_margin_never_eats_a_block_up(plot: Plot) -> None:
    assert inner(plot(4, 4), 30).half == (1, 1)
