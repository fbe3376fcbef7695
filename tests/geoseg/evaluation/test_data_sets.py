from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from geoseg.evaluation.answers import CHIPS, Terms
from geoseg.evaluation.data_sets import evaluate
from geoseg.query import Query
from geoseg.segmenter import ChipAnswer
from geoseg.training.data.samples import Sample
from tests.geoseg.evaluation.made_up import ColourSegmenter, ListedSource, coloured


class Doubling(ColourSegmenter):
    """Draws what is dim too, but is no surer of it."""

    def segment(self, chips: np.ndarray, queries: Sequence[Query]) -> list[ChipAnswer]:
        seen = super().segment(chips, queries)
        return [ChipAnswer((2 * one.probability).clip(0, 1), one.presence) for one in seen]


def source() -> ListedSource:
    return ListedSource(
        [
            coloured((16, 16), np.s_[2:6, 2:6], name="small"),
            coloured((16, 16), np.s_[:, 8:], name="dim", bright=100),
            coloured((40, 40), np.s_[4:30, 9:35], name="large"),
        ]
    )


def test_every_query_is_counted_against_its_truth() -> None:
    found = evaluate(ColourSegmenter(), source())
    outcomes = found.outcomes
    assert outcomes.names.tolist() == ["small"] * 2 + ["dim"] * 2 + ["large"] * 2
    assert outcomes.truth.tolist() == [16, 0, 128, 0, 26 * 26, 0]
    assert outcomes.intersection.tolist() == [16, 0, 0, 0, 26 * 26, 0]
    assert outcomes.predicted.tolist() == [16, 0, 0, 0, 26 * 26, 0]
    assert outcomes.presence[2] == pytest.approx(100 / 255)
    assert found.shown == {"whole": 2, "chips": 1}


def test_baselines_stand_beside_every_query() -> None:
    found = evaluate(ColourSegmenter(), source())
    assert found.baselines["empty"].predicted.tolist() == [0] * 6
    assert found.baselines["full"].predicted.tolist() == [256] * 4 + [1600] * 2
    assert found.baselines["full"].presence.tolist() == [1] * 6
    assert found.baselines["largest blob"].intersection.tolist() == [16, 0, 0, 0, 676, 0]


def test_the_worst_answers_are_kept_worst_first_and_right_ones_never() -> None:
    dim = evaluate(ColourSegmenter(), source(), worst=5).failures
    assert [failure.outcome.name for failure in dim] == ["dim"]
    assert dim[0].iou == 0


def test_an_image_of_which_nothing_is_asked_has_no_row() -> None:
    silent = Sample(np.zeros((16, 16, 3), np.uint8), (), "silent")
    found = evaluate(ColourSegmenter(), ListedSource([silent, *source().samples]))
    assert "silent" not in found.outcomes.names


def test_a_protocol_can_be_asked_for() -> None:
    found = evaluate(ColourSegmenter(), source(), terms=Terms(CHIPS))
    assert found.shown == {"chips": 3}


@pytest.mark.parametrize(("presence", "predicted", "failed"), [(0.5, 0, ["dim"]), (0.3, 128, [])])
def test_a_presence_can_be_asked_for(presence: float, predicted: int, failed: list[str]) -> None:
    terms = Terms(CHIPS, presence)
    found = evaluate(Doubling(), source(), terms=terms, worst=5)
    assert found.presence == presence
    assert found.outcomes.predicted[2] == predicted
    assert [failure.outcome.name for failure in found.failures] == failed


def test_queries_are_resampled_by_the_group_of_their_sample() -> None:
    samples = [replace(one, group="a street") for one in source().samples[:2]]
    found = evaluate(ColourSegmenter(), ListedSource([*samples, source()[2]]))
    assert found.outcomes.names.tolist() == ["small"] * 2 + ["dim"] * 2 + ["large"] * 2
    assert found.outcomes.groups.tolist() == ["a street"] * 4 + ["large"] * 2


def test_a_limit_takes_samples_spread_evenly_and_progress_tells_of_them() -> None:
    told: list[tuple[int, int]] = []
    found = evaluate(ColourSegmenter(), source(), limit=2, progress=lambda *done: told.append(done))
    assert sorted(set(found.outcomes.names)) == ["dim", "small"]
    assert told == [(1, 2), (2, 2)]
