"""``/maps/cameras``: what cameras see on one page; for whoever may not see cameras, shares of areas and no more."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from gridmap import maps
from gridmap.api import cameras_answers as shown
from gridmap.api.answers import HTML, is_known, not_modified, squeezed
from gridmap.api.auth import WATCH, granted
from gridmap.api.cameras import at_hand
from gridmap.api.desk import Call
from gridmap.api.drawing import Pages
from gridmap.errors import InputError
from gridmap.service import camera_pages as pages
from gridmap.service.camera_record import look
from gridmap.territory import today

#: Pages by what is seen on their day.
_pages = Pages()


def page(call: Call, policy: Mapping[str, str]) -> Response:
    """Return the page of a request; call it in a thread.

    Parameters
    ----------
    call
        The request.
    policy
        Headers that say what the page may do.

    Raises
    ------
    InputError
        If the two days are one.
    NotFoundError
        If no area is in force on a day.
    RecordError
        If the record cannot be read, or a look not be noted.
    """
    watches, exact = at_hand(call.desk), granted(call.actor, WATCH)
    on, old_on = call.given["on"] or today(), call.given["old_on"]
    if on == old_on:
        raise InputError(
            f"old_on={old_on}", expected="another day than the page's own", code="same_day", values={"day": on}
        )
    sides = [pages.shown(watches, day) for day in (on, old_on) if day is not None]
    headers = _headers(sides, exact=exact) | dict(policy)
    if exact and call.actor is not None:
        for side in sides:
            cameras = len(side.watch.recorded.cameras)
            look(watches.engine, call.actor, on=side.on, cameras=cameras, area=None, by="/maps/cameras")
    elif is_known(call.request, headers):
        return not_modified(headers)
    return squeezed(call.request, _body(call, sides, exact=exact), HTML, headers)


def _headers(sides: list[pages.Shown], *, exact: bool) -> dict[str, str]:
    """A page with places is kept by nobody; one without may be asked about again."""
    version = max(side.version for side in sides)
    if exact:
        return shown.unkept(version)
    return shown.headers(version, sides[0].on, whole=False)


def _body(call: Call, sides: list[pages.Shown], *, exact: bool) -> bytes:
    """The page, drawn when it is first asked for."""
    lang = call.given["lang"] or "zh"
    others = tuple((side.on, side.version) for side in sides)
    return _pages.page(sides[0].watch, (lang, exact, others), lambda: _drawn(sides, exact=exact, lang=lang))


def _drawn(sides: list[pages.Shown], *, exact: bool, lang: str) -> bytes:
    recorded = sides[0].watch.recorded
    seen = [maps.Seen(on=side.on, **pages.tables(side.watch, exact=exact)) for side in sides]
    made = maps.cameras(
        seen[0],
        old=seen[1] if len(seen) > 1 else None,
        areas=recorded.areas,
        streets=recorded.streets,
        buildings=recorded.buildings,
        exact=exact,
        lang=lang,
    )
    return maps.page_html(made).encode()
