"""From chips and phrases to what an MLLMSeg model reads."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from itertools import repeat
from pathlib import Path
from typing import Self, TypedDict

import numpy as np
import torch
from huggingface_hub import snapshot_download
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from geoseg.errors import CheckpointError, ChipError, QueryError
from geoseg.models.mllmseg.configuration import (
    IMAGE_END,
    IMAGE_SLOT,
    IMAGE_START,
    IMAGE_TOKEN,
    PHRASE_SLOT,
    REJ,
    SEG,
    MLLMSegConfig,
)
from geoseg.models.mllmseg.prompt import PackedPrompt, packed, spoken
from geoseg.models.mllmseg.published_tokenizer import open_tokenizer
from geoseg.models.mllmseg.tokenizer import strange_words

CHANNEL_MEANS = (0.485, 0.456, 0.406)
CHANNEL_SPREADS = (0.229, 0.224, 0.225)
"""Of ImageNet, red green blue, as the published vision tower expects."""

WHITE = 255

SLOT = re.compile(re.escape(PHRASE_SLOT))


class Inputs(TypedDict):
    """What a model takes."""

    pixel_values: Tensor
    """(n, 3, S, S)."""

    prompt: PackedPrompt
    """Of n chips."""


class MLLMSegProcessor:
    """Turns chips into pixel tensors and phrases into packed prompts, for one configuration."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, config: MLLMSegConfig) -> None:
        check_tokens(tokenizer, config)
        self.tokenizer = tokenizer
        self.config = config
        question, answer = config.question_template, config.answer_template
        before, _, after = question.partition(IMAGE_SLOT)
        image = IMAGE_START + IMAGE_TOKEN * config.image_tokens + IMAGE_END
        self.prefix = self._encoded(config.system_template + before + image)
        self._after_image, self._answer = after, answer
        self._block_template = after + answer.partition(SEG)[0]
        self._room = config.context_length - len(self.prefix)
        if self._room < 1:
            raise CheckpointError(
                f"chip and system text take {len(self.prefix)} tokens, but the language model"
                f" has positions for {config.context_length}; no query fits"
            )

    def __call__(self, images: NDArray[np.uint8], text: str | Sequence[str]) -> Inputs:
        """What the model takes, to ask one RGB chip (h, w, 3) or several (n, h, w, 3) phrases.

        As in `output = model(**processor(images=chips, text=["the red roofs"]))`.
        """
        chips = np.asarray(images)
        chips = chips[None] if chips.ndim == len("hwc") else chips
        if chips.dtype != np.uint8 or chips.ndim != len("nhwc") or chips.shape[-1] != len("rgb"):
            raise ChipError(
                f"chips are RGB uint8 (n, height, width, 3), but {chips.dtype} {chips.shape} was"
                " given"
            )
        prompt = self.pack([[text] if isinstance(text, str) else text]).expand(len(chips))
        return {"pixel_values": self.pixels(chips), "prompt": prompt}

    @classmethod
    def from_pretrained(
        cls,
        name: str | Path,
        *,
        config: MLLMSegConfig | None = None,
        revision: str | None = None,
        **_: object,  # AutoProcessor hands on what other classes need
    ) -> Self:
        """The processor in a checkpoint folder or of a hub id, for its configuration or another."""
        folder = Path(name)
        if not folder.is_dir():
            wanted = ["*.json", "*.txt", "*.model"]
            folder = Path(snapshot_download(str(name), revision=revision, allow_patterns=wanted))
        return cls(open_tokenizer(folder), config or MLLMSegConfig.from_pretrained(folder))

    def save_pretrained(self, folder: str | Path) -> None:
        """Write tokenizer and configuration beside the weights."""
        self.tokenizer.save_pretrained(folder)
        self.config.save_pretrained(folder)

    def pixels(self, chips: NDArray[np.uint8]) -> Tensor:
        """The chips (n, h, w, 3) as the vision tower wants them: (n, 3, S, S) float32."""
        size = self.config.chip_size
        if chips.shape[1:3] != (size, size):
            chips = np.stack([resized(chip, size) for chip in chips])
        means = torch.tensor(CHANNEL_MEANS).view(3, 1, 1)
        spreads = torch.tensor(CHANNEL_SPREADS).view(3, 1, 1)
        channels_first = torch.from_numpy(np.ascontiguousarray(chips.transpose(0, 3, 1, 2)))
        return channels_first.float().div_(WHITE).sub_(means).div_(spreads)

    def pack(self, phrases: Sequence[Sequence[str]]) -> PackedPrompt:
        """The prompt of chips that each ask their own phrases."""
        return packed(self.prefix, [[self._block(phrase) for phrase in row] for row in phrases])

    @property
    def opening_ids(self) -> Tensor:
        """The tokens before the image, up to `<img>`: (t,)."""
        return torch.tensor(self.prefix[: self.prefix.index(self.config.image_token_id)])

    @property
    def closing_ids(self) -> Tensor:
        """The tokens between the image and the queries, from `</img>` on: (t,)."""
        behind = len(self.opening_ids) + self.config.image_tokens
        return torch.tensor(self.prefix[behind:])

    def questions(self, phrases: Sequence[Sequence[str]]) -> PackedPrompt:
        """What chips ask, each its own phrases, to put to chips that are encoded already."""
        return self.pack(phrases).without_prefix(len(self.prefix))

    def reference_questions(
        self, phrases: Sequence[str], *, absent: Collection[str] = ()
    ) -> PackedPrompt:
        """All phrases in one running text, as the published evaluation puts them to one chip.

        It goes on behind a phrase that is known to be `absent` with [REJ] instead of [SEG], and
        later answers see that.
        """
        before, _, rest = self._answer.partition(PHRASE_SLOT)
        between, _, after = rest.partition(SEG)
        answers = (
            f"{PHRASE_SLOT}{between}{REJ if phrase in absent else SEG}" for phrase in phrases
        )
        asked = self._after_image.replace(PHRASE_SLOT, ", ".join([PHRASE_SLOT] * len(phrases)))
        said = [normalised(phrase) for phrase in phrases]
        text = asked + before + ", ".join(answers) + after
        tokens = self.prefix + self._encoded(text, said + said)
        if len(tokens) > self.config.context_length:
            raise QueryError(
                f"{len(phrases)} queries in one text take {len(tokens)} tokens, but the model has"
                f" positions for {self.config.context_length}; ask fewer at once"
            )
        answered = (self.config.seg_token_id, self.config.rej_token_id)
        positions = [place - 1 for place, token in enumerate(tokens) if token in answered]
        return spoken(tokens, positions).without_prefix(len(self.prefix))

    def unknown_words(self, phrase: str) -> list[str]:
        """The words of a phrase that the model does not know, each once."""
        learned = self.config.learned_words or ()
        strange = strange_words(self.tokenizer, normalised(phrase), learned=learned)
        return [word for word in strange if _says_something(word[0])]

    def _block(self, phrase: str) -> list[int]:
        """The tokens of one query, up to the one before [SEG]."""
        block = self._encoded(self._block_template, repeat(normalised(phrase)))
        if len(block) > self._room:
            raise QueryError(
                f"the query takes {len(block)} tokens with the question around it, but the model"
                f" has room for {self._room}; say it in fewer words: {phrase[:60]!r}..."
            )
        return block

    def _encoded(self, template: str, phrases: Iterable[str] = ()) -> list[int]:
        """Token ids of a template, its slots filled with the phrases one after another.

        Only the template's own control tokens count.
        """
        said = iter(phrases)
        control = self.tokenizer.added_tokens_encoder
        pattern = "|".join(re.escape(token) for token in sorted(control, key=len, reverse=True))
        tokens: list[int] = []
        for piece in re.split(f"({pattern})", template):
            if piece in control:
                tokens.append(control[piece])
            elif piece:
                tokens.extend(self._plain(SLOT.sub(lambda _: next(said), piece)))
        return tokens

    def _plain(self, text: str) -> list[int]:
        """Token ids of text that may hold anything a user typed."""
        ids: list[int] = self.tokenizer.encode(
            text, add_special_tokens=False, split_special_tokens=True
        )
        added = self.tokenizer.added_tokens_decoder
        control = {number for number, token in added.items() if token.special}
        if smuggled := control.intersection(ids) - {self.tokenizer.unk_token_id}:
            words = self.tokenizer.convert_ids_to_tokens(sorted(smuggled))
            raise QueryError(
                f"the query {text!r} holds {words}, which steer the model; say it in plain words"
            )
        return ids


def normalised(phrase: str) -> str:
    """The phrase as the model was trained to read it.

    >>> normalised("  The RED  roofs. ")
    'the red roofs'
    """
    text = " ".join(phrase.split()).strip(".").strip().lower()
    if not text:
        raise QueryError(f"the query {phrase!r} holds no words; say what to look for")
    return text


def resized(chip: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """The chip (h, w, 3) at the model's size; its aspect ratio is not kept, as published."""
    return np.asarray(Image.fromarray(chip).resize((size, size), Image.Resampling.BICUBIC))


def check_tokens(tokenizer: PreTrainedTokenizerBase, config: MLLMSegConfig) -> None:
    """Raise unless the tokenizer has the control tokens, under the configuration's ids."""
    known = tokenizer.added_tokens_encoder
    if missing := [token for token in (IMAGE_START, IMAGE_END) if token not in known]:
        raise CheckpointError(f"the tokenizer has no {missing}; it belongs to another model")
    expected = {
        IMAGE_TOKEN: config.image_token_id,
        SEG: config.seg_token_id,
        REJ: config.rej_token_id,
    }
    given = {token: known.get(token) for token in expected}
    if given != expected:
        raise CheckpointError(
            f"the tokenizer has the ids {given} where the configuration says {expected};"
            " they belong to different models"
        )
    if len(tokenizer) > config.vocabulary:
        raise CheckpointError(
            f"the tokenizer has {len(tokenizer)} tokens, the language model only"
            f" {config.vocabulary}; they belong to different models"
        )


def _says_something(letter: str) -> bool:
    """True for letters, digits and pictures such as emoji; False for punctuation.

    >>> [_says_something(letter) for letter in "a7🌳<,"]
    [True, True, True, False, False]
    """
    category = unicodedata.category(letter)
    return category[0] in "LN" or category == "So"
