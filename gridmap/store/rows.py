"""Tables into the record and out of it: loaded, published, read, each for the days on which it holds."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, Select, Table, func, insert, not_, select, text
from sqlalchemy.exc import IntegrityError

from gridmap import hierarchy
from gridmap.crs import to_record
from gridmap.errors import ConflictError, InputError, TableError
from gridmap.frames import FRAMES
from gridmap.store.audit import Actor, note
from gridmap.store.conflicts import listed, plain_words
from gridmap.store.depths import settle_depths
from gridmap.store.merging import clashes, close_changed, close_missing, insert_rows, merge
from gridmap.store.schema import KEYS, LAYERS, SRID, loads
from gridmap.store.staging import Progress, cells, driver, promised_columns, stage


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a table comes from, kept beside its rows."""

    #: name of the file, or what made the table
    file: str
    #: SHA-256 of the file's bytes, in hexadecimal
    sha256: str | None = None
    #: what was decided about its coordinate system and why, one sentence
    crs: str | None = None
    #: encoding of its text
    encoding: str | None = None
    #: what was warned of: ``{"code", "message", ...}``, as JSON
    warnings: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """What a load did to its layer."""

    #: number of the load, under which its provenance is kept
    load_id: int
    #: rows of a code that was not in force
    added: int
    #: rows that follow one of the same code
    changed: int
    #: rows that the record held already
    unchanged: int
    #: rows that ended because the table lacks them
    closed: int


def load(  # noqa: PLR0913 (three of its options say who, when and from where, which no change may lack)
    connection: Connection,
    layer: str,
    table: gpd.GeoDataFrame,
    *,
    source: Source,
    actor: Actor | str,
    effective: date,
    replace: bool = False,
    progress: Progress | None = None,
) -> LoadReport:
    """Load a table into a layer, in the caller's transaction: all of it when that commits, or nothing.

    A row is known by its key (``code`` or ``id``; a claim by its content, a fix by post and time) and holds from its
    ``valid_from``, else from ``effective``, until its ``valid_to``, else until further notice. A row that the record
    holds alike, to the last bit of its coordinates, is left alone. One that differs ends the old row on the day it
    starts; the old row stays for the days before. A ``valid_from`` that only repeats the one in the record is no date
    of change: then ``effective`` is.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``. The layer is locked against other loads until the transaction ends; readers do
        not wait.
    layer
        A name of ``LAYERS``.
    table
        As ``gridmap.frames`` promises, in any CRS that states itself. A promised column that is absent counts as empty.
    source
        Where it comes from.
    actor
        Who loads: a key or an account.
    effective
        Day of force of what changes.
    replace
        Whether rows that the table lacks end on that day.
    progress
        Called with the rows copied so far and the rows in all.

    Returns
    -------
    LoadReport
        How many rows were added, changed, left alone and ended.

    Raises
    ------
    InputError
        If the layer is unknown, the table has no rows, or ``replace`` is asked for fixes or sign-ins, which are never
        replaced.
    CrsError
        If the table's coordinates cannot be brought to the record's system.
    ConflictError
        If it contradicts what the record holds: a row would start before a later one of its code, areas would lie in
        areas that are not in force, or another change came in between.
    RecordError
        If the server went away; then nothing was changed.
    """
    _check_load(layer, table, replace=replace)
    deed = _Deed(action="load", source=source, actor=actor, effective=effective, replace=replace)
    return _carry_out(connection, layer, table, _first_and_last_days(table, effective), deed, progress)


def publish(
    connection: Connection,
    areas: gpd.GeoDataFrame,
    *,
    effective: date,
    source: Source,
    actor: Actor | str,
) -> LoadReport:
    """Make an area set the plan in force from a day on, all levels at once, in the caller's transaction.

    Areas that the record holds alike go on; every other area in force ends on that day. ``valid_from`` and ``valid_to``
    of the table are passed over: a plan holds from its day until the next one.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``. One publish waits for another until that one's transaction ends.
    areas
        All areas of all levels, as ``gridmap.frames`` promises, in any CRS that states itself.
    effective
        First day of the plan.
    source
        Where it comes from.
    actor
        Who publishes: a key or an account.

    Returns
    -------
    LoadReport
        How many areas were added, changed, left alone and ended.

    Raises
    ------
    InputError
        If there are no areas.
    TableError
        If codes repeat, parents are missing, or areas lie in themselves; every fault with its feature number.
    CrsError
        If the coordinates cannot be brought to the record's system.
    ConflictError
        If areas of the record begin after that day: a later plan stands, and is not undone silently.
    RecordError
        If the server went away; then nothing was changed.
    """
    _check_load("areas", areas, replace=True)
    hierarchy.depths(areas)
    days = ([effective] * len(areas), [None] * len(areas))
    deed = _Deed(action="publish", source=source, actor=actor, effective=effective, replace=True)
    return _carry_out(connection, "areas", areas, days, deed, None)


def read(
    connection: Connection,
    layer: str,
    *,
    on: date | None = None,
    codes: Iterable[str] | None = None,
    bbox: tuple[float, float, float, float] | None = None,
) -> gpd.GeoDataFrame:
    """Rows of a layer: those in force on a day, or all there ever were.

    Parameters
    ----------
    connection
        To the record.
    layer
        A name of ``LAYERS``.
    on
        The day; None for every row of every day. For fixes and sign-ins, the day in China on which they were made.
    codes
        Only rows of these keys (``code`` or ``id``; ``party`` of claims, ``post`` of fixes and sign-ins).
    bbox
        Only rows whose box meets this one: west, south, east, north in degrees.

    Returns
    -------
    GeoDataFrame
        The columns that ``gridmap.frames`` promises, in that order, then ``valid_from`` and ``valid_to`` (first day
        no longer in force, None until further notice) where they are not among them and the layer is dated, then
        ``geometry`` in EPSG:4490; sorted by key and first day. Polygons and lines of one part come as Polygon and
        LineString.

    Raises
    ------
    InputError
        If the layer is unknown.
    RecordError
        If the server went away.
    """
    target = _known(layer)
    names = promised_columns(layer)
    columns: list[Any] = [target.c[name] for name in names]
    if "valid" in target.c:
        columns += [func.lower(target.c.valid), func.upper(target.c.valid)]
        names = (*names, "valid_from", "valid_to")
    wanted = _wanted(layer, on=on, codes=codes, bbox=bbox)
    query = select(*columns, func.ST_AsBinary(target.c.geom, "NDR")).where(*wanted)
    order = [target.c[name] for name in KEYS[layer]]
    rows = _fetch(connection, query.order_by(*order, *([func.lower(target.c.valid)] if "valid" in target.c else [])))
    return _table(layer, (*names, "geometry"), rows)


def dates_of_change(connection: Connection, layer: str) -> list[date]:
    """Days on which rows of a layer begin or end, in order; none for fixes and sign-ins, which are not dated.

    Parameters
    ----------
    connection
        To the record.
    layer
        A name of ``LAYERS``.

    Raises
    ------
    InputError
        If the layer is unknown.
    """
    target = _known(layer)
    if "valid" not in target.c:
        return []
    spans = connection.execute(select(func.lower(target.c.valid), func.upper(target.c.valid)).distinct())
    return sorted({day for span in spans for day in span if day is not None})


@dataclass(frozen=True, kw_only=True)
class _Deed:
    """One change of a layer: what, by whom, from when."""

    action: str
    source: Source
    actor: Actor | str
    effective: date
    replace: bool


_Days = tuple[Sequence[Any], Sequence[Any]]

#: The column by which `codes` picks rows, where it is not the key.
_PICKED_BY = {"claims": "party"}


def _known(layer: str) -> Table:
    if layer not in LAYERS:
        raise InputError(f"no layer is called {layer!r}", expected=f"one of {', '.join(LAYERS)}")
    return LAYERS[layer]


def _check_load(layer: str, table: gpd.GeoDataFrame, *, replace: bool) -> None:
    target = _known(layer)
    if not len(table):
        raise InputError(f"the table for {layer} has no rows", expected="at least one")
    if replace and "valid" not in target.c:
        raise InputError(f"{layer} cannot be replaced", do="they are added, and never changed: leave --replace out")


def _first_and_last_days(table: gpd.GeoDataFrame, effective: date) -> _Days:
    """When each row begins and ends; `effective` where it does not say when it begins.

    Raises
    ------
    InputError
        If rows end before they begin.
    """
    starts = [day or effective for day in cells(table, "valid_from")]
    ends = cells(table, "valid_to")
    ended = [row for row, (start, end) in enumerate(zip(starts, ends, strict=True), 1) if end and end <= start]
    if ended:
        raise InputError(
            f"features {listed(ended)} end on or before the day they begin",
            expected=f"valid_to after valid_from, which is {effective} where the file names none",
        )
    return starts, ends


def _carry_out(
    connection: Connection, layer: str, table: gpd.GeoDataFrame, days: _Days, deed: _Deed, progress: Progress | None
) -> LoadReport:
    """Stage, merge, and keep the books, under the lock of the layer."""
    degrees = to_record(table)
    if layer == "areas":
        degrees = degrees.assign(depth=_likely_depths(table))
    with plain_words():
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"gridmap.load.{layer}"})
        staged = stage(connection, layer, degrees, days, progress)
        merge(connection, layer, staged, deed.effective)
        load_id = _note_load(connection, layer, len(table), deed)
        closed = _apply(connection, layer, staged, load_id, deed)
        if layer == "areas":
            _settle(connection, staged, load_id, deed if closed else None)
        fates = {row.fate: row.rows for row in connection.execute(_fates(staged))}
        counts = {word: fates.get(word, 0) for word in ("added", "changed", "unchanged")} | {"closed": closed}
        _note_audit(connection, layer, load_id, counts, deed)
    return LoadReport(load_id=load_id, **counts)


def _fates(staged: Table) -> Select[tuple[str, int]]:
    return select(staged.c.fate, func.count().label("rows")).group_by(staged.c.fate)


def _likely_depths(areas: gpd.GeoDataFrame) -> list[int]:
    """Depths within the table alone: right at once unless parents are in the record only, which is settled later."""
    try:
        return [int(depth) for depth in hierarchy.depths(areas)]
    except TableError:
        return [0] * len(areas)


def _apply(connection: Connection, layer: str, staged: Table, load_id: int, deed: _Deed) -> int:
    """End what ends, add what is new; return how many rows ended because the table lacks them."""
    if "valid" not in LAYERS[layer].c:
        insert_rows(connection, layer, staged, load_id)
        return 0
    try:
        with connection.begin_nested():
            close_changed(connection, layer, staged)
            closed = close_missing(connection, layer, staged, deed.effective) if deed.replace else 0
            insert_rows(connection, layer, staged, load_id)
    except IntegrityError as error:
        # a client that takes no lock, such as a desktop GIS, or a file that contradicts itself
        if found := clashes(connection, layer, staged):
            raise ConflictError(
                f"{layer}: {listed(found)}: another row of that key is in force on the same days",
                do="nothing was changed; try again",
            ) from error
        raise
    return closed


def _settle(connection: Connection, staged: Table, load_id: int, closing: _Deed | None) -> None:
    """Settle depths from the first day that changed, if any did."""
    first = connection.scalar(select(func.min(staged.c.starts)).where(staged.c.fate != "unchanged"))
    days = [day for day in (first, closing and closing.effective) if day]
    if days:
        settle_depths(connection, min(days), load_id)


def _note_load(connection: Connection, layer: str, rows: int, deed: _Deed) -> int:
    """Keep the provenance and return the number of the load."""
    actor = deed.actor if isinstance(deed.actor, str) else deed.actor.name
    source = deed.source
    row = {
        "layer": layer,
        "file": source.file,
        "sha256": source.sha256,
        "crs": source.crs,
        "encoding": source.encoding,
        "effective": deed.effective,
        "actor": actor,
        "rows": rows,
        "warnings": [dict(warning) for warning in source.warnings],
    }
    load_id: int = connection.execute(insert(loads).values(row).returning(loads.c.load_id)).scalar_one()
    return load_id


def _note_audit(connection: Connection, layer: str, load_id: int, counts: dict[str, int], deed: _Deed) -> None:
    facts = {"file": deed.source.file, "sha256": deed.source.sha256, "effective": deed.effective.isoformat()}
    note(connection, deed.actor, deed.action, layer=layer, load_id=load_id, detail={**facts, **counts})


def _wanted(layer: str, *, on: date | None, codes: Iterable[str] | None, bbox: Sequence[float] | None) -> list[Any]:
    """Conditions on the rows of a layer."""
    target = LAYERS[layer]
    wanted: list[Any] = []
    if "valid" in target.c:
        wanted.append(target.c.valid.contains(on) if on else not_(func.isempty(target.c.valid)))
    elif on:
        wanted.append(func.date(func.timezone("Asia/Shanghai", target.c.time)) == on)
    if codes is not None:
        wanted.append(target.c[_PICKED_BY.get(layer, KEYS[layer][0])].in_(list(codes)))
    if bbox is not None:
        wanted.append(target.c.geom.op("&&")(func.ST_MakeEnvelope(*bbox, SRID)))
    return wanted


def _fetch(connection: Connection, query: Select[Any]) -> list[tuple[Any, ...]]:
    """Rows in binary form, which costs half of what text does."""
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    with plain_words(), driver(connection).cursor(binary=True) as cursor:
        return cursor.execute(str(compiled), compiled.params).fetchall()


def _table(layer: str, names: Sequence[str], rows: list[tuple[Any, ...]]) -> gpd.GeoDataFrame:
    """Rows as the layer's frame promises them."""
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    shapes = shapely.from_wkb(np.array(_single(columns.pop("geometry")), dtype=object))
    kinds = {column.name: column.kind for column in FRAMES[layer].columns}
    data = {name: _typed(values, kinds.get(name, "date")) for name, values in columns.items()}
    order = [*FRAMES[layer].names, *(name for name in data if name not in kinds)]
    return gpd.GeoDataFrame({name: data[name] for name in order}, geometry=shapes, crs=SRID)


_DTYPES = {"text": "str", "choice": "str", "integer": "Int64", "number": "float64", "time": "datetime64[us, UTC]"}


def _typed(values: Sequence[Any], kind: str) -> pd.Series[Any]:
    return pd.Series(values, dtype=_DTYPES.get(kind, "object"))


#: How a collection of one part begins in WKB (ISO 19125-1, 8.2): little endian, its type, one. The part follows.
_ONE_PART = frozenset(struct.pack("<BII", 1, kind, 1) for kind in (4, 5, 6))
_HEAD = struct.calcsize("<BII")


def _single(shapes: Sequence[bytes | None]) -> list[bytes | None]:
    """Collections of one part as that part; as WKB, since making shapes only to part them takes far longer."""
    return [shape[_HEAD:] if shape and shape[:_HEAD] in _ONE_PART else shape for shape in shapes]
