import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from transformers import PreTrainedTokenizerFast

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.processing import MLLMSegProcessor, normalised
from geoseg.models.mllmseg.published_tokenizer import control_ids, open_tokenizer
from geoseg.models.mllmseg.tokenizer import word_tokenizer
from tests.geoseg.models.mllmseg.published_tokenizers import (
    CONTROL,
    PLAIN_TEXT,
    TURNS,
    internlm2_added,
    internlm2_ids,
    internlm2_model,
    qwen2_added,
    qwen2_ids,
    texts,
    trained_bpe,
    write_internlm2,
    write_json,
    write_qwen2,
)
from tests.geoseg.models.mllmseg.tiny import tiny_config

LEADING_SPACE = {"internlm2": False, "internlm2 with a leading space": True}


@dataclass(frozen=True)
class Published:
    """A tokenizer read from a published folder, and what it should say."""

    folder: Path
    tokenizer: PreTrainedTokenizerFast
    added: dict[str, int]
    ids: Callable[[str], list[int]]
    kind: str


@pytest.fixture(scope="module")
def all_published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Published]:
    root = tmp_path_factory.mktemp("tokenizers")
    folder = write_qwen2(root / "qwen2")
    found = {"qwen2": Published(folder, open_tokenizer(folder), qwen2_added(), qwen2_ids, "qwen2")}
    for name, leading_space in LEADING_SPACE.items():
        model = internlm2_model(leading_space=leading_space)
        folder = write_internlm2(root / name, model)
        added, ids = internlm2_added(model), partial(internlm2_ids, model)
        found[name] = Published(folder, open_tokenizer(folder), added, ids, name)
    return found


@pytest.fixture(params=["qwen2", *LEADING_SPACE])
def published(request: pytest.FixtureRequest, all_published: dict[str, Published]) -> Published:
    return all_published[request.param]


def plain_ids(tokenizer: PreTrainedTokenizerFast, text: str) -> list[int]:
    return list(tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True))


def test_every_text_has_the_ids_of_the_slow_tokenizer(published: Published) -> None:
    @settings(max_examples=120)
    @given(texts([*published.added]))
    def check(text: str) -> None:
        assert published.tokenizer.encode(text) == published.ids(text)

    check()


def test_added_tokens_keep_their_stored_ids(published: Published) -> None:
    assert published.tokenizer.added_tokens_encoder.items() >= published.added.items()
    assert published.tokenizer.encode("<img></img>[SEG][REJ]<|im_end|>") == [
        published.added[token] for token in ("<img>", "</img>", "[SEG]", "[REJ]", "<|im_end|>")
    ]


def test_text_comes_back_from_its_tokens(published: Published) -> None:
    form = unicodedata.normalize if published.kind == "qwen2" else lambda _, text: text

    @settings(max_examples=120)
    @given(PLAIN_TEXT.filter(lambda text: "▁" not in text))
    def check(text: str) -> None:
        tokens = published.tokenizer.encode(text)
        assert published.tokenizer.decode(tokens) == form("NFC", text)

    check()


def test_saving_and_opening_keeps_the_ids(published: Published, tmp_path: Path) -> None:
    published.tokenizer.save_pretrained(tmp_path)
    settings_saved = json.loads((tmp_path / "tokenizer_config.json").read_text())
    assert "auto_map" not in settings_saved
    opened = open_tokenizer(tmp_path)
    text = (
        "<|im_start|>user\n<img><IMG_CONTEXT></img> the  Red roofs·红色 🏠[SEG][UNUSED_TOKEN_0]</s>"
    )
    assert opened.encode(text) == published.ids(text)
    assert opened.get_vocab() == published.tokenizer.get_vocab()
    assert plain_ids(opened, text) == plain_ids(published.tokenizer, text)
    assert control_ids(tmp_path) == control_ids(published.folder)


SPELT = (*CONTROL, *TURNS, "</s>", "<s>", "<unk>", "<|endoftext|>")
"""Control tokens as users might spell them."""


def holds_control(published: Published, text: str) -> bool:
    return bool(set(published.added.values()).intersection(plain_ids(published.tokenizer, text)))


def test_control_tokens_in_plain_text_are_only_text(published: Published) -> None:
    for token in SPELT:
        text = f"{token}red {token} roof{token}{token}"
        assert not holds_control(published, text)
        assert published.tokenizer.decode(plain_ids(published.tokenizer, text)) == text


def test_the_old_spelling_of_a_control_token_is_only_text(published: Published) -> None:
    assert not holds_control(published, "a [UNUSED_TOKEN_7] roof")


def prompts(published: Published) -> MLLMSegProcessor:
    """The processor with the templates of the published evaluation."""
    text = tiny_config().text.to_dict()
    begin = "" if published.kind == "qwen2" else "<s>"
    config = tiny_config(
        text_config={**text, "vocab_size": 1000, "max_position_embeddings": 2000},
        image_token_id=published.added["<IMG_CONTEXT>"],
        seg_token_id=published.added["[SEG]"],
        rej_token_id=published.added["[REJ]"],
        system_template=begin + MLLMSegConfig.system_template,
        question_template=MLLMSegConfig.question_template,
        answer_template=MLLMSegConfig.answer_template,
    )
    return MLLMSegProcessor(published.tokenizer, config)


def test_prompts_have_the_ids_of_the_three_published_parts(published: Published) -> None:
    asked = prompts(published)
    system = asked.config.system_template
    image = f"<img>{'<IMG_CONTEXT>' * asked.config.image_tokens}</img>"

    @settings(max_examples=25)
    @given(PLAIN_TEXT.filter(lambda text: any(map(str.isalnum, text)) and "UNUSED" not in text))
    def check(text: str) -> None:
        phrase = normalised(text)
        assume(not any(token in phrase for token in SPELT))  # "<S>" is; ours reads it as text
        question = (
            f"<|im_start|>user\n{image}\n What are {phrase}in this image?"
            " Please output segmentation masks.<|im_end|>\n"
        )
        answer = f"<|im_start|>assistant\nSure,{phrase}:[SEG]"
        parts = [token for part in (system, question, answer) for token in published.ids(part)]
        assert asked.pack([[text]]).input_ids[0].tolist() == parts[:-1]

    check()


def test_a_control_token_in_a_phrase_adds_none_to_the_prompt(published: Published) -> None:
    asked = prompts(published)
    control = set(published.added.values())

    def steering(phrase: str) -> list[int]:
        return [i for i in asked.pack([[phrase]]).input_ids[0].tolist() if i in control]

    dirty = "".join(["red", *CONTROL, *TURNS, "</s> roof"])
    assert steering(dirty) == steering("red roof")


def test_code_beside_a_tokenizer_is_not_run(all_published: dict[str, Published]) -> None:
    folder = all_published["internlm2"].folder
    assert "remote code" in (folder / "tokenization_internlm2.py").read_text()
    assert "auto_map" in (folder / "tokenizer_config.json").read_text()
    assert open_tokenizer(folder).tokenize("a[SEG]") == ["a", "[SEG]"]


def test_code_that_a_whole_tokenizer_names_is_not_run(
    all_published: dict[str, Published], tmp_path: Path
) -> None:
    published = all_published["internlm2"]
    published.tokenizer.save_pretrained(tmp_path)
    for name in ("tokenizer_config.json", "tokenization_internlm2.py"):
        (tmp_path / name).write_bytes((published.folder / name).read_bytes())
    opened = open_tokenizer(tmp_path)
    assert opened.encode("the  roof[SEG]") == published.ids("the  roof[SEG]")
    opened.save_pretrained(tmp_path)
    assert "auto_map" not in (tmp_path / "tokenizer_config.json").read_text()


def test_control_ids_are_those_of_the_tokenizer(published: Published) -> None:
    expected = {token: published.added[token] for token in ("<IMG_CONTEXT>", "[SEG]", "[REJ]")}
    assert control_ids(published.folder) == expected


def test_our_own_tokenizer_opens(tmp_path: Path) -> None:
    saved = word_tokenizer(["red", "roof"])
    saved.save_pretrained(tmp_path)
    assert open_tokenizer(tmp_path).encode("red roof[SEG]") == saved.encode("red roof[SEG]")


def test_a_whole_tokenizer_counts_before_its_parts(tmp_path: Path) -> None:
    word_tokenizer(["roof"]).save_pretrained(write_qwen2(tmp_path))
    for name in ("added_tokens.json", "special_tokens_map.json"):
        (tmp_path / name).unlink()
    assert open_tokenizer(tmp_path).tokenize("roof[SEG]") == ["roof", "[SEG]"]


def complaint(folder: Path) -> str:
    with pytest.raises(CheckpointError) as refused:
        open_tokenizer(folder)
    assert str(folder) in str(refused.value)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("opened", [open_tokenizer, control_ids])
def test_a_folder_without_tokenizer_is_refused(
    tmp_path: Path, opened: Callable[[Path], object]
) -> None:
    with pytest.raises(CheckpointError, match=r"has no tokenizer\.json, nor vocab\.json"):
        opened(tmp_path)


@pytest.fixture
def qwen2(tmp_path: Path) -> Path:
    return write_qwen2(tmp_path / "qwen2")


def change_added(folder: Path, **changes: int) -> None:
    path = folder / "added_tokens.json"
    write_json(path, {**json.loads(path.read_text()), **changes})


@pytest.mark.parametrize("opened", [open_tokenizer, control_ids])
@pytest.mark.parametrize("token", ["<img>", "</img>", "<IMG_CONTEXT>", "[SEG]", "[REJ]"])
def test_a_tokenizer_without_a_control_token_is_refused(
    qwen2: Path, token: str, opened: Callable[[Path], object]
) -> None:
    for name in ("added_tokens.json", "tokenizer_config.json"):
        path = qwen2 / name
        path.write_text(path.read_text().replace(json.dumps(token), '"<other>"'))
    with pytest.raises(CheckpointError, match="is that of another model") as refused:
        opened(qwen2)
    assert token in str(refused.value)


def test_two_tokens_with_one_id_are_refused(qwen2: Path) -> None:
    change_added(qwen2, other=qwen2_added()["[SEG]"])
    message = complaint(qwen2)
    assert "'[SEG]'" in message
    assert "'other'" in message


def test_a_token_with_two_ids_is_refused(qwen2: Path) -> None:
    change_added(qwen2, **{"[SEG]": 999})
    assert "give ['[SEG]'] two ids" in complaint(qwen2)


def test_an_added_token_in_place_of_a_word_is_refused(qwen2: Path) -> None:
    change_added(qwen2, other=trained_bpe()[0]["A"])
    assert "add 'other' as token" in complaint(qwen2)
    assert "'A' in the vocabulary" in complaint(qwen2)


def test_an_added_token_in_place_of_a_piece_that_text_needs_is_refused(tmp_path: Path) -> None:
    folder = write_internlm2(tmp_path, internlm2_model())
    change_added(folder, other=open_tokenizer(folder).convert_tokens_to_ids("▁the"))
    assert "which is '▁the' in the vocabulary" in complaint(folder)


def test_a_role_without_token_is_refused(qwen2: Path) -> None:
    write_json(qwen2 / "special_tokens_map.json", {"pad_token": "<pad>"})
    path = qwen2 / "tokenizer_config.json"
    write_json(path, {**json.loads(path.read_text()), "pad_token": {"content": "<pad>"}})
    assert "speak of ['<pad>'], but give no id" in complaint(qwen2)


@pytest.mark.parametrize("name", ["vocab.json", "added_tokens.json", "tokenizer_config.json"])
@pytest.mark.parametrize("kept", [0, 1, 40])
def test_files_cut_short_are_refused(qwen2: Path, name: str, kept: int) -> None:
    path = qwen2 / name
    path.write_bytes(path.read_bytes()[:kept])
    assert name in complaint(qwen2)


@pytest.mark.parametrize("text", ["{", "{}", '{"model": 3}', '{"model": {}, "added_tokens": [1]}'])
def test_a_damaged_whole_tokenizer_is_refused(qwen2: Path, text: str) -> None:
    (qwen2 / "tokenizer.json").write_text(text)
    assert "tokenizer" in complaint(qwen2)


def test_a_whole_tokenizer_that_moves_a_token_is_refused(tmp_path: Path) -> None:
    word_tokenizer(["roof"]).save_pretrained(tmp_path)
    path = tmp_path / "tokenizer.json"
    content = json.loads(path.read_text())
    content["added_tokens"][5]["id"] = 77
    write_json(path, content)
    assert "contradict each other about ['[SEG]']" in complaint(tmp_path)


@pytest.mark.parametrize("kept", [1, 100, 2000, 5000])
def test_a_sentencepiece_model_cut_short_is_refused(tmp_path: Path, kept: int) -> None:
    path = write_internlm2(tmp_path, internlm2_model()) / "tokenizer.model"
    path.write_bytes(path.read_bytes()[:kept])
    assert "tokenizer.model' is damaged, cut short" in complaint(tmp_path)
