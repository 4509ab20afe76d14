"""Visits to streets as a page holds them: a byte or two each, and the metres that each shift adds."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.walked.ledger import CLASSES, Ledger, Visits, rows_of
from gridmap.coverage.walked.unions import running_max, union_metres

#: Parts into which a page divides a street: of one of 500 m, two metres each.
PARTS = 255
#: Streets by shifts that are summed at a time.
_CELLS = 2_000_000
#: Bits of a byte that hold a number; the highest says that more follow (LEB128).
_BITS = 7
#: So little of a part is rounding.
_ROUNDING = 1e-6


def in_time(book: Ledger, asked: Sequence[str]) -> tuple[list[str], Visits]:
    """Return the shifts in the order of time, and the visits with the place of their shift among them.

    Parameters
    ----------
    book
        The ledger.
    asked
        Shifts in the order of time; those that only the ledger has come after them. Without any, they come in the order
        in which they began.
    """
    begun = np.full(len(book.shifts), np.inf)
    np.minimum.at(begun, book.visits.shift, book.visits.start)
    found = [str(book.shifts[at]) for at in np.argsort(begun, kind="stable") if np.isfinite(begun[at])]
    labels = [*asked, *(label for label in found if label not in set(asked))]
    place = rows_of(np.array(labels, dtype=object), book.shifts)
    return labels, replace(book.visits, shift=place[book.visits.shift])


def metres_by_shift(visits: Visits, shifts: int) -> Floats:
    """Return the metres walked in each shift: observed, inferred and unknown, disjoint; shape (shifts, 3)."""
    made = np.zeros((shifts, len(CLASSES)))
    batch = max(1, _CELLS // max(len(visits.length_m), 1))
    for first in range(0, shifts, batch):
        count = min(batch, shifts - first)
        inside = (visits.shift >= first) & (visits.shift < first + count)
        union = union_metres(visits, np.where(inside, visits.shift - first, -1), count)
        made[first : first + count] = np.diff(union.sum(axis=0), axis=1, prepend=0.0)
    return made


def first_walked(visits: Visits, shifts: int) -> Floats:
    """Return the metres of each line that were walked for the first time in each shift, shape (lines, shifts).

    Their running sum is the length of the union of all visits up to a shift.

    Parameters
    ----------
    visits
        Visits of the classes that count; the shift of each is its place in the order of time.
    shifts
        How many shifts there are.

    Examples
    --------
    Of 30 m walked in the second shift, the first 10 m had been walked before:

    >>> two, nought = np.zeros(2, np.int64), np.zeros(2)
    >>> visits = Visits(line=two, from_m=nought, to_m=np.array([10.0, 30.0]), start=nought, end=nought, post=two,
    ...     shift=np.array([0, 1]), rank=two, direction=two, begins_m=np.zeros(1), ends_m=np.array([50.0]))
    >>> first_walked(visits, 3).tolist()
    [[10.0, 20.0, 0.0]]
    """
    ends = np.concatenate([visits.from_m, visits.to_m])
    lines = np.concatenate([visits.line, visits.line])
    order = np.lexsort((ends, lines))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    low, high = place[: len(visits)], place[len(visits) :]
    first = np.full(len(order), shifts)
    late_first = np.argsort(-visits.shift, kind="stable")
    # each shift paints over those after it: what stays is the first
    for begin, end, shift in zip(
        low[late_first].tolist(), high[late_first].tolist(), visits.shift[late_first].tolist(), strict=True
    ):
        first[begin:end] = shift
    metres = np.diff(ends[order], append=0.0)
    walked = first < shifts
    cell = lines[order][walked] * shifts + first[walked]
    sums = np.bincount(cell, metres[walked], len(visits.length_m) * shifts)
    return np.asarray(sums.reshape(len(visits.length_m), shifts))


def encoded(book: Ledger, visits: Visits, shifts: int) -> dict[str, Any]:
    """Return the union of the visits of each shift, street and class as text that a page can decode.

    Parameters
    ----------
    book
        The ledger.
    visits
        Its visits; the shift of each is its place in the order of time.
    shifts
        How many shifts there are.

    Returns
    -------
    dict
        ``counts``: stretches of each shift; ``keys``: for each, in the order of shifts and streets, the steps from the
        street of the one before (of the first: from street 0) times 6, plus twice the class, plus 1 where it is only a
        part of the street, as LEB128 in base64; ``parts``: of these, the first and last of `PARTS` parts, a byte each.
    """
    shift, line, rank, from_m, to_m = _merged(visits)
    street = book.street[line]
    low, high = parted(from_m, to_m, book.lines.length_m[street])
    partial = (low > 0) | (high < PARTS)
    fresh = np.diff(shift, prepend=-1) != 0
    steps = np.where(fresh, street, np.diff(street, prepend=0))
    ends = np.column_stack([low[partial], high[partial]]).astype(np.uint8)
    return {
        "counts": np.bincount(shift, minlength=shifts).tolist(),
        "keys": _text(_leb128(steps * 6 + rank * 2 + partial)),
        "parts": _text(ends),
    }


def partly(book: Ledger) -> list[int]:
    """Return the streets of which only stretches count: street, first and last part, one after the other."""
    low, high = parted(book.visits.begins_m, book.visits.ends_m, book.lines.length_m[book.street])
    there = book.visits.length_m > 0
    rows = np.column_stack([book.street, low, high])[there & ((low > 0) | (high < PARTS))]
    return [int(number) for number in rows.ravel()]


def parted(from_m: Floats, to_m: Floats, length_m: Floats) -> tuple[Ints, Ints]:
    """Return the first and last of the parts of a street that a stretch touches; any stretch touches one."""
    low = np.clip(np.floor(from_m / length_m * PARTS + _ROUNDING), 0, PARTS - 1).astype(np.int64)
    return low, np.clip(np.ceil(to_m / length_m * PARTS - _ROUNDING), low + 1, PARTS).astype(np.int64)


def _merged(visits: Visits) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """Shift, line, class, first and last metre of the union of the visits, in the order of the first three."""
    real = np.flatnonzero((visits.length_m[visits.line] > 0) & (visits.to_m > visits.from_m))
    order = real[np.lexsort((visits.from_m[real], visits.rank[real], visits.line[real], visits.shift[real]))]
    line, rank, shift = visits.line[order], visits.rank[order], visits.shift[order]
    from_m, to_m = visits.from_m[order], visits.to_m[order]
    key = (shift * len(visits.length_m) + line) * len(CLASSES) + rank
    if not len(key):
        return shift, line, rank, from_m, to_m
    reached = running_max(key, to_m)
    begins = np.ones(len(key), dtype=bool)
    begins[1:] = (key[1:] != key[:-1]) | (from_m[1:] > reached[:-1])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(key)) - 1
    return shift[first], line[first], rank[first], from_m[first], reached[last]


def _leb128(numbers: Ints) -> npt.NDArray[np.uint8]:
    """Numbers from 0 up as bytes, the lowest seven bits first."""
    width = max(1, -(-int(numbers.max(initial=0)).bit_length() // _BITS))
    shifted = numbers[:, None] >> (_BITS * np.arange(width))
    more = np.column_stack([shifted[:, 1:] > 0, np.zeros(len(numbers), dtype=bool)])
    bytes_ = (shifted & 0x7F) | (more << _BITS)
    there = np.column_stack([np.ones(len(numbers), dtype=bool), shifted[:, 1:] > 0])
    return np.asarray(bytes_[there], dtype=np.uint8)


def _text(numbers: npt.NDArray[np.uint8]) -> str:
    return base64.b64encode(numbers.tobytes()).decode()
