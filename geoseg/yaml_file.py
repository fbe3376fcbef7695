"""YAML files as geoseg reads them: settings by name, each said once."""

import re
from pathlib import Path
from typing import Any

import yaml

from geoseg.errors import OptionsError

MERGE = "tag:yaml.org,2002:merge"
"""The key <<, which takes over what another group says and may stand there several times."""


class _Loader(yaml.SafeLoader):
    """YAML in which 1e3 is a number, as everybody but YAML 1.1 reads it."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+\Z"),
    list("-+.0123456789"),
)


def load_yaml(path: str | Path) -> dict[str, Any]:
    """The nested mapping in a YAML file."""
    try:
        text = Path(path).read_text(encoding="utf-8")
        twice = _said_twice(yaml.compose(text, _Loader))
        content = yaml.load(text, _Loader)  # noqa: S506 a SafeLoader
    except OSError as error:
        raise OptionsError(
            f"the options file '{path}' cannot be read: {error.strerror}; check the path"
        ) from None
    except yaml.MarkedYAMLError as error:
        raise OptionsError(f"the options file '{path}' is not YAML: {_misspelt(error)}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise OptionsError(f"the options file '{path}' is not YAML: {error}") from None
    if twice:
        raise OptionsError(f"the options file '{path}': {twice}; take one out")
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise OptionsError(
            f"the options file '{path}' must hold groups such as 'mask:', but it holds "
            f"{content!r:.60}; see docs/options.md"
        )
    return content


def _said_twice(root: yaml.Node | None) -> str:
    """Where a key stands twice in one group, so that one of the two would be lost; else empty."""
    rest, seen = [root], set[int]()
    while rest:
        node = rest.pop()
        if id(node) in seen:  # what is said once and taken over elsewhere
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            if told := _twice_in(node):
                return told
            rest += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            rest += node.value
    return ""


def _twice_in(group: yaml.MappingNode) -> str:
    """The same of one group."""
    lines: dict[tuple[str, str], int] = {}
    for key, _ in group.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != MERGE:
            line, name = key.start_mark.line + 1, (key.tag, key.value)
            if name in lines:
                return f"line {line}: '{key.value}' is there twice (first in line {lines[name]})"
            lines[name] = line
    return ""


def _misspelt(error: yaml.MarkedYAMLError) -> str:
    """Where a file is not YAML, and the way out."""
    where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
    if "'\\t'" in str(error.problem):
        return f"{where}there is a tab; write spaces instead"
    return f"{where}{error.problem}; check the indents, colons, quotes and brackets up to there"
