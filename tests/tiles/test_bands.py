import pytest

from tiles.bands import chosen_bands
from tiles.errors import BandsError


def test_the_colours_are_found_wherever_they_are() -> None:
    choice = chosen_bands(None, ("nir", "blue", "green", "red"))
    assert choice.bands == (4, 3, 2)
    assert choice.notices == ()


def test_without_named_colours_the_first_three_are_taken_with_a_notice() -> None:
    choice = chosen_bands(None, ("gray", "undefined", "undefined", "undefined"))
    assert choice.bands == (1, 2, 3)
    assert "1, 2, 3 taken as red, green and blue" in choice.notices[0]


def test_two_bands_are_shown_by_the_first_with_a_notice() -> None:
    choice = chosen_bands(None, ("gray", "undefined"))
    assert choice.bands == (1,)
    assert "1 taken as grey" in choice.notices[0]


@pytest.mark.parametrize("roles", [("gray",), ("palette",), ("undefined",), ("gray", "alpha")])
def test_a_single_band_needs_no_notice(roles: tuple[str, ...]) -> None:
    choice = chosen_bands(None, roles)
    assert choice.bands == (1,)
    assert choice.notices == ()


def test_alpha_is_no_colour_even_if_it_comes_first() -> None:
    roles = ("alpha", "undefined", "undefined", "undefined")
    assert chosen_bands(None, roles).bands == (2, 3, 4)


def test_bands_asked_for_are_taken_in_their_order() -> None:
    assert chosen_bands([5, 3, 2], ("undefined",) * 8).bands == (5, 3, 2)


def test_alpha_can_be_asked_for_by_number() -> None:
    assert chosen_bands([2], ("gray", "alpha")).bands == (2,)


@pytest.mark.parametrize("wanted", [[0], [4], [-1], [1, 2, 9]])
def test_bands_that_are_not_there_are_refused_by_number(wanted: list[int]) -> None:
    with pytest.raises(BandsError, match=f"bands 1 to 3, but {wanted[-1]} was asked for"):
        chosen_bands(wanted, ("red", "green", "blue"))


def test_an_empty_list_of_bands_is_refused() -> None:
    with pytest.raises(BandsError, match="name at least one"):
        chosen_bands([], ("red", "green", "blue"))


def test_a_raster_of_alpha_only_is_refused() -> None:
    with pytest.raises(BandsError, match="only an alpha band"):
        chosen_bands(None, ("alpha",))
