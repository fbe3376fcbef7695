from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio.transform import from_bounds

from geoseg.errors import GeosegError
from geoseg.options import ImageOptions
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data.own_plan import EQUAL_AREA, PlannedChip, planned
from geoseg.training.data.own_scene import OwnScene, boxes_on_plane, open_own_scene
from geoseg.training.data.templates import Meaning, meanings
from tests.geoseg.training.data.own_ground import NORTH_UP, roofs, write_scene

FRAME = roofs(count=10)


def options(**changes: object) -> OwnLayerOptions:
    data = {
        "images": ["scene.tif"],
        "layer": "roofs.gpkg",
        "phrases": [{"template": "all buildings"}, {"template": "the {colour} roofs"}],
        "absent_phrases": ["the ships", "the cows"],
        "chip": 24,
        "overlap": 6,
        "fewest_pixels": 6,
        "block_chips": 1,
    }
    return OwnLayerOptions.model_validate({**data, **changes})


SAID = meanings(options().phrases, FRAME)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> list[OwnScene]:
    path = write_scene(tmp_path_factory.mktemp("scene") / "scene.tif", FRAME)
    return [open_own_scene(path, ImageOptions(), FRAME)]


def pixels(scene: OwnScene, chip: PlannedChip, meaning: Meaning) -> int:
    return int(scene.drawn(meaning.rows, chip.roi).sum())


def test_a_chip_holds_what_shows_enough_pixels(scenes: list[OwnScene]) -> None:
    for chip in planned(scenes, SAID, "all", options()):
        shown = {place for place, said in enumerate(SAID) if pixels(scenes[0], chip, said) >= 6}
        assert set(chip.present) == shown


def test_what_a_chip_lacks_does_not_touch_it(scenes: list[OwnScene]) -> None:
    by_phrase = {said.phrase: said for said in SAID}
    for chip in planned(scenes, SAID, "all", options(absent=9)):
        touching = set(scenes[0].touching(chip.roi).tolist())
        for phrase in set(chip.absent) - {"the ships", "the cows"}:
            assert not touching & set(by_phrase[phrase].rows.tolist())


def test_a_colour_that_is_elsewhere_is_asked_where_another_is(scenes: list[OwnScene]) -> None:
    hard = 0
    for chip in planned(scenes, SAID, "all", options(absent=2)):
        touching = set(scenes[0].touching(chip.roi).tolist())
        colours = [place for place, said in enumerate(SAID) if said.template == 1]
        gone = {SAID[place].phrase for place in colours if not touching & {*SAID[place].rows}}
        if gone and set(colours) & set(chip.present):
            assert gone & set(chip.absent)
            hard += 1
        assert len(chip.absent) == 2
    assert hard > 3


def test_the_share_of_empty_chips_is_kept(scenes: list[OwnScene]) -> None:
    everything = planned(scenes, SAID, "all", options(empty_share=0.99))
    empty = sum(not chip.present for chip in everything)
    full = len(everything) - empty
    assert empty > 3
    assert all(chip.present for chip in planned(scenes, SAID, "all", options(empty_share=0)))
    wanted = 3 / (full + 3)
    some = planned(scenes, SAID, "all", options(empty_share=wanted))
    assert len(some) == full + 3
    assert all(chip.present or chip.absent for chip in some)


def test_training_and_validation_share_no_pixel(scenes: list[OwnScene]) -> None:
    seen = {}
    for split in ("train", "val"):
        seen[split] = np.zeros((96, 128), np.bool_)
        for chip in planned(scenes, SAID, split, options(empty_share=0.9)):
            seen[split][chip.roi] = True
        assert seen[split].any()
    assert not (seen["train"] & seen["val"]).any()


def test_images_of_the_same_ground_are_split_together(
    scenes: list[OwnScene], tmp_path: Path
) -> None:
    finer = write_scene(
        tmp_path / "finer.tif", shape=(240, 320), transform=NORTH_UP * NORTH_UP.scale(0.4)
    )
    both = [*scenes, open_own_scene(finer, ImageOptions(), FRAME)]
    seen = {split: np.zeros((240, 320), np.bool_) for split in ("train", "val")}
    for split, shown in seen.items():
        for chip in planned(both, SAID, split, options(empty_share=0.9)):
            scale = 2.5 if chip.scene == 0 else 1
            rows, columns = (
                slice(int(ends.start * scale), int(ends.stop * scale)) for ends in chip.roi
            )
            shown[rows, columns] = True
    assert seen["train"].any()
    assert not (seen["train"] & seen["val"]).any()


def test_images_in_several_crss_are_split_on_one_plane(
    scenes: list[OwnScene], tmp_path: Path
) -> None:
    left, bottom, right, top = FRAME.to_crs(3857).total_bounds
    grid = from_bounds(left - 5, bottom - 5, right + 5, top + 5, 150, 120)
    other = write_scene(tmp_path / "b.tif", shape=(120, 150), transform=grid, crs="EPSG:3857")
    both = [*scenes, open_own_scene(other, ImageOptions(), FRAME)]
    boxes: dict[str, list[NDArray[np.float64]]] = {"train": [], "val": []}
    for split, listed in boxes.items():
        for chip in planned(both, SAID, split, options(empty_share=0.9)):
            listed += [*boxes_on_plane(both[chip.scene].geobox, [chip.roi], EQUAL_AREA)]
    assert all(boxes.values())
    for a in boxes["train"]:
        for b in boxes["val"]:
            assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]


def test_images_that_lie_nowhere_are_split_each_for_itself(tmp_path: Path) -> None:
    frame = FRAME.set_crs(None, allow_override=True)
    paths = [write_scene(tmp_path / f"{name}.tif", frame, crs=None) for name in "ab"]
    both = [open_own_scene(path, ImageOptions(), frame) for path in paths]
    assert {chip.scene for chip in planned(both, SAID, "val", options(empty_share=0.9))} == {0, 1}


def test_the_plan_is_the_same_every_time(scenes: list[OwnScene]) -> None:
    assert planned(scenes, SAID, "train", options()) == planned(scenes, SAID, "train", options())
    assert planned(scenes, SAID, "all", options()) != planned(scenes, SAID, "all", options(seed=1))


def test_what_shows_too_few_pixels_is_neither_there_nor_absent(scenes: list[OwnScene]) -> None:
    found = 0
    for chip in planned(scenes, SAID, "all", options(absent=9)):
        for place in chip.unsure:
            found += 1
            assert pixels(scenes[0], chip, SAID[place]) < 6
            assert SAID[place].phrase not in chip.absent
            assert place not in chip.present
    assert found > 3


def test_chips_of_one_block_lie_together_and_blocks_are_of_one_split(
    scenes: list[OwnScene],
) -> None:
    blocks = {
        split: [chip.window for chip in planned(scenes, SAID, split, options(empty_share=0.9))]
        for split in ("train", "val")
    }
    names = {split: {window.block for window in found} for split, found in blocks.items()}
    assert len(names["train"]) > 1
    assert names["val"]
    assert not names["train"] & names["val"]
    whole = [chip.window for chip in planned(scenes, SAID, "all", options())]
    for block in {window.block for window in whole}:
        starts = np.array([[s.start for s in w.roi] for w in whole if w.block == block])
        assert (np.ptp(starts, axis=0) <= 24).all()


def test_images_of_the_same_ground_share_their_blocks(
    scenes: list[OwnScene], tmp_path: Path
) -> None:
    again = open_own_scene(write_scene(tmp_path / "again.tif", FRAME), ImageOptions(), FRAME)
    chips = planned([*scenes, again], SAID, "all", options())
    first, second = ({(str(c.roi), c.window.block) for c in chips if c.scene == n} for n in (0, 1))
    assert first & second
    assert {roi for roi, _ in first & second} == {roi for roi, _ in first} & {r for r, _ in second}


def bare(folder: Path, shape: tuple[int, int], *, data: bool = True) -> list[OwnScene]:
    """An image with all of the roofs beside it, or without any data."""
    path = write_scene(folder / "bare.tif", shape=shape)
    if not data:
        with rasterio.open(path, "r+") as file:
            file.nodata = 0
            file.write(np.zeros((3, *shape), np.uint8))
    return [open_own_scene(path, ImageOptions(), FRAME)]


def test_an_image_of_one_chip_cannot_be_parted_and_that_is_told(tmp_path: Path) -> None:
    small = bare(tmp_path, (20, 24))
    with pytest.raises(
        GeosegError, match=r"one chip of 24 pixels .*20 rows and 24 columns"
    ) as told:
        planned(small, SAID, "val", options(block_chips=3))
    assert "block_chips" not in str(told.value)


def test_squares_of_ground_too_large_for_an_image_are_told(scenes: list[OwnScene]) -> None:
    with pytest.raises(GeosegError, match=r"squares of 9 x 9 chips.*a block_chips lower than 9"):
        planned(scenes, SAID, "val", options(block_chips=9))


def test_a_block_of_one_chip_is_not_to_be_lowered(tmp_path: Path) -> None:
    narrow = bare(tmp_path, (24, 30))
    with pytest.raises(GeosegError, match="squares of 1 x 1 chips") as told:
        planned(narrow, SAID, "val", options(seed=1))
    assert "lower" not in str(told.value)


def test_images_without_data_are_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(GeosegError, match=r"no pixel of the 1 image.* holds data.*image\.nodata"):
        planned(bare(tmp_path, (96, 128), data=False), SAID, "all", options())


def test_a_split_without_any_of_the_polygons_is_told(tmp_path: Path) -> None:
    far = FRAME.set_geometry(FRAME.translate(5000))
    path = write_scene(tmp_path / "scene.tif")
    with pytest.raises(
        GeosegError, match=r"none of the \d+ chips of the split 'all' shows 6 pixels"
    ):
        planned([open_own_scene(path, ImageOptions(), far)], SAID, "all", options())


def test_no_share_for_validation_is_told(scenes: list[OwnScene]) -> None:
    with pytest.raises(GeosegError, match="validation_share is 0"):
        planned(scenes, SAID, "val", options(validation_share=0))
