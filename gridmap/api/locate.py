"""``/api/locate``: which area holds a point or an address."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from gridmap import formats, service
from gridmap.api import deps
from gridmap.api.answers import JSON, Reply, json_reply, version_headers
from gridmap.api.auth import READ
from gridmap.api.body import media_type, path_of, read_file, read_json
from gridmap.api.deps import Given
from gridmap.api.desk import Call
from gridmap.api.limits import Limits
from gridmap.api.routes import Operation
from gridmap.errors import GridmapError, InputError, TooLargeError
from gridmap.service import Question
from gridmap.territory import Territory

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

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
    accuracy_m = call.given["accuracy"]
    if isinstance(place, str):
        answer = territory.find(place, accuracy_m=accuracy_m, explain=bool(call.given["explain"]))
    else:
        answer = territory.locate(*place, accuracy_m=accuracy_m)
    return json_reply(answer, headers=version_headers(territory))


async def locate_many(call: Call) -> Response:
    """Answer a JSON list, a CSV or a workbook, all of it from one version."""
    takers = {JSON: _locate_json, CSV: _locate_csv, XLSX: _locate_sheet}
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
    file = await read_file(call.request, call.desk.limits)
    pieces = _csv_pieces(file, territory, _question(call.given), call.desk.limits.rows_at_once)
    # the first piece before the status is sent: what is wrong with the header is still a refusal then
    first = await run_in_threadpool(next, pieces, b"")
    return StreamingResponse(chain([first], pieces), media_type=CSV, headers=version_headers(territory))


async def _locate_sheet(call: Call) -> Response:
    territory = await call.territory()
    file = await read_file(call.request, call.desk.limits, suffix=".xlsx")
    body = await run_in_threadpool(_workbook, file, territory, _question(call.given), call.desk.limits)
    return Reply(body, XLSX, headers=version_headers(territory))


def _question(given: Given) -> Question:
    return Question(accuracy_m=given["accuracy"], crs=str(given["crs"] or "EPSG:4490"))


def _json_pieces(rows: list[Any], territory: Territory, given: Given, address_chars: int) -> Iterator[bytes]:
    """The answers as one JSON list, a few at a time."""
    yield b"["
    for start in range(0, len(rows), _ROWS_A_WRITE):
        answers = _answer_rows(rows[start : start + _ROWS_A_WRITE], territory, given, address_chars)
        yield (b"," if start else b"") + orjson.dumps(answers)[1:-1]
    yield b"]"


def _answer_rows(rows: list[Any], territory: Territory, given: Given, address_chars: int) -> list[dict[str, Any]]:
    """The answers to some rows of a JSON list, each beside whatever else the row holds."""
    places = [_read_row(row, given["crs"], address_chars) for row in rows]
    texts = [place for place in places if isinstance(place, str)]
    points = [place for place in places if isinstance(place, tuple)]
    lon, lat = zip(*points, strict=True) if points else ((), ())
    found = iter(territory.find_many(texts, accuracy_m=given["accuracy"]))
    located = iter(territory.locate_many(lon, lat, accuracy_m=given["accuracy"]))
    answers = []
    for row, place in zip(rows, places, strict=True):
        if isinstance(place, GridmapError):
            answer = _refused(place)
        else:
            answer = next(found if isinstance(place, str) else located)
        answers.append({**_carried(row), **answer})
    return answers


def _read_row(row: Any, crs: str | int | None, address_chars: int) -> str | tuple[float, float] | GridmapError:
    """The place of one row of a JSON list, or what is wrong with it."""
    try:
        return deps.one_place(_place_of(row, crs), address_chars=address_chars)
    except GridmapError as error:
        return error


def _carried(row: Any) -> dict[str, Any]:
    """What else a row holds."""
    return {key: value for key, value in row.items() if key not in _READ_KEYS} if isinstance(row, dict) else {}


def _refused(error: GridmapError) -> dict[str, Any]:
    """The answer to a bad row: it is told what is wrong."""
    return {"status": "not_found", "area": None, "chain": [], "message": str(error)}


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


def _workbook(file: IO[bytes], territory: Territory, question: Question, limits: Limits) -> bytes:
    """The answers to a workbook as a workbook; both files are gone afterwards."""
    with file, TemporaryDirectory(prefix="gridmap-") as folder:
        files = service.Files(
            source=path_of(file),
            out=Path(folder, "answers.xlsx"),
            most_rows=limits.sheet_rows,
            most_bytes=limits.sheet_unpacked,
        )
        service.locate_file(files, territory, question=question)
        return files.out.read_bytes()


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/locate",
        needs=READ,
        summary="The area that holds a point or an address",
        description=(
            "Give either `address`, or `lon` and `lat`. `status` is `found`, `outside` (no area in force holds the "
            "point), `ambiguous` (the nearest border is nearer than `accuracy`, the building stands on a border, or "
            "several places bear the address) or `not_found` (no such address: never the nearest look-alike). "
            "`border_m` is the distance to the nearest border in metres. A point on a border belongs to exactly one "
            "area: the one to its east, or to its north where the border runs due east-west.\n\n"
            "An address is also told its `standard` writing, the `matched_level` (room to province), the `score`, the "
            "`accuracy_m` of a place that is no door plate (a road, a crossing, an interpolated number), the `reason` "
            "of an answer that is none or not one, what is `known` of it all the same (text, level, area), the `notes` "
            "on what was taken otherwise than written, and the `candidates`: places (address, level, lon, lat, area) "
            "or areas (level, code, name, and the share of a footprint); of an address that is `not_found` they are "
            "what a road named without its side may mean (人民西路8号 by 人民路8号). What has nothing to say is null "
            "or empty; `candidates` of a point are left out then, and `steps` unless `explain` is true."
        ),
        answer=locate,
        takes=(deps.ADDRESS, deps.LON, deps.LAT, deps.CRS, deps.ACCURACY, deps.EXPLAIN, deps.ON),
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
            "same order. A CSV with columns `lon` and `lat`, or `query`, is answered by a CSV, however long; a "
            "workbook (XLSX, at most 100 000 rows) by a workbook with the sheets `answers`, `by_hand` (what a person "
            "should look at) and `summary`. Usual names of these columns (地址, address, 经度, ...) are known. "
            "Whatever else a row holds is carried along. A row that cannot be read gets the status `not_found`."
        ),
        answer=locate_many,
        takes=(deps.CRS, deps.ACCURACY, deps.ON),
        body={
            JSON: [{"id": 1, "lon": 120.8946, "lat": 31.9802}, {"id": 2, "address": "崇川区城东街道青年中路5号"}],
            CSV: "id,lon,lat\n1,120.8946,31.9802\n",
            XLSX: "(a workbook)",
        },
        gives={
            JSON: [{"id": 1, **_ANSWER}],
            CSV: "id,status,area,...\n1,found,320613001001003,...\n",
            XLSX: "(a workbook)",
        },
        refusals=(404, 408, 413, 415),
    ),
)
