from pathlib import Path

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load_file

from geoseg.models.mllmseg.safetensors_writer import write_safetensors

DTYPES = (torch.float32, torch.bfloat16, torch.float16, torch.int64, torch.uint8, torch.bool)

SHAPES = st.lists(st.integers(0, 4), max_size=3).map(tuple)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    contents=st.dictionaries(st.text(max_size=5), st.tuples(SHAPES, st.sampled_from(DTYPES))),
    shuffled=st.randoms(use_true_random=False),
)
def test_the_library_reads_what_was_written_in_any_order(
    tmp_path: Path, contents: dict[str, tuple[tuple[int, ...], torch.dtype]], shuffled: object
) -> None:
    contents.pop("__metadata__", None)
    tensors = {
        name: (torch.rand(shape) * 100).to(dtype) for name, (shape, dtype) in contents.items()
    }
    order = list(tensors.items())
    shuffled.shuffle(order)  # type: ignore[attr-defined] # a random.Random
    path = tmp_path / "file.safetensors"
    write_safetensors(path, contents, order)
    read = load_file(path)
    assert read.keys() == tensors.keys()
    assert all(torch.equal(read[name], tensor) for name, tensor in tensors.items())
    assert all(read[name].dtype == tensor.dtype for name, tensor in tensors.items())


def test_a_view_is_written_as_it_is_seen(tmp_path: Path) -> None:
    path, turned = tmp_path / "file.safetensors", torch.arange(6.0).reshape(2, 3).T
    write_safetensors(path, {"a": ((3, 2), torch.float32)}, [("a", turned)])
    assert torch.equal(load_file(path)["a"], turned)


def test_transformers_is_told_that_the_tensors_are_those_of_torch(tmp_path: Path) -> None:
    path = tmp_path / "file.safetensors"
    write_safetensors(path, {}, [])
    with safe_open(path, framework="pt") as file:
        assert file.metadata() == {"format": "pt"}
