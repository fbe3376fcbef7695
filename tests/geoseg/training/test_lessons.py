from pathlib import Path

import torch

from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.training.batches import Batch, batch_of
from geoseg.training.data_options import RenderedData
from geoseg.training.lessons import TOWER, Answering, Seeing
from geoseg.training.opened import open_examples
from geoseg.training.optimiser import Optimiser
from geoseg.training.options import ALL_PARTS, AskOptions, OptimiserOptions
from geoseg.training.parts import choose_parts
from geoseg.training.rendered import RenderedExamples
from geoseg.training.tower import PixelHead
from tests.geoseg.models.mllmseg.tiny import CHIP_SIZE, Tiny, tiny
from tests.geoseg.training.runs import run_options

FROZEN = {
    "language": "frozen", "norm": False, "decoder": False, "embeddings": False, "head_rows": True,
}  # fmt: skip


def answering(folder: Path, known: Tiny, **changes: object) -> tuple[Answering, Batch]:
    options = run_options(folder, **changes)
    choose_parts(known.model, options.learning)
    examples = open_examples(options, chip=CHIP_SIZE, stage=2)
    batch = batch_of([examples(place) for place in range(3)], known.processor)
    return Answering(known.model, options), batch


def rows(model: MLLMSegModel) -> torch.Tensor:
    return model.lm_head.weight[[model.config.seg_token_id, model.config.rej_token_id]]


def test_what_is_wrong_is_told_by_kind(tmp_path: Path) -> None:
    module, batch = answering(tmp_path, tiny())
    assert set(module(batch)) == set(module.counts(batch)) == {"decision", "focal", "dice"}
    assert module.counts(batch)["decision"] == batch.prompt.present.sum()


def test_decisions_are_those_of_the_model_in_use(tmp_path: Path) -> None:
    known = tiny()
    module, batch = answering(tmp_path, known)
    module.train(mode=False)
    with torch.no_grad():
        module.rows.normal_()
        module.write_back()
        logits = known.model(batch.pixels, batch.prompt).decision_logits
        expected = torch.nn.functional.cross_entropy(
            logits.movedim(2, 1), (~batch.truth.flatten(2).any(2)).long(), reduction="none"
        )
        found = module(batch)["decision"]
    torch.testing.assert_close(found, (expected * batch.prompt.present).sum())


def test_only_the_two_rows_of_the_head_learn_and_are_written_back(tmp_path: Path) -> None:
    known = tiny()
    module, batch = answering(tmp_path, known, parts=FROZEN)
    assert [name for name, one in module.named_parameters() if one.requires_grad] == ["rows"]
    before = known.model.lm_head.weight.detach().clone()
    torch.autograd.backward(module(batch)["decision"])
    assert module.rows.grad is not None
    assert module.rows.grad.abs().min() > 0
    with torch.no_grad():
        module.rows.add_(1)
    module.write_back()
    changed = (known.model.lm_head.weight != before).any(dim=1).nonzero().flatten().tolist()
    assert changed == [known.model.config.seg_token_id, known.model.config.rej_token_id]
    torch.testing.assert_close(rows(known.model), module.rows)


def test_equal_rows_as_published_for_qwen_learn_to_differ(tmp_path: Path) -> None:
    known = tiny()
    config = known.model.config
    with torch.no_grad():
        known.model.lm_head.weight[config.rej_token_id] = rows(known.model)[0]
    assert not known.model.can_reject
    module, batch = answering(tmp_path, known, parts=FROZEN)
    optimiser = Optimiser(module, OptimiserOptions(), rate=0.01)
    torch.autograd.backward(module(batch)["decision"])
    optimiser.step()
    module.write_back()
    assert known.model.can_reject


def test_the_tower_learns_what_every_pixel_is(scenes: Path) -> None:
    known = tiny()
    data = RenderedData(scenes=scenes, shards=2)
    examples = RenderedExamples(data, AskOptions(queries=2), chip=CHIP_SIZE, seed=(0, 1))
    batch = batch_of([examples(place) for place in range(2)], known.processor)
    head = PixelHead(known.model.config.decoder_width, known.model.config.patch_size)
    terms = Seeing(known.model, head)(batch)
    assert set(terms) == {TOWER}
    torch.autograd.backward(terms[TOWER])
    assert head.linear.weight.grad is not None


def test_a_query_is_drawn_alike_whatever_other_chips_are_asked(tmp_path: Path) -> None:
    known = tiny(decoder_dropout=0.0)
    module, batch = answering(tmp_path, known, parts=ALL_PARTS.model_dump())
    decoder, pack = known.model.mask_decoder, known.processor.pack
    statistics = decoder.pixels[1]
    drawn, means = [], []
    for phrases in ([["roofs"], ["roofs"]], [["roofs"], ["roofs", "roofs"]]):
        prompt = pack(phrases)
        module.train()
        statistics.reset_running_stats()
        masks, _ = module.answers(batch.pixels[[0, 0]], prompt)
        drawn.append(masks[0, 0])
        means.append(statistics.running_mean.clone())
        assert not masks[~prompt.present].any()
    torch.testing.assert_close(drawn[1], drawn[0], rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(means[1], means[0])
