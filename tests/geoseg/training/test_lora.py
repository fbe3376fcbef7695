import logging
from pathlib import Path

import peft
import pytest
import torch
from transformers import AutoModel

from geoseg.training.lora import TARGETS, merged, quiet, with_lora, write_adapter
from geoseg.training.options import LoraOptions
from tests.geoseg.models.mllmseg.tiny import Tiny, tiny

OPTIONS = LoraOptions(rank=3, dropout=0.0)


def adapted(seed: int = 0) -> Tiny:
    """A model with LoRA that has learned something at random."""
    known = tiny()
    with_lora(known.model.language_model, OPTIONS)
    torch.manual_seed(seed)
    for name, parameter in known.model.named_parameters():
        if "lora_B" in name:
            parameter.data.normal_()
    return known


def states(model: torch.nn.Module) -> torch.Tensor:
    ids = torch.tensor([[1, 7, 9, 11, 8]])
    with torch.no_grad():
        found: torch.Tensor = model(input_ids=ids).last_hidden_state
    return found


def test_new_lora_changes_nothing() -> None:
    known = tiny()
    before = states(known.model.language_model)
    with_lora(known.model.language_model, OPTIONS)
    assert torch.equal(states(known.model.language_model), before)


def test_warnings_are_shown_again_afterwards(caplog: pytest.LogCaptureFixture) -> None:
    with quiet("some.library"):
        logging.getLogger("some.library").warning("not now")
    logging.getLogger("some.library").warning("now")
    assert [record.message for record in caplog.records] == ["now"]


def test_every_matrix_of_every_layer_has_small_ones_beside_it() -> None:
    names = [name for name, _ in adapted().model.named_parameters() if "lora_A" in name]
    layers = adapted().model.config.text.num_hidden_layers
    assert len(names) == layers * len(TARGETS)


def test_merged_weights_compute_the_same_without_lora() -> None:
    known, plain = adapted(), tiny()
    plain.model.load_state_dict(dict(merged(known.model, OPTIONS)), strict=True)
    found = states(plain.model.language_model)
    torch.testing.assert_close(found, states(known.model.language_model), atol=1e-4, rtol=1e-4)
    assert (found - states(tiny().model.language_model)).abs().max() > 0.01


def test_a_kept_adapter_is_read_by_peft(tmp_path: Path) -> None:
    known = adapted()
    write_adapter(tmp_path / "adapter", known.model.language_model, OPTIONS)
    base = AutoModel.from_config(known.model.config.text)
    base.load_state_dict(tiny().model.language_model.state_dict())
    base.train(mode=False)
    with pytest.warns(Warning, match=r".*"):  # peft asks transformers by an older name
        read = peft.PeftModel.from_pretrained(base, str(tmp_path / "adapter"))
    torch.testing.assert_close(states(read), states(known.model.language_model))
