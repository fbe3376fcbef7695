"""Everything that `geoseg` raises on purpose.

::

    GeosegError
    ├── QueryError           (also ValueError)    the phrase cannot be asked
    ├── OptionsError         (also ValueError)    a setting is unknown or out of its limits
    ├── ModelError           (also ValueError)    the model asked for cannot be had
    │   └── CheckpointError                       its files are missing, damaged or of another kind
    ├── DataError            (also ValueError)    a data set is missing, broken or wrongly described
    ├── DivergedError        (also RuntimeError)  a loss in training is not a number any more
    └── ChipError            (also RuntimeError)  a chip could not be read or answered

Errors about rasters, chips and files derive from `tiles.errors.TilesError`.
"""


class GeosegError(Exception):
    """Base of every error raised on purpose by `geoseg`."""


class QueryError(GeosegError, ValueError):
    """The phrase cannot be asked."""


class OptionsError(GeosegError, ValueError):
    """A setting is unknown or out of its limits."""


class ModelError(GeosegError, ValueError):
    """The model asked for cannot be had."""


class CheckpointError(ModelError):
    """The model's files are missing, damaged or of another kind."""


class DataError(GeosegError, ValueError):
    """A data set is missing, broken or wrongly described."""


class DivergedError(GeosegError, RuntimeError):
    """What training was to make smaller is not a number any more."""


class ChipError(GeosegError, RuntimeError):
    """A chip could not be read or answered."""
