"""Which files the user's own images are."""

import glob
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioIOError

from geoseg.errors import DataError
from geoseg.training.data.folders import existing_file, first_few
from tiles.silence import silenced

ANSWER = "GEOSEG_MODEL"
"""The tag of the masks and scores of a run."""

NUMBERS, NUMBER = ".ids.tif", "int64"
"""How files end that hold the numbers of rendered things, and the type of these."""

SHOWN = 3
"""Files that a message names."""


@dataclass(frozen=True, slots=True)
class OwnImages:
    """The images that paths and patterns name."""

    paths: tuple[Path, ...]
    """Each once."""

    left_out: tuple[Path, ...]
    """What patterns match too, and geoseg made of images: to learn from it is to copy the truth."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What to say of those that are left out, if there are any."""
        if not self.left_out:
            return ()
        told = (
            f"left out, though a pattern under 'images' matches: {_listed(self.left_out)}; masks, "
            "scores and numbers of rendered things, as geoseg writes them, are no images; name the "
            "file itself, without *, to learn from it all the same"
        )
        return (told,)


def own_images(patterns: Iterable[str], folder: Path) -> OwnImages:
    """The images that paths and patterns name; patterns name no masks, scores and numbers."""
    found: dict[Path, Path] = {}
    made: dict[Path, Path] = {}
    for pattern in patterns:
        path = folder / pattern
        is_pattern = not path.is_file() and glob.has_magic(str(path.relative_to(_there(path))))
        for match in _matching(path) if is_pattern else [existing_file(path, "the image")]:
            kept = made if is_pattern and _is_answer(match) else found
            kept.setdefault(match.resolve(), match)
    images = OwnImages(
        tuple(found.values()), tuple(path for key, path in made.items() if key not in found)
    )
    if not images.paths:
        raise DataError(
            "'images' names nothing but masks, scores or numbers of rendered things that geoseg "
            f"wrote: {_listed(images.left_out)}; name the images that belong to them"
        )
    return images


def _listed(paths: Sequence[Path]) -> str:
    """The names of some files, the first few."""
    return first_few([f"'{path.name}'" for path in paths], SHOWN)


def _there(path: Path) -> Path:
    """The innermost of the folders of a path that is there: brackets up to it are no pattern."""
    return next((parent for parent in path.parents if parent.is_dir()), Path())


def _matching(path: Path) -> list[Path]:
    """The files that a pattern names."""
    there = _there(path)
    pattern = Path(glob.escape(str(there))) / path.relative_to(there)
    matches = sorted(glob.glob(str(pattern), recursive=True))  # noqa: PTH207 ** and absolute paths
    if not matches:
        raise DataError(
            f"no image matches '{path}'; correct the pattern: * stands for any letters, ** for any "
            "folders, [ab] for a or b"
        )
    return [existing_file(Path(match), "the image") for match in matches]


def _is_answer(path: Path) -> bool:
    """Whether geoseg wrote a raster of what is on an image."""
    try:
        with silenced(NotGeoreferencedWarning), rasterio.open(path) as raster:
            is_numbers = path.name.endswith(NUMBERS) and set(raster.dtypes) == {NUMBER}
            return is_numbers or ANSWER in raster.tags()
    except RasterioIOError:  # told when it is opened as an image
        return False
