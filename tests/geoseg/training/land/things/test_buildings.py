from collections.abc import Callable

import numpy as np
import pytest
import shapely

from geoseg.training.camera.painters.coverings import COVERINGS
from geoseg.training.camera.painters.roofs import ROOFS
from geoseg.training.land.concepts import COLOURS, CONCEPTS
from geoseg.training.land.place import Place
from geoseg.training.land.thing import Thing, rectangle
from geoseg.training.land.things.buildings import (
    MATERIALS,
    PLAIN,
    SHAPES,
    USES,
    building,
    foreign,
    material,
    panel_row,
    roof_panels,
)

At = Callable[..., Place]


def built(place: Place, use: str, half: tuple[float, float] = (14.0, 9.0)) -> Thing:
    (made,) = building(place, np.array([50.0, 60.0]), half, angle=0.3, use=use)
    return made


@pytest.mark.parametrize("use", USES)
def test_a_building_is_described_in_the_words_of_the_table(at: At, use: str) -> None:
    known = CONCEPTS["building"]
    for seed in range(12):
        made = built(at(seed), use)
        assert made.kind in ROOFS
        for name, value in made.attributes.items():
            assert value in known.attributes[name]


@pytest.mark.parametrize("shape", SHAPES)
def test_wings_stay_within_the_ground_that_was_given(at: At, shape: str) -> None:
    whole = shapely.Polygon(rectangle(np.array([50.0, 60.0]), (14.0, 9.0), 0.3)).buffer(0.01)
    found = 0
    for seed in range(60):
        made = built(at(seed), "school")
        if made.attributes["shape"] == shape:
            found += 1
            assert whole.contains(shapely.Polygon(made.outline))
    assert found or shape == "round"


def test_an_l_has_six_corners_and_a_u_eight(at: At) -> None:
    corners: dict[str, set[int]] = {}
    for seed in range(60):
        made = built(at(seed), "school")
        corners.setdefault(made.attributes["shape"], set()).add(
            len(shapely.get_coordinates(shapely.Polygon(made.outline).simplify(0.25))) - 1
        )
    assert corners["L-shaped"] == {6}
    assert corners["T-shaped"] <= {8}
    assert corners["U-shaped"] == {8}


def test_a_narrow_building_has_no_wings(at: At) -> None:
    assert {built(at(seed), "house", (9.0, 2.0)).attributes["shape"] for seed in range(20)} == {
        "rectangular"
    }


def test_every_colour_of_roof_has_a_material_for_every_form() -> None:
    for form in MATERIALS.values():
        assert set(form) == set(COLOURS)
        assert {name for weights in form.values() for name in weights} <= set(COVERINGS)


def test_what_is_thatched_is_a_round_hut() -> None:
    rng = np.random.default_rng(0)
    assert material(rng, "round hut", "round", "brown") == "thatch"
    assert "thatch" not in {material(rng, "house", "gabled", "brown") for _ in range(50)}


def test_panels_lie_on_the_roof(at: At) -> None:
    lying = 0
    for seed in range(40):
        place = at(seed)
        house = built(place, "house")
        for array in roof_panels(place, house):
            lying += 1
            assert array.layer == "roof"
            part = house.parts[0]
            roof = shapely.Polygon(rectangle(part.centre, part.half, part.angle))
            assert roof.buffer(0.01).contains(shapely.Polygon(array.outline))
    assert lying


def test_panels_on_the_ground_throw_a_shadow(at: At) -> None:
    house = built(at(), "house")
    row = panel_row(np.random.default_rng(0), house.parts[0], at=(0, 0), half=(5, 1), on="ground")
    assert row.height > 0
    assert row.attributes == {"on": "ground"}


def test_a_roof_of_many_colours_has_no_colour_word(at: At) -> None:
    made = [built(at(seed, style="informal"), "hut") for seed in range(120)]
    many = [thing for thing in made if foreign(thing.look) >= PLAIN]
    assert len(many) > 12
    assert {thing.colour for thing in many} == {""}


def test_most_roofs_still_have_a_colour_word(at: At) -> None:
    named = [bool(built(at(seed), "house").colour) for seed in range(120)]
    assert sum(named) > 0.75 * len(named)


def test_only_metal_rusts_and_is_mended_with_sheets(at: At) -> None:
    for seed in range(60):
        made = built(at(seed, style="informal"), "town house")
        if made.attributes["material"] != "metal":
            assert not {"rust", "patched"} & set(made.look)
