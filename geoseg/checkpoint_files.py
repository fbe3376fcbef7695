"""Whether the files of a checkpoint are all there, told without loading any."""

import json
from collections.abc import Iterator
from pathlib import Path

WEIGHTS = ("model.safetensors", "pytorch_model.bin")
"""What weights in one file are called."""

INDEX = ".index.json"
"""Behind the same names where they lie in several."""

TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")
"""Any one of them holds the words."""

LENGTH_BYTES = 8
"""At the beginning of a safetensors file: how long its header is."""

LONGEST_HEADER = 100_000_000
"""Bytes that the format allows for a header."""


def lacks(folder: Path) -> str:
    """What a checkpoint's folder lacks, as the end of "it has ..."; empty where nothing is seen.

    Of safetensors files the length is compared with what their headers tell (the format's own
    specification); other weights are only looked for.
    """
    return next(_faults(folder), "")


def _faults(folder: Path) -> Iterator[str]:
    """All that is wrong."""
    names = _names_of_weights(folder)
    if not names:
        yield f"no weights ({' or '.join(WEIGHTS)})"
    for name in names:
        if not (path := folder / name).is_file():
            yield f"no {name}"
        elif path.suffix == ".safetensors":
            yield from _cut(path)
    if not any((folder / name).is_file() for name in TOKENIZERS):
        yield f"no tokenizer ({', '.join(TOKENIZERS[:-1])} or {TOKENIZERS[-1]})"


def _names_of_weights(folder: Path) -> list[str]:
    """The files that hold the weights, whether they are there or not; none where nothing tells."""
    for single in WEIGHTS:
        if (folder / single).is_file():
            return [single]
        try:
            listed = json.loads((folder / (single + INDEX)).read_text("utf-8"))["weight_map"]
            return sorted({str(name) for name in listed.values()})
        except (OSError, ValueError, LookupError, AttributeError, TypeError):
            continue
    return []


def _cut(path: Path) -> Iterator[str]:
    """What is wrong with the length of a safetensors file, if anything."""
    has = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        try:
            header = json.loads(file.read(min(length, LONGEST_HEADER)))
            ends = [told["data_offsets"][1] for name, told in header.items() if name[:2] != "__"]
        except (ValueError, LookupError, AttributeError, TypeError):
            yield f"a damaged {path.name}"
            return
    if has != (expected := LENGTH_BYTES + length + max(ends, default=0)):
        yield f"{has:,} bytes of {path.name}, which should be {expected:,}"
