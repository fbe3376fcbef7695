"""Write options.md, train-options.md and cli.md from the code; with --check, only compare."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer.main
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from geoseg.cli.app import app
from geoseg.options import ImageOptions, RunOptions, flag_of, settings
from geoseg.training.options import TrainOptions

HERE = Path(__file__).parent

PLAIN = {
    int: "whole number",
    float: "number",
    str: "text",
    bool: "yes or no",
    Path: "path",
}

FORMS = (", first form", ", second form", ", third form")
"""Of a group that can be written in several ways."""


def options_page() -> str:
    """Every setting, its flag, type, default and limits."""
    lines = [
        "# Options",
        "",
        "<!-- made by docs/generate.py from geoseg/options.py: run `make docs` after a change -->",
        "",
        "Every setting of a run. On the command line it is a flag, in a YAML file (`--config`) a",
        'key in its group, in Python a nested mapping (`options={"mask": {"threshold": 0.6}}`),',
        "in the environment the flag's name in capitals behind `GEOSEG_` (`GEOSEG_THRESHOLD`).",
        "Flags win over the environment, the environment over the file.",
    ]
    for group, holder in RunOptions.model_fields.items():
        lines += ["", f"## {group}", "", f"{(holder.annotation.__doc__ or '').strip()}", ""]
        lines += ["| key | flag | type | default | what it does |", "|---|---|---|---|---|"]
        for of_group, name, field in settings():
            if of_group == group:
                flag = f"`{flag_of(field)}`" if flag_of(field) else "-"
                limits = _limits(field.metadata)
                lines.append(
                    f"| `{name}` | {flag} | {_type(field.annotation)}{limits} | "
                    f"`{field.default}` | {field.description} |"
                )
    return "\n".join(lines) + "\n"


def _type(annotation: Any) -> str:  # noqa: ANN401 any annotation of a setting
    """What a setting takes, in words."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(inner[0])
    if origin is Literal:
        return f"one of {', '.join(f'`{choice}`' for choice in inner)}"
    if origin in (UnionType, Union):
        kinds = dict.fromkeys(_type(option) for option in inner if option is not NoneType)
        return " or ".join(kinds)
    if origin is tuple:
        count = "" if Ellipsis in inner else f"{len(inner)} "
        return f"list of {count}{_type(inner[0])}s"
    if origin is dict:
        return "group of names and values"
    return PLAIN.get(annotation, "group")


def _limits(metadata: list[Any]) -> str:
    signs = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
    found = [
        f"{sign} {getattr(limit, name)}"
        for limit in metadata
        for name, sign in signs.items()
        if getattr(limit, name, None) is not None
    ]
    return f", {' and '.join(found)}" if found else ""


def train_page() -> str:
    """Every setting of a training run, its type, default and limits."""
    lines = [
        "# Settings of training",
        "",
        "<!-- made by docs/generate.py from geoseg/training: run `make docs` after a change -->",
        "",
        "Every key of the YAML file that `geoseg train` takes; a group has keys of its own under",
        "it. [Training](training.md) says what they are for, and `configs/train/` holds examples.",
    ]
    for name, group in _groups("", TrainOptions):
        title = f"## {name}" if name else "## At the top of the file"
        lines += ["", title, "", (group.__doc__ or "").strip().partition("\n")[0], ""]
        lines += ["| key | type | default | what it does |", "|---|---|---|---|"]
        for key, field in group.model_fields.items():
            told = f"{_type(field.annotation)}{_limits(field.metadata)}"
            lines.append(f"| `{key}` | {told} | {_default(field)} | {_says(field)} |")
    return "\n".join(lines) + "\n"


def _groups(
    name: str, group: type[BaseModel], form: str = ""
) -> Iterator[tuple[str, type[BaseModel]]]:
    """A group of settings and those in it, by what they are called; stages are told once."""
    yield f"{name}{form}", group
    fields: dict[tuple[type[BaseModel], ...], list[str]] = {}
    for key, field in group.model_fields.items():
        if inner := _models(field.annotation):
            fields.setdefault(inner, []).append(f"{name}.{key}" if name else key)
    for inner, keys in fields.items():
        called = " and ".join(keys)
        for way, model in zip(FORMS, inner, strict=False):
            yield from _groups(called, model, way if len(inner) > 1 else "")


def _models(annotation: Any) -> tuple[type[BaseModel], ...]:  # noqa: ANN401 likewise
    """The groups that a setting may hold; how images are read is told in options.md."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return () if annotation is ImageOptions else (annotation,)
    return tuple(model for inner in get_args(annotation) for model in _models(inner))


def _default(field: FieldInfo) -> str:
    """What is taken where a setting is not given."""
    if field.is_required():
        return "must be given"
    if isinstance(field.default, BaseModel):
        return "see below" if _models(field.annotation) else "see [options](options.md)"
    if field.default in (None, (), {}, ""):
        return "none"
    return f"`{field.default if isinstance(field.default, str) else json.dumps(field.default)}`"


def _says(field: FieldInfo) -> str:
    """What a setting does; a group says it itself."""
    return field.description or next(
        (model.__doc__ or "").partition("\n")[0] for model in _models(field.annotation)
    )


def cli_page() -> str:
    """Every command with its arguments and flags."""
    lines = [
        "# Command line",
        "",
        "<!-- made by docs/generate.py from geoseg/cli: run `make docs` after a change -->",
        "",
        "Exit codes: 0 done, also where nothing was found; 1 a chip failed, or the loss of a",
        "training became no number; 2 what was asked for cannot be done (nothing was written); 130",
        "stopped with Ctrl-C, 143 with SIGTERM (no output was written; a training goes on from the",
        "state that it kept last).",
    ]
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        lines += ["", f"## geoseg {name}", "", str(command.help).strip(), ""]
        lines += ["| argument or flag | what it does |", "|---|---|"]
        lines += _rows(command.params)
    return "\n".join(lines) + "\n"


def _rows(parameters: list[Any]) -> Iterator[str]:
    for parameter in parameters:
        if parameter.param_type_name == "argument":
            yield f"| `{parameter.metavar or parameter.name.upper()}` | {parameter.help or ''} |"
        elif parameter.name != "help":
            flags = ", ".join(f"`{flag}`" for flag in [*parameter.opts, *parameter.secondary_opts])
            metavar = f" {parameter.metavar}" if parameter.metavar else ""
            yield f"| {flags}{metavar} | {parameter.help} |"


PAGES = {"options.md": options_page, "train-options.md": train_page, "cli.md": cli_page}


def main() -> int:
    """Write the pages, or say which are out of date."""
    stale = [
        name
        for name, page in PAGES.items()
        if not (HERE / name).exists() or (HERE / name).read_text(encoding="utf-8") != page()
    ]
    if "--check" in sys.argv:
        sys.stderr.write("".join(f"docs/{name} is out of date; run make docs\n" for name in stale))
        return len(stale)
    for name in stale:
        (HERE / name).write_text(PAGES[name](), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
