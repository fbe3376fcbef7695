import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from geoseg.errors import CheckpointError
from geoseg.evaluation.calibrated_checkpoint import (
    calibrated,
    load_settings,
    write_settings,
)
from geoseg.evaluation.calibration import Calibration
from geoseg.evaluation.mask_scores import MaskScale
from geoseg.evaluation.rejection import rate_of

FOUND = Calibration(
    0.01, 1.5, MaskScale(0.8, -0.4), 200, 120, 150, rate_of([1, 0, 0], [2, 1, 1]),
    rate_of([1] * 90 + [0] * 10, [1] * 100), (0.2, 0.1), (0.5, 0.6),
)  # fmt: skip


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "mllmseg", "kept": "äöü"}', "utf-8")
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


@given(
    raw=st.lists(st.floats(-8, 8), min_size=1, max_size=5),
    scale=st.floats(0.5, 2),
    offset=st.floats(-2, 2),
)
def test_logits_scaled_as_stored_are_the_probabilities_that_were_chosen(
    raw: list[float], scale: float, offset: float
) -> None:
    settings = {"mask_logit_scale": scale, "mask_logit_offset": offset}
    stored = calibrated(settings, FOUND, data="some", date="today")
    logits = np.array(raw)
    after = expit(stored["mask_logit_scale"] * logits + stored["mask_logit_offset"])
    np.testing.assert_allclose(after, FOUND.mask.apply(scale * logits + offset), atol=1e-9)


def test_a_presence_at_the_threshold_becomes_one_half() -> None:
    stored = calibrated({"presence_logit_offset": 0.25}, FOUND, data="some", date="today")
    raw = 1.5 - 0.25  # the logit that was seen, less the offset it was seen with
    assert expit(raw + stored["presence_logit_offset"]) == 0.5


def test_the_note_says_where_the_thresholds_come_from() -> None:
    note = calibrated({}, FOUND, data="some data", date="2026-01-02")["calibration"]
    assert note["data"] == "some data"
    assert note["date"] == "2026-01-02"
    assert (note["false_accept"], note["empty_chips"], note["empty_images"]) == (0.01, 200, 120)
    assert note["accepted_empty"] == pytest.approx(1 / 6)  # mean of 1/2, 0 and 0
    assert (note["accepted_empty_of"], note["accepted_empty_images"]) == (4, 3)


def test_what_was_not_counted_is_null_in_the_note() -> None:
    nothing = Calibration(
        0.1, 0.0, MaskScale(1, 0), 9, 9, 9, rate_of([], []), rate_of([], []),
        (float("nan"), float("nan")), (0.1, 0.1),
    )  # fmt: skip
    note = calibrated({}, nothing, data="some", date="today")["calibration"]
    assert note["accepted_empty"] is None
    assert json.dumps(note, allow_nan=False)


def test_in_place_only_the_configuration_changes(checkpoint: Path) -> None:
    settings = calibrated(load_settings(checkpoint), FOUND, data="some", date="today")
    write_settings(checkpoint, settings)
    assert load_settings(checkpoint)["kept"] == "äöü"
    assert load_settings(checkpoint)["calibration"]["data"] == "some"
    assert (checkpoint / "model.safetensors").read_bytes() == b"weights"
    assert len(list(checkpoint.iterdir())) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"model_type": "internvl_chat"}', "convert it first"),
        ('{"model_type": "bert"}', "'bert'"),
        ("[]", "model_type None"),
        ("{", "damaged"),
    ],
)
def test_what_is_no_checkpoint_of_ours_is_refused(
    checkpoint: Path, content: str, says: str
) -> None:
    (checkpoint / "config.json").write_text(content, "utf-8")
    with pytest.raises(CheckpointError, match=says):
        load_settings(checkpoint)


def test_a_folder_without_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        load_settings(tmp_path)
