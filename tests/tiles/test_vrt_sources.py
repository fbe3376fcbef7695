from pathlib import Path

import numpy as np
import rasterio.shutil

from tests.geoseg.test_pipeline import write_scene
from tiles.reading import open_raster
from tiles.vrt_sources import lost_sources


def vrt_of(source: Path) -> Path:
    """A VRT beside a raster, as GDAL writes it."""
    rasterio.shutil.copy(source, source.with_suffix(".vrt"), driver="VRT")
    return source.with_suffix(".vrt")


def test_a_source_that_is_gone_is_named(tmp_path: Path) -> None:
    source = write_scene(tmp_path / "a & b.tif", np.zeros((30, 20, 3), np.uint8))
    vrt = vrt_of(source)
    assert lost_sources([str(vrt), str(source)]) == ()
    source.unlink()
    with open_raster(vrt) as raster:
        assert lost_sources(raster.files) == (source,)


def test_a_source_of_a_vrt_in_a_vrt_is_named(tmp_path: Path) -> None:
    source = write_scene(tmp_path / "a.tif", np.zeros((30, 20, 3), np.uint8))
    inner = vrt_of(source)
    outer = tmp_path / "outer.vrt"
    outer.write_text(inner.read_text("utf-8").replace("a.tif", "a.vrt"), "utf-8")
    source.unlink()
    with open_raster(outer) as raster:
        assert lost_sources(raster.files) == (source,)


def test_places_that_are_no_files_are_not_looked_for(tmp_path: Path) -> None:
    vrt = tmp_path / "a.vrt"
    for name in ("/vsicurl/https://a.org/b.tif", 'NETCDF:"a.nc":b', "https://a.org/b.tif"):
        vrt.write_text(f'<SourceFilename relativeToVRT="0">{name}</SourceFilename>', "utf-8")
        assert lost_sources([str(vrt)]) == ()
    vrt.write_text('<SourceFilename relativeToVRT="0">/no/such.tif</SourceFilename>', "utf-8")
    assert lost_sources([str(vrt), "a.tif"]) == (Path("/no/such.tif"),)
