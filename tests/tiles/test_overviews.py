from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, Resampling
from scipy.ndimage import maximum_filter, minimum_filter

from tests.tiles.holey_scenes import (
    DATA,
    MAKES,
    built,
    coloured,
    holding,
    masked_after,
    masked_before,
    untagged,
    with_nan,
)
from tests.tiles.small_scenes import UTM, noise, whole, write_tif
from tiles.raster_files import open_overview
from tiles.reading import open_raster
from tiles.sources import ReadingOptions

law = settings(derandomize=True, max_examples=12)

OPTIONS = ReadingOptions()

HALF = holding((0, 120), (0, 45), hole=False)
"""Data in the west."""

ALPHA = (ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha)


def at_the_rim(there: NDArray[np.bool_], shape: tuple[int, int], step: float) -> NDArray[np.bool_]:
    """(*shape) new pixels around which, as far as the next ones reach, there is both."""
    size = 2 * int(1.5 * step) + 3
    mixed = maximum_filter(there, size) != minimum_filter(there, size)
    rows, columns = (
        np.minimum(((np.arange(new) + 0.5) * step).astype(int), old - 1)
        for new, old in zip(shape, there.shape, strict=True)
    )
    rim: NDArray[np.bool_] = mixed[np.ix_(rows, columns)]
    return rim


@pytest.mark.parametrize("kind", MAKES)
@law
@given(
    gsd=st.floats(1.9, 9),
    there=st.builds(
        holding,
        st.tuples(st.integers(0, 120), st.integers(0, 120)),
        st.tuples(st.integers(0, 100), st.integers(0, 100)),
        hole=st.booleans(),
    ),
    external=st.booleans(),
    how=st.sampled_from([Resampling.nearest, Resampling.average, Resampling.cubic]),
)
def test_overviews_change_neither_where_there_is_data_nor_its_colours(
    *,
    kind: str,
    gsd: float,
    there: NDArray[np.bool_],
    external: bool,
    how: Resampling,
) -> None:
    nodata = 255 if kind == "nodata only the user knows of" else None
    with TemporaryDirectory() as folder:
        plain, quick = Path(folder) / "plain.tif", Path(folder) / "quick.tif"
        MAKES[kind](plain, there, lambda path: path)
        MAKES[kind](quick, there, partial(built, external=external, how=how))
        with open_raster(plain, nodata=nodata, gsd=gsd) as raster:
            _, expected = whole(raster)
        with open_raster(quick, nodata=nodata, gsd=gsd) as raster:
            made, valid = whole(raster)
    rim = at_the_rim(there, valid.shape, gsd / 0.5)
    np.testing.assert_array_equal(valid[~rim], expected[~rim])
    # by its cubic resampling, GDAL makes pixels at the rim of a mask that hold 0 and are not masked
    shown = valid & ~rim if how is Resampling.cubic else valid
    assert {tuple(colour) for colour in made[:, shown].T.tolist()} <= {DATA}


def is_used(path: Path, options: ReadingOptions = OPTIONS) -> bool:
    """Whether an overview of a file is read instead of the file."""
    overview = open_overview(str(path), options, 4.0)
    if overview is not None:
        overview.close()
    return overview is not None


@pytest.mark.parametrize("external", [False, True])
@pytest.mark.parametrize(
    ("kind", "used"),
    [
        ("nodata only the user knows of", True),
        ("tag before", True),
        ("tag after", False),
        ("tag of each band", False),
        ("mask after", False),
        ("mask file before", True),
        ("mask file after", False),
        ("alpha", True),
        ("NaN", False),
        ("NaN tagged", True),
    ],
)
def test_overviews_are_used_where_they_were_made_with_what_is_missing(
    tmp_path: Path, kind: str, *, used: bool, external: bool
) -> None:
    path = tmp_path / "scene.tif"
    MAKES[kind](path, HALF, partial(built, external=external))
    assert is_used(path) is used


@pytest.mark.parametrize("external", [False, True])
def test_a_mask_in_a_file_is_not_seen_by_overviews_beside_it(
    tmp_path: Path, *, external: bool
) -> None:
    path = tmp_path / "scene.tif"
    masked_before(path, HALF, partial(built, external=external), internal=True)
    assert is_used(path) is not external


def test_a_mask_without_holes_is_no_reason_to_do_without_overviews(tmp_path: Path) -> None:
    path = tmp_path / "scene.tif"
    masked_after(path, np.ones_like(HALF), built, internal=True)
    assert is_used(path)


@pytest.mark.parametrize(
    ("tag", "said", "used"),
    [
        (None, 255, False),
        (255, 255, True),
        (255, 0, False),
        (255, np.nan, False),
        (None, np.nan, True),
    ],
)
def test_overviews_are_used_where_they_leave_out_what_the_user_calls_no_data(
    tmp_path: Path, tag: float | None, said: float, *, used: bool
) -> None:
    path = built(write_tif(tmp_path / "scene.tif", noise(120, 100), nodata=tag, **UTM))
    assert is_used(path, ReadingOptions(nodata=said)) is used


def test_scattered_holes_do_not_grow(tmp_path: Path) -> None:
    there = noise(120, 100, count=1)[0] > 12
    with_nan(tmp_path / "scene.tif", there, built, tag=None)
    with open_raster(tmp_path / "scene.tif", gsd=4) as raster:
        assert whole(raster)[1].all()


@pytest.mark.parametrize("named", ["before", "after"])
@pytest.mark.parametrize("external", [False, True])
def test_an_averaged_palette_is_not_used(tmp_path: Path, named: str, *, external: bool) -> None:
    """Halfway from class 3 to class 9 lies class 5, which is nowhere."""
    pixels = np.where(np.arange(100) % 2, 9, 3).astype(np.uint8)
    path = write_tif(tmp_path / "classes.tif", np.broadcast_to(pixels, (1, 120, 100)), **UTM)
    if named == "after":
        built(path, external=external)
    with rasterio.open(path, "r+") as dataset:
        dataset.write_colormap(1, {3: (0, 0, 0), 5: (100, 100, 100), 9: (200, 200, 200)})
    if named == "before":
        built(path, external=external)
    with open_raster(path, gsd=2.2) as raster:
        assert set(whole(raster)[0].ravel().tolist()) == {3, 9}


def vrt(path: Path, source: Path, *, overview: bool) -> Path:
    """A scene of three bands that calls 255 no data, which its source does not.

    With `overview`, the source is one, and of the first band only.
    """
    place = f"<SourceFilename>{source}</SourceFilename><SourceBand>1</SourceBand>"
    tag = "" if overview else "<NoDataValue>255</NoDataValue>"
    bands = "".join(
        f'<VRTRasterBand dataType="Byte" band="{band}">{tag}'
        f"{f'<Overview>{place}</Overview>' if overview and band == 1 else ''}"
        f"<ComplexSource>{place}{'<NODATA>255</NODATA>' if tag else ''}</ComplexSource>"
        "</VRTRasterBand>"
        for band in (1, 2, 3)
    )
    path.write_text(
        '<VRTDataset rasterXSize="500" rasterYSize="600"><SRS>EPSG:32617</SRS>'
        f"<GeoTransform>5e5, 0.5, 0, 4e6, 0, -0.5</GeoTransform>{bands}</VRTDataset>"
    )
    return path


def test_overviews_of_the_sources_of_a_vrt_do_not_know_what_it_calls_no_data(
    tmp_path: Path,
) -> None:
    untagged(tmp_path / "scene.tif", np.tile(HALF, (5, 5)), built)
    path = vrt(tmp_path / "scene.vrt", tmp_path / "scene.tif", overview=False)
    with rasterio.open(path) as dataset:
        assert dataset.overviews(1) == [2]
    assert not is_used(path)
    with open_raster(path, gsd=4) as raster:
        made, valid = whole(raster)
    assert set(made[:, valid].ravel().tolist()) == {DATA[0]}
    assert is_used(built(path, external=True))


def test_an_overview_that_not_all_bands_have_is_not_used(tmp_path: Path) -> None:
    overview = write_tif(tmp_path / "half.tif", noise(300, 250, count=1), **UTM)
    path = vrt(tmp_path / "scene.vrt", overview, overview=True)
    with rasterio.open(path) as dataset:
        assert dataset.overviews(1) == [2]
    with open_raster(path, gsd=4) as raster:
        assert whole(raster)[1].all()


def test_alpha_that_was_named_after_the_overviews_beside_a_file_is_seen(tmp_path: Path) -> None:
    pixels = np.concatenate([coloured(HALF, DATA), HALF[None] * np.uint8(255)])
    path = built(write_tif(tmp_path / "scene.tif", pixels, photometric="rgb", **UTM), external=True)
    with rasterio.open(path, "r+") as dataset:
        dataset.colorinterp = ALPHA
    with open_raster(path, gsd=2.5) as raster:
        assert whole(raster)[1].mean() == pytest.approx(0.45, abs=0.02)


def test_a_cog_with_a_mask_is_read_by_its_overviews(tmp_path: Path) -> None:
    path = tmp_path / "cog.tif"
    there = np.pad(HALF, ((0, 1000), (0, 1000)))
    shape = {"count": 3, "height": 1120, "width": 1100, "dtype": "uint8"}
    how = {"blocksize": 128, "overview_resampling": "average"}
    with rasterio.open(path, "w", driver="COG", **how, **shape, **UTM) as dataset:
        dataset.write(coloured(there))
        dataset.write_mask(there)
    overview = open_overview(str(path), OPTIONS, 4.0)
    assert overview is not None
    with overview, open_raster(path, gsd=4) as raster:
        assert overview.height == 280
        made, valid = whole(raster)
    assert {tuple(colour) for colour in made[:, valid].T.tolist()} == {DATA}
    assert valid.sum() == pytest.approx(120 * 45 / 64, rel=0.15)
