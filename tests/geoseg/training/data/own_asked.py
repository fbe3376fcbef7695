"""What is asked of the made-up scene of roofs, and the ground that its chips show."""

import shapely
from pyproj import Transformer

from geoseg.training.data.meanings import Meaning, meanings
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data.own_plan import PlannedChip, Split, planned
from geoseg.training.data.own_scene import OwnScene, corners
from tests.geoseg.training.data.own_ground import roofs

FRAME = roofs(count=10)


def options(**changes: object) -> OwnLayerOptions:
    data = {
        "images": ["scene.tif"],
        "layer": "roofs.gpkg",
        "phrases": [{"template": "all buildings"}, {"template": "the {colour} roofs"}],
        "absent_phrases": ["the ships", "the cows"],
        "chip": 24,
        "overlap": 6,
        "fewest_pixels": 6,
        "block_chips": 2,
    }
    return OwnLayerOptions.model_validate({**data, **changes})


SAID = meanings(options().phrases, FRAME)


def chips_of(
    scenes: list[OwnScene], said: list[Meaning], split: Split, options: OwnLayerOptions
) -> tuple[PlannedChip, ...]:
    return planned(scenes, said, split, options).chips


def shared_ground(scenes: list[OwnScene], said: OwnLayerOptions, *, crs: str | None) -> float:
    """Square metres that chips of both halves show, of which there are some; None: as they lie."""
    ground = {}
    for split in ("train", "val"):
        chips = chips_of(scenes, SAID, split, said)
        ground[split] = shapely.union_all([outline(scenes, chip, crs) for chip in chips])
        assert ground[split].area
    return float(ground["train"].intersection(ground["val"]).area)


def outline(scenes: list[OwnScene], chip: PlannedChip, crs: str | None) -> shapely.Polygon:
    """The ground of a chip."""
    geobox = scenes[chip.scene].geobox
    if crs is None:
        return shapely.Polygon(corners(geobox, chip.roi))
    there = Transformer.from_crs(geobox.crs.proj, crs, always_xy=True)
    return shapely.Polygon([there.transform(*corner) for corner in corners(geobox, chip.roi)])
