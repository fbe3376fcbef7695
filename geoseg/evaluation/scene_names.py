"""Names of data sets of whole scenes, such as ``scenes:scene.tif?truth=truth.gpkg``."""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from geoseg.errors import OptionsError
from geoseg.evaluation.referring import open_referring
from geoseg.evaluation.scene_truths import SceneTruth, open_truth
from geoseg.options import ImageOptions
from geoseg.training.data.folders import LOCAL, is_remote
from geoseg.training.data.settings import refused
from geoseg.training.data.sources import unescaped
from tiles.source_names import source_name

READING = ("bands", "stretch", "nodata", "assign_crs", "gsd")
"""Settings of how scenes are read, as for a run."""

OF_A_LAYER = ("layer", "column")
"""Settings that say where in a layer the truth is."""

SETTINGS = ("truth", *OF_A_LAYER, *READING)
"""What may stand behind the question mark of such a name."""

EXAMPLE = "scenes:scene.tif?truth=truth.gpkg&column=query&gsd=0.3"


def open_scenes(name: str) -> tuple[SceneTruth, ...]:
    """The scenes of a name such as ``scenes:FOLDER/referring.jsonl``.

    Or ``scenes:SCENE.tif?truth=FILE.gpkg&layer=NAME&column=query``: a scene with polygons; the
    layer is named where the file has several. Either may say how scenes are read: bands, stretch,
    nodata, assign_crs, gsd. What stands in place of characters that part settings is that of
    other data sets: %26 is an ampersand.
    """
    place, _, said = name.partition(":")[2].partition("?")
    place = unescaped(place)
    given = dict(part.partition("=")[::2] for part in said.split("&") if part)
    if unknown := sorted(given.keys() - set(SETTINGS)):
        raise OptionsError(
            f"scenes have no setting {unknown[0]!r}; known are {', '.join(SETTINGS)}, as in "
            f"{EXAMPLE}"
        )
    _check_separated(given)
    given = {setting: unescaped(value) for setting, value in given.items()}
    reading = _reading(given)
    path = Path(place).expanduser()
    if is_remote(given.get("truth", "")):
        raise OptionsError(f"the truth {LOCAL}, but '{source_name(given['truth'])}' was given")
    if "truth" in given:
        layer, column = Path(given["truth"]).expanduser(), given.get("column", "query")
        return (open_truth(path, layer, column=column, name=given.get("layer"), image=reading),)
    if not place.endswith(".jsonl"):
        raise OptionsError(
            f"'{name}' does not say what is true of the scene; write "
            "scenes:FOLDER/referring.jsonl or scenes:scene.tif?truth=truth.gpkg"
        )
    if astray := sorted(given.keys() & {*OF_A_LAYER}):
        raise OptionsError(
            f"a list says itself where the truth is, so {astray[0]}= says nothing in '{name}'; "
            "leave it out"
        )
    return open_referring(path, image=reading)


def _check_separated(given: Mapping[str, str]) -> None:
    """Refuse settings with a comma between them, which would be part of a path or a column."""
    for name, value in given.items():
        if found := re.search(rf",({'|'.join(SETTINGS)})=", value):
            raise OptionsError(
                f"settings of scenes have & between them, but '{name}={value}' was given; write "
                f"&{found[1]}= instead of ,{found[1]}="
            )


def _reading(given: Mapping[str, str]) -> ImageOptions | None:
    """How scenes are to be read, if anything was said of that."""
    said = {name: value for name, value in given.items() if name in READING}
    try:
        return ImageOptions.model_validate(said) if said else None
    except ValidationError as error:
        raise refused(error, "the scenes' settings", f"write e.g. {EXAMPLE}") from None
