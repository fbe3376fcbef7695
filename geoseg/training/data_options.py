"""Which data a training run learns from and is measured on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from geoseg.errors import OptionsError
from geoseg.options import at_home
from geoseg.training.chips import SHARD
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data.rendered import RenderedSource, check_learnable
from geoseg.training.data.sources import is_rendered, open_source

HomePath = Annotated[Path, AfterValidator(lambda path: Path(at_home(str(path))))]
"""A path that may begin with ~."""


class Group(BaseModel):
    """Settings that belong together; an unknown one is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _listed(value: object) -> object:
    """One name as a list of one; anything else as it is."""
    return [value] if isinstance(value, str) else value


class NamedData(Group):
    """Data sets by their names, as in `geoseg evaluate`."""

    train: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(
        min_length=1, description="One or several, such as rrsisd:/data/RRSIS-D?split=train."
    )
    validation: str | None = Field(default=None, description="What is measured on.")

    @field_validator("train")
    @classmethod
    def _not_kept(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse rendered scenes that are kept for measuring."""
        for name in names:
            if is_rendered(name) and isinstance(source := open_source(name), RenderedSource):
                check_learnable(source.seeds)
        return names


class RenderedData(Group):
    """Scenes rendered once and kept on disk."""

    scenes: HomePath = Field(description="Folder of rendered scenes, made if missing.")
    shards: int = Field(default=300, ge=1, description="Files of 32 scenes to make.")
    first_seed: int = Field(default=0, ge=0, description="Seed of the first scene.")
    validation: str | None = Field(
        default="rendered:seed=900000000&count=256", description="What is measured on."
    )

    @model_validator(mode="after")
    def _not_kept(self) -> Self:
        """Refuse scenes that are kept for measuring."""
        check_learnable(range(self.first_seed, self.first_seed + self.shards * SHARD))
        return self


Data = OwnLayerOptions | NamedData | RenderedData


def data_of(content: object, folder: Path) -> Data:
    """The data that a group of settings describes."""
    if not isinstance(content, Mapping):
        raise OptionsError(
            "there is no group 'data:'; write 'data: {train: NAME}' with the name of a data set, "
            "or describe your own images and polygons; see configs/train/own-layer.yaml"
        )
    if "scenes" in content:
        return RenderedData.model_validate(content)
    if "train" in content:
        return NamedData.model_validate(content)
    own = OwnLayerOptions.model_validate(content)
    return own.model_copy(
        update={
            "images": tuple(str(folder / image) for image in own.images),
            "layer": str(folder / own.layer),
        }
    )
