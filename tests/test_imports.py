"""Who may import whom, held by a test."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted([*ROOT.glob("tiles/**/*.py"), *ROOT.glob("geoseg/**/*.py")])


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Dotted names a file imports, and whether it does so inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in inside
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                dotted = f"{node.module}.{alias.name}"
                yield (dotted if dotted in MODULES else str(node.module)), id(node) in inside


GRAPH = {name: sorted({target for target, _ in imports(path)}) for name, path in MODULES.items()}


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def test_the_scan_sees_the_packages() -> None:
    assert {"tiles.grid", "geoseg.pipeline"} <= MODULES.keys()
    assert "tiles.grid" in GRAPH["geoseg.pipeline"]


@pytest.mark.parametrize("name", MODULES)
def test_tiles_knows_nothing_of_geoseg_and_of_torch(name: str) -> None:
    if within(name, "tiles"):
        assert [t for t in GRAPH[name] if within(t, "geoseg", "torch", "transformers")] == []


@pytest.mark.parametrize("name", MODULES)
def test_torch_lives_in_models_and_training_only(name: str) -> None:
    if not within(name, "geoseg.models", "geoseg.training"):
        assert [t for t in GRAPH[name] if within(t, "torch", "transformers")] == []


@pytest.mark.parametrize("name", MODULES)
def test_models_never_import_tiles(name: str) -> None:
    if within(name, "geoseg.models"):
        assert [t for t in GRAPH[name] if within(t, "tiles")] == []


@pytest.mark.parametrize("name", MODULES)
def test_nothing_hangs_off_training_and_evaluation(name: str) -> None:
    rooms = ("geoseg.training", "geoseg.evaluation")
    if not within(name, *rooms, "geoseg.cli"):  # commands are the doors to all rooms
        assert [t for t in GRAPH[name] if within(t, *rooms)] == []


def test_only_doors_import_inside_a_function() -> None:
    late = {name for name, path in MODULES.items() if any(inside for _, inside in imports(path))}
    commands = {name for name in MODULES if within(name, "geoseg.cli")}
    assert late <= {"geoseg.segmenter"} | commands


def test_there_are_no_import_cycles() -> None:
    ours = {name: [t for t in GRAPH[name] if t in MODULES and t != name] for name in MODULES}
    ours["geoseg.segmenter"] = [
        t for t in ours["geoseg.segmenter"] if not within(t, "geoseg.models")
    ]
    order = list(TopologicalSorter(ours).static_order())  # a cycle raises, and is named
    assert set(order) == set(MODULES)


@pytest.mark.parametrize("command", ["import geoseg", "from geoseg.cli import main"])
def test_the_door_opens_without_torch(command: str) -> None:
    code = (
        f"import sys; {command}; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_files_are_nouns() -> None:
    shapeless = {"utils", "helpers", "common", "misc", "util", "helper"}
    assert [p for p in FILES if p.stem in shapeless] == []


def test_every_file_says_what_it_is() -> None:
    assert [p for p in FILES if not ast.get_docstring(ast.parse(p.read_text("utf-8")))] == []
