import math

import pytest

from geoseg.errors import OptionsError
from geoseg.training.extras import optional


def test_a_library_that_is_there_is_returned() -> None:
    assert optional("math", wanted_for="counting") is math


def test_a_library_that_is_missing_is_told_with_the_way_out() -> None:
    with pytest.raises(OptionsError, match=r"dreaming needs sheep, .* install geoseg\[train\]"):
        optional("sheep.electric", wanted_for="dreaming")
