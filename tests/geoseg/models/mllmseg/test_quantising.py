from pathlib import Path

import numpy as np
import pytest
import torch

from geoseg.errors import ModelError
from geoseg.models.mllmseg.quantising import linear_layers, quantised
from geoseg.models.mllmseg.segmenter import MLLMSegSegmenter
from geoseg.segmenter import Running
from tests.geoseg.models.mllmseg.test_segmenter import QUERIES, some_chips
from tests.geoseg.models.mllmseg.tiny import Tiny, tiny, tiny_config

CPU = torch.device("cpu")


def wide() -> Tiny:
    """A small model whose language model has widths that can be shared out in blocks."""
    sizes = {"hidden_size": 64, "intermediate_size": 128, "num_key_value_heads": 2}
    return tiny(text_config={**tiny_config().text.to_dict(), **sizes})


def test_the_linear_layers_are_all_and_only_those() -> None:
    model = tiny().model
    found = {id(layer) for _, _, layer in linear_layers(model)}
    assert found == {id(m) for m in model.modules() if type(m) is torch.nn.Linear}


@pytest.mark.parametrize(("kind", "error"), [("8bit", 0.01), ("4bit", 0.1)])
def test_compact_weights_answer_nearly_the_same(tmp_path: Path, kind: str, error: float) -> None:
    pytest.importorskip("bitsandbytes")
    folder, chips = wide().save(tmp_path), some_chips(2)
    exact = MLLMSegSegmenter.load(folder, Running("cpu")).segment(chips, QUERIES)
    compact = MLLMSegSegmenter.load(folder, Running("cpu", quantize=kind)).segment(chips, QUERIES)
    for one, other in zip(exact, compact, strict=True):
        difference = np.abs(one.probability - other.probability).mean()
        assert 0 < difference < error


@pytest.mark.parametrize(("kind", "share"), [("8bit", 0.3), ("4bit", 0.25)])
def test_the_towers_become_smaller(kind: str, share: float) -> None:
    pytest.importorskip("bitsandbytes")
    model = wide().model
    before = [layer.weight.nbytes for _, _, layer in linear_layers(model.language_model)]
    quantised(model, kind, device=CPU)
    compact = [m.weight for m in model.language_model.modules() if hasattr(m, "in_features")]
    assert len(compact) == len(before)
    assert sum(weight.nbytes for weight in compact) < share * sum(before)


def test_a_model_too_narrow_to_be_made_smaller_is_told() -> None:
    pytest.importorskip("bitsandbytes")
    with pytest.raises(ModelError, match="no layer of this model is a multiple of 64 wide"):
        quantised(tiny().model, "4bit", device=CPU)


def test_an_unknown_number_of_bits_is_refused() -> None:
    with pytest.raises(ModelError, match="use none, 8bit, 4bit"):
        quantised(tiny().model, "3bit", device=CPU)
