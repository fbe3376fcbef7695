from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geoseg.training.examiner import PICTURES, Examiner
from geoseg.training.options import TrainOptions
from geoseg.training.pictures import looks, sheet
from tests.geoseg.evaluation.made_up import ColourSegmenter, ListedSource, coloured
from tests.geoseg.training.runs import run_options

DARK = 100
"""Too dark for the segmenter to call it red."""

WHERE = np.s_[2:8, 3:9]

SOURCE = ListedSource([coloured((16, 16), WHERE, bright=255 if n < 3 else DARK) for n in range(6)])
"""Six images with something red, half of them dark; each is asked for blue as well."""


def options(folder: Path, **keep: int) -> TrainOptions:
    return run_options(folder, keep={"pictures": 2, **keep})


def test_a_model_is_measured_on_the_validation_data(tmp_path: Path) -> None:
    quality = Examiner(ColourSegmenter(), SOURCE, options(tmp_path)).measured()
    assert quality.mean_iou == 0.5
    assert quality.presence == 0.75
    assert (quality.accepted, quality.refused) == (0.5, 1)


@pytest.mark.parametrize("limit", [1, 4, 100])
def test_as_many_samples_are_measured_as_were_asked_for(tmp_path: Path, limit: int) -> None:
    segmenter = ColourSegmenter()
    Examiner(segmenter, SOURCE, options(tmp_path, validation_samples=limit)).measured()
    assert sum(segmenter.seen) == min(limit, len(SOURCE))


def test_a_sheet_shows_so_many_samples_and_is_named_after_the_step(tmp_path: Path) -> None:
    asked = options(tmp_path, pictures=4)
    examiner = Examiner(ColourSegmenter(), SOURCE, asked)
    for step in (0, 25):
        examiner.write_pictures(step)
    folder = asked.run / PICTURES
    assert sorted(path.name for path in folder.iterdir()) == ["0000000.jpg", "0000025.jpg"]
    expected = tmp_path / "expected.jpg"
    sheet(list(looks(ColourSegmenter(), SOURCE, 4))).save(expected)
    assert (folder / "0000025.jpg").read_bytes() == expected.read_bytes()


def test_a_sheet_drawn_anew_takes_the_place_of_the_former(tmp_path: Path) -> None:
    asked = options(tmp_path)
    (asked.run / PICTURES).mkdir(parents=True)
    (asked.run / PICTURES / "0000003.jpg").write_bytes(b"of a run that was stopped here")
    Examiner(ColourSegmenter(), SOURCE, asked).write_pictures(3)
    assert [path.name for path in (asked.run / PICTURES).iterdir()] == ["0000003.jpg"]
    with Image.open(asked.run / PICTURES / "0000003.jpg") as page:
        page.verify()


def test_where_no_pictures_are_wanted_nothing_is_asked_and_nothing_written(tmp_path: Path) -> None:
    segmenter, asked = ColourSegmenter(), options(tmp_path, pictures=0)
    Examiner(segmenter, SOURCE, asked).write_pictures(7)
    assert segmenter.seen == []
    assert not asked.run.exists()
