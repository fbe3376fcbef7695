from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geoseg.training.data.pictures import open_image, open_mask, open_shape
from geoseg.training.data.problems import ProblemError

RNG = np.random.default_rng(3)
RGB = RNG.integers(0, 256, (9, 14, 3), np.uint8)


def saved(path: Path, pixels: np.ndarray, **options: object) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


def kind(error: pytest.ExceptionInfo[ProblemError]) -> str:
    return error.value.problem.kind


@pytest.mark.parametrize("ending", [".png", ".tif"])
def test_an_image_is_read_as_it_was_written(tmp_path: Path, ending: str) -> None:
    path = saved(tmp_path / f"a{ending}", RGB)
    np.testing.assert_array_equal(open_image(path), RGB)
    assert open_shape(path) == (9, 14)


def test_grey_and_transparent_images_become_rgb(tmp_path: Path) -> None:
    grey = open_image(saved(tmp_path / "grey.png", RGB[..., 0]))
    np.testing.assert_array_equal(grey, np.repeat(RGB[..., :1], 3, axis=2))
    opacity = np.full((9, 14, 1), 255, np.uint8)
    seen = open_image(saved(tmp_path / "alpha.png", np.concatenate([RGB, opacity], axis=2)))
    np.testing.assert_array_equal(seen, RGB)


@pytest.mark.parametrize("size", [(9, 14), (123, 77), (800, 800)])
def test_the_shape_of_a_jpeg_is_that_of_its_pixels(tmp_path: Path, size: tuple[int, int]) -> None:
    path = saved(tmp_path / "a.jpg", np.zeros((*size, 3), np.uint8))
    assert open_shape(path) == size == open_image(path).shape[:2]


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif"])
def test_a_file_that_ends_too_early_is_broken_at_first_look(tmp_path: Path, ending: str) -> None:
    big = RNG.integers(0, 256, (200, 200, 3), np.uint8)
    path = saved(tmp_path / f"a{ending}", big)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    for look in (open_shape, open_image):
        with pytest.raises(ProblemError) as error:
            look(path)
        assert kind(error) == "broken"


def test_text_is_no_image_and_16_bits_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("404 not found")
    with pytest.raises(ProblemError, match="cannot be read") as error:
        open_image(tmp_path / "a.jpg")
    assert kind(error) == "broken"
    deep = saved(tmp_path / "deep.png", np.full((4, 4), 3000, np.uint16))
    with pytest.raises(ProblemError, match="8-bit") as error:
        open_shape(deep)
    assert kind(error) == "depth"
    with pytest.raises(ProblemError, match="missing") as error:
        open_image(tmp_path / "none.png")
    assert kind(error) == "missing"


@pytest.mark.parametrize("on", [1, 255, 7])
def test_whatever_is_not_0_is_the_mask(tmp_path: Path, on: int) -> None:
    mask = RNG.random((9, 14)) < 0.5
    path = saved(tmp_path / "m.png", mask.astype(np.uint8) * np.uint8(on))
    np.testing.assert_array_equal(open_mask(path), mask)


def test_masks_may_be_bits_palettes_or_grey_in_three_bands(tmp_path: Path) -> None:
    mask = RNG.random((9, 14)) < 0.5
    saved(tmp_path / "bits.png", mask)
    saved(tmp_path / "rgb.png", np.repeat(mask[..., None].astype(np.uint8) * 255, 3, axis=2))
    bands = np.dstack([mask.astype(np.uint8) * 255] * 3 + [np.full(mask.shape, 255, np.uint8)])
    saved(tmp_path / "rgba.png", bands)
    palette = Image.fromarray(mask.astype(np.uint8)).convert("P")
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.save(tmp_path / "palette.png")
    for name in ("bits", "rgb", "rgba", "palette"):
        np.testing.assert_array_equal(open_mask(tmp_path / f"{name}.png"), mask)


def test_a_mask_with_more_values_needs_a_threshold(tmp_path: Path) -> None:
    values = np.arange(200, dtype=np.uint8).reshape(10, 20)
    path = saved(tmp_path / "m.png", values)
    with pytest.raises(ProblemError, match=r"0, 1, 2, 3, 4 and 195 more.*threshold") as error:
        open_mask(path)
    assert kind(error) == "values"
    np.testing.assert_array_equal(open_mask(path, threshold=127), values > 127)


def test_a_threshold_says_nothing_of_a_mask_of_bits(tmp_path: Path) -> None:
    mask = RNG.random((9, 14)) < 0.5
    path = saved(tmp_path / "bits.png", mask)
    np.testing.assert_array_equal(open_mask(path, threshold=127), mask)


def test_a_coloured_mask_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="in colour") as error:
        open_mask(saved(tmp_path / "m.png", RGB))
    assert kind(error) == "values"
