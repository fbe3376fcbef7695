import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from geoseg.errors import GeosegError
from geoseg.training.data.check import inspected
from geoseg.training.data.rrsisd import open_rrsisd
from tests.geoseg.training.data.layouts import KNOWN, counts_of, known, packed, write_rrsisd


def tables_of(folder: Path) -> tuple[list[dict], dict]:  # type: ignore[type-arg]  # JSON
    refs = pickle.loads((folder / "rrsisd" / "refs(unc).p").read_bytes())  # noqa: S301 our own
    return refs, json.loads((folder / "rrsisd" / "instances.json").read_text())


def rewrite(folder: Path, refs: object, instances: object) -> None:
    (folder / "rrsisd" / "refs(unc).p").write_bytes(pickle.dumps(refs))
    (folder / "rrsisd" / "instances.json").write_text(json.dumps(instances))


def test_every_entry_is_what_it_was_made_from(tmp_path: Path) -> None:
    source = open_rrsisd(write_rrsisd(tmp_path), "val")
    assert len(source) == len(KNOWN)
    for sample, one in zip(source, KNOWN, strict=True):
        np.testing.assert_array_equal(sample.image, one.image)
        assert len(sample.asked) == len(one.phrases)
        for asked in sample.asked:
            np.testing.assert_array_equal(asked.mask, one.mask)
            assert asked.family == "vehicle"
    assert inspected(source).problems == ()


def test_only_phrases_of_the_split_are_taken(tmp_path: Path) -> None:
    write_rrsisd(tmp_path)
    refs, instances = tables_of(tmp_path)
    refs[1]["split"] = "test"
    rewrite(tmp_path, refs, instances)
    assert len(open_rrsisd(tmp_path, "val")) == 2
    assert open_rrsisd(tmp_path, "test").phrases(0) == KNOWN[1].phrases
    with pytest.raises(GeosegError, match="rrsisd train has no entries"):
        open_rrsisd(tmp_path, "train")


def test_phrases_about_one_file_are_one_entry_with_a_truth_each(tmp_path: Path) -> None:
    write_rrsisd(tmp_path)
    refs, instances = tables_of(tmp_path)
    instances["images"][1]["file_name"] = instances["images"][0]["file_name"]
    rewrite(tmp_path, refs, instances)
    source = open_rrsisd(tmp_path, "val")
    assert len(source) == 2
    masks = [asked.mask for asked in source[0].asked]
    np.testing.assert_array_equal(masks[0], KNOWN[0].mask)
    np.testing.assert_array_equal(masks[2], KNOWN[1].mask)


def test_runs_may_stand_alone_or_as_numbers(tmp_path: Path) -> None:
    write_rrsisd(tmp_path)
    refs, instances = tables_of(tmp_path)
    size = list(KNOWN[0].mask.shape)
    instances["annotations"][0]["segmentation"] = {"size": size, "counts": counts_of(KNOWN[0].mask)}
    instances["annotations"][1]["segmentation"] = []
    rewrite(tmp_path, refs, instances)
    source = open_rrsisd(tmp_path, "val")
    np.testing.assert_array_equal(source[0].asked[0].mask, KNOWN[0].mask)
    assert not source[1].asked[0].present


def test_a_mask_of_another_size_than_its_image_is_told(tmp_path: Path) -> None:
    write_rrsisd(tmp_path)
    refs, instances = tables_of(tmp_path)
    other = known(5, shape=(20, 20)).mask
    rle = {"size": [20, 20], "counts": packed(counts_of(other))}
    instances["annotations"][0]["segmentation"] = [rle]
    rewrite(tmp_path, refs, instances)
    with pytest.raises(GeosegError, match="mask 20 x 20, image 12 x 17"):
        open_rrsisd(tmp_path, "val")[0]


@pytest.mark.parametrize("key", ["file_name", "id"])
def test_lists_that_do_not_belong_together_are_refused(tmp_path: Path, key: str) -> None:
    write_rrsisd(tmp_path)
    refs, instances = tables_of(tmp_path)
    del instances["images"][0][key]
    rewrite(tmp_path, refs, instances)
    with pytest.raises(GeosegError, match="same release"):
        open_rrsisd(tmp_path, "val")


@pytest.mark.parametrize("refs", [{"a": 1}, [1], [{"ann_id": 1}], []])
def test_a_pickle_of_something_else_is_refused(tmp_path: Path, refs: object) -> None:
    write_rrsisd(tmp_path)
    rewrite(tmp_path, refs, tables_of(tmp_path)[1])
    with pytest.raises(GeosegError, match=r"refs\(unc\).p|no entries"):
        open_rrsisd(tmp_path, "val")


@pytest.mark.parametrize("text", ["{", "[]", '{"images": []}'])
def test_masks_in_another_form_are_refused(tmp_path: Path, text: str) -> None:
    write_rrsisd(tmp_path)
    (tmp_path / "rrsisd" / "instances.json").write_text(text)
    with pytest.raises(GeosegError, match=r"instances\.json"):
        open_rrsisd(tmp_path, "val")


def test_what_systems_leave_in_folders_is_passed_over(tmp_path: Path) -> None:
    write_rrsisd(tmp_path)
    for folder in ("rrsisd", "images/rrsisd/JPEGImages"):
        for name in ("Thumbs.db", ".DS_Store"):
            (tmp_path / folder / name).write_text("?")
    assert inspected(open_rrsisd(tmp_path, "val")).problems == ()


def test_an_entry_without_a_phrase_is_broken(tmp_path: Path) -> None:
    write_rrsisd(tmp_path)
    refs, instances = tables_of(tmp_path)
    refs[0]["sentences"] = []
    rewrite(tmp_path, refs, instances)
    told = str(inspected(open_rrsisd(tmp_path, "val")))
    assert "phrases cannot be asked (1): 00007.png (the query is empty" in told


def test_a_list_without_any_phrase_is_refused(tmp_path: Path) -> None:
    write_rrsisd(tmp_path)
    refs, instances = tables_of(tmp_path)
    rewrite(tmp_path, [{**ref, "sentences": []} for ref in refs], instances)
    with pytest.raises(GeosegError, match=r"none of the 3 entries for 'val' .* has a phrase"):
        open_rrsisd(tmp_path, "val")
