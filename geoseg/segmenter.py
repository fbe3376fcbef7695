"""The seam between GIS and model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from geoseg.checkpoint import published_facts
from geoseg.errors import ModelError
from geoseg.query import Query

EMBEDDED = "geoseg-tiny"
"""The model that comes with the package."""


@dataclass(frozen=True, slots=True, eq=False)
class ChipAnswer:
    """What a model says about one chip, for every query."""

    probability: NDArray[np.float32]
    """(queries, height, width), 0..1: is this pixel part of what the query asks for."""

    presence: NDArray[np.float32]
    """(queries,), 0..1: is there anything in this chip that the query asks for."""

    def __post_init__(self) -> None:
        """Refuse answers that cannot be blended."""
        probability, presence = np.asarray(self.probability), np.asarray(self.presence)
        if probability.ndim != 3 or presence.shape != probability.shape[:1]:  # noqa: PLR2004 axes
            raise ValueError(
                f"an answer holds probability (queries, height, width) and presence (queries,), "
                f"but {probability.shape} and {presence.shape} were given"
            )
        for name, values in (("probability", probability), ("presence", presence)):
            # `not (...)` also catches NaN
            if values.size and not (values.min() >= 0 and values.max() <= 1):
                raise ValueError(
                    f"{name} lies in 0..1, but {values.min()}..{values.max()} was given"
                )
        object.__setattr__(self, "probability", probability.astype(np.float32, copy=False))
        object.__setattr__(self, "presence", presence.astype(np.float32, copy=False))


@dataclass(frozen=True, slots=True)
class Running:
    """How a model is to run."""

    device: str = "auto"
    """"auto", "cpu", "cuda:N", or "all" for a model spread over every GPU."""

    dtype: str = "auto"
    """"auto", "float32", "bfloat16" or "float16"."""

    mode: str = "auto"
    """What presence comes from: "gres" the model's own choice between [SEG] and [REJ], "res"
    nothing (everything is taken to be there), "mask" the mask; "auto" is "gres" where the model
    can choose, else "mask"."""

    quantize: str = "none"
    """Bits of the large weights: "none" as the dtype says, "8bit" or "4bit"."""

    compile: bool = False
    """Whether torch compiles the heavy parts: minutes at the start, faster afterwards."""


@runtime_checkable
class ChipSegmenter(Protocol):
    """Anything that finds queries in RGB chips.

    The answer for a chip and a query must not depend on which other chips or queries are asked
    in the same call. `segment` is always called from the same thread, which is not the one that
    called `geoseg.segment`; the arrays it returns are copied before the next call.
    """

    @property
    def chip_size(self) -> int:
        """Rows and columns of the chips it wants."""
        ...

    def segment(self, chips: NDArray[np.uint8], queries: Sequence[Query]) -> list[ChipAnswer]:
        """One answer per chip, in order; `chips` is RGB (n, chip_size, chip_size, 3)."""
        ...


def embedded_folder() -> Path:
    """Where the embedded model's files lie."""
    return Path(__file__).parent / "weights" / EMBEDDED


def checkpoint_folder(name: str | Path) -> Path | None:
    """The local folder a model's name means; None where the name is a hub id.

    >>> checkpoint_folder("geoseg-tiny").name
    'geoseg-tiny'
    """
    if str(name) == EMBEDDED:
        return embedded_folder()
    folder = Path(name).expanduser()
    if str(name) and folder.is_dir():
        return folder
    if folder.is_file():
        raise ModelError(f"'{name}' is a file; a checkpoint is the folder that holds it")
    if re.fullmatch(r"[\w-][\w.-]*/[\w.-]+(@[\w./-]+)?", str(name)):
        check_no_path(str(name))
        return None
    raise ModelError(
        f"there is no model called '{name}'; give '{EMBEDDED}', the folder of a checkpoint, "
        "or a hub id such as 'owner/name' or 'owner/name@revision'"
    )


def check_no_path(hub_id: str) -> None:
    """Raise where a hub id without a revision is rather the mistyped path of a folder here."""
    parent, _, child = hub_id.partition("/")
    if "@" in child or published_facts(hub_id) or not Path(parent).is_dir():
        return
    beside = sorted(path.name for path in Path(parent).iterdir() if path.is_dir())
    alike = [f"'{parent}/{name}'" for name in get_close_matches(child, beside, n=3)]
    meant = f" (did you mean {' or '.join(alike)}?)"
    raise ModelError(
        f"there is no folder '{hub_id}'{meant if alike else ''}; if it is a model on the hub,"
        f" say '{hub_id}@main'"
    )


def load_segmenter(
    model: "str | Path | ChipSegmenter" = EMBEDDED, running: Running | None = None
) -> ChipSegmenter:
    """A model ready to be asked.

    `model` is the name of the embedded model, the folder of a checkpoint, a hub id, or any object
    that already is a `ChipSegmenter`, which is returned as it is. Raises `ModelError` or its
    child `CheckpointError`.
    """
    if not isinstance(model, str | Path):
        return _checked(model)
    folder = checkpoint_folder(model)
    # the one import inside a function: torch costs seconds, and only a run with a model needs it
    from geoseg.models.hub import fetched  # noqa: PLC0415
    from geoseg.models.mllmseg.segmenter import MLLMSegSegmenter  # noqa: PLC0415

    if folder is not None:
        return MLLMSegSegmenter.load(folder, running)
    found = fetched(str(model))
    called = f"{str(model).partition('@')[0]}@{found.commit}"
    return MLLMSegSegmenter.load(found.folder, running, called=called)


def name_of(model: ChipSegmenter, asked: "str | Path | ChipSegmenter") -> str:
    """What reports call a model that was `asked` for.

    A segmenter may say so itself in `called`, such as a hub id with the hash of its commit.
    """
    called = getattr(model, "called", None)
    if isinstance(called, str):
        return called
    return str(asked) if isinstance(asked, str | Path) else type(asked).__name__


def running_of(model: ChipSegmenter) -> str:
    """How a model runs, in words, where it says so in `running_as`; else empty."""
    told = getattr(model, "running_as", "")
    return told if isinstance(told, str) else ""


def notices_of(model: ChipSegmenter, queries: Sequence[Query]) -> tuple[str, ...]:
    """What a model has to say about the queries, such as words it does not know.

    A segmenter may have a method `notices_for(queries)`; it need not.
    """
    tell = getattr(model, "notices_for", None)
    return () if tell is None else tuple(tell(queries))


def _checked(model: ChipSegmenter) -> ChipSegmenter:
    if isinstance(model, type):
        name = model.__name__
        raise ModelError(f"{name} is a class; pass an object of it, such as {name}()")
    if not isinstance(model, ChipSegmenter):
        raise ModelError(
            f"{model!r} cannot be asked: a segmenter has `chip_size` and "
            "`segment(chips, queries)`; see geoseg.ChipSegmenter"
        )
    size = model.chip_size
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
        raise ModelError(f"the segmenter's chip_size must be a whole number >= 1, not {size!r}")
    return model
