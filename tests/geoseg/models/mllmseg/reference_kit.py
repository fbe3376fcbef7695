"""The parity kit beside the checkout: weights by recipe, and what the published code answered."""

from pathlib import Path

import pytest

from geoseg.models.mllmseg.parity.kit import Kit

KIT = Path(__file__).parents[4].parent / "shared" / "parity"

needs_kit = pytest.mark.skipif(not KIT.is_dir(), reason="the parity kit is not beside the checkout")


def kit() -> Kit:
    return Kit(KIT)
