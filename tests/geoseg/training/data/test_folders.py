from pathlib import Path

import pytest

from geoseg.errors import GeosegError
from geoseg.training.data.folders import existing_file, existing_folder, files_in, is_remote


def test_what_is_there_comes_back(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    assert existing_folder(tmp_path, "the data") == tmp_path
    assert existing_file(tmp_path / "a.txt", "the list") == tmp_path / "a.txt"


def test_a_typo_is_told_with_the_name_that_is_near(tmp_path: Path) -> None:
    (tmp_path / "RefSegRS").mkdir()
    with pytest.raises(GeosegError, match="there is 'RefSegRS'"):
        existing_folder(tmp_path / "RefSegSR" / "images", "the images")


def test_where_nothing_is_near_all_names_are_told(tmp_path: Path) -> None:
    with pytest.raises(GeosegError, match="is empty"):
        existing_file(tmp_path / "a.txt", "the list")
    for number in range(11):
        (tmp_path / f"{number}").touch()
    with pytest.raises(GeosegError, match=r"'0', '1', '10', .* and 3 more"):
        existing_file(tmp_path / "phrases.txt", "the list")


def test_files_and_folders_are_not_taken_for_each_other(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    with pytest.raises(GeosegError, match="is a file"):
        existing_folder(tmp_path / "a.txt", "the data")
    with pytest.raises(GeosegError, match="is a folder"):
        existing_file(tmp_path, "the list")


def test_what_systems_leave_in_a_folder_is_none_of_its_files(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", "Thumbs.db", "desktop.ini", ".DS_Store", "a.png.aux.xml"):
        (tmp_path / name).touch()
    (tmp_path / "c.png").mkdir()
    assert [file.name for file in files_in(tmp_path)] == ["a.png", "b.png"]


@pytest.mark.parametrize("place", ["https://a.org/b.tif", "s3://a/b.tif", "/vsizip/a.zip"])
def test_places_that_only_gdal_reads_are_remote(place: str) -> None:
    assert is_remote(place)


@pytest.mark.parametrize("place", ["a.tif", "/a/vsi.tif", "C:/a.tif", "../a?.tif", ""])
def test_places_is_remote_are_not(place: str) -> None:
    assert not is_remote(place)
