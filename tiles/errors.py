"""Everything that `tiles` raises on purpose.

::

    TilesError
    ├── GridError            (also ValueError)  the chip layout asked for cannot exist
    ├── SourceError          (also OSError)     the raster cannot be opened or read
    ├── BandsError           (also ValueError)  the bands asked for are not there or cannot be shown
    ├── GeoreferenceError    (also ValueError)  a CRS is needed, or the one given makes no sense
    └── OutputError          (also OSError)     an output cannot be written
"""


class TilesError(Exception):
    """Base of every error raised on purpose by `tiles`."""


class GridError(TilesError, ValueError):
    """The chip layout asked for cannot exist."""


class SourceError(TilesError, OSError):
    """The raster cannot be opened or read."""


class BandsError(TilesError, ValueError):
    """The bands asked for are not there or cannot be shown."""


class GeoreferenceError(TilesError, ValueError):
    """A CRS is needed and missing, or the one given makes no sense."""


class OutputError(TilesError, OSError):
    """An output cannot be written."""
