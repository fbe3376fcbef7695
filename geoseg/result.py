"""What a run gives back."""

from dataclasses import asdict, dataclass, field
from typing import Any

import geopandas as gpd
import xarray as xr


@dataclass(frozen=True, slots=True)
class QueryReport:
    """What was found for one query."""

    query: str
    """The phrase."""
    objects: int
    """Polygons."""
    area_m2: float | None
    """Their area together; None where the scene has no CRS."""
    chips_with_it: int
    """Chips whose presence reached the threshold."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What happened in a run."""

    scene: str
    model: str
    version: str
    """Of geoseg."""
    height: int
    """Rows of the scene, as it was read."""
    width: int
    """Columns of the scene, as it was read."""
    chips: int
    """Chips of the scene."""
    asked: int
    """Chips the model answered."""
    skipped: int
    """Chips without any valid pixel, which never reached the model."""
    failed: int
    """Chips lost; more than 0 only with `keep_going`."""
    seconds: float
    queries: tuple[QueryReport, ...]
    outputs: tuple[str, ...] = ()
    """The files written."""
    failures: tuple[str, ...] = ()
    """Where chips were lost, and why."""
    notices: tuple[str, ...] = ()
    """What the user should know about how the scene was read or the query understood."""
    options: dict[str, Any] = field(default_factory=dict)
    """Every setting of the run."""

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class SceneResult:
    """The answer for a whole scene."""

    polygons: gpd.GeoDataFrame
    """One row per object: id, query, score, area_m2, geometry, in the scene's CRS.

    `score` is the mean score of the object's pixels. `area_m2` is NaN where there is no CRS.
    """

    mask: xr.DataArray | None
    """(query, y, x) uint8: 1 object, 0 not, 255 no data. None without `run.keep_rasters`."""

    scores: xr.DataArray | None
    """(query, y, x) float32, 0..1; NaN where there is no data. None without `run.keep_rasters`."""

    report: RunReport
    """What happened."""
