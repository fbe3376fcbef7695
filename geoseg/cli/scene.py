"""`geoseg scene`: a rendered scene of any size, with everything in it."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from geoseg.cli.errors import told
from geoseg.cli.evaluate import Shown, shown
from geoseg.cli.segment import progress_bar
from geoseg.errors import OptionsError
from geoseg.training.camera.rendering import Renderer
from geoseg.training.camera.scene_options import SceneOptions, random_scene_options
from geoseg.training.land.hashing import generator
from geoseg.training.land.landscape import LANDS
from geoseg.training.land.place import SEASONS
from geoseg.training.scene_file import place_of, write_scene
from geoseg.training.truth import Frame
from tiles.errors import OutputError
from tiles.outputs import check_outputs

LATEST = 10_000
"""Beyond it, dates only take time: things have come and gone often enough."""

Output = Annotated[Path, typer.Argument(help="The GeoTIFF to write.", metavar="OUT.tif")]
Size = Annotated[int, typer.Option("--size", help="Rows and columns.", min=16, max=1_000_000)]
Height = Annotated[
    int | None, typer.Option("--height", help="Rows, if not --size.", min=16, max=1_000_000)
]
Width = Annotated[
    int | None, typer.Option("--width", help="Columns, if not --size.", min=16, max=1_000_000)
]
Gsd = Annotated[float, typer.Option("--gsd", help="Metres per pixel.", min=0.05, max=10)]
Seed = Annotated[int, typer.Option("--seed", help="Another number, another place.", min=0)]
Date = Annotated[
    int,
    typer.Option(
        "--date", help="0, 1, 2 ...: the same place later; some of it changed.", min=0, max=LATEST
    ),
]
Style = Annotated[
    str | None, typer.Option("--style", help=f"What is there: {', '.join(LANDS)}.", metavar="STYLE")
]
Season = Annotated[
    str | None, typer.Option("--season", help=f"One of {', '.join(SEASONS)}.", metavar="SEASON")
]
Clouds = Annotated[float, typer.Option("--clouds", help="Share of the sky.", min=0, max=1)]
Ids = Annotated[
    bool, typer.Option("--ids", help="Write OUT.ids.tif as well: the thing seen at each pixel.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist already.")]


@told
def scene(  # noqa: PLR0913 one parameter per flag
    output: Output,
    *,
    size: Size = 4096,
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
    numbers = output.with_suffix(".ids.tif") if ids else None
    outputs = [output, output.with_suffix(".gpkg"), *([numbers] if numbers else [])]
    check_outputs(outputs, has_crs=True, overwrite=overwrite)
    options = options_of(seed, gsd, style=style, season=season, date=date)
    options = replace(options, air=replace(options.air, clouds=clouds))
    frame = Frame(height or size, width or size, gsd)
    with progress_bar(shown=shown(progress), doing="rendering") as moved:
        count = write_scene(
            output, Renderer(seed, gsd, options), frame,
            place=place_of(seed), ids=numbers, progress=moved,
        )  # fmt: skip
    typer.echo(f"{frame.height:,} x {frame.width:,} pixels at {gsd:g} m, {count:,} things")
    for path in outputs:
        typer.echo(f"wrote {path}")


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
