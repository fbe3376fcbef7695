"""`geoseg demo`: a rendered scene, asked several things."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import rasterio
import typer
from numpy.typing import NDArray
from rasterio.transform import from_origin
from rich.console import Console

from geoseg import pipeline
from geoseg.cli.errors import told
from geoseg.cli.segment import progress_bar, show
from geoseg.picture import drawn
from geoseg.training.camera.scene_options import Land, SceneOptions
from geoseg.training.scenes import USERS_SEED, render_scene
from tiles.errors import OutputError
from tiles.writing import whole_or_nothing

PHRASES = ("the buildings", "the red roofs", "the trees", "the water", "the roads")
FILES = ("scene.tif", "overview.png", "found.geojson", "found.gpkg", "found.tif")

GSD_M = 0.25

CRS = "EPSG:32636"

SUBURB = SceneOptions(land=Land("suburb"))
"""What is rendered, on a clear day."""

PLACE = from_origin(452000, 37000, GSD_M, GSD_M)
"""From the pixels of the rendered scene to a place in Kampala."""


@told
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to write.", metavar="DIR")] = Path(
        "geoseg-demo"
    ),
    *,
    seed: Annotated[int, typer.Option("--seed", help="Another number, another scene.", min=0)] = 7,
    rows: Annotated[int, typer.Option("--rows", help="Rows of the scene.", min=64)] = 1024,
    columns: Annotated[int, typer.Option("--columns", help="Columns of the scene.", min=64)] = 1536,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that exist already.")
    ] = False,
) -> None:
    """Render a scene, ask it several things, write GeoJSON, GeoPackage, COG and a picture."""
    scene, picture, *outputs = paths = [folder / name for name in FILES]
    make_room(folder, paths, overwrite=overwrite)
    pixels = render_scene(rows, columns, gsd=GSD_M, seed=USERS_SEED + seed, options=SUBURB).rgb
    write_scene(scene, pixels)
    with progress_bar(shown=Console(stderr=True).is_terminal) as moved:
        result = pipeline.segment(
            scene, PHRASES, outputs=outputs, options={"run": {"overwrite": True}}, progress=moved
        )
    with whole_or_nothing([picture]) as partial:
        drawn(pixels, result.polygons, PLACE, PHRASES).save(partial[picture])
    show(result.report)
    typer.echo(f"look at {picture}")


def make_room(folder: Path, paths: Sequence[Path], *, overwrite: bool) -> None:
    """Make the folder; refuse one that holds files of these names already."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the folder '{folder}' cannot be made: {error.strerror}; choose another"
        ) from None
    if not overwrite and (there := [path.name for path in paths if path.exists()]):
        raise OutputError(
            f"'{folder}' holds {', '.join(there)} already; choose another folder "
            "or give --overwrite"
        )


def write_scene(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write RGB pixels (height, width, 3) as a georeferenced, tiled GeoTIFF."""
    height, width, count = pixels.shape
    profile = {
        "driver": "GTiff",
        "dtype": "uint8",
        "height": height,
        "width": width,
        "count": count,
        "crs": CRS,
        "transform": PLACE,
        "tiled": True,
        "compress": "deflate",
        "photometric": "RGB",
    }
    with whole_or_nothing([path]) as partial, rasterio.open(partial[path], "w", **profile) as file:
        file.write(np.moveaxis(pixels, -1, 0))
