from pathlib import Path

from geoseg.training.data_options import NamedData
from geoseg.training.page import page
from geoseg.training.validation import Quality
from tests.geoseg.training.runs import run_options


def test_a_page_says_from_what_and_on_what_it_learned(tmp_path: Path) -> None:
    options = run_options(tmp_path, model="geoseg-tiny", parts={"lora": {"rank": 5}})
    quality = Quality(0.25, 0.5, 1.0, 0.0)
    text = page(
        options, origin="geoseg-tiny", world=2, parts=["decoder", "language"], quality=quality
    )
    assert "Fine-tuned from `geoseg-tiny`." in text
    assert "4 updates of 4 chips of an own layer" in text
    assert "Learned parts: decoder, language model (LoRA of rank 5)." in text
    assert "mean IoU 0.250" in text


def test_a_page_does_not_say_where_data_lies(tmp_path: Path) -> None:
    data = NamedData(train=("rrsisd:/home/somebody/data?split=train", "refsegrs:/secret"))
    options = run_options(tmp_path).model_copy(update={"data": data})
    text = page(options, origin="", world=1, parts=[], quality=None)
    assert "rrsisd, refsegrs" in text
    assert "somebody" not in text
    assert "secret" not in text
    assert "Trained from nothing." in text
