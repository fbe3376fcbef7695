import pytest

import geoseg.errors
import tiles.errors


@pytest.mark.parametrize("module", [geoseg.errors, tiles.errors])
def test_every_error_belongs_to_one_tree_that_its_page_draws(module: object) -> None:
    errors = [thing for thing in vars(module).values() if isinstance(thing, type)]
    root = next(error for error in errors if error.__base__ is Exception)
    assert all(issubclass(error, root) for error in errors)
    assert all(error.__name__ in str(module.__doc__) for error in errors)


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (geoseg.errors.QueryError, ValueError),
        (geoseg.errors.OptionsError, ValueError),
        (geoseg.errors.CheckpointError, ValueError),
        (geoseg.errors.ChipError, RuntimeError),
        (tiles.errors.GridError, ValueError),
        (tiles.errors.SourceError, OSError),
        (tiles.errors.OutputError, OSError),
    ],
)
def test_errors_are_also_what_a_caller_would_expect(
    error: type[Exception], builtin: type[Exception]
) -> None:
    assert issubclass(error, builtin)
    assert str(error("the message")) == "the message"
