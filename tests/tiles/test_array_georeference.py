import numpy as np
import pytest
import rioxarray as rioxarray  # gives arrays their .rio
import xarray
from affine import Affine
from odc.geo.crs import CRS
from odc.geo.geobox import GeoBox

from tiles.array_georeference import array_crs, array_transform
from tiles.errors import GeoreferenceError

UTM = CRS("EPSG:32617")
NORTH_UP = Affine(2, 0, 500_000, 0, -2, 4_000_000)


def array_of(transform: Affine, shape: tuple[int, int] = (6, 8)) -> xarray.DataArray:
    """An array with the coordinates of its pixels' centres."""
    rows, columns = np.arange(shape[0]) + 0.5, np.arange(shape[1]) + 0.5
    return xarray.DataArray(
        np.zeros(shape, np.uint8),
        dims=("y", "x"),
        coords={
            "y": transform.f + transform.e * rows,
            "x": transform.c + transform.a * columns,
        },
    )


def transform_of(array: xarray.DataArray) -> Affine | None:
    return array_transform(array, rows="y", columns="x")


def keeping(transform: Affine, array: xarray.DataArray, **more: object) -> xarray.DataArray:
    """The array with a transform kept beside the CRS, as rioxarray and odc-geo keep it."""
    spatial_ref = array.rio.write_crs("EPSG:32617").spatial_ref
    spatial_ref.attrs["GeoTransform"] = " ".join(map(str, transform.to_gdal()))
    spatial_ref.attrs.update(more)
    return array.assign_coords(spatial_ref=spatial_ref)


@pytest.mark.parametrize(
    "transform",
    [NORTH_UP, Affine(2, 0, 500_000, 0, 2, 4_000_000), Affine(0.1, 0, -120, 0, -0.2, 40)],
    ids=["descending", "ascending", "degrees"],
)
def test_coordinates_of_centres_give_the_transform_of_corners(transform: Affine) -> None:
    found = transform_of(array_of(transform))
    assert found is not None
    assert found.almost_equals(transform, precision=1e-6)


def test_a_cut_array_lies_where_its_coordinates_say() -> None:
    cut = keeping(NORTH_UP, array_of(NORTH_UP))[2:, 3::2]
    assert transform_of(cut) == Affine(4, 0, 500_005, 0, -2, 3_999_996)


def test_without_coordinates_the_transform_kept_beside_the_crs_is_taken() -> None:
    bare = xarray.DataArray(np.zeros((6, 8)), dims=("y", "x"))
    assert transform_of(keeping(NORTH_UP, bare)) == NORTH_UP


def test_without_coordinates_and_transform_an_array_lies_nowhere() -> None:
    assert transform_of(xarray.DataArray(np.zeros((6, 8)), dims=("y", "x"))) is None


def test_coordinates_that_only_count_pixels_are_no_place() -> None:
    assert transform_of(array_of(Affine.identity())) is None


def test_coordinates_that_count_pixels_are_a_place_where_a_crs_is_written_on() -> None:
    array = array_of(Affine.identity()).rio.write_crs("EPSG:32617")
    assert transform_of(array) == Affine.identity()


def test_the_crs_of_control_points_does_not_make_pixels_a_place() -> None:
    bare = xarray.DataArray(np.zeros((6, 8)), dims=("y", "x"))
    assert transform_of(keeping(Affine.identity(), bare, gcps="{}")) is None


def test_a_rotated_array_of_odc_geo_is_counted_in_pixels() -> None:
    rotated = Affine(1.8, 0.6, 500_000, 0.6, -1.8, 4_000_000)
    array = array_of(Affine.identity())
    array.y.attrs["units"] = array.x.attrs["units"] = "pixel"
    assert transform_of(keeping(rotated, array)) == rotated
    moved = Affine(1.8, 0.6, 500_000 + 1.8 * 3 + 0.6 * 2, 0.6, -1.8, 4_000_000 + 0.6 * 3 - 1.8 * 2)
    cut = transform_of(keeping(rotated, array)[2:, 3:])
    assert cut is not None
    assert cut.almost_equals(moved, precision=1e-6)


def test_a_rotated_array_of_rioxarray_is_placed_by_its_centres() -> None:
    rotated = Affine(1.8, 0.6, 500_000, 0.6, -1.8, 4_000_000)
    rows, columns = np.mgrid[0:6, 0:8] + 0.5
    array = xarray.DataArray(np.zeros((6, 8)), dims=("y", "x")).assign_coords(
        xc=(("y", "x"), rotated.c + rotated.a * columns + rotated.b * rows),
        yc=(("y", "x"), rotated.f + rotated.d * columns + rotated.e * rows),
    )
    found = transform_of(array)
    assert found is not None
    assert found.almost_equals(rotated, precision=1e-6)


def test_a_single_pixel_takes_its_size_from_what_is_kept() -> None:
    assert transform_of(keeping(NORTH_UP, array_of(NORTH_UP))[2:3, 3:4]) == Affine(
        2, 0, 500_006, 0, -2, 3_999_996
    )


def test_a_single_row_takes_its_size_from_the_coordinate() -> None:
    array = array_of(NORTH_UP)
    array.y.attrs["resolution"] = -2.0
    assert transform_of(array[1:2]) == Affine(2, 0, 500_000, 0, -2, 3_999_998)


def test_a_single_row_of_unknown_size_is_refused() -> None:
    with pytest.raises(GeoreferenceError, match="a single pixel along 'y'"):
        transform_of(array_of(NORTH_UP)[1:2])


@pytest.mark.parametrize("y", [[0, 1, 2, 4, 5, 6], [3, 3, 3, 3, 3, 3], [0, 1, 2, 3, np.nan, 5]])
def test_uneven_coordinates_are_refused(y: list[float]) -> None:
    with pytest.raises(GeoreferenceError, match="along 'y' are not evenly spaced"):
        transform_of(array_of(NORTH_UP).assign_coords(y=y))


def test_coordinates_rounded_to_32_bits_are_even_enough() -> None:
    degrees = Affine(1e-4, 0, -120, 0, -1e-4, 40)
    array = array_of(degrees, (50, 60))
    rounded = array.assign_coords(x=array.x.astype("float32"), y=array.y.astype("float32"))
    found = transform_of(rounded)
    assert found is not None
    assert found.almost_equals(degrees, precision=2e-5)


def test_the_crs_is_what_rioxarray_wrote() -> None:
    assert array_crs(array_of(NORTH_UP).rio.write_crs("EPSG:32617")) == UTM
    assert array_crs(array_of(NORTH_UP)) is None


@pytest.mark.filterwarnings("ignore:Use .@. matmul:PendingDeprecationWarning")
def test_an_array_of_odc_geo_lies_where_odc_geo_says() -> None:
    wrap_xr = pytest.importorskip("odc.geo.xr").wrap_xr
    for transform in (NORTH_UP, Affine(1.8, 0.6, 500_000, 0.6, -1.8, 4_000_000)):
        array = wrap_xr(np.zeros((6, 8), np.uint8), GeoBox((6, 8), transform, "EPSG:32617"))
        for part in (array, array[1:, 2:]):
            found = transform_of(part)
            assert found is not None
            assert found.almost_equals(part.odc.geobox.affine, precision=1e-6)
            assert array_crs(part) == UTM
