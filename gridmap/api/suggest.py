"""``/api/suggest``: what is being typed may mean these."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from gridmap.address.suggest import Suggestion
from gridmap.api import deps
from gridmap.api.answers import JSON, json_reply
from gridmap.api.auth import READ
from gridmap.api.deps import Parameter
from gridmap.api.desk import Call
from gridmap.api.routes import Operation
from gridmap.errors import InputError, TooLargeError

#: Suggestions in one answer: as many as a person reads, and the most that may be asked for.
_LIMIT, _MOST = 10, 50

#: A minute in which a browser need not ask again, as when a character is taken back; never for another key's holder.
_KEPT = {"Cache-Control": "private, max-age=60", "Vary": "Authorization"}


async def suggest(call: Call) -> Response:
    """Answer what a text that is still being typed may mean."""
    typed, most = call.given["q"] or "", call.desk.limits.address_chars
    if len(typed) > most:
        raise TooLargeError(f"a text of {len(typed)} characters", expected=f"at most {most}")
    territory = await call.territory()
    suggestions = await call.desk.suggestions(territory)
    found = suggestions().suggest(typed, limit=call.given["limit"] or _LIMIT)
    headers = {"X-Gridmap-Version": str(suggestions.version), **_KEPT}
    return json_reply([_told(suggestion) for suggestion in found], headers=headers)


def _told(suggestion: Suggestion) -> dict[str, Any]:
    """A suggestion as it is sent."""
    return {
        "address": suggestion.address,
        "text": suggestion.text,
        "within": suggestion.within,
        "matched": suggestion.matched,
        "kind": suggestion.kind,
        "count": suggestion.count,
        "id": suggestion.id,
        "area": suggestion.area,
        "means": suggestion.means,
        "lon": suggestion.x,
        "lat": suggestion.y,
    }


def _limit(text: str) -> int:
    """How many to answer at most."""
    limit = deps.count(text)
    if limit > _MOST:
        raise InputError(f"limit={text[:40]!r}", expected=f"a whole number from 1 to {_MOST}")
    return limit


_TYPED = Parameter(
    name="q",
    parse=deps.address,
    schema={"type": "string", "maxLength": 500},
    meaning="what was typed so far: the beginning of an address, part of a name, or its pinyin",
    example="人民",
)
_AT_MOST = Parameter(
    name="limit",
    parse=_limit,
    schema={"type": "integer", "minimum": 1, "maximum": _MOST, "default": _LIMIT},
    meaning="at most so many suggestions",
)

OPERATIONS = (
    Operation(
        method="GET",
        path="/api/suggest",
        needs=READ,
        summary="Addresses and names that what was typed so far may mean",
        description=(
            "For a search box: a list, the likeliest first, empty where nothing fits. `address` can be asked at "
            "`/api/locate`; to be shown it is parted in `within` (the divisions) and `text`, of which `matched` says "
            "the first and one past the last character that was typed. `kind` says what it is (road, compound, number, "
            "building, community ...), `count` for how many addresses it stands, `id` which address it is if it is "
            "one, `lon` and `lat` where that is, or an address in the middle. What people call a place is of the kind "
            "alias: `text` is the alias, `address` and `means` what it means. After a change of the record the last "
            "suggestions of the same day are answered until those that follow it are made, some seconds; "
            "`X-Gridmap-Version` tells which revision an answer is of."
        ),
        answer=suggest,
        takes=(_TYPED, _AT_MOST, deps.ON),
        gives={
            JSON: [
                {
                    "address": "崇川区人民中路",
                    "text": "人民中路",
                    "within": "崇川区",
                    "matched": [0, 2],
                    "kind": "road",
                    "count": 290,
                    "id": None,
                    "area": None,
                    "means": None,
                    "lon": 120.8631,
                    "lat": 31.9842,
                }
            ]
        },
        refusals=(404, 413),
    ),
)
