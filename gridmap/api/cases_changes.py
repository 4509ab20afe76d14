"""What changes a case: it is opened, added to, agreed, closed; each change names the version that its maker saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gridmap.api import cases_answers as shown
from gridmap.api import cases_asked as asked
from gridmap.api.answers import JSON, Reply
from gridmap.api.body import media_type
from gridmap.api.cases import actor_of, engine_of, room
from gridmap.api.desk import Call
from gridmap.service import cases, cases_folder
from gridmap.service.cases_told import agreed_report
from gridmap.store.cases import add_sources, withdraw
from gridmap.store.cases import set_status as turned
from gridmap.store.cases_agreeing import Signing
from gridmap.store.cases_given import NewCase, NewEvidence, NewSource
from gridmap.store.cases_heads import Head, find_case


async def open_case(call: Call) -> Response:
    """Open a case."""
    engine, actor = engine_of(call), actor_of(call)
    said = asked.new_case(await asked.body(call))
    case = await run_in_threadpool(lambda: cases.open_case(engine, NewCase(**said), actor=actor))
    headers = {**shown.headers(case), "Location": shown.address(case.code)}
    return Reply(shown.encoded(shown.header(case)), JSON, status=201, headers=headers)


async def add_claims(call: Call) -> Response:
    """Add the claims in a file, and answer what was decided to read it."""
    given, version = call.given, asked.version_of(call.given)
    names = ("party", "source", "date", "accuracy_m", "evidence", "file")
    said = {name: given[name] for name in names if given[name] is not None}
    async with asked.drawn(call) as path:
        added = await run_in_threadpool(
            lambda: cases.put_claims(
                engine_of(call),
                given["id"],
                [path],
                actor=actor_of(call),
                version=version,
                hints=cases.Hints(crs=given["crs"]),
                said=said,
                # the name that a client sends is nobody's label
                trust_names=False,
            )
        )
    return await _grown(call, "claims", added.numbers, warnings=added.warnings)


async def add_candidates(call: Call) -> Response:
    """Add the lines in a file that are proposed to settle, or the line that gives a share of the disputed ground."""
    # a file of GeoJSON may come as JSON too, and has a name
    if call.given["file"] is None and media_type(call.request) == JSON:
        return await _solved(call)
    given, version = call.given, asked.version_of(call.given)
    async with asked.drawn(call) as path:
        added = await run_in_threadpool(
            lambda: cases.put_candidates(
                engine_of(call),
                given["id"],
                path,
                actor=actor_of(call),
                version=version,
                crs=given["crs"],
                source=given["source"],
                name=given["name"],
            )
        )
    return await _grown(call, "candidates", added.numbers, warnings=added.warnings)


async def _solved(call: Call) -> Response:
    version, said = asked.share_of(await asked.body(call))
    engine, code, actor = engine_of(call), call.given["id"], actor_of(call)
    wanted = cases.Wanted(**said)
    added = await run_in_threadpool(lambda: cases.put_solved(engine, code, wanted, actor=actor, version=version))
    return await _grown(call, "candidates", added.numbers, warnings=added.warnings)


async def add_evidence(call: Call) -> Response:
    """Add a piece of evidence."""
    given, version, actor = call.given, asked.version_of(call.given), actor_of(call)
    new = NewEvidence(
        file=given["file"] or "",
        kind=given["kind"] or "document",
        media_type=asked.type_of(media_type(call.request)),
        **{name: given[name] for name in ("party", "statement", "captured", "released", "scanned")},
    )
    engine = engine_of(call)
    async with asked.evidence(call) as path, room(call.desk):
        number = await run_in_threadpool(
            lambda: cases.put_evidence(engine, given["id"], path, new, actor=actor, version=version)
        )
    location = {"Location": f"{shown.address(given['id'])}/evidence/{number}"}
    return await _grown(call, "evidence", [number], headers=location)


async def add_source(call: Call) -> Response:
    """Add a source that the page can show."""
    version, said = asked.source_of(await asked.body(call))
    code, actor = call.given["id"], actor_of(call)
    numbers = await run_in_threadpool(
        _written,
        call,
        lambda connection: add_sources(connection, code, [NewSource(**said)], actor=actor, version=version),
    )
    return await _grown(call, "sources", numbers)


async def withdraw_claim(call: Call) -> Response:
    """Mark a claim as withdrawn."""
    return await _withdrawn(call, "claims")


async def withdraw_candidate(call: Call) -> Response:
    """Mark a candidate as withdrawn."""
    return await _withdrawn(call, "candidates")


async def add_agreement(call: Call) -> Response:
    """Write down what was agreed."""
    version, ids, said = asked.agreement_of(await asked.body(call))
    engine, code, actor = engine_of(call), call.given["id"], actor_of(call)
    done = await run_in_threadpool(
        lambda: cases.agree(engine, code, Signing(**said), actor=actor, version=version, ids=ids)
    )
    made = {name: value for name, value in agreed_report(done).items() if name not in {"number", "version"}}
    return await _grown(call, "agreements", [done.number], **made)


async def import_case(call: Call) -> Response:
    """Take in a case that was handed over as an archive."""
    engine, actor = engine_of(call), actor_of(call)
    async with asked.archive(call) as path, room(call.desk):
        done = await run_in_threadpool(lambda: cases_folder.import_case(engine, path, actor=actor))

    def answer() -> Reply:
        with engine.connect() as connection:
            case = find_case(connection, done.code)
        headers = {**shown.headers(case), "Location": shown.address(case.code)}
        said = {"case": shown.header(case), "new": done.new, "rows": done.rows, "files": done.files}
        return Reply(shown.encoded(said), JSON, status=201 if done.new else 200, headers=headers)

    return await run_in_threadpool(answer)


async def set_status(call: Call) -> Response:
    """Close a case, withdraw it, or open it again."""
    version, status = asked.status_of(await asked.body(call))
    code, actor = call.given["id"], actor_of(call)
    return await _headed(call, lambda connection: turned(connection, code, status, actor=actor, version=version))


async def _withdrawn(call: Call, part: str) -> Response:
    version = asked.seen(await asked.body(call))
    code, number, actor = call.given["id"], call.given["number"], actor_of(call)
    return await _headed(
        call, lambda connection: withdraw(connection, code, part, number, actor=actor, version=version)
    )


async def _headed(call: Call, work: Callable[[Connection], Head]) -> Response:
    """The case as it is after a change."""
    case = await run_in_threadpool(_written, call, work)
    return Reply(shown.encoded(shown.header(case)), JSON, headers=shown.headers(case))


def _written(call: Call, work: Callable[[Connection], Any]) -> Any:
    """Do a change whole or not at all."""
    with engine_of(call).begin() as connection:
        return work(connection)


async def _grown(
    call: Call, part: str, numbers: Sequence[int], *, headers: Mapping[str, str] = {}, **more: Any
) -> Response:
    """The case with the rows of a part that were added."""

    def answer() -> Reply:
        case = cases.get_case(engine_of(call), call.given["id"])
        rows = shown.numbered(getattr(case, part), set(numbers))
        said = {"case": shown.header(case.head), part: [shown.signed(row) for row in rows], **more}
        return Reply(shown.encoded(said), JSON, status=201, headers={**shown.headers(case.head), **headers})

    return await run_in_threadpool(answer)
