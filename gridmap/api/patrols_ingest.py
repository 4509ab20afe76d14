"""``/api/patrols/fixes`` and ``/api/patrols/signins``: what devices report, acknowledged when it stands in the record.

A batch has a number that its device gives it. Whoever gets no answer sends it again, under the same number and with the
same content, until there is one: it is taken once. All of a batch is taken or nothing.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gridmap.api.answers import JSON, json_reply
from gridmap.api.auth import REPORT
from gridmap.api.body import media_type, read_bytes, read_json
from gridmap.api.deps import Parameter
from gridmap.api.desk import Call
from gridmap.api.errors import problem
from gridmap.api.limits import Limits
from gridmap.api.routes import Operation
from gridmap.errors import AccessError, ConflictError, InputError, NotFoundError, TableError, TooLargeError
from gridmap.service.patrol_ingest import Intake, Room
from gridmap.service.patrol_reports import Door, Letter, batch_of, is_judged, judged
from gridmap.store.patrols_batches import COLUMNS, Batch, Receipt
from gridmap.territory import today

CSV = "text/csv"

#: Rows that are checked at once; more are checked in a thread, so that other requests go on.
_FEW = 50

#: Seconds after which a client comes again that found too much waiting.
_AGAIN_S = "1"

#: Degrees around the territory in which fixes may lie.
_AROUND = 0.5

_intakes: WeakKeyDictionary[Engine, Intake] = WeakKeyDictionary()


@dataclass(frozen=True, kw_only=True)
class _Sent:
    """A batch as it was sent."""

    batch_id: Any
    datum: Any
    rows: Sequence[Mapping[str, Any]]


async def report_fixes(call: Call) -> Response:
    """Take fixes."""
    return await _report(call, "fixes")


async def report_signins(call: Call) -> Response:
    """Take sign-ins."""
    return await _report(call, "signins")


async def _report(call: Call, layer: str) -> Response:
    if call.desk.engine is None:
        raise NotFoundError("this service answers from files, which take no fixes", do="serve a record")
    sent = await _sent(call, layer)
    try:
        batch = await _checked(call, layer, sent)
    except TableError as error:
        return problem(error, call.request.scope, status=422)
    waiting = _intake(call.desk.engine, call.desk.limits).offer(batch)
    if waiting is None:
        raise HTTPException(
            429, "too many batches are being written; send it again in a moment", headers={"Retry-After": _AGAIN_S}
        )
    return _answer(batch, await asyncio.wrap_future(waiting))


def _intake(engine: Engine, limits: Limits) -> Intake:
    """What writes the batches of a record."""
    if engine not in _intakes:
        _intakes[engine] = Intake(engine, room=Room(batches=limits.report_waiting))
    return _intakes[engine]


async def _sent(call: Call, layer: str) -> _Sent:
    """What the body says, of either type, within its bounds."""
    kind, limits = media_type(call.request), call.desk.limits
    if kind == JSON:
        return _of_json(await read_json(call.request, limits, most=limits.report_bytes), layer, limits.report_rows)
    if kind == CSV:
        body = await read_bytes(call.request, limits, most=limits.report_csv_bytes)
        rows = await run_in_threadpool(_of_csv, body, layer, limits.report_csv_rows)
        return _Sent(batch_id=call.given["batch"], datum=call.given["datum"], rows=rows)
    raise HTTPException(415, f"the body is {kind or 'of no type'}; send {JSON} or {CSV}")


def _of_json(body: Any, layer: str, most: int) -> _Sent:
    shared = ("post", "device")
    known = {"batch", "datum", layer, *shared}
    if not isinstance(body, dict) or not isinstance(body.get(layer), list) or not body.keys() <= known:
        raise InputError("the body", expected=f'{{"batch": UUID, "post": CODE, "{layer}": [...]}}', do="see /docs")
    given = body[layer]
    _check_rows(len(given), most)
    columns = COLUMNS[layer].keys() - set(shared)
    strange = [number for number, row in enumerate(given, 1) if not isinstance(row, dict) or not row.keys() <= columns]
    if strange:
        raise InputError(f"row {strange[0]} of {layer}", expected=f"an object with any of {', '.join(sorted(columns))}")
    whose = {name: body.get(name) for name in shared}
    datum = body.get("datum")
    if not isinstance(datum, str | None):
        raise InputError("a datum that is no text", expected="WGS 84, CGCS2000, GCJ-02 or BD-09")
    return _Sent(batch_id=body.get("batch"), datum=datum, rows=[{**whose, **row} for row in given])


def _of_csv(body: bytes, layer: str, most: int) -> list[dict[str, Any]]:
    try:
        lines = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        names = set(lines.fieldnames or ())
        if not names or not names <= COLUMNS[layer].keys():
            raise InputError(
                f"the columns {', '.join(sorted(map(str, names)))[:200] or 'none'}",
                expected=f"any of {', '.join(COLUMNS[layer])}",
            )
        rows: list[dict[str, Any]] = []
        for line in lines:
            _check_rows(len(rows) + 1, most)
            if None in line:
                raise InputError(f"line {lines.line_num} has more cells than columns", do="quote cells with commas")
            rows.append(line)
    except UnicodeDecodeError as error:
        raise InputError("the body is not UTF-8", expected="CSV in UTF-8") from error
    except csv.Error as error:
        raise InputError(f"the body is not CSV: {error}", expected="CSV in UTF-8") from error
    return rows


def _check_rows(given: int, most: int) -> None:
    if given > most:
        raise TooLargeError(f"a batch of {given} rows or more", expected=f"at most {most}", do="send several batches")


async def _checked(call: Call, layer: str, sent: _Sent) -> Batch:
    """A batch that can be written, its datum judged where there is enough of it."""
    if call.actor is None:
        raise AccessError("no key", expected="a key, so that what is reported can be traced to it")
    door = Door(age=timedelta(days=call.desk.limits.report_days), bounds=_bounds(call))
    letter = Letter(batch_id=sent.batch_id, actor=call.actor, datum=sent.datum)
    check = partial(batch_of, layer, sent.rows, letter, now=datetime.now(UTC), door=door)
    batch = check() if len(sent.rows) <= _FEW else await run_in_threadpool(check)
    return await run_in_threadpool(_judged, call, batch, sent.rows) if is_judged(batch) else batch


def _judged(call: Call, batch: Batch, rows: Sequence[Mapping[str, Any]]) -> Batch:
    from gridmap.api.patrols import record  # matching takes a second to import, and most batches are not judged

    try:
        streets = record(call.desk).streets(today())
    except NotFoundError:
        # nothing to judge by
        return batch
    return judged(batch, rows, streets)


def _bounds(call: Call) -> tuple[float, float, float, float] | None:
    """Where fixes may be expected: the extent of the areas in force and some ground around it."""
    territory = call.desk.atlas.held()
    if territory is None:
        return None
    west, south, east, north = territory.areas.total_bounds
    return float(west) - _AROUND, float(south) - _AROUND, float(east) + _AROUND, float(north) + _AROUND


def _answer(batch: Batch, receipt: Receipt) -> Response:
    if receipt.fate == "revoked":
        raise HTTPException(
            401, "this key is unknown or revoked; ask for a new one", headers={"WWW-Authenticate": "Bearer"}
        )
    if receipt.fate == "differs":
        raise ConflictError(
            f"another batch has the number {batch.batch_id}",
            do="give each batch a number of its own",
            code="batch_differs",
        )
    if receipt.fate == "refused":
        raise ConflictError(
            f"the batch is held: {receipt.refused}",
            do="state the datum that the device uses and send it under a new number",
            code="datum",
            values={"why": receipt.refused},
        )
    said = {
        "batch": str(batch.batch_id),
        batch.layer: receipt.rows,
        "added": receipt.added,
        "repeated": receipt.rows - receipt.added,
        "received_at": receipt.received_at,
    }
    return json_reply(said, headers={"Cache-Control": "no-store"})


_BATCH = Parameter(
    name="batch",
    parse=str,
    schema={"type": "string", "format": "uuid"},
    meaning="number of a batch that is sent as CSV; JSON says it itself",
)
_DATUM = Parameter(
    name="datum",
    parse=str,
    schema={"type": "string"},
    meaning="datum of a batch that is sent as CSV: WGS 84 (without it), CGCS2000, GCJ-02 or BD-09",
)
_NUMBER = "0b5e2c54-6f0e-4a57-9a3e-2f6a6b1d7c11"
_DESCRIPTION = (
    "A batch is taken as a whole or not at all, once, and answered when it stands in the record: send it again under "
    "the same number until there is an answer. 409: another batch has that number, or the fixes are in another datum "
    "than stated (judged from 120 fixes or ten minutes on). 413: too many rows or bytes. 422: `faults` tells what is "
    "wrong with which rows, counted from 1. 429: too many batches are being written; come again after Retry-After. "
    "As text/csv, rows of several posts come in one batch. Rows that the record holds already are `repeated`."
)


def _operation(layer: str, summary: str, row: Mapping[str, Any], answer: Any) -> Operation:
    example = {"batch": _NUMBER, "post": "P-07", "device": "D-0131", layer: [row]}
    gives = {"batch": _NUMBER, layer: 1, "added": 1, "repeated": 0, "received_at": "2026-11-22T00:00:06.120+00:00"}
    return Operation(
        method="POST",
        path=f"/api/patrols/{layer}",
        needs=REPORT,
        summary=summary,
        description=_DESCRIPTION,
        answer=answer,
        takes=(_BATCH, _DATUM),
        body={JSON: example, CSV: ",".join(COLUMNS[layer])},
        gives={JSON: gives},
        refusals=(404, 408, 409, 413, 415, 422, 429),
        tag="patrols",
    )


_FIX = {"time": "2026-11-22T08:00:05+08:00", "lon": 120.8946, "lat": 31.9802, "accuracy_m": 8.0, "speed_m_s": 1.3}
_SIGNIN = {"checkpoint": "Q-012", "time": "2026-11-22T08:00:05+08:00", "lon": 120.8946, "lat": 31.9802}

OPERATIONS = (
    _operation("fixes", "Report where the devices of a post were", _FIX, report_fixes),
    _operation("signins", "Report that a post signed in at checkpoints", _SIGNIN, report_signins),
)
