import io

from rich.console import Console

from geoseg.training.progress import SECONDS, Bar, Lines, followed
from geoseg.training.validation import Quality

FIGURES = {"dice": 0.5, "gradient": 3.0, "learning_rate": 0.1}

QUALITY = Quality(0.25, 0.5, 1.0, 0.0)


def test_a_line_is_said_at_the_start_now_and_then_and_at_the_end() -> None:
    said: list[str] = []
    clock = iter([0.0, 1.0, SECONDS + 1.0, SECONDS + 2.0])
    lines = Lines(said.append, lambda: next(clock))
    for step in range(1, 5):
        lines.step("whole", step, 4, FIGURES)
    assert said == [
        "whole 1/4: dice 0.500",
        "whole 3/4, 1 min left: dice 0.500",
        "whole 4/4: dice 0.500",
    ]


def test_quality_is_always_said() -> None:
    said: list[str] = []
    Lines(said.append, lambda: 0.0).quality(20, QUALITY)
    assert said == ["after 20 steps: mean IoU 0.250, presence right 0.500"]


def test_notices_are_told_on_a_bar_and_in_lines() -> None:
    said: list[str] = []
    Lines(said.append, lambda: 0.0).notice("a.tif [2020] has no polygon")
    out = io.StringIO()
    with Bar(Console(file=out, width=120)) as bar:
        bar.notice("a.tif [2020] has no polygon")
    assert said == ["note: a.tif [2020] has no polygon"]
    assert said[0] in out.getvalue()


def test_a_bar_tells_figures_and_quality() -> None:
    out = io.StringIO()
    with Bar(Console(file=out, force_terminal=True, width=120)) as bar:
        bar.step("tower", 1, 2, FIGURES)
        bar.quality(2, QUALITY)
        bar.step("whole", 3, 4, FIGURES)
    assert "dice 0.500" in out.getvalue()
    assert "mean IoU 0.250" in out.getvalue()


def test_figures_shown_follow_slowly_and_leave_out_what_is_for_the_log() -> None:
    shown = followed(followed({}, FIGURES), {**FIGURES, "dice": 0.0})
    assert set(shown) == {"dice"}
    assert 0.4 < shown["dice"] < 0.5
