"""Measures a model while it learns, and draws what it answers."""

from geoseg.segmenter import ChipSegmenter
from geoseg.training.data.samples import Source
from geoseg.training.options import TrainOptions
from geoseg.training.pictures import looks, sheet
from geoseg.training.validation import Quality, measured
from tiles.writing import whole_or_nothing

PICTURES = "pictures"
"""The folder of the sheets."""


class Examiner:
    """Asks a model about data that it does not learn from."""

    def __init__(self, segmenter: ChipSegmenter, source: Source, options: TrainOptions) -> None:
        self._segmenter = segmenter
        self.source = source
        self._options = options

    def measured(self) -> Quality:
        """How good the model is as it is now."""
        samples = self._options.keep.validation_samples
        return measured(self._segmenter, self.source, samples=samples)

    def write_pictures(self, step: int) -> None:
        """Draw what it answers now, after so many steps."""
        if not (count := self._options.keep.pictures):
            return
        page = sheet(list(looks(self._segmenter, self.source, count)))
        path = self._options.run / PICTURES / f"{step:07d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_or_nothing([path]) as partial:
            page.save(partial[path])
