import torch

from geoseg.models.mllmseg.encoded import EncodedChips, Remembered
from geoseg.models.mllmseg.modeling import MLLMSegOutput
from tests.geoseg.models.mllmseg.test_modeling import PHRASES, answer, assert_same, chips_of
from tests.geoseg.models.mllmseg.tiny import Tiny, tiny


@torch.inference_mode()
def encoded(asked: Tiny, number: int) -> EncodedChips:
    opening = asked.model.read_opening(asked.processor.opening_ids)
    chips: EncodedChips = asked.model.encode(chips_of(number), opening, asked.processor.closing_ids)
    return chips


@torch.inference_mode()
def asked_behind(asked: Tiny, chips: EncodedChips, *phrases: str) -> MLLMSegOutput:
    output: MLLMSegOutput = asked.model.answer(
        chips, asked.processor.questions([phrases]).expand(len(chips))
    )
    return output


def test_asking_encoded_chips_equals_asking_them_in_one_pass() -> None:
    asked = tiny(system_template="<|im_start|>the large<|im_end|>")
    assert_same(
        asked_behind(asked, encoded(asked, 3), *PHRASES), answer(asked, chips_of(3), PHRASES)
    )


def test_chips_may_each_be_asked_something_else() -> None:
    asked = tiny()
    with torch.inference_mode():
        several = asked.model.answer(
            encoded(asked, 2), asked.processor.questions([PHRASES, PHRASES[:1]])
        )
    alone = answer(asked, chips_of(2)[1:], PHRASES[:1])
    assert_same(alone, MLLMSegOutput(several.mask_logits[1:, :1], several.decision_logits[1:, :1]))


def test_asking_changes_nothing_that_is_kept() -> None:
    asked = tiny()
    chips = encoded(asked, 2)
    before = [part.clone() for part in (chips.trunk, *chips.remembered.keys)]
    first = asked_behind(asked, chips, *PHRASES)
    after = (chips.trunk, *chips.remembered.keys)
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
    assert_same(asked_behind(asked, chips, *PHRASES), first)


def test_chips_of_two_looks_are_asked_as_one_batch() -> None:
    asked = tiny()
    chips = encoded(asked, 3)
    again = EncodedChips.joined([chips[2:], chips[:1]])
    together, whole = asked_behind(asked, again, *PHRASES), asked_behind(asked, chips, *PHRASES)
    order = [2, 0]
    assert_same(together, MLLMSegOutput(whole.mask_logits[order], whole.decision_logits[order]))


def test_bytes_are_those_of_everything_kept() -> None:
    keys = (torch.zeros(2, 1, 5, 4), torch.zeros(2, 1, 5, 4))
    chips = EncodedChips(torch.zeros(2, 16, 8), Remembered(keys, keys))
    assert len(chips) == 2
    assert chips.nbytes == 4 * (2 * 16 * 8 + 4 * 2 * 5 * 4)
    assert chips[:1].nbytes == chips.nbytes // 2
