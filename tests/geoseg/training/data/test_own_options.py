import pytest
from pydantic import ValidationError

from geoseg.training.data.own_options import OwnLayerOptions

LEAST = {"images": ["a.tif"], "layer": "a.gpkg", "phrases": [{"template": "the roofs"}]}


def test_images_a_layer_and_phrases_are_enough() -> None:
    options = OwnLayerOptions.model_validate(LEAST)
    assert options.phrases[0].template == "the roofs"
    assert (options.fewest_pixels, options.absent_phrases) == (16, ())


def test_absent_phrases_are_read_as_queries() -> None:
    options = OwnLayerOptions.model_validate({**LEAST, "absent_phrases": ["  the  ships "]})
    assert options.absent_phrases == ("the ships",)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"images": []}, "images"),
        ({"phrases": []}, "phrases"),
        ({"absent_phrases": [" "]}, "empty"),
        ({"empty_share": 1}, "empty_share"),
        ({"validation_share": 1}, "validation_share"),
        ({"fewest_pixels": 0}, "fewest_pixels"),
        ({"tile": 3}, "tile"),
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        OwnLayerOptions.model_validate({**LEAST, **changes})
