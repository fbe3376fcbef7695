"""What tells whether a user's images and layer are those of before."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import shapely

from geoseg.options import ImageOptions
from geoseg.training.data.folders import first_few
from geoseg.training.data.meanings import texts_of
from geoseg.training.data.own_images import own_images
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data.own_scene import open_own_raster
from geoseg.training.data.templates import composed
from geoseg.training.data.vector_file import open_table

NAMED = 4
"""Files that a message names."""


def fingerprint_of(options: OwnLayerOptions) -> dict[str, str]:
    """A mark of each image and of the layer, by its whole path: another for another file.

    Of an image it tells its size in bytes and where it lies, of the layer its outlines and the
    attributes that phrases speak of. Neither pixels are read nor times of files, which copying
    changes.
    """
    images = own_images(options.images, Path())
    marks = {str(path.resolve()): _of_image(path, options.image) for path in images.paths}
    return {**marks, str(Path(options.layer).resolve()): _of_layer(options)}


def changes(former: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Which files have changed, in words; empty where none has.

    >>> changes({"/a/1.tif": "x", "/a/2.tif": "y"}, {"/a/2.tif": "z", "/a/3.tif": "w"})
    '1.tif is gone, 2.tif is another, 3.tif is new'
    """
    return first_few(list(_changed(former, now)), NAMED)


def _changed(former: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """What became of each file that is not as it was."""
    for path in sorted(former.keys() | now.keys()):
        if former.get(path) != now.get(path):
            what = "gone" if path not in now else "another" if path in former else "new"
            yield f"{Path(path).name} is {what}"


def _of_image(path: Path, image: ImageOptions) -> str:
    with open_own_raster(path, image) as raster:
        place = raster.geobox
    told = [path.stat().st_size, *place.shape, *place.affine, place.crs]
    return _mark(" ".join(map(str, told)).encode())


def _of_layer(options: OwnLayerOptions) -> str:
    path = Path(options.layer)
    table = open_table(path, "the vector layer", name=options.layer_name, setting="layer_name")
    spoken = {
        composed(name)
        for template in options.phrases
        for name in (*template.where, *template.names)
    }
    words = [
        "\n".join(texts_of(table[column], f"the attribute '{column}'"))
        for column in table.columns.drop(table.geometry.name)
        if composed(str(column)) in spoken
    ]
    outlines = [outline or b"none" for outline in shapely.to_wkb(table.geometry.to_numpy())]
    return _mark(str(table.crs).encode(), *outlines, *(word.encode() for word in words))


def _mark(*parts: bytes) -> str:
    """A short mark that other parts would hardly have."""
    return hashlib.sha256(b"\n".join(parts)).hexdigest()[:16]
