from dataclasses import replace

import numpy as np

from geoseg.training.land.dates import CHANGES, last_use, standing_at, there
from geoseg.training.land.thing import Thing, rectangle


def things(count: int, concept: str = "building") -> list[tuple[int, Thing]]:
    centre = np.zeros(2)
    made = Thing(
        concept=concept, kind="flat", layer="building", colour="red",
        rgb=np.full(3, 90, np.float32), outline=rectangle(centre, (2.0, 2.0), 0.0), centre=centre,
    )  # fmt: skip
    return [(number, made) for number in range(1, count + 1)]


def test_most_things_stand_at_both_dates_and_some_come_and_go() -> None:
    first, second = ({n for n, _ in standing_at(1, date, things(2000))} for date in (0, 1))
    share = CHANGES["building"]
    assert 0.5 * share < len(first - second) / 2000 < 1.5 * share
    assert 0.5 * share < len(second - first) / 2000 < 1.5 * share
    assert len(first & second) > 1600


def test_the_same_date_is_always_the_same() -> None:
    assert [n for n, _ in standing_at(1, 1, things(300))] == [
        n for n, _ in standing_at(1, 1, things(300))
    ]
    assert there(3, 7, "car", 1) == there(3, 7, "car", 1)


def test_some_roofs_get_another_colour_and_keep_it() -> None:
    colours = [
        {number: thing.colour for number, thing in standing_at(2, date, things(1500))}
        for date in (0, 1, 2)
    ]
    assert set(colours[0].values()) == {"red"}
    repainted = {n for n, colour in colours[1].items() if colour != "red"}
    assert 20 < len(repainted) < 150
    kept = [n for n in repainted & colours[2].keys() if colours[2][n] == colours[1][n]]
    assert len(kept) > 0.7 * len(repainted & colours[2].keys())


def test_what_stands_on_a_roof_comes_and_goes_with_it() -> None:
    roof = things(1)[0][1]
    panel = replace(roof, concept="solar panel", layer="roof", kind="panels")
    for number in range(200):
        both = [(2 * number, roof), (2 * number + 1, panel)]
        layers = [thing.layer for _, thing in standing_at(5, 0, both)]
        assert layers in ([], ["building", "roof"])


def test_few_blocks_get_a_new_use_and_none_before_the_first_date() -> None:
    assert not any(last_use(1, (row, 3, 0), 0) for row in range(200))
    used = [last_use(1, (row, 3, 0), 1) for row in range(1000)]
    assert 0.02 < np.mean(used) < 0.09


def test_a_density_keeps_its_share_of_things_and_all_of_the_ground() -> None:
    few, more = ({n for n, _ in standing_at(1, 0, things(1000), density=d)} for d in (0.4, 0.7))
    assert 0.3 < len(few) / 1000 < 0.45
    assert few <= more
    assert len(list(standing_at(1, 0, things(50, "grass"), density=0.4))) == 50
