"""Weights to start from that let a small model learn in minutes."""

import torch
from torch import Tensor, nn

from geoseg.models.mllmseg.mask_decoder import MaskDecoder

LONGEST_WAVE = 64.0
"""Patches in the longest wave of the start positions."""

POSITION_STRENGTH = 0.7
"""How loud the start positions are beside what the patches show."""

INK = 1.0
"""Mean of the last channels before their ReLU."""

CONTRAST = 2.0
"""Mask logit for one unit of ink."""

NO_INK = -5.5
"""Mask logit where nothing is drawn."""


@torch.no_grad()
def prepare(tower: nn.Module, side: int) -> None:
    """Give a new vision tower loud positions and full-strength layers.

    The usual start (positions of spread 0.02, layer scales of 0.1) suits long training: there,
    patches find their neighbours and layers their voice in the end. In minutes they do not.
    """
    positions = tower.get_parameter("embeddings.position_embeddings")
    positions[0, 1:] += POSITION_STRENGTH * waves(side, positions.shape[2])
    for name, parameter in tower.named_parameters():
        if name.endswith((".lambda_1", ".lambda_2")):
            branch = "attention.projection_layer" if name.endswith("1") else "mlp.fc2"
            layer = tower.get_submodule(f"{name.rpartition('.')[0]}.{branch}")
            for weight in layer.parameters():
                weight.mul_(parameter.reshape(-1, *[1] * (weight.dim() - 1)))
            parameter.fill_(1)


@torch.no_grad()
def prepare_drawing(decoder: MaskDecoder) -> None:
    """Give a new mask decoder a last layer that can say both yes and no from the start.

    Its last step is ReLU, then a convolution with a single bias. Started at random, it may learn
    that nothing drawn means object: then no probability exceeds what that one bias allows, and
    the patches behind the ReLU no longer learn. Here ink means object, and all patches learn.
    """
    decoder.get_parameter("pixels.1.bias").fill_(INK)
    smoothing = decoder.get_parameter("smoothing.weight")
    steps = torch.arange(smoothing.shape[-1]) - smoothing.shape[-1] // 2
    bell = torch.exp(-(steps**2) / 2)
    kernel = torch.outer(bell, bell)
    smoothing.copy_(CONTRAST * kernel / kernel.sum())
    decoder.get_parameter("smoothing.bias").fill_(NO_INK)


def waves(side: int, width: int) -> Tensor:
    """Sines and cosines of row and column at several wavelengths: (side * side, width)."""
    count = width // 4
    lengths = 2 * (LONGEST_WAVE / 2) ** (torch.arange(count) / max(count - 1, 1))
    turns = torch.arange(side)[:, None] * (2 * torch.pi / lengths)  # (side, count)
    axis = torch.cat([turns.sin(), turns.cos()], dim=1)  # (side, width / 2)
    rows = axis[:, None].expand(-1, side, -1)
    columns = axis[None].expand(side, -1, -1)
    return torch.cat([rows, columns], dim=2).flatten(0, 1)
