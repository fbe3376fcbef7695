"""Everything that puts masks, scores and polygons into files."""

from tiles.gdal_cache import limited_cache as limited_cache
from tiles.lonlat import check_lonlat as check_lonlat
from tiles.outputs import FORMATS as FORMATS
from tiles.outputs import Format as Format
from tiles.outputs import check_outputs as check_outputs
from tiles.outputs import format_of as format_of
from tiles.outputs import same_file as same_file
from tiles.outputs import whole_or_nothing as whole_or_nothing
from tiles.rasters import MASK as MASK
from tiles.rasters import SCORES as SCORES
from tiles.rasters import Content as Content
from tiles.rasters import Scratch as Scratch
from tiles.rasters import open_mask as open_mask
from tiles.rasters import open_scores as open_scores
from tiles.rasters import open_scratch as open_scratch
from tiles.rasters import write_cog as write_cog
from tiles.vectors import LAYER as LAYER
from tiles.vectors import write_polygons as write_polygons
from tiles.vectors import write_style as write_style
