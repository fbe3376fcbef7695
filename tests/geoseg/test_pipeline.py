from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import rasterio.features
import shapely
import xarray as xr
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rasterio.transform import from_origin
from scipy import ndimage

import geoseg
from geoseg import SceneResult
from geoseg.errors import ChipError, GeosegError, ModelError, OptionsError, QueryError
from tests.geoseg.oracle import BrokenSegmenter, OracleSegmenter
from tiles.errors import GeoreferenceError, GridError, OutputError, SourceError, TilesError

TRANSFORM = from_origin(452000, 37000, 0.5, 0.5)


def scene_of(pixels: NDArray[np.uint8]) -> xr.DataArray:
    """A georeferenced array of RGB pixels (height, width, 3)."""
    height, width, _ = pixels.shape
    array = xr.DataArray(
        np.moveaxis(pixels, -1, 0),
        dims=("band", "y", "x"),
        coords={
            "y": 37000 - 0.5 * (np.arange(height) + 0.5),
            "x": 452000 + 0.5 * (np.arange(width) + 0.5),
        },
    )
    return array.rio.write_crs("EPSG:32636").rio.write_transform(TRANSFORM)


def write_scene(path: Path, pixels: NDArray[np.uint8], **profile: object) -> Path:
    height, width, count = pixels.shape
    settings_ = {
        "driver": "GTiff", "dtype": pixels.dtype, "height": height, "width": width, "count": count,
        "crs": "EPSG:32636", "transform": TRANSFORM,
    }  # fmt: skip
    with rasterio.open(path, "w", **(settings_ | profile)) as file:
        file.write(np.moveaxis(pixels, -1, 0))
    return path


def blobs(seed: int, height: int, width: int, density: float) -> NDArray[np.uint8]:
    """RGB pixels whose channels hold random objects: specks, patches and long lines."""
    rng = np.random.default_rng(seed)
    noise = ndimage.uniform_filter(rng.random((height, width, 3)), (3, 3, 0))
    patches = noise < np.quantile(noise, density)
    patches[rng.integers(height), :, 0] = True
    patches[:, rng.integers(width), 2] = True
    return patches.astype(np.uint8) * np.uint8(200)


def burnt(polygons: gpd.GeoDataFrame, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels that polygons cover."""
    if polygons.empty:
        return np.zeros(shape, bool)
    return rasterio.features.rasterize(polygons.geometry, shape, transform=TRANSFORM).astype(bool)


def check_exact(result: SceneResult, pixels: NDArray[np.uint8]) -> None:
    """Every pixel right, every object one polygon, judged by whole-raster labelling."""
    assert result.mask is not None
    for name, channel in (("red", 0), ("blue", 2)):
        truth = pixels[..., channel] > 0
        np.testing.assert_array_equal(result.mask.sel(query=name), truth)
        found = result.polygons[result.polygons["query"] == name]
        labels, count = ndimage.label(truth)
        assert len(found) == count
        np.testing.assert_array_equal(burnt(found, truth.shape), truth)
        sizes = np.bincount(labels.ravel())[1:]
        np.testing.assert_allclose(sorted(found.geometry.area), np.sort(sizes) * 0.25)
        assert shapely.is_valid(found.geometry.to_numpy()).all()
        np.testing.assert_allclose(found["score"], 1)


@settings(max_examples=300)
@given(
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    size=st.integers(2, 24),
    data=st.data(),
)
def test_an_oracle_gives_the_truth_whatever_the_layout(
    height: int, width: int, size: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(0, size - 1), label="overlap")
    batch = data.draw(st.integers(1, 9), label="batch")
    pixels = blobs(
        data.draw(st.integers(0, 2**32), label="seed"), height, width,
        data.draw(st.sampled_from([0.05, 0.3, 0.6, 0.95]), label="density"),
    )  # fmt: skip
    result = geoseg.segment(
        scene_of(pixels),
        ["red", "blue"],
        segmenter=OracleSegmenter(size),
        options={"chips": {"overlap": overlap, "batch": batch}},
    )
    check_exact(result, pixels)


def test_a_river_longer_than_ten_chips_is_one_polygon_with_its_islands() -> None:
    rows, columns = np.mgrid[:400, :120]
    middle = 60 + 35 * np.sin(rows / 30)
    river = abs(columns - middle) < 12
    islands = (abs(columns - middle) < 3) & (rows % 100 > 40) & (rows % 100 < 60)
    pixels = np.zeros((400, 120, 3), np.uint8)
    pixels[..., 0] = (river & ~islands) * 200
    result = geoseg.segment(
        scene_of(pixels), "red", segmenter=OracleSegmenter(32), options={"chips": {"overlap": 8}}
    )
    (polygon,) = result.polygons.geometry
    assert len(polygon.interiors) == 4
    assert polygon.area == pytest.approx((river & ~islands).sum() * 0.25)


def test_the_result_depends_neither_on_the_batch_nor_on_the_other_queries() -> None:
    scene = scene_of(blobs(5, 90, 70, 0.4))

    def asked(queries: list[str], batch: int) -> SceneResult:
        return geoseg.segment(
            scene,
            queries,
            segmenter=OracleSegmenter(16),
            options={"chips": {"overlap": 4, "batch": batch}},
        )

    alone = asked(["red"], 1)
    many = asked(["blue", "red", "green"], 7)
    assert alone.scores is not None
    assert many.scores is not None
    np.testing.assert_array_equal(alone.scores[0], many.scores.sel(query="red"))
    same = many.polygons[many.polygons["query"] == "red"].drop(columns="id")
    assert same.reset_index(drop=True).equals(alone.polygons.drop(columns="id"))


def test_the_result_is_the_same_from_path_dataset_and_array(tmp_path: Path) -> None:
    pixels = blobs(3, 50, 60, 0.3)
    path = write_scene(tmp_path / "scene.tif", pixels)
    model, options = OracleSegmenter(16), {"chips": {"overlap": 4}}
    with rasterio.open(path) as dataset:
        results = [
            geoseg.segment(scene, ["red", "blue"], segmenter=model, options=options)
            for scene in (path, str(path), dataset, scene_of(pixels))
        ]
        assert not dataset.closed
    for result in results:
        check_exact(result, pixels)
        assert result.polygons.crs == "EPSG:32636"
        assert list(result.polygons.columns) == ["id", "query", "score", "area_m2", "geometry"]
        assert list(result.polygons["id"]) == list(range(1, len(result.polygons) + 1))


@pytest.mark.parametrize("size", [1, 2, 5, 24, 96, 200])
def test_chips_of_any_size_work_without_a_word_about_overlap(size: int) -> None:
    pixels = blobs(4, 30, 40, 0.3)
    check_exact(
        geoseg.segment(scene_of(pixels), ["red", "blue"], segmenter=OracleSegmenter(size)), pixels
    )


def test_mask_and_scores_stay_readable_and_georeferenced() -> None:
    pixels = blobs(1, 40, 30, 0.3)
    mask = geoseg.segment(
        scene_of(pixels), "red", segmenter=OracleSegmenter(16), options={"chips": {"overlap": 4}}
    ).mask
    assert mask is not None
    assert mask.dims == ("query", "y", "x")
    assert list(mask["query"].values) == ["red"]
    assert mask.dtype == np.uint8
    assert mask.rio.crs == "EPSG:32636"
    assert mask.rio.transform() == TRANSFORM
    np.testing.assert_array_equal(mask[0].values > 0, pixels[..., 0] > 0)


def test_no_data_is_255_and_never_part_of_an_object(tmp_path: Path) -> None:
    pixels = np.full((40, 40, 3), 9, np.uint8)
    pixels[:, :20] = 0
    path = write_scene(tmp_path / "scene.tif", pixels, nodata=0)
    model = OracleSegmenter(16)
    result = geoseg.segment(path, "red", segmenter=model, options={"chips": {"overlap": 2}})
    assert result.mask is not None
    assert result.scores is not None
    assert (result.mask[0, :, :20] == 255).all()
    assert (result.mask[0, :, 20:] == 1).all()
    assert np.isnan(result.scores[0, :, :20]).all()
    assert result.polygons.geometry.area.tolist() == [40 * 20 * 0.25]
    assert result.report.skipped > 0
    assert sum(model.seen) == result.report.asked == result.report.chips - result.report.skipped


def test_large_results_are_mapped_from_disk_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geoseg.targets.IN_MEMORY", 100)
    pixels = blobs(1, 300, 30, 0.3)
    result = geoseg.segment(
        scene_of(pixels), ["red", "blue"], segmenter=OracleSegmenter(16), outputs=tmp_path / "a.tif"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]
    mask = result.mask
    assert mask is not None
    del result
    np.testing.assert_array_equal(mask[0] > 0, pixels[..., 0] > 0)
    np.testing.assert_array_equal(mask.sel(query="blue") > 0, pixels[..., 2] > 0)


def test_the_model_sees_north_up_whatever_the_order_of_the_rows(tmp_path: Path) -> None:
    seen = []

    class Watching(OracleSegmenter):
        def segment(self, chips, queries):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
            seen.append(chips.copy())
            return super().segment(chips, queries)

    pixels = blobs(8, 40, 30, 0.3)
    south_up = Affine(0.5, 0, 452000, 0, 0.5, 36980)
    north = write_scene(tmp_path / "north.tif", pixels)
    south = write_scene(tmp_path / "south.tif", pixels[::-1], transform=south_up)
    results = [
        geoseg.segment(scene, ["red", "blue"], segmenter=Watching(64)) for scene in (north, south)
    ]
    # the chip is larger than the scene: it is padded at the last row, which is north in one
    np.testing.assert_array_equal(seen[0][0, :40, :30], seen[1][0, 24:, :30])
    for name in ("red", "blue"):
        ground = [r.polygons[r.polygons["query"] == name].union_all() for r in results]
        assert ground[0].equals(ground[1])
        assert ground[0].area > 0


def test_a_failed_chip_stops_the_run_and_nothing_is_written(tmp_path: Path) -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[20, 40, 2] = 13
    scene = write_scene(tmp_path / "scene.tif", pixels)
    with pytest.raises(ChipError, match="thirteen"):
        geoseg.segment(
            scene,
            "red",
            segmenter=BrokenSegmenter(32),
            outputs=[tmp_path / "out.tif", tmp_path / "out.gpkg"],
            options={"chips": {"overlap": 0}},
        )
    assert [path.name for path in tmp_path.iterdir()] == ["scene.tif"]


def test_keeping_on_leaves_no_data_where_a_chip_failed(tmp_path: Path) -> None:
    pixels = np.full((64, 64, 3), 1, np.uint8)
    pixels[20, 40, 2] = 13
    result = geoseg.segment(
        write_scene(tmp_path / "scene.tif", pixels),
        "red",
        segmenter=BrokenSegmenter(32),
        options={"chips": {"overlap": 0, "batch": 3}, "run": {"keep_going": True}},
    )
    assert result.mask is not None
    expected = np.ones((64, 64), np.uint8)
    expected[:32, 32:] = 255
    np.testing.assert_array_equal(result.mask[0].values, expected)
    assert result.report.failed == 1
    assert "columns 32..63" in result.report.failures[0]


def test_small_polygons_are_left_out_and_outlines_smoothed() -> None:
    pixels = np.zeros((60, 60, 3), np.uint8)
    pixels[2, 2, 0] = 1
    rows, columns = np.mgrid[:60, :60]
    pixels[..., 0] |= ((rows - 35) ** 2 + (columns - 30) ** 2 < 300).astype(np.uint8)
    model = OracleSegmenter(32)

    def polygons(**settings_: float) -> gpd.GeoDataFrame:
        options = {"chips": {"overlap": 8}, "polygons": settings_}
        return geoseg.segment(scene_of(pixels), "red", segmenter=model, options=options).polygons

    both, large, smooth = polygons(), polygons(min_area_m2=1), polygons(simplify_m=1)
    assert (len(both), len(large)) == (2, 1)
    assert large["area_m2"].iloc[0] == pytest.approx(large.area.iloc[0], rel=2e-3)
    assert shapely.get_num_coordinates(smooth.geometry.iloc[1]) < 30
    assert smooth.hausdorff_distance(both.geometry).max() <= 1.01


def test_progress_counts_every_chip() -> None:
    told: list[tuple[int, int]] = []
    result = geoseg.segment(
        scene_of(blobs(1, 50, 50, 0.3)),
        "red",
        segmenter=OracleSegmenter(16),
        options={"chips": {"overlap": 4}},
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(i + 1, result.report.chips) for i in range(result.report.chips)]


def test_nothing_found_is_an_answer(tmp_path: Path) -> None:
    outputs = [tmp_path / name for name in ("a.geojson", "a.gpkg", "a.tif")]
    result = geoseg.segment(
        scene_of(np.zeros((20, 20, 3), np.uint8)),
        "red",
        segmenter=OracleSegmenter(16),
        outputs=outputs,
        options={"chips": {"overlap": 4}},
    )
    assert result.polygons.empty
    assert list(result.polygons.columns) == ["id", "query", "score", "area_m2", "geometry"]
    assert all(path.exists() for path in outputs)
    assert list(gpd.read_file(outputs[1]).columns) == list(result.polygons.columns)
    assert result.report.queries[0].objects == 0


WRONG = "EPSG:4326"
"""Not the CRS of a scene whose coordinates are in the thousands."""

BAD: list[tuple[type[Exception], dict[str, object]]] = [
    (QueryError, {"queries": ""}),
    (QueryError, {"queries": []}),
    (QueryError, {"queries": "find [SEG]"}),
    (OptionsError, {"options": {"mask": {"threshold": 2}}}),
    (OptionsError, {"options": {"maks": {}}}),
    (GridError, {"options": {"chips": {"overlap": 16}}}),
    (OutputError, {"outputs": "out.xyz"}),
    (OutputError, {"outputs": "missing-folder/out.tif"}),
    (OutputError, {"outputs": ["out.tif", "out.tif"]}),
    (OutputError, {"outputs": "out.tif", "options": {"mask": {"scores": "out.tif"}}}),
    (OutputError, {"options": {"mask": {"scores": "out.gpkg"}}}),
    (SourceError, {"scene": "nowhere.tif"}),
    (ModelError, {"segmenter": "no-such-model"}),
    (ModelError, {"segmenter": object()}),
    (ModelError, {"segmenter": OracleSegmenter}),
    (
        GeoreferenceError,
        {"outputs": "a.geojson", "options": {"image": {"assign_crs": "EPSG:4326"}}},
    ),
    (GeoreferenceError, {"options": {"image": {"assign_crs": "EPSG:banana"}}}),
    (TilesError, {"options": {"image": {"bands": [4]}}}),
    (OptionsError, {"options": {"image": {"stretch": "sideways"}}}),
]


@pytest.mark.parametrize(("error", "changes"), BAD)
def test_bad_input_is_an_error_and_nothing_is_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    changes: dict[str, object],
) -> None:
    monkeypatch.chdir(tmp_path)
    asked: dict[str, object] = {
        "scene": scene_of(np.zeros((40, 40, 3), np.uint8)),
        "queries": "red",
        "segmenter": OracleSegmenter(16),
        "options": {"chips": {"overlap": 4}},
    }
    with pytest.raises(error) as caught:
        geoseg.segment(**(asked | changes))  # type: ignore[arg-type] # the point of the test
    assert isinstance(caught.value, GeosegError | TilesError)
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_exists_is_kept_without_overwrite(tmp_path: Path) -> None:
    target = tmp_path / "out.gpkg"
    target.write_text("precious")
    scene = scene_of(np.zeros((20, 20, 3), np.uint8))
    asked = {"segmenter": OracleSegmenter(16), "outputs": target}
    with pytest.raises(OutputError, match="--overwrite"):
        geoseg.segment(scene, "red", options={"chips": {"overlap": 4}}, **asked)  # type: ignore[arg-type] # a dict of keywords
    assert target.read_text() == "precious"
    options = {"chips": {"overlap": 4}, "run": {"overwrite": True}}
    geoseg.segment(scene, "red", options=options, **asked)  # type: ignore[arg-type] # a dict of keywords
    assert gpd.read_file(target).empty


def test_the_scene_is_never_overwritten_by_its_own_result(tmp_path: Path) -> None:
    path = write_scene(tmp_path / "scene.tif", np.zeros((20, 20, 3), np.uint8))
    before = path.read_bytes()
    with pytest.raises(OutputError, match="scene"):
        geoseg.segment(
            path,
            "red",
            segmenter=OracleSegmenter(16),
            outputs=path,
            options={"chips": {"overlap": 4}, "run": {"overwrite": True}},
        )
    assert path.read_bytes() == before


def test_a_scene_read_at_another_gsd_gives_results_on_that_grid(tmp_path: Path) -> None:
    coarse = blobs(3, 40, 50, 0.3)
    path = write_scene(tmp_path / "scene.tif", coarse.repeat(4, axis=0).repeat(4, axis=1))
    target = tmp_path / "mask.tif"
    result = geoseg.segment(
        path,
        ["red", "blue"],
        segmenter=OracleSegmenter(16),
        outputs=target,
        options={"chips": {"overlap": 4}, "image": {"gsd": 2}},
    )
    assert result.mask is not None
    np.testing.assert_array_equal(result.mask.sel(query="red"), coarse[..., 0] > 0)
    np.testing.assert_array_equal(result.mask.sel(query="blue"), coarse[..., 2] > 0)
    red = result.polygons[result.polygons["query"] == "red"]
    assert red.geometry.area.sum() == (coarse[..., 0] > 0).sum() * 4
    assert (result.report.height, result.report.width) == (40, 50)
    assert "read at 2 m per pixel; the scene has 0.5" in result.report.notices
    assert result.report.options["image"]["gsd"] == 2
    with rasterio.open(target) as mask, rasterio.open(path) as scene:
        assert mask.transform == TRANSFORM * Affine.scale(4)
        assert mask.bounds == scene.bounds
        assert mask.crs == scene.crs
        assert "read at 2 m per pixel" in mask.tags()["GEOSEG_NOTICES"]
        assert '"gsd":2.0' in mask.tags()["GEOSEG_OPTIONS"]


def test_an_array_is_read_at_another_gsd_too() -> None:
    scene = scene_of(np.full((40, 40, 3), 200, np.uint8))
    options = {"chips": {"overlap": 4}, "image": {"gsd": 0.25}}
    result = geoseg.segment(scene, "red", segmenter=OracleSegmenter(16), options=options)
    assert (result.report.height, result.report.width) == (80, 80)
    assert result.polygons.geometry.area.tolist() == [400]


@pytest.mark.parametrize(
    ("gsd", "crs", "told"),
    [
        (8, "EPSG:32636", r"read at the GSD asked for only 4 x 4, less than one chip of 16 pixels"),
        (0.02, "EPSG:32636", "at most 16 times finer"),
        (1, None, "leave out --gsd, or say the CRS with --assign-crs"),
    ],
)
def test_a_gsd_that_makes_no_sense_is_refused(
    tmp_path: Path, gsd: float, crs: str | None, told: str
) -> None:
    path = write_scene(tmp_path / "scene.tif", np.zeros((60, 60, 3), np.uint8), crs=crs)
    with pytest.raises((GridError, GeoreferenceError), match=told):
        geoseg.segment(
            path,
            "red",
            segmenter=OracleSegmenter(16),
            outputs=tmp_path / "mask.tif",
            options={"chips": {"overlap": 4}, "image": {"gsd": gsd}},
        )
    assert list(tmp_path.iterdir()) == [path]


def test_a_scene_below_a_chip_may_be_read_at_another_gsd() -> None:
    scene = scene_of(np.full((12, 12, 3), 200, np.uint8))
    options = {"chips": {"overlap": 4}, "image": {"gsd": 1}}
    result = geoseg.segment(scene, "red", segmenter=OracleSegmenter(16), options=options)
    assert result.polygons.geometry.area.tolist() == [36]
