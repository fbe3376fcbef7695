from pathlib import Path

import numpy as np
import pytest
import torch

from geoseg.models.mllmseg.segmenter import MLLMSegSegmenter
from geoseg.query import as_queries
from geoseg.segmenter import ChipSegmenter
from geoseg.training.lessons import Answering
from geoseg.training.segmenter import AT_ONCE, LearningSegmenter
from tests.geoseg.models.mllmseg.tiny import CHIP_SIZE, tiny
from tests.geoseg.training.runs import run_options

CHIPS = np.random.default_rng(0).integers(0, 256, (2, CHIP_SIZE, CHIP_SIZE, 3), np.uint8)


@pytest.mark.parametrize("queries", [1, AT_ONCE + 1])
def test_a_model_is_asked_while_it_learns_as_it_is_in_use(tmp_path: Path, queries: int) -> None:
    known = tiny()
    options = run_options(tmp_path)
    answering = Answering(known.model, options)
    learning = LearningSegmenter(
        answering, known.processor, options=options, device=torch.device("cpu")
    )
    assert isinstance(learning, ChipSegmenter)
    asked = as_queries([f"the red roof {'large ' * place}" for place in range(queries)])
    found = learning.segment(CHIPS, asked)
    expected = MLLMSegSegmenter(known.model, known.processor, mode="gres").segment(CHIPS, asked)
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine.probability, theirs.probability, atol=1e-4)
        np.testing.assert_allclose(mine.presence, theirs.presence, atol=1e-4)
