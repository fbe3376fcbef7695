"""RRSIS-D: images with phrases and masks in the files of a REFER data set.

The layout is `rrsisd/refs(unc).p`, `rrsisd/instances.json` and `images/rrsisd/JPEGImages/*.jpg`.
What its tables say of boxes and areas is not used: the boxes are x, y, x, y and the areas wrong.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from geoseg.errors import DataError
from geoseg.training.data.folders import existing_folder
from geoseg.training.data.listed import Entry, ListedSource, Wanted
from geoseg.training.data.phrase_lists import open_text
from geoseg.training.data.pickles import open_plain_pickle
from geoseg.training.data.truths import PackedTruth

Split = Literal["train", "val", "test"]

Table = Mapping[str, Any]


def open_rrsisd(path: Path, split: Split) -> ListedSource:
    """RRSIS-D in a folder; phrases about one image file are one entry, with a truth each."""
    existing_folder(path, "RRSIS-D")
    tables = existing_folder(path / "rrsisd", "the tables of RRSIS-D")
    refs = _refs(open_plain_pickle(tables / "refs(unc).p", "the list of phrases"))
    instances = _instances(open_text(tables / "instances.json", "the list of masks"))
    images = existing_folder(path / "images" / "rrsisd" / "JPEGImages", "the images of RRSIS-D")
    chosen = [ref for ref in refs if ref["split"] == split]
    if chosen and not any(ref["sentences"] for ref in chosen):
        raise DataError(
            f"none of the {len(chosen)} entries for '{split}' in '{tables}' has a phrase; take "
            "refs(unc).p from its publisher again"
        )
    try:
        entries = list(_entries(chosen, instances, images))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise DataError(
            f"the lists in '{tables}' do not say what RRSIS-D says: {error!r} is missing or wrong; "
            "take both from the same release"
        ) from error
    return ListedSource(f"rrsisd {split}", entries)


def _refs(found: object) -> Sequence[Table]:
    """The entries of the list of phrases."""
    keys = {"ann_id", "image_id", "split", "sentences"}
    if not isinstance(found, list) or not all(
        isinstance(ref, dict) and keys <= ref.keys() for ref in found
    ):
        raise DataError(
            f"the list of phrases should hold entries with {', '.join(sorted(keys))}; "
            "take the refs(unc).p of RRSIS-D"
        )
    return found


def _instances(text: str) -> Table:
    """The list of masks."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise DataError(f"instances.json is not JSON: {error}; copy it again") from error
    if not isinstance(found, dict) or not {"images", "annotations"} <= found.keys():
        raise DataError("instances.json should hold images and annotations; take that of RRSIS-D")
    return found


def _entries(refs: Iterable[Table], instances: Table, images: Path) -> Iterator[Entry]:
    """One entry for each image file, in the order of the phrases."""
    files = {image["id"]: str(image["file_name"]) for image in instances["images"]}
    annotations = {annotation["id"]: annotation for annotation in instances["annotations"]}
    families = {kind["id"]: str(kind["name"]) for kind in instances.get("categories", ())}
    wanted: dict[str, list[Wanted]] = {}
    for ref in refs:
        annotation = annotations[ref["ann_id"]]
        family = families.get(annotation.get("category_id", annotation.get("categories_id")), "")
        truth = PackedTruth(_packed(annotation["segmentation"]), f"annotation {ref['ann_id']}")
        listed = wanted.setdefault(files[ref["image_id"]], [])
        # one that is missing is told with all other phrases that cannot be asked
        said = [_sentence(sentence) for sentence in ref["sentences"]] or [""]
        listed += [Wanted(phrase, truth, family) for phrase in said]
    for file, listed in wanted.items():
        yield Entry(images / file, tuple(listed))


def _sentence(said: Table) -> str:
    """The words as they were written down, not cut into tokens."""
    return str(said.get("raw") or said.get("sent") or "")


def _packed(
    segmentation: Table | Sequence[Table],
) -> tuple[tuple[str | tuple[int, ...], tuple[int, int]], ...]:
    """The run lengths of a mask and the size they are for; a list of them is the usual form."""
    parts = [segmentation] if isinstance(segmentation, Mapping) else segmentation
    packed = []
    for part in parts:
        height, width = map(int, part["size"])
        counts = part["counts"]
        packed.append((counts if isinstance(counts, str) else tuple(counts), (height, width)))
    return tuple(packed)
