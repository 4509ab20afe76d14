"""``/api/areas``: the areas in force on a day, as GeoJSON (RFC 7946)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from numpy.typing import NDArray
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gridmap.api import deps
from gridmap.api.answers import GEOJSON, Versioned, is_known, kept_headers, not_modified, squeezed
from gridmap.api.auth import READ
from gridmap.api.deps import Given
from gridmap.api.desk import Call
from gridmap.api.routes import Operation
from gridmap.errors import TooLargeError
from gridmap.territory import Territory

#: Decimals of a degree that are sent: about a centimetre. Equal corners stay equal, so shared borders stay shared.
_DECIMALS = 7

_EXAMPLE = {
    "type": "Feature",
    "id": "320613001001003",
    "properties": {"code": "320613001001003", "name": "第三网格", "level": "grid", "parent": "320613001001"},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[120.89, 31.98], [120.9, 31.98], [120.9, 31.99], [120.89, 31.98]]],
    },
}


class Sheet:
    """The areas of one territory as they are sent: each encoded once, then only picked.

    Parameters
    ----------
    areas
        In EPSG:4490, as the territory holds them.
    """

    def __init__(self, areas: gpd.GeoDataFrame) -> None:
        self.features = list(_features(areas))
        self.bounds = shapely.bounds(areas.geometry.to_numpy())
        self.rows = {code: row for row, code in enumerate(areas["code"])}
        self._columns = {
            name: areas[name].astype(object).to_numpy() if name in areas else np.full(len(areas), None)
            for name in ("code", "level", "parent")
        }

    def pick(self, given: Given) -> NDArray[np.intp]:
        """Return the rows that a request asks for: those that fulfil all it says."""
        wanted = np.ones(len(self.features), dtype=bool)
        for name, column in self._columns.items():
            if given[name] is not None:
                wanted &= column == given[name]
        if given["bbox"] is not None:
            wanted &= _touches(self.bounds, given["bbox"])
        return np.flatnonzero(wanted)


#: Sheets by the index of their territory, which the same territory on another day shares.
_sheets: WeakKeyDictionary[Any, Sheet] = WeakKeyDictionary()


def sheet_of(territory: Territory) -> Sheet:
    """Return the sheet of a territory, made when it is first asked for; call it in a thread."""
    sheet = _sheets.get(territory.index)
    if sheet is None:
        sheet = _sheets[territory.index] = Sheet(territory.areas)
    return sheet


async def areas(call: Call) -> Response:
    """Answer the areas in force as a FeatureCollection."""
    territory = await call.territory()
    headers = kept_headers(territory)
    if is_known(call.request, headers):
        return not_modified(headers)
    return await run_in_threadpool(_collection, call, territory)


async def area(call: Call) -> Response:
    """Answer one area as a Feature."""
    territory = await call.territory()
    sheet = await run_in_threadpool(sheet_of, territory)
    feature = sheet.features[deps.one_code(call.given["code"], sheet.rows)]
    return squeezed(call.request, feature, GEOJSON, kept_headers(territory))


def _collection(call: Call, territory: Territory) -> Response:
    sheet = sheet_of(territory)
    rows = sheet.pick(call.given)
    most = call.desk.limits.areas
    limit = call.given["limit"] or most
    if limit > most:
        raise TooLargeError(f"limit={limit}", expected=f"at most {most} areas in one answer")
    picked = [sheet.features[row] for row in rows[:limit]]
    return squeezed(call.request, _joined(picked, len(rows), territory), GEOJSON, kept_headers(territory))


def _joined(features: list[bytes], matched: int, territory: Versioned) -> bytes:
    """The collection of features that are encoded already."""
    said = {
        "type": "FeatureCollection",
        "numberMatched": matched,
        "numberReturned": len(features),
        "version": territory.version,
        "on": str(territory.on),
    }
    return orjson.dumps(said)[:-1] + b',"features":[' + b",".join(features) + b"]}"


def _features(areas: gpd.GeoDataFrame) -> Iterator[bytes]:
    """Each area as a GeoJSON feature: outer rings counter-clockwise, corners to a centimetre."""
    shapes = shapely.orient_polygons(shapely.force_2d(areas.geometry.to_numpy()))
    shapes = shapely.transform(shapes, lambda corners: np.round(corners, _DECIMALS))
    table = pd.DataFrame(areas.drop(columns=areas.geometry.name)).astype(object)
    records = table.where(table.notna(), None).to_dict("records")
    for record, shape in zip(records, shapely.to_geojson(shapes), strict=True):
        head = orjson.dumps({"type": "Feature", "id": record["code"], "properties": record}, default=str)
        yield head[:-1] + b',"geometry":' + shape.encode() + b"}"


def _touches(bounds: NDArray[np.float64], box: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    """Which extents share at least a point with a box."""
    west, south, east, north = box
    return (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/areas",
        needs=READ,
        summary="The areas in force on a day",
        description=(
            "A GeoJSON FeatureCollection in longitude and latitude. `numberMatched` above `numberReturned` says that "
            "the limit cut it. The ETag is the version: ask again with If-None-Match and nothing is sent twice."
        ),
        answer=areas,
        takes=(deps.LEVEL, deps.ON, deps.BBOX, deps.CODE, deps.PARENT, deps.LIMIT),
        gives={
            GEOJSON: {
                "type": "FeatureCollection",
                "numberMatched": 1,
                "numberReturned": 1,
                "version": 17,
                "on": "2026-01-31",
                "features": [_EXAMPLE],
            }
        },
        refusals=(404, 413),
    ),
    Operation(
        method="GET",
        path="/api/areas/{code}",
        needs=READ,
        summary="One area",
        answer=area,
        takes=(deps.AREA, deps.ON),
        gives={GEOJSON: _EXAMPLE},
        refusals=(404,),
    ),
)
