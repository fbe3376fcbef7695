import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import rasterio.features
import shapely
from affine import Affine
from pyproj import CRS
from shapely import contains_xy

from geoseg.errors import GeosegError
from geoseg.options import ImageOptions
from geoseg.training.data import own_scene
from geoseg.training.data.layer import open_layer
from geoseg.training.data.own_scene import OwnScene, boxes_on_plane, open_own_scene
from geoseg.training.data.placing import on_grid
from tests.geoseg.training.data.own_ground import GSD, LEFT, NORTH_UP, TOP, roofs, write_scene
from tiles.errors import BandsError, GridError

FRAME = roofs()

OPEN = Path(__file__).parents[5] / "shared" / "data"

SOUTH_UP = Affine(GSD, 0, LEFT, 0, GSD, TOP - 96 * GSD)

TURNED = NORTH_UP * Affine.rotation(20)


def scene(folder: Path, transform: Affine = NORTH_UP, crs: object = None) -> OwnScene:
    path = write_scene(folder / "scene.tif", FRAME, transform=transform)
    layer = FRAME if crs is None else FRAME.to_crs(crs)
    return open_own_scene(path, ImageOptions(), layer)


@pytest.mark.parametrize("transform", [NORTH_UP, SOUTH_UP, TURNED])
def test_truth_lies_where_the_middles_of_pixels_lie_in_polygons(
    tmp_path: Path, transform: Affine
) -> None:
    place = scene(tmp_path, transform)
    union = FRAME.geometry.union_all()
    for roi in place.chips(32, 8):
        rows, columns = np.mgrid[roi]
        x, y = transform * (columns + 0.5, rows + 0.5)
        expected = contains_xy(union, x, y)[place.view(roi).flip]
        near = shapely.dwithin(shapely.points(x, y), union.boundary, 1e-6)[place.view(roi).flip]
        drawn = place.drawn(place.touching(roi), roi)
        assert (drawn == expected)[~near].all()


def test_truth_of_chips_is_that_of_the_whole_scene(tmp_path: Path) -> None:
    place = scene(tmp_path)
    whole = rasterio.features.rasterize(FRAME.geometry, (96, 128), transform=NORTH_UP) > 0
    for roi in place.chips(32, 8):
        np.testing.assert_array_equal(place.drawn(place.touching(roi), roi), whole[roi])


def test_a_layer_in_another_crs_gives_the_same_truth(tmp_path: Path) -> None:
    same, other = scene(tmp_path), scene(tmp_path, crs=4326)
    for roi in same.chips(32, 8):
        a, b = (one.drawn(one.touching(roi), roi) for one in (same, other))
        assert (a != b).sum() <= 2  # a middle that lies on an outline


def test_rows_that_run_northwards_are_shown_and_drawn_north_up(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    north, south = scene(tmp_path), scene(tmp_path / "a", SOUTH_UP)
    whole = np.s_[0:96, 0:128]
    np.testing.assert_array_equal(
        north.drawn(north.touching(whole), whole), south.drawn(south.touching(whole), whole)
    )
    np.testing.assert_array_equal(south.view(whole).image > 150, north.view(whole).image > 150)


def test_chips_that_reach_beyond_the_scene_keep_their_place(tmp_path: Path) -> None:
    place = scene(tmp_path)
    wider = NORTH_UP * Affine.translation(-40, -40)
    whole = rasterio.features.rasterize(FRAME.geometry, (176, 208), transform=wider) > 0
    for row, column in ((-20, -20), (80, 0), (-7, 120), (90, 115)):
        roi = np.s_[row : row + 32, column : column + 32]
        expected = whole[row + 40 : row + 72, column + 40 : column + 72]
        np.testing.assert_array_equal(place.drawn(place.touching(roi), roi), expected)


def test_an_image_keeps_only_the_polygons_that_touch_it(tmp_path: Path) -> None:
    path = write_scene(tmp_path / "scene.tif", FRAME)
    layer = pd.concat([FRAME.translate(5000), FRAME.geometry, FRAME.translate(-9000)])
    frame = gpd.GeoDataFrame(geometry=layer.values, crs=FRAME.crs)
    whole, some = (open_own_scene(path, ImageOptions(), known) for known in (FRAME, frame))
    assert set(some.rows) <= set(range(14, 28))
    assert len(some.rows) == len(some.outlines) == len(some.tree)
    for roi in whole.chips(32, 8):
        np.testing.assert_array_equal(some.touching(roi), whole.touching(roi) + 14)
        np.testing.assert_array_equal(
            some.drawn(np.arange(42), roi), whole.drawn(np.arange(14), roi)
        )


def test_of_a_large_layer_only_what_is_near_an_image_is_laid_onto_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []

    def counted(frame: gpd.GeoDataFrame, *given: object, **named: object) -> gpd.GeoDataFrame:
        counts.append(len(frame))
        return on_grid(frame, *given, **named)

    monkeypatch.setattr(own_scene, "on_grid", counted)
    path = write_scene(tmp_path / "scene.tif", FRAME)
    shapes = [FRAME.translate(3000 * by) for by in range(20)]
    layer = gpd.GeoDataFrame(geometry=pd.concat(shapes).values, crs=FRAME.crs).to_crs(4326)
    first, second = (open_own_scene(path, ImageOptions(), layer) for _ in range(2))
    assert max(counts) <= 14
    assert first.rows.tolist() == second.rows.tolist() == scene(tmp_path, crs=4326).rows.tolist()


def test_a_crs_on_one_side_only_is_refused_though_no_polygon_is_near(tmp_path: Path) -> None:
    far = FRAME.set_geometry(FRAME.translate(5e5)).set_crs(None, allow_override=True)
    with pytest.raises(GeosegError, match=r"layer has no CRS .* layer_crs"):
        open_own_scene(write_scene(tmp_path / "scene.tif", FRAME), ImageOptions(), far)


def test_an_image_full_of_data_keeps_no_picture_of_it(tmp_path: Path) -> None:
    place = scene(tmp_path)
    assert place.data.size == 1
    assert len(place.chips(32, 0)) == 12


def test_chips_without_data_are_left_out(tmp_path: Path) -> None:
    path = write_scene(tmp_path / "scene.tif", FRAME)
    with rasterio.open(path, "r+") as file:
        file.nodata = 0
        pixels = file.read()
        pixels[:, :, 64:] = 0
        file.write(pixels)
    place = open_own_scene(path, ImageOptions(), FRAME)
    assert {roi[1].start for roi in place.chips(32, 0)} == {0, 32}


def test_an_image_without_the_bands_asked_for_is_named(tmp_path: Path) -> None:
    path = write_scene(tmp_path / "scene.tif", FRAME)
    with pytest.raises(BandsError, match=r"image '.*scene\.tif': the raster has bands 1 to 3, but"):
        open_own_scene(path, ImageOptions(bands=(7,)), FRAME)


def test_an_image_that_is_named_already_is_named_once(tmp_path: Path) -> None:
    path = write_scene(tmp_path / "scene.tif", FRAME)
    with rasterio.open(path) as file:
        profile = file.profile
    with rasterio.open(path, "w", **{**profile, "dtype": "complex64"}) as file:
        file.write(np.ones((3, 96, 128), np.complex64))
    with pytest.raises(BandsError) as told:
        open_own_scene(path, ImageOptions(), FRAME)
    assert str(told.value).count("scene.tif") == 1


def test_boxes_on_a_plane_are_those_of_the_chips(tmp_path: Path) -> None:
    place = scene(tmp_path)
    chips = place.chips(32, 8)
    boxes = boxes_on_plane(place.geobox, chips, None)
    assert boxes[0].tolist() == [LEFT, TOP - 16, LEFT + 16, TOP]
    assert len(boxes) == len(chips)
    elsewhere = boxes_on_plane(place.geobox, chips, CRS("EPSG:6933"))
    areas = np.prod(elsewhere[:, 2:] - elsewhere[:, :2], axis=1)  # an equal-area plane
    np.testing.assert_allclose(areas, 16 * 16, rtol=0.02)


def test_an_image_is_mapped_where_polygons_lie_on_data(tmp_path: Path) -> None:
    path = write_scene(tmp_path / "scene.tif", FRAME)
    far = FRAME.set_geometry(FRAME.translate(5000))
    assert open_own_scene(path, ImageOptions(), FRAME).mapped()
    assert not open_own_scene(path, ImageOptions(), far).mapped()
    left = FRAME[FRAME.bounds["maxx"] < LEFT + 40 * GSD].reset_index(drop=True)
    with rasterio.open(path, "r+") as file:
        file.nodata = 0
        pixels = file.read()
        pixels[:, :, :60] = 0
        file.write(pixels)
    place = open_own_scene(path, ImageOptions(), left)
    assert len(place.rows)
    assert not place.mapped()


@pytest.mark.shared
@pytest.mark.skipif(not OPEN.is_dir(), reason="the real scenes are not beside the checkout")
@pytest.mark.parametrize(
    "expression",
    ["vegas/buildings", "atlanta_pan/buildings", "colorado_cars/southup_blue_car", "rio_b/largest"],
)
def test_truth_of_real_scenes_covers_the_ground_it_is_known_to_cover(expression: str) -> None:
    lines = (OPEN / "open" / "referring.jsonl").read_text("utf-8").splitlines()
    known = {listed["id"]: listed for listed in map(json.loads, lines)}[expression]
    layer = open_layer(OPEN / known["truth_geojson_path"]).table
    place = open_own_scene(OPEN / known["image"], ImageOptions(), layer)
    height, width = place.geobox.shape
    drawn = place.drawn(np.arange(len(layer)), np.s_[0:height, 0:width])
    assert drawn.mean() == pytest.approx(known["truth_area_fraction"], abs=1e-4)


def test_a_gsd_at_which_no_chip_is_filled_is_refused_as_for_a_run(tmp_path: Path) -> None:
    path = write_scene(tmp_path / "scene.tif", FRAME)
    coarse = ImageOptions(gsd=4 * GSD)
    with pytest.raises(GridError, match="only 24 x 32, less than one chip of 48 pixels"):
        open_own_scene(path, coarse, FRAME, chip=48)
    assert open_own_scene(path, coarse, FRAME, chip=32).geobox.shape == (24, 32)


def test_an_image_can_be_read_at_another_gsd(tmp_path: Path) -> None:
    path = write_scene(tmp_path / "scene.tif", FRAME)
    place = open_own_scene(path, ImageOptions(gsd=2 * GSD), FRAME)
    assert place.geobox.shape == (48, 64)
    coarse = NORTH_UP * Affine.scale(2)
    whole = rasterio.features.rasterize(FRAME.geometry, (48, 64), transform=coarse) > 0
    roi = np.s_[8:40, 16:48]
    assert place.view(roi).image.shape == (32, 32, 3)
    np.testing.assert_array_equal(place.drawn(place.touching(roi), roi), whole[roi])
    with rasterio.open(path) as file:
        means = file.read().reshape(3, 48, 2, 64, 2).mean(axis=(2, 4))
    np.testing.assert_allclose(place.view(roi).image, np.moveaxis(means, 0, -1)[roi], atol=1)
