"""``/api/patrols/round``: a round for a crew, as GeoJSON for a map or as GPX for a phone; the look is audited."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import shapely
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gridmap import crs
from gridmap.api import deps
from gridmap.api import patrols_answers as shown
from gridmap.api.answers import GEOJSON, Reply
from gridmap.api.cameras_answers import rows, unkept
from gridmap.api.desk import Call
from gridmap.api.patrols import at_hand, noted
from gridmap.api.patrols_parameters import GPX
from gridmap.errors import InputError
from gridmap.network import Round, gpx
from gridmap.service.patrol_answers.rounds import Asked, Planned, planned
from gridmap.store.schema import SRID
from gridmap.territory import today

#: Figures of a round that are told with its line.
_FIGURES = (
    "length_m",
    "required_m",
    "bound_m",
    "gap",
    "minutes",
    "collected",
    "possible",
    "collected_bound",
    "habit",
    "unreachable",
)


async def plan_round(call: Call) -> Response:
    """Answer a round."""
    return await run_in_threadpool(_answer, call)


def _answer(call: Call) -> Reply:
    coverages, given = at_hand(call.desk), call.given
    asked = _asked(call)
    span = coverages.span(given["from"], given["to"], given["on"])
    found = planned(coverages, asked, span, given["on"] or today())
    noted(call, span, area=asked.area)
    if given["f"] == "gpx":
        file = {"Content-Disposition": 'attachment; filename="round.gpx"'}
        return Reply(gpx(found.made, name=asked.area), GPX, headers={**unkept(found.version), **file})
    return Reply(_collection(found), GEOJSON, headers=unkept(found.version))


def _asked(call: Call) -> Asked:
    given = call.given
    if given["area"] is None:
        raise InputError("no area", expected="area=CODE", do="list them at /api/areas", code="no_area_asked")
    if given["lon"] is None or given["lat"] is None:
        raise InputError("no start", expected="lon and lat", code="no_start")
    return Asked(
        area=given["area"],
        start=deps.degrees(given["lon"], given["lat"], given["crs"]),
        minutes=given["minutes"],
        begins=given["begins"] or "08:00",
        mode=given["mode"] or "foot",
        signs_in=bool(given["signins"]),
    )


def _collection(found: Planned) -> bytes:
    """The way with its figures, then where each stretch begins, in the order walked."""
    made = found.made
    line = {"kind": "round", **{name: getattr(made, name) for name in _FIGURES}, "signins": rows(made.signins)}
    (way,) = _degrees([made.line], made)
    stops = made.stops
    places = _degrees(shapely.points(stops["x"], stops["y"]), made) if len(stops) else []
    said = rows(stops.drop(columns=["x", "y"]))
    stretches = [
        _feature({"kind": "stretch", "order": order, **row}, place)
        for order, (row, place) in enumerate(zip(said, places, strict=True), start=1)
    ]
    head = {"type": "FeatureCollection", "version": found.version, "as_of": found.span.as_of}
    return shown.dumped({**head, "features": [_feature(line, way), *stretches]})


def _feature(properties: dict[str, Any], shape: str) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": orjson.Fragment(shape)}


def _degrees(shapes: Any, made: Round) -> list[str]:
    """Shapes of a round as GeoJSON in degrees, to a centimetre."""
    there = crs.to_system(gpd.GeoSeries(shapes, crs=made.crs), SRID).to_numpy()
    return list(shapely.to_geojson(shapely.transform(there, lambda corners: np.round(corners, 7))))
