"""Two processes that learn together."""

import csv
import math
import multiprocessing
import os
import socket
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from geoseg.errors import OptionsError
from geoseg.training.finish import FINISHED
from geoseg.training.options import TrainOptions
from geoseg.training.origin import open_origin
from geoseg.training.pupil import open_pupil
from geoseg.training.ranks import Rank
from geoseg.training.recipe import machine, train, whole_stage
from tests.geoseg.training.runs import Heard, run_options

STEPS = 3

EVERYTHING_BUT_STATISTICS = {
    "language": "all", "vision": True, "projector": True, "embeddings": True, "statistics": False,
}  # fmt: skip

PATIENCE = 120.0
"""Seconds until a process that does not answer is given up."""

APART = 1e-3
"""How far two trainings may end apart, in lengths of the way from the start: the same sums of
float32 in another order, which the steps make larger. Measured: 1e-5."""

Learned = tuple[list[dict[str, float]], dict[str, NDArray[np.generic]]]

Went = tuple[list[tuple[str, int]], list[int], bool]

Found = TypeVar("Found")


def learned(options: TrainOptions) -> Learned:
    """The figures of some steps, and the weights after them."""
    with machine(options) as places:
        stage = whole_stage(open_pupil(options, places), options, places)
        figures = [stage.learner.update(stage.steps.batches(step)) for step in range(STEPS)]
        return figures, {name: part.numpy() for name, part in stage.learner.learned.items()}


def trained(options: TrainOptions) -> Went:
    """The steps that were heard of, those after which was measured, and if there is an outcome."""
    heard = Heard()
    outcome = train(options, heard)
    return heard.steps, heard.measured, outcome is not None


def one_of_two(number: int, port: int, act: Callable[[], Found], answer: Connection) -> None:
    os.environ |= {
        "RANK": str(number), "LOCAL_RANK": str(number), "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
    }  # fmt: skip
    answer.send(act())


def pair(act: Callable[[], Found]) -> list[Found]:
    """What each of two processes found that did the same together."""
    context = multiprocessing.get_context("fork")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lines = [context.Pipe(duplex=False) for _ in range(2)]
    both = [
        context.Process(target=one_of_two, args=(number, port, act, answer))
        for number, (_, answer) in enumerate(lines)
    ]
    for process in both:
        process.start()
    try:
        assert all(heard.poll(PATIENCE) for heard, _ in lines), "a process did not answer"
        return [heard.recv() for heard, _ in lines]
    finally:
        for process in both:
            process.join(10)
            process.kill()


def test_two_processes_learn_what_one_with_twice_the_chips_does(tmp_path: Path) -> None:
    sizes = {"steps": 4, "learning_rate": 0.001, "warm_up": 1}
    alone, shared = (
        run_options(tmp_path, whole={**sizes, "batch": batch}, parts=EVERYTHING_BUT_STATISTICS)
        for batch in (4, 2)
    )
    (figures, weights), (other_figures, other_weights) = pair(lambda: learned(shared))
    assert figures == other_figures
    for name, part in weights.items():
        assert np.array_equal(part, other_weights[name]), name
    expected, _ = learned(alone)
    for mine, theirs in zip(figures, expected, strict=True):
        for kind in ("decision", "focal", "dice"):
            assert abs(mine[kind] - theirs[kind]) < 1e-4
        assert mine["gradient"] == pytest.approx(theirs["gradient"], rel=1e-3)


@pytest.fixture
def fours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of four scenes, as those of the folder made for tests are."""
    monkeypatch.setattr("geoseg.training.rendered.SHARD", 4)


def rendered_run(folder: Path, scenes: Path, *, batch: int, **changes: object) -> TrainOptions:
    """A new model on rendered scenes."""
    folder.mkdir()
    return run_options(
        folder,
        data={"scenes": str(scenes), "shards": 2, "validation": "rendered:count=2&chip=56"},
        whole={"steps": STEPS, "batch": batch, "learning_rate": 0.001, "warm_up": 1},
        parts=EVERYTHING_BUT_STATISTICS,
        export="float32",
        **changes,
    )


def ended(options: TrainOptions) -> dict[str, torch.Tensor]:
    """The weights of the checkpoint that a run ended with."""
    return load_file(options.run / "model" / "model.safetensors")


def length(tensors: Iterable[torch.Tensor]) -> float:
    return math.sqrt(sum(float(tensor.double().square().sum()) for tensor in tensors))


@pytest.mark.usefixtures("fours")
def test_a_run_of_two_processes_ends_in_the_checkpoint_of_one_with_twice_the_chips(
    scenes: Path, tmp_path: Path
) -> None:
    losses = {"pixel": 1, "absent": 0.25}
    shared = rendered_run(tmp_path / "shared", scenes, batch=2, losses=losses)
    alone = rendered_run(tmp_path / "alone", scenes, batch=4, losses=losses)
    pair(lambda: trained(shared))
    trained(alone)
    one, two = ended(alone), ended(shared)
    start = open_origin(alone, torch.device("cpu")).model.state_dict()
    assert set(one) == set(two) == set(start)
    way = length(one[name] - start[name] for name in one)
    assert length(one[name] - two[name] for name in one) < APART * way
    (shared.run / FINISHED).unlink()  # a finished run is left alone, however many processes ask
    with pytest.raises(OptionsError, match=r"other settings: processes was"):
        trained(shared)


@pytest.mark.usefixtures("fours")
def test_of_two_processes_the_first_alone_tells_measures_and_writes(
    scenes: Path, tmp_path: Path
) -> None:
    options = rendered_run(
        tmp_path / "run",
        scenes,
        batch=2,
        tower={"steps": 2, "batch": 2, "learning_rate": 0.001, "warm_up": 1},
        losses={"tower": 0.5},
    )
    first, second = pair(lambda: trained(options))
    whole = [("whole", step + 1) for step in range(STEPS)]
    assert first == ([("tower", 1), ("tower", 2), *whole], [0, STEPS], True)
    assert second == ([], [], False)
    for table, steps in (("tower", 2), ("whole", STEPS)):
        with (options.run / f"{table}.csv").open(encoding="utf-8") as file:
            assert [row["step"] for row in csv.DictReader(file)] == list("123")[:steps]
    assert f"{STEPS} updates of 4 chips" in (options.run / "model/README.md").read_text("utf-8")


def test_a_process_alone_is_the_first() -> None:
    assert Rank.of({}) == Rank()
    assert Rank().first
    assert not Rank(1, 2, 1).first
