"""Cameras over HTTP: shares of what they see for every reader; where they stand for operators, each look audited.

`gridmap.api.cameras_routes` says which function answers what.

A position is shown only after the look at it was noted in the audit trail, and never kept by what lies between.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gridmap.api import cameras_answers as shown
from gridmap.api import cameras_asked as asked
from gridmap.api.answers import GEOJSON, JSON, Reply, is_known, not_modified, squeezed
from gridmap.api.auth import WATCH, granted
from gridmap.api.body import media_type, read_json
from gridmap.api.desk import Call, Desk
from gridmap.errors import AccessError, InputError, NotFoundError
from gridmap.service import camera_changes as changes
from gridmap.service import camera_edits as edits
from gridmap.service import camera_record as recording
from gridmap.service import camera_shares as sharing
from gridmap.service.camera_watches import Watches
from gridmap.store import Actor
from gridmap.territory import today

#: What cameras see, by the record that holds them.
_watches: WeakKeyDictionary[Engine, Watches] = WeakKeyDictionary()


async def camera_coverage(call: Call) -> Response:
    """Answer how much of an area and its children is seen."""
    on, old_on = asked.days_of(call.given)
    if call.given["area"] is None:
        raise InputError("no area", expected="area=CODE", do="list them at /api/areas", code="no_area_asked")
    watches, whole = at_hand(call.desk), granted(call.actor, WATCH)
    version = await run_in_threadpool(recording.revision_of, watches.engine)
    headers = shown.headers(version, on, whole=whole)
    if is_known(call.request, headers):
        return not_modified(headers)

    def answer() -> Reply:
        found = sharing.cover(watches, call.given["area"], on=on, old_on=old_on, exact=whole)
        said = shown.coverage(found, band=call.given["band"])
        return squeezed(call.request, shown.dumped(said), JSON, shown.headers(found.version, on, whole=whole))

    return await run_in_threadpool(answer)


async def what_if(call: Call) -> Response:
    """Answer what would be seen if cameras were others."""
    change, on = asked.what_if_of(await _body(call))
    watches, actor = at_hand(call.desk), _actor(call)

    def answer() -> Reply:
        found = edits.what_if(watches, change, on=on)
        _look(call, actor, on=on, cameras=len(change.ids))
        return Reply(shown.dumped(shown.would_be(found)), JSON, headers=shown.unkept(found.version))

    return await run_in_threadpool(answer)


async def list_cameras(call: Call) -> Response:
    """Answer where cameras stand."""
    watches, actor, on = at_hand(call.desk), _actor(call), call.given["on"] or today()

    def answer() -> Reply:
        recorded = watches.at(on).recorded
        cameras = recording.cameras_in(recorded, call.given["area"])
        _look(call, actor, on=on, cameras=len(cameras), area=call.given["area"])
        said = shown.collection(cameras, recorded.version, on)
        return squeezed(call.request, said, GEOJSON, shown.unkept(recorded.version))

    return await run_in_threadpool(answer)


async def one_camera(call: Call) -> Response:
    """Answer a camera and the ground that it sees."""
    watches, actor, on = at_hand(call.desk), _actor(call), call.given["on"] or today()

    def answer() -> Reply:
        found = edits.seen_by(watches, call.given["id"], on=on)
        _look(call, actor, on=on, cameras=1)
        return squeezed(call.request, shown.dumped(shown.seen_by(found, on)), JSON, shown.unkept(found.version))

    return await run_in_threadpool(answer)


async def put_camera(call: Call) -> Response:
    """Write what a camera is from a day on."""
    body, actor = asked.saved_of(await _body(call)), _actor(call)
    engine = at_hand(call.desk).engine
    saved = await run_in_threadpool(lambda: changes.save(engine, call.given["id"], actor=actor, **body))
    return Reply(shown.saved(saved, body["effective"]), GEOJSON, headers=shown.unkept(saved.version))


async def end_camera(call: Call) -> Response:
    """Take a camera away from a day on."""
    actor, effective, name = _actor(call), call.given["effective"] or today(), call.given["id"]
    engine, seen = at_hand(call.desk).engine, call.given["seen"]
    if seen is None:
        raise InputError("no `seen`", expected="that of the camera when it was looked at", code="look_first")
    saved = await run_in_threadpool(
        lambda: changes.take_away(engine, name, seen=seen, effective=effective, actor=actor)
    )
    said = {"id": name, "version": saved.version, "valid_to": effective}
    return Reply(shown.dumped(said), JSON, headers=shown.unkept(saved.version))


def at_hand(desk: Desk) -> Watches:
    """Return what cameras see by the record that is served.

    Raises
    ------
    NotFoundError
        If the service answers from files.
    """
    if desk.engine is None:
        raise NotFoundError(
            "this service answers from files, which hold no cameras", do="serve a record", code="no_cameras"
        )
    return _watches.setdefault(desk.engine, Watches(desk.engine))


def _look(call: Call, actor: Actor, **seen: Any) -> None:
    """Note a look before it is shown."""
    recording.look(at_hand(call.desk).engine, actor, **{"area": None, **seen}, by=call.request.url.path)


def _actor(call: Call) -> Actor:
    if call.actor is None:
        raise AccessError("no key", expected="a key, so that the look can be traced to it", code="key_for_looks")
    return call.actor


async def _body(call: Call) -> Any:
    if media_type(call.request) != JSON:
        raise HTTPException(415, f"the body is {media_type(call.request) or 'of no type'}; send {JSON}")
    return await read_json(call.request, call.desk.limits, most=call.desk.limits.edit_bytes)
