import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel

from geoseg.errors import CheckpointError, OptionsError
from geoseg.models.mllmseg import saving as saving_module
from geoseg.models.mllmseg.checkpoint import load_config, load_model, load_processor
from geoseg.models.mllmseg.model_card import Origin
from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.saving import Saving, Written, is_finite, write_checkpoint
from tests.geoseg.models.mllmseg.published import Published, Sizes, published_tensors, write_weights

BF16, F16, F32 = torch.bfloat16, torch.float16, torch.float32

UNMERGED = Published(Sizes(llm="internlm2", lora=3), parts=2)
MERGED = Published(Sizes(), files="bin", dtype=BF16, decoder_dtype=F16)

ORIGIN = Origin("owner/name", "0123abcd" * 5)


def write(source: Path, target: Path, **how: object) -> Written:
    return write_checkpoint(source, target, origin=ORIGIN, saving=Saving(**how))  # type: ignore[arg-type] # any field


def assert_same(one: MLLMSegModel, other: MLLMSegModel) -> None:
    kept, found = one.state_dict(), other.state_dict()
    assert kept.keys() == found.keys()
    assert [name for name in kept if not torch.equal(kept[name], found[name])] == []


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return UNMERGED.save(tmp_path / "source")


@pytest.mark.parametrize("published", [UNMERGED, MERGED], ids=["unmerged", "merged"])
def test_the_written_checkpoint_is_the_model_that_was_read(
    tmp_path: Path, published: Published
) -> None:
    folder = published.save(tmp_path / "source")
    write(folder, tmp_path / "new")
    assert_same(load_model(folder, dtype=F32), load_model(tmp_path / "new", dtype=F32))


def test_transformers_itself_reads_it(source: Path, tmp_path: Path) -> None:
    write(source, tmp_path / "new", shard_size=50_000)
    model = load_model(source, dtype=F32)
    assert_same(MLLMSegModel.from_pretrained(tmp_path / "new"), model)
    assert_same(AutoModel.from_pretrained(tmp_path / "new"), model)


def test_the_tokenizer_and_the_text_around_queries_come_along(source: Path, tmp_path: Path) -> None:
    write(source, tmp_path / "new")
    old, new = (load_processor(place, load_config(place)) for place in (source, tmp_path / "new"))
    assert torch.equal(
        old.pack([["the red roof"]]).input_ids, new.pack([["the red roof"]]).input_ids
    )
    assert new.config.system_template.startswith("<s>")


def test_as_stored_keeps_every_dtype(tmp_path: Path) -> None:
    written = write(MERGED.save(tmp_path / "source"), tmp_path / "new")
    tensors = load_file(tmp_path / "new" / "model.safetensors")
    assert tensors["lm_head.weight"].dtype == BF16
    assert tensors["mask_decoder.smoothing.weight"].dtype == F16
    assert tensors["mask_decoder.pixels.1.num_batches_tracked"].dtype == torch.int64
    assert str(load_config(tmp_path / "new").dtype) == f"torch.{written.dtype}"


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("bf16", BF16),
        ("bfloat16", BF16),
        ("fp16", F16),
        ("float16", F16),
        ("fp32", F32),
        ("float32", F32),
    ],
)
def test_one_dtype_is_written_where_one_is_asked_for(
    tmp_path: Path, name: str, dtype: torch.dtype
) -> None:
    folder = MERGED.save(tmp_path / "source")
    written = write(folder, tmp_path / "new", dtype=name)
    tensors = load_file(tmp_path / "new" / "model.safetensors").values()
    assert {tensor.dtype for tensor in tensors} == {dtype, torch.int64}
    assert written.size == sum(tensor.nbytes for tensor in tensors)
    assert written.dtype == str(dtype).removeprefix("torch.")


def test_numbers_too_large_for_half_precision_are_refused(tmp_path: Path) -> None:
    folder = Published().save(tmp_path / "source")
    tensors = published_tensors(Sizes())
    tensors["mlp1.3.bias"][3] = 1e6
    write_weights(folder, tensors)
    with pytest.raises(CheckpointError, match=r"projector\.3\.bias holds numbers"):
        write(folder, tmp_path / "new", dtype="fp16")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("dtype", ["auto", "bf16", "fp16", "fp32"])
@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_refused(tmp_path: Path, dtype: str, number: float) -> None:
    folder = Published().save(tmp_path / "source")
    tensors = published_tensors(Sizes())
    tensors["mlp1.3.bias"][3] = number
    write_weights(folder, tensors)
    with pytest.raises(CheckpointError, match=r"projector\.3\.bias holds numbers that are not"):
        write(folder, tmp_path / "new", dtype=dtype)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2, BF16, F16, F32])
def test_what_is_finite_is_told_of_every_dtype(dtype: torch.dtype) -> None:
    assert is_finite(torch.tensor([3.0, torch.finfo(dtype).max]).to(dtype))
    assert not is_finite(torch.tensor([3.0, float("nan")]).to(dtype))


@pytest.mark.parametrize(
    ("published", "dtype", "changes"),
    [
        (Published(), "auto", []),
        (Published(), "fp32", []),
        (Published(), "bf16", ["float32 rewritten as bfloat16"]),
        (UNMERGED, "auto", ["LoRA added to the weights that it adapts"]),
        (MERGED, "bf16", ["float16 rewritten as bfloat16"]),
    ],
)
def test_what_became_of_the_numbers_is_noted(
    tmp_path: Path, published: Published, dtype: str, changes: list[str]
) -> None:
    write(published.save(tmp_path / "source"), tmp_path / "new", dtype=dtype)
    assert load_config(tmp_path / "new").source_changes == changes
    page = (tmp_path / "new" / "README.md").read_text()
    assert ("every number is as it was" in page) == (changes == [])
    assert all(change in page for change in changes)


def test_what_became_of_the_numbers_adds_up(tmp_path: Path) -> None:
    write(MERGED.save(tmp_path / "source"), tmp_path / "new", dtype="bf16")
    write(tmp_path / "new", tmp_path / "again", dtype="fp32")
    assert load_config(tmp_path / "again").source_changes == [
        "float16 rewritten as bfloat16",
        "bfloat16 rewritten as float32",
    ]


def test_several_files_are_no_larger_than_asked(source: Path, tmp_path: Path) -> None:
    written = write(source, tmp_path / "new", shard_size=100_000)
    index = json.loads((tmp_path / "new" / "model.safetensors.index.json").read_text())
    files = sorted((tmp_path / "new").glob("model-*.safetensors"))
    assert len(files) == written.files > 2
    assert set(index["weight_map"].values()) == {path.name for path in files}
    for path in files:
        tensors = load_file(path)
        assert sum(tensor.nbytes for tensor in tensors.values()) <= 100_000 or len(tensors) == 1
        assert all(index["weight_map"][name] == path.name for name in tensors)


def test_it_says_where_it_came_from(source: Path, tmp_path: Path) -> None:
    written = write(source, tmp_path / "new")
    config = json.loads((tmp_path / "new" / "config.json").read_text())
    assert config["source"] == ORIGIN.name
    assert config["source_commit"] == ORIGIN.commit
    assert config["parameters"] == written.parameters
    assert config["model_type"] == "mllmseg"
    page = (tmp_path / "new" / "README.md").read_text()
    assert f"`{ORIGIN.name}` at commit `{ORIGIN.commit}`" in page


def test_writing_once_more_keeps_the_first_origin(source: Path, tmp_path: Path) -> None:
    write(source, tmp_path / "new")
    write_checkpoint(
        tmp_path / "new", tmp_path / "again", origin=Origin("new"), saving=Saving(dtype="bf16")
    )
    config = load_config(tmp_path / "again")
    assert (config.source, config.source_commit) == (ORIGIN.name, ORIGIN.commit)
    assert str(config.dtype).endswith("bfloat16")


def test_the_weights_are_readable_by_whoever_may_read_the_rest(
    source: Path, tmp_path: Path
) -> None:
    write(source, tmp_path / "new")
    assert len({path.stat().st_mode for path in (tmp_path / "new").iterdir()}) == 1


def test_only_a_plain_checkpoint_is_left_in_the_folder(source: Path, tmp_path: Path) -> None:
    write(source, tmp_path / "new")
    assert {path.name for path in (tmp_path / "new").iterdir()} == {
        "README.md",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }


def test_a_checkpoint_that_does_not_fit_leaves_nothing(source: Path, tmp_path: Path) -> None:
    (source / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(CheckpointError, match="has no model-00002"):
        write(source, tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_being_stopped_while_writing_leaves_nothing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def stopped(path: Path, *_: object) -> None:
        path.write_bytes(b"half")
        raise error

    monkeypatch.setattr(saving_module, "write_safetensors", stopped)
    with pytest.raises((KeyboardInterrupt, CheckpointError)):
        write(source, tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


@pytest.fixture
def no_large_files() -> Iterator[None]:
    """A system that refuses to make any file larger than 200,000 bytes."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("source", "no_large_files")
def test_a_disk_that_takes_no_more_leaves_nothing(source: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="could not be written: File too large"):
        write(source, tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_too_small_a_disk_is_told_before_any_work(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = saving_module.shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(saving_module.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(CheckpointError, match="its disk has"):
        write(source, tmp_path / "new")


@pytest.mark.parametrize("how", [{"dtype": "int8"}, {"shard_size": 0}])
def test_settings_that_make_no_sense_are_refused(how: dict[str, object]) -> None:
    with pytest.raises(OptionsError):
        Saving(**how)  # type: ignore[arg-type] # the point
