"""Gazetteers from lines of text."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.address import Gazetteer, Match

FRONT = "江苏省南通市崇川区城东街道北濠桥社区"
#: A town in which one unit is 0.001 degrees, some 95 m east and 111 m north.
TOWN = f"""
{FRONT}人民路1号 @ 0 0
{FRONT}人民路5号 @ 1 0
{FRONT}人民路9号 @ 2 0
{FRONT}人民路5号阳光花园1幢 @ 1 .3
{FRONT}人民路5号阳光花园3幢 @ 1 .5
{FRONT}人民路5号阳光花园3幢1单元 @ 1 .5
{FRONT}人民路5号阳光花园3幢2单元 @ 1.1 .5
{FRONT}工农路88号文峰苑一期1幢 @ 5 5
{FRONT}工农路90号文峰苑二期2幢 @ 7 5
{FRONT}青年西路7号 @ 9 9
江苏省南通市崇川区天生港镇街道五星村2组7号 @ 20 20
江苏省南通市崇川区天生港镇街道五星村2组9号 @ 21 20
江苏省南通市崇川区天生港镇街道柳营路669弄14号 @ 25 25
江苏省南通市崇川区天生港镇街道海港路5号 @ 30 20
江苏省南通市通州区金沙街道海港路5号 @ 80 20
江苏省南通市通州区金沙街道银杏七号公馆3幢 @ 82 20
"""


def table(text: str) -> pd.DataFrame:
    """Addresses from lines such as ``人民路5号 @ 1 0 #B1``: text, place in thousandths of a degree, building."""
    rows = []
    for number, line in enumerate(text.strip().splitlines()):
        said, _, place = line.partition(" @ ")
        place, _, building = place.partition(" #")
        x, y = map(float, place.split())
        rows.append((f"A{number}", said, round(120.8 + x / 1000, 6), round(32.0 + y / 1000, 6), building or None))
    return pd.DataFrame(rows, columns=["id", "text", "lon", "lat", "building"])


def town(text: str, areas: gpd.GeoDataFrame | None = None, **tables: object) -> Gazetteer:
    """A gazetteer of lines of text."""
    return Gazetteer(table(text), areas, **tables)


def areas() -> gpd.GeoDataFrame:
    """Two districts side by side, the western one with two streets and one community."""
    boxes = {
        ("320602", "崇川区", "district"): (120.7, 31.9, 120.85, 32.1),
        ("320612", "通州区", "district"): (120.85, 31.9, 121.0, 32.1),
        ("320602001", "城东街道", "street"): (120.7, 31.9, 120.815, 32.1),
        ("320602002", "天生港镇街道", "street"): (120.815, 31.9, 120.85, 32.1),
        ("320602001001", "北濠桥社区", "community"): (120.7, 31.9, 120.815, 32.1),
    }
    codes, names, levels = zip(*boxes, strict=True)
    shapes = [shapely.box(*box) for box in boxes.values()]
    return gpd.GeoDataFrame({"code": codes, "name": names, "level": levels}, geometry=shapes, crs=4490)


def said(match: Match) -> tuple[str | None, str | None]:
    return match.level, match.local


def codes(match: Match) -> list[str]:
    return [note.code for note in match.notes]
