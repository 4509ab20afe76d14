"""Service places over HTTP: whom they reach on foot, their floor space and staff beside the norms."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gridmap.api import cameras
from gridmap.api.answers import JSON, Reply, is_known, not_modified, squeezed
from gridmap.api.cameras_answers import dumped, rows
from gridmap.api.desk import Call
from gridmap.errors import InputError, NotFoundError
from gridmap.service.camera_record import revision_of
from gridmap.service.service_answers import Reaches, Served
from gridmap.standards.services import MINUTES
from gridmap.territory import today

_reaches: WeakKeyDictionary[Engine, Reaches] = WeakKeyDictionary()

#: What is told of an area once, of a kind of place once, and of each number of minutes.
_PEOPLE = ("households", "residents")
_SUPPLY = (
    "places",
    "floor_m2",
    "floor_m2_per_100",
    "floor_norm",
    "floor_kept",
    "staff",
    "staff_per_10000",
    "staff_norm",
    "staff_kept",
)
_REACH = ("minutes", "reached", "share", "too_far", "norm", "kept")


async def service_coverage(call: Call) -> Response:
    """Answer what service places reach in an area and its children."""
    if call.given["area"] is None:
        raise InputError("no area", expected="area=CODE", do="list them at /api/areas", code="no_area_asked")
    if call.desk.engine is None:
        raise NotFoundError(
            "this service answers from files, which hold no service places", do="serve a record", code="no_record"
        )
    return await run_in_threadpool(_answer, call, call.desk.engine)


def _answer(call: Call, engine: Engine) -> Reply:
    on, minutes = call.given["on"] or today(), call.given["minutes"] or MINUTES
    version = revision_of(engine)
    if is_known(call.request, _headers(version, on)):
        return not_modified(_headers(version, on))
    reaches = _reaches.setdefault(engine, Reaches(cameras.at_hand(call.desk)))
    found = reaches.served(call.given["area"], on, minutes)
    said = {"version": found.version, "on": on, "area": call.given["area"], "minutes": minutes, **told(found)}
    return squeezed(call.request, dumped(said), JSON, _headers(found.version, on))


def _headers(version: int, on: Any) -> dict[str, str]:
    return {"X-Gridmap-Version": str(version), "ETag": f'"{version}.{on}"', "Cache-Control": "private, no-cache"}


def told(found: Served) -> dict[str, Any]:
    """Return what places reach, area by area and kind by kind.

    Raises
    ------
    Nothing
        What nobody knows is null.
    """
    by_area = dict(list(found.figures.groupby("code", sort=False)))
    return {
        "places": {"of": found.places, "off_streets": found.off_streets},
        "areas": [{**area, **_area(by_area[area["code"]])} for area in rows(found.areas)],
    }


def _area(figures: pd.DataFrame) -> dict[str, Any]:
    """The people of an area, and what each kind of place is to them."""
    (people,) = rows(figures[list(_PEOPLE)].iloc[:1])
    return {**people, "kinds": [_kind(str(kind), part) for kind, part in figures.groupby("kind", sort=False)]}


def _kind(kind: str, part: pd.DataFrame) -> dict[str, Any]:
    (supply,) = rows(part[list(_SUPPLY)].iloc[:1])
    return {"kind": kind, **supply, "reach": rows(part[list(_REACH)])}
