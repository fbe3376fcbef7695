import json
import pickle
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg import stored
from geoseg.models.mllmseg.stored import open_weights
from tests.geoseg.models.mllmseg.published import write_weights

TENSORS = {
    "a": torch.arange(6.0).reshape(2, 3),
    "b": torch.ones(4, dtype=torch.bfloat16),
    "c": torch.tensor(3),
    "d": torch.full((3, 5), -2, dtype=torch.float16),
}

LAYOUTS = pytest.mark.parametrize(
    ("files", "parts"), [("safetensors", 1), ("safetensors", 3), ("bin", 1), ("bin", 3)]
)


def complaint(folder: Path) -> str:
    with pytest.raises(CheckpointError) as refused:
        open_weights(folder)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def write_index(folder: Path, *names: object, ending: str = "safetensors") -> None:
    stem = {"safetensors": "model", "bin": "pytorch_model"}[ending]
    content = {"weight_map": {f"tensor{i}": name for i, name in enumerate(names)}}
    (folder / f"{stem}.{ending}.index.json").write_text(json.dumps(content))


class Malice:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return open, (str(self.path), "w")


@LAYOUTS
def test_shapes_and_dtypes_are_known_and_numbers_read(
    tmp_path: Path, files: str, parts: int
) -> None:
    write_weights(tmp_path, TENSORS, files=files, parts=parts)
    weights = open_weights(tmp_path)
    assert weights.tensors.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert weights.tensors[name].shape == tuple(tensor.shape)
        assert weights.tensors[name].dtype == tensor.dtype
        assert weights.tensors[name].size == tensor.nbytes
        assert torch.equal(weights.view(name), tensor)
    assert weights.size == sum(tensor.nbytes for tensor in TENSORS.values())


@LAYOUTS
def test_a_mapping_made_anew_reads_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: str, parts: int
) -> None:
    monkeypatch.setattr(stored, "MAPPED_AT_ONCE", 1)
    write_weights(tmp_path, TENSORS, files=files, parts=parts)
    weights = open_weights(tmp_path)
    for name in [*TENSORS, *reversed(TENSORS)]:
        assert torch.equal(weights.view(name), TENSORS[name])


def mapped_mib() -> float:
    """Resident pages of files."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("RssFile"))
    return int(line.split()[1]) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells")
@pytest.mark.parametrize("files", ["safetensors", "bin"])
def test_pages_that_were_read_are_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: str
) -> None:
    monkeypatch.setattr(stored, "MAPPED_AT_ONCE", 8 * 2**20)
    large = {str(i): torch.full((4 * 2**20,), i, dtype=torch.uint8) for i in range(20)}
    write_weights(tmp_path, large, files=files)
    weights = open_weights(tmp_path)
    weights.view("0").sum()
    before, most = mapped_mib(), 0.0
    for name in large:
        weights.view(name).sum()
        most = max(most, mapped_mib())
    assert most - before < 24  # of 80


def test_safetensors_are_preferred_to_pickles(tmp_path: Path) -> None:
    write_weights(tmp_path, {"safe": torch.ones(1)}, files="safetensors", parts=1)
    write_weights(tmp_path, {"pickled": torch.ones(1)}, files="bin", parts=1)
    assert open_weights(tmp_path).tensors.keys() == {"safe"}


def test_an_index_of_pickles_that_are_not_there_does_no_harm(tmp_path: Path) -> None:
    write_weights(tmp_path, {"safe": torch.ones(1)}, files="safetensors", parts=1)
    write_index(tmp_path, "pytorch_model-00001-of-00002.bin", ending="bin")
    assert open_weights(tmp_path).tensors.keys() == {"safe"}


def test_a_whole_file_is_preferred_to_its_parts(tmp_path: Path) -> None:
    write_weights(tmp_path, TENSORS, parts=1)
    save_file({"stray": torch.zeros(1)}, tmp_path / "model-00001.safetensors")
    write_index(tmp_path, "model-00001.safetensors")
    assert open_weights(tmp_path).tensors.keys() == TENSORS.keys()


@pytest.mark.parametrize("files", ["safetensors", "bin"])
def test_a_missing_part_is_named(tmp_path: Path, files: str) -> None:
    write_weights(tmp_path, TENSORS, files=files, parts=3)
    lost = next(iter(sorted(tmp_path.glob(f"*-00002-*.{files}"))))
    lost.unlink()
    assert f"has no {lost.name}" in complaint(tmp_path)


@pytest.mark.parametrize("files", ["safetensors", "bin"])
def test_all_missing_parts_are_named_or_counted(tmp_path: Path, files: str) -> None:
    many = {str(i): torch.ones(1) for i in range(12)}
    write_weights(tmp_path, many, files=files, parts=12)
    parts = sorted(tmp_path.glob(f"*-of-00012.{files}"))
    parts[3].unlink()
    parts[7].unlink()
    message = complaint(tmp_path)
    assert f"has no {parts[3].name}, {parts[7].name}; 2 of the 12 files" in message
    for part in parts[:3] + parts[4:7] + parts[8:]:
        part.unlink()
    message = complaint(tmp_path)
    assert "and 4 more; 12 of the 12 files" in message
    assert parts[7].name in message
    assert parts[8].name not in message


def packed(folder: Path, compression: int, entry: str = "") -> None:
    """Write a file of torch anew with the entries that end so compressed, as torch never does."""
    path = folder / "pytorch_model.bin"
    torch.save(TENSORS, path)
    with zipfile.ZipFile(path) as archive:
        contents = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            how = compression if name.endswith(entry) else zipfile.ZIP_STORED
            archive.writestr(name, content, how)


def test_a_file_written_anew_without_compression_is_read(tmp_path: Path) -> None:
    packed(tmp_path, zipfile.ZIP_STORED)
    assert open_weights(tmp_path).tensors.keys() == TENSORS.keys()


@pytest.mark.parametrize("entry", ["data.pkl", "data/0", "version"])
def test_a_file_with_compressed_parts_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    packed(tmp_path, zipfile.ZIP_DEFLATED, entry)
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was read"))
    assert "compressed parts" in complaint(tmp_path)


def test_an_endless_list_of_names_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save(TENSORS, tmp_path / "pytorch_model.bin")
    monkeypatch.setattr(stored, "MOST_PICKLED", 100)
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was read"))
    assert "list of names" in complaint(tmp_path)


def test_a_tensor_in_two_parts_is_refused(tmp_path: Path) -> None:
    for number in (1, 2):
        save_file({"same": torch.zeros(1)}, tmp_path / f"model-{number}.safetensors")
    write_index(tmp_path, "model-1.safetensors", "model-2.safetensors")
    assert "same is stored twice" in complaint(tmp_path)


def test_an_index_without_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors.index.json").write_text("{}")
    assert "weight_map" in complaint(tmp_path)


@pytest.mark.parametrize("beside_a_whole_file", [True, False])
@pytest.mark.parametrize(
    "name",
    [
        "../base/model.safetensors",
        "parts/model.safetensors",
        "..\\base\\model.safetensors",
        "/etc/model.safetensors",
        "C:model.safetensors",
        "..",
        "",
        "pytorch_model.bin",
        3,
        ["model.safetensors"],
    ],
)
def test_an_index_reads_only_files_of_its_kind_beside_it(
    tmp_path: Path, name: object, *, beside_a_whole_file: bool
) -> None:
    folder = tmp_path / "checkpoint"
    for place in (folder, tmp_path / "base", folder / "parts"):
        place.mkdir(exist_ok=True)
        write_weights(place, TENSORS)
    if not beside_a_whole_file:
        (folder / "model.safetensors").unlink()
    write_index(folder, name)
    assert f"names {name!r}" in complaint(folder)


def test_an_index_of_pickles_reads_only_files_beside_it(tmp_path: Path) -> None:
    write_index(tmp_path, "../pytorch_model.bin", ending="bin")
    assert "names '../pytorch_model.bin'" in complaint(tmp_path)


@pytest.mark.parametrize("files", ["safetensors", "bin"])
@pytest.mark.parametrize("kept", [0, 4, 60, 0.5, 0.99, -1])
def test_weights_cut_short_are_refused(tmp_path: Path, files: str, kept: float) -> None:
    write_weights(tmp_path, TENSORS, files=files)
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content)) if isinstance(kept, float) else kept])
    assert f"'{path}' is damaged or cut short" in complaint(tmp_path)


def test_code_in_a_pickle_is_not_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    torch.save({"a": torch.ones(1), "b": Malice(ran)}, tmp_path / "pytorch_model.bin")
    assert "code that would run" in complaint(tmp_path)
    assert not ran.exists()


def test_a_bare_pickle_is_not_read(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (tmp_path / "pytorch_model.bin").write_bytes(pickle.dumps(Malice(ran)))
    assert "bare pickle" in complaint(tmp_path)
    assert not ran.exists()


def test_a_file_of_old_torch_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "pytorch_model.bin"
    torch.save(TENSORS, path, _use_new_zipfile_serialization=False)
    assert "save it as model.safetensors" in complaint(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        [torch.ones(1)],
        {"state_dict": {"a": torch.ones(1)}},
        {"a": torch.ones(1), "step": 3},
        {"a": torch.eye(2).to_sparse()},
        {3: torch.ones(1)},
        {"a": torch.ones(1, device="meta")},
        {"a": torch.ones(1, dtype=torch.complex64)},
    ],
)
def test_something_else_than_named_tensors_is_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "pytorch_model.bin")
    assert "something else than named tensors" in complaint(tmp_path)


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_a_pointer_of_git_lfs_is_told_apart_from_damage(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1")
    assert "git lfs pull" in complaint(tmp_path)


@pytest.mark.parametrize("name", ["pytorch_model-1-of-2.bin", "best.pt", "weights.safetensors"])
def test_weights_of_other_names_are_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"not read")
    message = complaint(tmp_path)
    assert f"it holds {name}" in message
    assert "model.safetensors" in message


def test_a_folder_without_weights_is_told(tmp_path: Path) -> None:
    assert "has no model.safetensors" in complaint(tmp_path)
