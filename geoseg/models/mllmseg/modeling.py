"""MLLMSeg: a vision tower, a language model that reads the phrase, and a decoder that draws."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

from dataclasses import dataclass

import torch
from einops import rearrange
from torch import Tensor, nn
from transformers import AutoModel, PreTrainedModel, initialization

from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.encoded import EncodedChips, Opening, Remembered
from geoseg.models.mllmseg.mask_decoder import DySample, MaskDecoder, start_positions
from geoseg.models.mllmseg.prompt import PackedPrompt

WHOLE_PARTS = [
    "InternVLVisionEmbeddings",
    "InternVLVisionLayer",
    "Qwen2DecoderLayer",
    "LlamaDecoderLayer",
    "MaskDecoder",
]
"""Parts that must lie on one device, because values are added across them."""

INITIAL_SPREAD = 0.02
"""Standard deviation of position embeddings before training, as in the ViT literature."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the language model made of chips and phrases: n chips, q queries, k image tokens."""

    image_states: Tensor
    """(n, k, T): the same whatever is asked."""

    intents: Tensor
    """(n, q, T): the state that predicts [SEG], one per query."""

    decision_logits: Tensor
    """(n, q, 2): [SEG] and [REJ]."""


@dataclass(frozen=True, slots=True, eq=False)
class MLLMSegOutput:
    """Answers before any threshold: n chips, q queries, S pixels a side."""

    mask_logits: Tensor
    """(n, q, S, S): above 0 means object; the config's scale and offset are not yet applied."""

    decision_logits: Tensor
    """(n, q, 2): [SEG] (it is here) and [REJ] (it is not)."""


class MLLMSegModel(PreTrainedModel):
    """MLLMSeg of any size."""

    config: MLLMSegConfig
    config_class = MLLMSegConfig
    base_model_prefix = ""
    main_input_name = "pixel_values"
    _supports_sdpa = True
    _no_split_modules = WHOLE_PARTS

    def __init__(self, config: MLLMSegConfig) -> None:
        super().__init__(config)
        self.vision_tower = AutoModel.from_config(config.vision)
        self.projector = projector(config)
        self.language_model = AutoModel.from_config(config.text)
        self.lm_head = nn.Linear(config.language_width, config.vocabulary, bias=False)
        self.mask_decoder = MaskDecoder(config)
        # transformers starts them at 0; it never hands a container to _init_weights
        embeddings = self.vision_tower.embeddings
        for parameter in (embeddings.position_embeddings, embeddings.cls_token):
            initialization.trunc_normal_(parameter, std=INITIAL_SPREAD)
        self.post_init()

    def forward(self, pixel_values: Tensor, prompt: PackedPrompt) -> MLLMSegOutput:
        """One mask and one decision for each query of each chip (n, 3, S, S)."""
        # 1. look at each chip once
        vit_tokens = self.encode_image(pixel_values)  # (n, s*s, D)
        # 2. let the language model read chip and phrases together
        reading = self.read(vit_tokens, prompt)
        # 3. work out, once per chip, what all queries share
        trunk = self.mask_decoder.trunk(vit_tokens, reading.image_states)  # (n, s*s, D)
        # 4. draw what each query wants
        mask_logits = self.mask_decoder.draw(trunk, reading.intents)  # (n, q, S, S)
        return MLLMSegOutput(mask_logits, reading.decision_logits)

    def encode_image(self, pixel_values: Tensor) -> Tensor:
        """The vision tower's patches, row by row, without the class token: (n, s*s, D)."""
        pixel_values = pixel_values.to(self.dtype)
        tokens: Tensor = self.vision_tower(pixel_values=pixel_values).last_hidden_state
        return tokens[:, 1:]

    def read(self, vit_tokens: Tensor, prompt: PackedPrompt) -> Reading:
        """What the language model makes of patches (n, s*s, D) and prompt."""
        is_image = prompt.input_ids == self.config.image_token_id  # (n, t)
        embeddings = self.language_model.get_input_embeddings()(prompt.input_ids)  # (n, t, T)
        image_tokens = self.image_tokens(vit_tokens).to(embeddings.dtype)  # (n, k, T)
        states = self.language_model(  # (n, t, T), after the final norm
            inputs_embeds=embeddings.masked_scatter(is_image[..., None], image_tokens),
            attention_mask=additive(prompt.attention_mask, embeddings.dtype),
            position_ids=prompt.position_ids,
            use_cache=False,
        ).last_hidden_state
        # Published weights read the image states one position early, from <img> on.
        image_states = states[is_image.roll(-1, dims=1)].view(image_tokens.shape)
        return Reading(image_states, *self.answers(states, prompt))

    def read_opening(self, input_ids: Tensor) -> Opening:
        """What the language model makes of the text before the image (t,); ends with `<img>`."""
        read = self.language_model(input_ids=input_ids[None], use_cache=True)
        return Opening(read.last_hidden_state[:, -1:], Remembered.of(read.past_key_values))

    def encode(self, pixel_values: Tensor, opening: Opening, closing_ids: Tensor) -> EncodedChips:
        """Everything about chips (n, 3, S, S) that no query changes.

        `closing_ids` (t,) is the text between the image and the queries.
        """
        # 1. look at each chip once
        vit_tokens = self.encode_image(pixel_values)  # (n, s*s, D)
        # 2. let the language model read the rest of the prefix behind what it has read already
        image_tokens = self.image_tokens(vit_tokens)  # (n, k, T)
        closing = self.language_model.get_input_embeddings()(closing_ids)  # (t, T)
        closing = closing.expand(len(image_tokens), -1, -1)
        read = self.language_model(
            inputs_embeds=torch.cat([image_tokens.to(closing), closing], dim=1),
            past_key_values=opening.remembered.expand(len(image_tokens)).as_cache(),
            use_cache=True,
        )
        # 3. published weights read the image states one position early, from <img> on
        last = image_tokens.shape[1] - 1
        first = opening.image_state.expand(len(image_tokens), -1, -1).to(image_tokens.device)
        states = read.last_hidden_state[:, :last].to(first)
        # 4. work out what all queries share of the drawing
        image_states = torch.cat([first, states], dim=1)  # (n, k, T)
        trunk = self.mask_decoder.trunk(vit_tokens, image_states)  # (n, s*s, D)
        return EncodedChips(trunk, Remembered.of(read.past_key_values))

    def answer(self, chips: EncodedChips, questions: PackedPrompt) -> MLLMSegOutput:
        """One mask and one decision per query; the questions come without their prefix."""
        intents, decision_logits = self.ask(chips, questions)
        return MLLMSegOutput(self.mask_decoder.draw(chips.trunk, intents), decision_logits)

    def ask(self, chips: EncodedChips, questions: PackedPrompt) -> tuple[Tensor, Tensor]:
        """The [SEG] states (n, q, T) and decision logits (n, q, 2) of questions about chips."""
        states = self.language_model(  # (n, t, T), after the final norm
            input_ids=questions.input_ids,
            attention_mask=additive(questions.attention_mask, self.dtype),
            position_ids=questions.position_ids,
            past_key_values=chips.remembered.as_cache(),
            use_cache=True,
        ).last_hidden_state
        return self.answers(states, questions)

    def answers(self, states: Tensor, prompt: PackedPrompt) -> tuple[Tensor, Tensor]:
        """The [SEG] states (n, q, T) among all states (n, t, T), and decisions (n, q, 2)."""
        positions = prompt.answer_positions[..., None].expand(-1, -1, states.shape[-1])
        intents = states.gather(1, positions)  # (n, q, T)
        rows = self.lm_head.weight[[self.config.seg_token_id, self.config.rej_token_id]]
        decisions = nn.functional.linear(intents.to(rows.device), rows)
        return intents.to(self.mask_decoder.adapter.weight.device), decisions

    @property
    def can_reject(self) -> bool:
        """Whether it learned to tell [SEG] from [REJ].

        Training as published leaves their rows of the head equal where the head is frozen, and
        only shows absent targets to models that say so.
        """
        rows = self.lm_head.weight
        same = torch.equal(rows[self.config.seg_token_id], rows[self.config.rej_token_id])
        return self.config.trained_to_reject is not False and not same

    def image_tokens(self, vit_tokens: Tensor) -> Tensor:
        """Patches (n, s*s, D) as tokens of the language model (n, k, T)."""
        squares = rearrange(
            vit_tokens,
            "n (row y col x) d -> n (row col) (y x d)",
            row=self.config.side // self.config.shrink,
            y=self.config.shrink,
            x=self.config.shrink,
        )
        tokens: Tensor = self.projector(squares)
        return tokens

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        """Weights to start training from; those read from a checkpoint are left alone."""
        super()._init_weights(module)
        if isinstance(module, DySample):
            initialization.copy_(module.init_pos, start_positions(module.groups, module.scale))
        if any(module is part for part in self.mask_decoder.modules()):
            for parameter in module.parameters(recurse=False):
                if parameter.dim() > 1:
                    initialization.xavier_uniform_(parameter)


def projector(config: MLLMSegConfig) -> nn.Sequential:
    """From squares of patches to tokens of the language model."""
    square = config.decoder_width * config.shrink**2
    return nn.Sequential(
        nn.LayerNorm(square),
        nn.Linear(square, config.language_width),
        nn.GELU(),
        nn.Linear(config.language_width, config.language_width),
    )


def additive(allowed: Tensor, dtype: torch.dtype) -> Tensor:
    """The mask as attention adds it to its scores: 0 where allowed, else the lowest number."""
    lowest = torch.finfo(dtype).min
    return torch.zeros_like(allowed, dtype=dtype).masked_fill_(~allowed, lowest)
