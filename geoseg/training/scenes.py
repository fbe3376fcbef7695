"""Rendered aerial scenes with exact truth."""

from dataclasses import dataclass

import numpy as np
import rasterio.features
from numpy.typing import NDArray
from shapely.geometry import Polygon, shape

from geoseg.training.camera import cast_shadows, new_sun, photograph
from geoseg.training.canvas import Canvas
from geoseg.training.layout import STYLES, plan
from geoseg.training.painting import paint
from geoseg.training.place import new_place
from geoseg.training.thing import LAYERS

CONCEPTS = (
    "building", "road", "tree", "water", "car", "grass", "bare soil", "field", "swimming pool",
    "car park",
)  # fmt: skip
"""What can be asked for in a rendered scene."""


@dataclass(frozen=True, slots=True)
class SceneObject:
    """One thing in a scene; its number in `Scene.ids` is its place in `Scene.objects`."""

    concept: str
    """One of CONCEPTS, or empty for what nobody asks for."""

    colour: str
    """Its colour word, or empty."""

    kind: str
    """How it was painted: gabled, palm, dirt ..."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture and everything in it."""

    rgb: NDArray[np.uint8]
    """(height, width, 3)."""

    ids: NDArray[np.int32]
    """(height, width): which object is seen at each pixel."""

    objects: tuple[SceneObject, ...]
    """What the ids mean."""

    gsd: float
    """Metres per pixel."""

    def mask(self, concept: str, colour: str | None = None) -> NDArray[np.bool_]:
        """Where things of a concept, and of a colour if given, are seen: (height, width)."""
        wanted = [
            thing.concept == concept and colour in (None, thing.colour) for thing in self.objects
        ]
        return np.asarray(wanted)[self.ids]

    def polygons(self, concept: str, colour: str | None = None) -> list[Polygon]:
        """What `mask` shows, as polygons in pixel coordinates (x is the column, y the row)."""
        mask = self.mask(concept, colour)
        traced = rasterio.features.shapes(mask.astype(np.uint8), mask=mask, connectivity=4)
        return [shape(geometry) for geometry, _ in traced]


def render_scene(height: int, width: int, *, gsd: float, seed: int, style: str = "mixed") -> Scene:
    """A scene of that size; the same seed gives the same scene."""
    rng = np.random.default_rng(
        [seed, height, width, round(gsd * 1e4), sorted(STYLES).index(style)]
    )
    canvas = Canvas(height, width, gsd=gsd, rng=rng)
    sun = new_sun(rng)
    things = list(plan(new_place(rng, (height * gsd, width * gsd), style)))
    objects = [SceneObject("", "", "")]
    for layer in LAYERS:
        standing = [thing for thing in things if thing.layer == layer]
        if layer in ("car", "building", "tree"):
            cast_shadows(canvas, standing, sun)
        for thing in standing:
            if not thing.kind.startswith("wing:"):
                objects.append(SceneObject(thing.concept, thing.colour, thing.kind))
            paint(canvas, thing, label=len(objects) - 1, sun=sun)
    return Scene(photograph(canvas.rgb, rng, gsd), canvas.ids, tuple(objects), gsd)


def random_scene(height: int, width: int, *, seed: int) -> Scene:
    """A scene of some style at some resolution between 0.07 and 0.6 m."""
    rng = np.random.default_rng([seed, 1])
    gsd = float(np.exp(rng.uniform(np.log(0.07), np.log(0.6))))
    style = str(rng.choice(sorted(STYLES)))
    return render_scene(height, width, gsd=gsd, seed=seed, style=style)
