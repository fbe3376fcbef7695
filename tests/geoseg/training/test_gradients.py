"""Gradients held against those of the published code."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from geoseg.models.mllmseg.conversion import LORA_SCALE
from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.parity.kit import Kit
from geoseg.models.mllmseg.parity.parts import published_losses
from geoseg.models.mllmseg.parity.published import write_published
from geoseg.models.mllmseg.renames import GROUPED_QKV, renamed
from geoseg.models.mllmseg.segmenter import MLLMSegSegmenter
from geoseg.segmenter import Running

FOLDER = Path(__file__).parents[3].parent / "shared" / "parity"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the parity kit is not beside the checkout"),
]

VARIANTS = ("qwen2_lora", "internlm2_lora")

UNMERGED = "language_model.base_model.model."

RELATIVE = 2e-3
"""Of lengths of gradients, all in float32."""

Golden = dict[str, dict[str, float] | None]


@pytest.fixture(scope="module", params=VARIANTS)
def taught(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Kit, str, MLLMSegModel, Golden]:
    """A variant whose parameters have the gradient of the published loss, LoRA folded in."""
    kit, variant = Kit(FOLDER), str(request.param)
    folder = tmp_path_factory.mktemp("kit") / variant
    write_published(kit, variant, folder, layout="one safetensors")
    segmenter = MLLMSegSegmenter.load(folder, Running("cpu", "float32", mode="res"))
    losses = published_losses(kit, variant, segmenter.model, segmenter.processor)
    torch.autograd.backward(losses["loss"])
    golden: Golden = kit.json(f"golden/{variant}_train_grads.json")["grads"]
    return kit, variant, segmenter.model, golden


def compared(found: Tensor, expected: dict[str, float] | None, name: str) -> None:
    if expected is None or expected["l2"] == 0:
        assert found.abs().max() == 0, name
        return
    assert found.norm().item() == pytest.approx(expected["l2"], rel=RELATIVE, abs=1e-6), name
    spread = found.numel() ** 0.5 * expected["l2"]
    assert abs(found.double().sum().item() - expected["sum"]) < RELATIVE * spread, name


def test_everything_that_trains_beside_lora_has_the_published_gradient(
    taught: tuple[Kit, str, MLLMSegModel, Golden],
) -> None:
    _, _, model, golden = taught
    parameters = dict(model.named_parameters())
    names = [name for name in golden if ".lora_" not in name]
    for name in names:
        plain = name.replace(UNMERGED, "language_model.").replace(".base_layer.", ".")
        ours = renamed(plain)
        assert ours is not None, name
        gradient = parameters[ours].grad
        assert gradient is not None, name
        compared(gradient, golden[name], name)
    assert len(names) > 50
    assert any(name.endswith("norm.weight") and "language_model" in name for name in names)


def test_lora_has_the_published_gradient_by_the_chain_rule(
    taught: tuple[Kit, str, MLLMSegModel, Golden],
) -> None:
    kit, variant, model, golden = taught
    tensors = kit.tensors(variant)
    parameters = dict(model.named_parameters())
    seen = 0
    for name in (name for name in golden if ".lora_A." in name):
        ours = renamed(name.replace(UNMERGED, "language_model.").replace(".lora_A.default", ""))
        assert ours is not None, name
        if GROUPED_QKV in ours:
            continue  # query, key and value are apart with us, and one matrix there
        whole = parameters[ours].grad
        assert whole is not None, name
        other = name.replace(".lora_A.", ".lora_B.")
        down, up = tensors[name], tensors[other]
        compared(LORA_SCALE * up.T @ whole, golden[name], name)
        compared(LORA_SCALE * whole @ down.T, golden[other], other)
        seen += 1
    assert seen >= 8
