"""Ask a satellite or aerial scene of any size in plain words; get masks and polygons."""

from geoseg.options import RunOptions
from geoseg.pipeline import segment
from geoseg.query import Query
from geoseg.result import SceneResult
from geoseg.segmenter import ChipAnswer, ChipSegmenter, load_segmenter
from geoseg.version import __version__

__all__ = [
    "ChipAnswer",
    "ChipSegmenter",
    "Query",
    "RunOptions",
    "SceneResult",
    "__version__",
    "load_segmenter",
    "segment",
]
