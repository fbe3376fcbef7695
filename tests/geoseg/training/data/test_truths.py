import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geoseg.training.data.problems import Problem, ProblemError
from geoseg.training.data.truths import FileTruth, NoTarget, PackedTruth
from tests.geoseg.training.data.layouts import counts_of, packed

MASK = np.random.default_rng(1).random((6, 9)) < 0.4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    Image.fromarray(MASK).save(tmp_path / "m.png")
    return tmp_path / "m.png"


def test_a_mask_of_another_size_is_told_with_both_sizes(path: Path) -> None:
    np.testing.assert_array_equal(FileTruth(path).read((6, 9)), MASK)
    with pytest.raises(ProblemError, match="mask 6 x 9, image 9 x 6"):
        FileTruth(path).read((9, 6))


def test_packed_parts_are_one_truth_and_no_parts_an_empty_one() -> None:
    parts = tuple((packed(counts_of(part)), (6, 9)) for part in (MASK, ~MASK))
    assert PackedTruth(parts, "1").read((6, 9)).all()
    np.testing.assert_array_equal(PackedTruth(parts[:1], "1").read((6, 9)), MASK)
    assert not PackedTruth((), "1").read((6, 9)).any()


def test_damaged_runs_name_their_annotation() -> None:
    truth = PackedTruth((("000", (6, 9)),), "annotation 12")
    with pytest.raises(ProblemError, match="annotation 12") as error:
        truth.read((6, 9))
    assert error.value.problem.kind == "broken"


def test_where_nothing_is_a_mask_must_be_blank(path: Path, tmp_path: Path) -> None:
    assert not NoTarget().read((6, 9)).any()
    with pytest.raises(ProblemError, match="nothing is there"):
        NoTarget(path).read((6, 9))
    Image.fromarray(MASK & False).save(tmp_path / "blank.png")
    assert not NoTarget(tmp_path / "blank.png").read((6, 9)).any()


def test_a_problem_survives_being_sent_to_another_process() -> None:
    error = ProblemError(Problem("missing", "a.tif"))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 our own
    assert again.problem == error.problem
    assert str(again) == str(error)
