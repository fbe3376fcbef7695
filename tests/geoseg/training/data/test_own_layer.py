import pickle
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.features
import rasterio.windows
import shapely
import shapely.affinity
import yaml

from geoseg.errors import GeosegError
from geoseg.training.data.augmentation import laid
from geoseg.training.data.check import check, inspected
from geoseg.training.data.own_layer import open_own_layer
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data.samples import Sample
from tests.geoseg.training.data.own_ground import (
    CRS,
    LEFT,
    NORTH_UP,
    TOP,
    roofs,
    write_config,
    write_ground,
    write_scene,
)

FRAME = roofs()

EXAMPLE = Path(__file__).parents[4] / "configs" / "train" / "own-layer.yaml"


def where(sample: Sample) -> tuple[slice, slice]:
    """The chip that a sample's name tells."""
    row, column = (int(part.split()[-1].rstrip("+")) for part in sample.name.split(","))
    return np.s_[row : row + 32, column : column + 32]


def test_image_and_truth_are_those_of_scene_and_layer(tmp_path: Path) -> None:
    source = open_own_layer(write_ground(tmp_path, FRAME), "all")
    with rasterio.open(tmp_path / "scene.tif") as file:
        rgb = np.moveaxis(file.read(), 0, -1)
    assert len(source) > 5
    for index, sample in enumerate(source):
        roi = where(sample)
        np.testing.assert_array_equal(sample.image, rgb[roi])
        assert tuple(asked.phrase for asked in sample.asked) == source.phrases(index)
        for asked in sample.asked:
            colour = asked.phrase.removeprefix("the ").removesuffix(" roofs")
            meant = FRAME if colour == "all buildings" else FRAME[FRAME["colour"] == colour]
            expected = np.zeros((96, 128), np.bool_)
            if len(meant):
                expected = (
                    rasterio.features.rasterize(meant.geometry, (96, 128), transform=NORTH_UP) > 0
                )
            np.testing.assert_array_equal(asked.mask, expected[roi])
            assert asked.present == (asked.family != "absent")
    assert check(source).phrases == sum(len(sample.asked) for sample in source)


def test_a_sample_tells_its_ground_and_what_it_shows_too_little_of(tmp_path: Path) -> None:
    source = open_own_layer(write_ground(tmp_path, FRAME, fewest_pixels=40), "all")
    samples = list(source)
    assert 1 < len({sample.group for sample in samples}) < len(samples)
    assert any(sample.unsure for sample in samples)
    for sample in samples:
        assert set(sample.unsure).isdisjoint(asked.phrase for asked in sample.asked)


def test_the_ground_of_a_sample_has_the_same_name_wherever_the_data_lie(tmp_path: Path) -> None:
    groups = []
    for folder in (tmp_path / "here", tmp_path / "there"):
        folder.mkdir()
        source = open_own_layer(write_ground(folder, FRAME), "all")
        groups.append([sample.group for sample in source])
    assert groups[0] == groups[1]


def test_what_no_data_hides_is_unsure(tmp_path: Path) -> None:
    path = write_ground(tmp_path, FRAME, fewest_pixels=40)
    before = [{*sample.unsure, *said(sample)} for sample in open_own_layer(path, "all")]
    with rasterio.open(tmp_path / "scene.tif", "r+") as file:
        file.nodata = 0
        pixels = file.read()
        pixels[:, 1::2] = 0
        pixels[:, :, 1::2] = 0
        file.write(pixels)
    after = list(open_own_layer(path, "all"))
    assert [{*sample.unsure, *said(sample)} for sample in after] == before
    planned = [{*open_own_layer(path, "all").phrases(place)} for place in range(len(after))]
    assert any(planned[place] & {*sample.unsure} for place, sample in enumerate(after))


def said(sample: Sample) -> list[str]:
    """What the sample holds."""
    return [asked.phrase for asked in sample.asked if asked.present]


def test_where_there_is_no_data_there_is_no_truth(tmp_path: Path) -> None:
    path = write_ground(tmp_path, FRAME)
    with rasterio.open(tmp_path / "scene.tif", "r+") as file:
        file.nodata = 0
        pixels = file.read()
        pixels[:, :, 40:] = 0
        file.write(pixels)
    for sample in open_own_layer(path, "all"):
        first = where(sample)[1].start
        assert not any(asked.mask[:, max(40 - first, 0) :].any() for asked in sample.asked)
        assert all(asked.present or asked.family == "absent" for asked in sample.asked)


def test_deep_images_are_shown_with_the_stretch_of_a_run(tmp_path: Path) -> None:
    path = write_ground(tmp_path, FRAME, image={"stretch": "0,5100", "bands": [3, 2, 1]})
    with rasterio.open(tmp_path / "scene.tif") as file:
        profile, pixels = file.profile, file.read()
    with rasterio.open(tmp_path / "scene.tif", "w", **{**profile, "dtype": "uint16"}) as file:
        file.write(pixels.astype(np.uint16) * 20)
    sample = open_own_layer(path, "all")[0]
    expected = np.moveaxis(pixels[::-1], 0, -1)[where(sample)]
    np.testing.assert_array_equal(sample.image, expected)


def test_a_pattern_names_several_images_and_each_counts_once(tmp_path: Path) -> None:
    ground = tmp_path / "ground"  # what the pattern ../* finds is this test's own
    ground.mkdir()
    path = write_ground(ground, FRAME, images=["**/*.tif", "scene.tif", "../*/scene.tif"])
    alone = len(open_own_layer(path, "all"))
    (ground / "more").mkdir()
    write_scene(ground / "more" / "other.tif", FRAME)
    assert len(open_own_layer(path, "all")) > alone


def test_an_image_that_is_damaged_is_told_by_the_check(tmp_path: Path) -> None:
    source = open_own_layer(write_ground(tmp_path, FRAME), "all")
    with (tmp_path / "scene.tif").open("r+b") as file:
        file.truncate(4000)
    inspection = inspected(source)
    assert {problem.kind for problem in inspection.problems} == {"broken"}
    assert "scene.tif rows" in str(inspection)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"images": ["scenes.tif"]}, "there is 'scene.tif'"),
        ({"images": ["*.jp2"]}, r"no image matches .*jp2"),
        ({"images": []}, "'images' must hold at least 1"),
        ({"layer": "roof.gpkg"}, "there is 'roofs.gpkg'"),
        ({"layer_name": "trees"}, "no layer 'trees', but 'roofs'"),
        ({"phrases": [{"template": "the {color} roofs"}]}, "no attribute 'color'"),
        ({"phrases": [{"templat": "a"}]}, r"phrases.0.template' is missing.*templat' is not known"),
        ({"absent_phrases": ["All buildings"]}, "take it off"),
        ({"absent_phrases": ["a", "A"]}, "given twice"),
        ({"image": {"stretch": "wild"}}, "stretch"),
        ({"chip": 4}, "'chip' must be at least 8, but 4 was given"),
        ({"chips": 32}, "'chips' is not known here"),
        ({"layer_crs": "EPSG:32601"}, "none of the 14 polygons lies on an image"),
    ],
)  # fmt: skip
def test_a_wrong_description_is_told_with_the_way_out(
    tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(GeosegError, match=told):
        open_own_layer(write_ground(tmp_path, FRAME, **changes), "all")


def test_too_little_ground_for_a_split_is_told(tmp_path: Path) -> None:
    path = write_ground(tmp_path, FRAME, block_chips=20)
    with pytest.raises(GeosegError, match="a block_chips lower than 20"):
        open_own_layer(path, "val")
    assert len(open_own_layer(path, "train"))


def test_images_that_no_polygon_touches_are_told(tmp_path: Path) -> None:
    path = write_ground(tmp_path, FRAME, images=["scene.tif", "bare.tif"])
    write_scene(tmp_path / "bare.tif", transform=NORTH_UP * NORTH_UP.translation(5000, 0))
    summary = open_own_layer(path, "all").summary()
    (notice,) = summary.notices
    assert notice.startswith("no polygon lies on '")
    assert "bare.tif', so that all of it is taken to be empty" in notice
    assert [image.polygons for image in summary.images] == [14 - summary.outside, 0]


def test_polygons_without_an_attribute_are_told_and_not_asked_about(tmp_path: Path) -> None:
    frame = FRAME.assign(colour=FRAME["colour"].mask(FRAME.index < 4, None))
    write_scene(tmp_path / "scene.tif", FRAME)
    frame.to_file(tmp_path / "roofs.gpkg", layer="roofs")
    source = open_own_layer(write_config(tmp_path, absent=9), "all")
    (notice,) = source.summary().notices
    assert notice.startswith("4 of 14 polygons have no 'colour': no chip with one of them is asked")
    colours = {f"the {colour} roofs" for colour in frame["colour"].dropna()}
    seen = 0
    for sample in source:
        box = shapely.box(*rasterio.windows.bounds(window_of(sample), NORTH_UP))
        if frame[frame["colour"].isna()].intersects(box).any():
            assert colours <= set(sample.unsure)
            assert not colours & {asked.phrase for asked in sample.asked}
            seen += 1
    assert seen > 2


def window_of(sample: Sample) -> rasterio.windows.Window:
    rows, columns = where(sample)
    return rasterio.windows.Window.from_slices(rows, columns)


def test_images_without_data_are_told(tmp_path: Path) -> None:
    path = write_ground(tmp_path, FRAME, images=["scene.tif", "black.tif"])
    write_scene(tmp_path / "black.tif", FRAME)
    with rasterio.open(tmp_path / "black.tif", "r+") as file:
        file.nodata = 0
        file.write(np.zeros((3, 96, 128), np.uint8))
    (notice,) = open_own_layer(path, "all").summary().notices
    assert "black.tif' holds data, so that it gives no chips" in notice


def test_a_summary_tells_what_became_of_features_and_images(tmp_path: Path) -> None:
    frame = roofs()
    frame.loc[0, "geometry"] = None
    frame.loc[1, "geometry"] = shapely.Polygon([(LEFT, TOP), (LEFT + 1, TOP), (LEFT, TOP)])
    frame.loc[2, "geometry"] = shapely.affinity.translate(frame.geometry[2], 5000)
    frame[["class", "colour", "geometry"]].to_file(tmp_path / "roofs.gpkg", layer="roofs")
    write_scene(tmp_path / "scene.tif", FRAME)
    changes = {"stretch": "0,5100", "bands": [3, 2, 1]}
    source = open_own_layer(write_config(tmp_path, image=changes, seed=10), "train")
    summary = source.summary()
    assert (summary.features, summary.empty, summary.invalid, summary.mended) == (14, 1, 1, 0)
    assert summary.outside == 14 - 2 - summary.images[0].polygons >= 1
    assert summary.phrases[0] == "all buildings"
    assert summary.notices == ()
    (image,) = summary.images
    assert (image.path.name, image.height, image.width) == ("scene.tif", 96, 128)
    assert (image.bands, image.dtype, image.chips) == ((3, 2, 1), "uint8", len(source))
    assert (image.stretch.low, image.stretch.high) == ((0, 0, 0), (5100, 5100, 5100))


def test_a_source_goes_to_workers_without_the_table_of_its_layer(tmp_path: Path) -> None:
    frame = FRAME.assign(owner="somebody or other")
    source = open_own_layer(write_ground(tmp_path, frame), "all")
    sent = pickle.dumps(source)
    assert b"somebody" not in sent
    there = pickle.loads(sent)  # noqa: S301 our own
    told, known = there.summary(), source.summary()
    assert (told.outside, told.phrases, told.notices) == (
        known.outside, known.phrases, known.notices
    )  # fmt: skip
    np.testing.assert_array_equal(there[0].image, source[0].image)


def test_an_image_tells_which_bands_are_taken_for_its_colours(tmp_path: Path) -> None:
    path = write_ground(tmp_path, FRAME)
    with rasterio.open(tmp_path / "scene.tif") as file:
        profile, pixels = file.profile, file.read()
    profile |= {"count": 4, "dtype": "uint16", "photometric": "minisblack"}
    with rasterio.open(tmp_path / "scene.tif", "w", **profile) as file:
        file.write(np.concatenate([pixels, pixels[:1]]).astype(np.uint16))
    (image,) = open_own_layer(path, "all").summary().images
    assert (image.bands, image.dtype) == ((1, 2, 3), "uint16")
    assert "1, 2, 3 taken as red, green and blue" in image.notices[0]


def test_brackets_in_the_name_of_a_folder_are_no_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "flight [2020]"
    folder.mkdir()
    path = write_ground(folder, FRAME, images=["*.tif"])
    alone = len(open_own_layer(path, "all"))
    for images in (["scene.tif"], ["**/*.tif"], ["sc[a-e]ne.tif"], [str(folder / "s*.tif")]):
        assert len(open_own_layer(write_config(folder, images=images), "all")) == alone
    with pytest.raises(GeosegError, match=r"there is 'scene\.tif'"):
        open_own_layer(write_config(folder, images=["scenes.tif"]), "all")
    (folder / "scene.tif").rename(folder / "scene[1].tif")
    assert len(open_own_layer(write_config(folder, images=["scene[1].tif"]), "all")) == alone


def test_phrases_stay_as_they_are_however_a_chip_is_turned(tmp_path: Path) -> None:
    frame = FRAME.assign(species=["western hemlock", "eastern hemlock"] * 7)
    path = write_ground(tmp_path, frame, phrases=[{"template": "the {species}"}])
    before = open_own_layer(path, "all")[0]
    after = laid(before, turns=1, mirrored=True)
    assert after is not before
    assert [asked.phrase for asked in after.asked] == [asked.phrase for asked in before.asked]


def test_a_crs_of_the_layer_that_is_not_used_is_told(tmp_path: Path) -> None:
    path = write_ground(tmp_path, FRAME.to_crs(4326).set_crs(CRS, allow_override=True))
    with pytest.raises(GeosegError, match="none of the 14 polygons lies on an image"):
        open_own_layer(path, "all")
    (notice,) = (
        open_own_layer(write_config(tmp_path, layer_crs="EPSG:4326"), "all").summary().notices
    )
    assert notice.startswith("the layer says EPSG:32636; EPSG:4326 was given")


def test_masks_and_numbers_beside_an_image_are_left_out_of_patterns(tmp_path: Path) -> None:
    path = write_ground(tmp_path, FRAME, images=["*.tif"])
    alone = len(open_own_layer(path, "all"))
    write_scene(tmp_path / "mask.tif", FRAME)
    with rasterio.open(tmp_path / "mask.tif", "r+") as file:
        file.update_tags(GEOSEG_MODEL="geoseg-tiny")
    source = open_own_layer(path, "all")
    (notice,) = source.summary().notices
    assert len(source) == alone
    assert notice.startswith("left out, though a pattern under 'images' matches: 'mask.tif'; masks")


def test_a_file_without_data_is_refused(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    path.write_text("seed: 1\n")
    with pytest.raises(GeosegError, match="no group 'data:'"):
        open_own_layer(path, "all")
    with pytest.raises(GeosegError, match=r"there is 'data\.yaml'"):
        open_own_layer(tmp_path / "dat.yaml", "all")


def test_the_example_names_every_setting_that_has_a_place_in_it() -> None:
    text = EXAMPLE.read_text("utf-8")
    data = yaml.safe_load(text)["data"]
    OwnLayerOptions.model_validate(data)
    assert [name for name in OwnLayerOptions.model_fields if f"{name}:" not in text] == []
