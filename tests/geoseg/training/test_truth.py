import json

import numpy as np
import pytest
import shapely

from geoseg.training.camera.rendering import BLOCK, Rendered
from geoseg.training.land.groups import Standing
from geoseg.training.land.thing import Thing, rectangle
from geoseg.training.truth import Frame, Truth, blocks_touched, sightings, table

FRAME = Frame(BLOCK * 2, BLOCK * 3, 1.0)
STILL = np.zeros(2)


def standing(row: float, column: float, number: int = 1, half: float = 20.0) -> Standing:
    centre = np.array([row, column])
    made = Thing(
        concept="building", kind="flat", layer="building", colour="red",
        rgb=np.zeros(3, np.float32), outline=rectangle(centre, (half, half), 0.0), centre=centre,
        height=5.0, attributes={"roof": "flat"},
    )  # fmt: skip
    return Standing(made, number)


def block(*things: Standing, pixels: int = 0) -> Rendered:
    labels = np.full((BLOCK, BLOCK), -1, np.int32)
    labels.ravel()[:pixels] = 0
    return Rendered(np.zeros((BLOCK, BLOCK, 3), np.uint8), labels, things)


def test_a_thing_is_complete_when_all_its_blocks_have_been_seen() -> None:
    truth = Truth(FRAME)
    across = standing(100, BLOCK)
    first = truth.add(sightings(block(across, pixels=30), (0, 0), FRAME, STILL))
    second = truth.add(sightings(block(across, pixels=12), (0, 1), FRAME, STILL))
    assert first == []
    assert [thing.pixels for thing in second] == [42]
    assert truth.rest() == []


def test_what_is_hidden_everywhere_is_not_listed() -> None:
    truth = Truth(FRAME)
    assert truth.add(sightings(block(standing(100, 100)), (0, 0), FRAME, STILL)) == []
    assert truth.rest() == []


def test_what_runs_through_the_scene_is_complete_at_its_end() -> None:
    truth = Truth(FRAME)
    river = standing(100, 100, number=1 << 50)
    assert truth.add(sightings(block(river, pixels=9), (0, 0), FRAME, STILL)) == []
    assert [thing.pixels for thing in truth.rest()] == [9]


def test_blocks_touched_stay_in_the_scene() -> None:
    outside = shapely.box(-50, -50, 3 * BLOCK, 10)
    assert blocks_touched(outside, FRAME) == ((0, 0), (1, 0))


def test_rows_say_what_is_known_and_lie_in_the_crs() -> None:
    truth = Truth(FRAME)
    edge = standing(0, 100)  # half of it lies above the scene
    done = truth.add(sightings(block(edge, pixels=400), (0, 0), FRAME, STILL))
    rows = table(done, FRAME, crs="EPSG:32636", corner=(5000.0, 3000.0))
    assert rows.crs.to_epsg() == 32636
    assert list(rows["concept"]) == ["building"]
    assert json.loads(rows["attributes"][0]) == {"roof": "flat"}
    assert rows.geometry[0].bounds == pytest.approx((3080, 4980, 3120, 5000))
    assert rows["seen"][0] == pytest.approx(0.5)


def test_without_things_there_are_no_rows() -> None:
    assert len(table([], FRAME, crs="EPSG:32636", corner=(0.0, 0.0))) == 0
