from pathlib import Path

import pytest
from rasterio.errors import RasterioIOError

from tiles.errors import GeoreferenceError, OutputError
from tiles.outputs import FORMATS, check_outputs, format_of, same_file, told, whole_or_nothing


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("extension", FORMATS)
def test_every_known_extension_may_be_written(extension: str, tmp_path: Path) -> None:
    check_outputs([tmp_path / f"roofs{extension.upper()}"], has_crs=True, overwrite=False)
    assert names(tmp_path) == set()


@pytest.mark.parametrize("name", ["roofs.shp", "roofs", "roofs.tif.zip", ".tif"])
def test_an_unknown_extension_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(OutputError, match=r"known are \.tif, \.tiff, \.geojson, .*\.parquet"):
        format_of(name)


def test_an_existing_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tif").touch()
    with pytest.raises(OutputError, match=r"exists already; .* --overwrite"):
        check_outputs([tmp_path / "a.tif"], has_crs=True, overwrite=False)


def test_an_existing_file_may_be_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.tif").touch()
    check_outputs([tmp_path / "a.tif"], has_crs=True, overwrite=True)


def test_a_folder_is_refused_even_with_overwrite(tmp_path: Path) -> None:
    (tmp_path / "a.tif").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        check_outputs([tmp_path / "a.tif"], has_crs=True, overwrite=True)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no folder '.*missing'; create it"):
        check_outputs([tmp_path / "missing/a.tif"], has_crs=True, overwrite=False)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="no folder"):
        check_outputs([tmp_path / "file/a.tif"], has_crs=True, overwrite=False)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that takes no files")
def test_a_folder_that_takes_no_files_is_refused() -> None:
    with pytest.raises(OutputError, match="choose a folder you may write to"):
        check_outputs(["/proc/a.tif"], has_crs=True, overwrite=False)


def test_two_outputs_in_one_place_are_refused(tmp_path: Path) -> None:
    twice = [tmp_path / "a.tif", tmp_path / "../" / tmp_path.name / "a.tif"]
    with pytest.raises(OutputError, match="are the same file"):
        check_outputs(twice, has_crs=True, overwrite=False)


def test_scores_in_the_place_of_the_mask_are_refused(tmp_path: Path) -> None:
    mask = tmp_path / "a.tif"
    with pytest.raises(OutputError, match="are the same file"):
        check_outputs([mask], has_crs=True, overwrite=False, scores=mask)


def test_scores_are_a_raster(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"scores are a raster.*name a \.tif"):
        check_outputs([], has_crs=True, overwrite=False, scores=tmp_path / "scores.gpkg")


@pytest.mark.parametrize("name", ["a.geojson", "a.json"])
def test_geojson_needs_a_crs(name: str, tmp_path: Path) -> None:
    with pytest.raises(GeoreferenceError, match=r"GeoPackage \(\.gpkg\).* --assign-crs"):
        check_outputs([tmp_path / name], has_crs=False, overwrite=False)


def test_the_other_formats_need_no_crs(tmp_path: Path) -> None:
    others = [tmp_path / f"a{extension}" for extension in (".tif", ".gpkg", ".fgb", ".parquet")]
    check_outputs(others, has_crs=False, overwrite=False)


def test_a_link_to_a_file_is_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "a.tif").touch()
    (tmp_path / "b.tif").symlink_to(tmp_path / "a.tif")
    assert same_file(tmp_path / "b.tif", tmp_path / "a.tif")


@pytest.mark.parametrize("source", ["https://example.com/a.tif", "/vsizip/x.zip/a.tif", "b.tif"])
def test_another_source_is_not_the_same_file(source: str) -> None:
    assert not same_file("a.tif", source)


def test_outputs_appear_together_at_the_end(tmp_path: Path) -> None:
    a, b = tmp_path / "a.tif", tmp_path / "b.gpkg"
    with whole_or_nothing([a, b]) as partial:
        for target in (a, b):
            assert partial[target].parent == tmp_path
            assert partial[target].suffix == target.suffix
            partial[target].write_text(target.name)
            assert not target.exists()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "a.tif": "a.tif",
        "b.gpkg": "b.gpkg",
    }


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_everything_as_it_was(error: type[BaseException], tmp_path: Path) -> None:
    target = tmp_path / "a.tif"
    target.write_text("old")

    def fail() -> None:
        with whole_or_nothing([target]) as partial:
            partial[target].write_text("half")
            for ending in (".aux.xml", "-wal", "-journal", ".ovr.tmp"):
                Path(f"{partial[target]}{ending}").touch()
            raise error

    with pytest.raises(error):
        fail()
    assert names(tmp_path) == {"a.tif"}
    assert target.read_text() == "old"


def test_sidecars_of_the_file_before_go_with_it(tmp_path: Path) -> None:
    target = tmp_path / "a.gpkg"
    for ending in ("", "-wal", "-shm", ".aux.xml"):
        Path(f"{target}{ending}").write_text("old")
    with whole_or_nothing([target]) as partial:
        partial[target].write_text("new")
    assert names(tmp_path) == {"a.gpkg"}


def test_two_runs_do_not_share_a_temporary_name(tmp_path: Path) -> None:
    target = tmp_path / "a.tif"
    with whole_or_nothing([target]) as one, whole_or_nothing([target]) as other:
        assert one[target] != other[target]
        one[target].touch()
        other[target].touch()


def test_a_linked_target_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "a.tif"
    link.symlink_to(tmp_path / "disk/a.tif")
    with whole_or_nothing([link]) as partial:
        partial[link].write_text("new")
    assert link.is_symlink()
    assert (tmp_path / "disk/a.tif").read_text() == "new"


def test_nothing_is_put_in_place_where_one_output_is_missing(tmp_path: Path) -> None:
    a, b = tmp_path / "a.tif", tmp_path / "b.tif"

    def forget() -> None:
        with whole_or_nothing([a, b]) as partial:
            partial[a].touch()

    with pytest.raises(OutputError, match=r"b\.tif' was not written"):
        forget()
    assert names(tmp_path) == set()


def test_an_error_speaks_of_the_target(tmp_path: Path) -> None:
    target = tmp_path / "a.tif"

    def fail() -> None:
        with whole_or_nothing([target]) as partial, told(partial[target]):
            raise OSError(28, "No space left on device")

    with pytest.raises(OutputError) as caught:
        fail()
    message = str(caught.value)
    assert message.startswith(f"'{target}' could not be written: No space left on device (its disk")


def test_the_first_cause_is_told(tmp_path: Path) -> None:
    def fail() -> None:
        with told(tmp_path / "a.tif"):
            raise RasterioIOError("see above") from OSError("the real reason")

    with pytest.raises(OutputError, match="the real reason"):
        fail()


def test_a_vanished_folder_is_told(tmp_path: Path) -> None:
    def fail() -> None:
        with told(tmp_path / "gone/a.tif"):
            raise OSError("no")

    with pytest.raises(OutputError, match="its folder is gone"):
        fail()


def fail_at(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing take this name, except what stood there before."""
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target.name == name and not self.name.endswith(".old"):
            raise OSError(13, "Permission denied")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)


def test_where_the_second_cannot_take_its_name_all_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = [tmp_path / "a.gpkg", tmp_path / "b.tif", tmp_path / "c.tif"]
    before = {"a.gpkg": "old a", "a.gpkg-wal": "old wal", "b.tif": "old b", "b.tif.ovr": "old ovr"}
    for name, text in before.items():
        (tmp_path / name).write_text(text)
    fail_at("c.tif", monkeypatch)

    def write() -> None:
        with whole_or_nothing(targets) as partial:
            for target in targets:
                partial[target].write_text("new")

    with pytest.raises(OutputError, match=r"c\.tif' could not be written: Permission denied"):
        write()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before


def test_all_are_replaced_together(tmp_path: Path) -> None:
    targets = [tmp_path / "a.gpkg", tmp_path / "b.tif"]
    for target in targets:
        target.write_text("old")
    with whole_or_nothing(targets) as partial:
        for target in targets:
            partial[target].write_text("new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "a.gpkg": "new",
        "b.tif": "new",
    }


@pytest.mark.parametrize("ending", [".msk", ".ovr", ".aux.xml"])
def test_a_sidecar_of_nothing_is_refused_like_a_file(ending: str, tmp_path: Path) -> None:
    sidecar = tmp_path / f"a.tif{ending}"
    sidecar.write_text("mine")
    with pytest.raises(OutputError, match=rf"a\.tif\{ending}' exists already.*--overwrite"):
        check_outputs([tmp_path / "a.tif"], has_crs=True, overwrite=False)
    check_outputs([tmp_path / "a.tif"], has_crs=True, overwrite=True)
    assert sidecar.read_text() == "mine"


def test_a_name_as_long_as_can_be_is_written(tmp_path: Path) -> None:
    target = tmp_path / f"{'a' * 251}.tif"
    check_outputs([target], has_crs=True, overwrite=False)
    with whole_or_nothing([target]) as partial:
        partial[target].write_text("new")
    assert target.read_text() == "new"


def test_a_name_that_is_too_long_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="its name is too long; choose a shorter one"):
        check_outputs([tmp_path / f"{'a' * 300}.tif"], has_crs=True, overwrite=False)
