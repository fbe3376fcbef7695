from pathlib import Path

import numpy as np
import pytest

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.parity.kit import Kit
from tests.geoseg.models.mllmseg.reference_kit import KIT, needs_kit


@pytest.mark.shared
@needs_kit
@pytest.mark.parametrize("variant", ["qwen2", "internlm2_lora"])
def test_the_recipe_gives_the_values_that_the_kit_has_checksums_of(variant: str) -> None:
    assert Kit(KIT).tensors(variant)


@pytest.mark.shared
@needs_kit
def test_lora_leaves_the_weights_it_adapts_alone() -> None:
    kit = Kit(KIT)
    name = "layers.0.self_attn.q_proj"
    plain = kit.tensor(f"language_model.model.{name}.weight", (8, 8), "qwen2")
    wrapped = f"language_model.base_model.model.model.{name}.base_layer.weight"
    np.testing.assert_array_equal(kit.tensor(wrapped, (8, 8), "qwen2_lora"), plain)


def test_a_folder_without_a_kit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is no parity kit"):
        _ = Kit(tmp_path).variants


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no cases/qwen2\.json"):
        Kit(tmp_path).json("cases/qwen2.json")


@pytest.mark.parametrize("name", ["recipe_params.json", "golden/a.npz", "images/a.png"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"PK\x03\x04 cut short")
    kit = Kit(tmp_path)
    read = {".json": kit.json, ".npz": kit.arrays, ".png": lambda _: kit.image("a")}[path.suffix]
    with pytest.raises(CheckpointError, match=f"{path.name}' of the kit cannot be read"):
        read(name)
