"""What devices report, checked row by row before anything of it is taken: places, clocks, numbers, and the datum."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import geopandas as gpd
import numpy as np
import shapely

from gridmap import crs
from gridmap.address.writing import masked
from gridmap.errors import CrsError, Fault, InputError, TableError
from gridmap.store import Actor
from gridmap.store.patrols_batches import COLUMNS, Batch
from gridmap.tracks.places import place_flaws

if TYPE_CHECKING:
    from gridmap.service.patrol_streets import Streets

#: Characters of a code of a post, device or checkpoint.
CODE_CHARS = 64

#: Faults told of one batch.
_TOLD = 1000

#: Fixes, or seconds from first to last, of one post from which its datum is judged at the door.
JUDGED_FIXES, JUDGED_S = 120, 600.0

_WEEK = timedelta(weeks=1)
#: Before this year no clock of a device that has been set can stand.
_SET_SINCE = 2000


@dataclass(frozen=True, kw_only=True)
class Door:
    """What is let in."""

    #: how far ahead of the service a clock may be
    ahead: timedelta = timedelta(minutes=5)
    #: how old a row may be: what is older is loaded as a file, by somebody who knows why
    age: timedelta = timedelta(days=7)
    #: west, south, east and north of the territory, by which exchanged coordinates are known; None: not known
    bounds: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Who sends a batch, and what is said of the whole of it."""

    #: number of the batch, a UUID
    batch_id: Any
    #: whose key it was
    actor: Actor
    #: stated datum; None: WGS 84 or CGCS2000
    datum: str | None = None


def batch_of(
    layer: str, rows: Sequence[Mapping[str, Any]], letter: Letter, *, now: datetime, door: Door | None = None
) -> Batch:
    """Return rows as a batch that can be written.

    Parameters
    ----------
    layer
        ``fixes`` or ``signins``.
    rows
        Cells by column as they came: texts of a CSV, or values of JSON.
    letter
        Who sends them.
    now
        The clock of the service.
    door
        What is let in.

    Raises
    ------
    InputError
        If the number is no UUID, the datum is not known, or there are no rows.
    TableError
        If rows cannot be taken, each told with its number from 1: nothing of the batch is.
    """
    door, system = door or Door(), _system(letter.datum)
    if not rows:
        raise InputError("a batch without rows", expected="at least one", code="empty_batch")
    number = _uuid(letter.batch_id)
    cells, faults = _cells(layer, rows, now, door)
    if not faults:
        faults = _place_faults(cells, system or "EPSG:4326", door.bounds, needed=layer == "fixes")
    if faults:
        raise TableError(layer, sorted(faults, key=lambda fault: fault.feature or 0)[:_TOLD])
    digest = hashlib.sha256(repr((layer, system, sorted(cells.items()))).encode()).digest()
    if system is not None:
        cells = cells | _true_places(cells, system)
    return Batch(batch_id=number, layer=layer, digest=digest, actor=letter.actor, cells=cells, datum=system)


def given_fixes(rows: Sequence[Mapping[str, Any]]) -> gpd.GeoDataFrame:
    """Return checked rows of fixes as a table, their places as they were given.

    Raises
    ------
    Nothing
    """
    lon, lat = ([float(row[name]) for row in rows] for name in ("lon", "lat"))
    table = {"post": [row["post"] for row in rows], "time": [_moment(row["time"]) for row in rows]}
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(lon, lat), crs=4490)


def is_judged(batch: Batch) -> bool:
    """Whether a batch is long enough for its datum to be judged.

    Raises
    ------
    Nothing
    """
    if batch.layer != "fixes" or len(batch) < 2:  # noqa: PLR2004 (one fix lasts no time)
        return False
    times = batch.cells["time"]
    return len(batch) >= JUDGED_FIXES or (max(times) - min(times)).total_seconds() >= JUDGED_S


def judged(batch: Batch, rows: Sequence[Mapping[str, Any]], streets: Streets) -> Batch:
    """Return a batch with the datum that its fixes are in, refused where that is not the one stated.

    Parameters
    ----------
    batch
        What `batch_of` returned.
    rows
        What that was made of.
    streets
        Streets in force.

    Raises
    ------
    Nothing
        Fixes of which nothing can be said are in the datum stated.
    """
    from gridmap.tracks import datum_of  # matching takes a second to import, and most batches are short

    try:
        verdicts = datum_of(given_fixes(rows), streets.ready)
    except (TableError, CrsError):
        return batch
    stated = batch.datum or "WGS 84"
    others = verdicts[~verdicts["datum"].isin({stated, "undecided"})]
    if others.empty:
        return batch
    worst = others.sort_values("margin", ascending=False).iloc[0]
    why = (
        f"{worst['post']} is in {worst['datum']}, not in {stated} as stated: {worst['reason']},"
        f" {worst['margin']:.2f} apart"
    )
    return replace(batch, refused=why, datum_found=str(worst["datum"]), datum_margin=float(worst["margin"]))


def _system(datum: str | None) -> str | None:
    """The datum that web maps use; None for that of the record."""
    if datum is None:
        return None
    name = crs.parse(datum)
    if name in {"EPSG:4326", "EPSG:4490"}:
        return None
    if name not in {"GCJ-02", "BD-09"}:
        raise InputError(f"the datum {datum!r}", expected="WGS 84, CGCS2000, GCJ-02 or BD-09", code="unknown_datum")
    return name


def _uuid(text: Any) -> UUID:
    try:
        return UUID(text if isinstance(text, str) else "")
    except ValueError:
        raise InputError(f"batch={str(text)[:40]!r}", expected="a UUID of the batch's own", code="no_batch") from None


def _cells(
    layer: str, rows: Sequence[Mapping[str, Any]], now: datetime, door: Door
) -> tuple[dict[str, list[Any]], list[Fault]]:
    """Cells by column, and what is wrong with them."""
    faults: list[Fault] = []
    readers = {name: _reader(name, now, door) for name in COLUMNS[layer]}
    cells: dict[str, list[Any]] = {name: [] for name in readers}
    for number, row in enumerate(rows, 1):
        for name, read in readers.items():
            try:
                cells[name].append(read(row.get(name)))
            except _NotTakenError as wrong:
                cells[name].append(None)
                faults.append(Fault(code=wrong.code, message=str(wrong), feature=number, column=name))
    return cells, faults


class _NotTakenError(Exception):
    """A cell that cannot be taken; told as a fault of its row."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def _reader(name: str, now: datetime, door: Door) -> Callable[[Any], Any]:
    """What reads the cells of a column."""
    if name == "time":
        return lambda value: _time(value, now, door)
    if name in {"post", "checkpoint"}:
        return lambda value: _code(name, value, needed=True)
    if name == "device":
        return lambda value: _code(name, value, needed=False)
    return lambda value: _number(name, value, least=None if name in {"lon", "lat"} else 0.0)


def _code(name: str, value: Any, *, needed: bool) -> str | None:
    if value is None or value == "":
        if needed:
            raise _NotTakenError("missing_value", f"no {name}; give its code")
        return None
    if not isinstance(value, str) or len(value) > CODE_CHARS or not value.isprintable() or value != value.strip():
        raise _NotTakenError(
            "bad_code", f"{name} {str(value)[:CODE_CHARS]!r}; expected at most {CODE_CHARS} printable characters"
        )
    if masked(value) != value:
        # never repeated: it would stand in logs
        raise _NotTakenError("personal_number", f"{name} is a telephone or identity number; give a code of the machine")
    return value


def _number(name: str, value: Any, *, least: float | None) -> float | None:
    if value is None or value == "":
        return None
    number = math.nan if isinstance(value, bool) else _float(value)
    if not math.isfinite(number) or (least is not None and number < least):
        raise _NotTakenError(
            "not_a_number", f"{name}={str(value)[:40]!r}; expected a number{'' if least is None else ' from 0'}"
        )
    return number


def _float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(value.strip()).astimezone(UTC)


def _time(value: Any, now: datetime, door: Door) -> datetime:
    """A moment that the clock of a device may have shown."""
    if not isinstance(value, str) or not value.strip():
        raise _NotTakenError("no_time", f"time={str(value)[:40]!r}; expected a moment as 2026-11-22T08:00:00+08:00")
    try:
        given = datetime.fromisoformat(value.strip())
    except ValueError:
        raise _NotTakenError(
            "no_time", f"time={value[:40]!r}; expected a moment as 2026-11-22T08:00:00+08:00"
        ) from None
    if given.tzinfo is None:
        raise _NotTakenError("no_zone", f"time={value[:40]!r} has no zone; expected one as 2026-11-22T08:00:00+08:00")
    if given.year < _SET_SINCE:
        raise _NotTakenError(
            "clock_never_set", f"time={value[:40]!r}: the clock was never set; send no fix before it is"
        )
    moment = given.astimezone(UTC)
    if moment > now + door.ahead:
        minutes = (moment - now).total_seconds() / 60
        raise _NotTakenError(
            "clock_future", f"time={value[:40]!r} is {minutes:.0f} min ahead of the service; set the clock"
        )
    if moment < now - door.age:
        if abs(now - moment - 1024 * _WEEK) < _WEEK:
            raise _NotTakenError(
                "clock_rollover", f"time={value[:40]!r} is 1024 weeks ago, where the clock of GPS begins anew"
            )
        raise _NotTakenError("too_old", f"time={value[:40]!r} is more than {door.age.days} days ago; load it as a file")
    return moment


def _place_faults(
    cells: Mapping[str, list[Any]], system: str, bounds: tuple[float, float, float, float] | None, *, needed: bool
) -> list[Fault]:
    """What is wrong with places; a sign-in may have none, a fix not."""
    lon, lat = (np.array(cells[name], dtype=float) for name in ("lon", "lat"))
    flaws, _ = place_flaws((lon, lat), system, None if bounds is None else shapely.box(*bounds))
    none = np.isnan(lon) & np.isnan(lat)
    return [
        Fault(code=flaw.code, message=flaw.message, feature=row + 1)
        for flaw in flaws
        # what lies outside the territory was walked all the same
        if flaw.code != "outside"
        for row in flaw.rows
        if needed or not none[row]
    ]


def _true_places(cells: Mapping[str, list[Any]], system: str) -> dict[str, list[Any]]:
    """Longitudes and latitudes in the record's system."""
    lon, lat = (np.array(cells[name], dtype=float) for name in ("lon", "lat"))
    known = np.isfinite(lon) & np.isfinite(lat)
    if known.any():
        lon[known], lat[known] = crs.to_wgs84(lon[known], lat[known], system)
    return {
        name: [None if math.isnan(one) else one for one in axis.tolist()] for name, axis in (("lon", lon), ("lat", lat))
    }
