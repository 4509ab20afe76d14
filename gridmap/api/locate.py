"""``/api/locate``: which area holds a point or an address."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain
from typing import IO, Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from gridmap import formats, service
from gridmap.api import deps
from gridmap.api.answers import JSON, json_reply, version_headers
from gridmap.api.auth import READ
from gridmap.api.body import media_type, path_of, read_file, read_json
from gridmap.api.deps import Given
from gridmap.api.desk import Call
from gridmap.api.routes import Operation
from gridmap.errors import GridmapError, InputError, TooLargeError
from gridmap.service import Question
from gridmap.territory import Territory

CSV = "text/csv"

#: JSON rows answered between two writes: some milliseconds of work.
_ROWS_A_WRITE = 500

#: Keys of a JSON row that are read; all others are carried along.
_READ_KEYS = frozenset({"address", "query", "lon", "lat"})

_ANSWER = {
    "status": "found",
    "area": "320613001001003",
    "chain": [
        {"level": "district", "code": "320613", "name": "崇川区"},
        {"level": "street", "code": "320613001", "name": "城东街道"},
        {"level": "community", "code": "320613001001", "name": "天宁社区"},
        {"level": "grid", "code": "320613001001003", "name": "第三网格"},
    ],
    "lon": 120.8946,
    "lat": 31.9802,
    "border_m": 41.275,
    "on": "2026-01-31",
    "version": 17,
}


async def locate(call: Call) -> Response:
    """Answer one point or address."""
    territory = await call.territory()
    place = deps.one_place(call.given, address_chars=call.desk.limits.address_chars)
    return json_reply(_asked(territory, place, call.given["accuracy"]), headers=version_headers(territory))


async def locate_many(call: Call) -> Response:
    """Answer a JSON list or a CSV, all of it from one version."""
    takers = {JSON: _locate_json, CSV: _locate_csv}
    taker = takers.get(media_type(call.request))
    if taker is None:
        given = media_type(call.request) or "of no type"
        raise HTTPException(415, f"the body is {given}; send {' or '.join(takers)}")
    return await taker(call)


async def _locate_json(call: Call) -> Response:
    rows = await read_json(call.request, call.desk.limits)
    if not isinstance(rows, list):
        raise InputError("the body is not a list", expected='a list such as [{"lon": 120.9, "lat": 32.0}]')
    most = call.desk.limits.json_rows
    if len(rows) > most:
        raise TooLargeError(f"{len(rows)} rows", expected=f"at most {most}", do="send text/csv, which may be longer")
    territory = await call.territory()
    pieces = _json_pieces(rows, territory, call.given, call.desk.limits.address_chars)
    return StreamingResponse(pieces, media_type=JSON, headers=version_headers(territory))


async def _locate_csv(call: Call) -> Response:
    territory = await call.territory()
    question = Question(accuracy_m=call.given["accuracy"], crs=str(call.given["crs"] or "EPSG:4490"))
    file = await read_file(call.request, call.desk.limits)
    pieces = _csv_pieces(file, territory, question, call.desk.limits.rows_at_once)
    # the first piece before the status is sent: what is wrong with the header is still a refusal then
    first = await run_in_threadpool(next, pieces, b"")
    return StreamingResponse(chain([first], pieces), media_type=CSV, headers=version_headers(territory))


def _asked(territory: Territory, place: str | tuple[float, float], accuracy_m: float | None) -> dict[str, Any]:
    if isinstance(place, str):
        return territory.find(place, accuracy_m=accuracy_m)
    return territory.locate(*place, accuracy_m=accuracy_m)


def _json_pieces(rows: list[Any], territory: Territory, given: Given, address_chars: int) -> Iterator[bytes]:
    """The answers as one JSON list, a few at a time."""
    yield b"["
    for start in range(0, len(rows), _ROWS_A_WRITE):
        answers = [_answer_row(row, territory, given, address_chars) for row in rows[start : start + _ROWS_A_WRITE]]
        yield (b"," if start else b"") + orjson.dumps(answers)[1:-1]
    yield b"]"


def _answer_row(row: Any, territory: Territory, given: Given, address_chars: int) -> dict[str, Any]:
    """The answer to one row of a JSON list, beside whatever else the row holds; a bad row is told what is wrong."""
    carried = {key: value for key, value in row.items() if key not in _READ_KEYS} if isinstance(row, dict) else {}
    try:
        place = deps.one_place(_place_of(row, given["crs"]), address_chars=address_chars)
        return {**carried, **_asked(territory, place, given["accuracy"])}
    except GridmapError as error:
        return {**carried, "status": "not_found", "area": None, "chain": [], "message": str(error)}


def _place_of(row: Any, crs: str | int | None) -> Given:
    """What a row of a JSON list says about its place."""
    if not isinstance(row, dict):
        raise InputError("the row is not an object", expected='{"lon": 120.9, "lat": 32.0} or {"address": "..."}')
    text = row.get("address", row.get("query"))
    if text is not None and not isinstance(text, str):
        raise InputError("the address is not text", expected="a string")
    return {"address": text, "lon": _number(row, "lon"), "lat": _number(row, "lat"), "crs": crs}


def _number(row: dict[str, Any], name: str) -> float | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise InputError(f"{name} is {str(value)[:40]!r}", expected="a finite number")


def _csv_pieces(file: IO[bytes], territory: Territory, question: Question, rows_at_once: int) -> Iterator[bytes]:
    """The answers as CSV, a chunk of rows at a time; the query file is gone afterwards."""
    with file:
        header = True
        for queries in formats.read_chunks(path_of(file), size=rows_at_once):
            answers = service.answer_rows(queries, territory, question=question)
            yield formats.csv_text(answers, header=header).encode()
            header = False


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/locate",
        needs=READ,
        summary="The area that holds a point or an address",
        description=(
            "Give either `address`, or `lon` and `lat`. `status` is `found`, `outside` (no area in force holds the "
            "point), `ambiguous` (the nearest border is nearer than `accuracy`, or several places bear the address) "
            "or `not_found` (no such address). `border_m` is the distance to the nearest border in metres. A point on "
            "a border belongs to exactly one area: the one to its east, or to its north where the border runs "
            "due east-west."
        ),
        answer=locate,
        takes=(deps.ADDRESS, deps.LON, deps.LAT, deps.CRS, deps.ACCURACY, deps.ON),
        gives={JSON: _ANSWER},
        refusals=(404, 413),
    ),
    Operation(
        method="POST",
        path="/api/locate",
        needs=READ,
        summary="The areas that hold many points or addresses, all from one version",
        description=(
            "A JSON list of objects with `lon` and `lat`, or with `address` (or `query`), is answered by a list of the "
            "same order. A CSV with columns `lon` and `lat`, or `query`, is answered by a CSV, however long. Whatever "
            "else a row holds is carried along. A row that cannot be read gets the status `not_found`."
        ),
        answer=locate_many,
        takes=(deps.CRS, deps.ACCURACY, deps.ON),
        body={
            JSON: [{"id": 1, "lon": 120.8946, "lat": 31.9802}, {"id": 2, "address": "崇川区城东街道青年中路5号"}],
            CSV: "id,lon,lat\n1,120.8946,31.9802\n",
        },
        gives={JSON: [{"id": 1, **_ANSWER}], CSV: "id,status,area,...\n1,found,320613001001003,...\n"},
        refusals=(404, 408, 413, 415),
    ),
)
