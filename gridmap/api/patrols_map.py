"""``/maps/patrols``: where patrols walked on one page; for whoever may not see patrols, shares of areas and no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from gridmap import maps
from gridmap.api import patrols_answers as shown
from gridmap.api.answers import HTML, is_known, not_modified, squeezed
from gridmap.api.auth import WATCH_PATROLS, granted
from gridmap.api.desk import Call
from gridmap.api.drawing import Pages
from gridmap.api.patrols import at_hand, compared, noted
from gridmap.api.patrols_words import NOTES
from gridmap.service.patrol_answers import page as pages
from gridmap.service.patrol_answers.spans import Span
from gridmap.service.patrol_answers.state import Coverages, Patrolled
from gridmap.territory import today

#: Pages by the span they show first.
_pages = Pages()


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """What tells one page of a span from another."""

    #: day of the areas
    on: date
    #: the shifts beside them
    old: Span | None
    #: code of the only area that is shown
    area: str | None
    #: ``zh`` or ``en``
    lang: str
    #: whether it tells what was walked where
    exact: bool


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
        If the days make no sense.
    NotFoundError
        If no area or street is in force, or none has the code asked for.
    RecordError
        If the record cannot be read, or a look not be noted.
    """
    coverages, given = at_hand(call.desk), call.given
    asked = coverages.span(given["from"], given["to"], given["on"])
    old = compared(coverages, given["old_from"], given["old_to"])
    on, exact = given["on"] or today(), granted(call.actor, WATCH_PATROLS)
    state = coverages.during(asked, on)
    headers = shown.headers(state.version, on, (asked, old), whole=exact) | dict(policy)
    if is_known(call.request, headers):
        return not_modified(headers)
    if exact:
        for each in (asked, old):
            if each is not None:
                noted(call, each, area=given["area"])
    return squeezed(call.request, _body(call, coverages, state, old), HTML, headers)


def _body(call: Call, coverages: Coverages, state: Patrolled, old: Span | None) -> bytes:
    """The page, drawn when it is first asked for; one that shows where posts are now is not kept."""
    shown_ = _Shown(
        on=call.given["on"] or today(),
        old=old,
        area=call.given["area"],
        lang=call.given["lang"] or "zh",
        exact=granted(call.actor, WATCH_PATROLS),
    )
    live = shown_.exact and pages.is_live(coverages, state.span)
    return _pages.page(state, shown_, lambda: _drawn(coverages, state, shown_), keep=not live)


def _drawn(coverages: Coverages, state: Patrolled, asked: _Shown) -> bytes:
    spans = [state.span, *([] if asked.old is None else [asked.old])]
    sides = [
        maps.Walked(
            **pages.side(coverages, each, asked.on, area=asked.area, exact=asked.exact),
            notes=_notes(coverages.during(each, asked.on), asked.lang),
        )
        for each in spans
    ]
    made = maps.patrols(
        sides[0],
        streets=state.roads.table,
        areas=pages.territory(state, asked.area),
        buildings=state.recorded.buildings,
        old=sides[1] if len(sides) > 1 else None,
        exact=asked.exact,
        lang=asked.lang,
    )
    return maps.page_html(made).encode()


def _notes(state: Patrolled, lang: str) -> tuple[str, ...]:
    """What a reader must know of a period: what does not count, and what nobody knows yet."""
    held = len(state.held[["post", "shift"]].drop_duplicates())
    counts = {"held": held, "pending": len(state.walks.pending), "left_out": state.left_out}
    return tuple(NOTES[name][lang == "zh"].format(count=count) for name, count in counts.items() if count)
