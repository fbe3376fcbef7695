"""Words that a model learns without having tokens for them."""

from collections.abc import Iterable, Iterator

from transformers import PreTrainedTokenizerBase

from geoseg.models.mllmseg.tokenizer import spelt_words
from geoseg.training.data.own_layer import OwnLayerSource
from geoseg.training.data.rendered import RenderedSource
from geoseg.training.data.samples import Source


def taught_words(sources: Iterable[Source], tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """Words that a model has to spell, in phrases that have a target; in alphabetical order.

    None for a model whose tokenizer does not spell.
    """
    phrases = dict.fromkeys(phrase for source in sources for phrase in _answered(source))
    return sorted({word for phrase in phrases for word in spelt_words(tokenizer, phrase)})


def _answered(source: Source) -> Iterator[str]:
    """Phrases that have a target, as far as a data set tells without reading its pixels.

    Rendered scenes tell nothing: they speak the words that the models made for them know.
    """
    if isinstance(source, OwnLayerSource):
        yield from source.answered
    elif not isinstance(source, RenderedSource):
        for index in range(len(source)):
            yield from source.phrases(index)
