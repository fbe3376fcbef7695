from pathlib import Path

import numpy as np
import torch

from geoseg.training.chips import open_shard, shard_path
from geoseg.training.land.palette import COLOURS
from geoseg.training.tower import CELL, CLASSES, NO_COLOUR, PixelHead, labels, lesson_loss


def test_the_lesson_is_the_truth_of_the_middle_of_each_cell(scenes: Path) -> None:
    chip = open_shard(shard_path(scenes, 0)).cut(0, np.random.default_rng(0), 56)
    classes, colours = labels(chip)
    for row, column in ((0, 0), (7, 20), (27, 13)):
        thing = chip.objects[chip.ids[row * CELL + 1, column * CELL + 1]]
        assert CLASSES[classes[row, column]] == thing.concept
        if thing.colour:
            assert COLOURS[colours[row, column]] == thing.colour
        else:
            assert colours[row, column] == NO_COLOUR


def test_the_head_answers_for_each_cell_where_it_lies() -> None:
    head = PixelHead(8, 14)
    patches = torch.zeros(1, 16, 8)
    patches[0, 6] = 5  # row 1, column 2 of 4 x 4 patches
    classes, colours = head(patches)
    assert classes.shape == (1, len(CLASSES), 28, 28)
    assert colours.shape == (1, len(COLOURS), 28, 28)
    changed = (classes[0, 0] - head(torch.zeros(1, 16, 8))[0][0, 0]).abs() > 0
    assert changed[7:14, 14:21].all()
    assert changed.sum() == 49


def test_a_perfect_lesson_costs_nothing(scenes: Path) -> None:
    chip = open_shard(shard_path(scenes, 0)).cut(1, np.random.default_rng(0), 56)
    truth = (torch.from_numpy(labels(chip)[0][None]), torch.from_numpy(labels(chip)[1][None]))
    classes = 50 * torch.nn.functional.one_hot(truth[0], len(CLASSES)).permute(0, 3, 1, 2).float()
    known = truth[1].clamp(min=0)
    colours = 50 * torch.nn.functional.one_hot(known, len(COLOURS)).permute(0, 3, 1, 2).float()
    assert lesson_loss((classes, colours), truth).item() < 1e-6
