import numpy as np
import pytest

from geoseg.training.land.fillings import FILLINGS
from geoseg.training.land.landscape import (
    BLOCK_M,
    COASTAL,
    LANDS,
    LARGE,
    STYLES,
    WAYS,
    WHOLE,
    style_at,
)
from geoseg.training.land.routes import FAMILIES
from geoseg.training.land.streets import WIDE_M


def test_every_style_is_described_in_every_table() -> None:
    for table in (BLOCK_M, LARGE, WAYS, WHOLE):
        assert set(table) == set(STYLES)
    assert set(STYLES) < set(LANDS)


def test_tables_name_what_exists() -> None:
    named = {
        filling for table in (STYLES, LARGE) for shares in table.values() for filling in shares
    }
    assert named | set(COASTAL) <= set(FILLINGS)
    assert {kind for kinds in WAYS.values() for kind in kinds} - {"none"} <= set(WIDE_M)
    assert {name for shares in LANDS.values() for name in shares} <= set(FAMILIES)


def test_every_filling_is_used_somewhere() -> None:
    named = {
        filling for table in (STYLES, LARGE) for shares in table.values() for filling in shares
    }
    assert set(FILLINGS) <= named


@pytest.mark.parametrize("style", sorted(STYLES))
def test_a_land_of_one_style_has_it_everywhere(style: str) -> None:
    assert style_at(3, style, np.array([5e5, 7e5])) == style


def test_mixed_land_has_towns_fields_and_wild_land_in_large_pieces() -> None:
    places = [
        np.array([1e6 + 330 * row, 1e6 + 330 * column]) for row in range(40) for column in range(40)
    ]
    styles = np.array([style_at(2, "mixed", place) for place in places]).reshape(40, 40)
    assert len(set(styles.ravel())) >= 3
    assert (styles[:, 1:] == styles[:, :-1]).mean() > 0.6
