from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geoseg.training import contact_sheet as sheet
from geoseg.training.contact_sheet import CELL, EXAMPLES, cell, example, main
from geoseg.training.land.concepts import CONCEPTS


def test_there_is_an_example_of_every_concept() -> None:
    assert set(EXAMPLES) == set(CONCEPTS)


@pytest.mark.parametrize("concept", ["airplane", "bridge", "running track", "shipping container"])
def test_an_example_shows_its_concept(concept: str) -> None:
    things, chosen = example(concept, 0)
    assert chosen.concept == concept
    assert any(thing is chosen for thing in things)


def test_a_cell_is_a_picture_with_a_label() -> None:
    made = np.asarray(cell("silo", seed=0, gsd=0.3))
    assert made.shape == (CELL, CELL, 3)
    assert made[-12:].min() < 40 < made[-12:].max()


def test_the_command_writes_one_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "CONCEPTS", ("pond", "tree"))
    out = tmp_path / "sheet.png"
    monkeypatch.setattr("sys.argv", ["contact_sheet", str(out), "--gsd", "0.5"])
    main()
    with Image.open(out) as picture:
        assert picture.size == (sheet.COLUMNS * (CELL + 2), CELL + 2)
