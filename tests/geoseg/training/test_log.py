import csv
from pathlib import Path

from geoseg.training.log import EVENTS, Log

FIGURES = {"dice": 0.1 + 0.2, "decision": 1.5}


def rows(folder: Path) -> list[list[str]]:
    with (folder / "whole.csv").open(encoding="utf-8") as file:
        return list(csv.reader(file))


def written(folder: Path, steps: range, *, after: int) -> None:
    log = Log(folder, "whole", step=after, tensorboard=False)
    for step in steps:
        log.add(step, FIGURES)
    log.close()


def test_numbers_keep_all_their_digits(tmp_path: Path) -> None:
    written(tmp_path, range(1, 2), after=0)
    assert rows(tmp_path) == [["step", "dice", "decision"], ["1", "0.30000000000000004", "1.5"]]


def test_steps_that_are_done_again_are_there_once(tmp_path: Path) -> None:
    written(tmp_path, range(1, 8), after=0)
    written(tmp_path, range(6, 10), after=5)
    assert [row[0] for row in rows(tmp_path)[1:]] == [str(step) for step in range(1, 10)]


def test_a_row_that_was_not_finished_is_taken_out(tmp_path: Path) -> None:
    written(tmp_path, range(1, 4), after=0)
    with (tmp_path / "whole.csv").open("a", encoding="utf-8") as file:
        file.write("4,0.2")
    written(tmp_path, range(4, 5), after=3)
    assert [row[0] for row in rows(tmp_path)[1:]] == ["1", "2", "3", "4"]


def test_a_run_that_begins_anew_begins_a_new_table(tmp_path: Path) -> None:
    written(tmp_path, range(3), after=0)
    written(tmp_path, range(1), after=0)
    assert [row[0] for row in rows(tmp_path)[1:]] == ["0"]


def test_tensorboard_finds_events(tmp_path: Path) -> None:
    log = Log(tmp_path, "whole", step=0, tensorboard=True)
    log.add(1, FIGURES)
    log.close()
    (events,) = (tmp_path / EVENTS / "whole").iterdir()
    assert b"whole/dice" in events.read_bytes()
