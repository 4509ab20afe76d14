"""The ledger of visits and what it was made of, read: visits, settled shifts, fixes, sign-ins, last places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from psycopg import Cursor
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
    "key": "i8",
    "street": "i8",
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

# Visits, names told as 64 bits of hash: texts would take longer than all else, and joins to number them nearly as long.
_VISITS = """
    COPY (
        SELECT hashtextextended(post || chr(31) || shift, %(seed)s), hashtextextended(street, %(seed)s), from_m, to_m,
               start, "end", (CASE class WHEN 'observed' THEN 0 WHEN 'inferred' THEN 1 ELSE 2 END)::int2, direction,
               coalesce(confidence, 'NaN'), revision
        FROM visits
        WHERE start >= %(since)s AND start < %(until)s AND (%(posts)s::text[] IS NULL OR post = ANY(%(posts)s::text[]))
    ) TO STDOUT (FORMAT BINARY)
"""
_SHIFTS = """
    SELECT post, shift, credited OR %(held)s, hashtextextended(post || chr(31) || shift, %(seed)s) FROM settled
    WHERE opens < %(until)s AND closes > %(since)s AND (%(posts)s::text[] IS NULL OR post = ANY(%(posts)s::text[]))
    ORDER BY post, opens, shift
"""
_STREETS = """
    SELECT street, hashtextextended(street, %(seed)s)
    FROM (SELECT DISTINCT street FROM visits WHERE start >= %(since)s AND start < %(until)s) AS walked ORDER BY street
"""


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
    asked: dict[str, Any] = {"since": since, "until": until, "posts": None if posts is None else list(posts)}
    with plain_words(), driver(connection).cursor() as cursor:
        keys, streets, seed = _names(cursor, asked | {"held": held})
        with cursor.copy(_VISITS, asked | {"seed": seed}) as copy:
            parts = [_numbered(part, keys, streets) for part in _rows(copy)]
    return _walked(pd.concat(parts), keys, streets)


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


@dataclass(frozen=True, kw_only=True)
class _Names:
    """Names in their order, and the hash of each."""

    names: list[Any]
    hashes: npt.NDArray[np.int64]
    #: whether what bears the name is wanted
    wanted: npt.NDArray[np.bool_]

    def numbers(self, hashes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Position of each hash; -1 where it is unknown or not wanted."""
        if not self.names:
            return np.full(len(hashes), -1)
        order = np.argsort(self.hashes)
        found = order[np.searchsorted(self.hashes[order], hashes).clip(max=len(order) - 1)]
        return np.where((self.hashes[found] == hashes) & self.wanted[found], found, -1)


def _names(cursor: Cursor[Any], asked: dict[str, Any]) -> tuple[_Names, _Names, int]:
    """Post and shift, and streets, of all that is asked about, and a seed by which no two have one hash."""
    seed = 0
    while True:
        keys = cursor.execute(_SHIFTS, asked | {"seed": seed}).fetchall()
        streets = cursor.execute(_STREETS, asked | {"seed": seed}).fetchall()
        if all(len({row[-1] for row in rows}) == len(rows) for rows in (keys, streets)):
            break
        seed += 1
    return (
        _Names(
            names=[(post, shift) for post, shift, *_ in keys],
            hashes=np.array([row[-1] for row in keys], dtype=np.int64),
            wanted=np.array([row[2] for row in keys], dtype=bool),
        ),
        _Names(
            names=[street for street, _ in streets],
            hashes=np.array([row[-1] for row in streets], dtype=np.int64),
            wanted=np.ones(len(streets), dtype=bool),
        ),
        seed,
    )


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


def _numbered(rows: npt.NDArray[Any], keys: _Names, streets: _Names) -> pd.DataFrame:
    """Visits whose names are known and wanted, by the positions of these."""
    cells = {name: rows[name].astype(kind) for name, kind in _CELLS.items()}
    cells |= {"key": keys.numbers(cells["key"]), "street": streets.numbers(cells["street"])}
    known = (cells["key"] >= 0) & (cells["street"] >= 0)
    return pd.DataFrame({name: each[known] for name, each in cells.items()})


def _walked(rows: pd.DataFrame, keys: _Names, streets: _Names) -> pd.DataFrame:
    """Visits as the table `walked`."""
    given = {name: rows[name].to_numpy() for name in _CELLS}
    order = np.lexsort((given["from_m"], given["street"], given["start"], given["key"]))
    cells = {name: each[order] for name, each in given.items()}
    return pd.DataFrame(
        {
            "post": _texts([post for post, _ in keys.names], cells["key"]),
            "shift": _texts([shift for _, shift in keys.names], cells["key"]),
            "street": _texts(streets.names, cells["street"]),
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
