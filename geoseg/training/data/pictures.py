"""Image and mask files of data sets."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geoseg.training.data.problems import Problem, ProblemError

UNREADABLE = (OSError, SyntaxError, ValueError, zlib.error, Image.DecompressionBombError)
"""What PIL raises for files that are damaged, or no images."""

PICTURES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"}
"""PIL's names of what becomes RGB without losing anything that is seen."""

MANY_VALUES = 4
"""Values of an odd mask that are told."""


def open_image(path: Path) -> NDArray[np.uint8]:
    """RGB (height, width, 3)."""
    with _opened(path) as picture:
        _check_depth(path, picture)
        return np.array(picture.convert("RGB"))


def open_shape(path: Path) -> tuple[int, int]:
    """(height, width) of an image that can be read to its end."""
    with _opened(path) as picture:
        _check_depth(path, picture)
        width, height = picture.size
        picture.draft("RGB", (1, 1))  # JPEG: all is read, but an eighth of the pixels is made
        picture.load()
        return height, width


def open_mask(path: Path, *, threshold: int | None = None) -> NDArray[np.bool_]:
    """(height, width): True where the mask is not 0, or above the threshold.

    Without a threshold a mask holds 0 and one other value at most; grey in three bands is fine.
    A mask of one bit per pixel says what counts by itself.
    """
    with _opened(path) as picture:
        values = np.array(picture)
    if values.dtype == np.bool_:
        return values
    if values.ndim > 2:
        values = _one_band(path, values)
    if threshold is not None:
        return np.asarray(values > threshold)
    found = np.unique(values[values != 0])
    if len(found) > 1:
        raise ProblemError(Problem("values", str(path), _listed(found)))
    return np.asarray(values != 0)


def _one_band(path: Path, values: NDArray[np.generic]) -> NDArray[np.generic]:
    """The band that all colours equal; a last band besides one or three is opacity."""
    colours = values[..., : values.shape[2] - (values.shape[2] + 1) % 2]
    if (colours != colours[..., :1]).any():
        raise ProblemError(Problem("values", str(path), "in colour"))
    return np.asarray(colours[..., 0])


def _listed(values: NDArray[np.generic]) -> str:
    more = f" and {len(values) - MANY_VALUES} more" if len(values) > MANY_VALUES else ""
    return "0, " + ", ".join(str(value) for value in values[:MANY_VALUES]) + more


def _check_depth(path: Path, picture: Image.Image) -> None:
    if picture.mode not in PICTURES:
        raise ProblemError(Problem("depth", str(path), f"mode {picture.mode}"))


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """The image in a file; what is wrong with it is told in our words."""
    if not path.is_file():
        raise ProblemError(Problem("missing", str(path)))
    try:
        with Image.open(path) as picture:
            yield picture
    except ProblemError:
        raise
    except UNREADABLE as error:
        told = str(error) or type(error).__name__
        raise ProblemError(Problem("broken", str(path), told.replace(f"'{path}'", "it"))) from error
