from collections.abc import Callable

import pytest
import shapely

from geoseg.training.camera.painters.crops import FIELDS
from geoseg.training.land.concepts import CONCEPTS
from geoseg.training.land.place import SEASONS, Block, Place
from geoseg.training.land.things.farming import (
    CROPS,
    crop_for,
    field_of,
    fields,
    greenhouses,
    orchard,
    pivot,
    vineyard,
)

At = Callable[..., Place]
Plot = Callable[..., Block]


def test_every_crop_is_in_the_words_of_the_table_and_can_be_painted() -> None:
    known = CONCEPTS["field"]
    for crop in CROPS:
        assert crop.kind in FIELDS
        assert crop.colour in {"", *known.colours}
        assert crop.state in known.attributes["state"]
        assert crop.crop in {"", *known.attributes["crop"]}
        assert set(crop.seasons) <= set(SEASONS)


def test_every_crop_and_state_can_be_seen_at_some_time() -> None:
    known = CONCEPTS["field"].attributes
    assert {crop.state for crop in CROPS} == set(known["state"])
    assert {crop.crop for crop in CROPS} - {""} == set(known["crop"])


@pytest.mark.parametrize("season", sorted(set(SEASONS) - {"snow"}))
def test_fields_show_only_what_is_seen_in_the_season(at: At, season: str) -> None:
    drawn = {id(crop_for(at(seed, season=season))) for seed in range(30)}
    assert drawn <= {id(crop) for crop in CROPS if season in crop.seasons}


def test_under_snow_no_field_is_seen(at: At, plot: Plot) -> None:
    assert field_of(at(season="snow"), plot(80, 60)).concept == "snow"


def test_the_colour_word_of_a_field_is_that_of_its_colour() -> None:
    for crop in CROPS:
        for red, green, blue in crop.rgb:
            looks = {
                "green": green > red and green > blue,
                "yellow": red >= green > blue + 30,
                "brown": red > green > blue and red < 175,
                "": True,
            }
            assert looks[crop.colour], crop


def test_fields_of_one_block_do_not_overlap(at: At, plot: Plot) -> None:
    for seed in range(8):
        found = [shapely.Polygon(thing.outline) for thing in fields(at(seed), plot(160, 90))
                 if thing.concept == "field"]  # fmt: skip
        apart = shapely.union_all(found).area
        assert apart == pytest.approx(sum(one.area for one in found), rel=0.02)


def test_a_pivot_is_round_and_fits_its_block(at: At, plot: Plot) -> None:
    *_, made = pivot(at(), plot(200, 180))
    assert made.attributes["shape"] == "round"
    found = shapely.Polygon(made.outline)
    assert shapely.minimum_bounding_radius(found) <= 90
    assert found.area / (shapely.minimum_bounding_radius(found) ** 2 * 3.1416) > 0.98


@pytest.mark.parametrize(("fill", "concept"), [(orchard, "orchard"), (vineyard, "vineyard")])
def test_rows_of_plants_are_one_thing(
    at: At, plot: Plot, fill: Callable[..., object], concept: str
) -> None:
    found = [thing for thing in fill(at(), plot(80, 60)) if thing.concept == concept]
    assert len(found) == 1
    assert shapely.Polygon(found[0].outline).area > 0.7 * 80 * 60


def test_greenhouses_stand_apart(at: At, plot: Plot) -> None:
    for seed in range(6):
        found = [shapely.Polygon(thing.outline) for thing in greenhouses(at(seed), plot(150, 100))
                 if thing.concept == "greenhouse"]  # fmt: skip
        assert found
        assert shapely.union_all(found).area == pytest.approx(sum(one.area for one in found))
