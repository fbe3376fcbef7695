"""The planes on which images are split."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import LambertAzimuthalEqualAreaConversion
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geoseg.errors import DataError
from geoseg.training.data.own_scene import OwnScene, boxes_on_plane
from geoseg.training.data.placing import transformer
from tiles.grid import Roi
from tiles.measuring import EARTH_RADIUS_M, proj_crs

LONLAT = CRS("OGC:CRS84")

NEAR_M = 20_000.0
"""Images about so near to one another lie on one plane, whether they overlap or not."""

MIDDLE = 4
"""Which of the three times three places of an image is its middle."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Images that lie on a plane together."""

    members: tuple[int, ...]
    """The numbers of the images, sorted."""

    crs: CRS | None
    """None: that of images without one, whose coordinates are taken to agree."""

    @property
    def name(self) -> str:
        """What to call it, whatever images lie on it."""
        return "no CRS" if self.crs is None else self.crs.name


def planes(scenes: Sequence[OwnScene]) -> list[Plane]:
    """The planes of all images; those on different ones show no ground in common, as it seems.

    Images in one CRS stay on its plane whatever others there are, but for those that get a
    neighbour in another CRS: these lie on a plane around them all.
    """
    crss = {
        number: crs
        for number, scene in enumerate(scenes)
        if (crs := proj_crs(scene.geobox.crs)) is not None
    }
    nowhere = tuple(number for number in range(len(scenes)) if number not in crss)
    return [
        *(_on_earth(scenes, crss) if crss else ()),
        *([Plane(nowhere, None)] if nowhere else ()),
    ]


def boxes_on(plane: Plane, scene: OwnScene, chips: Sequence[Roi]) -> NDArray[np.float64]:
    """(chips, 4) left, bottom, right, top of chips of an image; all of them have a place there."""
    boxes = boxes_on_plane(scene.geobox, chips, plane.crs)
    if not np.isfinite(boxes).all():
        raise _without_place(scene)
    return boxes


def plane_around(places: ArrayLike) -> CRS:
    """A plane in metres that touches the earth amid places, longitude and latitude of each.

    It does so at whole degrees, so that another place near them seldom makes it another plane.
    Around there squares of ground are squares, as far north as they may be, and on both sides of
    the antimeridian. Far away they are stretched, and on the other side of the earth without end.
    """
    x, y, z = _on_globe(np.asarray(places)).T
    lon = np.degrees(np.arctan2(y.mean(), x.mean()))
    lat = np.degrees(np.arctan2(z.mean(), np.hypot(x.mean(), y.mean())))
    east, north = round(lon) % 360, round(lat)
    touching = LambertAzimuthalEqualAreaConversion(north, east)
    return ProjectedCRS(touching, name=f"plane around {north} N, {east} E")


def neighbours(places: NDArray[np.float64], reaches_m: NDArray[np.float64]) -> NDArray[np.intp]:
    """(images,) the number of the group of each image; images of two groups are apart.

    `places` (images, 2) are longitude and latitude of their middles, from where they reach so far.

    >>> groups = neighbours(np.array([(-4, 40), (175, -41), (-4.1, 40)]), np.full(3, 900.0))
    >>> (groups == groups[0]).tolist()
    [True, False, True]
    """
    # thousands of images of a town would be millions of pairs: each cube of the globe counts once
    corners = np.floor(_on_globe(places) * (EARTH_RADIUS_M / NEAR_M))
    cubes, cube_of = np.unique(corners, axis=0, return_inverse=True)
    reach = np.zeros(len(cubes))
    np.maximum.at(reach, cube_of.ravel(), reaches_m / NEAR_M)
    # the larger image finds the smaller one; 2 is more than cubes are off the places in them
    near = cKDTree(cubes).query_ball_point(cubes, 2 * reach + 2)
    first = np.repeat(np.arange(len(cubes)), [len(found) for found in near])
    links = (np.ones(len(first)), (first, np.fromiter(chain.from_iterable(near), np.intp)))
    graph = coo_array(links, shape=(len(cubes), len(cubes)))
    return connected_components(graph, directed=False)[1][cube_of.ravel()].astype(np.intp)


def _on_earth(scenes: Sequence[OwnScene], crss: Mapping[int, CRS]) -> list[Plane]:
    """The planes of images whose CRSs are known: their own, or one around neighbours of several."""
    if len(set(crss.values())) == 1:
        return [Plane(tuple(crss), next(iter(crss.values())))]
    places = np.array([_places(scenes[number], crs) for number, crs in crss.items()])
    middles = dict(zip(crss, places[:, MIDDLE], strict=True))
    groups = defaultdict[int, list[int]](list)
    for number, group in zip(crss, neighbours(places[:, MIDDLE], _reaches_m(places)), strict=True):
        groups[int(group)].append(number)
    found = defaultdict[CRS, list[int]](list)
    for members in groups.values():
        found[_common(members, crss, middles)] += members
    return [Plane(tuple(sorted(members)), crs) for crs, members in found.items()]


def _common(
    group: Sequence[int], crss: Mapping[int, CRS], middles: Mapping[int, NDArray[np.float64]]
) -> CRS:
    """The CRS of a group of images where they share one, otherwise that of a plane around them."""
    found = {crss[number] for number in group}
    return found.pop() if len(found) == 1 else plane_around([middles[number] for number in group])


def _places(scene: OwnScene, crs: CRS) -> NDArray[np.float64]:
    """(9, 2) longitude and latitude of the corners of an image, of its middle and between them."""
    height, width = scene.geobox.shape
    xy = np.array([
        scene.geobox.affine * (column, row)
        for row in (0, height / 2, height)
        for column in (0, width / 2, width)
    ])  # fmt: skip
    places = np.column_stack(transformer(crs, LONLAT).transform(*xy.T))
    if not np.isfinite(places[MIDDLE]).all():
        raise _without_place(scene)
    return places


def _reaches_m(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far images reach from their middles; around the earth if their rims lie beyond it."""
    there = _on_globe(np.where(np.isfinite(places), places, np.nan))
    far = np.linalg.norm(there - there[:, MIDDLE : MIDDLE + 1], axis=-1).max(axis=1)
    return np.asarray(EARTH_RADIUS_M * np.nan_to_num(far, nan=2.0))


def _on_globe(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 3) longitudes and latitudes on a globe of radius 1."""
    east, north = np.moveaxis(np.radians(places), -1, 0)
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], -1)


def _without_place(scene: OwnScene) -> DataError:
    """What to say of an image that cannot be laid beside the others."""
    return DataError(
        f"the image '{scene.path}' reaches beyond the earth, or around it, so that it cannot be "
        "laid on one map with images in other CRSs to see which of them show the same ground; cut "
        "it to the ground that you need, or give all images in one CRS"
    )
