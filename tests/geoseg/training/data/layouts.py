"""Small made-up copies of the published layouts, written from truth that is known."""

import json
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SHAPE = (12, 17)


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """An image, its mask and what is said about it."""

    image: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    phrases: tuple[str, ...]


def known(seed: int, *phrases: str, shape: tuple[int, int] = SHAPE, empty: bool = False) -> Known:
    rng = np.random.default_rng(seed)
    mask = (rng.random(shape) < 0.3) & (not empty)
    return Known(rng.integers(0, 256, (*shape, 3), np.uint8), mask, phrases)


KNOWN = (
    known(0, "the  red roofs ", "all buildings"),
    known(1, "the car on the left"),
    known(2, "the ships", empty=True),
)


def write_image(path: Path, pixels: NDArray[np.generic]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def write_lines(path: Path, names: Sequence[str], samples: Sequence[Known]) -> None:
    lines = [
        f"{name} {said}" for name, one in zip(names, samples, strict=True) for said in one.phrases
    ]
    path.write_text("\n".join(lines) + "\n\n", "utf-8")


def write_refsegrs(folder: Path, samples: Sequence[Known] = KNOWN, split: str = "val") -> Path:
    for number, one in enumerate(samples):
        write_image(folder / "images" / f"{number}.tif", one.image)
        write_image(folder / "masks" / f"{number}.tif", one.mask.astype(np.uint8) * 255)
    names = [str(number) for number in range(len(samples))]
    write_lines(folder / f"output_phrase_{split}.txt", names, samples)
    return folder


def write_risbench(folder: Path, samples: Sequence[Known] = KNOWN, split: str = "val") -> Path:
    for number, one in enumerate(samples):
        write_image(folder / "img_rgb" / f"{number:05d}.png", one.image)
        write_image(folder / "mask" / f"{number:05d}.png", one.mask.astype(np.uint8))
    names = [f"{number:05d}.png" for number in range(len(samples))]
    write_lines(folder / f"output_phrase_{split}.txt", names, samples)
    return folder


def write_earthreason(folder: Path, samples: Sequence[Known] = KNOWN, split: str = "val") -> Path:
    for number, one in enumerate(samples):
        part = folder / split
        write_image(part / "images" / f"a_{number}.png", one.image)
        write_image(part / "labels" / f"a_{number}.png", one.mask.astype(np.uint8) * 255)
        (part / "QAs").mkdir(exist_ok=True)
        answers = ["It is here."] if one.mask.any() else []
        (part / "QAs" / f"a_{number}.json").write_text(
            json.dumps({"questions": one.phrases, "answer": answers})
        )
    return folder


def counts_of(mask: NDArray[np.bool_]) -> list[int]:
    """Runs off, on, off ... column by column."""
    flat = np.concatenate([[False], mask.ravel(order="F"), [not mask[-1, -1]]])
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    return [int(run) for run in np.diff(np.concatenate([[0], edges]))]


def packed(counts: Sequence[int]) -> str:
    """Run lengths as text, by the rule that they are documented with."""
    text = ""
    for place, count in enumerate(counts):
        number = count - counts[place - 2] if place > 2 else count
        while True:
            bits, number = number & 31, number >> 5
            done = number == (-1 if bits & 16 else 0)
            text += chr(48 + bits + (0 if done else 32))
            if done:
                break
    return text


def write_rrsisd(
    folder: Path, samples: Sequence[Known] = KNOWN, split: str = "val", quality: str = ".png"
) -> Path:
    """With the traps: categories_id, boxes as x y x y, wrong areas, run lengths in a list."""
    refs, images, annotations = [], [], []
    for number, one in enumerate(samples, start=7):
        name = f"{number:05d}{quality}"
        write_image(folder / "images" / "rrsisd" / "JPEGImages" / name, one.image)
        height, width = one.mask.shape
        images.append({"id": number, "file_name": name, "height": height, "width": width})
        rle = {"size": [height, width], "counts": packed(counts_of(one.mask))}
        annotations.append({
            "id": number, "image_id": number, "categories_id": 2, "bbox": [1, 2, 5, 9],
            "area": 123456, "iscrowd": 0, "segmentation": [rle],
        })  # fmt: skip
        sentences = [{"raw": said, "sent": said, "tokens": said.split()} for said in one.phrases]
        refs.append({
            "ref_id": number, "ann_id": number, "image_id": number, "category_id": 2,
            "split": split, "sentences": sentences, "file_name": name,
        })  # fmt: skip
    tables = folder / "rrsisd"
    tables.mkdir(parents=True)
    (tables / "refs(unc).p").write_bytes(pickle.dumps(refs, protocol=2))
    categories = [{"id": 2, "name": "vehicle", "supercategory": "things"}]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (tables / "instances.json").write_text(json.dumps(content))
    return folder
