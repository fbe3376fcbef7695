"""Data sets to train and measure on."""

from geoseg.training.data.check import check as check
from geoseg.training.data.samples import Asked as Asked
from geoseg.training.data.samples import Sample as Sample
from geoseg.training.data.samples import Source as Source
from geoseg.training.data.sources import SOURCES as SOURCES
from geoseg.training.data.sources import open_source as open_source
