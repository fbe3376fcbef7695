import torch
from transformers import InternVLVisionModel

from geoseg.models.mllmseg.mask_decoder import MaskDecoder
from geoseg.training.options import SizeOptions
from geoseg.training.start import prepare, prepare_drawing, waves
from geoseg.training.tiny import tiny_config, tiny_tokenizer, vision_config


def micro_tower() -> InternVLVisionModel:
    size = SizeOptions(chip=56, patch=14, width=32, heads=2, vision_layers=2, vision_ffn=32)
    tower = InternVLVisionModel(vision_config(size))
    tower.train(mode=False)
    return tower


def test_full_strength_layers_compute_the_same() -> None:
    torch.manual_seed(0)
    tower = micro_tower()
    pixels = torch.randn(1, 3, 56, 56)
    with torch.no_grad():
        before = tower(pixel_values=pixels).last_hidden_state
        positions = tower.embeddings.position_embeddings.clone()
        prepare(tower, 4)
        tower.embeddings.position_embeddings.copy_(positions)
        after = tower(pixel_values=pixels).last_hidden_state
    torch.testing.assert_close(before, after, atol=1e-5, rtol=1e-4)


def test_every_place_has_a_start_position_of_its_own() -> None:
    positions = waves(16, 256)
    distances = torch.cdist(positions, positions) + 1e9 * torch.eye(256)
    assert positions.shape == (256, 256)
    assert distances.min() > 0.1


def test_neighbours_have_similar_start_positions() -> None:
    positions = waves(16, 256).reshape(16, 16, 256)
    near = (positions[5, 5] - positions[5, 6]).norm()
    far = (positions[5, 5] - positions[12, 14]).norm()
    assert near < far


def test_a_new_decoder_can_say_yes_and_no() -> None:
    torch.manual_seed(0)
    size = SizeOptions(chip=56, patch=14, width=32, heads=2, vision_layers=1, vision_ffn=32)
    decoder = MaskDecoder(tiny_config(size, tiny_tokenizer()))
    prepare_drawing(decoder)
    with torch.no_grad():
        nothing = decoder.smoothing(torch.zeros(1, 1, 20, 20))
        much = decoder.smoothing(torch.full((1, 1, 20, 20), 6.0))
    assert nothing.max() < -4
    assert much[..., 2:-2, 2:-2].min() > 4
