"""`geoseg train`: a model that learns, from a checkpoint or from nothing."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from geoseg.cli.errors import FAILED, STOPPED, tell, told
from geoseg.cli.evaluate import Shown, shown
from geoseg.cli.segment import progress_bar
from geoseg.errors import DivergedError

MIB = 2**20

HOUR = 3600

HOURS_FROM = 2 * HOUR
"""Seconds; less is told in minutes."""


@told
def train_command(
    config: Annotated[
        Path,
        typer.Argument(help="A YAML file such as those in configs/train/.", metavar="CONFIG"),
    ],
    *,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Read all data once, try a step, say what the run will be like; train nothing.",
        ),
    ] = False,
    progress: Shown = None,
) -> None:
    """Train or fine-tune a model as a file says; the same command goes on where it was stopped.

    On several GPUs: torchrun --no-python --nproc-per-node 8 geoseg train CONFIG
    """
    if dry_run:
        show_trial(config, shown=shown(progress))
    else:
        run(config, shown=shown(progress))


def run(config: Path, *, shown: bool) -> None:
    """Train, and tell how it goes."""
    # torch costs seconds, and only this command needs all of it
    from geoseg.training.options import open_options  # noqa: PLC0415
    from geoseg.training.progress import Bar, lines  # noqa: PLC0415
    from geoseg.training.recipe import train  # noqa: PLC0415

    options = open_options(config)
    console = Console(stderr=True)
    try:
        with Bar(console) if shown else lines(console.out) as listener:
            outcome = train(options, listener)
    except KeyboardInterrupt:
        tell(f"stopped; the same command goes on from the state kept last in '{options.run}'")
        raise typer.Exit(STOPPED) from None
    except DivergedError as error:
        tell(str(error))
        raise typer.Exit(FAILED) from error
    if outcome is not None:
        typer.echo(f"wrote {outcome.folder}" + (f": {outcome.quality}" if outcome.quality else ""))
        if outcome.notice:
            typer.echo(f"note: {outcome.notice}", err=True)


def show_trial(config: Path, *, shown: bool) -> None:
    """Print what a run will be like."""
    from geoseg.training.options import open_options  # noqa: PLC0415
    from geoseg.training.recipe import try_out  # noqa: PLC0415

    with progress_bar(shown=shown) as moved:
        trial = try_out(open_options(config), moved)
    for seen in trial.data:
        typer.echo(str(seen))
    if trial.unknown:
        typer.echo(f"words that the model does not know: {', '.join(trial.unknown)}")
    typer.echo(f"{trial.learning:,} of {trial.parameters:,} numbers learn")
    for stage in trial.stages:
        typer.echo(
            f"{stage.name}: {stage.steps:,} steps of {stage.seconds:.2f} s are "
            f"{duration(stage.steps * stage.seconds)} without validation; "
            f"{stage.memory / MIB:,.0f} MiB of memory"
        )


def duration(seconds: float) -> str:
    """Seconds as people read them.

    >>> duration(90), duration(9000)
    ('2 min', '2.5 h')
    """
    return f"{seconds / 60:.0f} min" if seconds < HOURS_FROM else f"{seconds / HOUR:.1f} h"
