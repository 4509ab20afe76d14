"""What the record holds about cameras on a day, all of it at one revision; and what others may not see of it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Connection, Engine

from gridmap import store
from gridmap.errors import NotFoundError
from gridmap.prepared import prepared
from gridmap.store import Actor
from gridmap.store.changes import Mark, mark, reread

#: Layers that coverage is made of.
LAYERS = ("areas", "buildings", "streets", "cameras", "places")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What was in force on one day, read at one revision; tables in EPSG:4490, as `gridmap.frames` promises."""

    #: revision of the record
    version: int
    #: first day of the span in which nothing changes; None: since ever
    first: date | None
    #: the day after the span; None: until further notice
    until: date | None
    #: areas of all levels
    areas: gpd.GeoDataFrame
    #: what hides ground
    buildings: gpd.GeoDataFrame
    #: what is to be seen by the metre
    streets: gpd.GeoDataFrame
    #: who sees
    cameras: gpd.GeoDataFrame
    #: what is to be seen as a whole
    places: gpd.GeoDataFrame
    #: when it was read
    mark: Mark

    def holds(self, on: date) -> bool:
        """Whether the span holds this day."""
        return (self.first is None or self.first <= on) and (self.until is None or on < self.until)


def read_recorded(engine: Engine, on: date, *, old: Recorded | None = None) -> Recorded:
    """Return what was in force on a day, as of one moment of the record.

    Parameters
    ----------
    engine
        The record.
    on
        The day.
    old
        What this returned before: a layer in which nothing differs since is the very same table again.

    Raises
    ------
    RecordError, sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    known = old if old is not None and old.holds(on) else None
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        days = sorted({day for layer in LAYERS for day in store.dates_of_change(connection, layer)})
        after = bisect_right(days, on)
        return Recorded(
            version=store.revision(connection),
            first=days[after - 1] if after else None,
            until=days[after] if after < len(days) else None,
            **{layer: _layer(connection, layer, on, known) for layer in LAYERS},
            mark=mark(connection),
        )


def _layer(connection: Connection, layer: str, on: date, known: Recorded | None) -> gpd.GeoDataFrame:
    if known is None:
        return store.read(connection, layer, on=on)
    return reread(connection, layer, on=on, known=getattr(known, layer), since=known.mark)


def revision_of(engine: Engine) -> int:
    """Return the record's revision.

    Raises
    ------
    RecordError, sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    with engine.connect() as connection:
        return store.revision(connection)


def family(areas: gpd.GeoDataFrame, code: str) -> gpd.GeoDataFrame:
    """Return an area and its children: the area first, then they by code.

    Raises
    ------
    NotFoundError
        If no area has that code.

    Examples
    --------
    >>> squares = shapely.box([0, 0, 1], 0, [2, 1, 2], 1)
    >>> areas = gpd.GeoDataFrame({"code": ["c", "c2", "c1"], "parent": [None, "c", "c"]}, geometry=squares)
    >>> family(areas, "c")["code"].tolist(), family(areas, "c1")["code"].tolist()
    (['c', 'c1', 'c2'], ['c1'])
    """
    own = areas[areas["code"] == code]
    if own.empty:
        raise NotFoundError(
            f"no area in force has the code {code!r}",
            do="list them at /api/areas",
            code="no_such_area",
            values={"area": code},
        )
    children = areas[areas["parent"] == code].sort_values("code", kind="stable")
    return gpd.GeoDataFrame(pd.concat([own, children], ignore_index=True), crs=areas.crs)


def below(areas: pd.DataFrame, code: str) -> set[str]:
    """Return the codes of an area and of all areas in it, however deep.

    Raises
    ------
    Nothing
        An area that nobody knows holds itself alone.

    Examples
    --------
    >>> sorted(below(pd.DataFrame({"code": ["c", "c1", "c11", "d"], "parent": [None, "c", "c1", None]}), "c"))
    ['c', 'c1', 'c11']
    """
    children = areas.groupby("parent")["code"].agg(list).to_dict()
    found, waiting = set(), [code]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += children.get(one, [])
    return found


def cameras_in(recorded: Recorded, code: str | None) -> gpd.GeoDataFrame:
    """Return the cameras that stand in an area or on its border; all of them without one.

    Raises
    ------
    NotFoundError
        If no area has that code.
    """
    if code is None:
        return recorded.cameras
    ground = prepared(family(recorded.areas, code).geometry.iloc[0])
    return recorded.cameras[shapely.intersects(ground, recorded.cameras.geometry.to_numpy())]


def look(engine: Engine, actor: Actor, *, on: date, cameras: int, area: str | None, by: str) -> None:
    """Note in the audit trail that somebody looks at where cameras stand; whoever shows them calls this before.

    Parameters
    ----------
    engine
        The record.
    actor
        Who looks.
    on
        The day asked about.
    cameras
        How many cameras are shown.
    area
        Code of the area whose cameras they are; None: of the whole territory.
    by
        What shows them: the path of a page or an answer.

    Raises
    ------
    RecordError, sqlalchemy.exc.DBAPIError
        If it cannot be noted: then nothing may be shown.
    """
    detail = {"area": area, "on": on.isoformat(), "cameras": cameras, "by": by}
    with engine.begin() as connection:
        store.note(connection, actor, "look at cameras", layer="cameras", detail=detail)
