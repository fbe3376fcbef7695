import geopandas as gpd
import numpy as np
from rasterio.transform import from_origin
from shapely.geometry import box

from geoseg.picture import drawn

TRANSFORM = from_origin(1000, 2000, 0.5, 0.5)


def test_polygons_are_drawn_where_they_lie_and_holes_stay_clear() -> None:
    polygon = box(1005, 1985, 1020, 1995).difference(box(1010, 1988, 1014, 1992))
    found = gpd.GeoDataFrame({"query": ["the roofs"]}, geometry=[polygon], crs="EPSG:32636")
    pixels = np.zeros((60, 80, 3), np.uint8)
    picture = np.asarray(drawn(pixels, found, TRANSFORM, ["the roofs"]))
    assert picture.shape[0] > 60
    assert picture.shape[1] == 80
    assert picture[13, 14].any()
    assert not picture[20, 24].any()
    assert not picture[40, 70].any()


def test_a_query_without_a_find_stands_in_the_legend_all_the_same() -> None:
    empty = gpd.GeoDataFrame({"query": []}, geometry=[], crs="EPSG:32636")
    pixels = np.zeros((60, 80, 3), np.uint8)
    one = drawn(pixels, empty, TRANSFORM, ["a"])
    two = drawn(pixels, empty, TRANSFORM, ["a", "b"])
    assert two.height > one.height > 60
