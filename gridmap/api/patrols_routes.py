"""What can be asked about patrols: how far they cover areas, who is nearest to an alert, a round for what is owed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gridmap.api import deps
from gridmap.api import patrols_examples as examples
from gridmap.api.answers import GEOJSON, JSON
from gridmap.api.auth import READ, REVIEW_PATROLS, WATCH_PATROLS
from gridmap.api.desk import Call
from gridmap.api.patrols_parameters import (
    AREA,
    BEGINS,
    COMPARE_FROM,
    COMPARE_TO,
    FORMAT,
    FROM,
    GPX,
    HELD_SHIFT,
    MINUTES,
    MODE,
    ON,
    POST,
    SHIFT,
    SIGNINS,
    TO,
)
from gridmap.api.routes import Answerer, Operation


def later(module: str, name: str) -> Answerer:
    """Return a function of a module that is loaded with the first question; a service nobody asks never loads it."""

    async def answer(call: Call) -> Response:
        found = await run_in_threadpool(import_module, f"gridmap.api.{module}")
        said: Response = await getattr(found, name)(call)
        return said

    answer.__name__ = name
    return answer


def _operation(method: str, path: str, name: str, summary: str, **more: Any) -> Operation:
    """One operation on patrols: all of them stand under one heading."""
    module = more.pop("module", "patrols")
    refusals = (404, *more.pop("refusals", ()))
    return Operation(
        method=method, path=path, summary=summary, answer=later(module, name), refusals=refusals, tag="patrols", **more
    )


OPERATIONS = (
    _operation(
        "GET",
        "/api/coverage/patrols",
        "patrol_coverage",
        "How much street of an area and of its children patrols walked, shift by shift, and what is owed a visit",
        needs=READ,
        description=(
            "Shifts are called by the day on which they began, such as `2024-05-06 night`. `share` counts street that "
            "fixes show to have been walked, each metre once; `share_inferred` what a route bridges between fixes, "
            "`share_unknown` what nobody can tell, `share_never` the rest: the four add up to 1. Between `share_low` "
            "and `share_high` the true share lies for nine in ten tracks. A shift without any record is unknown as a "
            "whole, never 0. Streets on a border count in both areas: children less `shared_m` make up their parent. "
            "`owed` says when the period ends how many metres were not walked within their hours, and how long they "
            "were left alone; `cameras` what neither a patrol nor a camera that works looks after; `even` how evenly "
            "grids are walked; `compare` what another period was. For keys that may see patrols alone, each look "
            "audited: `overdue` streets, `effort` by post, `overlap`, `tracks` with what became of their kilometres "
            "and what is held for review, `signins`, the `must_visit` list, and streets `lost` since the other period. "
            "The ETag is the version: ask again with If-None-Match and nothing is sent twice."
        ),
        takes=(AREA, FROM, TO, ON, SHIFT, COMPARE_FROM, COMPARE_TO),
        gives={JSON: examples.COVERAGE},
    ),
    _operation(
        "POST",
        "/api/patrols/alerts",
        "alert",
        "The posts that are first at an alert along streets, and why the others are not; the look is audited",
        needs=WATCH_PATROLS,
        module="patrols_alerts",
        description=(
            "Posts come in the order of the seconds along streets and of the age of their position, second for second. "
            "Who is `farther` without `seconds` was not looked for that far. Of a position older than five minutes "
            "nothing is told but its age. `crs` says what lon and lat are in."
        ),
        body={JSON: examples.ALERT},
        gives={JSON: examples.NEAREST},
        refusals=(408, 413, 415),
    ),
    _operation(
        "POST",
        "/api/patrols/held/{post}/{shift}/release",
        "release_track",
        "Let a track count that was held for review; the audit trail tells who did",
        needs=REVIEW_PATROLS,
        description=(
            "`held` of /api/coverage/patrols lists them with the reasons. `read_as` says in which datum its fixes are, "
            "`GCJ-02` or `BD-09`, where that is not the one stated: they are then matched anew."
        ),
        takes=(POST, HELD_SHIFT),
        body={JSON: examples.RELEASE},
        gives={JSON: examples.RELEASED},
        refusals=(408, 409, 413, 415),
    ),
    _operation(
        "POST",
        "/api/patrols/clocks/{post}/{shift}",
        "set_right",
        "Set right the clock by which the fixes of a post in a shift were made; the audit trail tells who did",
        needs=REVIEW_PATROLS,
        description=(
            "A clock that is hours off puts a round into another shift; `held` of /api/coverage/patrols names it by "
            "the reason `clock` where it is ahead, and sign-ins without a track tell of one that is behind. "
            "`offset_s` is added to the moments of all fixes that the record has in that shift, and the `shifts` in "
            "which they then stand are settled anew; the same with the other sign takes it back. 409: fixes of one of "
            "these shifts are no longer kept, or the post has others at these moments."
        ),
        takes=(POST, HELD_SHIFT),
        body={JSON: examples.CLOCK},
        gives={JSON: examples.RESET},
        refusals=(408, 409, 413, 415),
    ),
    _operation(
        "GET",
        "/api/patrols/round",
        "plan_round",
        "A round for a crew: for what is owed most within some minutes, or through all streets of an area",
        needs=WATCH_PATROLS,
        module="patrols_rounds",
        description=(
            "Begins and ends at lon, lat. First the line with its figures: `collected` of `possible` debt, and "
            "`collected_bound`, more than which no round works off, beside the `habit` of going to the nearest overdue "
            "street next; of a round through all streets `gap`, how much longer it is than what no round falls below. "
            "Then the stretches in the order walked. The look is audited."
        ),
        takes=(AREA, deps.LON, deps.LAT, deps.CRS, MINUTES, BEGINS, MODE, SIGNINS, FROM, TO, ON, FORMAT),
        gives={GEOJSON: examples.ROUND, GPX: "<?xml version=..."},
    ),
)
