import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from rasterio.errors import NotGeoreferencedWarning

from tiles import writing
from tiles.measuring import area_m2
from tiles.writing import open_scratch, whole_or_nothing, write_cog, write_polygons

SCENES = Path(__file__).parents[2] / "../shared/data/open"
ABSENT = "the real scenes are not beside this checkout (../shared/data/open)"
PLACED = [
    "kampala_a/kampala_a.tif",
    "vegas/vegas_rgb_uint16.tif",
    "colorado_cars/colorado_cars.tif",
    "colorado_cars/colorado_cars_southup.tif",
    "oddities/umbra_sar_rotated.tif",
    "oddities/swiss_lv95.tif",
    "oddities/l8_dateline_utm60.tif",
    "lone_tree_3395/lone_tree_3395.tif",
]
VECTORS = [".geojson", ".gpkg", ".fgb", ".parquet"]
OBJECT = np.s_[20:60, 30:50]
"""Rows and columns of the one object of these tests."""


def test_everything_that_writes_can_be_imported_from_here() -> None:
    assert {
        "check_lonlat",
        "check_outputs",
        "format_of",
        "limited_cache",
        "open_mask",
        "open_scores",
        "open_scratch",
        "same_file",
        "whole_or_nothing",
        "write_cog",
        "write_polygons",
    } <= set(dir(writing))


def geobox_of(scene: rasterio.DatasetReader) -> GeoBox:
    return GeoBox(scene.shape, scene.transform, scene.crs)


def polygon_on(geobox: GeoBox) -> NDArray[np.object_]:
    rows, columns = OBJECT
    pixel = geobox.affine
    turn = np.array([[pixel.a, pixel.d], [pixel.b, pixel.e]])
    outline = shapely.box([columns.start], [rows.start], [columns.stop], [rows.stop])
    placed: NDArray[np.object_] = shapely.transform(
        outline, lambda xy: xy @ turn + (pixel.c, pixel.f)
    )
    return placed


def write_all(folder: Path, geobox: GeoBox) -> dict[str, Path]:
    """The object as a mask and as polygons in every format."""
    mask = np.zeros((1, *geobox.shape), np.uint8)
    mask[0][OBJECT] = 1
    polygons = polygon_on(geobox)
    frame = gpd.GeoDataFrame(
        {"id": [1], "query": ["a"], "score": [0.9], "area_m2": area_m2(polygons, geobox.crs)},
        geometry=polygons,
        crs=None if geobox.crs is None else geobox.crs.to_wkt(),
    )
    targets = [
        folder / f"found.{ending}" for ending in ("tif", "geojson", "gpkg", "fgb", "parquet")
    ]
    with whole_or_nothing(targets) as partial:
        with open_scratch(folder / "scratch.tif", geobox, queries=["a"]) as scratch:
            scratch.write(np.s_[0 : geobox.shape[0], 0 : geobox.shape[1]], mask)
        write_cog(partial[targets[0]], folder / "scratch.tif")
        for target in targets[1:]:
            write_polygons(partial[target], frame)
    return {target.suffix: target for target in targets}


def pixels_of(place: NDArray[np.float64], scene: rasterio.DatasetReader) -> NDArray[np.float64]:
    """(n, 2) x, y in the CRS of a scene as its (n, 2) column, row, by rasterio."""
    return np.column_stack(rasterio.transform.rowcol(scene.transform, *place.T, op=float)[::-1])


@pytest.mark.skipif(not SCENES.is_dir(), reason=ABSENT)
@pytest.mark.parametrize("name", PLACED)
def test_files_lie_where_the_real_scene_lies(name: str, tmp_path: Path) -> None:
    with rasterio.open(SCENES / name) as scene:
        files = write_all(tmp_path, geobox_of(scene))
        with rasterio.open(files[".tif"]) as mask:
            assert mask.bounds == scene.bounds
            assert mask.crs == scene.crs
            assert mask.read(1)[OBJECT].all()
        rows, columns = OBJECT
        expected = shapely.box(columns.start, rows.start, columns.stop, rows.stop)
        for ending in VECTORS:
            found = shapely.Polygon(pixels_of(_corners(files[ending], scene), scene))
            # GeoJSON keeps a centimetre of ground, here up to a tenth of a pixel
            tolerance = 0.2 if ending == ".geojson" else 1e-6
            assert shapely.hausdorff_distance(found, expected) < tolerance


def _corners(path: Path, scene: rasterio.DatasetReader) -> NDArray[np.float64]:
    """The corners of the only polygon in a file, in the CRS of the scene."""
    frame = (
        gpd.read_parquet(path)
        if path.suffix == ".parquet"
        else pyogrio.read_dataframe(path, layer="polygons")
    )
    corners = shapely.get_coordinates(frame.geometry.to_numpy())
    back = Transformer.from_crs(frame.crs, scene.crs.to_wkt(), always_xy=True)
    return np.column_stack(back.transform(*corners.T))


def test_nothing_appears_where_one_of_the_outputs_fails(tmp_path: Path) -> None:
    targets = [tmp_path / "a.tif", tmp_path / "a.geojson"]
    geobox = GeoBox((4, 4), rasterio.Affine.identity(), None)

    def fail() -> None:
        with whole_or_nothing(targets) as partial:
            with open_scratch(partial[targets[0]], geobox, queries=["a"]):
                pass
            write_polygons(partial[targets[1]], gpd.GeoDataFrame({"id": []}, geometry=[]))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with pytest.raises(ValueError, match="no CRS"):
            fail()
    assert list(tmp_path.iterdir()) == []
