import numpy as np
import pytest

from geoseg.training.camera.rendering import Renderer
from geoseg.training.camera.scene_options import Land, SceneOptions
from geoseg.training.land.landscape import LANDS
from geoseg.training.scenes import CONCEPTS, Scene, render_scene, window


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
    for seed, style in enumerate(sorted(LANDS)):
        scene = render_scene(160, 160, gsd=0.4, seed=seed, style=style)
        assert {thing.concept for thing in scene.objects} <= {"", *CONCEPTS}


def test_colour_words_are_those_of_the_table_of_concepts(town: Scene) -> None:
    assert any(thing.colour for thing in town.objects)
    for thing in town.objects[1:]:
        assert thing.colour in ("", *CONCEPTS[thing.concept].colours)


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


LOOKS = {
    "white": lambda red, green, blue: min(red, green, blue) > 10,
    "black": lambda red, green, blue: max(red, green, blue) < -10,
    "red": lambda red, green, blue: red > max(green, blue) + 20,
    "blue": lambda red, green, blue: blue > max(red, green) + 20,
    "green": lambda red, green, blue: green > red + 20 and green > blue - 10,
    "yellow": lambda red, green, blue: min(red, green) > blue + 20,
}


@pytest.fixture(scope="module")
def settlements() -> list[Scene]:
    plain = SceneOptions(land=Land("informal"))
    return [render_scene(224, 224, gsd=0.6, seed=seed, options=plain) for seed in range(6)]


@pytest.mark.parametrize("name", sorted(LOOKS))
def test_roofs_look_as_their_colour_word_says(name: str, settlements: list[Scene]) -> None:
    seen = []
    for scene in settlements:
        mask = scene.mask("building", name)
        if mask.any():
            roofs = scene.rgb[scene.mask("building")]
            seen.append(scene.rgb[mask].mean(axis=0) - roofs.mean(axis=0))
    assert LOOKS[name](*np.mean(seen, axis=0))


def test_shadows_do_not_change_the_truth(town: Scene) -> None:
    shadowless = town.mask("building") | town.mask("tree") | town.mask("car")
    assert shadowless.any()
    assert town.rgb[~shadowless].std() > 0


def test_a_window_shows_what_the_whole_scene_shows_there() -> None:
    renderer = Renderer(5, 0.4, SceneOptions(land=Land("patchwork")), side=64)
    whole = window(renderer, np.s_[0:150, 0:200])
    numbers = np.array([thing.number for thing in whole.objects])[whole.ids]
    for roi in (np.s_[0:10, 0:10], np.s_[33:129, 70:141], np.s_[60:70, 120:200]):
        part = window(Renderer(5, 0.4, renderer.options, side=64), roi)
        np.testing.assert_array_equal(part.rgb, whole.rgb[roi])
        found = np.array([thing.number for thing in part.objects])[part.ids]
        np.testing.assert_array_equal(found, numbers[roi])


def test_only_what_is_seen_is_listed(town: Scene) -> None:
    assert set(np.unique(town.ids)) | {0} == set(range(len(town.objects)))
    numbers = [thing.number for thing in town.objects]
    assert numbers[0] == 0
    assert len(set(numbers)) == len(numbers)


def test_attributes_are_those_of_the_table_of_concepts(town: Scene) -> None:
    for thing in town.objects[1:]:
        known = CONCEPTS[thing.concept].attributes
        for name, value in thing.attributes:
            assert value in known[name]
