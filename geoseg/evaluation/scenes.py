"""Whole scenes with truth on the ground, asked through the pipeline."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import NDArray

from geoseg import pipeline
from geoseg.errors import OptionsError
from geoseg.evaluation.baselines import BASELINES, FULL
from geoseg.evaluation.evaluation import Evaluation
from geoseg.evaluation.instances import Found, Polygons, compared
from geoseg.evaluation.outcomes import Outcome, Outcomes
from geoseg.evaluation.scene_truths import Expression, SceneTruth
from geoseg.options import ImageOptions, RunOptions
from geoseg.progress import Progress
from geoseg.segmenter import ChipSegmenter
from geoseg.training.data.outlines import valid
from geoseg.training.data.own_scene import open_own_raster
from tiles.blending import NO_DATA, OBJECT
from tiles.grid import Roi

ONE_BY_ONE = frozenset({"polygons", "hand", "derived", "empty"})
"""Kinds of truth whose objects can be counted: boxes are no outlines, masks fuse neighbours."""

SCENE = "scene"


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The answer to one expression."""

    mask: NDArray[np.uint8]
    """(height, width): 1 object, 0 not, 255 no data."""

    polygons: Polygons
    """In the scene's CRS."""

    presence: float
    """1 where any chip holds it, else 0: the pipeline tells no more."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one expression."""

    scene: Path
    kind: str
    outcome: Outcome
    valid: int
    """Pixels of the scene that hold data."""
    found: Found
    """Objects one by one; means something for the kinds in `ONE_BY_ONE`."""
    notices: tuple[str, ...] = ()
    """What a user should know of how its scene was read and asked."""

    @property
    def full_iou(self) -> float:
        """The IoU of painting everything."""
        return self.outcome.truth / self.valid if self.valid else 0.0


def evaluate_scenes(
    segmenter: ChipSegmenter,
    scenes: Sequence[SceneTruth],
    *,
    options: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """What a segmenter answers to whole scenes through the pipeline, with these settings."""
    presence = RunOptions.of(options).mask.presence
    rows: dict[str, list[Outcome]] = {name: [] for name in ("", *BASELINES)}
    found: list[Found] = []
    notices: dict[str, None] = {}
    for done, truth in enumerate(scenes, start=1):
        for answered, beside in answers(segmenter, truth, options=options):
            rows[""].append(answered.outcome)
            for name, outcome in beside.items():
                rows[name].append(outcome)
            notices |= {f"{truth.scene.name}: {told}": None for told in answered.notices}
            if answered.kind in ONE_BY_ONE:
                found.append(answered.found)
        if progress is not None:
            progress(done, len(scenes))
    tables = {name: Outcomes.of(listed) for name, listed in rows.items()}
    return Evaluation(
        tables.pop(""),
        tables,
        {SCENE: len(scenes)},
        found=tuple(found),
        presence=presence,
        graded=False,
        notices=tuple(notices),
    )


def answers(
    segmenter: ChipSegmenter, truth: SceneTruth, *, options: Mapping[str, Any] | None = None
) -> Iterator[tuple[Answered, dict[str, Outcome]]]:
    """What became of each expression of one scene, and of the baselines; asked all at once."""
    phrases = [expression.phrase for expression in truth.expressions]
    reading = read_so(RunOptions.of(options), truth.image)
    result = pipeline.segment(truth.scene, phrases, segmenter=segmenter, options=reading)
    if result.mask is None:
        raise OptionsError("a scene is compared by its mask; leave run.keep_rasters at true")
    with open_own_raster(truth.scene, reading.image) as raster:
        transform = raster.geobox.affine
    for place, expression in enumerate(truth.expressions):
        of_query = result.polygons["query"] == expression.phrase
        drawn = Drawn(
            result.mask.values[place],
            result.polygons.geometry[of_query].to_numpy(),
            float(result.report.queries[place].chips_with_it > 0),
        )
        answered, beside = _counted(truth.scene, expression, drawn, transform=transform)
        yield replace(answered, notices=result.report.notices), beside


def read_so(options: RunOptions, image: ImageOptions | None) -> RunOptions:
    """The options with scenes read in another way, if one is given."""
    return options if image is None else options.model_copy(update={"image": image})


def _counted(
    scene: Path, expression: Expression, drawn: Drawn, *, transform: Affine
) -> tuple[Answered, dict[str, Outcome]]:
    data = drawn.mask != NO_DATA
    polygons = expression.truth.to_numpy()
    meant = burnt(polygons, data.shape, transform) & data

    def outcome(answer: NDArray[np.bool_], presence: float) -> Outcome:
        return Outcome(
            scene.name,
            expression.kind,
            expression.phrase,
            intersection=int((meant & answer).sum()),
            truth=int(meant.sum()),
            predicted=int(answer.sum()),
            presence=presence,
            group=str(scene),
        )

    own = drawn.mask == OBJECT
    beside = {
        name: outcome(baseline(own) & data, 1.0 if name == FULL else drawn.presence)
        for name, baseline in BASELINES.items()
    }
    shown = _cut(polygons[visible(polygons, data, transform)], data.shape, transform)
    found = replace(compared(shown, drawn.polygons), scene=str(scene))
    counted = outcome(own, drawn.presence)
    return Answered(scene, expression.kind, counted, int(data.sum()), found), beside


def _cut(polygons: Polygons, shape: Sequence[int], transform: Affine) -> Polygons:
    """What lies on a scene (height, width) of polygons that go on beyond it."""
    height, width = shape
    ends = ((0, 0), (width, 0), (width, height), (0, height))
    ground = shapely.Polygon([transform * end for end in ends])
    return valid(np.asarray(shapely.intersection(valid(polygons), ground), np.object_))


def visible(polygons: Polygons, data: NDArray[np.bool_], transform: Affine) -> NDArray[np.bool_]:
    """Which polygons (n,) cover the centre of at least one pixel that holds data: (n,)."""
    back = ~transform
    turn, move = np.array([[back.a, back.b], [back.d, back.e]]), np.array([back.c, back.f])
    bounds = shapely.bounds(shapely.transform(polygons, lambda places: places @ turn.T + move))
    seen = [
        _covers(polygon, data, _window(limits, data.shape), transform)
        for polygon, limits in zip(polygons, bounds, strict=True)
    ]
    return np.array(seen, bool)


def _window(limits: NDArray[np.float64], shape: Sequence[int]) -> Roi:
    """The pixels of a raster (height, width) between left, top, right and bottom, in pixels."""
    left, top, right, bottom = limits
    height, width = shape
    rows, columns = (
        slice(*np.clip([math.floor(low), math.ceil(high)], 0, length).tolist())
        for low, high, length in ((top, bottom, height), (left, right, width))
    )
    return rows, columns


def _covers(
    polygon: shapely.Geometry, data: NDArray[np.bool_], roi: Roi, transform: Affine
) -> bool:
    """Whether a polygon, which lies in a window, covers a pixel there that holds data."""
    rows, columns = roi
    here = data[roi]
    if not here.any():
        return False
    corner = transform * Affine.translation(columns.start, rows.start)
    return bool((burnt(np.array([polygon]), here.shape, corner) & here).any())


def burnt(polygons: Polygons, shape: tuple[int, ...], transform: Affine) -> NDArray[np.bool_]:
    """The pixels (height, width) whose centre the polygons cover."""
    if not len(polygons):
        return np.zeros(shape, bool)
    return np.asarray(rasterio.features.rasterize(polygons, shape, transform=transform) > 0)
