"""Pickled lists read without running what they say."""

import io
import pickle
from pathlib import Path
from typing import NoReturn

from geoseg.errors import DataError
from geoseg.training.data.folders import existing_file


class PlainUnpickler(pickle.Unpickler):
    """Admits numbers, text, lists, tuples and dicts, which need no name to be looked up."""

    def find_class(self, module: str, name: str, /) -> NoReturn:
        """Refuse: a name is where a pickle starts to run code."""
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")

    def persistent_load(self, pid: object, /) -> NoReturn:
        """Refuse: nothing outside the file is needed."""
        raise pickle.UnpicklingError(f"it asks for {pid!r} from elsewhere")


def open_plain_pickle(path: Path, means: str) -> object:
    """What is pickled in a file, made of plain containers, numbers and text only.

    A pickle that asks for anything else, as those must that run code, raises.
    """
    content = existing_file(path, means).read_bytes()
    try:
        return PlainUnpickler(io.BytesIO(content), encoding="utf-8").load()
    except pickle.UnpicklingError as error:
        raise DataError(
            f"{means} '{path}' was not read: {error}; only plain lists, text and numbers are "
            "taken from pickles, because others can run code. Take the file from its publisher"
        ) from error
    # a damaged pickle fails in many ways
    except (EOFError, ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        raise DataError(f"{means} '{path}' is damaged: {error!r}; copy it again") from error
