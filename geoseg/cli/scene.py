"""`geoseg scene`: a rendered scene of any size, with everything in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import disk_usage
from typing import Annotated

import typer

from geoseg.cli.errors import told
from geoseg.cli.evaluate import Shown, shown
from geoseg.cli.flags import within
from geoseg.cli.segment import progress_bar
from geoseg.errors import OptionsError
from geoseg.training.camera.rendering import Renderer
from geoseg.training.camera.scene_options import SceneOptions, random_scene_options
from geoseg.training.land.dates import LATEST
from geoseg.training.land.hashing import generator
from geoseg.training.land.landscape import LANDS
from geoseg.training.land.place import SEASONS
from geoseg.training.scene_file import place_of, write_scene
from geoseg.training.scenes import USERS_SEED
from geoseg.training.truth import Frame
from tiles.errors import OutputError
from tiles.outputs import FAILURES, check_outputs

BYTES, MB = 2, 1e6
"""Of a pixel of a scene, its picture and outlines together; of a megabyte."""

Output = Annotated[Path, typer.Argument(help="The GeoTIFF to write.", metavar="OUT.tif")]
SHORTEST, USUAL, LONGEST = 16, 4096, 1_000_000
"""Pixels along a side."""

as_side = within(SHORTEST, LONGEST)

Size = Annotated[
    int | None,
    typer.Option("--size", help=f"Rows and columns. Default: {USUAL}.", callback=as_side),
]
Height = Annotated[
    int | None, typer.Option("--height", help="Rows, in place of --size.", callback=as_side)
]
Width = Annotated[
    int | None, typer.Option("--width", help="Columns, in place of --size.", callback=as_side)
]
Gsd = Annotated[
    float,
    typer.Option("--gsd", help="Metres per pixel, from 0.05 to 10.", callback=within(0.05, 10)),
]
Seed = Annotated[
    int, typer.Option("--seed", help="Another number, another place.", callback=within(0))
]
Date = Annotated[
    int,
    typer.Option(
        "--date",
        help="0, 1, 2 ...: the same place later; some of it changed.",
        callback=within(0, LATEST),
    ),
]
Style = Annotated[
    str | None, typer.Option("--style", help=f"What is there: {', '.join(LANDS)}.", metavar="STYLE")
]
Season = Annotated[
    str | None, typer.Option("--season", help=f"One of {', '.join(SEASONS)}.", metavar="SEASON")
]
Clouds = Annotated[
    float,
    typer.Option("--clouds", help="Share of the sky, from 0 to 1.", callback=within(0, 1)),
]
Ids = Annotated[
    bool, typer.Option("--ids", help="Write OUT.ids.tif as well: the thing seen at each pixel.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist already.")]


@told
def scene(  # noqa: PLR0913 one parameter per flag
    output: Output,
    *,
    size: Size = None,
    height: Height = None,
    width: Width = None,
    gsd: Gsd = 0.3,
    seed: Seed = 7,
    date: Date = 0,
    style: Style = None,
    season: Season = None,
    clouds: Clouds = 0.0,
    ids: Ids = False,
    overwrite: Overwrite = False,
    progress: Shown = None,
) -> None:
    """Render a scene of any size: a GeoTIFF, and a GeoPackage with the outline of every thing."""
    if output.suffix.lower() not in (".tif", ".tiff"):
        raise OutputError(f"'{output}' would not be a GeoTIFF; name a .tif file")
    height, width = shape_of(size, height, width)
    numbers = output.with_suffix(".ids.tif")
    outputs = [output, output.with_suffix(".gpkg"), *([numbers] if ids else [])]
    check_outputs(outputs, has_crs=True, overwrite=overwrite)
    if not ids:
        check_no_numbers(numbers, output)
    place = place_of(seed)
    seed += USERS_SEED
    options = options_of(seed, gsd, style=style, season=season, date=date)
    options = replace(options, air=replace(options.air, clouds=clouds))
    frame = Frame(height, width, gsd)
    if (needed := BYTES * height * width) > (free := disk_usage(output.resolve().parent).free):
        typer.echo(
            f"note: it may take {needed / MB:,.1f} MB, but {free / MB:,.1f} are free", err=True
        )
    with progress_bar(shown=shown(progress), doing="rendering") as moved, room_told(output, frame):
        count = write_scene(
            output, Renderer(seed, gsd, options), frame,
            place=place, ids=numbers if ids else None, progress=moved,
        )  # fmt: skip
    typer.echo(f"{frame.height:,} x {frame.width:,} pixels at {gsd:g} m, {count:,} things")
    for path in outputs:
        typer.echo(f"wrote {path}")
    if not count:
        typer.echo(
            "note: nothing in this scene has a name or can be seen, so its GeoPackage is empty; "
            "take another --seed, fewer --clouds or a larger scene",
            err=True,
        )


def shape_of(size: int | None, height: int | None, width: int | None) -> tuple[int, int]:
    """Rows and columns of a scene, from --size or from --height and --width."""
    if size is not None and (height is not None or width is not None):
        raise OptionsError(
            f"--size {size} is both rows and columns; give it alone, or --height and --width "
            "without it"
        )
    return height or size or USUAL, width or size or USUAL


@contextmanager
def room_told(output: Path, frame: Frame) -> Iterator[None]:
    """Whatever keeps a scene from being written, with the room that it takes."""
    try:
        yield
    except FAILURES as error:
        needed, free = BYTES * frame.height * frame.width, disk_usage(output.resolve().parent).free
        raise OutputError(
            f"'{output}' could not be written ({first(error)}), and nothing of it is left; such a "
            f"scene takes about {needed / MB:,.1f} MB, and its disk has {free / MB:,.1f} MB free: "
            "make room, or write to another one"
        ) from error


def first(error: BaseException) -> BaseException:
    """What went wrong first; the last words of libraries are often only "see above"."""
    return error if error.__cause__ is None else first(error.__cause__)


def check_no_numbers(numbers: Path, output: Path) -> None:
    """Refuse to leave the numbers of another scene beside a new one."""
    if numbers.exists():
        raise OutputError(
            f"'{numbers}' is of another scene and would be taken for that of '{output.name}'; "
            "delete it, or replace it too with --ids and --overwrite"
        )


def options_of(
    seed: int, gsd: float, *, style: str | None, season: str | None, date: int
) -> SceneOptions:
    """What the seed draws, with what was asked for; light and camera differ between dates."""
    if style is not None and style not in LANDS:
        raise OptionsError(f"style '{style}' is unknown; choose one of {', '.join(LANDS)}")
    if season is not None and season not in SEASONS:
        raise OptionsError(f"season '{season}' is unknown; choose one of {', '.join(SEASONS)}")
    drawn = random_scene_options(generator(seed, 91, date), gsd=gsd)
    land = replace(
        drawn.land, style=style or "mixed", season=season or drawn.land.season, date=date
    )
    return replace(drawn, land=land, swath=None)
