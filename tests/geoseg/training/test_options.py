from pathlib import Path

import pytest
from pydantic import ValidationError

from geoseg.training.options import TrainOptions, open_options

RECIPE = Path(__file__).parents[3] / "configs" / "train" / "tiny.yaml"


def test_the_recipe_of_geoseg_tiny_can_be_read() -> None:
    options = open_options(RECIPE)
    assert options.size.chip == 224
    assert options.whole.steps > options.tower.steps


def test_unknown_settings_are_refused(options: TrainOptions) -> None:
    with pytest.raises(ValidationError, match="stepz"):
        TrainOptions.model_validate({**options.model_dump(), "stepz": 3})
