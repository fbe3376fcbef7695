from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from rasterio.transform import from_origin

from geoseg.errors import GeosegError
from geoseg.options import ImageOptions
from geoseg.training.data.own_scene import OwnScene, open_own_scene
from geoseg.training.data.planes import neighbours, plane_around, planes
from tests.geoseg.training.data.own_asked import FRAME, SAID, chips_of, options, shared_ground
from tests.geoseg.training.data.own_ground import CRS, write_scene

RADIUS_M = 6_371_007.0

LONLAT_FRAME = FRAME.to_crs(4326)

TOWN = (32.5686, 0.3347)
"""Where the roofs stand."""


def two_images(
    folder: Path, first: str, second: str, lonlat: tuple[float, float]
) -> list[OwnScene]:
    """Images of the same size in two CRSs, the one beside the other, with roofs at `lonlat`."""
    scenes = []
    for number, crs in enumerate((first, second)):
        x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(*lonlat)
        grid = from_origin(x + number * 1000, y + 40, 2, 2)
        path = write_scene(folder / f"{number}.tif", shape=(360, 360), transform=grid, crs=crs)
        layer = FRAME.set_geometry(
            FRAME.affine_transform([4, 0, 0, 4, x - 4 * 452_000, y - 4 * 37_000])
        ).set_crs(crs, allow_override=True)
        scenes.append(open_own_scene(path, ImageOptions(), layer))
    return scenes


def test_images_across_the_antimeridian_are_parted_in_squares(tmp_path: Path) -> None:
    both = two_images(tmp_path, "EPSG:32760", "EPSG:32701", (179.999, -17.0))
    said = options(empty_share=0.9, block_chips=2, seed=4)
    assert not shared_ground(both, said, crs="+proj=laea +lat_0=-17 +lon_0=180")
    assert len({chip.window.block for chip in chips_of(both, SAID, "all", said)}) > 9


def test_far_north_blocks_are_as_high_as_wide(tmp_path: Path) -> None:
    both = two_images(tmp_path, "EPSG:32633", "EPSG:32634", (18.0, 75.0))
    chips = chips_of(both, SAID, "all", options(empty_share=0.99, block_chips=3))
    starts = {}
    for chip in chips:
        if chip.scene == 0:
            starts.setdefault(chip.window.block, []).append([ends.start for ends in chip.roi])
    high, wide = np.max([np.ptp(found, axis=0) for found in starts.values()], axis=0)
    assert 0.6 < high / wide < 1.6


@pytest.mark.parametrize(
    ("places", "lon", "lat"),
    [
        ([(179.9, -17.0), (-179.5, -17.0)], 180.0, -17.0),
        ([(-3.7, 40.4), (-3.6, 40.3)], -4.0, 40.0),
        ([(20.0, 80.0)], 20.0, 80.0),
        ([(-4.0, 40.0), (176.0, -40.0), (-4.0, 42.0)], -4.0, 42.0),
    ],
)
def test_a_plane_touches_the_earth_at_whole_degrees_amid_the_places(
    places: list[tuple[float, float]], lon: float, lat: float
) -> None:
    there = Transformer.from_crs("OGC:CRS84", plane_around(places), always_xy=True)
    assert np.hypot(*there.transform(lon, lat)) < 300


def image(folder: Path, crs: str, lonlat: tuple[float, float] = TOWN) -> OwnScene:
    """An image at a place, of which the roofs are known."""
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(*lonlat)
    gsd = 5e-6 if crs == "EPSG:4326" else 0.5
    path = folder / f"{crs.removeprefix('EPSG:')} {lonlat[0]:.0f}.tif"
    write_scene(path, transform=from_origin(x - 30 * gsd, y + 30 * gsd, gsd, gsd), crs=crs)
    return open_own_scene(path, ImageOptions(), LONLAT_FRAME)


def town(folder: Path) -> list[OwnScene]:
    """The images of the town, in two CRSs."""
    here = open_own_scene(write_scene(folder / "here.tif", FRAME), ImageOptions(), LONLAT_FRAME)
    return [here, image(folder, "EPSG:3857")]


WELLINGTON, ANTIPODE = (174.8, -41.3), (TOWN[0] - 180, -TOWN[1])


@pytest.mark.parametrize(("crs", "lonlat"), [("EPSG:32760", WELLINGTON), ("EPSG:32706", ANTIPODE)])
def test_an_image_far_away_leaves_the_squares_of_the_others_as_they_are(
    tmp_path: Path, crs: str, lonlat: tuple[float, float]
) -> None:
    near, said = town(tmp_path), options(empty_share=0.9, validation_share=0.5, seed=2)
    whole = [*near, image(tmp_path, crs, lonlat)]
    before = [chip.window for chip in chips_of(near, SAID, "all", said)]
    after = [chip.window for chip in chips_of(whole, SAID, "all", said)]
    assert len({window.block for window in before}) > 3
    assert [window for window in after if window.scene < 2] == before
    assert not shared_ground(whole, said, crs=CRS)
    assert {chip.scene for chip in chips_of(whole, SAID, "val", said)} >= {0, 1}


def test_images_far_apart_lie_on_planes_of_their_own(tmp_path: Path) -> None:
    near, far = town(tmp_path), image(tmp_path, "EPSG:32760", WELLINGTON)
    together = planes([far, *near])
    assert [plane.members for plane in together] == [(0,), (1, 2)]
    assert together[0].crs == "EPSG:32760"
    assert together[1].crs.is_projected
    assert together[1].crs not in (CRS, "EPSG:3857")


def test_images_in_one_crs_lie_on_one_plane_however_far_apart(tmp_path: Path) -> None:
    both = [image(tmp_path, "EPSG:4326"), image(tmp_path, "EPSG:4326", WELLINGTON)]
    (plane,) = planes(both)
    assert (plane.members, plane.crs) == ((0, 1), "EPSG:4326")


def test_images_without_a_crs_lie_on_one_plane_apart_from_the_others(tmp_path: Path) -> None:
    frame = FRAME.set_crs(None, allow_override=True)
    bare = open_own_scene(write_scene(tmp_path / "a.tif", crs=None), ImageOptions(), frame)
    found = planes([bare, *town(tmp_path), bare])
    assert [plane.members for plane in found] == [(1, 2), (0, 3)]
    assert (found[1].crs, found[1].name) == (None, "no CRS")


def test_images_in_one_crs_keep_their_plane_where_others_lie_elsewhere(tmp_path: Path) -> None:
    both = [image(tmp_path, "EPSG:4326"), image(tmp_path, "EPSG:4326", WELLINGTON)]
    antipode = image(tmp_path, "EPSG:32706", ANTIPODE)
    (first, _) = planes([*both, antipode])
    assert (first.members, first.crs, first.name) == ((0, 1), "EPSG:4326", "WGS 84")


def test_neighbours_in_several_crss_keep_their_plane_where_another_joins(tmp_path: Path) -> None:
    near = town(tmp_path)
    (before,), (after,) = planes(near), planes([*near, image(tmp_path, "EPSG:4326")])
    assert after.members == (0, 1, 2)
    assert (after.crs, after.name) == (before.crs, "plane around 0 N, 33 E")


@pytest.mark.parametrize("aside", [0, 7e6])
def test_an_image_of_more_than_the_earth_is_told_where_others_have_another_crs(
    tmp_path: Path, aside: float
) -> None:
    disc = write_scene(
        tmp_path / "disc.tif",
        transform=from_origin(aside - 7e6, 7e6, 1e5, 1e5),
        crs="+proj=ortho +lat_0=0 +lon_0=32 +ellps=WGS84",
    )
    whole = [*town(tmp_path), open_own_scene(disc, ImageOptions(), LONLAT_FRAME)]
    with pytest.raises(GeosegError, match=r"'.*disc\.tif' reaches beyond the earth.*in one CRS"):
        chips_of(whole, SAID, "all", options())


@given(seed=st.integers(0, 10**6), count=st.integers(2, 40), reach_m=st.floats(0, 3e6))
def test_images_that_overlap_are_in_one_group(seed: int, count: int, reach_m: float) -> None:
    rng = np.random.default_rng(seed)
    middle = rng.uniform((-180, -89), (180, 89))
    places = middle + rng.normal(0, 3, (count, 2))
    reaches = rng.exponential(reach_m, count) * rng.integers(0, 2, count)
    groups = neighbours(places, reaches)
    east, north = np.radians(places).T
    globe = np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])
    apart = RADIUS_M * np.linalg.norm(globe[:, :, None] - globe[:, None], axis=0)
    meet = apart <= reaches[:, None] + reaches
    assert (groups[:, None] == groups)[meet].all()


def test_a_large_image_does_not_bring_together_what_is_far_from_it() -> None:
    places = np.array([(-3.7, 40.4), (134.0, -25.0), (174.8, -41.3), (135.0, -24.0)])
    groups = neighbours(places, np.array([500.0, 2.5e6, 500.0, 500.0]))
    assert groups[1] == groups[3]
    assert groups[0] not in groups[1:]
