import json
import shutil
from pathlib import Path

import pytest

from geoseg.cli.known_model import QUERY_SHARE, Known
from geoseg.errors import ModelError
from geoseg.segmenter import embedded_folder


def test_a_model_on_this_machine_is_known_by_its_own_configuration() -> None:
    known = Known.by("geoseg-tiny")
    assert (known.origin, known.lacks) == ("its config.json", "")
    assert known.costs is not None
    assert known.costs.parameters.total == known.facts.parameters == 10_201_702


def test_what_a_folder_lacks_is_known_too(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(embedded_folder(), tmp_path / "copy"))
    (folder / "tokenizer.json").unlink()
    assert Known.by(str(folder)).lacks.startswith("no tokenizer")


def test_a_model_on_a_hub_is_not_fetched_to_know_it() -> None:
    with pytest.raises(ModelError, match="info downloads nothing"):
        Known.by("owner/name")


def test_more_queries_are_slower_by_arithmetic_or_by_a_guess(tmp_path: Path) -> None:
    tiny = Known.by("geoseg-tiny")
    assert tiny.costs is not None
    assert tiny.slower(3) == tiny.costs.gflop(3) / tiny.costs.gflop(1)
    config = {"vision_config": {"image_size": 128}}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    assert Known.by(str(tmp_path)).slower(3) == 1 + 2 * QUERY_SHARE
