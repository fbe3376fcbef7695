"""The whole way over real scenes: what is written lies where the scene lies."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio
import rasterio.features
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from rio_cogeo import cog_validate

import geoseg
from geoseg import ChipAnswer, Query, SceneResult

OPEN = Path(__file__).parents[2] / "shared" / "data" / "open"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not OPEN.is_dir(), reason="the real scenes are not beside the checkout"),
]

SCENES = {
    "kampala": "kampala_a/kampala_a.tif",
    "banepa": "banepa_large/banepa_large_cog.tif",
    "vegas": "vegas/vegas_rgb_uint16.tif",
    "osbs": "osbs_029/OSBS_029.tif",
    "southup": "colorado_cars/colorado_cars_southup.tif",
    "rotated": "oddities/umbra_sar_rotated.tif",
    "dateline": "oddities/l8_dateline_utm60.tif",
}


class Brightness:
    """Finds pixels brighter than the middle: cheap, and known beforehand."""

    chip_size = 448

    def segment(self, chips: NDArray[np.uint8], queries: Sequence[Query]) -> list[ChipAnswer]:
        answers = []
        for chip in chips:
            bright = np.stack([chip.mean(-1) > 128] * len(queries)).astype(np.float32)
            answers.append(ChipAnswer(bright, bright.max((1, 2))))
        return answers


@pytest.fixture(scope="module", params=SCENES)
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, SceneResult]:
    folder = tmp_path_factory.mktemp(request.param)
    outputs = [folder / f"k{extension}" for extension in (".geojson", ".gpkg", ".tif")]
    options = {"polygons": {"min_area_m2": 0 if request.param == "dateline" else 1}}
    scene = OPEN / SCENES[request.param]
    result = geoseg.segment(
        scene, "bright ground", segmenter=Brightness(), outputs=outputs, options=options
    )
    return scene, folder, result


def test_the_mask_is_a_valid_cog_on_the_pixels_of_the_scene(
    run: tuple[Path, Path, SceneResult],
) -> None:
    scene, folder, _ = run
    valid, errors, _ = cog_validate(folder / "k.tif", quiet=True)
    assert valid, errors
    with rasterio.open(scene) as source, rasterio.open(folder / "k.tif") as mask:
        assert mask.transform == source.transform
        assert mask.crs == source.crs
        assert mask.shape == source.shape
        assert mask.descriptions == ("bright ground",)
        assert set(np.unique(mask.read(1))) <= {0, 1, 255}


def test_the_geopackage_covers_what_is_bright_in_the_scene(
    run: tuple[Path, Path, SceneResult],
) -> None:
    _, folder, result = run
    found = gpd.read_file(folder / "k.gpkg")
    assert len(found) == len(result.polygons) > 0
    assert shapely.is_valid(found.geometry.to_numpy()).all()
    with rasterio.open(folder / "k.tif") as mask:
        burnt = rasterio.features.rasterize(
            found.geometry, mask.shape, transform=mask.transform
        ).astype(bool)
        pixels = mask.read(1) == 1
    assert not (burnt & ~pixels).any()
    assert (burnt != pixels).mean() < 0.05  # specks under a square metre are left out


def test_the_geojson_lies_within_the_bounds_that_gdal_gives_the_scene(
    run: tuple[Path, Path, SceneResult],
) -> None:
    scene, folder, result = run
    info = pyogrio.read_info(folder / "k.geojson")
    found = gpd.read_file(folder / "k.geojson")
    assert info["crs"] == "EPSG:4326"
    assert len(found) == len(result.polygons)
    with rasterio.open(scene) as source:
        corners = [
            source.xy(row, column) for row in (0, source.height) for column in (0, source.width)
        ]
        to_lonlat = Transformer.from_crs(source.crs, "EPSG:4326", always_xy=True)
    lons, lats = to_lonlat.transform(*np.transpose(corners))
    left, bottom, right, top = found.total_bounds
    margin = 0.02 * (np.ptp(lats) + 1e-4)
    assert bottom >= lats.min() - margin
    assert top <= lats.max() + margin
    if np.ptp(lons) < 180:
        assert left >= lons.min() - margin
        assert right <= lons.max() + margin
    else:  # across the antimeridian
        assert -180 <= left < right <= 180


def test_the_south_up_file_gives_the_same_ground() -> None:
    grounds = [
        geoseg.segment(
            OPEN / "colorado_cars" / name, "bright ground", segmenter=Brightness()
        ).polygons
        for name in ("colorado_cars.tif", "colorado_cars_southup.tif")
    ]
    assert len(grounds[0]) == len(grounds[1])
    difference = grounds[0].union_all().symmetric_difference(grounds[1].union_all())
    assert difference.area < 1e-6 * grounds[0].area.sum()
