import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from geoseg.models.mllmseg.parity.published import LAYOUTS, in_dtypes, shards

TENSORS = {f"layer.{number}": torch.full((2, 2), float(number)) for number in range(7)}


def read(folder: Path) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".bin":
            found |= torch.load(path, weights_only=True)
        elif path.suffix == ".safetensors":
            found |= load_file(path)
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_holds_every_tensor(tmp_path: Path, layout: str) -> None:
    LAYOUTS[layout](tmp_path, TENSORS)
    found = read(tmp_path)
    assert found.keys() == TENSORS.keys()
    assert all(torch.equal(found[key], TENSORS[key]) for key in TENSORS)


@pytest.mark.parametrize("layout", ["sharded .bin", "sharded safetensors"])
def test_an_index_names_the_file_of_every_tensor(tmp_path: Path, layout: str) -> None:
    LAYOUTS[layout](tmp_path, TENSORS)
    (index,) = tmp_path.glob("*.index.json")
    places = json.loads(index.read_text())["weight_map"]
    assert places.keys() == TENSORS.keys()
    assert len(set(places.values())) == 3
    assert all((tmp_path / name).is_file() for name in places.values())


def test_shards_share_out_the_tensors() -> None:
    parts = shards(TENSORS, "model", "bin").values()
    assert [len(part) for part in parts] == [3, 3, 1]


def test_only_fractions_change_their_dtype() -> None:
    mixed = in_dtypes(
        {"res_decoder.a": torch.zeros(1), "b": torch.zeros(1), "res_decoder.n": torch.tensor(3)},
        decoder=torch.float16,
        rest=torch.bfloat16,
    )
    assert [tensor.dtype for tensor in mixed.values()] == [
        torch.float16,
        torch.bfloat16,
        torch.int64,
    ]
