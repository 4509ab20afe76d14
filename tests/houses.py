"""Houses with every kind of number, the roads and areas that they lie in."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

FRONT = "江苏省南通市崇川区城东街道"
#: Addresses by their ids, below `FRONT`.
HOUSES = {
    **{f"人民{number}": f"人民路{number}号" for number in (5, 7, 9, 13)},
    "附": "人民路5号附3号",
    "甲": "人民路甲5号",
    "之二": "人民路5号之二",
    "5-1": "人民路5-1号",
    "A": "工农路88号A座",
    "平台": "工农路90号",
    "一幢": "学田路9号阳光花园1幢",
    "三幢": "学田路9号阳光花园3幢",
    "廿三幢": "学田路9号阳光花园23幢",
    "十幢": "文峰路2号文峰新村1-10幢",
    "一期": "江海路1号江海嘉园一期3幢",
    "二期": "江海路2号江海嘉园二期3幢",
    "组": "五星村2组7号",
    "弄": "柳营路669弄14号",
    "支弄": "永嘉路578弄2支弄5号",
    "胡同": "史家胡同24号",
    "里": "安定里12号",
    "园区": "七号园区社区兴盛路5号",
}
LON = {"人民5": 120.8025, "人民7": 120.8035, "人民9": 120.8045, "人民13": 120.8065}
#: Metres in a degree of longitude at 32 degrees north: pi / 180 * N cos(lat), N = a / sqrt(1 - e2 sin2(lat)) of GRS 80.
DEGREE_M = 94_492


def plates(texts, at=None, **more):
    """Addresses by id, each at its longitude on the 32nd parallel, or 0.0001 degrees apart."""
    lon = [(at or {}).get(name, 120.81 + place * 1e-4) for place, name in enumerate(texts)]
    table = {"id": list(texts), "text": list(texts.values()), **more}
    return gpd.GeoDataFrame(table, geometry=shapely.points(lon, 32.0), crs=4490)


def divisions(*rows):
    """Areas: code, level, name, parent, west and east."""
    table = pd.DataFrame(rows, columns=["code", "level", "name", "parent", "west", "east"])
    shapes = shapely.box(table.pop("west"), 31.98, table.pop("east"), 32.02)
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4490)


AREAS = divisions(
    ("320613", "district", "崇川区", None, 120.79, 120.85),
    ("320612", "district", "通州区", None, 120.85, 120.90),
    ("320613001", "street", "城东街道", "320613", 120.79, 120.85),
    ("320613001001", "community", "七号园区社区", "320613001", 120.79, 120.85),
)
ROADS = gpd.GeoDataFrame(
    {"id": [1, 2, 3], "name": ["人民路", "工农路", "青年路"]},
    geometry=[
        shapely.LineString([(120.79, 32.0), (120.83, 32.0)]),
        shapely.LineString([(120.82, 31.99), (120.82, 32.01)]),
        shapely.LineString([(120.79, 32.005), (120.81, 32.005)]),
    ],
    crs=4490,
)
FORMER = pd.DataFrame(
    {"name": ["任港街道"], "level": ["street"], "successors": [("320613001",)], "how": ["merged"], "shares": [(1.0,)]}
)


def houses():
    return plates({name: FRONT + text for name, text in HOUSES.items()}, LON)
