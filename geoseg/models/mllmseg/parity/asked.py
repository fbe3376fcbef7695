"""What a kit's case asks, and what we answer to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geoseg.models.mllmseg.encoded import EncodedChips
from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.parity.checks import (
    EXACT,
    LANGUAGE,
    VISION,
    Check,
    Golden,
    compared,
    mask_differences,
    resized_differences,
    unequal,
)
from geoseg.models.mllmseg.parity.kit import LORA, Kit
from geoseg.models.mllmseg.processing import resized
from geoseg.models.mllmseg.prompt import PackedPrompt
from geoseg.models.mllmseg.segmenter import MLLMSegSegmenter
from geoseg.query import Query

REFUSED = "[REJ]"

NOT_THERE = float("inf")

ANSWERED = re.compile(r"\[(?:SEG|REJ)\]")


@dataclass(frozen=True, slots=True)
class Case:
    """What was asked of one picture."""

    name: str

    image: str

    phrases: tuple[str, ...]

    absent: tuple[str, ...]
    """Phrases that were answered with [REJ]."""

    one_by_one: bool
    """Whether each phrase was asked in a text of its own."""


def cases_of(kit: Kit, variant: str) -> Iterator[Case]:
    """The cases of a variant."""
    content = kit.json(f"cases/{variant.removesuffix(LORA)}.json")
    for name, case in content["cases"].items():
        phrases = tuple(content["queries"][case["image"]])
        one_by_one = isinstance(case["conversations"][0], list)
        answers = [] if one_by_one else ANSWERED.findall(case["conversations"][1]["value"])
        absent = tuple(
            phrase for phrase, answer in zip(phrases, answers, strict=False) if answer == REFUSED
        )
        yield Case(name, case["image"], phrases, absent, one_by_one)


class Asked:
    """A loaded variant, and one picture that it looks at."""

    def __init__(
        self,
        kit: Kit,
        variant: str,
        golden: Golden,
        *,
        segmenter: MLLMSegSegmenter,
        image: str,
    ) -> None:
        self.variant = variant
        self.golden = golden
        self.tokens = kit.arrays(f"cases/{variant.removesuffix(LORA)}.npz")
        self.segmenter = segmenter
        self.model: MLLMSegModel = segmenter.model
        self.processor = segmenter.processor
        self.picture = kit.image(image)
        self.chip = resized(self.picture, segmenter.chip_size)
        self.chips: EncodedChips = segmenter.encode(self.chip[None])

    def checks(self, case: Case) -> Iterator[Check]:
        """Every quantity of a case that the kit has golden numbers for."""
        for quantity in self.golden.lacking(case.name):
            yield Check(self.variant, case.name, f"{quantity} is not there", NOT_THERE, EXACT)
        if case.one_by_one:
            yield from self._of(case.name, self._alone(case))
            return
        yield from self._of(case.name, self._in_one_text(case))
        if case.absent:
            blind = f"{case.name}_noreeval"
            yield from self._of(blind, self._without_second_pass(case, blind))
        else:
            yield from self._of(case.name, self._inside(case))

    def _of(self, case: str, found: dict[str, tuple[float, float]]) -> Iterator[Check]:
        for quantity, (difference, tolerance) in found.items():
            yield Check(self.variant, case, quantity, difference, tolerance)

    @torch.inference_mode()
    def _in_one_text(self, case: Case) -> dict[str, tuple[float, float]]:
        """All phrases in one text: decisions with absent ones in view, masks without."""
        first = self.processor.reference_questions(case.phrases, absent=case.absent)
        found = {"input_ids": (self._other_tokens(case, first), EXACT)}
        intents, _ = self.model.ask(self.chips, first)
        found |= self._decisions(case.name, intents[0])
        second = self.processor.reference_questions(case.phrases)
        intents, _ = self.model.ask(self.chips, second)
        found |= compared({"hidden_before_seg": intents[0]}, self.golden, case.name, LANGUAGE)
        masks = self._masks(intents)
        found |= mask_differences(masks, self.golden, case.name)
        return found | resized_differences(self._in_picture(masks), self.golden, case.name)

    @torch.inference_mode()
    def _without_second_pass(self, case: Case, name: str) -> dict[str, tuple[float, float]]:
        """Masks of the phrases taken to be there, drawn with the absent ones in view."""
        prompt = self.processor.reference_questions(case.phrases, absent=case.absent)
        intents, _ = self.model.ask(self.chips, prompt)
        there = [place for place, phrase in enumerate(case.phrases) if phrase not in case.absent]
        return mask_differences(self._masks(intents[:, there]), self.golden, name)

    @torch.inference_mode()
    def _alone(self, case: Case) -> dict[str, tuple[float, float]]:
        """Each phrase in a text of its own: our usual way, behind one shared prefix."""
        prompt = self.processor.questions([case.phrases])
        intents, _ = self.model.ask(self.chips, prompt)
        texts = [self.processor.pack([[phrase]]).input_ids[0] for phrase in case.phrases]
        theirs = self.tokens[f"{case.name}.input_ids"]
        other = [unequal(ours, row[: len(ours)]) for ours, row in zip(texts, theirs, strict=True)]
        found = {"input_ids": (sum(other), EXACT)}
        found |= self._decisions(case.name, intents[0])
        found |= compared({"hidden_before_seg": intents[0]}, self.golden, case.name, LANGUAGE)
        answer = self.segmenter.answer(self.chips, [Query(phrase) for phrase in case.phrases])[0]
        return found | mask_differences(answer.probability, self.golden, case.name)

    @torch.inference_mode()
    def _inside(self, case: Case) -> dict[str, tuple[float, float]]:
        """What happens on the way, read in one pass over the whole text."""
        model = self.model
        ids = torch.from_numpy(self.tokens[f"{case.name}.input_ids"]).long()
        vit_tokens = model.encode_image(self.processor.pixels(self.chip[None]))
        image_tokens = model.image_tokens(vit_tokens)
        is_image = ids == model.config.image_token_id
        embeddings = model.language_model.get_input_embeddings()(ids)
        embeddings = embeddings.masked_scatter(is_image[..., None], image_tokens)
        read = model.language_model(inputs_embeds=embeddings, output_hidden_states=True)
        image_states = read.last_hidden_state[is_image.roll(-1, dims=1)]
        vision = {
            "img_vit_s16_s4": vit_tokens[0, ::16, ::4],
            "vit_embeds_to_llm": image_tokens[0],
            "inputs_embeds": embeddings,
        }
        language = {
            "img_llm": image_states,
            "hidden_states_1": read.hidden_states[1],
            "last_hidden_state": read.last_hidden_state,
        }
        found = compared(vision, self.golden, case.name, VISION)
        return found | compared(language, self.golden, case.name, LANGUAGE)

    def _decisions(self, case: str, intents: Tensor) -> dict[str, tuple[float, float]]:
        """Logits over all tokens at the places before [SEG], of (q, T) states."""
        logits = self.model.lm_head(intents)
        config = self.model.config
        values = {
            "logit_seg_before_pass1": logits[:, config.seg_token_id],
            "logit_rej_before_pass1": logits[:, config.rej_token_id],
            "logit_max_before_pass1": logits.amax(dim=1),
        }
        found = compared(values, self.golden, case, LANGUAGE)
        chosen = self.golden.get(f"{case}.argmax_before_segrej_pass1")
        if chosen is not None:
            found["decisions"] = (unequal(logits.argmax(dim=1), chosen), EXACT)
        return found

    def _other_tokens(self, case: Case, prompt: PackedPrompt) -> float:
        """How many tokens of a text in one piece differ from the kit's."""
        theirs = self.tokens[f"{case.name}.input_ids"][0]
        prefix = np.asarray(self.processor.prefix)
        return unequal(np.concatenate([prefix, prompt.input_ids[0].numpy()]), theirs)

    def _masks(self, intents: Tensor) -> NDArray[np.float32]:
        """Probabilities (q, S, S) for [SEG] states (1, q, T)."""
        masks: NDArray[np.float32] = (
            self.model.mask_decoder.draw(self.chips.trunk, intents)[0].sigmoid().numpy()
        )
        return masks

    def _in_picture(self, masks: NDArray[np.float32]) -> NDArray[np.float32]:
        """Masks (q, S, S) in the size of the picture they are about: (q, h, w)."""
        grown: NDArray[np.float32] = torch.nn.functional.interpolate(
            torch.from_numpy(masks)[None],
            size=self.picture.shape[:2],
            mode="bilinear",
            align_corners=False,
        )[0].numpy()
        return grown
