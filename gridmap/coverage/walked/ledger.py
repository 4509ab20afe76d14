"""The ledger of visits: which metres of which street were walked, when, by which post, and how sure that is.

All figures of patrols start from it. It is made once from the stretches that matching returned, as arrays in the order
of the streets, so that a month is summed in one pass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS

from gridmap.coverage.cuts import walked as is_street
from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.walked.laying import counted, onto, overlaid, timed
from gridmap.coverage.walked.moments import seconds
from gridmap.crs import to_metric
from gridmap.errors import Fault, TableError
from gridmap.visibility.lines import gridded

if TYPE_CHECKING:
    import geopandas as gpd

    from gridmap.tracks.matching.corridors import Corridors
    from gridmap.visibility.lines import Lines

#: How sure a visit is, surest first: seen by fixes, bridged by a route, or only guessed. The last is never credited.
CLASSES = ("observed", "inferred", "unknown")
OBSERVED, INFERRED, UNKNOWN = range(3)
#: So many metres may a stretch go beyond its street, and so great a share of it: another zone measures differently.
BEYOND_M, BEYOND_SHARE = 1.0, 1e-3
#: Fields of `Visits` that have a row for each visit.
PER_VISIT = ("line", "from_m", "to_m", "start", "end", "post", "shift", "rank", "direction")
_NEEDED = ("post", "shift", "street", "from_m", "to_m", "start", "end")


@dataclass(frozen=True, kw_only=True)
class Visits:
    """Intervals on stretches of street with their time, sorted by stretch and ``from_m``."""

    #: row of the stretch, shape (n,)
    line: Ints
    #: metres along its street, ``from_m <= to_m``
    from_m: Floats
    to_m: Floats
    #: seconds since 1970 in UTC
    start: Floats
    end: Floats
    #: number of the post and of the shift
    post: Ints
    shift: Ints
    #: position in ``CLASSES``
    rank: Ints
    #: 1 along the line, -1 against it, 0 there and back
    direction: Ints
    #: metres along its street at which every line begins and ends, walked or not, shape (lines,)
    begins_m: Floats
    ends_m: Floats

    def __len__(self) -> int:
        """Return the number of visits."""
        return len(self.line)

    @property
    def metres(self) -> Floats:
        """Length of each."""
        return np.asarray(self.to_m - self.from_m)

    @property
    def length_m(self) -> Floats:
        """Metres of every line."""
        return np.asarray(self.ends_m - self.begins_m)

    @cached_property
    def by_start(self) -> Ints:
        """Rows in the order in which visits began."""
        return np.argsort(self.start, kind="stable")

    def taken(self, rows: Any) -> Visits:
        """Return the visits at these rows, or where a mask is true; the rows must keep the order."""
        return replace(self, **{name: getattr(self, name)[rows] for name in PER_VISIT})

    def credited(self, least: str = "observed") -> Visits:
        """Return the visits that are at least so sure."""
        return self.taken(self.rank <= CLASSES.index(least))


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Visits to streets, and what the streets, posts and shifts are called."""

    #: visits to the stretches of street that count
    visits: Visits
    #: row of the street of each stretch, ascending: one stretch each, but where streets run along others
    street: Ints
    #: id and class of each street, shape (streets,)
    ids: npt.NDArray[np.object_]
    kind: npt.NDArray[np.object_]
    #: names by number, in the order of the alphabet
    posts: npt.NDArray[np.object_]
    shifts: npt.NDArray[np.object_]
    #: the streets as segments in metres
    lines: Lines

    def per_street(self, amounts: npt.NDArray[Any]) -> Floats:
        """Return amounts of stretches, shape (n, ...), summed by street."""
        totals = np.zeros((len(self.ids), *amounts.shape[1:]))
        np.add.at(totals, self.street, amounts)
        return totals

    def greatest(self, amounts: Floats) -> Floats:
        """Return the greatest amount of the stretches of each street, NaN where it has none."""
        most = np.full(len(self.ids), -np.inf)
        np.maximum.at(most, self.street, amounts)
        return np.where(np.isfinite(most), most, np.nan)

    @property
    def length_m(self) -> Floats:
        """Metres of each street that count."""
        return self.per_street(self.visits.length_m)

    def during(self, since: Any = None, until: Any = None) -> Ledger:
        """Return the ledger of the visits that began in ``since <= start < until``; each bound may be left open."""
        kept = np.ones(len(self.visits), dtype=bool)
        if since is not None:
            kept &= self.visits.start >= seconds(since)
        if until is not None:
            kept &= self.visits.start < seconds(until)
        return replace(self, visits=self.visits.taken(kept))

    def of_shift(self, label: str) -> Ledger:
        """Return the ledger of one shift; empty where nobody kept a record of it."""
        return replace(self, visits=self.visits.taken(self.shifts[self.visits.shift] == label))


def ledger(
    walked: pd.DataFrame, streets: gpd.GeoDataFrame, *, corridors: Corridors | None = None, crs: Any = None
) -> Ledger:
    """Return the ledger of the stretches that posts walked.

    A *visit* is one post on one stretch of one street in one go. The same stretch reported twice by one post at one
    time, as team members do, is one visit. What is no street (a river, a railway) has no metres to be walked. With
    corridors a side path, or the other carriageway, counts with its street: what is walked on either is walked on the
    street, whose metres count once.

    Parameters
    ----------
    walked
        ``post``, ``shift``, ``street`` (an id), ``from_m``, ``to_m`` (metres along the street in the metric system;
        the greater may come first where it was walked against the line), ``start``, ``end`` (moments with a zone),
        ``direction`` (1, -1, 0) and ``class`` (observed, inferred, unknown) where known: else observed.
    streets
        ``id``, ``class`` and ``barrier`` where known; lines in any CRS.
    corridors
        Which streets run along which (`gridmap.tracks.matching`); without them each counts for itself.
    crs
        The metric system in which metres count; that of the place by default.

    Returns
    -------
    Ledger
        Sorted by street, metre, start, post and shift, whatever the order of the rows.

    Raises
    ------
    CrsError
        If the streets state no CRS.
    TableError
        If a column is missing, a street is unknown or stands twice, a stretch does not lie on its street, or a time is
        none.
    """
    metric = to_metric(streets) if crs is None else streets
    lines = gridded(metric, CRS.from_user_input(metric.crs if crs is None else crs))
    ids = streets["id"].to_numpy(dtype=object)
    _refuse_missing(walked)
    columns = _columns(walked, ids, lines.length_m)
    posts, columns["post"] = _numbered(walked["post"])
    shifts, columns["shift"] = _numbered(walked["shift"])
    told = columns if corridors is None else onto(columns, corridors)
    street, begins, ends = counted(is_street(streets), lines.length_m, corridors)
    visits = _sorted(_laid(told, street, begins, ends))
    return Ledger(visits=visits, street=street, ids=ids, kind=_kinds(streets), posts=posts, shifts=shifts, lines=lines)


def _laid(columns: dict[str, Any], street: Ints, begins: Floats, ends: Floats) -> Visits:
    """Stretches walked, on the stretches that count."""
    row, part, low, high = overlaid((columns["line"], columns["from_m"], columns["to_m"]), (street, begins, ends))
    parts = timed({name: each[part] for name, each in columns.items()}, low, high)
    return Visits(**{**parts, "line": row}, begins_m=begins, ends_m=ends)


def _numbered(column: pd.Series) -> tuple[npt.NDArray[np.object_], Ints]:
    """Names in order, and the number of each."""
    names, number = np.unique(column.astype(str).to_numpy(dtype=object), return_inverse=True)
    return names, number.ravel().astype(np.int64)


def rows_of(keys: npt.NDArray[np.object_], asked: npt.NDArray[np.object_]) -> Ints:
    """Return the row of each asked key, -1 for one that is not there.

    Raises
    ------
    TableError
        If a key stands twice: nobody knows which row is meant.

    Examples
    --------
    >>> rows_of(np.array(["a", "b"], object), np.array(["b", "c"], object)).tolist()
    [1, -1]
    """
    index = pd.Index(keys)
    twice = np.flatnonzero(index.duplicated())
    if len(twice):
        message = "an id that stands above too; give each row its own"
        raise TableError("ids", [Fault(code="duplicate_id", message=message, feature=int(row) + 1) for row in twice])
    return np.asarray(index.get_indexer(pd.Index(asked)), dtype=np.int64)


def _refuse_missing(walked: pd.DataFrame) -> None:
    missing = [name for name in _NEEDED if name not in walked]
    if missing:
        faults = [Fault(code="missing_column", message=f"no column {name}; map or add it") for name in missing]
        raise TableError("walked", faults)


def _columns(walked: pd.DataFrame, ids: npt.NDArray[np.object_], length_m: Floats) -> dict[str, Any]:
    """Stretches as numbers, all faults told at once."""
    line = rows_of(ids, walked["street"].to_numpy(dtype=object))
    one, other = (pd.to_numeric(walked[name], errors="coerce").to_numpy(dtype=float) for name in ("from_m", "to_m"))
    start, end = (seconds(walked[name]) for name in ("start", "end"))
    rank = _ranks(walked)
    low, high = np.minimum(one, other), np.maximum(one, other)
    room = np.where(line < 0, np.inf, length_m[line] * (1 + BEYOND_SHARE) + BEYOND_M) if len(ids) else np.inf
    wrong = {
        "unknown_street": (line < 0, "a street that is not in the table of streets; expected its id"),
        "off_street": (
            ~((low >= -BEYOND_M) & (high <= room)),
            "metres that do not lie on the street; expected from_m and to_m between 0 and its length",
        ),
        "bad_time": (~(start <= end), "an end before its start, or no time; expected moments with a zone, in order"),
        "bad_choice": (rank < 0, f"a class that is none; expected one of {', '.join(CLASSES)}"),
    }
    faults = [
        Fault(code=code, message=message, feature=int(row) + 1)
        for code, (rows, message) in wrong.items()
        for row in np.flatnonzero(rows)
    ]
    if faults:
        raise TableError("walked", sorted(faults, key=lambda fault: fault.feature or 0))
    whole = length_m[line]
    low, high = np.clip(low, 0.0, whole), np.clip(high, 0.0, whole)
    times = {"start": start, "end": end, "rank": rank, "direction": _directions(walked, one, other)}
    return {"line": line, "from_m": low, "to_m": high, **times}


def _ranks(walked: pd.DataFrame) -> Ints:
    """Position of each class, -1 for what is none."""
    if "class" not in walked:
        return np.zeros(len(walked), np.int64)
    words = walked["class"].astype(object).where(walked["class"].notna(), CLASSES[OBSERVED])
    return rows_of(np.array(CLASSES, dtype=object), words.to_numpy(dtype=object))


def _directions(walked: pd.DataFrame, one: Floats, other: Floats) -> Ints:
    """The direction stated, else that of the metres."""
    told = np.sign(other - one).astype(np.int64)
    if "direction" not in walked:
        return told
    stated = pd.to_numeric(walked["direction"], errors="coerce").to_numpy(dtype=float)
    return np.where(np.isnan(stated), told, np.sign(np.nan_to_num(stated))).astype(np.int64)


def _sorted(visits: Visits) -> Visits:
    """Visits in order, each once."""
    keys = [visits.rank, visits.shift, visits.post, visits.end, visits.start, visits.to_m, visits.from_m, visits.line]
    order = np.lexsort(keys)
    same = np.ones(max(len(order) - 1, 0), dtype=bool)
    for key in keys:
        same &= np.diff(key[order]) == 0
    return visits.taken(order[np.concatenate([[True], ~same])[: len(order)]])


def _kinds(streets: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Class of each street, empty where none is stated."""
    if "class" not in streets:
        return np.full(len(streets), "", dtype=object)
    return np.asarray(streets["class"].astype(object).where(streets["class"].notna(), ""), dtype=object)
