"""`geoseg train`: a model that learns, from a checkpoint or from nothing."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from geoseg.cli.errors import FAILED, STOPPED, tell, told
from geoseg.cli.evaluate import Shown, shown
from geoseg.errors import DivergedError


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
        # torch costs seconds, and only this command needs all of it
        from geoseg.cli.trial import show_trial  # noqa: PLC0415

        show_trial(config, shown=shown(progress))
    else:
        run(config, shown=shown(progress))


def run(config: Path, *, shown: bool) -> None:
    """Train, and tell how it goes."""
    from geoseg.cli.trial import finished_line  # noqa: PLC0415
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
    if outcome is None:
        return
    if outcome.before:
        typer.echo(finished_line(outcome))
    else:
        typer.echo(f"wrote {outcome.folder}" + (f": {outcome.quality}" if outcome.quality else ""))
    if outcome.notice:
        typer.echo(f"note: {outcome.notice}", err=True)
