"""Two processes that learn together."""

import multiprocessing
import os
import socket
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from geoseg.training.options import TrainOptions
from geoseg.training.pupil import open_pupil
from geoseg.training.ranks import Rank
from geoseg.training.recipe import machine, whole_stage
from tests.geoseg.training.runs import run_options

STEPS = 3

EVERYTHING_BUT_STATISTICS = {
    "language": "all", "vision": True, "projector": True, "embeddings": True, "statistics": False,
}  # fmt: skip

Learned = tuple[list[dict[str, float]], dict[str, torch.Tensor]]


def learned(options: TrainOptions) -> Learned:
    """The figures of some steps, and the weights after them."""
    with machine(options) as places:
        stage = whole_stage(open_pupil(options, places), options, places)
        figures = [stage.learner.update(stage.steps.batches(step)) for step in range(STEPS)]
        return figures, {name: part.clone() for name, part in stage.learner.learned.items()}


def one_of_two(number: int, port: int, options: TrainOptions, answer: Connection) -> None:
    os.environ |= {
        "RANK": str(number), "LOCAL_RANK": str(number), "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
    }  # fmt: skip
    figures, weights = learned(options)
    answer.send((figures, {name: part.numpy() for name, part in weights.items()}))


def pair(options: TrainOptions) -> list[Learned]:
    context = multiprocessing.get_context("fork")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lines = [context.Pipe(duplex=False) for _ in range(2)]
    both = [
        context.Process(target=one_of_two, args=(number, port, options, answer))
        for number, (_, answer) in enumerate(lines)
    ]
    for process in both:
        process.start()
    found = [heard.recv() if heard.poll(60) else None for heard, _ in lines]
    for process in both:
        process.join(10)
    assert all(found), "a process did not answer"
    return [
        (figures, {name: torch.from_numpy(part) for name, part in weights.items()})
        for figures, weights in found
    ]


def test_two_processes_learn_what_one_with_twice_the_chips_does(tmp_path: Path) -> None:
    sizes = {"steps": 4, "learning_rate": 0.001, "warm_up": 1}
    alone, shared = (
        run_options(tmp_path, whole={**sizes, "batch": batch}, parts=EVERYTHING_BUT_STATISTICS)
        for batch in (4, 2)
    )
    (figures, weights), (other_figures, other_weights) = pair(shared)
    assert figures == other_figures
    for name, part in weights.items():
        assert torch.equal(part, other_weights[name]), name
    expected, _ = learned(alone)
    for mine, theirs in zip(figures, expected, strict=True):
        for kind in ("decision", "focal", "dice"):
            assert abs(mine[kind] - theirs[kind]) < 1e-4


def test_a_process_alone_is_the_first() -> None:
    assert Rank.of({}) == Rank()
    assert Rank().first
    assert not Rank(1, 2, 1).first
