import numpy as np
import pytest

from geoseg.training.layout import STYLES
from geoseg.training.scenes import CONCEPTS, Scene, random_scene, render_scene


@pytest.fixture(scope="module")
def town() -> Scene:
    return render_scene(300, 400, gsd=0.3, seed=4, style="town")


def test_a_scene_has_the_size_that_was_asked_for(town: Scene) -> None:
    assert town.rgb.shape == (300, 400, 3)
    assert town.rgb.dtype == np.uint8
    assert town.ids.shape == (300, 400)


def test_the_same_seed_gives_the_same_scene(town: Scene) -> None:
    again = render_scene(300, 400, gsd=0.3, seed=4, style="town")
    np.testing.assert_array_equal(again.rgb, town.rgb)
    np.testing.assert_array_equal(again.ids, town.ids)
    assert again.objects == town.objects


def test_another_seed_gives_another_scene(town: Scene) -> None:
    assert (render_scene(300, 400, gsd=0.3, seed=5, style="town").ids != town.ids).any()


def test_every_pixel_belongs_to_a_known_object(town: Scene) -> None:
    assert town.ids.min() >= 0
    assert town.ids.max() < len(town.objects)


def test_concepts_are_only_those_that_can_be_asked_for() -> None:
    for seed, style in enumerate(sorted(STYLES)):
        scene = render_scene(160, 160, gsd=0.4, seed=seed, style=style)
        assert {thing.concept for thing in scene.objects} <= {"", *CONCEPTS}


def test_roofs_and_cars_have_a_colour_word_and_nothing_else_has(town: Scene) -> None:
    for thing in town.objects:
        assert bool(thing.colour) == (thing.concept in ("building", "car"))


def test_the_masks_of_all_colours_make_up_the_mask_of_the_concept(town: Scene) -> None:
    colours = {thing.colour for thing in town.objects if thing.concept == "building"}
    parts = sum(town.mask("building", colour).astype(int) for colour in colours)
    np.testing.assert_array_equal(parts, town.mask("building").astype(int))


def test_concepts_do_not_share_pixels(town: Scene) -> None:
    layers = sum(town.mask(concept).astype(int) for concept in CONCEPTS)
    assert np.max(layers) <= 1


def test_polygons_cover_exactly_the_mask(town: Scene) -> None:
    polygons = town.polygons("building")
    assert polygons
    assert sum(polygon.area for polygon in polygons) == town.mask("building").sum()


def test_what_is_not_in_a_scene_has_no_polygons(town: Scene) -> None:
    assert town.polygons("glacier") == []


@pytest.mark.parametrize("name", ["white", "black", "red", "blue", "green", "yellow"])
def test_roofs_look_as_their_colour_word_says(name: str) -> None:
    seen = []
    for seed in range(8):
        scene = render_scene(224, 224, gsd=0.3, seed=seed, style="informal")
        mask = scene.mask("building", name)
        if mask.any():
            seen.append(
                scene.rgb[mask].mean(axis=0) - scene.rgb[scene.mask("building")].mean(axis=0)
            )
    red, green, blue = np.mean(seen, axis=0)
    looks = {
        "white": min(red, green, blue) > 10,
        "black": max(red, green, blue) < -10,
        "red": red > max(green, blue) + 20,
        "blue": blue > max(red, green) + 20,
        "green": green > max(red, blue),
        "yellow": min(red, green) > blue + 20,
    }
    assert looks[name]


def test_random_scenes_hold_every_concept_sooner_or_later() -> None:
    found = {
        thing.concept for seed in range(30) for thing in random_scene(96, 96, seed=seed).objects
    }
    assert found >= set(CONCEPTS)


def test_shadows_do_not_change_the_truth(town: Scene) -> None:
    shadowless = town.mask("building") | town.mask("tree") | town.mask("car")
    assert shadowless.any()
    assert town.rgb[~shadowless].std() > 0
