"""Libraries that only training needs, and that not every installation has."""

import importlib
from types import ModuleType

from geoseg.errors import OptionsError


def optional(library: str, *, wanted_for: str) -> ModuleType:
    """A library of the extra `train`."""
    try:
        return importlib.import_module(library)
    except ImportError as error:
        raise OptionsError(
            f"{wanted_for} needs {library.partition('.')[0]}, which is not installed; install "
            "geoseg[train]"
        ) from error
