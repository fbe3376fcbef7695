"""`geoseg convert`: a published checkpoint in geoseg's own layout."""

import re
from pathlib import Path
from typing import Annotated

import typer

from geoseg.cli.errors import told
from geoseg.errors import OptionsError
from geoseg.segmenter import checkpoint_folder

UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
BINARY_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}

GIB = 2**30

DTYPES = ("auto", "fp32", "bf16", "fp16", "float32", "bfloat16", "float16")
"""What weights can be stored in, known here so that a wrong one is told at once."""


@told
def convert(
    source: Annotated[
        str,
        typer.Argument(
            help="Folder of a checkpoint, or its hub id, with @REVISION if wanted.", metavar="SRC"
        ),
    ],
    target: Annotated[Path, typer.Argument(help="Folder to write.", metavar="DST")],
    *,
    dtype: Annotated[
        str,
        typer.Option(
            "--dtype", help="auto (as stored), bf16 (or bfloat16), fp16 (float16), fp32 (float32)."
        ),
    ] = "auto",
    shard_size: Annotated[
        str, typer.Option("--shard-size", help="Most that one file of weights holds.")
    ] = "5GB",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a checkpoint that is there already.")
    ] = False,
) -> None:
    """Write a published MLLMSeg checkpoint, or one of geoseg's, in geoseg's layout."""
    size = bytes_in(shard_size)
    if dtype not in DTYPES:
        raise OptionsError(f"dtype {dtype!r} is unknown; use {', '.join(DTYPES)}")
    folder = checkpoint_folder(source)
    # torch costs seconds, and only this command of the command line needs it by itself
    from geoseg.models.hub import fetched  # noqa: PLC0415
    from geoseg.models.mllmseg.model_card import Origin  # noqa: PLC0415
    from geoseg.models.mllmseg.saving import Saving, write_checkpoint  # noqa: PLC0415

    saving = Saving(dtype, size, overwrite)
    if folder is None:
        found = fetched(source)
        folder, origin = found.folder, Origin(source.partition("@")[0], found.commit)
    else:
        origin = Origin(folder.resolve().name)
    written = write_checkpoint(folder, target, origin=origin, saving=saving)
    typer.echo(
        f"{target}: {written.parameters:,} parameters in {written.dtype},"
        f" {written.size / GIB:.2f} GiB in {written.files} file{'s' * (written.files > 1)}"
    )


def bytes_in(size: str) -> int:
    """The bytes that a size such as 5GB or 500MiB means.

    >>> bytes_in("5GB"), bytes_in("1 KiB")
    (5000000000, 1024)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?", size.strip(), re.IGNORECASE)
    number, unit, binary = found.groups() if found else ("0", "", "")
    units = BINARY_UNITS if binary else UNITS
    if (bytes_wanted := int(float(number) * units.get(unit.upper(), 0))) < 1:
        raise OptionsError(f"--shard-size {size!r} is no size; give one such as 5GB or 500MiB")
    return bytes_wanted
