import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from geoseg.errors import ModelError
from geoseg.models.mllmseg.devices import (
    compiled,
    device_called,
    dispatched,
    dtype_called,
    optional,
    spread,
)
from geoseg.models.mllmseg.segmenter import MLLMSegSegmenter
from geoseg.segmenter import Running
from tests.geoseg.models.mllmseg.test_modeling import PHRASES, chips_of
from tests.geoseg.models.mllmseg.test_segmenter import QUERIES, assert_same, some_chips
from tests.geoseg.models.mllmseg.tiny import tiny, tiny_config


@pytest.mark.parametrize("device", ["tpu", "cuda:x", "cpu0", "cpu:7", ""])
def test_an_unknown_device_is_refused(device: str) -> None:
    with pytest.raises(ModelError, match="use auto, cpu, cuda:0 or all"):
        device_called(device)


def test_a_gpu_that_is_not_there_is_refused() -> None:
    with pytest.raises(ModelError, match="cuda:99"):
        device_called("cuda:99")


@pytest.mark.parametrize("device", ["cuda", "cuda:0"])
def test_loading_onto_a_gpu_without_cuda_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(ModelError, match=f"'{device}' was asked for, but torch sees 0 CUDA"):
        MLLMSegSegmenter.load(tmp_path, Running(device))


def test_a_dtype_is_what_was_asked_for_or_suits_the_device() -> None:
    config = tiny_config(dtype="bfloat16")
    cpu, cuda = torch.device("cpu"), torch.device("cuda")
    assert dtype_called("auto", config, cpu) == torch.float32
    assert dtype_called("auto", config, cuda) == torch.bfloat16
    assert dtype_called("float16", config, cpu) == torch.float16
    assert dtype_called("bf16", config, cpu) == torch.bfloat16
    with pytest.raises(ModelError, match="float32, bfloat16, float16"):
        dtype_called("int8", config, cpu)


def test_a_model_spread_over_no_gpu_stays_where_it_is() -> None:
    if torch.cuda.device_count():
        pytest.skip("there is a GPU here")
    model = tiny().model
    assert spread(model) is model


def test_a_decoder_on_another_device_gets_what_it_needs_there() -> None:
    asked, chips = tiny(), chips_of(2)
    # the meta device stands for a second card: numbers are lost there, places are kept
    for part in (asked.model.mask_decoder, asked.model.lm_head):
        part.to("meta")
    opening = asked.model.read_opening(asked.processor.opening_ids)
    encoded = asked.model.encode(chips, opening, asked.processor.closing_ids)
    intents, decisions = asked.model.ask(encoded, asked.processor.questions([PHRASES] * 2))
    assert encoded.trunk.is_meta
    assert encoded.remembered.keys[0].device.type == "cpu"
    assert asked.model.mask_decoder.draw(encoded.trunk, intents).is_meta
    assert decisions.is_meta


def test_a_model_whose_parts_are_all_told_where_to_lie_answers_the_same() -> None:
    pytest.importorskip("accelerate")
    asked, chips = tiny(), some_chips(2)
    plain = MLLMSegSegmenter(asked.model, asked.processor).segment(chips, QUERIES)
    parts = ("vision_tower", "projector", "language_model", "lm_head", "mask_decoder")
    laid_out = dispatched(asked.model, dict.fromkeys(parts, "cpu"))
    assert_same(MLLMSegSegmenter(laid_out, asked.processor).segment(chips, QUERIES), plain)


def test_a_library_that_is_not_there_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(ModelError, match=r"--device all needs nonesuch.*geoseg\[large\]"):
        optional("nonesuch", wanted_for="--device all")


@pytest.mark.gpu
@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA devices")
def test_a_model_spread_over_gpus_answers_as_on_one(tmp_path: Path) -> None:
    folder, chips = tiny().save(tmp_path), some_chips(2)
    one = MLLMSegSegmenter.load(folder, Running("cuda:0")).segment(chips, QUERIES)
    several = MLLMSegSegmenter.load(folder, Running("all")).segment(chips, QUERIES)
    for some, other in zip(one, several, strict=True):
        np.testing.assert_allclose(some.probability, other.probability, atol=1e-3)


def test_everything_heavy_is_compiled_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    graphs: list[int] = []

    def count(graph: torch.fx.GraphModule, _: object) -> Callable[..., object]:
        number = len(graphs)
        graphs.append(0)

        def run(*given: object) -> object:
            graphs[number] += 1
            return graph.forward(*given)

        return run

    plain_compile, plain_method = torch.compile, torch.nn.Module.compile
    monkeypatch.setattr(torch, "compile", partial(plain_compile, backend=count))
    monkeypatch.setattr(
        torch.nn.Module, "compile", lambda self, **how: plain_method(self, backend=count, **how)
    )
    text = {**tiny_config().text.to_dict(), "num_hidden_layers": 10, "layer_types": None}
    asked = tiny(text_config=text)
    segmenter = MLLMSegSegmenter(compiled(asked.model), asked.processor)
    for _ in range(2):
        segmenter.segment(some_chips(2), QUERIES)
    known = len(graphs)
    before = sum(graphs)
    segmenter.segment(some_chips(2), QUERIES)
    assert len(graphs) == known
    # vision tower, language model in encode and in ask, trunk, draw
    assert sum(graphs) - before >= 5


@pytest.mark.filterwarnings("ignore:`torch.jit")  # torch's own compiler, of itself
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler")
def test_a_compiled_model_answers_the_same(tmp_path: Path) -> None:
    vision = {**tiny_config().vision.to_dict(), "num_hidden_layers": 1}
    text = {**tiny_config().text.to_dict(), "num_hidden_layers": 1, "layer_types": None}
    folder = tiny(vision_config=vision, text_config=text).save(tmp_path)
    chips = some_chips(2)
    plain = MLLMSegSegmenter.load(folder, Running("cpu")).segment(chips, QUERIES)
    fast = MLLMSegSegmenter.load(folder, Running("cpu", compile=True))
    assert_same(fast.segment(chips, QUERIES), plain)
