"""From what the model saw and understood to a mask: detail-enhanced fusion, then a light decoder.

Shapes throughout: n chips, q queries, s patches a side, k image tokens, p pixels a side of a
patch, D decoder channels, T language channels.
"""

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional

from geoseg.models.mllmseg.configuration import MLLMSegConfig

OFFSET_REACH = 0.25
"""How much of its raw offset DySample moves a sample by."""


class DySample(nn.Module):
    """Learned upsampling: every output pixel chooses where to look in the input."""

    def __init__(self, width: int, *, groups: int, scale: int) -> None:
        super().__init__()
        self.groups = groups
        self.scale = scale
        self.offset = nn.Conv2d(width, 2 * groups * scale**2, kernel_size=1)
        self.register_buffer("init_pos", start_positions(groups, scale))
        self.init_pos: Tensor

    def forward(self, features: Tensor) -> Tensor:
        """The features (n, D, h, w), `scale` times larger."""
        height, width = features.shape[-2:]
        offset = rearrange(  # (n, g, h, w, 2), x before y as grid_sample wants it
            self.offset(features) * OFFSET_REACH + self.init_pos,
            "n (xy g y x) h w -> (n g) (h y) (w x) xy",
            xy=2,
            y=self.scale,
            x=self.scale,
        )
        centres = pixel_centres(height, width, like=offset)  # (h, w, 2)
        centres = centres.repeat_interleave(self.scale, 0).repeat_interleave(self.scale, 1)
        size = offset.new_tensor([width, height])
        # contiguous: on a view, torch 2.13 reads beside the numbers in 16 bits on the CPU
        grouped = rearrange(features, "n (g c) h w -> (n g) c h w", g=self.groups).contiguous()
        sampled = functional.grid_sample(
            grouped,
            2 * (centres + offset) / size - 1,
            mode="bilinear",
            padding_mode="border",
            align_corners=False,
        )
        return rearrange(sampled, "(n g) c h w -> n (g c) h w", g=self.groups)


def start_positions(groups: int, scale: int) -> Tensor:
    """Where DySample looks before it has learned anything: (1, 2*groups*scale*scale, 1, 1)."""
    steps = (torch.arange(scale) - (scale - 1) / 2) / scale
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    one_group = torch.stack([x, y])  # (2, scale, scale)
    return one_group.flatten(1).repeat(1, groups).reshape(1, -1, 1, 1)


def pixel_centres(height: int, width: int, *, like: Tensor) -> Tensor:
    """The (x, y) of every pixel's centre: (height, width, 2), in the dtype and place of `like`."""
    y = torch.arange(height, dtype=like.dtype, device=like.device) + 0.5
    x = torch.arange(width, dtype=like.dtype, device=like.device) + 0.5
    return torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], dim=-1)


class FusionLayer(nn.TransformerDecoder):
    """One post-norm layer in which patches look at each other and at the image tokens."""

    def __init__(self, config: MLLMSegConfig) -> None:
        layer = nn.TransformerDecoderLayer(
            config.decoder_width,
            config.decoder_heads,
            dim_feedforward=config.decoder_ffn_width,
            dropout=config.decoder_dropout,
            batch_first=True,
        )
        super().__init__(layer, num_layers=1, norm=nn.LayerNorm(config.decoder_width))


class OneTokenAttention(nn.MultiheadAttention):
    """Attention over a single token: its softmax is 1, so every patch receives the same vector.

    The query and key halves of `in_proj_weight` have no effect; they stay, because published
    checkpoints hold them.
    """

    def added(self, token: Tensor) -> Tensor:
        """What attending to the token (..., D) adds to any patch: (..., D)."""
        width = self.embed_dim
        weight, bias = self.in_proj_weight, self.in_proj_bias
        values = functional.linear(token, weight[2 * width :], bias[2 * width :])
        added: Tensor = self.out_proj(values)
        return added


class AttentionConditioning(nn.Module):
    """The published way for a query to enter: attention with the [SEG] state as only memory."""

    def __init__(self, config: MLLMSegConfig) -> None:
        super().__init__()
        self.multihead_attn = OneTokenAttention(
            config.decoder_width, config.decoder_heads, batch_first=True
        )
        self.dropout = nn.Dropout(config.decoder_dropout)

    def forward(self, patches: Tensor, intents: Tensor) -> Tensor:
        """Patches (n, 1, s*s, D) as each intent (n, q, D) wants them: (n, q, s*s, D)."""
        added = self.multihead_attn.added(intents)[:, :, None]  # (n, q, 1, D)
        if self.training:  # each patch drops its own channels, as in the unfolded layer
            added = added.expand(-1, -1, patches.shape[2], -1)
        conditioned: Tensor = patches + self.dropout(added)
        return conditioned


class FilmConditioning(nn.Module):
    """Every channel scaled and shifted by the [SEG] state."""

    def __init__(self, config: MLLMSegConfig) -> None:
        super().__init__()
        self.scale_and_shift = nn.Linear(config.decoder_width, 2 * config.decoder_width)

    def forward(self, patches: Tensor, intents: Tensor) -> Tensor:
        """Patches (n, 1, s*s, D) as each intent (n, q, D) wants them: (n, q, s*s, D)."""
        scale, shift = self.scale_and_shift(intents)[:, :, None].chunk(2, dim=-1)  # (n, q, 1, D)
        conditioned: Tensor = patches * (1 + scale) + shift
        return conditioned


CONDITIONINGS: dict[str, type[AttentionConditioning] | type[FilmConditioning]] = {
    "attention": AttentionConditioning,
    "film": FilmConditioning,
}


class QueryLayer(nn.Module):
    """The layer where the query enters, cut in two: what no query changes, and the rest."""

    def __init__(self, config: MLLMSegConfig) -> None:
        super().__init__()
        width, dropout = config.decoder_width, config.decoder_dropout
        self.self_attn = nn.MultiheadAttention(
            width, config.decoder_heads, dropout=dropout, batch_first=True
        )
        self.conditioning = CONDITIONINGS[config.query_conditioning](config)
        self.linear1 = nn.Linear(width, config.decoder_ffn_width)
        self.linear2 = nn.Linear(config.decoder_ffn_width, width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.norm3 = nn.LayerNorm(width)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def without_query(self, patches: Tensor) -> Tensor:
        """Patches (n, s*s, D) that have looked at each other."""
        seen, _ = self.self_attn(patches, patches, patches, need_weights=False)
        mixed: Tensor = self.norm1(patches + self.dropout(seen))
        return mixed

    def with_query(self, patches: Tensor, intents: Tensor) -> Tensor:
        """Patches (n, s*s, D) as each intent (n, q, D) wants them: (n, q, s*s, D)."""
        wanted = self.norm2(self.conditioning(patches[:, None], intents))
        hidden = self.dropout(functional.relu(self.linear1(wanted)))
        finished: Tensor = self.norm(self.norm3(wanted + self.dropout(self.linear2(hidden))))
        return finished


class MaskDecoder(nn.Module):
    """Draws one mask per query from patch detail, image understanding and the [SEG] states."""

    def __init__(self, config: MLLMSegConfig) -> None:
        super().__init__()
        width, pixels = config.decoder_width, config.patch_size**2
        self.side = config.side
        self.patch_size = config.patch_size
        self.language_projection = nn.Linear(config.language_width, width)
        self.intent_projection = nn.Linear(config.language_width, width)
        self.fusion = FusionLayer(config)
        self.upsampler = DySample(width, groups=config.decoder_upsample_groups, scale=config.shrink)
        self.adapter = nn.Linear(3 * width, width)
        self.query_layer = QueryLayer(config)
        self.pixels = nn.Sequential(
            nn.Conv2d(width, pixels, kernel_size=3, padding=1), nn.BatchNorm2d(pixels), nn.ReLU()
        )
        self.smoothing = nn.Conv2d(1, 1, kernel_size=5, padding=2)

    def trunk(self, vit_tokens: Tensor, image_states: Tensor) -> Tensor:
        """What all queries of a chip share: (n, s*s, D).

        From the vision tower's patches (n, s*s, D) and the language model's states at the
        image tokens (n, k, T).
        """
        place = self.adapter.weight.device  # a model may be spread over several
        vit_tokens, image_states = vit_tokens.to(place), image_states.to(place)
        understood = self.language_projection(image_states)  # (n, k, D)
        coarse = rearrange(understood, "n (row col) d -> n d row col", row=self._coarse_side())
        parts = [
            self.fusion(vit_tokens, understood),
            vit_tokens,
            rearrange(self.upsampler(coarse), "n d row col -> n (row col) d"),
        ]
        fused = self.adapter(torch.cat(parts, dim=-1))  # (n, s*s, D)
        return self.query_layer.without_query(fused)

    def draw(self, trunk: Tensor, intents: Tensor, asked: Tensor | None = None) -> Tensor:
        """Mask logits (n, q, s*p, s*p) for the [SEG] states (n, q, T), over a shared trunk.

        Where chips ask unequal numbers of queries, `asked` (n, q) tells which are any: only these
        are drawn, and enter the statistics of a batch; the others are 0.
        """
        wanted = self.query_layer.with_query(trunk, self.intent_projection(intents))
        patches = rearrange(wanted, "n q (row col) d -> (n q) d row col", row=self.side)
        if asked is None:
            logits = self._drawn(patches)
        else:
            drawn = self._drawn(patches[asked.flatten()])
            logits = drawn.new_zeros(len(patches), *drawn.shape[1:])
            logits = logits.index_put((asked.flatten().nonzero()[:, 0],), drawn)
        return rearrange(logits, "(n q) 1 h w -> n q h w", n=len(trunk))

    def _drawn(self, patches: Tensor) -> Tensor:
        """Mask logits (m, 1, s*p, s*p) of finished patches (m, D, s, s)."""
        pixels = functional.pixel_shuffle(self.pixels(patches), self.patch_size)
        logits: Tensor = self.smoothing(pixels)
        return logits

    def _coarse_side(self) -> int:
        """Image tokens along one side of a chip."""
        return self.side // self.upsampler.scale
