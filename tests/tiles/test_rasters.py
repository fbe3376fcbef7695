import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.enums import ColorInterp
from rasterio.env import get_gdal_config
from rio_cogeo.cogeo import cog_validate

from tiles import rasters
from tiles.errors import OutputError
from tiles.rasters import (
    MASK,
    SCORES,
    SCRATCH_BLOCK,
    Content,
    open_mask,
    open_scores,
    open_scratch,
    write_cog,
)

UTM = "EPSG:32633"
NORTH_UP = Affine(0.5, 0, 500_000, 0, -0.5, 5_000_000)
PLACES = {
    "north-up": (NORTH_UP, UTM),
    "south-up": (Affine(0.5, 0, 500_000, 0, 0.5, 5_000_000), UTM),
    "rotated": (Affine(0.5, 0.2, 2_600_000, 0.2, -0.5, 1_200_000), "EPSG:2056"),
    "lon/lat": (Affine(2.7e-6, 0, -115.3, 0, -2.7e-6, 36.1), "EPSG:4326"),
    "across 180 degrees": (Affine(1e-3, 0, 179.9, 0, -1e-3, -16), "EPSG:4326"),
    "feet": (Affine(1, 0, 2_700_000, 0, -1, 250_000), "EPSG:2272"),
    "grid without CRS": (Affine(0.5, 0, 10, 0, -0.5, 20), None),
    "pixels": (Affine.identity(), None),
}
QUERIES = ("the <red> & “blue” roofs", "水")
CONTENTS = {"mask": MASK, "scores": SCORES}

pytestmark = pytest.mark.filterwarnings(
    # the tests open files without georeference themselves
    "ignore::rasterio.errors.NotGeoreferencedWarning"
)


def geobox_of(height: int, width: int, place: str = "north-up") -> GeoBox:
    affine, crs = PLACES[place]
    return GeoBox((height, width), affine, crs)


def answers(content: Content, shape: tuple[int, int, int]) -> NDArray[np.generic]:
    """A disc in each band, with a rim of no data on the left."""
    rows, columns = np.ogrid[: shape[1], : shape[2]]
    distance = np.hypot(rows - shape[1] / 2, columns - shape[2] / 2) / max(shape)
    plane = np.maximum(1 - 2 * distance, 0)
    plane = (plane > 0.5) if content is MASK else plane
    values = np.stack([plane] * shape[0]).astype(content.dtype)
    values[:, :, : shape[2] // 8] = content.nodata
    return values


def write(path: Path, geobox: GeoBox, values: NDArray[np.generic], step: int = 77) -> None:
    content = MASK if values.dtype == np.uint8 else SCORES
    queries = [f"query {band}" for band in range(len(values))]
    height, width = geobox.shape
    with open_scratch(path, geobox, queries=queries, content=content) as scratch:
        for top in range(0, height, step):
            rows = slice(top, min(top + step, height))
            scratch.write((rows, slice(0, width)), values[:, rows])


def made_cog(folder: Path, geobox: GeoBox, values: NDArray[np.generic]) -> Path:
    write(folder / "scratch.tif", geobox, values)
    write_cog(folder / "cog.tif", folder / "scratch.tif", tags={"geoseg_model": "tiny <1>"})
    return folder / "cog.tif"


@settings(max_examples=25)
@given(
    height=st.integers(1, 400),
    width=st.integers(1, 30),
    heights=st.lists(st.integers(1, 300), min_size=1, max_size=8),
    queries=st.integers(1, 3),
)
def test_bands_of_any_heights_come_back_as_they_were_written(
    height: int, width: int, heights: Sequence[int], queries: int
) -> None:
    values = np.random.default_rng(0).random((queries, height, width)).astype(np.float32)
    geobox = geobox_of(height, width)
    names = [str(band) for band in range(queries)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.tif")
        with open_scratch(path, geobox, queries=names, content=SCORES) as scratch:
            top, turn = 0, 0
            while top < height:
                bottom = min(top + heights[turn % len(heights)], height)
                scratch.write(np.s_[top:bottom, 0:width], values[:, top:bottom])
                top, turn = bottom, turn + 1
        with rasterio.open(path) as written:
            np.testing.assert_array_equal(written.read(), values)


def test_bands_may_come_in_any_order(tmp_path: Path) -> None:
    values = answers(MASK, (2, 400, 50))
    with open_scratch(tmp_path / "a.tif", geobox_of(400, 50), queries="ab") as scratch:
        for top, bottom in ((300, 400), (130, 140), (0, 100), (140, 300), (100, 130)):
            scratch.write(np.s_[top:bottom, 0:50], values[:, top:bottom])
    np.testing.assert_array_equal(open_mask(tmp_path / "a.tif"), values)


def test_packed_blocks_are_written_once(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (1, 512, 1024)).astype(np.uint8)
    geobox = geobox_of(512, 1024)
    write(tmp_path / "whole.tif", geobox, noise, step=512)
    write(tmp_path / "bits.tif", geobox, noise, step=7)
    sizes = [(tmp_path / name).stat().st_size for name in ("whole.tif", "bits.tif")]
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_rows_never_written_are_no_data(content: Content, tmp_path: Path) -> None:
    with open_scratch(tmp_path / "a.tif", geobox_of(300, 20), queries="a", content=content) as file:
        file.write(np.s_[130:140, 0:20], np.zeros((1, 10, 20), content.dtype))
    with rasterio.open(tmp_path / "a.tif") as written:
        valid = written.dataset_mask() > 0
    assert valid[130:140].all()
    assert valid.sum() == 10 * 20


def test_values_of_another_shape_are_refused(tmp_path: Path) -> None:
    with (
        open_scratch(tmp_path / "a.tif", geobox_of(30, 20), queries="ab") as scratch,
        pytest.raises(ValueError, match=r"rows 0\.\.10 of 2 bands, 20 wide.*\(1, 10, 20\)"),
    ):
        scratch.write(np.s_[0:10, 0:20], np.zeros((1, 10, 20), np.uint8))


def test_an_error_of_the_caller_stays_what_it_is(tmp_path: Path) -> None:
    def fail() -> None:
        with open_scratch(tmp_path / "a.tif", geobox_of(30, 20), queries="a"):
            raise OSError("the scene cannot be read")

    with pytest.raises(OSError, match="the scene cannot be read") as caught:
        fail()
    assert type(caught.value) is OSError


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_a_cog_is_valid_and_lies_where_the_scene_lies(
    content: Content, place: str, tmp_path: Path
) -> None:
    geobox = geobox_of(700, 600, place)
    values = answers(content, (2, 700, 600))
    cog = made_cog(tmp_path, geobox, values)
    valid, errors, warnings = cog_validate(cog, strict=True)
    assert (valid, errors, warnings) == (True, [], [])
    with rasterio.open(cog) as written:
        assert written.transform.almost_equals(geobox.affine, precision=1e-12)
        assert written.crs == (
            None if geobox.crs is None else rasterio.CRS.from_string(PLACES[place][1])
        )
        np.testing.assert_array_equal(written.read(), values)
    assert {path.name for path in tmp_path.iterdir()} == {"cog.tif", "scratch.tif"}


@pytest.mark.parametrize(("content", "predictor"), [(MASK, "2"), (SCORES, "3")])
def test_a_cog_is_stored_as_promised(content: Content, predictor: str, tmp_path: Path) -> None:
    cog = made_cog(tmp_path, geobox_of(1100, 600), answers(content, (2, 1100, 600)))
    with rasterio.open(cog) as written:
        structure = written.tags(ns="IMAGE_STRUCTURE")
        assert structure["LAYOUT"] == "COG"
        assert structure["COMPRESSION"] == "DEFLATE"
        assert structure["PREDICTOR"] == predictor
        assert written.block_shapes == [(512, 512)] * 2
        assert written.overviews(1) == [2, 4]
        assert written.dtypes == (content.dtype,) * 2
        np.testing.assert_equal(written.nodata, content.nodata)


def test_overviews_of_a_mask_hold_what_most_pixels_say(tmp_path: Path) -> None:
    values = np.zeros((1, 1024, 1024), np.uint8)
    values[:, ::2, ::2] = 1  # one pixel of four
    values[:, :512] = 255
    cog = made_cog(tmp_path, geobox_of(1024, 1024), values)
    with rasterio.open(cog, overview_level=0) as overview:
        assert set(np.unique(overview.read()[:, 256:])) == {0}
        assert set(np.unique(overview.read()[:, :256])) == {255}


def test_overviews_of_scores_are_means_without_the_missing(tmp_path: Path) -> None:
    values = np.full((1, 1024, 1024), 0.5, np.float32)
    values[:, ::2, ::2] = np.nan
    values[:, 1::2, 1::2] = 0.2
    cog = made_cog(tmp_path, geobox_of(1024, 1024), values)
    with rasterio.open(cog, overview_level=0) as overview:
        np.testing.assert_allclose(overview.read(), 0.4, rtol=1e-6)


def test_bands_are_named_after_the_queries(tmp_path: Path) -> None:
    with open_scratch(tmp_path / "a.tif", geobox_of(30, 20), queries=QUERIES):
        pass
    write_cog(tmp_path / "b.tif", tmp_path / "a.tif")
    with rasterio.open(tmp_path / "b.tif") as written:
        assert written.descriptions == QUERIES


def test_tags_tell_where_the_mask_is_from(tmp_path: Path) -> None:
    cog = made_cog(tmp_path, geobox_of(30, 20), answers(MASK, (1, 30, 20)))
    with rasterio.open(cog) as written:
        assert written.tags()["geoseg_model"] == "tiny <1>"


def test_a_mask_of_one_query_has_colours(tmp_path: Path) -> None:
    cog = made_cog(tmp_path, geobox_of(30, 20), answers(MASK, (1, 30, 20)))
    with rasterio.open(cog) as written:
        colours = written.colormap(1)
        assert written.colorinterp == (ColorInterp.palette,)
    assert MASK.colours is not None
    assert colours[1] == MASK.colours[1]
    assert colours[0][:3] == (0, 0, 0)
    assert colours[255][3] == 0


@pytest.mark.parametrize("queries", [2, 3, 4, 5])
def test_several_bands_are_neither_red_green_blue_nor_opacity(queries: int, tmp_path: Path) -> None:
    values = answers(MASK, (queries, 30, 20))
    with rasterio.open(made_cog(tmp_path, geobox_of(30, 20), values)) as written:
        assert set(written.colorinterp) <= {ColorInterp.gray, ColorInterp.undefined}
        np.testing.assert_array_equal(written.dataset_mask() > 0, values[0] != 255)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("name", ["scratch.tif", "cog.tif"])
def test_rasters_open_as_arrays_in_their_place(
    content: Content, place: str, name: str, tmp_path: Path
) -> None:
    geobox = geobox_of(70, 60, place)
    values = answers(content, (2, 70, 60))
    made_cog(tmp_path, geobox, values)
    opener = open_mask if content is MASK else open_scores
    with opener(tmp_path / name) as array:
        assert array.dims == ("query", "y", "x")
        assert list(array["query"].values) == ["query 0", "query 1"]
        assert set(array.coords) - {"x", "y"} == {"query", "spatial_ref"}
        assert array.odc.geobox == geobox
        assert (array.rio.crs is None) == (geobox.crs is None)
        assert array.dtype == content.dtype
        np.testing.assert_equal(float(array.rio.nodata), float(content.nodata))
        np.testing.assert_array_equal(array.sel(query="query 1"), values[1])


def test_arrays_are_not_read_before_they_are_looked_at(tmp_path: Path) -> None:
    cog = made_cog(tmp_path, geobox_of(70, 60), answers(MASK, (1, 70, 60)))
    with open_mask(cog) as array:
        assert not array.variable._in_memory
        assert not array.isel(y=slice(3, 5)).variable._in_memory


def test_a_rotated_array_carries_no_coordinates_as_large_as_the_scene(tmp_path: Path) -> None:
    with open_scratch(tmp_path / "a.tif", geobox_of(70, 60, "rotated"), queries="a"):
        pass
    with open_mask(tmp_path / "a.tif") as array:
        assert set(array.coords) == {"query", "spatial_ref"}


def test_a_cog_leaves_the_cache_of_gdal_as_it_was(tmp_path: Path) -> None:
    before = get_gdal_config("GDAL_CACHEMAX", normalize=False)
    made_cog(tmp_path, geobox_of(30, 20), answers(MASK, (1, 30, 20)))
    assert get_gdal_config("GDAL_CACHEMAX", normalize=False) == before


LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
from affine import Affine
from odc.geo.geobox import GeoBox
from tiles.errors import OutputError
from tiles.writing import open_scratch, whole_or_nothing, write_cog

folder, limit, what = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
geobox = GeoBox((1500, 1100), Affine(0.5, 0, 500_000, 0, -0.5, 5_000_000), "EPSG:32633")
noise = np.random.default_rng(0).integers(0, 2, (1, 1500, 1100)).astype(np.uint8)

def scratch(path):
    with open_scratch(path, geobox, queries=["a"]) as raster:
        raster.write(np.s_[0:1500, 0:1100], noise)

scratch(folder / "scratch.tif")
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    with whole_or_nothing([folder / "out.tif"]) as partial:
        target = partial[folder / "out.tif"]
        scratch(target) if what == "scratch" else write_cog(target, folder / "scratch.tif")
except OutputError as error:
    sys.exit(str(error))
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
@pytest.mark.parametrize(("what", "limit"), [("scratch", 300_000), ("cog", 380_000)])
def test_a_disk_that_fills_up_while_the_file_is_closed_is_told(
    what: str, limit: int, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", LIMITED, str(tmp_path), str(limit), what]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert "out.tif' could not be written" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["scratch.tif"]


def test_a_file_that_lost_a_block_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 2, (1, 600, 600)).astype(np.uint8)
    cog = made_cog(tmp_path, geobox_of(600, 600), noise)
    cog.write_bytes(cog.read_bytes()[:-1000])
    with pytest.raises(OSError, match="did not take all"):
        rasters._check_whole(cog)


def test_an_unwritable_place_is_told(tmp_path: Path) -> None:
    def fail() -> None:
        with open_scratch(tmp_path / "missing/a.tif", geobox_of(3, 3), queries="a"):
            pass

    with pytest.raises(OutputError, match="its folder is gone"):
        fail()


def test_blocks_of_the_scratch_are_whole_numbers_of_tiff_tiles() -> None:
    assert [side % 16 for side in SCRATCH_BLOCK] == [0, 0]
