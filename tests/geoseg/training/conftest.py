from pathlib import Path

import pytest

from geoseg.training import chips
from geoseg.training.chips import write_shard


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
