"""How fast a stage learns in each step."""

import math
from collections.abc import Callable
from typing import Final

from geoseg.training.options import OptimiserOptions, StageOptions

SCHEDULES: Final[dict[str, Callable[[float], float]]] = {
    "cosine": lambda done: 0.5 * (1 + math.cos(math.pi * done)),
    "constant": lambda _: 1.0,
}
"""The share of the learning rate, by the share of the stage that is done."""


def learning_rate(step: int, stage: StageOptions, optimiser: OptimiserOptions) -> float:
    """The learning rate of a step: a linear warm-up, then the schedule."""
    warm = min(1.0, (step + 1) / stage.warm_up)
    wave = SCHEDULES[optimiser.schedule](step / stage.steps)
    return stage.learning_rate * warm * (optimiser.lowest + (1 - optimiser.lowest) * wave)
