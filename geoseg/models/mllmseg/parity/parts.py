"""Parts of the model looked at alone: pre-processing, the mask decoder, the loss terms."""

import re
import zlib
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from geoseg.models.mllmseg.modeling import MLLMSegModel, additive
from geoseg.models.mllmseg.parity.asked import cases_of
from geoseg.models.mllmseg.parity.checks import (
    EXACT,
    LANGUAGE,
    MASK,
    Check,
    Golden,
    compared,
    unequal,
)
from geoseg.models.mllmseg.parity.kit import LORA, Kit
from geoseg.models.mllmseg.parity.losses import (
    IGNORED,
    dice_loss,
    focal_loss,
    mean_over,
    token_loss,
)
from geoseg.models.mllmseg.processing import MLLMSegProcessor, resized

ROWS = re.compile(r"rows(\d+)_(\d+)")

INSIDE = 5e-5
"""Largest difference allowed to what happens inside the mask decoder."""


def preprocessing(kit: Kit, processor: MLLMSegProcessor) -> Iterator[Check]:
    """Whether pictures become the same bytes and the same pixel values."""
    size = processor.config.chip_size
    for name, told in kit.json("preprocess/preprocess.json").items():
        chip = resized(kit.image(name), size)
        path = kit.folder / "preprocess" / f"{name}_{size}_bicubic_u8.png"
        expected = np.asarray(Image.open(path).convert("RGB"))
        yield Check("any", name, "resized bytes", unequal(chip, expected), EXACT)
        pixels = processor.pixels(chip[None])[0].numpy()
        checksum = zlib.crc32(np.ascontiguousarray(pixels).tobytes())
        other = unequal(checksum, told["pixel_values_f32_crc32"])
        yield Check("any", name, "pixel values, checksum", other, EXACT)
        for stored, values in kit.arrays(f"preprocess/{name}_pixel_values.npz").items():
            differing = unequal(as_stored(pixels, stored).astype(values.dtype), values)
            yield Check("any", name, f"pixel values, {values.dtype}", differing, EXACT)


def as_stored(pixels: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """Those rows of pixel values (3, S, S) that a stored array's name speaks of, or all.

    >>> as_stored(np.zeros((3, 9, 9), np.float32), "slice_rows2_5_f32").shape
    (3, 4, 9)
    """
    rows = ROWS.search(name)
    return pixels[:, int(rows[1]) : int(rows[2]) + 1] if rows else pixels


def decoder_alone(kit: Kit, variant: str, model: MLLMSegModel) -> Iterator[Check]:
    """The mask decoder on random inputs, of the model whose language width the kit has."""
    width = model.config.language_width
    name = f"decoder_txt{width}"
    if not (kit.folder / "golden" / f"{name}.npz").is_file():
        return
    told = kit.json(f"golden/{name}.json")["inputs"]
    vit_tokens, image_states, intents = (
        torch.from_numpy(kit.normal(f"decoder.{part}", tuple(told[part]["shape"])))
        for part in ("img_vit", "img_llm", "text_src")
    )
    stored = kit.arrays(f"golden/{name}.npz")
    golden = Golden({f"{name}.{key}": values for key, values in stored.items()})
    found = compared(inside_decoder(model, vit_tokens, image_states, intents), golden, name, INSIDE)
    with torch.inference_mode():
        trunk = model.mask_decoder.trunk(vit_tokens, image_states)
        logits = model.mask_decoder.draw(trunk, intents)[:, 0]
    masks = {"score_map": logits.sigmoid(), "score_map_s4": logits.sigmoid()[:, ::4, ::4]}
    found |= compared(masks, golden, name, MASK)
    for quantity, (difference, tolerance) in found.items():
        yield Check(variant, name, quantity, difference, tolerance)


@torch.inference_mode()
def inside_decoder(
    model: MLLMSegModel, vit_tokens: Tensor, image_states: Tensor, intents: Tensor
) -> dict[str, Tensor]:
    """What the decoder's steps put out, thinned as the kit stores it."""
    decoder = model.mask_decoder
    seen: dict[str, Tensor] = {}
    steps = {
        "fusion": decoder.fusion,
        "offset": decoder.upsampler.offset,
        "upsampler": decoder.upsampler,
        "adapter": decoder.adapter,
        "pixels": decoder.pixels,
    }

    def keep(name: str, step: nn.Module) -> torch.utils.hooks.RemovableHandle:
        return step.register_forward_hook(lambda *given: seen.__setitem__(name, given[-1]))

    hooks = [keep(name, step) for name, step in steps.items()]
    trunk = decoder.trunk(vit_tokens, image_states)
    decoder.draw(trunk, intents)
    drawn = decoder.query_layer.with_query(trunk, decoder.intent_projection(intents))[:, 0]
    for hook in hooks:
        hook.remove()
    return {
        "v2l_s32_s8": seen["fusion"][:, ::32, ::8],
        "dysample_offset_raw": seen["offset"],
        "dysample_c64_s2": seen["upsampler"][:, ::64, ::2, ::2],
        "adapter_s32_s8": seen["adapter"][:, ::32, ::8],
        "vl_s32_s8": drawn[:, ::32, ::8],
        "conv1_s7_s2": seen["pixels"][:, ::7, ::2, ::2],
    }


def training_losses(
    kit: Kit, variant: str, model: MLLMSegModel, processor: MLLMSegProcessor
) -> Iterator[Check]:
    """The published loss terms of the kit's training batch."""
    told = kit.json(f"golden/{variant}_train_losses.json")["losses"]
    with torch.inference_mode():
        terms = published_losses(kit, variant, model, processor)
    for quantity, ours in terms.items():
        difference = abs(float(ours) - told[quantity])
        yield Check(variant, "training batch", quantity, difference, LANGUAGE)


def published_losses(
    kit: Kit, variant: str, model: MLLMSegModel, processor: MLLMSegProcessor
) -> dict[str, Tensor]:
    """Every loss term of the kit's training batch, by the kit's names."""
    told = kit.json(f"golden/{variant}_train_losses.json")
    arrays = kit.arrays(f"cases/{variant.removesuffix(LORA)}_train_batch.npz")
    chips = [resized(kit.image(name), processor.config.chip_size) for name in told["images"]]
    vit_tokens = model.encode_image(processor.pixels(np.stack(chips)))
    states = states_of(model, vit_tokens, arrays)  # (n, t, T)
    logits, labels = model.lm_head(states), torch.from_numpy(arrays["labels"]).long()
    filling = torch.from_numpy(arrays["attention_mask"]) == 0
    cases = {case.name: case for case in cases_of(kit, variant)}
    focal, dice = [], []
    for row, (image, name) in enumerate(zip(told["images"], told["cases"], strict=True)):
        ids = torch.from_numpy(arrays["input_ids"][row]).long()
        drawn = masks_drawn(model, vit_tokens[row], states[row], ids)
        truths = unpacked(arrays[f"gt_masks_{image}_packbits"], kit.image(image).shape[1])
        for phrase, mask, truth in zip(cases[name].phrases, drawn, truths, strict=True):
            absent = phrase in cases[name].absent
            probability = torch.zeros_like(truth) if absent else grown(mask, truth)
            focal.append(focal_loss(probability, truth))
            dice.append(dice_loss(probability, truth))
    token_term = token_loss(logits, labels)
    focal_term, dice_term = mean_over(focal), mean_over(dice)
    return {
        "ce_loss": token_term,
        "ce_loss_if_label_padding_were_-100": token_loss(
            logits, labels.masked_fill(filling, IGNORED)
        ),
        "mask_focal_loss": focal_term,
        "mask_dice_loss": dice_term,
        "mask_loss": focal_term + dice_term,
        "loss": token_term + focal_term + dice_term,
    }


def states_of(
    model: MLLMSegModel, vit_tokens: Tensor, batch: dict[str, NDArray[np.generic]]
) -> Tensor:
    """The language model's states (n, t, T) on a padded batch of texts."""
    ids = torch.from_numpy(batch["input_ids"]).long()
    is_image = (ids == model.config.image_token_id)[..., None]
    embeddings = model.language_model.get_input_embeddings()(ids)
    sight = padded_sight(torch.from_numpy(batch["attention_mask"]).bool())
    states: Tensor = model.language_model(
        inputs_embeds=embeddings.masked_scatter(is_image, model.image_tokens(vit_tokens)),
        attention_mask=additive(sight, embeddings.dtype),
        position_ids=torch.from_numpy(batch["position_ids"]).long(),
        use_cache=False,
    ).last_hidden_state
    return states


def masks_drawn(model: MLLMSegModel, vit_tokens: Tensor, states: Tensor, ids: Tensor) -> Tensor:
    """Masks (q, S, S) for every [SEG] and [REJ] of a text (t,) with states (t, T)."""
    config = model.config
    image_states = states[(ids == config.image_token_id).roll(-1)]
    answers = (ids == config.seg_token_id) | (ids == config.rej_token_id)
    trunk = model.mask_decoder.trunk(vit_tokens[None], image_states[None])
    drawn: Tensor = model.mask_decoder.draw(trunk, states[answers.roll(-1)][None])
    return drawn[0].sigmoid()


def padded_sight(present: Tensor) -> Tensor:
    """Which token sees which (n, 1, t, t): earlier ones that are no filling (n, t)."""
    tokens = present.shape[1]
    return torch.ones(tokens, tokens).tril().bool() & present[:, None, None, :]


def unpacked(packed: NDArray[np.uint8], width: int) -> Tensor:
    """Truth masks (q, h, w) kept as bits."""
    return torch.from_numpy(np.unpackbits(packed, axis=-1)[..., :width]).float()


def grown(probability: Tensor, truth: Tensor) -> Tensor:
    """A mask (S, S) in the size of its truth (h, w)."""
    return functional.interpolate(
        probability[None, None], size=truth.shape, mode="bilinear", align_corners=False
    )[0, 0]
