from pathlib import Path

import pytest
from pydantic import ValidationError

from geoseg.errors import OptionsError
from geoseg.training.chips import SHARD
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data.rendered import FRESH_SEED, KEPT_SEED, TABLE_SEEDS
from geoseg.training.data_options import NamedData, RenderedData, data_of

SCENES = Path("scenes")


def test_data_is_told_apart_by_its_settings() -> None:
    assert isinstance(data_of({"scenes": "a"}, SCENES), RenderedData)
    assert isinstance(data_of({"train": "a"}, SCENES), NamedData)
    own = data_of({"images": ["*.tif"], "layer": "a.gpkg", "phrases": [{"template": "b"}]}, SCENES)
    assert isinstance(own, OwnLayerOptions)
    assert (own.images, own.layer) == (("scenes/*.tif",), "scenes/a.gpkg")
    with pytest.raises(OptionsError, match="there is no group 'data:'"):
        data_of(None, SCENES)


def test_one_data_set_is_a_list_of_one() -> None:
    assert NamedData.model_validate({"train": "a"}).train == ("a",)


@pytest.mark.parametrize(
    ("first", "shards", "told"),
    [
        (KEPT_SEED - SHARD + 1, 1, "kept for validation"),
        (FRESH_SEED, 1, "kept for validation"),
        (0, 2 * KEPT_SEED // SHARD, "published table"),
        (TABLE_SEEDS[-1], 1, "123456 to 123711 are those of the published table"),
        (TABLE_SEEDS[0] - SHARD + 1, 1, "published table"),
    ],
)
def test_scenes_kept_for_measuring_are_not_learned_from(first: int, shards: int, told: str) -> None:
    with pytest.raises(ValidationError, match=f"{told}.*choose others"):
        RenderedData(scenes=SCENES, shards=shards, first_seed=first)


@pytest.mark.parametrize(
    "first", [0, TABLE_SEEDS[0] - SHARD, TABLE_SEEDS[-1] + 1, KEPT_SEED - SHARD]
)
def test_all_others_are(first: int) -> None:
    assert RenderedData(scenes=SCENES, shards=1, first_seed=first).first_seed == first


@pytest.mark.parametrize(
    "name", ["rendered:", f"rendered:seed={FRESH_SEED}", "Rendered:seed=123000&count=500",
             "rendered:seed=899999999&count=2"],
)  # fmt: skip
def test_a_name_is_no_way_round(name: str) -> None:
    with pytest.raises(ValidationError, match="choose others"):
        NamedData.model_validate({"train": ["rrsisd:a", name]})


def test_other_rendered_scenes_can_be_named() -> None:
    data = NamedData.model_validate({"train": "rendered:seed=0&count=9", "validation": "rendered:"})
    assert data.train == ("rendered:seed=0&count=9",)
