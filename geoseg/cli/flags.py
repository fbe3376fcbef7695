"""Settings as flags of the command line."""

import inspect
import math
import types
import typing
from collections.abc import Callable, Collection
from typing import Annotated, Any, TypeVar

import typer
from pydantic.fields import FieldInfo

from geoseg.cli.errors import BAD_INPUT, tell
from geoseg.options import flag_of, settings, variable_of

PLAIN = (bool, int, float, str)


def flagged(*groups: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A command with one flag per setting of these groups.

    The command gets what the user gave as `given`, a nested mapping for `RunOptions`; settings
    that were not given are not in it. Each flag can also be set in the environment: `--overlap` is
    `GEOSEG_OVERLAP`.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        names = {
            f"{group}__{name}": (group, name)
            for group, name, field in settings()
            if group in groups and flag_of(field)
        }

        def run(**values: Any) -> None:  # noqa: ANN401 typer fills it from the signature below
            given: dict[str, dict[str, Any]] = {}
            for parameter, (group, name) in names.items():
                if (value := values.pop(parameter)) is not None:
                    given.setdefault(group, {})[name] = value
            command(given=given, **values)

        _wear(run, command, _parameters(groups))
        return run

    return decorate


Given = TypeVar("Given", int, float, int | None)


def within(
    lowest: float, highest: float = math.inf
) -> Callable[[typer.CallbackParam, Given], Given]:
    """What lets the value of a flag pass from `lowest` to `highest`, and refuses any other.

    Used as typer's `callback`; the bounds belong into the help of the flag.
    """

    def check(parameter: typer.CallbackParam, value: Given) -> Given:
        if value is None or lowest <= value <= highest:
            return value
        bounds = (
            f"at least {lowest:,}" if highest == math.inf else f"from {lowest:,} to {highest:,}"
        )
        raise _refused(parameter, bounds, value)

    return check


def between(lower: float, upper: float) -> Callable[[typer.CallbackParam, Given], Given]:
    """What lets the value of a flag pass that lies between two others, and refuses both of them."""

    def check(parameter: typer.CallbackParam, value: Given) -> Given:
        if value is None or lower < value < upper:
            return value
        raise _refused(parameter, f"between {lower:,} and {upper:,}", value)

    return check


def _refused(parameter: typer.CallbackParam, bounds: str, value: float | None) -> typer.Exit:
    """The end of a command whose flag is not within its bounds, once that has been told."""
    tell(f"{parameter.opts[-1]} must be {bounds}, but {value} was given")
    return typer.Exit(BAD_INPUT)


def _wear(
    run: Callable[..., None], command: Callable[..., None], flags: list[inspect.Parameter]
) -> None:
    """Give `run` the name, text and parameters that typer is to see."""
    own = [
        parameter
        for parameter in inspect.signature(command).parameters.values()
        if parameter.name != "given"
    ]
    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in (*own, *flags)]
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # python/mypy#12472


def _parameters(groups: Collection[str]) -> list[inspect.Parameter]:
    return [
        inspect.Parameter(
            f"{group}__{name}",
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[_plain(field.annotation) | None, _option(field, group)],
        )
        for group, name, field in settings()
        if group in groups and flag_of(field)
    ]


def _option(field: FieldInfo, group: str) -> Any:  # noqa: ANN401 typer's own return type
    flag, _, metavar = flag_of(field).partition(" ")
    default = "" if field.default in (None, False) else f" Default: {field.default}."
    return typer.Option(
        *flag.split("/"),
        metavar=metavar or None,
        help=f"{field.description}{default}",
        envvar=variable_of(flag),
        rich_help_panel=f"Settings: {group}",
        show_default=False,
    )


def _plain(annotation: Any) -> type:  # noqa: ANN401 any annotation of a setting
    """The type typer reads from the command line; lists come as text such as "1,2,3"."""
    if isinstance(annotation, types.UnionType):
        annotation = next(a for a in typing.get_args(annotation) if a is not types.NoneType)
    return annotation if annotation in PLAIN else str
