"""Whether the service runs, whether it can answer, and what it has done."""

from __future__ import annotations

from sqlalchemy import Engine, text
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gridmap.api.answers import JSON, Reply, json_reply
from gridmap.api.auth import OPEN, READ
from gridmap.api.desk import Call
from gridmap.api.metrics import TEXT
from gridmap.api.routes import Operation
from gridmap.errors import NotFoundError, RecordError

_NEVER_KEPT = {"Cache-Control": "no-store"}


async def healthz(_call: Call) -> Response:
    """Answer that the process runs."""
    return json_reply({"status": "ok"}, headers=_NEVER_KEPT)


async def readyz(call: Call) -> Response:
    """Answer whether a territory is in force today and the record can be reached."""
    try:
        territory = await call.desk.territory(None)
    except NotFoundError as error:
        raise RecordError(str(error)) from error
    if call.desk.engine is not None:
        await run_in_threadpool(_reach, call.desk.engine)
    return json_reply({"status": "ready", "version": territory.version}, headers=_NEVER_KEPT)


async def metrics(call: Call) -> Response:
    """Answer the counts of requests."""
    desk = call.desk
    held = desk.atlas.held()
    version = None if held is None else held.version
    return Reply(desk.metrics.text(version=version).encode(), TEXT, headers=_NEVER_KEPT)


def _reach(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))


OPERATIONS = (
    Operation(
        method="GET",
        path="/healthz",
        needs=OPEN,
        summary="Whether the process runs",
        answer=healthz,
        gives={JSON: {"status": "ok"}},
        tag="service",
    ),
    Operation(
        method="GET",
        path="/readyz",
        needs=OPEN,
        summary="Whether it can answer: areas are in force and the record is reached",
        answer=readyz,
        gives={JSON: {"status": "ready", "version": 17}},
        tag="service",
    ),
    Operation(
        method="GET",
        path="/metrics",
        needs=READ,
        summary="Counts of requests, in Prometheus text format",
        answer=metrics,
        gives={TEXT: 'gridmap_http_requests_total{route="/api/locate",method="GET",status="200"} 12\n'},
        tag="service",
    ),
)
