"""The ledger of visits and what it was made of, read: visits, settled shifts, fixes, sign-ins, last places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, func, select

from gridmap.store.conflicts import plain_words
from gridmap.store.schema import LAYERS, SRID, last_fixes, settled
from gridmap.store.staging import driver, promised_columns

#: How sure a visit is, by the number under which it travels.
CLASSES = ("observed", "inferred", "unknown")

#: Bytes of visits that are taken apart at a time.
_PIECE = 8 * 2**20

#: Microseconds from 1970, where pandas begins to count, to 2000, where PostgreSQL does.
_SINCE_2000 = 946_684_800_000_000

#: A visit as it travels: PostgreSQL's binary form of rows whose cells all have a width of their own.
_CELLS = {
    "key": "i4",
    "street": "i4",
    "from_m": "f8",
    "to_m": "f8",
    "start": "i8",
    "end": "i8",
    "class": "i2",
    "direction": "i2",
    "confidence": "f8",
    "revision": "i8",
}
_ROW = np.dtype(
    [("cells", ">i2")]
    + [part for name, kind in _CELLS.items() for part in ((f"{name} bytes", ">i4"), (name, f">{kind}"))]
)
_HEAD = 19

# Visits of the shifts named, names told as their position in the lists given: texts take longer than all else.
_VISITS = """
    COPY (
        SELECT key.number::int4, name.number::int4, from_m, to_m, start, "end",
               (CASE class WHEN 'observed' THEN 0 WHEN 'inferred' THEN 1 ELSE 2 END)::int2, direction,
               coalesce(confidence, 'NaN'), revision
        FROM visits
        JOIN unnest(%(posts)s::text[], %(shifts)s::text[]) WITH ORDINALITY AS key(post, shift, number)
             USING (post, shift)
        JOIN unnest(%(streets)s::text[]) WITH ORDINALITY AS name(street, number) USING (street)
        WHERE start >= %(since)s AND start < %(until)s
    ) TO STDOUT (FORMAT BINARY)
"""
_STREETS = "SELECT DISTINCT street FROM visits WHERE start >= %(since)s AND start < %(until)s ORDER BY street"


def read_walked(
    connection: Connection, since: datetime, until: datetime, posts: Sequence[str] | None = None, *, held: bool = False
) -> pd.DataFrame:
    """Visits that began in a span of time and count: the table ``walked`` of `gridmap.coverage.walked.ledger`.

    Parameters
    ----------
    connection
        To the record; in a transaction of ``REPEATABLE READ`` all of it is of one moment.
    since, until
        Moments with a zone; visits that began at ``until`` or later are left out.
    posts
        Only visits of these; None: of all.
    held
        Also visits of shifts that are held for review.

    Returns
    -------
    DataFrame
        post, shift, street, from_m, to_m (``from_m < to_m``), start, end (UTC), direction, class, confidence (NaN where
        not known), revision (of the record whose streets it was matched with); by post, shift, start, street and
        metre.

    Raises
    ------
    RecordError
        If the server went away.
    """
    keys = _keys(connection, since, until, posts, held=held)
    asked: dict[str, Any] = {"since": since, "until": until}
    with plain_words(), driver(connection).cursor() as cursor:
        streets = [name for (name,) in cursor.execute(_STREETS, asked)]
        asked |= {"posts": [post for post, _ in keys], "shifts": [shift for _, shift in keys], "streets": streets}
        with cursor.copy(_VISITS, asked) as copy:
            parts = list(_rows(copy))
    return _walked(np.concatenate([np.empty(0, _ROW), *parts]), keys, streets)


def read_settled(
    connection: Connection,
    since: datetime,
    until: datetime,
    posts: Sequence[str] | None = None,
    *,
    credited: bool | None = None,
) -> pd.DataFrame:
    """What became of the fixes of each post in each shift of a span of time.

    Parameters
    ----------
    connection
        To the record.
    since, until
        Moments with a zone: shifts that meet this span.
    posts
        Only those of these posts; None: of all.
    credited
        Only those that count, or only those that are held for review; None: all.

    Returns
    -------
    DataFrame
        The columns of the table ``settled``, by the time when the shift began, shift and post. ``held`` is a list of
        ``{"reason", "message"}``; ``waterfall``, ``faults`` likewise lists, ``quality`` one object.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    wanted = _meeting(since, until, posts)
    if credited is not None:
        wanted.append(settled.c.credited.is_(credited))
    rows = connection.execute(
        select(settled).where(*wanted).order_by(settled.c.opens, settled.c.shift, settled.c.post)
    ).all()
    table = pd.DataFrame([tuple(row) for row in rows], columns=[column.name for column in settled.columns])
    times = ("opens", "closes", "released_at", "matched_at", "reduced_at")
    return table.assign(**{name: pd.to_datetime(table[name], utc=True).dt.as_unit("us") for name in times})


def read_moments(
    connection: Connection, layer: str, since: datetime, until: datetime, posts: Sequence[str] | None = None
) -> gpd.GeoDataFrame:
    """Fixes or sign-ins of a span of time.

    Parameters
    ----------
    connection
        To the record.
    layer
        ``fixes`` or ``signins``.
    since, until
        Moments with a zone; what was at ``until`` or later is left out.
    posts
        Only those of these; None: of all.

    Returns
    -------
    GeoDataFrame
        The columns that ``gridmap.frames`` promises, by post and time, in EPSG:4490.

    Raises
    ------
    RecordError
        If the server went away.
    """
    target = LAYERS[layer]
    names = promised_columns(layer)
    wanted = [target.c.time >= since, target.c.time < until]
    if posts is not None:
        wanted.append(target.c.post == func.any(list(posts)))
    order = [target.c.post, target.c.time, target.c.row_id]
    return _points(connection, target, names, wanted, order)


def read_last(connection: Connection, since: datetime, posts: Sequence[str] | None = None) -> gpd.GeoDataFrame:
    """The last fix of each post that has one since a moment.

    Parameters
    ----------
    connection
        To the record.
    since
        Moment with a zone.
    posts
        Only those of these; None: of all.

    Returns
    -------
    GeoDataFrame
        post, time, device, accuracy_m, speed_m_s and the point in EPSG:4490, by post.

    Raises
    ------
    RecordError
        If the server went away.
    """
    wanted = [last_fixes.c.time >= since]
    if posts is not None:
        wanted.append(last_fixes.c.post == func.any(list(posts)))
    names = ("post", "time", "device", "accuracy_m", "speed_m_s")
    return _points(connection, last_fixes, names, wanted, [last_fixes.c.post])


_KINDS = {"TEXT": "str", "DOUBLE": "float64", "DATETIME": "datetime64[us, UTC]"}


def _points(
    connection: Connection,
    target: Table,
    names: Sequence[str],
    wanted: Sequence[ColumnElement[bool]],
    order: Sequence[ColumnElement[Any]],
) -> gpd.GeoDataFrame:
    """Rows with a point, their coordinates as numbers: half the time of reading geometries."""
    columns = [target.c[name] for name in names]
    query = select(*columns, func.ST_X(target.c.geom), func.ST_Y(target.c.geom)).where(*wanted).order_by(*order)
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    with plain_words(), driver(connection).cursor(binary=True) as cursor:
        rows = cursor.execute(str(compiled), compiled.params).fetchall()
    *cells, x, y = zip(*rows, strict=True) if rows else [()] * (len(names) + 2)
    kinds = [_KINDS[target.c[name].type.__visit_name__.upper()] for name in names]
    data = {name: pd.Series(each, dtype=kind) for name, each, kind in zip(names, cells, kinds, strict=True)}
    lon, lat = np.array(x, dtype=float), np.array(y, dtype=float)
    points = gpd.points_from_xy(lon, lat)
    points[np.isnan(lon)] = None
    return gpd.GeoDataFrame(data, geometry=points, crs=SRID)


def _meeting(since: datetime, until: datetime, posts: Sequence[str] | None) -> list[ColumnElement[bool]]:
    """Which settled shifts meet a span of time."""
    wanted: list[ColumnElement[bool]] = [settled.c.opens < until, settled.c.closes > since]
    if posts is not None:
        wanted.append(settled.c.post == func.any(list(posts)))
    return wanted


def _keys(
    connection: Connection, since: datetime, until: datetime, posts: Sequence[str] | None, *, held: bool
) -> list[tuple[str, str]]:
    """Post and shift of all that is asked about."""
    wanted = _meeting(since, until, posts) + ([] if held else [settled.c.credited])
    query = select(settled.c.post, settled.c.shift).where(*wanted).order_by(settled.c.post, settled.c.opens)
    return [(post, shift) for post, shift in connection.execute(query)]


def _rows(copy: Any) -> Iterator[npt.NDArray[Any]]:
    """Rows of a binary copy, a few megabytes at a time."""
    held, skip = bytearray(), _HEAD
    for piece in copy:
        held += piece
        if skip:
            # the head comes whole with the first piece
            del held[:skip]
            skip = 0
        if len(held) >= _PIECE:
            whole = len(held) // _ROW.itemsize * _ROW.itemsize
            yield np.frombuffer(bytes(held[:whole]), _ROW)
            del held[:whole]
    # two bytes say that this was all
    yield np.frombuffer(bytes(held[: len(held) // _ROW.itemsize * _ROW.itemsize]), _ROW)


def _walked(rows: npt.NDArray[Any], keys: Sequence[tuple[str, str]], streets: Sequence[str]) -> pd.DataFrame:
    """Visits as the table `walked`."""
    cells = {name: rows[name].astype(kind) for name, kind in _CELLS.items()}
    order = np.lexsort((cells["from_m"], cells["street"], cells["start"], cells["key"]))
    cells = {name: each[order] for name, each in cells.items()}
    key = cells["key"] - 1
    return pd.DataFrame(
        {
            "post": _texts([post for post, _ in keys], key),
            "shift": _texts([shift for _, shift in keys], key),
            "street": _texts(streets, cells["street"] - 1),
            "from_m": cells["from_m"],
            "to_m": cells["to_m"],
            "start": _moments(cells["start"]),
            "end": _moments(cells["end"]),
            "direction": cells["direction"].astype(np.int64),
            "class": _texts(CLASSES, cells["class"]),
            "confidence": cells["confidence"],
            "revision": cells["revision"],
        }
    )


def _texts(names: Sequence[str], number: npt.NDArray[Any]) -> Any:
    """Names by their numbers, without looking at each text anew."""
    return pd.array(list(names), dtype="str").take(number)


def _moments(microseconds: npt.NDArray[Any]) -> pd.DatetimeIndex:
    """Moments as the tables keep them."""
    return pd.DatetimeIndex((microseconds + _SINCE_2000).view("datetime64[us]")).tz_localize("UTC")
