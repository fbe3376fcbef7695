import subprocess
import sys
from pathlib import Path

import pytest

from geoseg.errors import GeosegError, OptionsError
from geoseg.training.data import SOURCES, open_source
from geoseg.training.data.sources import DatasetName, check_cut, chip_of
from tests.geoseg.training.data.layouts import (
    write_earthreason,
    write_refsegrs,
    write_risbench,
    write_rrsisd,
)
from tests.geoseg.training.data.own_ground import write_config

WRITERS = {
    "refsegrs": write_refsegrs,
    "rrsisd": write_rrsisd,
    "risbench": write_risbench,
    "earthreason": write_earthreason,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_name_opens_its_data_set(tmp_path: Path, kind: str) -> None:
    source = open_source(f"{kind}:{WRITERS[kind](tmp_path)}?split=val")
    assert source.name == f"{kind} val"
    assert len(source) == 3


def test_settings_arrive_as_what_they_are(tmp_path: Path) -> None:
    write_earthreason(tmp_path)
    source = open_source(f"EarthReason:{tmp_path}?split=val&questions=first&threshold=100")
    assert len(source.phrases(0)) == 1
    rendered = open_source("rendered:seed=5,count=3,chip=64,absent=0.5")
    assert (len(rendered), rendered.name) == (3, "rendered 5..7")


@pytest.mark.parametrize("kind", ["rrsisd", "RRSIS-D", "rrsis_d", "own-layer", "OwnLayer"])
def test_a_kind_may_be_written_in_several_ways(kind: str) -> None:
    name = DatasetName.of(f"{kind}:~/a b/data?split=val")
    assert name.kind in SOURCES
    assert name.path == Path("~/a b/data").expanduser()
    assert name.settings == {"split": "val"}


def test_characters_that_part_settings_can_be_in_a_path() -> None:
    name = DatasetName.of("rrsisd:/a%3fb%26c%2Cd/100% of %2526 Area%20A?split=v%26l")
    assert name.path == Path("/a?b&c,d/100% of %26 Area%20A")
    assert name.settings == {"split": "v&l"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "scene:a.tif",
            r"'scene' in .* did you mean 'scenes'\? .* rendered and, for geoseg evaluate",
        ),
        (
            "Scenes:a.tif",
            "names whole scenes, which geoseg evaluate alone takes; .* own-layer:FILE",
        ),
        ("own-layer:x.yaml", r"'split' is missing; write e.g. 'own-layer:x.yaml\?split=val'"),
        ("rendered:cuont=2", "'cuont' is not known .* write e.g. 'rendered:seed=123456"),
        ("refsegr:/data?split=val", r"did you mean 'refsegrs'\?.*rendered"),
        ("/data/rrsisd", "known are refsegrs, rrsisd"),
        ("", "known are"),
        ("refsegrs", "where the data is"),
        ("refsegrs:?split=val", "where the data is"),
        ("refsegrs:.", "'split' is missing"),
        ("refsegrs:.?split=dev", "'split' must be 'train', 'val' or 'test', but 'dev' was given"),
        ("refsegrs:.?split=val&treshold=3", "'treshold' is not known here"),
        ("refsegrs:.?split=val&threshold=high", "'threshold' must be a whole number"),
        ("refsegrs:.?val", "'val' in .* is no setting"),
        ("rendered:count=0", "'count' must be at least 1, but '0'"),
        ("rendered:absent=2", "'absent' must be at most 1"),
        ("refsegrs:/nowhere/at/all?split=val", "RefSegRS is not there"),
    ],
)
def test_a_wrong_name_is_told_with_the_way_out(text: str, told: str) -> None:
    with pytest.raises(GeosegError, match=told):
        open_source(text)


def test_data_sets_are_opened_without_torch() -> None:
    code = "import sys, geoseg.training.data; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_own_layer_tells_the_size_of_its_chips_without_being_read(tmp_path: Path) -> None:
    name = f"own-layer:{write_config(tmp_path)}?split=all"
    assert chip_of(name) == 32
    assert chip_of("rendered:chip=56") is None
    assert chip_of("refsegrs:/nowhere?split=val") is None
    check_cut(name, 32)
    with pytest.raises(OptionsError, match="chips of 32 pixels, but the model sees 160"):
        check_cut(name, 160)
    check_cut("rendered:chip=56", 160)
