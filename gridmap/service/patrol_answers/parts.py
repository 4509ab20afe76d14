"""A part of the territory: the ledger of an area, and its stretches that neither a patrol nor a camera covers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gridmap.coverage import walked as figures
from gridmap.coverage.depth import nominal
from gridmap.coverage.walked.sides import over
from gridmap.service.camera_record import below
from gridmap.service.camera_standing import COUNTINGS
from gridmap.service.patrol_answers.state import Patrolled
from gridmap.visibility.lines import Parts

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Part:
    """What lies in an area and in all areas in it."""

    #: the ledger of the span on the stretches of street that lie there
    book: figures.Ledger
    #: the same stretches, cut along borders
    laid: figures.Sides
    #: which streets run through it, shape (streets,)
    streets: Flags


def part_of(state: Patrolled, area: str | None) -> Part:
    """Return the part of a span that lies in an area, or in any; metres beyond its border do not count.

    Raises
    ------
    Nothing
        In an area that nobody knows lies nothing.
    """
    laid = state.roads.laid
    codes = laid.areas["code"]
    rows = np.flatnonzero(codes.notna() if area is None else codes.isin(below(laid.areas, area)))
    held = np.flatnonzero(np.isin(laid.left, rows) | np.isin(laid.right, rows))
    inside = replace(laid, **{name: getattr(laid, name)[held] for name in _PER_STRETCH}, line=np.arange(len(held)))
    cut = over(state.inside.visits, laid)
    cut = cut.taken(np.isin(cut.line, held))
    line = np.searchsorted(held, cut.line)
    visits = replace(cut, line=line, begins_m=inside.from_m, ends_m=inside.to_m)
    streets = np.zeros(len(state.book.ids), dtype=bool)
    streets[inside.street] = True
    return Part(book=replace(state.inside, visits=visits, street=inside.street), laid=inside, streets=streets)


#: Fields of `gridmap.coverage.walked.Sides` that have a row for each stretch, but for its own number.
_PER_STRETCH = ("street", "from_m", "to_m", "left", "right")


def watched(state: Patrolled) -> Parts:
    """Return the metres of streets that cameras which work see.

    Raises
    ------
    Nothing
        There may be no cameras.
    """
    watch = state.watch
    return nominal(watch.parts, watch.sight.views, watch.recorded.cameras, COUNTINGS["online"])


def neither(state: Patrolled, part: Part) -> gpd.GeoDataFrame:
    """Return the stretches of a part that neither a patrol nor a camera looks after (双盲), the weightiest first.

    Raises
    ------
    Nothing
        All may be covered.
    """
    return figures.unwatched(part.book, watched(state), state.roads.table)
