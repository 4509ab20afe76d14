"""``/api/cases``: what a case holds, its books, its timeline, its sheet; each look at the content of evidence audited.

`gridmap.api.cases_routes` says which function answers what, `gridmap.api.cases_changes` does what changes a case. A
case is not public: reading it needs a permission of its own, and nobody between keeps an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from gridmap.api import cases_answers as shown
from gridmap.api.answers import JSON, Reply, squeezed
from gridmap.api.cases_parameters import CASES_LISTED, CASES_MOST, ZIP
from gridmap.api.cases_routes import PDF
from gridmap.api.desk import Call, Desk
from gridmap.disputes import Comparison
from gridmap.errors import AccessError, InputError, NotFoundError, TooLargeError
from gridmap.service import cases
from gridmap.service.camera_record import revision_of
from gridmap.service.cases_comparing import compare_in_record
from gridmap.service.cases_folder import export_case
from gridmap.store import Actor
from gridmap.store.cases_evidence import read_evidence
from gridmap.store.cases_heads import list_cases as listed
from gridmap.store.cases_reading import Case
from gridmap.territory import today

#: Comparisons of a record that are kept.
_KEPT = 8

#: Comparisons by the case, its version, the revision of the buildings around it, and their day.
_compared: WeakKeyDictionary[Engine, dict[tuple[int, int, int, date], Comparison]] = WeakKeyDictionary()
_comparing = Lock()

#: Files of evidence that are in memory at once, each of up to 64 MB.
_CARRIED = 4

#: Bytes that are sent of an archive at a time.
_PIECE_BYTES = 2**18

_rooms: WeakKeyDictionary[Desk, asyncio.Semaphore] = WeakKeyDictionary()


async def list_cases(call: Call) -> Response:
    """Answer cases page by page, those changed last first; where there is another page the answer says where."""
    engine, given = engine_of(call), call.given
    limit = given["limit"] or CASES_LISTED
    if limit > CASES_MOST:
        raise TooLargeError(f"limit={limit}", expected=f"at most {CASES_MOST} cases in one answer")

    def answer() -> Reply:
        with engine.connect() as connection:
            page = listed(connection, status=given["status"], limit=limit, after=given["after"])
        kept = {name: given[name] for name in ("status", "limit") if given[name] is not None}
        following = None if page.after is None else f"/api/cases?{urlencode({**kept, 'after': page.after})}"
        said = {
            "cases": [shown.header(case) for case in page.heads],
            "numberMatched": page.matched,
            "numberReturned": len(page.heads),
            "next": following,
        }
        link = {} if following is None else {"Link": f'<{following}>; rel="next"'}
        return squeezed(call.request, shown.encoded(said), JSON, {**shown.NOT_KEPT, **link})

    return await run_in_threadpool(answer)


async def one_case(call: Call) -> Response:
    """Answer a case with all that belongs to it."""
    return await _told(call, shown.whole)


async def list_evidence(call: Call) -> Response:
    """Answer what is said of the evidence of a case."""
    return await _told(call, lambda case: {**shown.of(case), "evidence": shown.flat(case.evidence)})


async def evidence_content(call: Call) -> Response:
    """Answer the content of a piece of evidence; the look stands in the audit trail before it is sent."""
    engine, actor = engine_of(call), actor_of(call)

    def answer() -> Reply:
        with engine.begin() as connection:
            row, content = read_evidence(connection, call.given["id"], call.given["number"], actor=actor)
        return Reply(content, shown.file_type(row["media_type"]), headers=shown.file_headers(row["file"]))

    async with room(call.desk):
        return await run_in_threadpool(answer)


async def case_ledger(call: Call) -> Response:
    """Answer what each candidate gives and takes."""
    candidate = call.given["candidate"]

    def said(case: Case) -> dict[str, Any]:
        cases.refuse_unknown(case, candidate)
        return {**shown.of(case), **shown.ledger(compared(engine_of(call), case), candidate)}

    return await _told(call, said)


async def case_points(call: Call) -> Response:
    """Answer the boundary points of candidates, and the walk along each."""
    candidate = call.given["candidate"]

    def said(case: Case) -> dict[str, Any]:
        cases.refuse_unknown(case, candidate)
        return {**shown.of(case), **shown.boundary(compared(engine_of(call), case), candidate)}

    return await _told(call, said)


async def case_archive(call: Call) -> Response:
    """Answer a case whole as an archive, read piece by piece off the disk; it holds all evidence, and is audited."""
    engine, actor, code = engine_of(call), actor_of(call), call.given["id"]

    def packed() -> tuple[TemporaryDirectory[str], Path]:
        folder = TemporaryDirectory(prefix="gridmap-")
        try:
            return folder, export_case(engine, code, Path(folder.name, "case.zip"), actor=actor)
        except BaseException:
            folder.cleanup()
            raise

    async with room(call.desk):
        folder, path = await run_in_threadpool(packed)
    headers = {**shown.file_headers(f"{code}.zip"), "Content-Length": str(path.stat().st_size)}
    return StreamingResponse(_pieces(path, folder), media_type=ZIP, headers=headers)


def _pieces(path: Path, folder: TemporaryDirectory[str]) -> Iterator[bytes]:
    """A file piece by piece; its folder goes away with the last of them, or with the client."""
    with folder, path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


async def case_lines(call: Call) -> Response:
    """Answer how far the lines of parties lie apart, and whether surveys can tell."""

    def said(case: Case) -> dict[str, Any]:
        found = compared(engine_of(call), case)
        return {**shown.of(case), "lines": shown.flat(found.lines), "warnings": found.warnings}

    return await _told(call, said)


async def case_timeline(call: Call) -> Response:
    """Answer what held on a day."""
    at = call.given["at"]
    if at is None:
        raise InputError("no day", expected="at=2026-01-31", code="no_day")
    return await _told(
        call, lambda case: {**shown.of(case), "at": at, "timeline": shown.flat(cases.timeline(case, at))}
    )


async def case_sheet(call: Call) -> Response:
    """Answer the mediation sheet of a case."""
    engine, given = engine_of(call), call.given

    def answer() -> Reply:
        # what draws a sheet is loaded with the first of them
        from gridmap.maps.sheet import sheet

        case = cases.get_case(engine, given["id"])
        body = sheet(
            compared(engine, case),
            case=case.head,
            evidence=case.evidence,
            sources=case.sources,
            font=call.desk.settings.font,
            paper=given["paper"] or "A4",
            scale=given["scale"],
            lang=given["lang"] or "zh",
            on=given["on"] or today(),
        )
        return Reply(body, PDF, headers={**shown.headers(case.head), **shown.file_headers(f"{case.head.code}.pdf")})

    return await run_in_threadpool(answer)


async def verify_case(call: Call) -> Response:
    """Answer whether all that was handed in is as it was."""
    engine, code = engine_of(call), call.given["id"]

    def answer() -> Reply:
        found = cases.verify_case(engine, code)
        said = {
            "case": code,
            "whole": not found.faults,
            "rows": found.rows,
            "heads": found.heads,
            "faults": [dict(vars(fault)) for fault in found.faults],
        }
        return Reply(shown.encoded(said), JSON, headers=shown.NOT_KEPT)

    return await run_in_threadpool(answer)


def compared(engine: Engine, case: Case) -> Comparison:
    """Return the comparison of a case with the buildings around it, computed when it is first asked for.

    It warns of what had to be taken for granted to read the claims, too. Call it in a thread.

    Raises
    ------
    InputError, TableError, CrsError, TooLargeError
        If its claims cannot be compared: as `gridmap.disputes.compare`.
    """
    key = case.head.case_id, case.head.version, revision_of(engine), today()
    # it takes a while and memory: one at a time, and the others find it done
    with _comparing:
        kept = _compared.setdefault(engine, {})
        if key not in kept:
            found = compare_in_record(engine, case)
            if len(kept) >= _KEPT:
                kept.pop(next(iter(kept)))
            kept[key] = found
        return kept[key]


def room(desk: Desk) -> asyncio.Semaphore:
    """Return what lets a few files of evidence into memory at a time; the others wait without holding a thread.

    Raises
    ------
    None
    """
    return _rooms.setdefault(desk, asyncio.Semaphore(_CARRIED))


def engine_of(call: Call) -> Engine:
    """Return the record that is served.

    Raises
    ------
    NotFoundError
        If the service answers from files.
    """
    if call.desk.engine is None:
        raise NotFoundError(
            "this service answers from files, which hold no cases", do="serve a record", code="no_cases"
        )
    return call.desk.engine


def actor_of(call: Call) -> Actor:
    """Return who asks.

    Raises
    ------
    AccessError
        If nobody in particular does.
    """
    if call.actor is None:
        raise AccessError("no key", expected="a key, so that the audit trail can name it")
    return call.actor


async def _told(call: Call, said: Callable[[Case], dict[str, Any]]) -> Response:
    """What is told of a case, read, computed and encoded in a thread."""
    engine, code = engine_of(call), call.given["id"]

    def answer() -> Reply:
        case = cases.get_case(engine, code)
        return squeezed(call.request, shown.encoded(said(case)), JSON, shown.headers(case.head))

    return await run_in_threadpool(answer)
