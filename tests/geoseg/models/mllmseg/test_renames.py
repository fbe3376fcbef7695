import re

import pytest

from geoseg.models.mllmseg.renames import RENAMES, renamed
from tests.geoseg.models.mllmseg.published import Sizes, published_shapes

NAMES = [*published_shapes(Sizes(llm="qwen2")), *published_shapes(Sizes(llm="internlm2"))]


def test_every_published_parameter_has_a_name_of_ours() -> None:
    assert [name for name in NAMES if renamed(name) is None] == []


def test_no_two_parameters_of_a_checkpoint_get_the_same_name() -> None:
    for llm in ("qwen2", "internlm2"):
        names = [renamed(name) for name in published_shapes(Sizes(llm=llm))]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in RENAMES])
def test_every_line_of_the_table_is_the_first_to_match_something(pattern: str) -> None:
    firsts = {next(p for p, _ in RENAMES if re.match(p, name)) for name in NAMES}
    assert pattern in firsts


@pytest.mark.parametrize(
    "name", ["mlp2.0.weight", "vision_model.head.weight", "res_decoder.conv3.weight", "lm_head"]
)
def test_what_has_no_counterpart_has_no_name(name: str) -> None:
    assert renamed(name) is None
