"""Examples taken from data sets in turn."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geoseg.errors import DataError
from geoseg.training.asking import chosen
from geoseg.training.batches import Example
from geoseg.training.data.augmentation import AUGMENTATIONS, SCALED, augmented, scale
from geoseg.training.data.cutting import part, resized
from geoseg.training.data.framing import framed
from geoseg.training.data.samples import Sample, Source
from geoseg.training.options import AskOptions

LARGEST_WHOLE = 2
"""Chips along a side of the largest image that is shown as a whole."""

ORDER, CHOICE = 11, 12
"""Keep the random numbers for the order apart from those for a place."""

TRIES = 8
"""Neighbours that stand in for an image that nothing can be asked of."""


class SampledExamples:
    """Examples from one or several data sets, each in a new order every time round.

    All data sets are asked equally often, however large they are.
    """

    def __init__(
        self, sources: Sequence[Source], options: AskOptions, *, chip: int, seed: int
    ) -> None:
        self.sources, self._options = sources, options
        self._chances = {**AUGMENTATIONS, **options.chances}
        self._chip, self._seed = chip, seed
        self._orders: dict[int, tuple[int, NDArray[np.intp]]] = {}  # of each source: lap, order

    def __call__(self, place: int, /) -> Example:
        """The example at a place."""
        turn, number = divmod(place, len(self.sources))
        source = self.sources[number]
        for index in range(turn, turn + TRIES):
            rng = np.random.default_rng([self._seed, CHOICE, place, index - turn])
            sample = self._shown(source[self._place_in(number, index)], rng)
            asked = chosen(
                sample,
                self._options,
                rng,
                elsewhere=lambda: source.phrases(int(rng.integers(len(source)))),  # noqa: B023 at once
            )
            if asked:
                masks = np.stack([one.mask for one in asked])
                phrases = tuple(one.phrase for one in asked)
                return Example(sample.image, phrases, masks, sample.name)
        raise DataError(
            f"nothing can be asked of {TRIES} entries of {source.name} in a row, such as "
            f"'{sample.name}'; give data with phrases, or allow 'ask.borrow'"
        )

    def _place_in(self, number: int, turn: int) -> int:
        """Which entry of a data set has its turn."""
        count = len(self.sources[number])
        lap, place = divmod(turn, count)
        known, order = self._orders.get(number, (None, None))
        if order is None or known != lap:
            rng = np.random.default_rng([self._seed, ORDER, number, lap])
            order = rng.permutation(count)
            self._orders[number] = lap, order
        return int(order[place])

    def _shown(self, sample: Sample, rng: np.random.Generator) -> Sample:
        """The sample as one chip: cut where it is much larger, changed, and resized once."""
        window = self._window(sample, rng)
        if self._options.augment:
            window = augmented(window, rng, self._chances)
        return resized(window, self._chip)

    def _window(self, sample: Sample, rng: np.random.Generator) -> Sample:
        """One chip of an image that is shown in chips, if no phrase depends on the frame.

        At another scale it takes in more or less of the image.
        """
        height, width = sample.image.shape[:2]
        small = max(height, width) <= LARGEST_WHOLE * self._chip
        if small or any(framed(asked.phrase) for asked in sample.asked):
            return sample
        is_scaled = self._options.augment and rng.random() < self._chances[SCALED]
        wanted = round(self._chip / scale(rng)) if is_scaled else self._chip
        sides = [min(side, wanted) for side in (height, width)]
        starts = [
            int(rng.integers(whole - side + 1))
            for whole, side in zip((height, width), sides, strict=True)
        ]
        rows, columns = (slice(a, a + side) for a, side in zip(starts, sides, strict=True))
        return part(sample, (rows, columns))
