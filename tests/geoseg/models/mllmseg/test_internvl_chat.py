from typing import Any

import pytest

from geoseg.errors import ModelError
from geoseg.models.mllmseg.configuration import IMAGE_TOKEN, REJ, SEG, MLLMSegConfig
from geoseg.models.mllmseg.internvl_chat import lora_rank, our_config
from tests.geoseg.models.mllmseg.published import Sizes, published_config

IDS = {IMAGE_TOKEN: 11, SEG: 12, REJ: 13}


def changed(part: str, sizes: Sizes | None = None, /, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A published configuration with some settings changed, or left out where None."""
    settings = published_config(sizes or Sizes())
    target = settings[part] if part else settings
    target.update(changes)
    for name in [name for name, value in changes.items() if value is None]:
        del target[name]
    return settings


def test_qwen2_stays_qwen2() -> None:
    config = our_config(published_config(Sizes()), IDS)
    assert config.text.model_type == "qwen2"
    assert config.text.rms_norm_eps == 1e-6
    assert config.text.rope_parameters["rope_theta"] == 1e6
    assert not config.text.tie_word_embeddings
    assert config.system_template == MLLMSegConfig.system_template


def test_internlm2_becomes_llama_and_reads_a_start_token() -> None:
    config = our_config(published_config(Sizes(llm="internlm2")), IDS)
    assert config.text.model_type == "llama"
    assert config.text.rms_norm_eps == 1e-5
    assert config.text.rope_parameters == {"rope_type": "default", "rope_theta": 1e6}
    assert not config.text.attention_bias
    assert config.system_template == "<s>" + MLLMSegConfig.system_template


def test_the_vision_tower_is_interns() -> None:
    vision = our_config(published_config(Sizes()), IDS).vision
    assert vision.attention_bias
    assert vision.use_mean_pooling
    assert not vision.use_qk_norm
    assert vision.hidden_act == "gelu"
    assert vision.layer_norm_eps == 1e-6


def test_a_tower_without_bias_is_built_without() -> None:
    assert not our_config(changed("vision_config", qkv_bias=False), IDS).vision.attention_bias


def test_token_ids_come_from_the_tokenizer() -> None:
    config = our_config(published_config(Sizes()), IDS)
    assert (config.image_token_id, config.seg_token_id, config.rej_token_id) == (11, 12, 13)


def test_the_dtype_is_known_for_whoever_asks_how_it_was_stored() -> None:
    assert str(our_config(published_config(Sizes()), IDS).dtype).endswith("bfloat16")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (changed("", select_layer=-4), "select_layer is -4"),
        (changed("", ps_version="v1"), "ps_version is 'v1'"),
        (changed("", downsample_ratio=0.25), "downsample_ratio is 0.25"),
        (changed("", use_backbone_lora=8), "use_backbone_lora is 8"),
        (changed("", template="internlm2-chat"), "template is 'internlm2-chat'"),
        (changed("", architectures=["InternVLChatModel"]), "no mask decoder"),
        (changed("", architectures="Qwen2"), "architectures is 'Qwen2'"),
        (changed("", force_image_size=224), "force_image_size 224"),
        (changed("", llm_config=None), "has no llm_config"),
        (changed("", vision_config=None), "has no vision_config"),
        (changed("llm_config", model_type="phi3"), "llm_config.model_type 'phi3'"),
        (changed("llm_config", rms_norm_eps=None), "does not say llm_config.rms_norm_eps"),
        (changed("llm_config", rope_theta=None), "does not say llm_config.rope_theta"),
        (changed("llm_config", use_sliding_window=True), "use_sliding_window is True"),
        (changed("llm_config", hidden_act="gelu"), "llm_config.hidden_act is 'gelu'"),
        (changed("llm_config", rope_scaling={"type": "yarn", "factor": 4}), "rope_scaling"),
        (changed("llm_config", rope_scaling="twice"), "rope_scaling 'twice'"),
        (changed("llm_config", rope_scaling="dynamic"), "rope_scaling 'dynamic'"),
        (changed("llm_config", rope_scaling={"factor": 4}), "rope_scaling"),
        (
            changed("llm_config", rope_scaling={"type": "dynamic", "rope_type": "yarn"}),
            "rope_scaling",
        ),
        (changed("llm_config", rope_parameters={"rope_type": "yarn"}), "rope_parameters"),
        (
            changed("llm_config", rope_parameters={"rope_type": "default", "rope_theta": 5.0}),
            "rope_theta is both 1000000.0 and 5.0",
        ),
        (changed("llm_config", rope_theta=0), "rope_theta must be a number above 0, not 0"),
        (changed("llm_config", rope_theta=-1e6), "rope_theta must be"),
        (changed("llm_config", rope_theta=float("inf")), "rope_theta must be"),
        (changed("llm_config", rope_theta="1e6"), "rope_theta must be"),
        (changed("llm_config", Sizes(llm="internlm2"), bias=True), "llm_config.bias is True"),
        (changed("vision_config", model_type="siglip"), "vision_config.model_type is 'siglip'"),
        (changed("vision_config", qk_normalization=True), "qk_normalization is True"),
        (changed("vision_config", norm_type="rms_norm"), "norm_type is 'rms_norm'"),
        (changed("vision_config", patch_size=None), "does not say vision_config.patch_size"),
    ],
)
def test_a_model_that_is_not_ours_is_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ModelError) as refused:
        our_config(settings, IDS)
    assert told in str(refused.value)


def test_settings_that_files_leave_out_are_the_usual_ones() -> None:
    settings = changed("", architectures=None, template=None, use_backbone_lora=None)
    assert our_config(settings, IDS).chip_size == 56


def test_positions_are_read_as_the_newest_transformers_writes_them() -> None:
    rope = {"rope_type": "default", "rope_theta": 5e5}
    settings = changed("llm_config", rope_theta=None, rope_parameters=rope)
    assert our_config(settings, IDS).text.rope_parameters == rope


def test_the_dtype_is_read_by_its_new_name_too() -> None:
    settings = changed("", torch_dtype=None, dtype="float16")
    assert str(our_config(settings, IDS).dtype).endswith("float16")


@pytest.mark.parametrize(("given", "rank"), [(0, 0), (64, 64), (None, 0)])
def test_the_rank_of_the_lora_is_told(given: int | None, rank: int) -> None:
    assert lora_rank(changed("", use_llm_lora=given)) == rank


@pytest.mark.parametrize("given", ["eight", -1, 2.5])
def test_a_rank_that_is_none_is_refused(given: object) -> None:
    with pytest.raises(ModelError, match="use_llm_lora"):
        lora_rank({"use_llm_lora": given})
