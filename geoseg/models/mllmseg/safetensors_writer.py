"""A safetensors file written tensor by tensor, so that memory holds one of them at a time.

The format: https://github.com/huggingface/safetensors#format. The library writes only what is in
memory whole.
"""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from geoseg.models.mllmseg.stored import DTYPES

CODES = {dtype: code for code, dtype in DTYPES.items()}

HEADER_LENGTH = 8
"""Bytes of the little-endian number that tells how long the header is; tensors begin at a multiple
of it."""

Contents = Mapping[str, tuple[tuple[int, ...], torch.dtype]]
"""Shape and dtype of every tensor of a file, by name."""


def write_safetensors(
    path: Path, contents: Contents, tensors: Iterable[tuple[str, Tensor]]
) -> None:
    """Write the tensors as they come, in any order; they must be those that `contents` tells of."""
    places, header = laid_out(contents)
    with path.open("wb") as file:
        file.write(len(header).to_bytes(HEADER_LENGTH, "little") + header)
        start = file.tell()
        for name, tensor in tensors:
            file.seek(start + places[name])
            flat = tensor.contiguous().reshape(-1).view(torch.uint8)
            file.write(flat.numpy().data)


def laid_out(contents: Contents) -> tuple[dict[str, int], bytes]:
    """Where each tensor begins behind the header, and the header.

    Those of wide numbers come first, so that each begins where its numbers are aligned.
    """
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    places: dict[str, int] = {}
    end = 0
    for name, (shape, dtype) in sorted(contents.items(), key=lambda entry: -entry[1][1].itemsize):
        places[name], end = end, end + math.prod(shape) * dtype.itemsize
        header[name] = {
            "dtype": CODES[dtype],
            "shape": list(shape),
            "data_offsets": [places[name], end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    return places, text + b" " * (-len(text) % HEADER_LENGTH)
