"""What is answered about cameras: shares of areas for everybody, positions and seen ground as GeoJSON for operators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely

from gridmap import crs
from gridmap.service.camera_changes import Saved, tag
from gridmap.service.camera_edits import SeenByOne, WouldBe
from gridmap.service.camera_shares import Coverage
from gridmap.store.schema import SRID

#: Decimals of a degree that are sent: about a centimetre.
_DECIMALS = 7

#: Blind stretches in one answer, the worst first.
MOST_BLIND = 100


def headers(version: int, on: date, *, whole: bool) -> dict[str, str]:
    """Return the headers of shares: a client may keep them, and ask whether their version still stands.

    Parameters
    ----------
    version
        Revision of the record.
    on
        The day.
    whole
        Whether the answer is for one who may see cameras: another answer, so another tag.
    """
    tagged = f'"{version}.{on}.{"whole" if whole else "shares"}"'
    return {**unkept(version), "ETag": tagged, "Cache-Control": "private, no-cache", "Vary": "Authorization"}


def unkept(version: int) -> dict[str, str]:
    """Return the headers of positions: what lies between keeps nothing of them."""
    return {"X-Gridmap-Version": str(version), "Cache-Control": "no-store"}


def dumped(said: Any) -> bytes:
    """Return a value as JSON; what is not a number comes as null."""
    return orjson.dumps(said, option=orjson.OPT_SERIALIZE_NUMPY)


def coverage(found: Coverage, *, band: str | None, whole: bool) -> dict[str, Any]:
    """Return how much is seen, to one who may see cameras or not.

    Parameters
    ----------
    found
        Shares of an area and its children.
    band
        The only band that is told; None: all.
    whole
        Whether blind streets are told as well: from them it can be worked out where cameras stand.
    """
    shares = _of_band(found.shares, band)
    by_area = dict(list(shares.groupby("code", sort=False)))
    areas = [
        {**row, "shares": rows(by_area[row["code"]].drop(columns="code")) if row["code"] in by_area else []}
        for row in rows(found.areas)
    ]
    return {
        "version": found.version,
        "on": found.on,
        "area": found.areas["code"].iloc[0],
        "profile": found.profile,
        "cameras": found.counts,
        "assumed": rows(found.assumed),
        "areas": areas,
        "rates": rows(found.rates),
        "blind": _blind(found.blind) if whole else None,
        "compare": _compared(found, band),
    }


def would_be(found: WouldBe) -> dict[str, Any]:
    """Return what would be seen."""
    return {
        "version": found.version,
        "on": found.on,
        "cameras": rows(found.cameras),
        "viewsheds": {"type": "FeatureCollection", "features": _fragments(found.viewsheds)},
        "shares": rows(found.shares),
        "streets": rows(found.streets),
        "assumed": rows(found.assumed),
        "refused": rows(found.refused),
    }


def seen_by(found: SeenByOne, on: date) -> dict[str, Any]:
    """Return a camera and what it sees."""
    (camera,) = _cameras(found.camera)
    return {
        "version": found.version,
        "on": on,
        "camera": orjson.Fragment(camera),
        "viewsheds": {"type": "FeatureCollection", "features": _fragments(found.viewsheds)},
        "assumed": rows(found.assumed),
        "refused": rows(found.refused),
    }


def collection(cameras: gpd.GeoDataFrame, version: int, on: date) -> bytes:
    """Return cameras as a FeatureCollection, encoded."""
    said = {"type": "FeatureCollection", "numberMatched": len(cameras), "numberReturned": len(cameras)}
    head = orjson.dumps({**said, "version": version, "on": on})[:-1]
    return head + b',"features":[' + b",".join(_cameras(cameras)) + b"]}"


def saved(found: Saved, on: date) -> bytes:
    """Return a camera as the record holds it now, encoded."""
    (camera,) = _cameras(found.camera)
    return camera[:-1] + b"," + orjson.dumps({"version": found.version, "on": on})[1:]


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as objects; a missing cell is null."""
    cells = pd.DataFrame(table).astype(object)
    return cells.where(cells.notna(), None).to_dict("records")  # type: ignore[return-value]


def _of_band(table: pd.DataFrame, band: str | None) -> pd.DataFrame:
    return table if band is None else table[table["band"] == band]


def _blind(blind: pd.DataFrame) -> dict[str, Any]:
    shown = blind.iloc[:MOST_BLIND]
    return {"numberMatched": len(blind), "numberReturned": len(shown), "streets": rows(shown)}


def _compared(found: Coverage, band: str | None) -> dict[str, Any] | None:
    if found.changes is None:
        return None
    return {"from": found.old_on, "to": found.on, "shares": rows(_of_band(found.changes, band))}


def _cameras(cameras: gpd.GeoDataFrame) -> Iterator[bytes]:
    """Each camera as a Feature, with the tag of its state."""
    table = pd.DataFrame(cameras.drop(columns="geometry")).dropna(axis="columns", how="all")
    tags = [tag(cameras.iloc[[row]]) for row in range(len(cameras))]
    points = shapely.to_geojson(cameras.geometry.to_numpy())
    for row, seen, point in zip(rows(table), tags, points, strict=True):
        head = orjson.dumps({"type": "Feature", "id": row["id"], "properties": {**row, "seen": seen}})
        yield head[:-1] + b',"geometry":' + point.encode() + b"}"


def _fragments(table: gpd.GeoDataFrame) -> list[orjson.Fragment]:
    """Polygons in any CRS as features in degrees."""
    degrees = crs.to_record(table) if table.crs is not None and table.crs.to_epsg() != SRID else table
    shapes = shapely.transform(degrees.geometry.to_numpy(), lambda corners: np.round(corners, _DECIMALS))
    return list(_encoded(rows(pd.DataFrame(table.drop(columns=table.geometry.name))), shapely.to_geojson(shapes)))


def _encoded(properties: Iterable[dict[str, Any]], shapes: Iterable[str]) -> Iterator[orjson.Fragment]:
    for row, shape in zip(properties, shapes, strict=True):
        head = orjson.dumps({"type": "Feature", "properties": row}, option=orjson.OPT_SERIALIZE_NUMPY)
        yield orjson.Fragment(head[:-1] + b',"geometry":' + shape.encode() + b"}")
