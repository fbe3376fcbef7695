"""RISBench: images and masks of the same name, listed in text files.

The layout is `img_rgb/<file>`, `mask/<file>` and `output_phrase_{train,val,test}.txt` with lines
"<file> <phrase>". A mask may end in .png where its image ends in .jpg.
"""

from pathlib import Path
from typing import Literal

from geoseg.training.data.folders import existing_folder
from geoseg.training.data.listed import Entry, ListedSource, Wanted
from geoseg.training.data.phrase_lists import open_phrase_list
from geoseg.training.data.truths import FileTruth

Split = Literal["train", "val", "test"]

ENDINGS = (".png", ".jpg", ".tif")


def open_risbench(path: Path, split: Split, *, threshold: int | None = None) -> ListedSource:
    """RISBench in a folder."""
    existing_folder(path, "RISBench")
    phrases = open_phrase_list(path / f"output_phrase_{split}.txt")
    images, masks = (existing_folder(path / name, name) for name in ("img_rgb", "mask"))
    in_images, in_masks = (frozenset(p.name for p in where.iterdir()) for where in (images, masks))
    entries = []
    for name, listed in phrases.items():
        truth = FileTruth(masks / _known_as(name, in_masks), threshold)
        wanted = tuple(Wanted(said, truth) for said in listed)
        entries.append(Entry(images / _known_as(name, in_images), wanted))
    return ListedSource(f"risbench {split}", entries)


def _known_as(name: str, names: frozenset[str]) -> str:
    """The name as it is in a folder: with its own ending or, where that is not there, another."""
    others = (str(Path(name).with_suffix(ending)) for ending in ENDINGS)
    return next((known for known in (name, *others) if known in names), name)
