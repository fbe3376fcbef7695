import pytest

from geoseg.training.options import OptimiserOptions, StageOptions
from geoseg.training.schedule import learning_rate

STAGE = StageOptions(steps=100, batch=1, learning_rate=2.0, warm_up=10)


def rates(optimiser: OptimiserOptions) -> list[float]:
    return [learning_rate(step, STAGE, optimiser) for step in range(100)]


def test_the_learning_rate_rises_then_falls() -> None:
    found = rates(OptimiserOptions(lowest=0.02))
    assert found[0] == pytest.approx(0.2)
    assert max(found) == found[9]
    assert found[10:] == sorted(found[10:], reverse=True)
    assert 0.04 < found[-1] < 0.05


def test_a_constant_rate_only_warms_up() -> None:
    found = rates(OptimiserOptions(schedule="constant"))
    assert found[9:] == [2.0] * 91
