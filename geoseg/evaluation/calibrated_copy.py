"""A copy of a checkpoint that holds another configuration."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geoseg.evaluation.calibrated_checkpoint import write_settings
from geoseg.models.mllmseg.whole_folder import check_target, is_ours, whole_folder_or_nothing
from tiles.errors import OutputError


def write_copy(
    source: Path, target: Path, settings: Mapping[str, Any], *, overwrite: bool = False
) -> None:
    """Copy a checkpoint, and nothing that lies beside it, with another configuration.

    The copy appears whole or not at all. Of what is there already, only a checkpoint that geoseg
    wrote is replaced, and only if asked to.
    """
    check_target(target, source, overwrite=overwrite)
    try:
        with whole_folder_or_nothing(target) as partial:
            for path in filter(is_ours, source.iterdir()):
                shutil.copy2(path, partial)
            write_settings(partial, settings)
    except (OSError, shutil.Error) as error:
        raise OutputError(f"'{target}' could not be written: {error}") from None
