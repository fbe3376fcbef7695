"""The shape and the words of geoseg-tiny."""

from transformers import InternVLVisionConfig, PreTrainedTokenizerFast, Qwen2Config

from geoseg.models.mllmseg.configuration import IMAGE_TOKEN, REJ, SEG, MLLMSegConfig
from geoseg.models.mllmseg.tokenizer import spelling_tokenizer
from geoseg.training.language.phrases import vocabulary
from geoseg.training.options import SizeOptions

CONTEXT = 256
"""Tokens the language model has positions for: 66 of the chip, the rest for the phrase."""


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """One token for each word of the training phrases; other words are spelt."""
    return spelling_tokenizer(vocabulary())


def tiny_config(size: SizeOptions, tokenizer: PreTrainedTokenizerFast) -> MLLMSegConfig:
    """A small MLLMSeg with FiLM in the decoder and hardly any text around the phrase."""
    ids = tokenizer.added_tokens_encoder
    return MLLMSegConfig(
        vision_config=vision_config(size),
        text_config=Qwen2Config(
            vocab_size=len(tokenizer),
            hidden_size=size.width,
            intermediate_size=size.language_ffn,
            num_hidden_layers=size.language_layers,
            num_attention_heads=size.heads,
            num_key_value_heads=size.heads,
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=False,
        ),
        decoder_heads=size.heads,
        decoder_ffn_width=size.decoder_ffn,
        decoder_dropout=0.0,
        query_conditioning="film",
        image_token_id=ids[IMAGE_TOKEN],
        seg_token_id=ids[SEG],
        rej_token_id=ids[REJ],
        system_template="",
        question_template="<image>{phrase}<|im_end|>",
        answer_template="[SEG]",
    )


def vision_config(size: SizeOptions) -> InternVLVisionConfig:
    """The vision tower: an InternViT of few layers."""
    return InternVLVisionConfig(
        hidden_size=size.width,
        num_hidden_layers=size.vision_layers,
        num_attention_heads=size.heads,
        intermediate_size=size.vision_ffn,
        image_size=[size.chip, size.chip],
        patch_size=[size.patch, size.patch],
        attention_bias=True,
        use_qk_norm=False,
        use_mean_pooling=True,
        layer_norm_eps=1e-6,
    )
