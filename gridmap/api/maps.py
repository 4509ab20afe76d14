"""``/maps``: the same self-contained Folium pages that the command line writes."""

from __future__ import annotations

from datetime import date
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gridmap.api import deps
from gridmap.api.answers import HTML, is_known, kept_headers, not_modified, squeezed
from gridmap.api.auth import READ
from gridmap.api.desk import Call
from gridmap.api.routes import Operation
from gridmap.territory import Territory

#: A page of somebody's data runs its own scripts, asks no other host, and is of no origin: it cannot reach the service.
_POLICY = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; frame-ancestors 'self'"
)

#: Pages of one territory that are kept; asked for further days, it begins anew.
_PAGES_KEPT = 8

#: Pages by the index of their territory, and by their language and day.
_pages: WeakKeyDictionary[Any, dict[tuple[str, date], bytes]] = WeakKeyDictionary()
_drawing = Lock()


async def grids_map(call: Call) -> Response:
    """Answer the areas in force on one page."""
    territory = await call.territory()
    headers = {**kept_headers(territory), "Content-Security-Policy": _POLICY}
    if is_known(call.request, headers):
        return not_modified(headers)
    return await run_in_threadpool(_grids, call, territory, headers)


def _grids(call: Call, territory: Territory, headers: dict[str, str]) -> Response:
    # what draws maps is loaded with the first of them, so that a service is ready sooner
    from gridmap import maps

    language, settings = call.given["lang"] or "zh", call.desk.settings
    title = settings.title_zh if language == "zh" else settings.title_en
    # drawing takes seconds and much memory: one at a time, and the others find it done
    with _drawing:
        drawn, page = _pages.setdefault(territory.index, {}), (language, territory.on)
        if page not in drawn:
            if len(drawn) >= _PAGES_KEPT:
                drawn.clear()
            made = maps.grids(territory.areas, title=title, lang=language, on=territory.on)
            drawn[page] = maps.page_html(made).encode()
        body = drawn[page]
    return squeezed(call.request, body, HTML, headers)


OPERATIONS = (
    Operation(
        method="GET",
        path="/maps/grids",
        needs=READ,
        summary="The areas in force as one self-contained page, to look at or to save",
        answer=grids_map,
        takes=(deps.ON, deps.LANG),
        gives={HTML: "<!DOCTYPE html>..."},
        refusals=(404,),
        tag="maps",
    ),
)
