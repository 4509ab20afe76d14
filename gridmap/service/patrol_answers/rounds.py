"""Rounds planned from the record: for the streets of an area that are owed a visit, or through all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from threading import Lock

import geopandas as gpd
import pandas as pd

from gridmap.errors import NotFoundError
from gridmap.network import Round, Shift, inspection_round, overdue_round
from gridmap.service.camera_record import family
from gridmap.service.patrol_answers.parts import Part, part_of
from gridmap.service.patrol_answers.scans import scans
from gridmap.service.patrol_answers.spans import Span
from gridmap.service.patrol_answers.state import Coverages, Patrolled

#: A plan keeps a core busy for a second or more: one at a time.
_planning = Lock()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which round."""

    #: code of the area whose streets are to be walked
    area: str
    #: longitude and latitude where it begins and ends
    start: tuple[float, float]
    #: how long it may take; None: as long as all streets of the area take
    minutes: float | None
    #: time of day at which it begins, and how the crew gets along
    begins: str
    mode: str
    #: whether the checkpoints of the area are to be met
    signs_in: bool


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A round, and what it was planned from."""

    #: revision of the record
    version: int
    #: the shifts that tell what is owed
    span: Span
    made: Round


def planned(coverages: Coverages, asked: Asked, span: Span, on: date) -> Planned:
    """Return a round: within some minutes for what is owed most, or through all streets of an area.

    Parameters
    ----------
    coverages
        Where patrols walked by a record.
    asked
        Which round.
    span
        The shifts at whose end it is known what is owed.
    on
        Day of the areas and streets.

    Raises
    ------
    NotFoundError
        If no such area is in force, or nothing in it is owed.
    InputError
        If the start is off the streets, nothing can be reached from it, or sign-ins cannot be met.
    RecordError
        If the record cannot be read.
    """
    state = coverages.during(span, on)
    family(state.recorded.areas, asked.area)
    part: Part = state.once(("part", asked.area), lambda: part_of(state, asked.area))
    with _planning:
        made = _through(state, part, asked) if asked.minutes is None else _within(coverages, state, part, asked)
    return Planned(version=state.version.revision, span=span, made=made)


def _through(state: Patrolled, part: Part, asked: Asked) -> Round:
    """The shortest round through all streets of an area."""
    ids = state.book.ids[part.streets & (state.book.length_m > 0)]
    if not len(ids):
        raise _nothing(asked)
    return inspection_round(state.roads.table, asked.start, required=ids.tolist(), mode=asked.mode)


def _within(coverages: Coverages, state: Patrolled, part: Part, asked: Asked) -> Round:
    """A round within some minutes that works off most of what is owed."""
    owed = state.owed[part.streets & (state.owed["debt_m"] > 0).to_numpy()]
    if owed.empty:
        raise _nothing(asked)
    debts = pd.DataFrame({"street": owed["id"].to_numpy(), "weight": owed["debt_m"].to_numpy()})
    return overdue_round(
        state.roads.table,
        asked.start,
        asked.minutes or 0.0,
        overdue=debts,
        signins=_due(coverages, state, asked),
        shift=Shift(begins=asked.begins, mode=asked.mode),
    )


def _due(coverages: Coverages, state: Patrolled, asked: Asked) -> gpd.GeoDataFrame | None:
    """Checkpoints of the area that are due in each shift."""
    if not asked.signs_in:
        return None
    points = scans(coverages.known, state, asked.area).checkpoints
    return points[points["every_days"].isna()].reset_index(drop=True)


def _nothing(asked: Asked) -> NotFoundError:
    return NotFoundError(
        f"nothing is owed in {asked.area}",
        do="plan a round through all its streets: without minutes",
        code="nothing_owed",
        values={"area": asked.area},
    )
