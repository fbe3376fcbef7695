import numpy as np
import pytest

from geoseg.evaluation.answers import CHIPS
from geoseg.evaluation.data_sets import evaluate
from geoseg.training.data.samples import Sample
from tests.geoseg.evaluation.made_up import ColourSegmenter, ListedSource, coloured


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
    found = evaluate(ColourSegmenter(), source(), protocol=CHIPS)
    assert found.shown == {"chips": 3}


def test_a_limit_takes_samples_spread_evenly_and_progress_tells_of_them() -> None:
    told: list[tuple[int, int]] = []
    found = evaluate(ColourSegmenter(), source(), limit=2, progress=lambda *done: told.append(done))
    assert sorted(set(found.outcomes.names)) == ["dim", "small"]
    assert told == [(1, 2), (2, 2)]
