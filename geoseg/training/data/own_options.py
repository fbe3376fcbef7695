"""Every setting of a data set of the user's own."""

from pathlib import Path

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_serializer,
    field_validator,
)

from geoseg.errors import QueryError
from geoseg.options import ChipOptions, ImageOptions, at_home
from geoseg.query import as_queries
from geoseg.training.data.folders import LOCAL, is_remote
from geoseg.training.data.templates import Template

LARGEST_CHIP = 4096
"""Pixels along one side; of 10,000 a batch would not fit in memory."""


class OwnLayerOptions(BaseModel):
    """Images, a layer of polygons, and what its attributes are called in words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    images: tuple[str, ...] = Field(
        min_length=1, description="GeoTIFFs or patterns such as scenes/*.tif."
    )
    layer: str = Field(description="A vector file with polygons.")
    layer_name: str | None = Field(default=None, description="Which layer, where there are some.")
    layer_crs: str | None = Field(
        default=None, description="Its CRS, in place of the one that it says."
    )
    image: ImageOptions = Field(default=ImageOptions(), description="As in a run.")
    phrases: tuple[Template, ...] = Field(min_length=1, description="What the polygons are called.")
    absent_phrases: tuple[str, ...] = Field(
        default=(), description="What is on none of the images, to be refused."
    )
    chip: int = Field(
        default=448, ge=8, le=LARGEST_CHIP, description="Pixels along one side of a chip."
    )
    overlap: int | None = Field(
        default=None, ge=0, description="Pixels that two chips share at least; as in a run."
    )
    absent: int = Field(default=4, ge=0, description="Absent phrases asked of one chip at most.")
    empty_share: float = Field(
        default=0.1, ge=0, lt=1, description="Share of chips without any of the polygons."
    )
    fewest_pixels: int = Field(
        default=16, ge=1, description="With fewer, a chip neither has nor lacks what is meant."
    )
    validation_share: float = Field(
        default=0.2,
        ge=0,
        lt=1,
        description="Share of the squares of ground kept for validation, on average.",
    )
    block_chips: int = Field(
        default=4, ge=1, description="Least side of the squares of ground, in chips."
    )
    seed: int = Field(default=0, ge=0, description="Decides every random choice.")

    @property
    def least_overlap(self) -> int:
        """Pixels that two chips share at least, said or not."""
        return ChipOptions(overlap=self.overlap).overlap_of(self.chip)

    @field_validator("overlap")
    @classmethod
    def _within_a_chip(cls, overlap: int | None, info: ValidationInfo) -> int | None:
        chip = info.data.get("chip")  # missing where it is wrong itself
        if overlap is not None and chip is not None and overlap >= chip:
            raise ValueError(f"must be 0 to {chip - 1} for chips of {chip} pixels")
        return overlap

    @field_validator("absent_phrases")
    @classmethod
    def _askable(cls, phrases: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(query.phrase for query in as_queries(phrases)) if phrases else ()
        except QueryError as error:
            raise ValueError(f"holds what cannot be asked ({error})") from error

    @field_validator("images")
    @classmethod
    def _at_home(cls, images: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(_expanded, images))

    @field_validator("layer")
    @classmethod
    def _layer_at_home(cls, layer: str) -> str:
        return _expanded(layer)

    @field_serializer("images", when_used="json")
    def _whole_images(self, images: tuple[str, ...]) -> tuple[str, ...]:
        """Whole paths: written down, the same files are the same from any folder."""
        return tuple(map(_whole, images))

    @field_serializer("layer", when_used="json")
    def _whole_layer(self, layer: str) -> str:
        return _whole(layer)


def _expanded(path: str) -> str:
    """The path with the user's own folder in place of ~."""
    if is_remote(path):
        raise ValueError(LOCAL)
    return at_home(path)


def _whole(path: str) -> str:
    """The path, or pattern, from the root."""
    return str(Path(path).resolve())
