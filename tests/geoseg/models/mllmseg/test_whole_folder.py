from pathlib import Path

import pytest

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.whole_folder import check_target, whole_folder_or_nothing

OURS = '{"model_type": "mllmseg"}'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "outer" / "source"
    folder.mkdir(parents=True)
    return folder


def old_checkpoint(folder: Path, config: str = OURS) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(config)
    (folder / "old").touch()
    return folder


def test_the_folder_is_there_once_the_block_has_ended(tmp_path: Path) -> None:
    with whole_folder_or_nothing(tmp_path / "new") as folder:
        (folder / "file").touch()
        assert not (tmp_path / "new").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    assert (tmp_path / "new" / "file").exists()


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, SystemExit])
def test_nothing_is_there_where_the_block_has_failed(
    tmp_path: Path, error: type[BaseException]
) -> None:
    def write() -> None:
        with whole_folder_or_nothing(tmp_path / "new") as folder:
            (folder / "file").touch()
            raise error

    with pytest.raises(error):
        write()
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_is_replaced_whole(tmp_path: Path) -> None:
    target = old_checkpoint(tmp_path / "new")
    with whole_folder_or_nothing(target) as folder:
        (folder / "file").touch()
    assert [path.name for path in target.iterdir()] == ["file"]
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_what_was_there_stays_where_the_block_has_failed(tmp_path: Path) -> None:
    target = old_checkpoint(tmp_path / "new")
    with pytest.raises(OSError, match="full"), whole_folder_or_nothing(target):
        raise OSError("full")
    assert (target / "old").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_what_was_there_stays_where_the_new_one_cannot_take_its_name(tmp_path: Path) -> None:
    target = old_checkpoint(tmp_path / "new")
    with pytest.raises(OSError, match="No such file"), whole_folder_or_nothing(target) as folder:
        folder.rmdir()
    assert (target / "old").exists()


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("stopped_at", [1, 2])
def test_what_was_there_stays_where_the_exchange_is_stopped(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
    stopped_at: int,
) -> None:
    target, rename, calls = old_checkpoint(tmp_path / "new"), Path.rename, iter(range(1, 9))

    def stopping(path: Path, place: Path) -> Path:
        if next(calls) == stopped_at:
            raise error
        return rename(path, place)

    monkeypatch.setattr(Path, "rename", stopping)
    with pytest.raises(error), whole_folder_or_nothing(target) as folder:
        (folder / "file").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    assert {path.name for path in target.iterdir()} == {"config.json", "old"}


def test_being_stopped_once_the_new_one_has_its_name_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, rename = old_checkpoint(tmp_path / "new"), Path.rename

    def stopping(path: Path, place: Path) -> Path:
        rename(path, place)
        if place == target:
            raise KeyboardInterrupt
        return place

    monkeypatch.setattr(Path, "rename", stopping)
    with pytest.raises(KeyboardInterrupt), whole_folder_or_nothing(target) as folder:
        (folder / "file").touch()
    assert [path.name for path in target.iterdir()] == ["file"]


def refused(target: Path, source: Path, *, overwrite: bool = True) -> str:
    with pytest.raises(CheckpointError) as caught:
        check_target(target, source, overwrite=overwrite)
    return str(caught.value)


def test_a_new_name_and_an_empty_folder_are_places(tmp_path: Path, source: Path) -> None:
    check_target(tmp_path / "new", source, overwrite=False)
    (tmp_path / "new").mkdir()
    check_target(tmp_path / "new", source, overwrite=False)


def test_a_checkpoint_is_replaced_only_when_asked(tmp_path: Path, source: Path) -> None:
    target = old_checkpoint(tmp_path / "new")
    assert "--overwrite" in refused(target, source, overwrite=False)
    (target / "old").unlink()
    check_target(target, source, overwrite=True)


@pytest.mark.parametrize(
    "name", ["notes.txt", "photo.png", "pytorch_model.bin", "best/", "README.md/"]
)
def test_what_the_user_put_beside_a_checkpoint_is_not_lost(
    tmp_path: Path, source: Path, name: str
) -> None:
    target = old_checkpoint(tmp_path / "new")
    (target / "old").unlink()
    (target / name).mkdir() if name.endswith("/") else (target / name).touch()
    assert f"({name.strip('/')})" in refused(target, source)


def test_the_files_of_a_checkpoint_are_replaced(tmp_path: Path, source: Path) -> None:
    target = old_checkpoint(tmp_path / "new")
    (target / "old").unlink()
    for name in ("README.md", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (target / name).touch()
    for name in ("model-00001-of-00002.safetensors", "model.safetensors.index.json"):
        (target / name).touch()
    check_target(target, source, overwrite=True)


@pytest.mark.parametrize("inner", ["new", "deeper/new"])
def test_nothing_is_written_into_the_source(source: Path, inner: str) -> None:
    (source / "deeper").mkdir()
    assert "lies in" in refused(source / inner, source)


@pytest.mark.parametrize("config", ['{"model_type": "internvl_chat"}', "{}"])
def test_what_geoseg_did_not_write_is_not_replaced(
    tmp_path: Path, source: Path, config: str
) -> None:
    assert "no checkpoint that geoseg wrote" in refused(
        old_checkpoint(tmp_path / "new", config), source
    )


def test_a_folder_of_other_things_is_not_replaced(tmp_path: Path, source: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter").touch()
    assert "no checkpoint that geoseg wrote" in refused(tmp_path / "home", source)


def test_the_source_is_not_replaced(tmp_path: Path, source: Path) -> None:
    for target in (source, source.parent, tmp_path):
        assert "holds the checkpoint that is read" in refused(target, source)


def test_places_that_are_none_are_told(tmp_path: Path, source: Path) -> None:
    (tmp_path / "file").touch()
    assert "is a file" in refused(tmp_path / "file", source)
    assert "there is no folder" in refused(tmp_path / "no" / "new", source)
