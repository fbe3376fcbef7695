from typing import Any

import pytest
from huggingface_hub.errors import StrictDataclassFieldValidationError

from geoseg.errors import ModelError
from geoseg.models.mllmseg.configuration import MLLMSegConfig
from tests.geoseg.models.mllmseg.tiny import tiny_config


def vision(**overrides: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    return {**tiny_config().vision.to_dict(), **overrides}


def test_default_sizes_are_the_published_ones() -> None:
    config = MLLMSegConfig()
    assert (config.chip_size, config.patch_size, config.side) == (448, 14, 32)
    assert (config.image_tokens, config.decoder_width) == (256, 1024)
    assert config.vision.attention_bias


def test_config_survives_a_round_trip_through_json() -> None:
    config = tiny_config(query_conditioning="film", mask_logit_offset=0.25)
    assert MLLMSegConfig.from_dict(config.to_dict()).to_dict() == config.to_dict()


def test_what_others_note_in_the_config_stays_there() -> None:
    assert tiny_config(chips_per_second=9.5).to_dict()["chips_per_second"] == 9.5


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"vision_config": vision(image_size=[56, 70])}, "56 x 70"),
        ({"vision_config": vision(image_size=[70, 70])}, "70 is not a multiple of 28"),
        ({"vision_config": vision(use_mean_pooling=False)}, "use_mean_pooling"),
        ({"vision_config": vision(use_absolute_position_embeddings=False)}, "position_embeddings"),
        ({"downsample_ratio": 0.3}, "0.3"),
        ({"downsample_ratio": 0.0}, "0.0"),
        ({"decoder_heads": 5}, "decoder_heads 5"),
        ({"decoder_upsample_groups": 0}, "decoder_upsample_groups 0"),
        ({"seg_token_id": 6}, "three different"),
        ({"rej_token_id": 64}, "vocabulary size 64"),
        ({"question_template": "find {phrase}"}, "<image>"),
        ({"question_template": "{phrase}<image>"}, "<image>"),
        ({"question_template": "<image>find"}, "{phrase}"),
        ({"answer_template": "{phrase}"}, "[SEG]"),
        ({"answer_template": "[SEG][SEG]"}, "[SEG]"),
        ({"system_template": "about {phrase}"}, "system_template"),
    ],
)
def test_a_config_that_cannot_be_is_refused(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError) as refused:
        tiny_config(**overrides)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "overrides", [{"query_conditioning": "sum"}, {"decoder_heads": "eight"}, {"seg_token_id": None}]
)
def test_a_value_of_the_wrong_type_is_refused(overrides: dict[str, Any]) -> None:
    with pytest.raises(StrictDataclassFieldValidationError, match=next(iter(overrides))):
        tiny_config(**overrides)


def test_a_language_model_that_sees_only_a_window_is_refused() -> None:
    text = {
        **tiny_config().text.to_dict(),
        "use_sliding_window": True,
        "sliding_window": 4,
        "max_window_layers": 0,
        "layer_types": None,
    }
    with pytest.raises(ModelError, match="set use_sliding_window to false"):
        tiny_config(text_config=text)
