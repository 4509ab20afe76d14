"""What can be asked about cameras: shares of what they see, where they stand, what would be, and changes of them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gridmap.api import cameras_examples as examples
from gridmap.api import deps
from gridmap.api.answers import GEOJSON, JSON
from gridmap.api.auth import READ, SET_CAMERAS, WATCH
from gridmap.api.cameras_parameters import AREA, BAND, EFFECTIVE, FROM, ID, SEEN, TO, WITHIN
from gridmap.api.desk import Call
from gridmap.api.routes import Answerer, Operation


def _later(name: str) -> Answerer:
    """The function of `gridmap.api.cameras` that answers; a service nobody asks about cameras never loads it."""

    async def answer(call: Call) -> Response:
        module = await run_in_threadpool(import_module, "gridmap.api.cameras")
        said: Response = await getattr(module, name)(call)
        return said

    answer.__name__ = name
    return answer


def _operation(method: str, path: str, name: str, summary: str, **more: Any) -> Operation:
    """One operation on cameras: all of them stand under one heading."""
    refusals = (404, *more.pop("refusals", ()))
    return Operation(
        method=method, path=path, summary=summary, answer=_later(name), refusals=refusals, tag="cameras", **more
    )


_BODY = (408, 409, 413, 415)

OPERATIONS = (
    _operation(
        "GET",
        "/api/coverage/cameras",
        "camera_coverage",
        "How much of an area and of its children cameras see, band by band, on a day or on two",
        needs=READ,
        description=(
            "Bands are disjoint: `recognise`, `find`, `detect`, `seen` (visible, too coarsely); `any` is their sum. "
            "`share` counts ground that is seen for certain of heading; `share_guaranteed` what is seen however a "
            "heading known as an octant may turn out, `share_possible` what may be seen. With `from` and `to`, "
            "`compare` says what changed between two days. `depth` counts metres of street, and places, that at least "
            "one, two and three cameras see which work; `rates` stand beside their targets. For keys that may see "
            "cameras alone: which places these are, those that fewest see first; `blind` streets; `losses`, the metres "
            "that nobody would see without a camera, or without all cameras on a street. The ETag "
            "is the version: ask again with If-None-Match and nothing is sent twice."
        ),
        takes=(AREA, BAND, deps.ON, FROM, TO),
        gives={JSON: examples.COVERAGE},
    ),
    _operation(
        "POST",
        "/api/coverage/cameras/what-if",
        "what_if",
        "What would be seen if cameras were moved, turned, added or removed; nothing is saved",
        needs=WATCH,
        description=(
            "`set` says of each camera what would change; of a new one, at least its place and kind. The look is "
            "audited."
        ),
        body={JSON: examples.WHAT_IF},
        gives={JSON: examples.WOULD_BE},
        refusals=_BODY,
    ),
    _operation(
        "GET",
        "/api/cameras",
        "list_cameras",
        "Where cameras stand; the look is audited",
        needs=WATCH,
        takes=(WITHIN, deps.ON),
        gives={GEOJSON: examples.CAMERAS},
    ),
    _operation(
        "GET",
        "/api/cameras/{id}",
        "one_camera",
        "A camera and the ground that it sees; the look is audited",
        needs=WATCH,
        takes=(ID, deps.ON),
        gives={JSON: examples.SEEN_BY_ONE},
    ),
    _operation(
        "PUT",
        "/api/cameras/{id}",
        "put_camera",
        "Write what a camera is from a day on; what is not said stays as it is",
        needs=SET_CAMERAS,
        description=(
            "`seen` is that of the camera when it was looked at, none for a new one. Where others changed it since, "
            "409 says so and nothing is done. The row before is kept for the days before."
        ),
        takes=(ID,),
        body={JSON: examples.PUT},
        gives={GEOJSON: examples.SAVED},
        refusals=_BODY,
    ),
    _operation(
        "DELETE",
        "/api/cameras/{id}",
        "end_camera",
        "Take a camera away from a day on; it is kept for questions about the days before",
        needs=SET_CAMERAS,
        takes=(ID, SEEN, EFFECTIVE),
        gives={JSON: {"id": "C00001", "version": 19, "valid_to": "2026-03-01"}},
        refusals=(409,),
    ),
)
