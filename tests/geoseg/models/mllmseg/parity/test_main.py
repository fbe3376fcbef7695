import shutil
from pathlib import Path

import numpy as np
import pytest

from geoseg.models.mllmseg.parity.__main__ import main, told
from geoseg.models.mllmseg.parity.checks import Check
from tests.geoseg.models.mllmseg.reference_kit import KIT, needs_kit


def test_one_check_that_fails_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    checks = [Check("m", "case", "mask", difference, 1.0) for difference in (0.5, 2.0)]
    assert told(iter(checks)) == 1
    assert capsys.readouterr().out.endswith("2 checks, 1 failed\n")


def test_no_check_at_all_is_a_failure() -> None:
    assert told(iter(())) == 1


def test_a_folder_without_a_kit_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "is no parity kit" in capsys.readouterr().err


@pytest.mark.shared
@needs_kit
def test_we_answer_as_the_published_code_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(KIT)]) == 0
    out = capsys.readouterr().out
    for variant in ("qwen2", "internlm2", "qwen2_lora", "internlm2_lora"):
        assert f"{variant} " in out
    assert out.endswith(" checks, 0 failed\n")


@pytest.mark.shared
@needs_kit
def test_another_answer_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kit = tmp_path / "kit"
    shutil.copytree(KIT, kit)
    for variant in ("internlm2", "internlm2_lora", "qwen2_lora"):
        shutil.rmtree(kit / "configs" / variant)
    with np.load(kit / "golden/qwen2.npz") as stored:
        golden = dict(stored)
    golden["img0_batch.mask_s4"] = golden["img0_batch.mask_s4"] + np.float32(0.001)
    del golden["img1_res.hidden_before_seg"]
    golden["img1_res.another"] = golden["img1_res.img_llm"]
    np.savez(kit / "golden/qwen2.npz", **golden)
    assert main([str(kit)]) == 1
    failed = [line for line in capsys.readouterr().out.splitlines() if "FAILED" in line]
    assert len(failed) >= 3
    assert any("img0_batch" in line and "mask_s4" in line for line in failed)
    assert any("img1_res" in line and "hidden_before_seg is not there" in line for line in failed)
    assert any("img1_res.another" in line and "was not compared" in line for line in failed)
    assert {line.split()[1].partition(".")[0] for line in failed} == {"img0_batch", "img1_res"}
