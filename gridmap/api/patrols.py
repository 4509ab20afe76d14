"""Patrols over HTTP: shares of areas for every reader; streets, posts and sign-ins for operators, each look audited.

`gridmap.api.patrols_routes` says which function answers what.

What tells where a post was is shown only after the look at it was noted in the audit trail, and never kept by what lies
between.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gridmap.api import cameras
from gridmap.api import patrols_answers as shown
from gridmap.api.answers import JSON, Reply, is_known, not_modified, squeezed
from gridmap.api.auth import WATCH_PATROLS, granted
from gridmap.api.body import media_type, read_json
from gridmap.api.desk import Call, Desk
from gridmap.errors import AccessError, InputError, NotFoundError
from gridmap.service.patrol_answers.coverage import cover
from gridmap.service.patrol_answers.spans import Span
from gridmap.service.patrol_answers.state import Coverages
from gridmap.service.patrol_record import Patrols, look
from gridmap.service.patrol_review import release, set_clock
from gridmap.store import Actor
from gridmap.territory import today

#: What each record that is served holds about patrols, and where they walked.
_records: WeakKeyDictionary[Engine, Patrols] = WeakKeyDictionary()
_coverages: WeakKeyDictionary[Engine, Coverages] = WeakKeyDictionary()


async def patrol_coverage(call: Call) -> Response:
    """Answer how far patrols cover an area and its children."""
    if call.given["area"] is None:
        raise InputError("no area", expected="area=CODE", do="list them at /api/areas", code="no_area_asked")
    return await run_in_threadpool(_covered, call)


def _covered(call: Call) -> Reply:
    coverages, given = at_hand(call.desk), call.given
    asked = coverages.span(given["from"], given["to"], given["on"])
    old = compared(coverages, given["compare_from"], given["compare_to"])
    on, whole = given["on"] or today(), granted(call.actor, WATCH_PATROLS)
    headers = shown.headers(coverages.version(), on, (asked, old), whole=whole)
    if is_known(call.request, headers):
        return not_modified(headers)
    found = cover(coverages, given["area"], asked, on=on, old=old, exact=whole)
    said = shown.coverage(found, shift=given["shift"])
    if whole:
        noted(call, asked, area=given["area"])
    return squeezed(call.request, shown.dumped(said), JSON, shown.headers(found.version, on, (asked, old), whole=whole))


async def release_track(call: Call) -> Response:
    """Let a track count that was held for review."""
    body = await read_small(call)
    read_as = body.get("read_as") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not body.keys() <= {"read_as"} or not (read_as is None or type(read_as) is str):
        raise InputError("a body that says something else", expected='{} or {"read_as": "GCJ-02"}')
    known, actor = record(call.desk), actor_of(call)
    post, shift = call.given["post"], call.given["shift"]

    def answer() -> Reply:
        row = release(known.engine, post, shift, actor=actor, read_as=read_as, patrols_=known)
        return Reply(shown.dumped(shown.released(row)), JSON, headers={"Cache-Control": "no-store"})

    return await run_in_threadpool(answer)


async def set_right(call: Call) -> Response:
    """Set right the clock by which the fixes of a post in a shift were made."""
    body = await read_small(call)
    offset_s = body.get("offset_s") if isinstance(body, dict) and len(body) == 1 else None
    if not isinstance(offset_s, int | float) or isinstance(offset_s, bool):
        raise InputError("a body that says something else", expected='{"offset_s": -28800}', code="no_offset")
    known, actor = record(call.desk), actor_of(call)
    post, shift = call.given["post"], call.given["shift"]

    def answer() -> Reply:
        done = set_clock(known, post, shift, float(offset_s), actor=actor)
        return Reply(shown.dumped(asdict(done)), JSON, headers={"Cache-Control": "no-store"})

    return await run_in_threadpool(answer)


def compared(coverages: Coverages, since: date | None, last: date | None) -> Span | None:
    """Return the shifts that others are compared with; None where none are named.

    Raises
    ------
    InputError
        If the days make no sense.
    """
    if since is None and last is None:
        return None
    if since is None:
        raise InputError("a last day alone", expected="the first day with it", code="compare_unclear")
    return coverages.span(since, last or since)


def record(desk: Desk) -> Patrols:
    """Return what the record that is served holds about patrols.

    Raises
    ------
    NotFoundError
        If the service answers from files.
    """
    if desk.engine is None:
        raise NotFoundError(
            "this service answers from files, which hold no patrols", do="serve a record", code="no_patrols"
        )
    return _records.setdefault(desk.engine, Patrols(desk.engine))


def at_hand(desk: Desk) -> Coverages:
    """Return where patrols walked by the record that is served.

    Raises
    ------
    NotFoundError
        If the service answers from files.
    """
    known = record(desk)
    return _coverages.setdefault(known.engine, Coverages(known, cameras.at_hand(desk)))


def noted(call: Call, asked: Span, **seen: Any) -> None:
    """Note a look before it is shown.

    Raises
    ------
    AccessError
        If no key says who looks.
    RecordError, sqlalchemy.exc.DBAPIError
        If it cannot be noted: then nothing may be shown.
    """
    days = {"since": str(asked.since), "until": str(asked.last)}
    look(record(call.desk).engine, actor_of(call), by=call.request.url.path, **days, **seen)


def actor_of(call: Call) -> Actor:
    """Return who looks.

    Raises
    ------
    AccessError
        If no key says so.
    """
    if call.actor is None:
        raise AccessError("no key", expected="a key, so that the look can be traced to it", code="key_for_looks")
    return call.actor


async def read_small(call: Call) -> Any:
    """Return the value of a small JSON body.

    Raises
    ------
    HTTPException
        415 if it is of another type.
    InputError, TooLargeError
        If it is not JSON, or too large.
    """
    if media_type(call.request) != JSON:
        raise HTTPException(415, f"the body is {media_type(call.request) or 'of no type'}; send {JSON}")
    return await read_json(call.request, call.desk.limits, most=call.desk.limits.alias_bytes)
