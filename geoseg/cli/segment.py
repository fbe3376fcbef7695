"""`geoseg segment`: a scene and phrases in, masks and polygons out."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from geoseg import pipeline
from geoseg.cli.errors import FAILED, tell, to_json, told
from geoseg.cli.flags import flagged
from geoseg.errors import OptionsError
from geoseg.options import RunOptions
from geoseg.result import RunReport
from geoseg.yaml_file import load_yaml

Scene = Annotated[
    str, typer.Argument(help="A raster: path, URL, VRT, or anything GDAL opens.", metavar="SCENE")
]
Config = Annotated[
    Path | None,
    typer.Option("--config", help="Settings in a YAML file; flags win over it.", metavar="FILE"),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]


@told
@flagged("chips", "image", "mask", "polygons", "model", "run")
def segment(  # noqa: PLR0913 one parameter per flag
    *,
    scene: Scene,
    query: Annotated[
        list[str],
        typer.Option("-q", "--query", help="What to look for; give it again to ask more."),
    ],
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o",
            "--output",
            help="A file to write: .tif mask; .geojson, .gpkg, .fgb or .parquet polygons.",
            metavar="FILE",
        ),
    ] = None,
    config: Config = None,
    json: Json = False,
    progress: Annotated[
        bool | None,
        typer.Option("--progress/--no-progress", help="Show a progress bar.", show_default=False),
    ] = None,
    given: Mapping[str, Mapping[str, Any]],
) -> None:
    """Find what is asked for in a scene and write it as masks and polygons."""
    options = RunOptions.of(
        merged({"run": {"keep_rasters": False}}, merged(load_yaml(config) if config else {}, given))
    )
    if not output and options.mask.scores is None:
        raise OptionsError("there is nothing to write; name a file with -o, such as -o found.gpkg")
    shown = Console(stderr=True).is_terminal and not json if progress is None else progress
    with progress_bar(shown=shown) as moved:
        result = pipeline.segment(scene, query, outputs=output, options=options, progress=moved)
    if json:
        typer.echo(to_json(result.report.as_dict()))
    else:
        show(result.report)
    if result.report.failed:
        tell(
            f"{result.report.failed} of {result.report.chips} chips failed and are no data in the "
            "result:\n" + "\n".join(result.report.failures[:10])
        )
        raise typer.Exit(FAILED)


def merged(config: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a file with those of the command line laid over them.

    >>> merged({"chips": {"overlap": 8, "batch": 2}}, {"chips": {"overlap": 16}})
    {'chips': {'overlap': 16, 'batch': 2}}
    """
    both = dict(config)
    for group, values in given.items():
        under = both.get(group)
        if isinstance(under, Mapping) and isinstance(values, Mapping):
            both[group] = {**under, **values}
        else:  # where a group is no mapping, RunOptions will refuse it
            both[group] = values
    return both


class _Speed(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.finished_speed or task.speed or 0:.1f}/s")


@contextmanager
def progress_bar(
    *, shown: bool, doing: str = "asking"
) -> Iterator[Callable[[int, int], None] | None]:
    """A callback that moves a bar, with what is being done; None where no bar is shown."""
    if not shown:
        yield None
        return
    columns = (
        TextColumn(doing),
        BarColumn(),
        MofNCompleteColumn(),
        _Speed(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show(report: RunReport) -> None:
    """Print what was found and written; notes go to the standard error stream."""
    chips = "1 chip" if report.asked == 1 else f"{report.asked:,} chips"
    typer.echo(f"{report.scene}: {chips} asked in {report.seconds:.1f} s", nl=False)
    typer.echo(f", {report.skipped:,} without data skipped" if report.skipped else "")
    Console().print(summary(report))
    for path in report.outputs:
        typer.echo(f"wrote {path}")
    for notice in report.notices:
        typer.echo(f"note: {notice}", err=True)


def summary(report: RunReport) -> Table:
    """What was found, as a table."""
    table = Table("query")
    for heading in ("objects", "area", "chips with it"):
        table.add_column(heading, justify="right")
    for found in report.queries:
        area = "?" if found.area_m2 is None else f"{found.area_m2:,.1f} m²"
        table.add_row(Text(found.query), f"{found.objects:,}", area, f"{found.chips_with_it:,}")
    return table
