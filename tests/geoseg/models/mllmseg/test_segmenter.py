from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch._dynamo.exc import TorchDynamoException

from geoseg.errors import ChipError, ModelError, QueryError
from geoseg.models.mllmseg import segmenter as segmenting
from geoseg.models.mllmseg.segmenter import MLLMSegSegmenter
from geoseg.query import Query
from geoseg.segmenter import ChipAnswer, ChipSegmenter, Running
from tests.geoseg.models.mllmseg.tiny import CHIP_SIZE, tiny

QUERIES = [Query(phrase) for phrase in ("the red roof", "road", "a large tree north of the water")]


def some_chips(number: int) -> NDArray[np.uint8]:
    shape = (number, CHIP_SIZE, CHIP_SIZE, 3)
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def ready(**overrides: object) -> MLLMSegSegmenter:
    made = tiny(**{"trained_to_reject": True, **overrides})
    return MLLMSegSegmenter(made.model, made.processor)


def assert_same(some: Sequence[ChipAnswer], others: Sequence[ChipAnswer]) -> None:
    for one, other in zip(some, others, strict=True):
        np.testing.assert_allclose(one.probability, other.probability, rtol=0, atol=1e-5)
        np.testing.assert_allclose(one.presence, other.presence, rtol=0, atol=1e-5)


def test_it_fits_behind_the_seam() -> None:
    segmenter: ChipSegmenter = ready()
    assert isinstance(segmenter, ChipSegmenter)
    assert segmenter.chip_size == CHIP_SIZE


def test_each_chip_gets_one_answer_for_every_query() -> None:
    answers = ready().segment(some_chips(2), QUERIES)
    assert [answer.probability.shape for answer in answers] == [(3, CHIP_SIZE, CHIP_SIZE)] * 2
    assert [answer.presence.shape for answer in answers] == [(3,)] * 2
    assert answers[0].probability.dtype == answers[0].presence.dtype == np.float32


def test_answers_do_not_depend_on_the_batch() -> None:
    segmenter, chips = ready(), some_chips(3)
    one_by_one = [segmenter.segment(chips[place : place + 1], QUERIES)[0] for place in range(3)]
    assert_same(segmenter.segment(chips, QUERIES), one_by_one)


def test_answers_do_not_depend_on_the_other_queries() -> None:
    segmenter, chips = ready(), some_chips(1)
    alone = [segmenter.segment(chips, [query])[0] for query in QUERIES]
    joined = ChipAnswer(
        np.concatenate([answer.probability for answer in alone]),
        np.concatenate([answer.presence for answer in alone]),
    )
    assert_same(segmenter.segment(chips, QUERIES), [joined])


def test_answers_do_not_depend_on_how_queries_are_grouped(monkeypatch: pytest.MonkeyPatch) -> None:
    segmenter, chips = ready(), some_chips(2)
    together = segmenter.segment(chips, QUERIES)
    monkeypatch.setattr(segmenting, "NUMBERS_AT_ONCE", 1)
    assert segmenter._drawn_at_once(2) == 1
    assert_same(segmenter.segment(chips, QUERIES), together)
    monkeypatch.setattr(segmenting, "QUERIES_AT_ONCE", 2)
    assert_same(segmenter.segment(chips, QUERIES), together)


def test_the_vision_tower_looks_once_per_call(monkeypatch: pytest.MonkeyPatch) -> None:
    segmenter, looks = ready(), []
    monkeypatch.setattr(segmenting, "QUERIES_AT_ONCE", 1)
    segmenter.model.vision_tower.register_forward_hook(lambda *_: looks.append(1))
    segmenter.model.mask_decoder.fusion.register_forward_hook(lambda *_: looks.append(2))
    segmenter.segment(some_chips(2), QUERIES)
    assert looks == [1, 2]


def test_an_encoded_chip_can_be_asked_again_without_being_looked_at() -> None:
    segmenter, chips = ready(), some_chips(2)
    encoded = segmenter.encode(chips)
    segmenter.model.vision_tower.register_forward_hook(lambda *_: pytest.fail("looked again"))
    first = segmenter.answer(encoded, QUERIES[:1])
    again = segmenter.answer(encoded, QUERIES)
    assert_same(segmenter.answer(encoded, QUERIES[:1]), first)
    assert_same([ChipAnswer(one.probability[:1], one.presence[:1]) for one in again], first)


def test_the_text_before_the_image_is_read_once_for_all_chips() -> None:
    segmenter, read = ready(), []
    segmenter.model.language_model.register_forward_hook(
        lambda *given: read.append(given[-1].last_hidden_state.shape[:2]),
        with_kwargs=True,
    )
    for _ in range(2):
        segmenter.encode(some_chips(3))
    opening, behind = len(segmenter.processor.opening_ids), len(segmenter.processor.closing_ids)
    image = segmenter._config.image_tokens
    assert read == [(1, opening), (3, image + behind), (3, image + behind)]


def untold(**overrides: object) -> MLLMSegSegmenter:
    """A model whose [SEG] and [REJ] are one and the same, as published training leaves them."""
    made = tiny(**overrides)
    rows = made.model.lm_head.weight
    with torch.no_grad():
        rows[made.model.config.rej_token_id] = rows[made.model.config.seg_token_id]
    return MLLMSegSegmenter(made.model, made.processor)


def test_a_model_that_can_refuse_decides_itself() -> None:
    segmenter = ready()
    assert segmenter.mode == "gres"
    assert segmenter.notices_for(QUERIES) == ()


def test_a_model_that_cannot_refuse_is_judged_by_its_masks_and_says_so() -> None:
    segmenter = untold()
    assert segmenter.mode == "mask"
    assert "estimated from the mask" in segmenter.notices_for(QUERIES)[0]
    for answer in segmenter.segment(some_chips(2), QUERIES):
        for probability, presence in zip(answer.probability, answer.presence, strict=True):
            drawn = probability[probability >= 0.5]
            assert presence == pytest.approx(drawn.mean() if drawn.size else 0)


def test_a_model_that_was_never_shown_an_absent_target_is_judged_by_its_masks() -> None:
    assert ready(trained_to_reject=False).mode == "mask"
    assert ready(trained_to_reject=True).mode == "gres"


def test_an_empty_mask_is_not_there() -> None:
    answer = untold(mask_logit_offset=-1e4).segment(some_chips(1), QUERIES)[0]
    assert (answer.presence == 0).all()


def test_what_a_model_learned_is_asked_for_where_nobody_said_it() -> None:
    assert "not known whether" in ready(trained_to_reject=None).notices_for(QUERIES)[0]


def test_everything_is_there_where_a_mask_is_always_wanted() -> None:
    made = tiny()
    segmenter = MLLMSegSegmenter(made.model, made.processor, mode="res")
    assert "not judged" in segmenter.notices_for(QUERIES)[0]
    assert (segmenter.segment(some_chips(1), QUERIES)[0].presence == 1).all()


def test_a_choice_is_not_asked_of_a_model_that_has_none() -> None:
    model, processor = untold().model, untold().processor
    with pytest.raises(ModelError, match="use --mode mask"):
        MLLMSegSegmenter(model, processor, mode="gres")
    with pytest.raises(ModelError, match="unknown; use auto, gres, res, mask"):
        MLLMSegSegmenter(model, processor, mode="always")


def test_scale_and_offsets_move_the_probabilities() -> None:
    plain = ready().segment(some_chips(1), QUERIES)[0]
    moved = ready(mask_logit_scale=0.7, mask_logit_offset=1.5, presence_logit_offset=-2.0)
    answer = moved.segment(some_chips(1), QUERIES)[0]
    logit = 0.7 * torch.from_numpy(plain.probability).logit() + 1.5
    np.testing.assert_allclose(answer.probability, logit.sigmoid(), atol=1e-5)
    assert (answer.presence < plain.presence).all()


def test_no_chips_or_no_queries_give_empty_answers() -> None:
    segmenter = ready()
    assert segmenter.segment(some_chips(0), QUERIES) == []
    assert segmenter.segment(some_chips(1), [])[0].probability.shape == (0, CHIP_SIZE, CHIP_SIZE)


@pytest.mark.parametrize(
    "chips",
    [np.zeros((1, 30, 30, 3), np.uint8), np.zeros((1, CHIP_SIZE, CHIP_SIZE, 3), np.float32)],
)
def test_chips_of_another_form_are_refused(chips: NDArray[np.uint8]) -> None:
    with pytest.raises(ChipError, match="uint8 chips"):
        ready().segment(chips, QUERIES)


def test_nothing_to_encode_or_to_answer_is_told_or_empty() -> None:
    segmenter = ready()
    with pytest.raises(ChipError, match="at least one"):
        segmenter.encode(some_chips(0))
    encoded = segmenter.encode(some_chips(2))
    assert segmenter.answer(encoded[:0], QUERIES) == []
    assert segmenter.answer(encoded, [])[1].presence.shape == (0,)


def test_chips_encoded_in_another_dtype_are_refused() -> None:
    encoded = ready().encode(some_chips(1))
    other = tiny()
    rough = MLLMSegSegmenter(other.model.bfloat16(), other.processor)
    with pytest.raises(ChipError, match=r"torch\.float32.*torch\.bfloat16"):
        rough.answer(encoded, QUERIES)


@pytest.mark.parametrize(
    "running", [Running("cpu", mode="banana"), Running("cpu", quantize="3bit")]
)
def test_what_cannot_be_run_is_refused_before_anything_is_read(
    tmp_path: Path, running: Running
) -> None:
    with pytest.raises(ModelError, match="is unknown; use"):
        MLLMSegSegmenter.load(tmp_path / "nothing here", running)


def test_answers_that_are_not_numbers_are_refused() -> None:
    segmenter = ready()
    torch.nn.init.constant_(segmenter.model.mask_decoder.smoothing.weight, torch.nan)
    with pytest.raises(ChipError, match="not finite"):
        segmenter.segment(some_chips(1), QUERIES)


def test_running_out_of_memory_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError

    segmenter = ready()
    monkeypatch.setattr(segmenter.model, "encode_image", full)
    with pytest.raises(ChipError, match="--batch"):
        segmenter.segment(some_chips(1), QUERIES)


def test_a_query_longer_than_the_context_is_refused() -> None:
    with pytest.raises(QueryError, match="tokens"):
        ready().segment(some_chips(1), [Query("road " * 70)])


def test_unknown_words_are_told_once() -> None:
    notices = ready().notices_for([Query("the red roof"), Query("crimson roof, crimson tree")])
    assert len(notices) == 1
    assert "does not know 'crimson';" in notices[0]
    assert "ask without them" in notices[0]


def test_a_query_of_unknown_words_alone_is_called_meaningless() -> None:
    notices = ready().notices_for([Query("crimson"), Query("🌳🌳"), Query("the crimson roof")])
    assert len(notices) == 2
    assert "'crimson', '🌳🌳'" in notices[1]
    assert "means nothing" in notices[1]


def test_a_saved_segmenter_answers_the_same_when_loaded(tmp_path: Path) -> None:
    loaded = MLLMSegSegmenter.load(tiny().save(tmp_path), Running("cpu"))
    assert_same(loaded.segment(some_chips(2), QUERIES), ready().segment(some_chips(2), QUERIES))


def test_it_tells_how_it_runs_and_where_its_weights_came_from(tmp_path: Path) -> None:
    folder = tiny(source="owner/name", source_commit="0123", trained_to_reject=False).save(tmp_path)
    loaded = MLLMSegSegmenter.load(folder, Running("cpu", "bf16"))
    assert loaded.running_as == "mode mask, bfloat16, on cpu"
    assert loaded.called == f"{folder} (owner/name@0123)"
    assert MLLMSegSegmenter.load(folder, Running("cpu"), called="a@b").called == "a@b"


def test_a_compiler_that_fails_is_the_models_fault_not_a_chips(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise TorchDynamoException("no g++ found")

    segmenter = ready()
    monkeypatch.setattr(segmenter.model, "encode_image", fail)
    with pytest.raises(ModelError, match=r"--compile failed: .*no g\+\+ found; it needs"):
        segmenter.segment(some_chips(1), QUERIES)


def test_bfloat16_answers_nearly_the_same(tmp_path: Path) -> None:
    folder, chips = tiny().save(tmp_path), some_chips(2)
    exact = MLLMSegSegmenter.load(folder, Running("cpu")).segment(chips, QUERIES)
    rough = MLLMSegSegmenter.load(folder, Running("cpu", "bfloat16")).segment(chips, QUERIES)
    for one, other in zip(exact, rough, strict=True):
        assert np.abs(one.probability - other.probability).mean() < 0.02
        assert np.abs(one.presence - other.presence).max() < 0.05


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_answers_as_the_cpu_does(tmp_path: Path) -> None:
    folder = tiny().save(tmp_path)
    chips = some_chips(2)
    on_cpu = MLLMSegSegmenter.load(folder, Running("cpu")).segment(chips, QUERIES)
    on_gpu = MLLMSegSegmenter.load(folder, Running("cuda:0")).segment(chips, QUERIES)
    for one, other in zip(on_cpu, on_gpu, strict=True):
        np.testing.assert_allclose(one.probability, other.probability, atol=5e-3)
        np.testing.assert_allclose(one.presence, other.presence, atol=5e-3)
