"""What the record holds of patrols in some days, as if it had been matched just now; every look at it is audited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import Engine

from gridmap.coverage.walked import Period
from gridmap.errors import InputError, NotFoundError
from gridmap.service import patrol_record
from gridmap.service.patrol_answers.versions import first_moment, last_day
from gridmap.service.patrol_record import Patrols
from gridmap.service.patrol_shifts import labels_of
from gridmap.service.patrol_streets import Streets
from gridmap.service.patrols.matching import Matched, is_held, with_held
from gridmap.store import Actor
from gridmap.tracks import Shifts

#: Days at most that are told where none are named, up to the last of which the record holds anything.
USUAL_DAYS = 30
_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
#: A moment no longer ago is the present: the last fix of each post tells where it is.
_PRESENT = dt.timedelta(minutes=10)
_NO_QUALITY = ("post", "shift", "fixes", "interval_p50_s", "sigma_m", "grade")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What the record holds of some days."""

    #: the streets that visits are on
    streets: gpd.GeoDataFrame
    #: what was walked, and what is held
    found: Matched
    #: the table ``signins`` of these days; None where there are none
    scans: gpd.GeoDataFrame | None
    #: first and last day
    since: dt.date
    until: dt.date
    #: the moment up to which fixes are known
    now: pd.Timestamp


def recorded(
    engine: Engine,
    *,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> Recorded:
    """Return what the record's ledger holds of the shifts that began on some days.

    Parameters
    ----------
    engine
        The record.
    since, until
        First and last day; by default the month that ends with the last day of which there is anything, or less where
        the record began later.

    Raises
    ------
    NotFoundError
        If the record holds no fix, or no street, of these days.
    RecordError, sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    known, first, last = _days(engine, since, until)
    begins, ends = _ends(Period(since=first, until=last + _DAY, shifts=known.shifts))
    streets, walks = known.streets(last), known.walked(begins, ends)
    if not len(walks.shifts) and not len(walks.held):
        raise NotFoundError(f"no fixes in the record from {first} to {last}", do="look at --since and --until")
    fixes = known.fixes(begins, ends)
    scans = known.signins(begins, ends)
    return Recorded(
        streets=streets.table,
        found=_matched(walks, fixes, streets, known.shifts),
        scans=scans if len(scans) else None,
        since=first,
        until=last,
        now=pd.Timestamp(min(walks.as_of, ends)).tz_convert("UTC"),
    )


def recorded_fixes(
    engine: Engine, *, since: dt.date | None = None, until: dt.date | None = None
) -> Iterator[gpd.GeoDataFrame]:
    """Yield the fixes that the record still keeps of the shifts that began on some days, a day at a time.

    Raises
    ------
    NotFoundError
        If the record holds nothing.
    RecordError, sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    known, first, last = _days(engine, since, until)
    begins, ends = _ends(Period(since=first, until=last + _DAY, shifts=known.shifts))
    while begins < ends:
        yield known.fixes(begins, min(begins + _DAY, ends))
        begins += _DAY


def recorded_posts(engine: Engine, *, now: pd.Timestamp, most_age_s: float) -> gpd.GeoDataFrame:
    """Return the last fix of each post of the record, or the fixes of the hour before a moment that is past.

    Raises
    ------
    NotFoundError
        If no post reported in the last day.
    RecordError, sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    known, moment = Patrols(engine), now.to_pydatetime()
    if dt.datetime.now(dt.UTC) - moment < _PRESENT:
        table = known.last(most_age_s=max(most_age_s, _DAY.total_seconds()), now=moment)
    else:
        table = known.fixes(moment - max(_HOUR, dt.timedelta(seconds=most_age_s)), moment)
    if not len(table):
        raise NotFoundError(f"no post of the record reported shortly before {now}", do="name a file: --fixes FILE")
    found: gpd.GeoDataFrame = table
    return found


def look(engine: Engine, actor: str, *, by: str, posts: int, **days: dt.date | None) -> None:
    """Note in the audit trail that somebody looks at where posts were; whoever shows them calls this before.

    Raises
    ------
    RecordError, sqlalchemy.exc.DBAPIError
        If it cannot be noted: then nothing may be shown.
    """
    told = {name: None if day is None else day.isoformat() for name, day in days.items()}
    patrol_record.look(engine, Actor(name=actor), by=by, area=None, posts=posts, **told)


def _days(engine: Engine, since: dt.date | None, until: dt.date | None) -> tuple[Patrols, dt.date, dt.date]:
    """What the record holds about patrols, and the days asked about."""
    known = Patrols(engine)
    with engine.connect() as connection:
        last, begun = until or last_day(connection, known.shifts), first_moment(connection)
    if last is None or begun is None:
        raise NotFoundError("no fixes in the record", do="name a file: --tracks FILE, or load them: load fixes FILE")
    began = dt.date.fromisoformat(labels_of([begun], known.shifts)[0][:10])
    first = since or min(max(last - (USUAL_DAYS - 1) * _DAY, began), last)
    if last < first:
        raise InputError(f"--until {last} lies before --since {first}", expected="the last day, or the first again")
    return known, first, last


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(map(str, table.columns), row, strict=True)) for row in table.itertuples(index=False, name=None)]


def _ends(period: Period) -> tuple[dt.datetime, dt.datetime]:
    """When the first shift begins, and when the last one ends."""
    windows = period.windows()
    begins, ends = min(begin for _, begin, _ in windows), max(end for _, _, end in windows)
    return dt.datetime.fromtimestamp(begins, dt.UTC), dt.datetime.fromtimestamp(ends, dt.UTC)


def _matched(walks: patrol_record.Walked, fixes: gpd.GeoDataFrame, streets: Streets, shifts: Shifts) -> Matched:
    """The ledger of the record in the shape of tracks that were matched."""
    every = pd.concat([walks.shifts, walks.held], ignore_index=True)
    held = [(row["post"], row["shift"], one) for row in _rows(walks.held) for one in row["held"]]
    notes = [(row["post"], one["code"], one["message"], 0) for row in _rows(every) for one in row["faults"]]
    notes += [
        (post, "pending", f"{post}: {shift} is not settled yet: not known", 0)
        for post, shift in walks.pending.itertuples(index=False)
    ]
    tracks = [one for one in walks.shifts["quality"] if one]
    told = [(post, shift, one["reason"], one["message"]) for post, shift, one in held]
    kept_back = pd.DataFrame(told, columns=["post", "shift", "reason", "message"]).astype("str")
    codes, labels = shifts.of(fixes["time"].to_numpy(dtype="datetime64[us]").astype(np.int64))
    labelled = fixes.assign(shift=np.array([*labels, ""], dtype=object)[codes]).sort_values(["post", "time"])
    return Matched(
        fixes=labelled.assign(held=is_held(labelled, kept_back)),
        read=int(every["fixes"].sum()),
        in_time=int(every["fixes"].sum()),
        kept=int(every["kept"].sum()),
        on_street=len(fixes),
        posts=every["post"].nunique(),
        walked=walks.walked,
        waterfall=_waterfall(walks),
        quality=pd.DataFrame(tracks) if tracks else pd.DataFrame(columns=list(_NO_QUALITY)),
        notes=pd.DataFrame(notes, columns=["post", "code", "what", "fixes"]).drop_duplicates(ignore_index=True),
        held=kept_back,
        corridors=streets.corridors,
        spacing_m=streets.ready.spacing_m,
    )


def _waterfall(walks: patrol_record.Walked) -> pd.DataFrame:
    """The steps of all shifts, summed; those that are held take a step of their own."""
    steps = [pd.DataFrame(steps) for steps in walks.shifts["waterfall"] if steps]
    aside = [pd.DataFrame(steps) for steps in walks.held["waterfall"] if steps]
    if not steps and not aside:
        return pd.DataFrame({"step": [], "fixes": [], "km": [], "left_fixes": [], "left_km": []})
    every = pd.concat([*steps, *aside]).groupby("step", sort=False).sum().reset_index()
    if not aside:
        return every
    kept_back = pd.concat(aside).query("step == 'credited'")[["fixes", "km"]].sum()
    return with_held(every, int(kept_back["fixes"]), float(kept_back["km"]))
