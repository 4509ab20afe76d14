"""Squares of 100 m, a and b in a row and c above b, whose edits can be worked out on paper; all in metres."""

from __future__ import annotations

import geopandas as gpd
import shapely

from gridmap import crs

X, Y = 500_000, 3_500_000


def spot(x, y):
    return (X + x, Y + y)


def ring(text):
    """Points of ``0,0 100,0 ...``, from the corner of a."""
    return [spot(*map(float, pair.split(","))) for pair in text.split()]


def areas(*, parents="PPP", epsg=4549, **rings):
    shapes = [shapely.Polygon(ring(text)) for text in rings.values()]
    return gpd.GeoDataFrame({"code": list(rings), "parent": list(parents)[: len(rings)]}, geometry=shapes, crs=epsg)


A = "0,0 100,0 100,100 0,100"
B = "100,0 200,0 200,100 100,100"
C = "100,100 200,100 200,200 100,200"
#: as A and B, with a vertex at 100,50 on their border
A5 = "0,0 100,0 100,50 100,100 0,100"
B5 = "100,0 200,0 200,100 100,100 100,50"


def size(table):
    """Square metres by code."""
    return dict(zip(table["code"], table.area.round(6), strict=True))


def points(table, code):
    """Vertices of an area, from the corner of a."""
    shape = table.loc[table["code"] == code].geometry.iloc[0]
    return {(round(x - X, 6), round(y - Y, 6)) for x, y in shapely.get_coordinates(shape).tolist()}


def whole(table):
    """Whether areas share their borders exactly, valid and each in one part."""
    shapes = table.geometry.to_numpy()
    single = (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all()
    return bool(shapely.coverage_is_valid(shapes) and shapely.is_valid(shapes).all() and single)


def degrees(table):
    return crs.to_record(table)


#: one edit of each sort, of A5 and B5
EDITS = {
    "move": {"op": "move_vertex", "at": spot(100, 50), "to": spot(110, 50)},
    "drag": {"op": "insert_vertex", "at": spot(100, 25), "to": spot(110, 25)},
    "merge": {"op": "merge", "codes": ["a", "b"]},
    "give": {"op": "give", "ground": [ring("80,20 100,20 100,60 80,60")], "to": "b"},
    "redraw": {"op": "redraw_border", "one": "a", "other": "b", "line": ring("100,0 130,50 100,100")},
}
