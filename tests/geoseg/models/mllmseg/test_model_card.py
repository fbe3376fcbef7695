import pytest

from geoseg.models.mllmseg.model_card import Origin, card
from tests.geoseg.models.mllmseg.tiny import tiny_config

HASH = "89ab" * 10


def of_size(kind: str, width: int) -> str:
    text = {**tiny_config().text.to_dict(), "model_type": kind, "hidden_size": width}
    return card("new", tiny_config(text_config=text), Origin("owner/name", HASH))


@pytest.mark.parametrize(
    ("kind", "width", "size", "base"),
    [
        ("qwen2", 896, "1B", "Qwen2.5-0.5B"),
        ("llama", 2048, "2B", "InternLM2.5-1.8B"),
        ("qwen2", 2048, "4B", "Qwen2.5-3B"),
        ("llama", 4096, "8B", "InternLM2.5-7B"),
    ],
)
def test_a_published_size_is_recognised(kind: str, width: int, size: str, base: str) -> None:
    page = of_size(kind, width)
    assert f"MLLMSeg {size}:" in page
    assert f"- {base}, its language model:" in page


def test_only_the_4b_size_has_a_research_licence() -> None:
    assert "Qwen2.5-3B research licence" in of_size("qwen2", 2048)
    assert "research licence" not in of_size("llama", 2048)


def test_another_size_is_no_published_one() -> None:
    assert "of no published size" in of_size("qwen2", 24)


def test_the_source_and_its_hash_are_told() -> None:
    assert f"`owner/name` at commit `{HASH}`" in of_size("qwen2", 896)
    assert "commit" not in card("new", tiny_config(), Origin("folder"))
