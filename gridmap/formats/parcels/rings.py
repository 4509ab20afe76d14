"""Shapes from points: rings closed, doubled points dropped, holes told from parts by what lies in what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.survey import Counts, Numbers, Survey

Shapes = NDArray[np.object_]
Mask = NDArray[np.bool_]

#: Points nearer than this are one, in metres; files are written to the millimetre.
SAME = 1e-4
#: The same in degrees.
SAME_DEGREES = 1e-9
#: Rings of one parcel: each is held against each.
MAX_RINGS = 1000
#: Points that a ring needs, and from how many on a repeated first point closes it.
_TRIANGLE = 3


@dataclass(frozen=True, kw_only=True)
class Points:
    """Points in their final order of axes, a value per point."""

    #: position of the parcel
    owner: Counts
    #: number of the ring through the file
    ring: Counts
    #: name as written
    name: Shapes
    #: place in the file
    line: Counts
    #: east or longitude, north or latitude
    x: Numbers
    y: Numbers

    def taken(self, which: Mask | Counts) -> Points:
        """Some of the points."""
        return Points(
            owner=self.owner[which],
            ring=self.ring[which],
            name=self.name[which],
            line=self.line[which],
            x=self.x[which],
            y=self.y[which],
        )


def points_of(survey: Survey, x: Numbers, y: Numbers) -> Points:
    """A survey's points with their coordinates in order."""
    return Points(owner=survey.owner, ring=survey.ring, name=survey.name, line=survey.line, x=x, y=y)


def closed(points: Points, polygon: Mask, notes: Notes, *, same: float = SAME) -> Points:
    """Points without those that repeat the first of their ring or the one before, and rings split where they close.

    Parameters
    ----------
    points
        Points as read.
    polygon
        Whether each parcel is a polygon; lines stay as they are but for doubled points.
    notes
        Where ``W_RING_NOT_CLOSED`` and ``W_DUPLICATE_POINT`` are noted.
    same
        Distance below which two points are one, in the unit of the coordinates.

    Raises
    ------
    None
    """
    if not len(points.x):
        return points
    points = _without_doubles(points, notes, same)
    start = _starts(points.ring)
    closing = _closings(points, start, same) & polygon[points.owner]
    # rings of one number that close one after the other are several
    ring = np.cumsum(start | np.r_[False, closing[:-1]]) - 1
    for at in np.flatnonzero(closing[:-1] & ~start[1:]).tolist():
        message = "a ring closes here and another of the same number follows; it was read as a ring of its own"
        notes.warn("W_RING_NUMBER_REPEATED", message, int(points.line[at + 1]))
    last = np.r_[np.flatnonzero(_starts(ring))[1:] - 1, len(ring) - 1]
    for at in last[~closing[last] & polygon[points.owner[last]]].tolist():
        notes.warn("W_RING_NOT_CLOSED", "the ring does not end where it begins; it was closed", int(points.line[at]))
    return replace(points, ring=ring).taken(~closing)


def warn_of_names(points: Points, notes: Notes) -> None:
    """Warn of a name that two points of one ring have: one of them is none of this ring, or is called wrong.

    Parameters
    ----------
    points
        What `closed` gave.
    notes
        Where ``W_POINT_NAME_REPEATED`` is noted.

    Raises
    ------
    None
    """
    names = pd.DataFrame({"ring": points.ring, "name": points.name})
    again = names.duplicated().to_numpy() & (points.name != "")
    for at in np.flatnonzero(again).tolist():
        message = f"the point {points.name[at][:40]!r} stands elsewhere in this ring too: check both rows"
        notes.warn("W_POINT_NAME_REPEATED", message, int(points.line[at]), name=points.name[at][:40])


def _closings(points: Points, start: Mask, same: float) -> Mask:
    """Which points close a ring: those that repeat its first, three or more after it, or two as the last of it."""
    rank, begin = _ranks(start)
    last = np.r_[start[1:], True]
    home = _meets(points, np.arange(len(rank)), begin, same)
    closing: Mask = np.asarray(home & ((rank >= _TRIANGLE) | (last & (rank >= _TRIANGLE - 1))))
    ends = np.flatnonzero(last)
    # behind a ring that closes another may begin, with a first point of its own
    for first in np.unique(begin[closing & ~last]).tolist():
        end = int(ends[np.searchsorted(ends, first)])
        closing[first : end + 1] = False
        open_from = first
        for at in range(first, end + 1):
            far = at - open_from >= _TRIANGLE or (at == end and at - open_from >= _TRIANGLE - 1)
            if far and _meets(points, at, open_from, same):
                closing[at], open_from = True, at + 1
    return closing


def _meets(points: Points, one: Any, other: Any, same: float) -> Any:
    """Whether points stand where others do."""
    return (np.abs(points.x[one] - points.x[other]) <= same) & (np.abs(points.y[one] - points.y[other]) <= same)


def shaped(points: Points, count: int, polygon: Mask, notes: Notes) -> Shapes:
    """The shape of each parcel; what cannot be one is noted as a fault and missing.

    Parameters
    ----------
    points
        What `closed` gave.
    count
        How many parcels there are.
    polygon
        Whether each is a polygon, else a line.
    notes
        Where ``E_RING_TOO_SHORT``, ``E_ZERO_AREA``, ``E_SELF_INTERSECTION`` and ``E_NO_POINTS`` are noted.

    Raises
    ------
    None
    """
    shapes = np.full(count, None, dtype=object)
    if not len(points.x):
        return shapes
    begins = np.flatnonzero(_starts(points.ring))
    sizes = np.diff(np.r_[begins, len(points.ring)])
    owner = points.owner[begins]
    good = sizes >= np.where(polygon[owner], _TRIANGLE, 2)
    for at in np.flatnonzero(~good).tolist():
        message = f"a ring of {sizes[at]} points; a polygon needs three that differ, a line two"
        notes.fault("E_RING_TOO_SHORT", message, int(points.line[begins[at]]))
    keep = np.repeat(good, sizes)
    kept, begins, sizes, owner = points.taken(keep), begins[good], sizes[good], owner[good]
    for wanted in (True, False):
        chosen = polygon[owner] == wanted
        if chosen.any():
            part = kept.taken(np.repeat(chosen, sizes))
            _fill(shapes, part, owner[chosen], sizes[chosen], notes, polygon=wanted)
    return shapes


def _fill(shapes: Shapes, points: Points, owner: Counts, sizes: Counts, notes: Notes, *, polygon: bool) -> None:
    """Put rings or lines into the shapes of their parcels."""
    number = np.repeat(np.arange(len(sizes)), sizes)
    coordinates = np.column_stack([points.x, points.y])
    begins = np.r_[0, np.cumsum(sizes)[:-1]]
    if polygon:
        parts = shapely.polygons(shapely.linearrings(coordinates, indices=number))
        _judge(parts, points, begins, sizes, notes)
    else:
        parts = shapely.linestrings(coordinates, indices=number)
    many = np.bincount(owner, minlength=len(shapes)) > 1
    alone = ~many[owner]
    shapes[owner[alone]] = parts[alone]
    for parcel in np.flatnonzero(many).tolist():
        rings = np.flatnonzero(owner == parcel)
        line = int(points.line[begins[rings[0]]])
        shapes[parcel] = _nested(parts[rings], line, notes) if polygon else shapely.multilinestrings(parts[rings])


def _judge(parts: Shapes, points: Points, begins: Counts, sizes: Counts, notes: Notes) -> None:
    """Note rings without area, and those that cross or touch themselves."""
    for at in np.flatnonzero(~shapely.is_valid(parts)).tolist():
        begin = int(begins[at])
        # about the ring's own first point: where all lie on a line, large coordinates leave an area of their rounding
        hull = shapely.MultiPoint(
            np.column_stack([points.x, points.y])[begin : begin + sizes[at]] - (points.x[begin], points.y[begin])
        ).convex_hull
        if hull.area <= SAME * hull.length:
            notes.fault("E_ZERO_AREA", "the ring encloses no area", int(points.line[begin]))
            continue
        span = np.arange(begin, begin + sizes[at])
        line = _line_of(shapely.is_valid_reason(parts[at]), points.taken(span))
        notes.fault("E_SELF_INTERSECTION", "the ring crosses or touches itself on the side that ends here", line)


def _line_of(reason: str, points: Points) -> int:
    """Where in the file the point stands that ends the side on which a fault lies."""
    x, y = (float(word) for word in reason[reason.index("[") + 1 : reason.index("]")].split()[:2])
    ends = np.column_stack([points.x, points.y])
    sides = shapely.linestrings(np.stack([ends, np.roll(ends, -1, axis=0)], axis=1))
    near = np.flatnonzero(shapely.distance(sides, shapely.Point(x, y)) <= SAME)
    at = int(near[-1]) if len(near) else 0
    return int(points.line[(at + 1) % len(points.line)])


def _nested(parts: Shapes, line: int, notes: Notes) -> shapely.Geometry | None:
    """One shape of several rings: those within an odd number of others are holes, whatever their number says."""
    if not shapely.is_valid(parts).all():
        return None
    if len(parts) > MAX_RINGS:
        notes.fault("E_TOO_LARGE", f"a parcel of {len(parts)} rings; expected at most {MAX_RINGS}", line)
        return None
    order = np.argsort(-shapely.area(parts), kind="stable")
    tree = shapely.STRtree(parts)
    inner, outer = tree.query(parts, predicate="covered_by")
    apart = inner != outer
    depth = np.bincount(inner[apart], minlength=len(parts))
    holes: dict[int, list[int]] = {int(at): [] for at in order if depth[at] % 2 == 0}
    for at in np.flatnonzero(depth % 2).tolist():
        around = [int(other) for other in outer[apart & (inner == at)] if depth[other] == depth[at] - 1]
        holes.setdefault(around[0] if around else int(order[0]), []).append(at)
    polygons = [
        shapely.Polygon(
            shapely.get_exterior_ring(parts[shell]), [shapely.get_exterior_ring(parts[hole]) for hole in inside]
        )
        for shell, inside in sorted(holes.items())
    ]
    shape = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    if not shapely.is_valid(shape):
        notes.fault("E_SELF_INTERSECTION", f"rings of the parcel cross: {shapely.is_valid_reason(shape)}", line)
        return None
    return shape


def _without_doubles(points: Points, notes: Notes, same: float) -> Points:
    """Points that do not stand where the one before them in their ring does."""
    again = np.zeros(len(points.x), dtype=bool)
    again[1:] = (
        (points.ring[1:] == points.ring[:-1])
        & (np.abs(np.diff(points.x)) <= same)
        & (np.abs(np.diff(points.y)) <= same)
    )
    for at in np.flatnonzero(again).tolist():
        message = "the point stands where the one before it does; it was left out"
        notes.warn("W_DUPLICATE_POINT", message, int(points.line[at]))
    return points.taken(~again)


def _starts(ring: Counts) -> Mask:
    """Which points begin a ring."""
    return np.concatenate([[True], ring[1:] != ring[:-1]])


def _ranks(start: Mask) -> tuple[Counts, Counts]:
    """The place of each point in its ring, from 0, and the position of the ring's first point."""
    begins = np.flatnonzero(start)
    begin = np.repeat(begins, np.diff(np.r_[begins, len(start)]))
    return np.arange(len(start)) - begin, begin
