"""``/api/patrols/alerts``: the posts that are first at an alert, each answer noted in the audit trail."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gridmap import crs
from gridmap.api import deps
from gridmap.api import patrols_answers as shown
from gridmap.api.answers import JSON, Reply
from gridmap.api.cameras_answers import unkept
from gridmap.api.desk import Call
from gridmap.api.patrols import actor_of, read_small, record
from gridmap.errors import InputError
from gridmap.network import MODES
from gridmap.service.patrol_answers.alerts import MOST_AGE_S, Alerted, Alerts
from gridmap.service.patrol_record import look
from gridmap.territory import today

#: Posts that may be chosen.
MOST_CHOSEN = 20
#: What the body may say.
_NAMES = frozenset({"lon", "lat", "crs", "n", "mode"})

_alerts: WeakKeyDictionary[Engine, Alerts] = WeakKeyDictionary()


async def alert(call: Call) -> Response:
    """Answer who is first at an alert."""
    at, n, mode = asked(await read_small(call))
    known, actor = record(call.desk), actor_of(call)

    def answer() -> Reply:
        alerts = _alerts.setdefault(known.engine, Alerts(known.book))
        found = alerts.alerted(at, today(), n=n, mode=mode)
        look(known.engine, actor, by=call.request.url.path, posts=found.number)
        return Reply(shown.dumped(told(found, at, n, mode)), JSON, headers=unkept(found.version))

    return await run_in_threadpool(answer)


def asked(body: Any) -> tuple[tuple[float, float], int, str]:
    """Return the place of an alert in degrees, how many posts are wanted, and how they get along.

    Raises
    ------
    InputError
        If the body is not understood, or its place is none.
    CrsError
        If the place does not lie in its system.
    """
    if not isinstance(body, dict) or not body.keys() <= _NAMES:
        raise InputError("a body that says something else", expected=f"an object of {', '.join(sorted(_NAMES))}")
    lon, lat, n, mode = (body.get(name) for name in ("lon", "lat", "n", "mode"))
    if not (isinstance(lon, int | float) and isinstance(lat, int | float)) or bool in {type(lon), type(lat)}:
        raise InputError(f"lon={lon!s:.40} lat={lat!s:.40}", expected="two numbers", code="no_alert_place")
    if n is not None and (type(n) is not int or not 1 <= n <= MOST_CHOSEN):
        raise InputError(f"n={n!s:.40}", expected=f"a whole number from 1 to {MOST_CHOSEN}")
    if mode is not None and mode not in MODES:
        raise InputError(f"mode={mode!s:.40}", expected=f"one of {', '.join(MODES)}")
    system = body.get("crs")
    place = deps.degrees(float(lon), float(lat), None if system is None else crs.parse(str(system)))
    return place, n or 3, mode or "foot"


def told(found: Alerted, at: tuple[float, float], n: int, mode: str) -> dict[str, Any]:
    """Return who is first, as it is sent.

    Raises
    ------
    Nothing
    """
    return {
        "version": found.version,
        "now": found.now,
        "at": at,
        "n": n,
        "mode": mode,
        "most_age_s": MOST_AGE_S,
        "numberMatched": found.number,
        "numberReturned": len(found.posts),
        "posts": _rows(found.posts),
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as objects, in half the time that pandas takes; JSON has null for what is not a number."""
    names = [str(name) for name in table]
    rank = [None if one is pd.NA else one for one in table["rank"].tolist()]
    columns = [rank if name == "rank" else table[name].tolist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
