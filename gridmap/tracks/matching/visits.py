"""Pieces of a way joined to visits: one row for each time that a stretch of street was walked."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from gridmap.compiling import COMPILED
from gridmap.tracks.matching import ways_kernel
from gridmap.tracks.matching.corridors import ROUNDING_M, Corridors
from gridmap.tracks.matching.paths import Pieces

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Metres within which two places on an edge are the same.
_SAME_M = 0.01
#: Metres that a visit has at least: shorter ones are a street touched at its end.
LEAST_M = 0.5
#: Columns of `Visits` in whole numbers, and those in metres and seconds, as kernels fill them.
_WHOLE = ("run", "steps", "line", "kind")
_MEASURED = ("low", "high", "first", "last", "begun", "ended")


@dataclass(frozen=True, kw_only=True)
class Visits:
    """Stretches walked in one go, in order, shape (v,) each."""

    #: number of the run of pieces without a break that the visit is of
    run: Ints
    #: number of the steps of one kind in a row, within the run, that it is of
    steps: Ints
    #: edge or street
    line: Ints
    #: least and greatest metre, and the first and the last one in time
    low: Floats
    high: Floats
    first: Floats
    last: Floats
    #: seconds
    begun: Floats
    ended: Floats
    kind: Ints

    def __len__(self) -> int:
        """Return the number of visits."""
        return len(self.line)

    def at(self, rows: Ints | Flags) -> Visits:
        """Return some of them, in that order."""
        return Visits(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})


def visits(pieces: Pieces, run: Ints, steps: Ints, *, kernel: bool = COMPILED) -> Visits:
    """Return pieces as visits of edges, those of one edge in a row joined.

    Parameters
    ----------
    pieces
        In the order walked.
    run
        Number of each piece's run; a visit keeps within a run.
    steps
        Number of the steps of one kind in a row that each piece is of. A step over a silence parts what was observed
        before from what was after, though nothing was walked in it.
    kernel
        Whether the compiled kernel is used; the answer is the same.

    Raises
    ------
    Nothing
        No pieces are no visits.
    """
    each = Visits(
        run=run,
        steps=steps,
        line=pieces.edge,
        low=np.minimum(pieces.leaves, pieces.reaches),
        high=np.maximum(pieces.leaves, pieces.reaches),
        first=pieces.leaves,
        last=pieces.reaches,
        begun=pieces.begun,
        ended=pieces.ended,
        kind=pieces.kind,
    )
    return joined(each, np.inf, kernel=kernel)


def joined(each: Visits, apart_m: float, *, kernel: bool = COMPILED) -> Visits:
    """Return visits with those joined that follow each other on one line, in steps of one kind in a row.

    Parameters
    ----------
    each
        Visits in the order walked.
    apart_m
        Metres that the end of one and the beginning of the next may lie apart.
    kernel
        Whether the compiled kernel is used; the answer is the same.

    Raises
    ------
    Nothing
        No visits are none.
    """
    if kernel:
        return _joined_by_kernel(each, apart_m)
    if not len(each):
        return each
    follows = (each.line[1:] == each.line[:-1]) & (each.steps[1:] == each.steps[:-1])
    follows &= np.abs(each.first[1:] - each.last[:-1]) <= apart_m
    begin = np.flatnonzero(np.append(True, ~follows))
    end = np.append(begin[1:], len(each)) - 1
    return Visits(
        run=each.run[begin],
        steps=each.steps[begin],
        line=each.line[begin],
        low=np.minimum.reduceat(each.low, begin),
        high=np.maximum.reduceat(each.high, begin),
        first=each.first[begin],
        last=each.last[end],
        begun=each.begun[begin],
        ended=each.ended[end],
        kind=each.kind[begin],
    )


def _joined_by_kernel(each: Visits, apart_m: float) -> Visits:
    """Visits joined, by numba where it is installed."""
    whole, measured = np.empty((len(_WHOLE), len(each)), np.int64), np.empty((len(_MEASURED), len(each)))
    given, known = (tuple(getattr(each, name) for name in names) for names in (_WHOLE, _MEASURED))
    count = ways_kernel.joined(given, known, apart_m, (tuple(whole), tuple(measured)))
    return _of_columns(whole[:, :count], measured[:, :count])


def _of_columns(whole: Ints, measured: Floats) -> Visits:
    """Visits of whole numbers, shape (4, v), and of metres and seconds, shape (6, v)."""
    return Visits(**dict(zip(_WHOLE, whole, strict=True)), **dict(zip(_MEASURED, measured, strict=True)))


def without_spurs(each: Visits, length: Floats, spur_m: float, *, kernel: bool = COMPILED) -> Visits:
    """Return visits without those that go a few metres into an edge and out by the same end, as noise makes them.

    Parameters
    ----------
    each
        Visits of edges in the order walked.
    length
        Metres of every edge.
    spur_m
        Metres that such a visit has less than.
    kernel
        Whether the compiled kernel is used; the answer is the same.

    Raises
    ------
    Nothing
        An edge walked from end to end is kept, however short.
    """
    inside = np.zeros(len(each), dtype=bool)
    inside[1:-1] = (each.run[1:-1] == each.run[:-2]) & (each.run[1:-1] == each.run[2:])
    shallow = each.high - each.low < np.minimum(spur_m, length[each.line] - 1.0)
    at_end = (each.first < _SAME_M) | (each.first > length[each.line] - _SAME_M)
    spur = inside & shallow & at_end & (np.abs(each.first - each.last) < _SAME_M)
    return joined(each.at(~spur), np.inf, kernel=kernel)


def directions(each: Visits) -> Ints:
    """Return 1 for visits along the line, -1 against it, 0 for there and back: less than half of it was gained.

    Parameters
    ----------
    each
        The visits.

    Raises
    ------
    Nothing
    """
    gained = each.last - each.first
    onward = np.abs(gained) >= 0.5 * (each.high - each.low)
    return np.where(onward, np.sign(gained), 0).astype(np.int64)


def onto(each: Visits, corridors: Corridors, *, kernel: bool = COMPILED) -> Visits:
    """Return visits of streets as visits of the main streets of their corridors, in the order walked.

    A visit that runs along several main streets is one of each, at an even pace; one there and back has the whole time
    on each.

    Parameters
    ----------
    each
        Visits of streets.
    corridors
        Which streets run along which.
    kernel
        Whether the compiled kernel is used; the answer is the same.

    Raises
    ------
    Nothing
    """
    if corridors.own.all() or not len(each):
        return each
    return _laid_by_kernel(each, corridors) if kernel else _laid(each, corridors)


def _laid_by_kernel(each: Visits, corridors: Corridors) -> Visits:
    """Visits on main streets, by numba where it is installed."""
    spans = tuple(np.searchsorted(corridors.street, each.line, side=side) for side in ("left", "right"))
    room = int((spans[1] - spans[0]).sum())
    of, line, measured = np.empty(room, np.int64), np.empty(room, np.int64), np.empty((len(_MEASURED), room))
    count = ways_kernel.onto(
        (corridors.from_m, corridors.to_m, corridors.main, corridors.main_from_m, corridors.main_to_m, ROUNDING_M),
        spans,
        (each.low, each.high, each.begun, each.ended, directions(each)),
        (of, line, *measured),
    )
    of = of[:count]
    return _of_columns(np.stack([each.run[of], each.steps[of], line[:count], each.kind[of]]), measured[:, :count])


def _laid(each: Visits, corridors: Corridors) -> Visits:
    """The same by numpy."""
    way = directions(each)
    part = corridors.onto(each.line, each.low, each.high)
    nth = np.arange(len(part.given))
    order = np.lexsort([np.where(way[part.given] < 0, -nth, nth), part.given])
    of, low, high = part.given[order], part.low[order], part.high[order]
    at_low, at_high = part.at_low[order], part.at_high[order]
    pace = ((each.ended - each.begun) / np.maximum(each.high - each.low, 1e-9))[of]
    forward, back = way[of] > 0, way[of] < 0
    begun = np.where(forward, low - each.low[of], np.where(back, each.high[of] - high, 0.0)) * pace + each.begun[of]
    ended = np.where(way[of] == 0, each.ended[of], begun + (high - low) * pace)
    return Visits(
        run=each.run[of],
        steps=each.steps[of],
        line=part.street[order],
        low=np.minimum(at_low, at_high),
        high=np.maximum(at_low, at_high),
        first=np.where(back, at_high, at_low),
        last=np.where(forward, at_high, at_low),
        begun=begun,
        ended=np.minimum(ended, each.ended[of]),
        kind=each.kind[of],
    )
