import hashlib
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_bounds, from_origin

from geoseg.errors import GeosegError
from geoseg.options import ImageOptions
from geoseg.training.data.meanings import Meaning, meanings
from geoseg.training.data.own_plan import PlannedChip, Split, planned
from geoseg.training.data.own_scene import OwnScene, open_own_scene
from tests.geoseg.training.data.own_asked import FRAME, SAID, chips_of, options, shared_ground
from tests.geoseg.training.data.own_ground import NORTH_UP, roofs, write_scene


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> list[OwnScene]:
    path = write_scene(tmp_path_factory.mktemp("scene") / "scene.tif", FRAME)
    return [open_own_scene(path, ImageOptions(), FRAME)]


def pixels(scene: OwnScene, chip: PlannedChip, meaning: Meaning) -> int:
    return int(scene.drawn(meaning.rows, chip.roi).sum())


def test_a_chip_holds_what_shows_enough_pixels(scenes: list[OwnScene]) -> None:
    for chip in chips_of(scenes, SAID, "all", options()):
        shown = {place for place, said in enumerate(SAID) if pixels(scenes[0], chip, said) >= 6}
        assert set(chip.present) == shown


def test_what_a_chip_lacks_does_not_touch_it(scenes: list[OwnScene]) -> None:
    by_phrase = {said.phrase: said for said in SAID}
    for chip in chips_of(scenes, SAID, "all", options(absent=9)):
        touching = set(scenes[0].touching(chip.roi).tolist())
        for phrase in set(chip.absent) - {"the ships", "the cows"}:
            assert not touching & set(by_phrase[phrase].rows.tolist())


def test_of_a_roof_without_colour_no_chip_is_asked_about_colours(scenes: list[OwnScene]) -> None:
    blank = [2, 5, 7]
    said = meanings(options().phrases, without_colour(blank))
    colours = {place for place, one in enumerate(said) if one.template == 1}
    seen = 0
    for chip in chips_of(scenes, said, "all", options(absent=9)):
        if set(blank) & set(scenes[0].touching(chip.roi).tolist()):
            assert colours <= set(chip.unsure)
            assert not colours & set(chip.present)
            assert not {said[place].phrase for place in colours} & set(chip.absent)
            seen += 1
    assert seen > 3


def test_roofs_without_colour_may_be_said_to_have_none(scenes: list[OwnScene]) -> None:
    other = options(phrases=[{"template": "the {colour} roofs", "empty": "other"}])
    chips = chips_of(scenes, meanings(other.phrases, without_colour([2, 5, 7])), "all", other)
    known = np.setdiff1d(np.arange(len(FRAME)), [2, 5, 7])
    for chip in chips:
        assert bool(chip.present or chip.unsure) == bool(
            np.intersect1d(known, scenes[0].touching(chip.roi)).size
        )


def test_that_nothing_is_asked_for_want_of_attributes_is_told(scenes: list[OwnScene]) -> None:
    colours = options(phrases=[{"template": "the {colour} roofs"}])
    outlines = FRAME.geometry.to_numpy().copy()
    outlines[1] = shapely.union_all(outlines).envelope
    rows = np.arange(len(outlines))
    again = [replace(scenes[0], rows=rows, outlines=outlines, tree=shapely.STRtree(outlines))]
    with pytest.raises(GeosegError, match="polygons whose attributes are empty are not asked"):
        chips_of(again, meanings(colours.phrases, without_colour([1])), "all", colours)


def without_colour(places: list[int]) -> gpd.GeoDataFrame:
    """The roofs, of which nobody knows the colour of some."""
    return FRAME.assign(colour=FRAME["colour"].mask(FRAME.index.isin(places), None))


def test_a_colour_that_is_elsewhere_is_asked_where_another_is(scenes: list[OwnScene]) -> None:
    hard = 0
    for chip in chips_of(scenes, SAID, "all", options(absent=2)):
        touching = set(scenes[0].touching(chip.roi).tolist())
        colours = [place for place, said in enumerate(SAID) if said.template == 1]
        gone = {SAID[place].phrase for place in colours if not touching & {*SAID[place].rows}}
        if gone and set(colours) & set(chip.present):
            assert gone & set(chip.absent)
            hard += 1
        assert len(chip.absent) == 2
    assert hard > 3


def test_the_share_of_empty_chips_is_kept(scenes: list[OwnScene]) -> None:
    everything = chips_of(scenes, SAID, "all", options(empty_share=0.99))
    empty = sum(not chip.present for chip in everything)
    full = len(everything) - empty
    assert empty > 3
    assert all(chip.present for chip in chips_of(scenes, SAID, "all", options(empty_share=0)))
    wanted = 3 / (full + 3)
    some = chips_of(scenes, SAID, "all", options(empty_share=wanted))
    assert len(some) == full + 3
    assert all(chip.present or chip.absent for chip in some)


def test_training_and_validation_share_no_pixel(scenes: list[OwnScene]) -> None:
    seen = {}
    for split in ("train", "val"):
        seen[split] = np.zeros((96, 128), np.bool_)
        for chip in chips_of(scenes, SAID, split, options(empty_share=0.9)):
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
        for chip in chips_of(both, SAID, split, options(empty_share=0.9)):
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
    assert not shared_ground(both, options(empty_share=0.9, seed=4), crs="EPSG:32636")


def test_images_without_a_crs_share_no_ground(tmp_path: Path) -> None:
    frame = FRAME.set_crs(None, allow_override=True)
    both = []
    for number in range(2):
        grid = NORTH_UP * NORTH_UP.translation(number * 9, number * 5)
        path = write_scene(tmp_path / f"{number}.tif", transform=grid, crs=None)
        both.append(open_own_scene(path, ImageOptions(), frame))
    said = options(empty_share=0.9, seed=4)
    assert {chip.scene for chip in chips_of(both, SAID, "val", said)} == {0, 1}
    assert not shared_ground(both, said, crs=None)


def placed(scenes: list[OwnScene], split: Split) -> set[str]:
    """The chips of a split, as they are called by file, window and block."""
    said = options(empty_share=0.99, seed=4)
    return {
        f"{scenes[chip.scene].path.name} {chip.roi} {chip.window.block}"
        for chip in chips_of(scenes, SAID, split, said)
    }


@pytest.mark.parametrize("crs", ["EPSG:32636", None])
def test_another_image_leaves_all_ground_in_its_half(tmp_path: Path, crs: str | None) -> None:
    frame = FRAME.set_crs(crs, allow_override=True)
    folder = []
    for number, (row, column, by) in enumerate([(0, 0, 1), (-70, -90, 1), (31, -210, 1.02)]):
        grid = NORTH_UP * NORTH_UP.translation(column, row) * NORTH_UP.scale(by)
        path = write_scene(tmp_path / f"{number}.tif", transform=grid, crs=crs)
        folder.insert(0, open_own_scene(path, ImageOptions(), frame))
    small, large = folder[2:], folder
    for split in ("train", "val"):
        before, after = (placed(found, split) for found in (small, large))
        assert before
        assert {chip for chip in after if chip.startswith("0.tif")} == before


def test_images_in_lon_lat_that_count_longitudes_in_two_ways_share_no_ground(
    tmp_path: Path,
) -> None:
    both = []
    for number, west in enumerate((180.05, -179.95)):
        grid = from_origin(west, 0, 1e-5, 1e-5)
        path = write_scene(tmp_path / f"{number}.tif", transform=grid, crs="EPSG:4326")
        roof = shapely.box(*rasterio.transform.array_bounds(96, 128, grid)).buffer(-1e-4)
        layer = FRAME.set_geometry([roof] * len(FRAME), crs="EPSG:4326")
        both.append(open_own_scene(path, ImageOptions(), layer))
    assert not shared_ground(both, options(), crs="+proj=laea +lat_0=0 +lon_0=180")


def test_images_in_one_projected_crs_are_split_as_ever(
    scenes: list[OwnScene], tmp_path: Path
) -> None:
    grid = NORTH_UP * NORTH_UP.translation(500_000, 3_000_000)
    far = open_own_scene(write_scene(tmp_path / "far.tif", transform=grid), ImageOptions(), FRAME)
    said = options(empty_share=0.9, validation_share=0.4, seed=3)
    told = "\n".join(
        f"{split} {chip.scene} {chip.roi[0].start} {chip.roi[1].start} {chip.window.block}"
        for split in ("train", "val", "all")
        for chip in chips_of([*scenes, far], SAID, split, said)
    )
    digest = hashlib.sha256(told.encode()).hexdigest()
    assert digest.startswith("98afd75f660fe152")


def test_chips_share_by_themselves_what_those_of_a_run_share(scenes: list[OwnScene]) -> None:
    wide = options(overlap=None, chip=32)
    assert wide.least_overlap == 16
    assert chips_of(scenes, SAID, "all", wide) == chips_of(
        scenes, SAID, "all", options(overlap=16, chip=32)
    )


def test_the_plan_is_the_same_every_time(scenes: list[OwnScene]) -> None:
    assert chips_of(scenes, SAID, "train", options()) == chips_of(scenes, SAID, "train", options())
    assert chips_of(scenes, SAID, "all", options()) != chips_of(
        scenes, SAID, "all", options(seed=1)
    )


def test_what_shows_too_few_pixels_is_neither_there_nor_absent(scenes: list[OwnScene]) -> None:
    found = 0
    for chip in chips_of(scenes, SAID, "all", options(absent=9)):
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
        split: [chip.window for chip in chips_of(scenes, SAID, split, options(empty_share=0.9))]
        for split in ("train", "val")
    }
    names = {split: {window.block for window in found} for split, found in blocks.items()}
    assert len(names["train"]) > 1
    assert names["val"]
    assert not names["train"] & names["val"]
    whole = [chip.window for chip in chips_of(scenes, SAID, "all", options(block_chips=1))]
    for block in {window.block for window in whole}:
        starts = np.array([[s.start for s in w.roi] for w in whole if w.block == block])
        assert (np.ptp(starts, axis=0) <= 24).all()


def test_images_of_the_same_ground_share_their_blocks(
    scenes: list[OwnScene], tmp_path: Path
) -> None:
    again = open_own_scene(write_scene(tmp_path / "again.tif", FRAME), ImageOptions(), FRAME)
    chips = chips_of([*scenes, again], SAID, "all", options())
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
        chips_of(small, SAID, "val", options(block_chips=3))
    assert "block_chips" not in str(told.value)


def test_squares_of_ground_too_large_for_an_image_are_told(scenes: list[OwnScene]) -> None:
    with pytest.raises(GeosegError, match=r"squares of 9 x 9 chips.*a block_chips lower than 9"):
        chips_of(scenes, SAID, "val", options(block_chips=9))


def test_ground_that_would_fall_to_one_half_is_parted_with_another_seed_and_a_note(
    scenes: list[OwnScene],
) -> None:
    told, said = planned(scenes, SAID, "val", options(seed=1)), options(empty_share=0.9, seed=1)
    assert told.chips
    assert planned(scenes, SAID, "all", options(seed=1)).notices == ()
    (seed,) = (int(found) for found in re.findall(r"'seed: (\d+)'", told.notices[0]))
    kept = options(seed=seed, empty_share=0.9)
    assert planned(scenes, SAID, "val", kept).notices == ()
    for split in ("train", "val"):
        drawn, again = (
            {str(chip.window) for chip in chips_of(scenes, SAID, split, one)}
            for one in (said, kept)
        )
        assert drawn == again != set()


def test_a_share_far_off_is_told_with_a_seed_that_comes_nearer(tmp_path: Path) -> None:
    dense = roofs(count=80)
    known, said = meanings(options().phrases, dense), options(empty_share=0.99)
    path = write_scene(tmp_path / "scene.tif", dense)
    scenes = [open_own_scene(path, ImageOptions(), dense)]
    told = set()
    for seed in range(12):
        drawn = said.model_copy(update={"seed": seed})
        count = {part: len(chips_of(scenes, known, part, drawn)) for part in ("train", "val")}
        share = count["val"] / sum(count.values())
        (notice,) = planned(scenes, known, "val", drawn).notices or ("",)
        if notice.startswith("validation holds"):
            assert f"validation holds {share:.0%} of the chips, not about 20%" in notice
            (better,) = (int(found) for found in re.findall(r"'seed: (\d+)'", notice))
            nearer = said.model_copy(update={"seed": better})
            assert planned(scenes, known, "val", nearer).notices == ()
        elif not notice:
            assert 0.1 <= share <= 0.4
        told.add(notice[:10])
    assert {"", "validation"} <= told


def test_a_block_of_one_chip_is_not_to_be_lowered(tmp_path: Path) -> None:
    narrow = bare(tmp_path, (24, 30))
    with pytest.raises(GeosegError, match="squares of 1 x 1 chips") as told:
        chips_of(narrow, SAID, "val", options(seed=1, block_chips=1))
    assert "lower" not in str(told.value)
    assert "give a block_chips of 2 or more" in str(told.value)


def test_images_without_data_are_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(GeosegError, match=r"no pixel of the 1 image.* holds data.*image\.nodata"):
        chips_of(bare(tmp_path, (96, 128), data=False), SAID, "all", options())


def test_a_split_without_any_of_the_polygons_is_told(tmp_path: Path) -> None:
    far = FRAME.set_geometry(FRAME.translate(5000))
    path = write_scene(tmp_path / "scene.tif")
    with pytest.raises(
        GeosegError, match=r"none of the \d+ chips of the split 'all' shows 6 pixels"
    ) as told:
        chips_of([open_own_scene(path, ImageOptions(), far)], SAID, "all", options())
    assert "seed" not in str(told.value)
    with pytest.raises(GeosegError, match="or another seed"):
        chips_of([open_own_scene(path, ImageOptions(), far)], SAID, "train", options())


def test_polygons_smaller_than_a_pixel_are_told_in_words_that_fit(tmp_path: Path) -> None:
    specks = FRAME.set_geometry(FRAME.representative_point().buffer(1e-6))
    path = write_scene(tmp_path / "scene.tif")
    with pytest.raises(GeosegError, match="shows a pixel of a polygon that a phrase") as told:
        chips_of(
            [open_own_scene(path, ImageOptions(), specks)], SAID, "all", options(fewest_pixels=1)
        )
    assert "fewest_pixels" not in str(told.value)


def test_no_share_for_validation_is_told(scenes: list[OwnScene]) -> None:
    with pytest.raises(GeosegError, match="validation_share is 0"):
        chips_of(scenes, SAID, "val", options(validation_share=0))
