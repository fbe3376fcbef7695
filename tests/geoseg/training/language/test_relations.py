import re

import numpy as np
import pytest

from geoseg.training.land.concepts import CONCEPTS, GROUPS
from geoseg.training.language.relations import RELATIONS, belonging, lying_beside, standing_on
from geoseg.training.language.view import View
from geoseg.training.scenes import SceneObject
from tests.geoseg.training.language.said import all_said, chip

CAR = SceneObject("car", "red", "car")
PARK = SceneObject("car park", "", "asphalt")
ROAD = SceneObject("road", "", "asphalt")
HOUSE = SceneObject("building", "red", "gabled")
POOL = SceneObject("swimming pool", "", "pool")
GRASS = SceneObject("grass", "", "grass")


def test_relations_are_between_known_things() -> None:
    for relation in RELATIONS:
        assert {relation.subject, relation.landmark} <= {*CONCEPTS, *GROUPS}


def test_a_car_stands_on_what_is_all_around_it() -> None:
    ids, objects = chip(60, (PARK, np.s_[0:30, 0:30]), (CAR, np.s_[5:10, 5:9]),
                        (CAR, np.s_[40:45, 40:44]), (CAR, np.s_[10:15, 27:33]))  # fmt: skip
    view = View(ids, objects)
    on_it = standing_on(view, view.of("car"), view.of("car park"))
    assert on_it[2] == 1
    assert on_it[3] == 0
    assert 0 < on_it[4] < 1


def test_cars_side_by_side_stand_on_the_ground_they_share() -> None:
    ids, objects = chip(
        60, (PARK, np.s_[0:30, 0:30]), (CAR, np.s_[5:10, 5:9]), (CAR, np.s_[5:10, 9:13])
    )
    view = View(ids, objects)
    assert (standing_on(view, view.of("car"), view.of("car park"))[2:4] == 1).all()


def test_houses_near_a_road_lie_beside_it_and_far_ones_do_not() -> None:
    ids, objects = chip(120, (ROAD, np.s_[0:8, :]), (HOUSE, np.s_[10:20, 10:20]),
                        (HOUSE, np.s_[80:90, 10:20]), (HOUSE, np.s_[24:34, 60:70]))  # fmt: skip
    view = View(ids, objects)
    beside = lying_beside(view, view.of("building"), view.of("road"))
    assert beside[2] == 1
    assert beside[3] == 0
    assert 0 < beside[4] < 1


def test_a_pool_belongs_to_the_only_house_that_is_near() -> None:
    ids, objects = chip(120, (HOUSE, np.s_[10:20, 10:20]), (HOUSE, np.s_[80:90, 80:90]),
                        (POOL, np.s_[24:28, 12:18]))  # fmt: skip
    view = View(ids, objects)
    members = belonging(view, view.of("building"), view.of("swimming pool"))
    assert members.tolist()[1:3] == [1, 0]


def test_a_pool_between_two_houses_could_be_of_either() -> None:
    ids, objects = chip(120, (HOUSE, np.s_[10:20, 10:20]), (HOUSE, np.s_[32:42, 10:20]),
                        (POOL, np.s_[24:28, 12:18]))  # fmt: skip
    view = View(ids, objects)
    members = belonging(view, view.of("building"), view.of("swimming pool"))
    assert ((members[1:3] > 0) & (members[1:3] < 1)).all()


@pytest.mark.parametrize("ground", [PARK, GRASS])
def test_cars_on_the_car_park_are_those_and_no_others(ground: SceneObject) -> None:
    made = chip(60, (ground, np.s_[0:30, 0:30]), (PARK, np.s_[0:30, 40:60]),
                (CAR, np.s_[5:10, 5:9]), (CAR, np.s_[5:10, 48:52]),
                (CAR, np.s_[45:50, 5:9]))  # fmt: skip
    said = [p for p in all_said(*made, "relation") if re.search("park", p.text)]
    assert said
    for phrase in said:
        assert phrase.mask[7, 49]
        assert phrase.mask[7, 7] == (ground is PARK)
        assert not phrase.mask[47, 7]


def test_no_car_is_on_the_car_park_where_all_are_elsewhere() -> None:
    made = chip(60, (PARK, np.s_[0:30, 0:30]), (CAR, np.s_[45:50, 5:9]))
    said = all_said(*made, "wrong relation")
    assert any("park" in phrase.text for phrase in said)
    assert not any(phrase.present for phrase in said)
