"""EarthReason: questions about images that need thought, with one mask for each image.

The layout is `{train,val,test}/images`, `labels` and `QAs` with files of the same stem. A file of
QAs is JSON with the lists "questions" and "answer"; no answer means that nothing is there.
"""

import json
from pathlib import Path
from typing import Literal

from geoseg.errors import DataError
from geoseg.training.data.folders import existing_folder, files_in
from geoseg.training.data.listed import Entry, ListedSource, Wanted
from geoseg.training.data.phrase_lists import open_text
from geoseg.training.data.truths import FileTruth, NoTarget

Split = Literal["train", "val", "test"]


def open_earthreason(
    path: Path,
    split: Split,
    *,
    questions: Literal["all", "first"] = "all",
    threshold: int | None = None,
) -> ListedSource:
    """EarthReason in a folder.

    All questions about an image mean the same pixels; published results ask the first one only.
    """
    existing_folder(path, "EarthReason")
    part = existing_folder(path / split, f"the split {split} of EarthReason")
    images, labels, qas = (_unpacked(part, name) for name in ("images", "labels", "QAs"))
    answered = {file.stem: file for file in files_in(qas) if file.suffix in (".json", ".txt")}
    masks = {file.stem: file for file in files_in(labels)}
    entries = []
    for image in files_in(images):
        qa = answered.get(image.stem, qas / f"{image.stem}.json")
        said, is_there = _questions(open_text(qa, f"the questions about {image.name}"), qa)
        label = masks.get(image.stem)
        truth = FileTruth(label or labels / f"{image.stem}.png", threshold)
        family = "reasoning" if is_there else "absent"
        chosen = said[:1] if questions == "first" else said
        entries.append(
            Entry(
                image,
                tuple(Wanted(q, truth if is_there else NoTarget(label), family) for q in chosen),
            )
        )
    return ListedSource(f"earthreason {split}", entries)


def _unpacked(part: Path, name: str) -> Path:
    """A folder of a split; some of the archives unpack into one more folder of the split's name."""
    direct, inner = part / name, part / part.name / name
    return inner if inner.is_dir() and not direct.is_dir() else existing_folder(direct, name)


def _questions(text: str, path: Path) -> tuple[list[str], bool]:
    """The questions in a file, and whether there is anything that they ask for."""
    try:
        found = json.loads(text)
        questions, answers = found["questions"], found["answer"]
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"'{path}' should be JSON with the lists 'questions' and 'answer', but {error!r}; "
            "copy it again"
        ) from error
    if not isinstance(questions, list) or not questions:
        raise DataError(f"'{path}' has no questions; take it off, with its image and label")
    if strange := [asked for asked in questions if not isinstance(asked, str | None)]:
        raise DataError(
            f"'{path}' should hold questions in words, but {strange[0]!r:.80} is one; copy it again"
        )
    # a question that is missing is told with all other phrases that cannot be asked
    return [question or "" for question in questions], bool(answers)
