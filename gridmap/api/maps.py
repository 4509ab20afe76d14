"""``/maps``: the same self-contained Folium pages that the command line writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gridmap.api import deps
from gridmap.api import patrols_parameters as patrols
from gridmap.api.answers import HTML, is_known, kept_headers, not_modified, squeezed
from gridmap.api.auth import READ, READ_CASES
from gridmap.api.cameras_parameters import OLD_ON
from gridmap.api.cases_parameters import CASE
from gridmap.api.desk import Call, Desk
from gridmap.api.drawing import Pages
from gridmap.api.routes import Operation
from gridmap.errors import InputError
from gridmap.territory import Territory

#: A page of somebody's data runs its own scripts, asks no other host, and is of no origin: it cannot reach the service.
_POLICY = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; frame-ancestors 'self'"
)

#: Layers of the record that a page counts and draws.
_LAYERS = ("buildings", "streets", "places")


@dataclass(frozen=True, kw_only=True)
class _Page:
    """Which page it is; what it shows first, it reads from its own address."""

    #: ``zh`` or ``en``
    lang: str
    #: revision of the record
    version: int
    #: day of the areas
    on: date
    #: day of the areas beside them
    old_on: date | None


#: Pages by the index of their territory.
_pages = Pages()


async def grids_map(call: Call) -> Response:
    """Answer the areas in force on one page, beside those of an earlier day if one is given."""
    territory = await call.territory()
    _refuse_unknown(call, territory)
    old = None if call.given["old"] is None else await call.desk.territory(call.given["old"])
    headers = {**kept_headers(territory), "Content-Security-Policy": _POLICY}
    if is_known(call.request, headers):
        return not_modified(headers)
    return await run_in_threadpool(_grids, call, (territory, old), headers)


async def cameras_map(call: Call) -> Response:
    """Answer what cameras see on one page, beside what they saw on another day if one is given."""
    return await run_in_threadpool(_page_of, "cameras_map", call)


async def patrols_map(call: Call) -> Response:
    """Answer where patrols walked on one page, beside another period if one is given."""
    return await run_in_threadpool(_page_of, "patrols_map", call)


async def disputes_map(call: Call) -> Response:
    """Answer the comparison of a case on one page."""
    return await run_in_threadpool(_page_of, "cases_map", call)


def _page_of(name: str, call: Call) -> Response:
    """The page that a module draws, which is loaded with the first of them."""
    page: Response = import_module(f"gridmap.api.{name}").page(call, {"Content-Security-Policy": _POLICY})
    return page


def _refuse_unknown(call: Call, territory: Territory) -> None:
    """Refuse a level that no area has, and changes without anything to compare with."""
    level, levels = call.given["level"], territory.levels
    if level is not None and level not in levels:
        raise InputError(f"level={level}", expected=f"one of {', '.join(levels)}")
    if call.given["by"] == "change" and call.given["old"] is None:
        raise InputError("by=change without another day", expected="old=DAY beside it, such as old=2019-12-31")


def _grids(call: Call, sides: tuple[Territory, Territory | None], headers: dict[str, str]) -> Response:
    territory, old = sides
    page = _Page(
        lang=call.given["lang"] or "zh",
        version=territory.version,
        on=territory.on,
        old_on=None if old is None else old.on,
    )
    body = _pages.page(territory.index, page, lambda: _drawn(call.desk, page, territory, old))
    return squeezed(call.request, body, HTML, headers)


def _drawn(desk: Desk, page: _Page, territory: Territory, old: Territory | None) -> bytes:
    """Return a page with what the record holds on its day."""
    # what draws maps is loaded with the first of them, so that a service is ready sooner
    from gridmap import maps
    from gridmap.service.grids import recorded

    engine, settings = desk.engine, desk.settings
    layers: dict[str, Any] = {} if engine is None else {name: recorded(engine, name, page.on) for name in _LAYERS}
    made = maps.grids(
        territory.areas,
        old=None if old is None else old.areas,
        **layers,
        title=settings.title_zh if page.lang == "zh" else settings.title_en,
        lang=page.lang,
        on=page.on,
        old_on=page.old_on,
    )
    return maps.page_html(made).encode()


def _shade(text: str) -> str:
    """Return what areas are shaded by."""
    from gridmap.maps import SHADES

    if text not in SHADES:
        raise InputError(f"by={text[:40]!r}", expected=f"one of {', '.join(SHADES)}")
    return text


def _old_day(text: str) -> date:
    """Return the day of the areas that are shown beside the others."""
    try:
        return deps.day(text)
    except InputError:
        raise InputError(f"old={text[:40]!r}", expected="a day as 2019-12-31") from None


OLD = deps.Parameter(
    name="old",
    parse=_old_day,
    schema={"type": "string", "format": "date"},
    meaning="a day whose areas are shown beside those of `on`, with what became of each",
)
BY = deps.Parameter(
    name="by",
    parse=_shade,
    schema={"type": "string"},
    meaning="what areas are shaded by at first: `households`, `residents`, `compactness`, `staff_per_10000`,"
    " `floor_share`, `service_m` or another figure, `norms` (how many are kept) or `change` (with `old`)",
    example="households",
)
LEVEL = deps.Parameter(
    name="level",
    parse=deps.code,
    schema={"type": "string"},
    meaning="the level that is shaded at first; `grid` without it, or else the finest",
    example="grid",
)


OPERATIONS = (
    Operation(
        method="GET",
        path="/maps/grids",
        needs=READ,
        summary="The areas in force, beside those of another day if asked, as one self-contained page",
        answer=grids_map,
        takes=(deps.ON, OLD, BY, LEVEL, deps.LANG),
        gives={HTML: "<!DOCTYPE html>..."},
        refusals=(404,),
        tag="maps",
    ),
    Operation(
        method="GET",
        path="/maps/cameras",
        needs=READ,
        summary="What cameras see, beside what they saw on another day if asked, as one self-contained page",
        description=(
            "Keys that may see cameras get where they stand and the ground that each sees; the look is audited. All "
            "others get the shares of areas."
        ),
        answer=cameras_map,
        takes=(deps.ON, OLD_ON, deps.LANG),
        gives={HTML: "<!DOCTYPE html>..."},
        refusals=(404,),
        tag="maps",
    ),
    Operation(
        method="GET",
        path="/maps/patrols",
        needs=READ,
        summary="Where patrols walked, with a slider over the shifts, beside another period if asked, as one page",
        description=(
            "Keys that may see patrols get streets, sign-ins and the places of posts; the look is audited. All others "
            "get the shares of areas."
        ),
        answer=patrols_map,
        takes=(patrols.FROM, patrols.TO, patrols.ON, patrols.SHOWN_AREA, patrols.OLD_FROM, patrols.OLD_TO, deps.LANG),
        gives={HTML: "<!DOCTYPE html>..."},
        refusals=(404,),
        tag="maps",
    ),
    Operation(
        method="GET",
        path="/maps/disputes",
        needs=READ_CASES,
        summary="The comparison of a case as one page: maps, pictures, claims and candidates side by side",
        description="The look at each piece of evidence that it shows is audited.",
        answer=disputes_map,
        takes=(CASE, deps.LANG),
        gives={HTML: "<!DOCTYPE html>..."},
        refusals=(404,),
        tag="maps",
    ),
)
