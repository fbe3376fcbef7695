import numpy as np
import pytest
import torch

from geoseg.training.phrases import Phrase
from geoseg.training.validation import (
    LEVELS,
    Answers,
    best_level,
    overlaps,
    presence_level,
    quality,
)

ZERO = int(np.abs(LEVELS).argmin())


def answers(presence: list[float], families: tuple[str, ...]) -> Answers:
    count = len(families)
    wanted = np.where([family == "absent" for family in families], 0.0, 10.0)
    common = np.full((count, len(LEVELS)), 5.0) * (wanted[:, None] > 0)
    either = np.full((count, len(LEVELS)), 10.0)
    return Answers(families, common, either, wanted, np.array(presence))


def test_overlaps_are_those_of_cutting_at_each_level() -> None:
    rng = np.random.default_rng(0)
    mask = rng.random((9, 11)) < 0.4
    logits = torch.from_numpy(rng.normal(0, 1.5, (9, 11)))
    common, either = overlaps(Phrase("the roofs", "class", mask), logits)
    for index, level in enumerate(LEVELS):
        drawn = logits.numpy() >= level
        assert common[index] == (drawn & mask).sum()
        assert either[index] == (drawn | mask).sum()


def test_the_best_level_is_where_present_queries_overlap_most() -> None:
    found = answers([1, 1], ("class", "absent"))
    found.common[0, 12] = 9
    assert best_level(found) == LEVELS[12]


def test_a_refused_query_counts_nothing() -> None:
    found = answers([-1.0, 1.0], ("class", "class"))
    (by_class, overall) = quality(found, mask_level=0, presence_level=0)
    assert by_class.mean_iou == pytest.approx(0.25)
    assert by_class.total_iou == pytest.approx(5 / 20)
    assert by_class.accuracy == pytest.approx(0.5)
    assert overall.queries == 2


def test_absent_queries_are_right_when_refused() -> None:
    found = answers([-1.0, -2.0, 0.5, 3.0], ("absent", "absent", "absent", "class"))
    rows = {row.family: row for row in quality(found, mask_level=0, presence_level=0)}
    assert rows["absent"].accuracy == pytest.approx(2 / 3)
    assert np.isnan(rows["absent"].mean_iou)


def test_the_presence_level_keeps_false_alarms_down_where_that_is_cheap() -> None:
    apart = answers([5.0] * 50 + [-5.0] * 50, ("class",) * 50 + ("absent",) * 50)
    assert -5 <= presence_level(apart) <= 5
    mixed = answers([0.0] * 50 + [3.0] * 50, ("class",) * 50 + ("absent",) * 50)
    assert presence_level(mixed) <= 0  # refusing most present queries would be too dear
