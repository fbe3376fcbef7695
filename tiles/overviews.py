"""Whether an overview, a smaller copy that a file holds of itself, can stand for the file."""

import math

import numpy as np
from rasterio import DatasetReader
from rasterio.enums import ColorInterp, MaskFlags

LOOK = 256
"""Side of the look that tells whether an overview knows of the file's mask."""

FEW_ROWS = 8
"""Of the look before it: a hole that it shows spares decoding all of a mask without overviews."""


def stands_for(level: DatasetReader, file: DatasetReader, *, nodata: float | None) -> bool:
    """Whether an overview has data where its file has, and shows only colours that are there.

    It does not where nodata values and masks came later than the overviews, or only the user knows
    of them: what is no data was then averaged as if it were. `nodata` is the value that the user
    calls so.
    """
    return (
        ColorInterp.palette not in file.colorinterp  # averaged, 3 and 9 become 5: another class
        and _said(level) == _said(file)
        and _leaves_out(file, nodata)
        and _is_finite(level)
        and _knows_mask(level, file)
    )


def _said(dataset: DatasetReader) -> tuple[object, ...]:
    """What a dataset says of its bands; overviews keep what was said when they were made.

    As text, because NaN is not NaN.
    """
    return (
        dataset.colorinterp,
        dataset.dtypes,
        str(dataset.nodatavals),
        str(dataset.mask_flag_enums),
    )


def _leaves_out(file: DatasetReader, nodata: float | None) -> bool:
    """Whether what means no data for the user and for the file was left out of its overviews.

    GDAL leaves out what is tagged when it makes them. JPEG 2000 mixes it in, and a VRT's overviews
    are those of its sources, which may not be tagged.
    """
    tags = file.nodatavals
    if nodata is not None and not all(_same(tag, nodata) for tag in tags):
        return False
    made_by_gdal = file.driver == "GTiff" or f"{file.name}.ovr" in file.files
    return made_by_gdal or all(tag is None for tag in tags)


def _same(tag: float | None, nodata: float) -> bool:
    """Whether a tag says what the user says; NaN: no value means no data."""
    return tag is None or math.isnan(tag) if math.isnan(nodata) else tag == nodata


def _is_finite(level: DatasetReader) -> bool:
    """Whether holes did not grow: a mean with a NaN is NaN unless it is tagged as no data."""
    if not any(np.dtype(name).kind == "f" for name in level.dtypes):
        return True
    values = level.read(out_shape=(level.count, *_look(level)))
    tagged = all(tag is not None and math.isnan(tag) for tag in level.nodatavals)
    return not (np.isinf(values) if tagged else ~np.isfinite(values)).any()


def _knows_mask(level: DatasetReader, file: DatasetReader) -> bool:
    """Whether an overview without a hole is of a file without one.

    GDAL tells of the file's mask in any case, and where it was made after the overviews, it hands
    out one without holes for them.
    """
    flags = set(file.mask_flag_enums[0])
    if MaskFlags.per_dataset not in flags or MaskFlags.alpha in flags:
        return True
    # the small look first: of a mask without overviews, all is decoded
    return not _is_whole(level) or _is_whole(file)


def _is_whole(dataset: DatasetReader) -> bool:
    """Whether a look at the mask of a dataset shows no hole."""
    return all(
        dataset.read_masks(1, out_shape=_look(dataset, rows)).all() for rows in (FEW_ROWS, LOOK)
    )


def _look(dataset: DatasetReader, rows: int = LOOK) -> tuple[int, int]:
    """The shape of a look at a dataset."""
    return min(dataset.height, rows), min(dataset.width, LOOK)
