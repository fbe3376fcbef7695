from pathlib import Path

import pytest

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.added_tokens import open_added_tokens
from tests.geoseg.models.mllmseg.published_tokenizers import write_json


def test_tokens_of_all_files_come_together(tmp_path: Path) -> None:
    write_json(tmp_path / "tokenizer.json", {"added_tokens": [{"id": 7, "content": "[SEG]"}]})
    write_json(
        tmp_path / "tokenizer_config.json", {"added_tokens_decoder": {"8": {"content": "[REJ]"}}}
    )
    write_json(tmp_path / "added_tokens.json", {"<img>": 9, "[SEG]": 7})
    assert open_added_tokens(tmp_path).ids == {"[SEG]": 7, "[REJ]": 8, "<img>": 9}


def test_a_folder_without_these_files_adds_nothing(tmp_path: Path) -> None:
    added = open_added_tokens(tmp_path)
    assert added.ids == {}
    assert added.roles == {}


def test_tokens_are_found_as_spelled_and_can_be_split(tmp_path: Path) -> None:
    entry = {"content": "[SEG]", "normalized": True, "special": False, "lstrip": True}
    write_json(tmp_path / "tokenizer_config.json", {"added_tokens_decoder": {"7": entry}})
    token = open_added_tokens(tmp_path).by_id[7]
    assert (token.normalized, token.special, token.lstrip, token.rstrip) == (
        False,
        True,
        True,
        False,
    )


def test_the_settings_have_the_last_word_about_roles(tmp_path: Path) -> None:
    write_json(
        tmp_path / "special_tokens_map.json",
        {"eos_token": "</s>", "pad_token": "</s>", "unk_token": {"content": "<unk>"}},
    )
    write_json(tmp_path / "tokenizer_config.json", {"eos_token": "<|im_end|>", "pad_token": None})
    roles = {"unk_token": "<unk>", "eos_token": "<|im_end|>", "pad_token": None}
    assert open_added_tokens(tmp_path).roles == roles


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("added_tokens.json", {"[SEG]": "seven"}),
        ("added_tokens.json", {"[SEG]": None}),
        ("tokenizer_config.json", {"added_tokens_decoder": {"seven": {"content": "[SEG]"}}}),
        ("tokenizer_config.json", {"added_tokens_decoder": {"7": {}}}),
        ("tokenizer_config.json", {"added_tokens_decoder": {"7": "[SEG]"}}),
        ("tokenizer_config.json", {"added_tokens_decoder": ["[SEG]"]}),
        ("tokenizer.json", {"added_tokens": [{"content": "[SEG]"}]}),
        ("tokenizer.json", {"added_tokens": 3}),
    ],
)
def test_a_token_without_spelling_or_id_is_refused(
    tmp_path: Path, name: str, content: object
) -> None:
    write_json(tmp_path / name, content)
    with pytest.raises(CheckpointError, match="without its spelling or id") as refused:
        open_added_tokens(tmp_path)
    assert "\n" not in str(refused.value)
