import json
from pathlib import Path

import pytest

from geoseg.checkpoint import load_facts
from geoseg.errors import CheckpointError
from geoseg.segmenter import embedded_folder


def test_the_embedded_model_tells_its_facts() -> None:
    facts = load_facts(embedded_folder())
    assert facts.chip_size % 14 == 0
    assert facts.chips_per_second is not None
    assert facts.parameters is not None
    assert facts.parameters <= 12_000_000


@pytest.mark.parametrize("size", [448, [448, 448]])
def test_what_a_config_does_not_say_is_none(tmp_path: Path, size: object) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"vision_config": {"image_size": size}}))
    facts = load_facts(tmp_path)
    assert (facts.chip_size, facts.chips_per_second, facts.parameters) == (448, None, None)


@pytest.mark.parametrize(
    "content",
    [None, "", "[]", "{}", '{"vision_config": 3}', '{"vision_config": {"image_size": []}}'],
)
def test_a_folder_without_a_usable_config_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"config\.json"):
        load_facts(tmp_path)
