"""Write docs/options.md and docs/cli.md from the code; with --check, only compare."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import typer.main

from geoseg.cli.app import app
from geoseg.options import RunOptions, flag_of, settings

HERE = Path(__file__).parent


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
    options = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    names = {int: "whole number", float: "number", str: "text", bool: "yes or no"}
    return next(names.get(option, "list of whole numbers") for option in options)


def _limits(metadata: list[Any]) -> str:
    signs = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
    found = [
        f"{sign} {getattr(limit, name)}"
        for limit in metadata
        for name, sign in signs.items()
        if getattr(limit, name, None) is not None
    ]
    return f", {' and '.join(found)}" if found else ""


def cli_page() -> str:
    """Every command with its arguments and flags."""
    lines = [
        "# Command line",
        "",
        "<!-- made by docs/generate.py from geoseg/cli: run `make docs` after a change -->",
        "",
        "Exit codes: 0 done, also where nothing was found; 1 a chip failed; 2 what was asked for",
        "cannot be done (nothing was written).",
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


PAGES = {"options.md": options_page, "cli.md": cli_page}


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
