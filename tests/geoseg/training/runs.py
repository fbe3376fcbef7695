"""Training runs small enough for tests."""

from pathlib import Path
from typing import Any

import yaml

from geoseg.training.options import TrainOptions, open_options
from tests.geoseg.training.data.own_ground import roofs, write_config, write_scene

MICRO = {
    "chip": 56, "patch": 14, "width": 32, "heads": 2, "vision_layers": 1, "language_layers": 1,
    "vision_ffn": 32, "language_ffn": 32,
}  # fmt: skip

CHIP = 56

SHAPE = (192, 256)
"""Of the made-up scene."""

SETTINGS: dict[str, Any] = {
    "model": {"new": MICRO},
    "whole": {"steps": 4, "batch": 2, "learning_rate": 0.001, "warm_up": 2},
    "ask": {"queries": 3},
    "keep": {
        "every": 2, "validate_every": 4, "validation_samples": 2, "pictures": 1,
        "tensorboard": False,
    },
    "machine": {"device": "cpu", "numbers": "float32", "workers": 0, "threads": 1},
}  # fmt: skip


def write_run(folder: Path, **changes: Any) -> Path:  # noqa: ANN401 any setting
    """A YAML file that describes a run on a made-up own layer beside it."""
    known = roofs(height=SHAPE[0], width=SHAPE[1], count=60)
    write_scene(folder / "scene.tif", known, shape=SHAPE)
    known.to_file(folder / "roofs.gpkg", layer="roofs")
    path = write_config(folder, chip=CHIP, overlap=8)
    content = yaml.safe_load(path.read_text("utf-8"))
    content |= {**SETTINGS, "run": str(folder / "run"), **changes}
    path.write_text(yaml.safe_dump(content), "utf-8")
    return path


def run_options(folder: Path, **changes: Any) -> TrainOptions:  # noqa: ANN401 any setting
    """The settings of such a run."""
    return open_options(write_run(folder, **changes))


class Heard:
    """Remembers how a run went."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int]] = []
        self.measured: list[int] = []
        self.noticed: list[str] = []

    def step(self, stage: str, done: int, steps: int, figures: dict[str, float]) -> None:
        del steps, figures
        self.steps.append((stage, done))

    def quality(self, done: int, quality: object) -> None:
        del quality
        self.measured.append(done)

    def notice(self, text: str) -> None:
        self.noticed.append(text)
