import pytest
import torch
from torch import nn

from geoseg.models.mllmseg.mask_decoder import (
    AttentionConditioning,
    DySample,
    FilmConditioning,
    MaskDecoder,
    QueryLayer,
)
from tests.geoseg.models.mllmseg.tiny import tiny_config


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


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_dysample_in_half_precision_reads_what_it_reads_in_full(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    upsampler = DySample(1024, groups=4, scale=2)
    tokens = torch.randn(1, 256, 1024).to(dtype)  # one chip: nothing forces a copy
    coarse = tokens.reshape(1, 16, 16, 1024).permute(0, 3, 1, 2)
    exact = upsampler(coarse.float())
    half = upsampler.to(dtype)(coarse).float()
    assert (half - exact).abs().mean() < 0.05
    assert half.abs().max() <= coarse.abs().max() * 1.01


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
