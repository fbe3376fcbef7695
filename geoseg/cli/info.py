"""`geoseg info`: what a scene is, how it would be read, and how long a run would take."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from geoseg.checkpoint import load_facts
from geoseg.cli.errors import to_json, told
from geoseg.cli.flags import flagged
from geoseg.cli.segment import Config, Json, Scene, merged
from geoseg.errors import ModelError
from geoseg.options import RunOptions, load_yaml
from geoseg.segmenter import EMBEDDED, checkpoint_folder
from tiles.colour import Stretch, stretch_of
from tiles.grid import ChipGrid
from tiles.measuring import metres_per_unit
from tiles.reading import Raster, open_raster

LOADING_S = 4
"""What starting and loading a small model takes."""


@told
@flagged("chips", "image", "model")
def info(
    *,
    scene: Scene,
    queries: Annotated[
        int, typer.Option("--queries", help="How many queries to plan for.", min=1)
    ] = 1,
    config: Config = None,
    json: Json = False,
    given: Mapping[str, Mapping[str, Any]],
) -> None:
    """Say what a scene is, how it would be read, how many chips it has, how long about."""
    options = RunOptions.of(merged(load_yaml(config) if config else {}, given))
    image = options.image
    with open_raster(scene, bands=image.bands, nodata=image.nodata, crs=image.assign_crs) as raster:
        facts = {**about(raster), "stretch": brightness(stretch_of(raster, image.stretch))}
        facts |= plan(raster, options, queries)
    if json:
        typer.echo(to_json(facts))
        return
    table = Table(show_header=False, title=Text(scene), title_justify="left")
    for name, value in facts.items():
        table.add_row(name.replace("_", " "), Text(_text(value)))
    Console().print(table)


def about(raster: Raster) -> dict[str, Any]:
    """What the raster is."""
    box = raster.geobox
    facts: dict[str, Any] = {
        "rows": raster.height,
        "columns": raster.width,
        "bands_in_file": raster.count,
        "bands_used": list(raster.bands),
        "type": str(raster.dtype),
        "crs": None if box.crs is None else str(box.crs),
        "bounds": None if box.crs is None else [round(edge, 8) for edge in box.boundingbox.bbox],
        "gsd_m": None,
        "notices": list(raster.notices),
    }
    if box.crs is not None:
        down, across = metres_per_unit(box)
        facts["gsd_m"] = [
            round(abs(box.resolution.y) * down, 4),
            round(abs(box.resolution.x) * across, 4),
        ]
    return facts


def brightness(stretch: Stretch) -> str:
    """A stretch in words."""
    if stretch.colours is not None:
        return "colour table"
    ranges = [f"{low:g} to {high:g}" for low, high in zip(stretch.low, stretch.high, strict=True)]
    return " / ".join(ranges if len(set(ranges)) > 1 else ranges[:1])


def plan(raster: Raster, options: RunOptions, queries: int) -> dict[str, Any]:
    """How a run over the raster would go."""
    name = options.model.name or EMBEDDED
    folder = checkpoint_folder(name)
    if folder is None:
        raise ModelError(
            f"'{name}' is on a hub, and info downloads nothing; "
            "give the folder of a downloaded checkpoint"
        )
    facts = load_facts(folder)
    overlap = options.chips.overlap_of(facts.chip_size)
    grid = ChipGrid(raster.height, raster.width, facts.chip_size, overlap)
    seconds = None
    if facts.chips_per_second:
        # a further query costs about a tenth of looking at the chip
        asking = len(grid) / facts.chips_per_second * (1 + 0.1 * (queries - 1))
        seconds = round(LOADING_S + asking)
    return {
        "model": name,
        "chip_size": facts.chip_size,
        "overlap": overlap,
        "chips": len(grid),
        "seconds_about": seconds,
    }


def _text(value: object) -> str:
    if value is None:
        return "unknown"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
