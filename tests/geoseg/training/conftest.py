from pathlib import Path

import pytest

from geoseg.training import chips
from geoseg.training.chips import write_shard
from geoseg.training.options import SizeOptions, StageOptions, TrainOptions

MICRO = SizeOptions(
    chip=56, width=32, heads=2, vision_layers=1, language_layers=1, vision_ffn=32, language_ffn=32
)
ONE_STEP = StageOptions(steps=1, batch=2, learning_rate=1e-3, warm_up=1)
TWO_STEPS = StageOptions(steps=2, batch=2, learning_rate=1e-3, warm_up=1)


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two small shards."""
    folder = tmp_path_factory.mktemp("scenes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chips, "SCENE_SIDE", 80)
        patch.setattr(chips, "SHARD", 4)
        write_shard(folder, 0)
        write_shard(folder, 4)
    return folder


@pytest.fixture
def options(scenes: Path, tmp_path: Path) -> TrainOptions:
    """A training run of three updates."""
    return TrainOptions(
        scenes=scenes,
        shards=1,
        held_out=scenes,
        run=tmp_path,
        queries=3,
        keep_every=1,
        bfloat16=False,
        size=MICRO,
        tower=ONE_STEP,
        whole=TWO_STEPS,
    )
