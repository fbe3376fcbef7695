"""The command `geoseg` and its subcommands."""

import signal
import sys
from typing import Annotated

import typer

from geoseg.cli.calibrate import calibrate_command
from geoseg.cli.convert import convert
from geoseg.cli.demo import demo
from geoseg.cli.evaluate import evaluate_command
from geoseg.cli.info import info
from geoseg.cli.scene import scene
from geoseg.cli.segment import segment
from geoseg.cli.train import train_command
from geoseg.version import __version__

app = typer.Typer(
    name="geoseg",
    help="Ask a satellite or aerial scene of any size in plain words; "
    "get georeferenced masks and polygons.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(segment)
app.command()(info)
app.command()(convert)
app.command()(demo)
app.command("evaluate")(evaluate_command)
app.command("calibrate")(calibrate_command)
app.command()(scene)
app.command("train")(train_command)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"geoseg {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """Options that come before a subcommand."""


def main() -> None:
    """Run the command line; being asked to stop ends it in order, so that scratch files go."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    app()
