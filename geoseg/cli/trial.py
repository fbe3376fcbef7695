"""What `geoseg train --dry-run` prints; it loads torch, so other commands never import it."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from geoseg.cli.info import brightness
from geoseg.cli.segment import progress_bar
from geoseg.training.data.own_layer import ImageFacts
from geoseg.training.finish import Outcome, finished_before
from geoseg.training.options import open_options
from geoseg.training.recipe import try_out
from geoseg.training.survey import Survey
from geoseg.training.trial import Rendering, StageTrial, Trial, check_alone

MIB, MB = 2**20, 1e6

MINUTE, HOUR = 60, 3600

MINUTES_FROM, HOURS_FROM = 1.5 * MINUTE, 2 * HOUR
"""Seconds; less is told in seconds, or in minutes."""

EXAMPLES = 5
"""Phrases of a data set that are shown."""

IMAGES = 8
"""Images that are told one by one."""


def show_trial(config: Path, *, shown: bool) -> None:
    """Print what a run will be like, or that it is over."""
    check_alone(os.environ)
    options = open_options(config)
    if (outcome := finished_before(options)) is not None:
        typer.echo(finished_line(outcome))
        if outcome.notice:
            typer.echo(f"note: {outcome.notice}", err=True)
        return
    with progress_bar(shown=shown, doing="reading") as moved:
        trial = try_out(options, moved)
    Console().print(table_of(trial.data))
    for line in (*data_lines(trial.data), *run_lines(trial)):
        typer.echo(line)
    for notice in dict.fromkeys(notice for survey in trial.data for notice in survey.notices):
        typer.echo(f"note: {notice}", err=True)


def finished_line(outcome: Outcome) -> str:
    """What to say of a run that had been finished before."""
    return (
        f"this run is finished already: the model is in {outcome.folder}; to learn on from it, "
        f"begin another run with 'model: {outcome.folder}'"
    )


def table_of(surveys: Sequence[Survey]) -> Table:
    """How much there is in each data set."""
    table = Table(box=None, pad_edge=False)
    for heading in ("data", "for"):
        table.add_column(heading)
    for heading in ("images", "chips", "phrases", "distinct", "absent"):
        table.add_column(heading, justify="right", no_wrap=True)
    for survey in surveys:
        table.add_row(
            survey.name,
            survey.role,
            f"{survey.images:,}",
            f"{survey.chips:,}" if survey.chips else "any",
            f"{survey.phrases:,}",
            f"{len(survey.said):,}",
            f"{survey.absent:.0%}",
        )
    return table


def data_lines(surveys: Sequence[Survey]) -> Iterator[str]:
    """What phrases are like, what was left out, and how images are read."""
    for survey in surveys:
        of = "" if survey.read == survey.chips else f", of {survey.read} chips looked at"
        yield f"{survey.name}{of}: {'; '.join(survey.said[:EXAMPLES])}"
    for own in [survey.own for survey in surveys if survey.own and survey.role == "learning"]:
        yield f"the layer holds {own.features:,} polygons"
        yield from map(image_line, own.images[:IMAGES])
        if (more := len(own.images) - IMAGES) > 0:
            yield f"... and {more:,} more images"


def image_line(image: ImageFacts) -> str:
    """How an image is read, and what is on it."""
    bands = ", ".join(map(str, image.bands))
    return (
        f"{image.path.name}: {image.height:,} x {image.width:,} pixels, {image.chips:,} chips, "
        f"{image.polygons:,} polygons; bands {bands} of {image.dtype}, {brightness(image.stretch)} "
        "from black to white"
    )


def run_lines(trial: Trial) -> Iterator[str]:
    """How long the parts of a run take, and what room."""
    if trial.unknown:
        yield f"words that the model does not know: {', '.join(trial.unknown)}"
    yield f"{trial.learning:,} of {trial.parameters:,} numbers learn"
    if trial.rendering is not None:
        yield rendering_line(trial.rendering)
    yield from map(stage_line, trial.stages)
    if trial.examining:
        yield f"validation: {duration(trial.examining)} in all"
    yield (
        f"in all about {duration(trial.seconds)}; a kept state takes "
        f"{max(stage.kept for stage in trial.stages) / MB:,.1f} MB, and {trial.free / MB:,.0f} MB "
        "are free"
    )


def stage_line(stage: StageTrial) -> str:
    """How long a stage takes, or what is left of it."""
    if not stage.left:
        return f"{stage.name}: all {stage.steps:,} steps are done already"
    steps = f"{stage.steps:,} steps"
    if stage.done:
        steps = f"{stage.done:,} of {steps} are done and kept; the other {stage.left:,}"
    return (
        f"{stage.name}: {steps} of {stage.pace:.2f} s are {duration(stage.left * stage.pace)} "
        f"({stage.seconds:.2f} s to learn, {stage.ready:.2f} s to make a batch ready); "
        f"{stage.memory / MIB:,.0f} MiB of memory"
    )


def rendering_line(rendering: Rendering) -> str:
    """What is still to be rendered."""
    if not rendering.missing:
        return f"scenes: all {rendering.there:,} files are there and can be read"
    return (
        f"scenes: {rendering.there:,} files are there and can be read; the other "
        f"{rendering.missing:,} are rendered first, about {duration(rendering.seconds)} and "
        f"{rendering.size / MB:,.0f} MB"
    )


def duration(seconds: float) -> str:
    """Seconds as people read them.

    >>> duration(8), duration(90), duration(9000)
    ('8 s', '2 min', '2.5 h')
    """
    if seconds < MINUTES_FROM:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < HOURS_FROM else f"{seconds / HOUR:.1f} h"
