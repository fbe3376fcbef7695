import pyproj
import pytest
from affine import Affine
from odc.geo.crs import CRS

from tiles.errors import GeoreferenceError
from tiles.georeference import crs_of, georeference, map_crs

UTM = CRS("EPSG:32617")
NORTH_UP = Affine(2, 0, 500_000, 0, -2, 4_000_000)
SHAPE = (30, 40)


@pytest.mark.parametrize(
    "transform",
    [NORTH_UP, Affine(2, 0, 500_000, 0, 2, 4_000_000), Affine(1, 0.5, 10, 0.5, -1, 20)],
    ids=["north up", "south up", "rotated"],
)
def test_a_transform_is_kept_as_it_is(transform: Affine) -> None:
    placed = georeference(SHAPE, transform, found=UTM, assigned=None)
    assert placed.geobox.affine == transform
    assert placed.geobox.shape == SHAPE
    assert placed.geobox.crs == UTM
    assert placed.notices == ()


def test_an_assigned_crs_is_taken_without_moving_anything() -> None:
    placed = georeference(SHAPE, NORTH_UP, found=None, assigned=UTM)
    assert placed.geobox.crs == UTM
    assert placed.geobox.affine == NORTH_UP
    assert placed.notices == ()


def test_an_assigned_crs_that_differs_wins_with_a_notice() -> None:
    placed = georeference(SHAPE, NORTH_UP, found=UTM, assigned=CRS("EPSG:26917"))
    assert placed.geobox.crs == CRS("EPSG:26917")
    assert placed.notices == ("the raster says EPSG:32617; EPSG:26917 was assigned and is used",)


def test_assigning_the_crs_that_is_there_needs_no_notice() -> None:
    assert georeference(SHAPE, NORTH_UP, found=UTM, assigned=CRS(UTM.to_wkt())).notices == ()


def test_coordinates_without_a_crs_are_kept_with_a_notice() -> None:
    placed = georeference(SHAPE, NORTH_UP, found=None, assigned=None)
    assert placed.geobox.crs is None
    assert placed.geobox.affine == NORTH_UP
    assert "no CRS" in placed.notices[0]


@pytest.mark.parametrize("found", [None, UTM])
def test_without_a_transform_results_are_in_pixels(found: CRS | None) -> None:
    placed = georeference(SHAPE, None, found=found, assigned=None)
    assert placed.geobox.crs is None
    assert placed.geobox.affine == Affine.identity()
    assert "results are in pixels" in placed.notices[0]


def test_a_crs_assigned_to_pixels_takes_them_as_coordinates_with_a_notice() -> None:
    placed = georeference(SHAPE, None, found=None, assigned=UTM)
    assert placed.geobox.crs == UTM
    assert placed.geobox.affine == Affine.identity()
    assert "columns and rows are taken as coordinates" in placed.notices[0]


@pytest.mark.parametrize("text", ["EPSG:99999", "mars", "", "4326x"])
def test_a_text_that_is_no_crs_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(GeoreferenceError, match=r"write e\.g\. EPSG:32633"):
        crs_of(text)


SITE = 'LOCAL_CS["site",UNIT["metre",1]]'

SITE_WITH_HEIGHTS = (
    f'COMPD_CS["site and heights",{SITE},VERT_CS["EGM96 height",VERT_DATUM["EGM96 geoid",2005],'
    'UNIT["metre",1]]]'
)


@pytest.mark.parametrize("text", ["EPSG:5773", "EPSG:4978"])
def test_a_crs_without_a_place_on_a_map_is_refused(text: str) -> None:
    with pytest.raises(GeoreferenceError, match=f"{text} is a .* CRS, which .* e.g. EPSG:32633"):
        map_crs(text)


@pytest.mark.parametrize(
    "text",
    ["EPSG:32633", "EPSG:4979", "EPSG:5555", "EPSG:25832+7837", SITE, SITE_WITH_HEIGHTS],
)
def test_heights_beside_a_place_and_grids_of_sites_are_taken(text: str) -> None:
    assert map_crs(text).proj == pyproj.CRS(text)


@pytest.mark.parametrize("text", ["EPSG:5773", "EPSG:4978"])
def test_a_raster_that_says_such_a_crs_has_none(text: str) -> None:
    placed = georeference(SHAPE, NORTH_UP, found=CRS(text), assigned=None)
    assert (placed.geobox.crs, placed.geobox.affine) == (None, NORTH_UP)
    assert f"says {text}, a " in placed.notices[0]
    assert "--assign-crs" in placed.notices[0]
    assert georeference(SHAPE, NORTH_UP, found=CRS(text), assigned=UTM).geobox.crs == UTM


LONLAT = CRS("EPSG:4326")


@pytest.mark.parametrize("transform", [NORTH_UP, Affine(9, 0, 0, 0, 9, 0)], ids=["UTM", "pixels"])
def test_metres_are_no_degrees(transform: Affine) -> None:
    with pytest.raises(
        GeoreferenceError, match=r"EPSG:4326 was assigned, but its x from .* no lon"
    ):
        georeference(SHAPE, transform, found=None, assigned=LONLAT)
    placed = georeference(SHAPE, transform, found=LONLAT, assigned=None)
    assert placed.geobox.crs == LONLAT
    assert "no longitudes and latitudes; say their CRS with --assign-crs" in placed.notices[0]


def test_rows_and_columns_are_no_degrees() -> None:
    with pytest.raises(GeoreferenceError, match="y from 0 to 300 are no longitudes and latitudes"):
        georeference((300, 400), None, found=None, assigned=LONLAT)


@pytest.mark.parametrize(
    ("transform", "crs"),
    [
        (Affine(9, 0, 180, 0, -6.1, 91.5), LONLAT),
        (Affine(10, 0, -200, 0, -6.6, 99), CRS("EPSG:4807")),
    ],
    ids=["a global grid", "grads"],
)
def test_degrees_around_the_earth_are_taken(transform: Affine, crs: CRS) -> None:
    assert georeference(SHAPE, transform, found=None, assigned=crs).notices == ()
    assert georeference(SHAPE, transform, found=crs, assigned=None).notices == ()


def test_a_listed_crs_goes_by_its_code() -> None:
    assert str(crs_of(UTM.to_wkt())) == "EPSG:32617"


def test_a_crs_that_is_not_listed_is_kept_whole() -> None:
    own = crs_of("+proj=laea +lat_0=12 +lon_0=34 +datum=WGS84 +units=m")
    assert own.epsg is None
    assert "Lambert Azimuthal Equal Area" in own.to_wkt()
