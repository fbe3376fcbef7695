"""An image of the user's own, and the polygons that lie on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import CRS

from geoseg.asking import View, flip_of, views
from geoseg.options import ImageOptions
from geoseg.pipeline import check_chip
from geoseg.training.data.placing import near, on_grid, transformer
from tiles.colour import Stretch, stretch_of
from tiles.errors import BandsError
from tiles.grid import ChipGrid, Roi
from tiles.measuring import proj_crs
from tiles.reading import Raster, open_raster

LOOK = 1024
"""Longest side of the look at a scene that tells where it holds data."""


@dataclass(frozen=True, slots=True, eq=False)
class OwnScene:
    """An image, opened anew for each chip, and the layer in its CRS."""

    path: Path

    image: ImageOptions
    """How it is read and shown: as in a run."""

    geobox: GeoBox

    stretch: Stretch
    """The one of the whole scene."""

    bands: tuple[int, ...]
    """Those that are read, counted from 1."""

    dtype: str
    """The type of its values."""

    notices: tuple[str, ...]
    """What a user should know about how it is read, as of a run."""

    data: NDArray[np.bool_]
    """A small picture of where it holds data; one pixel where it does everywhere."""

    rows: NDArray[np.intp]
    """(polygons,) the rows of the layer whose polygons touch it, sorted."""

    outlines: NDArray[np.object_]
    """(polygons,) in the scene's CRS."""

    tree: shapely.STRtree
    """Finds the outlines that touch a chip."""

    def chips(self, size: int, overlap: int) -> list[Roi]:
        """The windows of all chips that hold data."""
        height, width = self.geobox.shape
        grid = ChipGrid(height, width, size=size, overlap=overlap)
        return [roi for roi in grid if self._holds_data(roi)]

    def _holds_data(self, roi: Roi) -> bool:
        """Whether the small picture shows data there."""
        scale = np.array(self.data.shape) / np.array(self.geobox.shape)
        window = tuple(
            slice(int(np.floor(ends.start * by)), int(np.ceil(ends.stop * by)))
            for ends, by in zip(roi, scale, strict=True)
        )
        return bool(self.data[window].any())

    def touching(self, roi: Roi) -> NDArray[np.intp]:
        """The rows of the layer whose polygons touch scene and chip, sorted."""
        found = self.tree.query(shapely.Polygon(corners(self.geobox, roi)), predicate="intersects")
        touching: NDArray[np.intp] = self.rows[np.sort(found)]
        return touching

    def mapped(self) -> bool:
        """Whether a polygon lies where the small picture shows data, as far as it can tell."""
        if not len(self.outlines):
            return False
        by = np.array(self.geobox.shape) / np.array(self.data.shape)
        burnt = rasterio.features.rasterize(
            self.outlines,
            self.data.shape,
            transform=self.geobox.affine * Affine.scale(by[1], by[0]),
            all_touched=True,
            dtype=np.uint8,
        )
        return bool((burnt.astype(bool) & self.data).any())

    def view(self, roi: Roi) -> View:
        """The chip as the model sees it in a run."""
        with open_own_raster(self.path, self.image) as raster:
            return next(views(raster, [roi], self.stretch, keep_going=False))

    def drawn(self, rows: Sequence[int] | NDArray[np.intp], roi: Roi) -> NDArray[np.bool_]:
        """(size, size): the pixels of a chip whose middle lies in a polygon; north up.

        `rows` are those of the layer; polygons that do not touch the scene are not drawn.
        """
        shape = (roi[0].stop - roi[0].start, roi[1].stop - roi[1].start)
        if not len(outlines := self._outlines_of(rows)):
            return np.zeros(shape, np.bool_)
        burnt = rasterio.features.rasterize(
            outlines, shape, transform=chip_affine(self.geobox, roi), dtype=np.uint8
        )
        return np.ascontiguousarray(burnt[flip_of(self.geobox)] > 0)

    def _outlines_of(self, rows: Sequence[int] | NDArray[np.intp]) -> NDArray[np.object_]:
        """The outlines of some rows of the layer, without going through all of them."""
        wanted = np.asarray(rows, np.intp)
        first = np.searchsorted(self.rows, wanted)
        after = np.searchsorted(self.rows, wanted, side="right")
        return self.outlines[first[first < after]]


def open_own_raster(path: Path, image: ImageOptions) -> Raster:
    """The raster as a run reads it."""
    return open_raster(
        path, bands=image.bands, nodata=image.nodata, crs=image.assign_crs, gsd=image.gsd
    )


def open_own_scene(
    path: Path, image: ImageOptions, layer: gpd.GeoDataFrame, *, chip: int = 1
) -> OwnScene:
    """An image with the polygons of a layer, looked at as a whole once.

    A GSD at which it no longer fills a `chip` is refused, as for a run.
    """
    try:
        return _looked_at(path, image, layer, chip)
    except BandsError as error:
        if path.name in str(error):
            raise
        raise BandsError(f"image '{path}': {error}") from error


def _looked_at(path: Path, image: ImageOptions, layer: gpd.GeoDataFrame, chip: int) -> OwnScene:
    with open_own_raster(path, image) as raster:
        check_chip(raster, chip)
        # many images share a layer: each looks at the part around it, and keeps its own
        rows = near(layer, raster.geobox)
        outlines = on_grid(layer.iloc[rows], raster.geobox, path=path).geometry.to_numpy()
        height, width = raster.geobox.shape
        ground = shapely.Polygon(corners(raster.geobox, np.s_[0:height, 0:width]))
        shapely.prepare(ground)
        own = shapely.intersects(ground, outlines)
        data = raster.overview(LOOK).valid
        return OwnScene(
            path=path,
            image=image,
            geobox=raster.geobox,
            stretch=stretch_of(raster, image.stretch),
            bands=raster.bands,
            dtype=str(raster.dtype),
            notices=raster.notices,
            data=np.ones((1, 1), np.bool_) if data.all() else data,
            rows=rows[own],
            outlines=outlines[own],
            tree=shapely.STRtree(outlines[own]),
        )


def chip_affine(geobox: GeoBox, roi: Roi) -> Affine:
    """Pixels of a chip to coordinates; the chip may reach beyond the raster."""
    return geobox.affine * Affine.translation(roi[1].start, roi[0].start)


def corners(geobox: GeoBox, roi: Roi) -> list[tuple[float, float]]:
    """The corners of a chip in the CRS, as x and y."""
    height, width = roi[0].stop - roi[0].start, roi[1].stop - roi[1].start
    place = chip_affine(geobox, roi)
    return [place * pixel for pixel in ((0, 0), (width, 0), (width, height), (0, height))]


def boxes_on_plane(geobox: GeoBox, chips: Sequence[Roi], plane: CRS | None) -> NDArray[np.float64]:
    """(chips, 4) left, bottom, right, top of each chip on a plane; None: where they are."""
    xy = np.array([corners(geobox, roi) for roi in chips], np.float64).reshape(-1, 2)
    known = proj_crs(geobox.crs)
    if plane is not None and known is not None and plane != known:
        xy = np.column_stack(transformer(known, plane).transform(*xy.T))
    around = xy.reshape(-1, 4, 2)
    return np.concatenate([around.min(axis=1), around.max(axis=1)], axis=1)
