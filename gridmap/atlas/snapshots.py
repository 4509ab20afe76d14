"""What was in force on one day: read whole, or renewed by what has changed since."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, Engine

from gridmap import store
from gridmap.address.former import former_names
from gridmap.frames.validity import days_of_change, in_force
from gridmap.store import aliases
from gridmap.store.changes import Mark, mark, reread

#: Layers that a territory is made of.
LAYERS = ("areas", "addresses", "streets", "buildings")


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What was in force on one day, read at one revision."""

    #: revision of the record; 0 for tables that come from files
    version: int
    #: first day of the span in which nothing changes; None: since ever
    first: date | None
    #: the day after the span; None: until further notice
    until: date | None
    #: areas in force, of all levels
    areas: gpd.GeoDataFrame
    #: addresses in force; None: none are known
    addresses: gpd.GeoDataFrame | None
    #: streets in force; None: none are known
    streets: gpd.GeoDataFrame | None = None
    #: buildings in force; None: none are known
    buildings: gpd.GeoDataFrame | None = None
    #: aliases that hold: alias, means; None: none are known
    aliases: pd.DataFrame | None = None
    #: names that areas had before, as `gridmap.address.former.former_names` tells them; None: none are known
    former: pd.DataFrame | None = None
    #: when it was read; None for tables that come from files
    mark: Mark | None = None

    def holds(self, on: date) -> bool:
        """Whether the span holds this day."""
        return (self.first is None or self.first <= on) and (self.until is None or on < self.until)


def read_version(engine: Engine) -> int:
    """Return the record's revision: it grows with every committed change of what a territory is made of."""
    with engine.connect() as connection:
        return store.revision(connection)


def read_snapshot(engine: Engine, on: date) -> Snapshot:
    """Return what was in force on a day, all of it as of one moment of the record."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        return _read(connection, on, lambda layer: store.read(connection, layer, on=on))


def renew_snapshot(engine: Engine, old: Snapshot, on: date) -> Snapshot:
    """Return what `read_snapshot` does, with those tables of an older one as they are in which nothing differs.

    Parameters
    ----------
    engine
        The record.
    old
        Of the same record; if it does not hold the day, everything is read.
    on
        The day.

    Raises
    ------
    RecordError, sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    since = old.mark
    if since is None or not old.holds(on):
        return read_snapshot(engine, on)

    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        return _read(
            connection,
            on,
            lambda layer: reread(connection, layer, on=on, known=getattr(old, layer), since=since),
            old=old,
        )


def _read(
    connection: Connection, on: date, table: Callable[[str], gpd.GeoDataFrame], *, old: Snapshot | None = None
) -> Snapshot:
    """A snapshot whose layers are read in some way, in one transaction."""
    days = {day for layer in LAYERS for day in store.dates_of_change(connection, layer)}
    first, until = _span(days | set(aliases.dates_of_change(connection)), on)
    layers = {layer: table(layer) for layer in LAYERS}
    same = old is not None and old.areas is layers["areas"]
    return Snapshot(
        version=store.revision(connection),
        first=first,
        until=until,
        **layers,
        aliases=aliases.read(connection, on=on)[["alias", "means"]],
        former=old.former if old is not None and same else _former(store.read(connection, "areas"), on),
        mark=mark(connection),
    )


def reader_of_tables(**tables: Any) -> Callable[[date], Snapshot]:
    """Return what tells the snapshot of a day from tables; rows that state no dates are in force on every day.

    Parameters
    ----------
    **tables
        Fields of `Snapshot` by their names; None for what is not known.
    """
    known = {name: table for name, table in tables.items() if table is not None}
    days = {day for table in known.values() for day in days_of_change(table)}

    def read(on: date) -> Snapshot:
        first, until = _span(days, on)
        held: dict[str, Any] = {"addresses": None, **{name: in_force(table, on) for name, table in known.items()}}
        return Snapshot(version=0, first=first, until=until, former=_former(tables["areas"], on), **held)

    return read


def _former(areas_ever: gpd.GeoDataFrame, on: date) -> pd.DataFrame | None:
    """Names that areas had before; None where areas have none at all."""
    return former_names(areas_ever, on) if "name" in areas_ever else None


def _span(days: Iterable[date], on: date) -> tuple[date | None, date | None]:
    """First day, and the day after the last, of the span around a day in which nothing changes."""
    ordered = sorted(days)
    after = bisect_right(ordered, on)
    return ordered[after - 1] if after else None, ordered[after] if after < len(ordered) else None
