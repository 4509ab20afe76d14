"""What a page of patrols shows of a span: visits and shares, sign-ins, streets that are owed a visit, posts."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd

from gridmap.coverage.walked import Ledger, Sides
from gridmap.service.camera_record import below, family
from gridmap.service.patrol_answers.alerts import MOST_AGE_S
from gridmap.service.patrol_answers.parts import Part, neither, part_of
from gridmap.service.patrol_answers.scans import scans
from gridmap.service.patrol_answers.spans import Span
from gridmap.service.patrol_answers.state import Coverages, Patrolled


def side(coverages: Coverages, asked: Span, on: date, *, area: str | None, exact: bool) -> dict[str, Any]:
    """Return one period of a page.

    Parameters
    ----------
    coverages
        Where patrols walked by a record.
    asked
        Shifts.
    on
        Day of the areas and streets.
    area
        Only what lies in this area; None: all.
    exact
        Whether the reader may know which street was walked when and by whom.

    Returns
    -------
    dict
        The fields of `gridmap.maps.Walked` by name.

    Raises
    ------
    NotFoundError
        If no area or street is in force on that day, or none has that code.
    RecordError
        If the record cannot be read.
    """
    state = coverages.during(asked, on)
    book, laid = _ground(state, area)
    said: dict[str, Any] = {
        "book": book,
        "laid": laid,
        "shifts": asked.shifts,
        "shares": state.shares,
        "since": asked.since,
        "until": asked.last,
    }
    return said | _places(coverages, state, area) if exact else said


def territory(state: Patrolled, area: str | None) -> gpd.GeoDataFrame:
    """Return the areas of a page: all, or one with those in it.

    Raises
    ------
    NotFoundError
        If no area has that code.
    """
    areas = state.recorded.areas
    if area is None:
        return areas
    family(areas, area)
    return areas[areas["code"].isin(below(areas, area))].reset_index(drop=True)


def _ground(state: Patrolled, area: str | None) -> tuple[Ledger, Sides]:
    """The ledger of the span and its streets cut along areas, all or those of an area."""
    if area is None:
        return state.inside, state.roads.laid
    family(state.recorded.areas, area)
    part = _part(state, area)
    return part.book, part.laid


def _part(state: Patrolled, area: str | None) -> Part:
    return state.once(("part", area), lambda: part_of(state, area))


def _places(coverages: Coverages, state: Patrolled, area: str | None) -> dict[str, Any]:
    """What tells where posts were."""
    part, found = _part(state, area), scans(coverages.known, state, area)
    return {
        "owed": state.owed[part.streets],
        "checkpoints": found.checkpoints,
        "signins": found.signins,
        "blind": neither(state, part),
        "posts": _posts(coverages, state),
    }


def _posts(coverages: Coverages, state: Patrolled) -> gpd.GeoDataFrame | None:
    """Where posts are now, where the span has not ended; nothing of a position that is too old."""
    if not is_live(coverages, state.span):
        return None
    return coverages.known.last(most_age_s=MOST_AGE_S, now=coverages.now())[["post", "time", "geometry"]]


def is_live(coverages: Coverages, asked: Span) -> bool:
    """Return whether a span has not ended, so that where posts are now belongs to it.

    Raises
    ------
    Nothing
        Any span has ended or not.
    """
    return coverages.now() < asked.ends
