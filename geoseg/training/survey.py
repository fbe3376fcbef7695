"""What the data sets of a run hold, counted before it starts."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from geoseg.progress import Progress
from geoseg.training.batches import Examples
from geoseg.training.chips import SHARD
from geoseg.training.data.check import NO_TARGET, check
from geoseg.training.data.own_layer import OwnLayerSource, OwnSummary
from geoseg.training.data.rendered import RenderedSource
from geoseg.training.data.samples import Source
from geoseg.training.data_options import RenderedData

LOOKED = 24
"""Rendered chips that are looked at: each costs a moment, and they are all alike."""

Role = Literal["learning", "validation"]


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What one data set holds."""

    name: str

    role: Role
    """What it is for."""

    images: int

    chips: int
    """What is shown of them in one round; without number for scenes cut at random: 0."""

    read: int
    """How many chips the figures below are about."""

    phrases: int

    absent: float
    """Share of the phrases that ask for what is not there."""

    said: tuple[str, ...]
    """Every phrase once, the commonest first."""

    own: OwnSummary | None = None
    """What became of the user's own layer and images."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What a user should know before learning from it."""
        told = noticed(self.own) if self.own else ()
        hopeless = self.phrases and self.absent == 1
        return (*told, NO_TARGET.removeprefix("warning: ")) if hopeless else told


def notices_of(source: Source) -> tuple[str, ...]:
    """What a user should know of a data set, as far as that is known without reading it."""
    return noticed(source.summary()) if isinstance(source, OwnLayerSource) else ()


def noticed(own: OwnSummary) -> tuple[str, ...]:
    """What a user should know of an own layer and of its images."""
    of_images = (f"{image.path.name}: {notice}" for image in own.images for notice in image.notices)
    return (*_of_features(own), *own.notices, *of_images)


def _of_features(own: OwnSummary) -> Iterator[str]:
    """A sentence about features that are not as they were drawn, if there are some."""
    counted = (
        (own.empty, "left out, without an outline"),
        (own.invalid, "left out, without ground inside"),
        (own.outside, "on none of the images"),
        (own.mended, "mended, as their outlines crossed themselves"),
    )
    if told := "; ".join(f"{count:,} {why}" for count, why in counted if count):
        yield f"of the {own.features:,} polygons in {own.layer}: {told}"


def survey_of(source: Source, role: Role, progress: Progress | None = None) -> Survey:
    """What a data set holds, all of it read once; scenes rendered when asked for in part."""
    if isinstance(source, RenderedSource):
        looked = [source[index].asked for index in range(min(LOOKED, len(source)))]
        asked = [(one.phrase, one.present) for sample in looked for one in sample]
        return counted(source.name, role, asked, images=len(source), read=len(looked))
    found = check(source, progress)
    said = Counter(phrase for index in range(len(source)) for phrase in source.phrases(index))
    own = source.summary() if isinstance(source, OwnLayerSource) else None
    return Survey(
        source.name,
        role,
        images=sum(bool(image.chips) for image in own.images) if own else found.entries,
        chips=found.entries,
        read=found.entries,
        phrases=found.phrases,
        absent=1 - found.targets / max(found.phrases, 1),
        said=tuple(phrase for phrase, _ in said.most_common()),
        own=own,
    )


def survey_of_scenes(data: RenderedData, examples: Examples) -> Survey:
    """What is asked of scenes kept on disk, from the first chips that would be learned from."""
    looked = [examples(place) for place in range(LOOKED)]
    asked = [
        (phrase, bool(mask.any()))
        for example in looked
        for phrase, mask in zip(example.phrases, example.masks, strict=True)
    ]
    images = data.shards * SHARD
    return counted("rendered scenes", "learning", asked, images=images, read=LOOKED, chips=0)


def counted(
    name: str,
    role: Role,
    asked: Iterable[tuple[str, bool]],
    *,
    images: int,
    read: int,
    chips: int | None = None,
) -> Survey:
    """What phrases about some chips, and whether they have a target, say of a data set."""
    all_asked = list(asked)
    said = Counter(phrase for phrase, _ in all_asked)
    there = sum(present for _, present in all_asked)
    return Survey(
        name,
        role,
        images=images,
        chips=images if chips is None else chips,
        read=read,
        phrases=len(all_asked),
        absent=1 - there / max(len(all_asked), 1),
        said=tuple(phrase for phrase, _ in said.most_common()),
    )
