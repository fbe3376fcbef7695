import re

import numpy as np

from geoseg.training.scenes import SceneObject
from tests.geoseg.training.language.said import all_said, chip

TANK = SceneObject("storage tank", "white", "tank")


def test_the_largest_and_the_smallest_are_so_by_pixels() -> None:
    made = chip(
        80, (TANK, np.s_[10:30, 10:30]), (TANK, np.s_[50:56, 50:56]), (TANK, np.s_[40:50, 5:15])
    )
    said = [p for p in all_said(*made, "size") if re.search("largest|biggest|smallest", p.text)]
    assert said
    for phrase in said:
        assert phrase.mask[52, 52] == ("smallest" in phrase.text)
        assert phrase.mask[20, 20] == ("smallest" not in phrase.text)
        assert phrase.mask.sum() in (36, 400)


def test_about_equal_ones_have_no_largest() -> None:
    made = chip(80, (TANK, np.s_[10:30, 10:30]), (TANK, np.s_[50:70, 50:71]))
    assert all_said(*made, "size") == []


def test_a_piece_at_the_edge_is_not_called_small() -> None:
    made = chip(80, (TANK, np.s_[10:40, 10:40]), (TANK, np.s_[0:6, 60:66]))
    assert not any(re.search("small|little", p.text) for p in all_said(*made, "size"))


def test_large_and_small_ones_are_told_apart_only_across_a_wide_gap() -> None:
    apart = chip(80, (TANK, np.s_[10:30, 10:30]), (TANK, np.s_[10:28, 40:60]),
                 (TANK, np.s_[50:56, 50:56]), (TANK, np.s_[60:66, 20:26]))  # fmt: skip
    said = [
        p for p in all_said(*apart, "size") if re.search(r"\b(large|big|small|little)\b", p.text)
    ]
    assert said
    for phrase in said:
        small = bool(re.search("small|little", phrase.text))
        assert phrase.mask.sum() == (72 if small else 760)
    near = chip(80, (TANK, np.s_[10:30, 10:30]), (TANK, np.s_[40:55, 40:55]))
    assert not any(re.search(r"\b(large|small)\b", p.text) for p in all_said(*near, "size"))


def test_the_longest_is_long_and_need_not_be_the_largest() -> None:
    train = SceneObject("train", "red", "train")
    made = chip(80, (train, np.s_[4:8, 5:75]), (train, np.s_[20:50, 10:30]))
    said = [phrase for phrase in all_said(*made, "size") if "longest" in phrase.text]
    assert said
    assert all(phrase.mask.sum() == 280 for phrase in said)


def test_a_hall_four_times_as_long_as_wide_is_long() -> None:
    hall = SceneObject("building", "grey", "flat")
    made = chip(80, (hall, np.s_[10:18, 10:60]), (hall, np.s_[40:56, 40:58]))
    said = [phrase for phrase in all_said(*made, "size") if re.search("long |elong", phrase.text)]
    assert said
    assert all(phrase.mask.sum() == 400 for phrase in said)


def test_a_hall_cut_off_by_the_edge_may_be_long_or_not() -> None:
    hall = SceneObject("building", "grey", "flat")
    made = chip(80, (hall, np.s_[10:18, 10:60]), (hall, np.s_[40:56, 62:80]))
    assert not any(re.search("long |elong", p.text) for p in all_said(*made, "size"))
