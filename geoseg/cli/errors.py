"""Errors told in one readable block."""

import functools
import json
import math
from collections.abc import Callable

import typer
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from geoseg.errors import ChipError, GeosegError
from tiles.errors import TilesError

BAD_INPUT = 2
FAILED = 1
STOPPED = 130


def told(command: Callable[..., None]) -> Callable[..., None]:
    """The command, which says what is wrong and how to mend it instead of showing a traceback.

    Exit code 2 means that what was asked for cannot be done, 1 that it failed on the way (a chip
    that cannot be answered), 130 that the user stopped it.
    """

    @functools.wraps(command)
    def run(*args: object, **values: object) -> None:
        try:
            command(*args, **values)
        except (GeosegError, TilesError) as error:
            tell(str(error))
            raise typer.Exit(FAILED if isinstance(error, ChipError) else BAD_INPUT) from error
        except OSError as error:  # a full disk, a folder that nobody may write to
            named = f"'{error.filename}': " if error.filename else ""
            tell(
                f"{named}{error.strerror or error}; look at the path, its rights and the free room"
            )
            raise typer.Exit(BAD_INPUT) from error
        except KeyboardInterrupt:
            tell("stopped; no output was written")
            raise typer.Exit(STOPPED) from None

    return run


def tell(message: str) -> None:
    """Show an error on the standard error stream."""
    console = Console(stderr=True)
    if console.is_terminal:
        console.print(Panel(Text(message), title="Error", border_style="red", title_align="left"))
    else:
        typer.echo(f"Error: {message}", err=True)


def to_json(values: object) -> str:
    """Values as JSON text for machines; numbers that are none become null."""
    return json.dumps(_finite(values), indent=2, ensure_ascii=False, allow_nan=False, default=str)


def _finite(values: object) -> object:
    if isinstance(values, dict):
        return {str(key): _finite(value) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return [_finite(value) for value in values]
    return None if isinstance(values, float) and not math.isfinite(values) else values
