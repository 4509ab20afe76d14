"""How wrong a share of street may be: the error that matching is known to make on tracks such as these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.walked.ledger import INFERRED, OBSERVED, Ledger, Visits
from gridmap.coverage.walked.sides import Sides
from gridmap.errors import Fault, TableError


class Error(Protocol):
    """What calibration tells of a kind of track."""

    @property
    def low(self) -> float:
        """Least true metres for each metre claimed."""
        ...

    @property
    def high(self) -> float:
        """Greatest true metres for each metre claimed."""
        ...


Flags = npt.NDArray[np.bool_]

#: The error of tracks with such seconds between fixes, metres per second and standard error of a fix.
Expected = Callable[[float, float, float], Error]
_NEEDED = ("post", "shift", "interval_p50_s", "sigma_m")


#: Fixes farther apart than so many seconds observe nothing: of their tracks, what is inferred is what is claimed.
OBSERVING_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Bars:
    """True metres for each metre claimed, by post and shift of the ledger; NaN where the track is not known."""

    #: least and greatest, shape (posts, shifts)
    low: Floats
    high: Floats
    #: whether what is inferred of the track is claimed too, since nothing of it can be observed, same shape
    coarse: Flags

    def by_area(self, cut: Visits, laid: Sides, group: Ints, groups: int) -> tuple[Floats, Floats, Floats]:
        """Return the least and greatest true metres for each metre claimed, and which part of what is inferred is.

        All three by group and area, shape (groups, areas). Where several tracks claim metres of an area, each counts by
        the metres that it claims; what is not known of one of them is not known of the area.

        Raises
        ------
        Nothing
            Where nothing is claimed there is nothing to err in.
        """
        inferred = (group >= 0) & (cut.rank == INFERRED)
        coarse = inferred & self.coarse[cut.post, cut.shift]
        claims = ((group >= 0) & (cut.rank == OBSERVED)) | coarse
        place = np.maximum(group, 0) * len(laid) + cut.line

        def summed(rows: Flags, weight: Floats | float = 1.0) -> Floats:
            cells = np.bincount(place[rows], (cut.metres * weight)[rows], groups * len(laid)).astype(float)
            return laid.per_area(cells.reshape(groups, len(laid)).T).T

        whole = summed(claims)
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = (summed(claims, each[cut.post, cut.shift]) / whole for each in (self.low, self.high))
            part = np.nan_to_num(summed(coarse) / summed(inferred))
        return np.where(whole > 0, low, 1.0), np.where(whole > 0, high, 1.0), part


def bars(book: Ledger, tracks: pd.DataFrame, expected: Expected) -> Bars:
    """Return how many true metres stand behind each metre that a track claims, post by post and shift by shift.

    Parameters
    ----------
    book
        The ledger.
    tracks
        ``post``, ``shift``, ``interval_p50_s``, ``sigma_m``: what `gridmap.coverage.walked.quality` returned.
    expected
        What calibration tells of tracks of such an interval, speed and error:
        `gridmap.tracks.matching.calibration.expected`.

    Returns
    -------
    Bars
        For `gridmap.coverage.walked.areas`. What is claimed is always among what may be true. Of tracks whose fixes lie
        more than 30 s apart, what is inferred is claimed.

    Raises
    ------
    TableError
        If a column is missing.
    """
    missing = [name for name in _NEEDED if name not in tracks]
    if missing:
        message = "no column {}; give what quality returned"
        raise TableError("tracks", [Fault(code="missing_column", message=message.format(name)) for name in missing])
    post, shift = (_rows(getattr(book, f"{name}s"), tracks[name]) for name in ("post", "shift"))
    figures = [tracks["interval_p50_s"], _speeds(book, post, shift), tracks["sigma_m"]]
    told = np.column_stack([np.asarray(each, dtype=float) for each in figures])
    low, high = (np.full((len(book.posts), len(book.shifts)), np.nan) for _ in range(2))
    coarse = np.zeros(low.shape, dtype=bool)
    # tracks without a positive figure have none to be compared by
    for row in np.flatnonzero((told > 0).all(axis=1) & (post >= 0) & (shift >= 0)):
        error = expected(*told[row].tolist())
        low[post[row], shift[row]] = min(error.low, 1.0)
        high[post[row], shift[row]] = max(error.high, 1.0)
        coarse[post[row], shift[row]] = told[row, 0] > OBSERVING_S
    return Bars(low=low, high=high, coarse=coarse)


def _rows(names: npt.NDArray[np.object_], asked: pd.Series) -> Ints:
    return np.asarray(pd.Index(names).get_indexer(pd.Index(asked.astype(str))), dtype=np.int64)


def _speeds(book: Ledger, post: Ints, shift: Ints) -> Floats:
    """Metres per second of tracks while they moved, NaN where nothing tells it.

    That is the speed of the visit that holds the middle one of all metres, slowest visits first: where a crew stood,
    one visit took long, and the metres of the others still tell how it goes.
    """
    visits = book.visits.credited("inferred")
    track, took = visits.post * len(book.shifts) + visits.shift, visits.end - visits.start
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.where(took > 0, visits.metres / took, np.nan)
    order = np.lexsort((speed, track))
    order = order[np.isfinite(speed[order])]
    track, speed, metres = track[order], speed[order], visits.metres[order]
    cells = len(book.posts) * len(book.shifts)
    before = np.cumsum(metres) - metres
    first = np.searchsorted(track, np.arange(cells + 1))
    reached = np.append(before, metres.sum())[first]
    middle = np.searchsorted(before, (reached[:-1] + reached[1:]) / 2, side="right") - 1
    found = np.append(np.full(cells, np.nan), np.nan)
    there = first[1:] > first[:-1]
    found[:-1][there] = speed[middle[there]]
    return found[np.where((post >= 0) & (shift >= 0), post * len(book.shifts) + shift, cells)]
