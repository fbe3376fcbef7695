import pytest

from geoseg.training.data.framing import framed


@pytest.mark.parametrize(
    "phrase",
    [
        "the vehicle on the left of the overpass", "the plane on the upper right",
        "the northernmost house", "the leftmost car", "the biggest storage tank", "the only pool",
        "the middle ship",
        "the second court from the top", "the two ships", "the ship larger than the others",
        "the bridge in the north-west", "the dam at the lower edge", "the second largest roof",
    ],
)  # fmt: skip
def test_phrases_about_place_rank_and_number_depend_on_the_frame(phrase: str) -> None:
    assert framed(phrase)


@pytest.mark.parametrize(
    "phrase",
    [
        "the red roofs", "all buildings", "the harvested fields", "the forest", "cars on the road",
        "a large grey storage tank", "the houses with a pool", "the copyright sign", "test tracks",
    ],
)  # fmt: skip
def test_phrases_about_kind_and_look_do_not(phrase: str) -> None:
    assert not framed(phrase)
