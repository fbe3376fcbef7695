"""Scenes that come out otherwise must say so: files of former ones lie on people's disks."""

from pprint import pformat

import numpy as np
import pytest

from geoseg.training.chips import RENDERER
from geoseg.training.scenes import Scene, random_scene

SIDE = 96

FOR_RENDERER = 2
"""The version of the renderer that the numbers below are of."""

Figures = tuple[int, int, float, float, float]
"""Things, pixels, and the mean red, green and blue of these."""

PINNED: dict[int, dict[str, Figures]] = {
    0: {
        "": (1, 396, 186.02, 185.19, 153.57),
        "bare soil": (2, 656, 176.9, 156.68, 116.25),
        "beach": (1, 2416, 219.52, 196.11, 143.4),
        "building": (3, 530, 103.19, 134.54, 150.62),
        "car": (1, 57, 211.39, 206.95, 201.96),
        "driveway": (2, 45, 185.56, 176.69, 146.27),
        "grass": (4, 2480, 135.88, 125.47, 81.12),
        "road": (1, 1375, 135.8, 120.54, 114.94),
        "sea": (1, 611, 140.82, 162.65, 132.08),
        "solar panel": (1, 49, 81.37, 95.45, 100.27),
        "swimming pool": (1, 109, 148.55, 228.62, 205.68),
        "tree": (6, 492, 145.43, 129.04, 72.49),
    },
    14: {
        "": (1, 74, 165.31, 167.49, 146.53),
        "bare soil": (2, 1400, 165.35, 165.09, 145.82),
        "baseball field": (1, 2664, 127.08, 149.6, 103.65),
        "building": (6, 224, 118.98, 126.71, 115.4),
        "car": (3, 24, 114.08, 116.54, 116.29),
        "crosswalk": (2, 90, 164.2, 169.26, 159.77),
        "driveway": (5, 161, 151.72, 154.55, 138.39),
        "grass": (6, 2271, 140.65, 153.02, 112.61),
        "pavement": (4, 451, 188.1, 193.93, 174.25),
        "road": (4, 1696, 120.23, 125.43, 116.69),
        "tree": (9, 161, 99.7, 112.03, 92.68),
    },
    25: {
        "": (1, 1155, 118.66, 114.04, 118.38),
        "boat": (44, 1007, 114.55, 116.73, 126.43),
        "car": (5, 26, 102.19, 98.69, 102.42),
        "car park": (1, 554, 100.16, 96.5, 100.3),
        "pier": (3, 519, 87.61, 83.95, 83.36),
        "sea": (1, 5955, 41.74, 58.36, 69.21),
    },
    33: {
        "": (1, 0, 0, 0, 0),
        "airplane": (1, 29, 190.21, 217.52, 191.07),
        "apron": (1, 903, 179.76, 205.75, 173.26),
        "building": (6, 1431, 157.46, 179.24, 154.6),
        "grass": (3, 6658, 149.41, 148.03, 98.87),
        "river": (1, 195, 55.53, 77.69, 68.07),
    },
}

PIXELS = 0.005
"""Share of a concept's pixels that processors may round to other places."""

LEVELS = 0.5
"""Grey levels by which processors and JPEG libraries may differ in the mean of many pixels."""

MANY = 400
"""Of so many pixels the mean colour is compared; of fewer, one pixel more would change it."""


def figures(scene: Scene) -> dict[str, Figures]:
    """What there is of each concept in a scene; "" is what nobody asks for."""
    concepts = sorted({thing.concept for thing in scene.objects})
    return {concept: figures_of(scene, concept) for concept in concepts}


def figures_of(scene: Scene, concept: str) -> Figures:
    mask = scene.mask(concept)
    red, green, blue = (
        np.round(scene.rgb[mask].mean(axis=0), 2).tolist() if mask.any() else (0,) * 3
    )
    count = sum(thing.concept == concept for thing in scene.objects)
    return count, int(mask.sum()), red, green, blue


def alike(found: Figures, pinned: Figures) -> bool:
    """Whether figures differ by no more than processors do."""
    (things, pixels, *colour), (of_things, of_pixels, *of_colour) = found, pinned
    if things != of_things or abs(pixels - of_pixels) > max(PIXELS * of_pixels, 1):
        return False
    return of_pixels < MANY or np.allclose(colour, of_colour, rtol=0, atol=LEVELS)


@pytest.mark.parametrize("seed", PINNED)
def test_the_scene_of_a_seed_comes_out_as_this_version_of_the_renderer_makes_it(seed: int) -> None:
    found, pinned = figures(random_scene(SIDE, SIDE, seed=seed)), PINNED[seed]
    same = found.keys() == pinned.keys() and all(alike(found[one], pinned[one]) for one in found)
    assert same, (
        f"the scene of seed {seed} comes out otherwise than version {FOR_RENDERER} of the renderer "
        "made it: raise RENDERER in geoseg/training/chips.py by one, so that scenes kept on disk "
        "are refused, raise FOR_RENDERER here to the same, and put in these numbers (and those of "
        f"the other seeds):\n{seed}: {pformat(found)}"
    )


def test_the_numbers_are_those_of_this_version_of_the_renderer() -> None:
    assert RENDERER == FOR_RENDERER, (
        f"RENDERER is {RENDERER}, but the numbers in this file are of version {FOR_RENDERER}: "
        "put in those of the new version"
    )
