"""Sign-ins at the checkpoints of an area: which were due, made and missed, and what the tracks say of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import geopandas as gpd
import pandas as pd
import shapely

from gridmap import store
from gridmap.coverage import walked as figures
from gridmap.coverage.walked.signins import VALID
from gridmap.service.camera_record import family
from gridmap.service.patrol_answers.spans import MOST_DAYS
from gridmap.service.patrol_answers.state import Patrolled
from gridmap.service.patrol_record import Patrols

#: Columns of a sign-in.
COLUMNS = ("checkpoint", "post", "shift", "due", "closes", "time", "status", "off_m", "copied", "track")
#: Fixes that sign-ins are held against at most: a month of forty posts.
MOST_FIXES = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Scans:
    """Sign-ins of an area in a span."""

    #: checkpoints that stand there
    checkpoints: gpd.GeoDataFrame
    #: checkpoint, post, shift, due, closes, time, status, off_m, copied, track
    signins: pd.DataFrame
    #: shift (the last row: all), due, done, share (到位率), and how many of each status
    completion: pd.DataFrame
    #: case, count, share: what scans and tracks say together
    agreement: pd.DataFrame
    #: checkpoint, every_days, needed, visits, last, next, status: places on the list of the month
    must_visit: pd.DataFrame
    #: scans of checkpoints that are not in force, which are left out
    left_out: int


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Sign-ins of the whole record."""

    #: checkpoints in force when the span ends
    checkpoints: gpd.GeoDataFrame
    #: sign-ins of the span, those of the days before that the list of the month asks for (without a shift), and missed
    #: ones
    signins: pd.DataFrame
    #: scans of checkpoints that are not in force
    left_out: int


def scans(known: Patrols, state: Patrolled, area: str | None) -> Scans:
    """Return the sign-ins at the checkpoints of an area, or at all.

    Parameters
    ----------
    known
        What the record holds about patrols.
    state
        Where patrols walked.
    area
        Code of the area; None: all.

    Raises
    ------
    NotFoundError
        If no area in force has that code.
    TableError
        If the hours of a checkpoint are none.
    """
    judged = judged_scans(known, state)
    points = judged.checkpoints
    if area is not None:
        ground = family(state.recorded.areas, area).geometry.iloc[0]
        points = points[shapely.intersects(ground, points.geometry.to_numpy())]
    mine = judged.signins[judged.signins["checkpoint"].isin(points["id"])]
    inside = mine[mine["shift"].isin(state.span.shifts)].reset_index(drop=True)
    # what is due each month is due in no shift
    listed = points.loc[points["every_days"].notna(), "id"]
    by_shift = inside[~inside["checkpoint"].isin(listed)].reset_index(drop=True)
    made, since = mine[mine["status"].isin(VALID)], state.since or state.span.begins
    return Scans(
        checkpoints=points,
        signins=inside,
        completion=figures.completion(by_shift, points, state.span.period),
        agreement=figures.agreement(by_shift),
        must_visit=figures.must_visits(points, made, now=state.span.as_of, since=since),
        left_out=judged.left_out,
    )


def judged_scans(known: Patrols, state: Patrolled) -> Judged:
    """Return all sign-ins of a span, judged once.

    Raises
    ------
    TableError
        If the hours of a checkpoint are none.
    RecordError
        If the record cannot be read.
    """
    return state.once("scans", lambda: _judged(known, state))


def _judged(known: Patrols, state: Patrolled) -> Judged:
    with known.engine.connect() as connection:
        points = store.read(connection, "checkpoints", on=state.span.last)
    made = known.signins(_since(points, state), state.span.ends)
    made = made[made["time"] <= pd.Timestamp(state.span.as_of)]
    there = made["checkpoint"].isin(points["id"])
    left_out = int((~there).sum())
    if points.empty:
        return Judged(checkpoints=points, signins=pd.DataFrame(columns=list(COLUMNS)), left_out=left_out)
    mine = gpd.GeoDataFrame(made[there].reset_index(drop=True))
    # how fast a post was is told by the straight line: it may have come by a path that no table of streets has, and
    # nobody is to be accused for the want of one
    found = figures.signins(mine, points, state.span.period, track=_track(known, state))
    return Judged(checkpoints=points, signins=found, left_out=left_out)


def _since(points: gpd.GeoDataFrame, state: Patrolled) -> datetime:
    """As many days before the span as the longest list goes back; and an hour, as a scan may come early."""
    every = points["every_days"].max() if points["every_days"].notna().any() else 0.0
    return state.span.begins - timedelta(days=min(every, MOST_DAYS), hours=1)


def _track(known: Patrols, state: Patrolled) -> figures.Track | None:
    """Fixes of the span; None where there are none, or too many to hold sign-ins against."""
    shifts = state.walks.shifts
    number = shifts.loc[shifts["shift"].isin(state.span.shifts), "fixes"].sum()
    if not 0 < number <= MOST_FIXES:
        return None
    fixes = known.fixes(state.span.begins, state.span.ends)
    return figures.Track(fixes=fixes) if len(fixes) else None
