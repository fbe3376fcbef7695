"""RefSegRS: aerial images with one mask each, listed in text files.

The layout is `images/<id>.tif`, `masks/<id>.tif` and `output_phrase_{train,val,test}.txt` with
lines "<id> <phrase>".
"""

import hashlib
from pathlib import Path
from typing import Literal

from geoseg.training.data.folders import existing_folder
from geoseg.training.data.listed import Entry, ListedSource, Wanted
from geoseg.training.data.phrase_lists import open_phrase_list
from geoseg.training.data.truths import FileTruth

Split = Literal["train", "val", "test"]


def open_refsegrs(path: Path, split: Split, *, threshold: int | None = None) -> ListedSource:
    """RefSegRS in a folder; phrases of one id share its mask, and some ids share a picture."""
    existing_folder(path, "RefSegRS")
    phrases = open_phrase_list(path / f"output_phrase_{split}.txt")
    images, masks = (existing_folder(path / name, name) for name in ("images", "masks"))
    return ListedSource(
        f"refsegrs {split}",
        [
            Entry(
                images / f"{name}.tif",
                tuple(Wanted(said, FileTruth(masks / f"{name}.tif", threshold)) for said in listed),
                group=picture_in(images / f"{name}.tif"),
            )
            for name, listed in phrases.items()
        ],
    )


def picture_in(path: Path) -> str:
    """The same text for files of the same bytes; for one that cannot be read, its name."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "blake2b").hexdigest()
    except OSError:
        return path.stem  # the check of the data tells what is wrong
