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
from gridmap.coverage.depth import DEPTHS
from gridmap.service.camera_changes import Saved, tag
from gridmap.service.camera_edits import SeenByOne, WouldBe
from gridmap.service.camera_shares import Coverage, Exact
from gridmap.store.schema import SRID

#: Decimals of a degree that are sent: about a centimetre.
_DECIMALS = 7

#: Rows of one list in an answer, the worst first: blind stretches, losses, places.
MOST_LISTED = 100


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


def coverage(found: Coverage, *, band: str | None) -> dict[str, Any]:
    """Return how much is seen, to one who may see cameras or not.

    Parameters
    ----------
    found
        Shares of an area and its children; ``exact`` where blind streets, places and losses are told as well: from
        them it can be worked out where cameras stand.
    band
        The only band that is told; None: all.
    """
    shares = _of_band(found.shares, band)
    by_area = dict(list(shares.groupby("code", sort=False)))
    depths = dict(zip(found.depth["code"], _depths(found.depth), strict=True))
    areas = [
        {
            **row,
            "shares": rows(by_area[row["code"]].drop(columns="code")) if row["code"] in by_area else [],
            "depth": depths[row["code"]],
        }
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
        "places": _places(found),
        "blind": None if found.exact is None else _listed(found.exact.blind, "streets"),
        "losses": None if found.exact is None else _losses(found.exact),
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


def _depths(table: pd.DataFrame) -> Iterator[list[dict[str, Any]]]:
    """Of each area, the metres of street that at least so many cameras see, and their share of all."""
    for row in rows(table):
        whole = row["length_m"]
        seen = ((number, row[f"seen_{number}_m"]) for number in DEPTHS)
        yield [{"cameras": number, "seen": m, "share": m / whole if whole else None} for number, m in seen]


def _places(found: Coverage) -> dict[str, Any]:
    """How many places at least so many cameras see; and which, to one who may see cameras."""
    number = found.places["cameras"]
    by = [{"cameras": least, "places": int((number >= least).sum())} for least in DEPTHS]
    listed = {} if found.exact is None else _listed(found.places, "places")
    return {"of": len(number), "depth": by, **listed}


def _losses(exact: Exact) -> dict[str, Any]:
    """What is lost with each camera, and with all cameras on a street."""
    return {"cameras": _listed(exact.lost_cameras, "cameras"), "streets": _listed(exact.lost_streets, "streets")}


def _listed(table: pd.DataFrame, name: str) -> dict[str, Any]:
    """The first rows of a table, and of how many."""
    shown = table.iloc[:MOST_LISTED]
    return {"numberMatched": len(table), "numberReturned": len(shown), name: rows(shown)}


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
