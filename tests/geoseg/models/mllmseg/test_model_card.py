import pytest
import yaml

from geoseg.models.mllmseg.model_card import Origin, card
from tests.geoseg.models.mllmseg.tiny import tiny_config

HASH = "89ab" * 10


def front_matter(page: str) -> dict[str, object]:
    """What machines read of a page."""
    found: dict[str, object] = yaml.safe_load(page.split("---\n")[1])
    return found


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
    assert front_matter(page)["license"] == "other"
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


def test_what_it_was_made_from_is_told_to_machines() -> None:
    assert front_matter(of_size("qwen2", 896))["base_model"] == "owner/name"
    text = {**tiny_config().text.to_dict(), "hidden_size": 2048}
    folder = card("new", tiny_config(text_config=text), Origin("a: folder"))
    assert front_matter(folder)["base_model"] == "OpenGVLab/InternVL2_5-4B"
    assert "base_model" not in front_matter(card("new", tiny_config(), Origin("a: folder")))


def test_the_embedded_model_is_mit_and_not_trained_from_internvl() -> None:
    page = card("new", tiny_config(), Origin("geoseg-tiny"))
    assert front_matter(page)["license"] == "mit"
    assert "InternVL" not in page
    assert front_matter(card("new", tiny_config(), Origin("mine")))["license"] == "other"


@pytest.mark.parametrize(
    ("trained", "outcome", "refusal"),
    [
        (True, "a mask and a yes or no out", "was trained to say"),
        (False, "a mask out, and no yes or no", "was not trained to say"),
        (None, "perhaps a yes or no", "is not known"),
    ],
)
def test_it_says_whether_the_model_can_refuse(
    outcome: str, refusal: str, *, trained: bool | None
) -> None:
    page = card("new", tiny_config(trained_to_reject=trained), Origin("folder"))
    assert outcome in page
    assert refusal in page


def test_what_became_of_the_numbers_is_told() -> None:
    assert "every number is as it was there" in of_size("qwen2", 896)
    page = card("new", tiny_config(), Origin("folder", changes=("one thing", "another")))
    assert "every number" not in page
    assert "since: one thing, then another" in page


@pytest.mark.parametrize(
    ("noted", "changes"),
    [({}, ("not noted",)), ({"source_changes": []}, ()), ({"source_changes": ["a"]}, ("a",))],
)
def test_an_earlier_origin_comes_with_what_became_of_it(
    noted: dict[str, list[str]], changes: tuple[str, ...]
) -> None:
    config = tiny_config(source="owner/name", **noted)
    assert Origin("folder").or_of(config) == Origin("owner/name", None, changes)
