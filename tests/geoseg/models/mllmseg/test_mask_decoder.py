from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from geoseg.models.mllmseg.mask_decoder import (
    AttentionConditioning,
    DySample,
    FilmConditioning,
    MaskDecoder,
    QueryLayer,
)
from tests.geoseg.models.mllmseg.reference_kit import (
    DECODER_RENAMES,
    golden,
    needs_kit,
    normal,
    read_json,
    recipe_tensor,
    reference_config,
    renamed,
)
from tests.geoseg.models.mllmseg.tiny import tiny_config

WIDTHS = {"qwen2": 96, "internlm2": 128}


def published_decoder(variant: str) -> MaskDecoder:
    decoder = MaskDecoder(reference_config(language_width=WIDTHS[variant]))
    decoder.load_state_dict(
        {
            renamed(key.removeprefix("res_decoder."), DECODER_RENAMES): torch.from_numpy(
                recipe_tensor(key, tuple(entry["shape"]), variant)
            )
            for entry in read_json(f"keys/{variant}.json")["state_dict"]
            if (key := entry["key"]).startswith("res_decoder.")
        },
        strict=True,
    )
    return decoder.eval()


@pytest.mark.shared
@needs_kit
@pytest.mark.parametrize("variant", WIDTHS)
def test_the_decoder_draws_what_the_published_one_draws(variant: str) -> None:
    width = WIDTHS[variant]
    decoder = published_decoder(variant)
    seen: dict[str, Tensor] = {}
    decoder.fusion.register_forward_hook(keep(seen, "fusion"))
    decoder.upsampler.offset.register_forward_hook(keep(seen, "offset"))
    decoder.upsampler.register_forward_hook(keep(seen, "upsampler"))
    decoder.adapter.register_forward_hook(keep(seen, "adapter"))
    with torch.inference_mode():
        trunk = decoder.trunk(
            torch.from_numpy(normal("decoder.img_vit", (2, 1024, 1024))),
            torch.from_numpy(normal("decoder.img_llm", (2, 256, width))),
        )
        intents = torch.from_numpy(normal("decoder.text_src", (2, 1, width)))
        probability = decoder.draw(trunk, intents).sigmoid()[:, 0]
    expected = golden(f"golden/decoder_txt{width}.npz")
    close = np.testing.assert_allclose
    close(seen["fusion"][:, ::32, ::8], expected["v2l_s32_s8"], atol=5e-5)
    close(seen["offset"], expected["dysample_offset_raw"], atol=5e-5)
    close(seen["upsampler"][:, ::64, ::2, ::2], expected["dysample_c64_s2"], atol=5e-5)
    close(seen["adapter"][:, ::32, ::8], expected["adapter_s32_s8"], atol=5e-5)
    close(probability[:, ::4, ::4], expected["score_map_s4"], atol=1e-4)


def keep(seen: dict[str, Tensor], name: str) -> Callable[..., None]:
    def hook(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        seen[name] = output

    return hook


def test_folded_query_layer_equals_the_layer_of_torch_with_one_memory_token() -> None:
    config = tiny_config(query_conditioning="attention")
    torch.manual_seed(0)
    plain = nn.TransformerDecoderLayer(
        config.decoder_width,
        config.decoder_heads,
        dim_feedforward=config.decoder_ffn_width,
        batch_first=True,
    ).eval()
    for parameter in plain.parameters():
        nn.init.normal_(parameter, std=0.3)
    folded = QueryLayer(config).eval()
    weights = {
        key.replace("multihead_attn", "conditioning.multihead_attn"): value
        for key, value in plain.state_dict().items()
    }
    folded.load_state_dict(weights, strict=False)
    patches, intents = torch.randn(2, 16, 32), torch.randn(2, 3, 32)
    expected = torch.stack(
        [plain(patches, intents[:, query : query + 1]) for query in range(3)], dim=1
    )
    drawn = folded.with_query(folded.without_query(patches), intents)
    torch.testing.assert_close(drawn, folded.norm(expected), atol=1e-5, rtol=1e-5)


def test_attention_conditioning_in_training_drops_each_patch_on_its_own() -> None:
    torch.manual_seed(0)
    conditioning = AttentionConditioning(tiny_config(decoder_dropout=0.5)).train()
    added = conditioning(torch.zeros(1, 1, 16, 32), torch.randn(1, 1, 32))[0, 0]
    dropped = added == 0
    assert 0.3 < dropped.float().mean() < 0.7
    assert not (dropped == dropped[0]).all()


def test_film_with_zero_weights_leaves_patches_alone() -> None:
    conditioning = FilmConditioning(tiny_config())
    nn.init.zeros_(conditioning.scale_and_shift.weight)
    nn.init.zeros_(conditioning.scale_and_shift.bias)
    patches = torch.randn(2, 1, 16, 32)
    conditioned = conditioning(patches, torch.randn(2, 3, 32))
    torch.testing.assert_close(conditioned, patches.expand(2, 3, 16, 32))


def test_dysample_that_has_learned_nothing_is_bilinear_upsampling() -> None:
    upsampler = DySample(8, groups=2, scale=2)
    nn.init.zeros_(upsampler.offset.weight)
    nn.init.zeros_(upsampler.offset.get_parameter("bias"))
    features = torch.randn(1, 8, 5, 7)
    expected = nn.functional.interpolate(features, scale_factor=2, mode="bilinear")
    torch.testing.assert_close(upsampler(features), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("query_conditioning", ["attention", "film"])
def test_every_query_of_a_shared_trunk_gets_the_mask_it_gets_alone(query_conditioning: str) -> None:
    torch.manual_seed(0)
    config = tiny_config(query_conditioning=query_conditioning)
    decoder = MaskDecoder(config).eval()
    trunk = decoder.trunk(torch.randn(2, 16, 32), torch.randn(2, 4, 24))
    intents = torch.randn(2, 3, 24)
    alone = [decoder.draw(trunk, intents[:, query : query + 1]) for query in range(3)]
    together = decoder.draw(trunk, intents)
    assert together.shape == (2, 3, config.chip_size, config.chip_size)
    torch.testing.assert_close(together, torch.cat(alone, dim=1), atol=1e-5, rtol=1e-5)
    assert (together[:, 0] - together[:, 1]).abs().max() > 1e-3
