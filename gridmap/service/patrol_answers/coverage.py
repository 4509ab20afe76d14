"""How far patrols cover an area: shares by shift, what is owed, who signed in, what neither patrol nor camera sees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.coverage import walked as figures
from gridmap.coverage.walked.gap import HALVES
from gridmap.service.camera_record import below, family
from gridmap.service.patrol_answers.parts import neither, part_of, watched
from gridmap.service.patrol_answers.scans import Scans, scans
from gridmap.service.patrol_answers.spans import Span
from gridmap.service.patrol_answers.state import Coverages, Patrolled
from gridmap.service.patrol_answers.versions import Version

#: Columns of how long the streets of an area were left alone.
IDLE = ("visits", "mean_h", "worst_h")
#: Areas between which evenness is told: grids, where the area holds any.
EVEN_LEVEL = "grid"

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Exact:
    """What tells which street was walked when, or by which post."""

    #: streets that are owed a visit, the greatest debt first: id, name, class, length_m, idle_h, ..., debt_m
    overdue: pd.DataFrame
    #: post, shift, km, km_foot, ..., hours: what each post walked of the area
    effort: pd.DataFrame
    #: shift, km, km_overlap, share: walked by two posts at once
    overlap: pd.DataFrame
    #: rank, id, name, class, from_m, to_m, length_m: stretches that neither a patrol nor a camera looks after
    neither: pd.DataFrame
    #: post, shift, fixes, interval_p50_s, ..., grade: tracks that went through the area
    tracks: pd.DataFrame
    #: step, fixes, km, left_fixes, left_km of all tracks
    waterfall: pd.DataFrame
    #: post, shift, reason, message: tracks that do not count before somebody looked at them
    held: pd.DataFrame
    #: sign-ins at the checkpoints of the area
    scans: Scans
    #: id, length_m, old_m, new_m, gained_m, lost_m, kept_m of streets that lost most; None without another span
    lost: pd.DataFrame | None


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How far patrols cover an area and its children."""

    #: state of the record, and of its patrols
    version: Version
    #: day of the areas and streets
    on: date
    #: shifts asked about
    span: Span
    #: others that they are compared with; None: none
    old_span: Span | None
    #: code, name, level, parent, streets_m, shared_m: the area, then its children by code
    areas: pd.DataFrame
    #: code, shift (all, day, night, or one by name), walked_m, share, share_low, share_high, ...
    shares: pd.DataFrame
    #: code, overdue_m, share_overdue, debt_m, unknown_m, visits, mean_h, worst_h
    owed: pd.DataFrame
    #: code, shift (all, day, night), neither_m, camera_m, patrol_m, both_m
    gap: pd.DataFrame
    #: level of the areas between which evenness is told, and figure, value
    even_level: str | None
    even: pd.DataFrame
    #: tracks held for review, by reason
    held: dict[str, int]
    #: posts' shifts that are not matched yet: nobody knows
    pending: int
    #: visits of streets that are not in force, which are left out
    left_out: int
    #: what may be told to those who may see patrols; None for all others
    exact: Exact | None
    #: code, shift, share_old, share_new, change, and for all old_m, new_m, gained_m, lost_m, kept_m; None without
    changes: pd.DataFrame | None


def cover(
    coverages: Coverages, area: str, asked: Span, *, on: date, old: Span | None = None, exact: bool = True
) -> Coverage:
    """Return how far patrols cover an area and its children, as the record stands now.

    Parameters
    ----------
    coverages
        Where patrols walked by a record.
    area
        Code of the area.
    asked
        Shifts.
    on
        Day of the areas and streets.
    old
        Other shifts, which they are compared with.
    exact
        Whether the reader may know which street was walked when and by whom.

    Raises
    ------
    NotFoundError
        If no such area is in force on that day, or there are no streets.
    RecordError
        If the record cannot be read.
    """
    state = coverages.during(asked, on)
    before = None if old is None else coverages.during(old, on)
    codes = family(state.recorded.areas, area)["code"].tolist()
    level, even = state.once(("even", area), lambda: evenness(state, area))
    return Coverage(
        version=state.version,
        on=on,
        span=asked,
        old_span=old,
        areas=_areas(state, area),
        shares=_of(state.shares, codes),
        owed=_of(state.once("owed", lambda: _owed(state)), codes),
        gap=_of(state.once("gap", lambda: _gap(state)), codes),
        even_level=level,
        even=even,
        held={str(reason): len(rows) for reason, rows in state.held.groupby("reason")},
        pending=len(state.walks.pending),
        left_out=state.left_out,
        exact=_exact(coverages, state, area, before) if exact else None,
        changes=None if before is None else _changes(before, state, codes),
    )


def _of(table: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    """The rows of some areas, in their order."""
    place = pd.Index(codes).get_indexer(pd.Index(table["code"]))
    rows = np.flatnonzero(place >= 0)
    return table.iloc[rows[np.argsort(place[rows], kind="stable")]].reset_index(drop=True)


def _areas(state: Patrolled, area: str) -> pd.DataFrame:
    found = pd.DataFrame(family(state.recorded.areas, area)[["code", "name", "level", "parent"]])
    whole = state.shares[state.shares["shift"] == "all"].set_index("code")
    metres = whole.loc[found["code"], ["length_m", "shared_m"]]
    return found.assign(streets_m=metres["length_m"].to_numpy(), shared_m=metres["shared_m"].to_numpy())


def _owed(state: Patrolled) -> pd.DataFrame:
    """What is owed to each area when the span ends, and how long its streets were left alone within it."""
    laid = state.roads.laid
    owed = figures.overdue(state.book, laid, state.owing)
    return owed.drop(columns="length_m").assign(**_idle(state))


def _idle(state: Patrolled) -> dict[str, Any]:
    """How often streets were visited within the span and how long they were left alone, since there is a record."""
    since, until = state.since, state.span.as_of
    if since is None or since >= until:
        return dict.fromkeys(IDLE, np.nan)
    begins = max(since, state.span.begins)
    return dict(figures.area_idleness(state.inside, state.roads.laid, since=begins, until=until)[list(IDLE)])


def _gap(state: Patrolled) -> pd.DataFrame:
    """What neither a patrol nor a camera that works looks after."""
    return figures.gap(state.inside, watched(state), state.roads.laid).drop(columns="length_m")


def evenness(state: Patrolled, area: str) -> tuple[str | None, pd.DataFrame]:
    """Return how evenly patrols are spread over the grids of an area, or over its children where it holds none.

    Raises
    ------
    NotFoundError
        If no area in force has that code.
    """
    areas = state.recorded.areas
    inside = areas[areas["code"].isin(below(areas, area)) & (areas["code"] != area)]
    chosen = inside[inside["level"] == EVEN_LEVEL]
    if len(chosen) < 2:  # noqa: PLR2004 (one alone is even)
        chosen = family(areas, area).iloc[1:]
    whole = state.shares[state.shares["shift"] == "all"].set_index("code").loc[chosen["code"]]
    level = str(chosen["level"].iloc[0]) if len(set(chosen["level"])) == 1 else None
    return level, figures.equity(whole["share"], whole["length_m"], groups=chosen["parent"].astype(object))


def _exact(coverages: Coverages, state: Patrolled, area: str, before: Patrolled | None) -> Exact:
    def found() -> Exact:
        part = part_of(state, area)
        return Exact(
            overdue=_overdue(state, part.streets),
            effort=figures.effort(part.book),
            overlap=_of_span(figures.overlap(part.book), state),
            neither=pd.DataFrame(neither(state, part).drop(columns="geometry")),
            tracks=_tracks(state, part.book),
            waterfall=_waterfall(state),
            held=state.held,
            scans=scans(coverages.known, state, area),
            lost=None,
        )

    exact = state.once(("exact", area), found)
    return exact if before is None else replace(exact, lost=_lost(before, state, part_of(state, area).streets))


def _overdue(state: Patrolled, streets: Flags) -> pd.DataFrame:
    """Streets through an area that are owed a visit, the greatest debt first."""
    table = state.owed.assign(**{name: _column(state, name) for name in ("name", "class")})
    owed = table[streets & table["overdue"].fillna(value=False).to_numpy(dtype=bool)]
    ranked = owed.sort_values(["debt_m", "id"], ascending=[False, True], kind="stable").reset_index(drop=True)
    found: pd.DataFrame = ranked.assign(rank=np.arange(len(ranked)) + 1)[OVERDUE]
    return found


#: Columns of what became of kilometres.
WATERFALL = ("step", "fixes", "km", "left_fixes", "left_km")
#: Columns of a street that is owed a visit.
OVERDUE = [
    "rank",
    "id",
    "name",
    "class",
    "length_m",
    "overdue_m",
    "debt_m",
    "idle_h",
    "target_h",
    "last_passed",
    "passes",
]


def _column(state: Patrolled, name: str) -> npt.NDArray[np.object_]:
    streets = state.roads.table
    return np.asarray(streets[name] if name in streets else [None] * len(streets), dtype=object)


def _tracks(state: Patrolled, part: figures.Ledger) -> pd.DataFrame:
    """The tracks of which anything lies in an area."""
    tracks = state.tracks
    pairs = np.unique(np.column_stack([part.visits.post, part.visits.shift]), axis=0)
    there = pd.MultiIndex.from_arrays([part.posts[pairs[:, 0]], part.shifts[pairs[:, 1]]])
    mine = pd.MultiIndex.from_frame(tracks[["post", "shift"]]).isin(there)
    return tracks[mine].reset_index(drop=True)


def _of_span(table: pd.DataFrame, state: Patrolled) -> pd.DataFrame:
    """The rows of the shifts of the span, and of all together."""
    return table[table["shift"].isin([*state.span.shifts, "all"])].reset_index(drop=True)


def _waterfall(state: Patrolled) -> pd.DataFrame:
    """What became of the kilometres of all tracks of the span, step by step."""
    mine = state.walks.shifts[state.walks.shifts["shift"].isin(state.span.shifts)]
    steps = pd.DataFrame([step for one in mine["waterfall"] for step in one], columns=list(WATERFALL))
    return steps.groupby("step", sort=False).sum().reset_index()


def _changes(before: Patrolled, after: Patrolled, codes: list[str]) -> pd.DataFrame:
    """Two spans beside each other, area by area: shares by all, day and night, and metres gained and lost."""
    metres = _of(figures.compare_areas(before.inside, after.inside, after.roads.laid), codes)
    sides = [_of(one.shares[one.shares["shift"].isin(HALVES)], codes) for one in (before, after)]
    key = ["code", "shift"]
    both = sides[0][[*key, "share"]].merge(sides[1][[*key, "share"]], on=key, suffixes=("_old", "_new"))
    both["change"] = both["share_new"] - both["share_old"]
    return both.merge(metres.drop(columns="length_m").assign(shift="all"), on=key, how="left")


def _lost(before: Patrolled, after: Patrolled, streets: Flags) -> pd.DataFrame:
    """Streets that were walked before and are not now, the most metres first."""
    table = figures.compare_streets(before.inside, after.inside)[streets]
    lost = table[table["lost_m"] > 0]
    return lost.sort_values(["lost_m", "id"], ascending=[False, True], kind="stable").reset_index(drop=True)
