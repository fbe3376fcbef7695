"""Every data set by its name.

A name is KIND:PATH?SETTING=VALUE&SETTING=VALUE, such as

    refsegrs:/data/RefSegRS?split=val
    rrsisd:/data/RRSIS-D?split=test
    risbench:/data/RISBench?split=test&threshold=127
    earthreason:/data/EarthReason?split=test&questions=first
    own-layer:configs/train/own-layer.yaml?split=val
    rendered:seed=123456&count=200&absent=0.5

In PATH and VALUE, %3F is a question mark, %26 an ampersand, %2C a comma and %25 a percent sign;
any other % is itself.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError, validate_call

from geoseg.errors import DataError, OptionsError
from geoseg.training.data.earthreason import open_earthreason
from geoseg.training.data.own_layer import open_own_layer, open_own_options
from geoseg.training.data.refsegrs import open_refsegrs
from geoseg.training.data.rendered import open_rendered
from geoseg.training.data.risbench import open_risbench
from geoseg.training.data.rrsisd import open_rrsisd
from geoseg.training.data.samples import Source
from geoseg.training.data.settings import refused

OWN_LAYER = "own-layer"

SOURCES: dict[str, Callable[..., Source]] = {
    "refsegrs": open_refsegrs,
    "rrsisd": open_rrsisd,
    "risbench": open_risbench,
    "earthreason": open_earthreason,
    OWN_LAYER: open_own_layer,
    "rendered": open_rendered,
}
"""How each kind is opened: with its path, and its settings by name."""

WITHOUT_PATH = {"rendered"}

NEVER_IN_VAIN = {"refsegrs", "rrsisd", "risbench"}
"""Data sets in which whatever is asked for is there."""

WHOLE_SCENES = "scenes"
"""The kind that `geoseg evaluate` takes beside these."""

ESCAPE = re.compile("%(3F|26|2C|25)", re.IGNORECASE)
"""What stands for characters that part settings; any other % is itself."""

EXAMPLES = "rrsisd:/data/RRSIS-D?split=val or rendered:seed=123456"


@dataclass(frozen=True, slots=True)
class DatasetName:
    """The parts of a name."""

    kind: str
    """One of SOURCES."""

    path: Path | None

    settings: dict[str, str]

    @classmethod
    def of(cls, text: str) -> "DatasetName":
        """The parts of a name as users write it.

        >>> DatasetName.of("RRSIS-D:data?split=val")
        DatasetName(kind='rrsisd', path=PosixPath('data'), settings={'split': 'val'})
        """
        written, _, rest = text.strip().partition(":")
        kind = _kind(written, text)
        if kind in WITHOUT_PATH:
            return cls(kind, None, _settings(rest.removeprefix("?"), text))
        path, _, said = rest.partition("?")
        if not path:
            raise DataError(f"'{text}' does not say where the data is; write e.g. {EXAMPLES}")
        return cls(kind, Path(unescaped(path)).expanduser(), _settings(said, text))


def open_source(text: str) -> Source:
    """The data set of a name (the top of this file shows the form)."""
    name = DatasetName.of(text)
    given = () if name.path is None else (name.path,)
    try:
        return validate_call(SOURCES[name.kind])(*given, **name.settings)
    except ValidationError as error:
        raise refused(
            error, f"the data set '{text}'", f"write e.g. {_example(name, text)}"
        ) from None


def chip_of(text: str) -> int | None:
    """The size of the chips that a data set is cut into; None where images come as they are."""
    name = DatasetName.of(text)
    return open_own_options(name.path).chip if name.kind == OWN_LAYER and name.path else None


def check_cut(text: str, chip: int) -> None:
    """Refuse a data set cut into chips of another size than the model's."""
    if (cut := chip_of(text)) not in (None, chip):
        raise OptionsError(
            f"the data set '{text}' is cut into chips of {cut} pixels, but the model sees {chip}, "
            f"so that it would see another resolution than in use; write 'chip: {chip}' in its file"
        )


def asks_in_vain(text: str) -> bool:
    """Whether a data set of itself asks for what an image does not show.

    >>> asks_in_vain("rrsisd:/data/RRSIS-D"), asks_in_vain("earthreason:/data/EarthReason")
    (False, True)
    """
    name = DatasetName.of(text)
    if name.kind == OWN_LAYER and name.path:
        return open_own_options(name.path).absent > 0
    return name.kind not in NEVER_IN_VAIN


def is_rendered(text: str) -> bool:
    """Whether a name is that of rendered scenes.

    >>> is_rendered("Rendered: seed=1"), is_rendered("rrsisd:/data/rendered")
    (True, False)
    """
    return _plain(text.partition(":")[0].strip()) in WITHOUT_PATH


def unescaped(text: str) -> str:
    """A path or a value as it is meant.

    >>> unescaped("why%3F %26 100% of Area%20A")
    'why? & 100% of Area%20A'
    """
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def names_scenes(text: str) -> bool:
    """Whether a name is that of whole scenes, which are for `geoseg evaluate` alone.

    >>> names_scenes("Scenes:a.tif?truth=b.gpkg"), names_scenes("rrsisd:scenes")
    (True, False)
    """
    return _plain(text.partition(":")[0]) == WHOLE_SCENES


def _example(name: DatasetName, text: str) -> str:
    """A name of the same kind, and of the same place, as it may be written."""
    if name.kind in WITHOUT_PATH:
        return f"'{name.kind}:seed=123456&count=200'"
    return f"'{text.partition('?')[0].strip()}?split=val'"


def _kind(written: str, text: str) -> str:
    """The kind that is meant, however it is hyphened."""
    plain = {_plain(kind): kind for kind in (*SOURCES, WHOLE_SCENES)}
    if names_scenes(text):
        raise DataError(
            f"'{text}' names whole scenes, which geoseg evaluate alone takes; describe the scene "
            "and its layer in a YAML file and give own-layer:FILE.yaml?split=all"
        )
    if _plain(written) in plain:
        return plain[_plain(written)]
    close = get_close_matches(_plain(written), plain, n=1)
    meant = f"did you mean '{plain[close[0]]}'? " if close else ""
    raise DataError(
        f"there is no kind of data set '{written}' in '{text}'; {meant}known are "
        f"{', '.join(SOURCES)} and, for geoseg evaluate, {WHOLE_SCENES}; write e.g. {EXAMPLES}"
    )


def _plain(kind: str) -> str:
    return re.sub(r"[\s_-]", "", kind).lower()


def _settings(said: str, text: str) -> dict[str, str]:
    """What stands behind the question mark."""
    settings = {}
    for part in re.split(r"[&,]", said) if said else ():
        key, equals, value = part.partition("=")
        if not (key and equals and value):
            raise DataError(
                f"'{part}' in '{text}' is no setting; write setting=value, and & between two"
            )
        settings[key.strip().replace("-", "_")] = unescaped(value.strip())
    return settings
