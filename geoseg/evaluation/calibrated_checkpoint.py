"""A checkpoint whose configuration holds its calibration; its weights are left alone."""

import json
import math
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geoseg.errors import CheckpointError
from geoseg.evaluation.calibration import Calibration
from tiles.errors import OutputError

CONFIG = "config.json"

OURS, PUBLISHED = "mllmseg", "internvl_chat"
"""What checkpoints call their kind: in our layout, and as published."""


def load_settings(folder: Path) -> dict[str, Any]:
    """The configuration of a checkpoint in our layout."""
    path = folder / CONFIG
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(
            f"'{folder}' is not a checkpoint: its {CONFIG} cannot be read ({error.strerror})"
        ) from None
    except ValueError as error:
        raise CheckpointError(f"'{path}' is damaged: {error}") from None
    kind = settings.get("model_type") if isinstance(settings, dict) else None
    if kind == PUBLISHED:
        raise CheckpointError(
            f"'{folder}' is a checkpoint as published, which has no place for a calibration; "
            "convert it first with geoseg convert"
        )
    if kind != OURS:
        raise CheckpointError(
            f"'{path}' is of model_type {kind!r}, not {OURS!r}; give the folder of a checkpoint"
        )
    return dict(settings)


def calibrated(
    settings: Mapping[str, Any], calibration: Calibration, *, data: str, date: str
) -> dict[str, Any]:
    """The configuration with scale, offsets and a note of where they come from.

    Probabilities were already made with the scale and offsets it had, so both changes add up.
    """
    mask = calibration.mask
    scale = float(settings.get("mask_logit_scale", 1.0))
    offset = float(settings.get("mask_logit_offset", 0.0))
    presence = float(settings.get("presence_logit_offset", 0.0))
    return {
        **settings,
        "mask_logit_scale": mask.scale * scale,
        "mask_logit_offset": mask.scale * (offset - mask.level),
        "presence_logit_offset": presence - calibration.presence_logit,
        "calibration": {
            "data": data,
            "date": date,
            "false_accept": calibration.false_accept,
            "empty_chips": calibration.empty,
            "empty_images": calibration.empty_images,
            "present_chips": calibration.present,
            "accepted_empty": known(calibration.accepted_empty.value),
            "accepted_empty_of": calibration.accepted_empty.of,
            "accepted_empty_images": calibration.accepted_empty.images,
            "accepted_present": known(calibration.accepted_present.value),
            "accepted_present_of": calibration.accepted_present.of,
            "ece_before": known(calibration.ece[0]),
            "ece_after": known(calibration.ece[1]),
            "mean_iou_before": known(calibration.mean_iou[0]),
            "mean_iou_after": known(calibration.mean_iou[1]),
        },
    }


def known(value: float) -> float | None:
    """The value, or None where there was nothing to count: JSON has no NaN."""
    return None if math.isnan(value) else value


def write_settings(folder: Path, settings: Mapping[str, Any]) -> None:
    """Replace a checkpoint's configuration, whole or not at all."""
    partial = folder / f".{CONFIG}.{secrets.token_hex(8)}"
    try:
        partial.write_text(_text(settings), encoding="utf-8")
        partial.replace(folder / CONFIG)
    except OSError as error:
        raise OutputError(
            f"the calibration cannot be written to '{folder}': {error.strerror}; write a copy "
            "with -o"
        ) from None
    finally:
        partial.unlink(missing_ok=True)


def _text(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
