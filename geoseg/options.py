"""Every setting of a run, declared once."""

import os.path
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo

from geoseg.errors import OptionsError
from geoseg.segmenter import Running
from geoseg.yaml_file import load_yaml
from tiles.colour import SHOWABLE, stretch_mode
from tiles.resampling import COARSEST_M, FINEST_M


def _setting(default: Any, flag: str, help_: str, /, **limits: Any) -> Any:  # noqa: ANN401 pydantic's own
    """A field with its place on the command line: `flag` is "--name METAVAR" or "-n/--name ...".

    Anything else is a limit that pydantic knows, such as ge=0.
    """
    return Field(default, description=help_, json_schema_extra={"flag": flag}, **limits)


def _numbers(value: object) -> object:
    """Text such as "1,2,3" as a list; anything else as it is."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def at_home(path: str) -> str:
    """The path with the user's own folder in place of ~, which no shell has read."""
    return os.path.expanduser(path)  # noqa: PTH111 Path raises where ~somebody is nobody


USUAL_OVERLAP = 64
"""Pixels; at 448 a seventh of the chip, so the model sees context on both sides of every seam."""


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_numbers(cls, value: object, info: ValidationInfo) -> object:
        """Refuse yes and no where a number is wanted: Python would take them for 1 and 0."""
        wanted = cls.model_fields[str(info.field_name)].annotation
        listed = value if isinstance(value, list | tuple) else [value]
        if wanted is not bool and any(isinstance(one, bool) for one in listed):
            raise ValueError("must be a number or text, not yes or no")
        return value


class ChipOptions(_Group):
    """How the scene is cut into chips."""

    overlap: int | None = _setting(
        None,
        "--overlap PX",
        "Pixels that two neighbouring chips share at least. "
        "Where not given 64, or half of a chip smaller than 128.",
        ge=0,
    )
    batch: int = _setting(4, "--batch N", "Chips sent to the model at once.", ge=1)

    def overlap_of(self, chip_size: int) -> int:
        """The overlap for chips of a size.

        >>> ChipOptions().overlap_of(448), ChipOptions().overlap_of(32)
        (64, 16)
        """
        return min(USUAL_OVERLAP, chip_size // 2) if self.overlap is None else self.overlap


class ImageOptions(_Group):
    """How the raster is read and shown to the model."""

    bands: Annotated[tuple[int, ...] | None, BeforeValidator(_numbers)] = _setting(
        None,
        "-b/--bands LIST",
        "Bands for red, green and blue, counted from 1, such as 3,2,1; one band is shown as grey. "
        "Chosen by the raster's own tags where not given.",
    )
    stretch: str = _setting(
        "auto",
        "--stretch HOW",
        "From values to brightness, one rule for the whole scene: auto (8-bit as it is, "
        "else percentiles 2 to 98), none, minmax, LOW,HIGH or P%,P%.",
    )
    nodata: float | None = _setting(
        None,
        "--nodata VALUE",
        "The value that means no data, in place of the raster's own tag; nan: no value does.",
        allow_inf_nan=True,
    )
    assign_crs: str | None = _setting(
        None,
        "--assign-crs CRS",
        "The CRS of the scene where its file does not say it, such as EPSG:32636.",
    )
    gsd: float | None = _setting(
        None, "--gsd METRES", "Metres per pixel to read the scene at; its own where not given.",
        ge=FINEST_M, le=COARSEST_M,
    )  # fmt: skip

    @field_validator("stretch")
    @classmethod
    def _known_stretch(cls, stretch: str) -> str:
        stretch_mode(stretch)
        return stretch

    @field_validator("bands")
    @classmethod
    def _grey_or_colour(cls, bands: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if bands is not None and len(bands) not in SHOWABLE:
            raise ValueError("must name one band (grey) or three (red, green, blue)")
        return bands


class MaskOptions(_Group):
    """From the model's answers to the mask."""

    threshold: float = _setting(
        0.5, "--threshold T", "A pixel whose score is at least this is part of the object.", ge=0,
        le=1,
    )  # fmt: skip
    presence: float = _setting(
        0.5,
        "--presence P",
        "A chip whose presence is below this says 'not here' and has no part in the mask.",
        ge=0,
        le=1,
    )
    scores: str | None = _setting(
        None, "--scores FILE.tif", "Also write the scores (0 to 1, one band per query) here."
    )

    @field_validator("scores")
    @classmethod
    def _scores_at_home(cls, scores: str | None) -> str | None:
        return None if scores is None else at_home(scores)


class PolygonOptions(_Group):
    """From the mask to polygons."""

    min_area_m2: float = _setting(
        0.0, "--min-area M2", "Leave out polygons smaller than this many square metres.", ge=0
    )
    simplify_m: float = _setting(
        0.0, "--simplify M", "Smooth outlines by at most this many metres; 0 keeps every pixel.",
        ge=0,
    )  # fmt: skip

    style: bool = _setting(
        False, "--style", "Add a style to GeoPackages: one colour per query in QGIS."
    )


class ModelOptions(_Group):
    """Which model answers, and where it runs."""

    name: str | None = _setting(
        None,
        "--model M",
        "The model: geoseg-tiny (the default), the folder of a checkpoint, or a hub id.",
    )
    device: str = _setting(
        "auto",
        "--device DEV",
        "Where the model runs: auto, cpu, cuda:0, or all to spread it over every GPU.",
        pattern=r"^(auto|cpu|all|cuda(:\d+)?)$",
    )
    dtype: Literal["auto", "float32", "bfloat16", "float16", "fp32", "bf16", "fp16"] = _setting(
        "auto",
        "--dtype DTYPE",
        "Numbers the model computes in: auto (bfloat16 on a GPU where the checkpoint is so stored, "
        "else float32), float32, bfloat16 or float16 (also fp32, bf16, fp16).",
    )
    mode: Literal["auto", "gres", "res", "mask"] = _setting(
        "auto",
        "--mode MODE",
        "How presence is decided: gres (the model's own choice), res (everything is taken to be "
        "there), mask (from the mask, for models that cannot refuse), or auto.",
    )
    quantize: Literal["none", "8bit", "4bit"] = _setting(
        "none", "--quantize BITS", "Keep the model's large weights in 8bit or 4bit, or none."
    )
    compile: bool = _setting(
        False, "--compile", "Compile the model first: slow to start, then faster on a GPU."
    )

    @property
    def running(self) -> Running:
        """The same, as models take it."""
        return Running(self.device, self.dtype, self.mode, self.quantize, compile=self.compile)


class RunSettings(_Group):
    """What the run may do."""

    overwrite: bool = _setting(False, "--overwrite", "Replace outputs that exist already.")
    keep_going: bool = _setting(
        False,
        "--keep-going",
        "Report chips that fail and leave them as no data, instead of stopping.",
    )
    keep_rasters: bool = _setting(
        True,
        "",
        "Keep mask and scores readable from the result, in scratch space on disk (Python only).",
    )


class RunOptions(_Group):
    """Every setting of a run, in groups; unknown keys are refused."""

    chips: ChipOptions = ChipOptions()
    image: ImageOptions = ImageOptions()
    mask: MaskOptions = MaskOptions()
    polygons: PolygonOptions = PolygonOptions()
    model: ModelOptions = ModelOptions()
    run: RunSettings = RunSettings()

    def __init__(self, **groups: Any) -> None:  # noqa: ANN401 pydantic checks them
        """Check what is given; `OptionsError` says all that is wrong with it."""
        try:
            super().__init__(**groups)
        except ValidationError as error:
            raise OptionsError(_explained(error)) from None

    @classmethod
    def of(cls, given: "RunOptions | Mapping[str, Any] | str | Path | None") -> Self:
        """Options from options, a nested mapping, the path of a YAML file, or nothing."""
        if given is None:
            return cls()
        if isinstance(given, cls):
            return given
        if isinstance(given, str | Path):
            return cls.of(load_yaml(given))
        if not isinstance(given, Mapping):
            raise OptionsError(
                f"options are groups such as {{'mask': {{'threshold': 0.5}}}}, but {given!r} was "
                "given; see docs/options.md"
            )
        # a group with nothing under it is all defaults
        return cls(**{str(name): {} if under is None else under for name, under in given.items()})


def settings() -> Iterator[tuple[str, str, FieldInfo]]:
    """Group, name and declaration of every setting."""
    for group, holder in RunOptions.model_fields.items():
        options = holder.annotation
        if isinstance(options, type) and issubclass(options, BaseModel):
            for name, field in options.model_fields.items():
                yield group, name, field


def flag_of(field: FieldInfo) -> str:
    """How the command line calls a setting, such as "--overlap PX"; empty where it has no flag."""
    extra = field.json_schema_extra
    return str(extra["flag"]) if isinstance(extra, dict) else ""


def variable_of(flag: str) -> str:
    """The environment variable that stands for a flag.

    >>> variable_of("-b/--min-area")
    'GEOSEG_MIN_AREA'
    """
    return "GEOSEG_" + flag.rsplit("--", 1)[1].upper().replace("-", "_")


WORDS = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be yes or no",
    "string_type": "must be text",
    "string_pattern_mismatch": "must be auto, cpu, cuda:0 or all",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "model_type": "must be a group of settings, such as 'threshold: 0.5' under 'mask:'",
}
"""What is wrong, by pydantic's name of it, in the user's words."""


def _known(location: tuple[int | str, ...]) -> str:
    """The keys that may stand where an unknown one was found."""
    names = [name for group, name, _ in settings() if len(location) > 1 and group == location[0]]
    return ", ".join(names or RunOptions.model_fields)


def _explained(error: ValidationError) -> str:
    """All that is wrong with the options, in the user's words."""
    flags = {(group, name): flag_of(field).split(" ")[0] for group, name, field in settings()}
    lines = []
    for wrong in error.errors():
        location = wrong["loc"]
        key = ".".join(map(str, location)) or "options"
        if wrong["type"] == "extra_forbidden":
            lines.append(f"unknown option '{key}'; known here are: {_known(location)}")
            continue
        flag = flags.get((str(location[0]), str(location[1])) if len(location) > 1 else ("", ""))
        means = f" ({flag}, {variable_of(flag)})" if flag else ""
        told = wrong["msg"].removeprefix("Input ").removeprefix("Value error, ")
        told = WORDS.get(wrong["type"], told).format(**wrong.get("ctx", {}))
        lines.append(f"{key}{means} {told}, but {wrong['input']!r} was given")
    return "\n".join(lines)
