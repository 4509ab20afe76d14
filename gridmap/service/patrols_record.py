"""Fixes and sign-ins of the record, as tables of some time; every look at where posts were is audited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
from sqlalchemy import Engine

from gridmap import store
from gridmap.service.patrols_reading import Span

_ZONE = dt.timezone(dt.timedelta(hours=8))
_DAY = dt.timedelta(days=1)


def recorded_fixes(engine: Engine, asked: Span) -> Iterator[gpd.GeoDataFrame]:
    """Yield the fixes of the record that were made in some time, day by day where the time has both ends.

    Raises
    ------
    RecordError
        If the record cannot be reached.
    """
    with engine.connect() as connection:
        for day in _days(asked):
            table = store.read(connection, "fixes", on=day)
            if len(table):
                yield table


def recorded_signins(engine: Engine, asked: Span) -> gpd.GeoDataFrame | None:
    """Return the sign-ins of the record that were made in some time; None where there are none.

    Raises
    ------
    RecordError
        If the record cannot be reached.
    """
    with engine.connect() as connection:
        table = store.read(connection, "signins")
    time = table["time"].to_numpy(dtype="datetime64[us]").astype(np.int64)
    kept = table[asked.holds(time)].reset_index(drop=True)
    return kept if len(kept) else None


def look(engine: Engine, actor: str, *, fixes: int, by: str) -> None:
    """Note in the audit trail that somebody looks at where posts were; whoever shows them calls this before.

    Raises
    ------
    RecordError
        If it cannot be noted: then nothing may be shown.
    """
    with engine.begin() as connection:
        store.note(
            connection, store.Actor(name=actor), "look at posts", layer="fixes", detail={"fixes": fixes, "by": by}
        )


def _days(asked: Span) -> list[dt.date | None]:
    """The days in China that some time touches; None, all days, where it has no end or no beginning."""
    if asked.since_us is None or asked.until_us is None:
        return [None]
    first, last = (dt.datetime.fromtimestamp(us / 1e6, _ZONE).date() for us in (asked.since_us, asked.until_us - 1))
    return [first + number * _DAY for number in range((last - first).days + 1)]
