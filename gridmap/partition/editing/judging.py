"""What an edit must leave as it found it, or the edit is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.errors import ConflictError
from gridmap.partition.editing.limits import ROUNDING_M2, EditLimits
from gridmap.partition.editing.mosaic import Mosaic
from gridmap.partition.editing.plane import Points, Shapes, place


@dataclass(frozen=True, kw_only=True)
class Draft:
    """New ground of some areas, to be judged."""

    #: rows that change or go
    rows: Sequence[int]
    #: codes of what comes in their place
    codes: Sequence[str]
    #: its geometry, stored
    shapes: Sequence[Any]
    #: parts that it may have in all
    parts: int
    #: whether the outer border may move
    outer: bool = False


def judge(mosaic: Mosaic, draft: Draft, limits: EditLimits) -> None:
    """Refuse an edit that would not leave a partition.

    Parameters
    ----------
    mosaic
        The areas before.
    draft
        What changes.
    limits
        How thin and how small is too much so.

    Raises
    ------
    ConflictError
        If an area would be invalid, in several parts, thinner or smaller than the limits, if areas would overlap, or
        the ground of all together would change.
    """
    old = mosaic.shapes[list(draft.rows)]
    new = np.empty(len(draft.shapes), dtype=object)
    new[:] = draft.shapes
    before, after = mosaic.plane.drawn(old), mosaic.plane.drawn(new)
    _refuse_invalid(draft, new, after)
    _refuse_parts(draft, new)
    _refuse_small(draft, after, before, limits)
    _refuse_thin(mosaic, draft, before, after, limits)
    _refuse_overlaps(mosaic, draft, new)
    _refuse_shift(draft, before, after)


def _refuse_invalid(draft: Draft, new: Shapes, after: Shapes) -> None:
    """Refuse areas that cross themselves, as stored or in metres."""
    wrong = ~shapely.is_valid(new) | ~shapely.is_valid(after)
    if wrong.any():
        k = int(np.flatnonzero(wrong)[0])
        reason = shapely.is_valid_reason(new[k])
        raise ConflictError(
            f"area {draft.codes[k]} would cross or touch itself ({reason})",
            expected="borders that meet in their ends only",
            do="move or draw less far",
            code="crosses_itself",
            values={"area": draft.codes[k]},
        )


def _refuse_parts(draft: Draft, new: Shapes) -> None:
    """Refuse areas in more parts than before."""
    parts = shapely.get_num_geometries(new)
    if parts.sum() > draft.parts:
        code = draft.codes[int(parts.argmax())]
        raise ConflictError(
            f"area {code} would be in {int(parts.max())} parts",
            expected="ground that hangs together, with more than a corner in common",
            do="choose ground along a common border",
            code="in_parts",
            values={"area": code, "parts": int(parts.max())},
        )


def _refuse_small(draft: Draft, after: Shapes, before: Shapes, limits: EditLimits) -> None:
    """Refuse areas with less ground than the limit, unless they had no more before."""
    least = min(limits.least_m2, float(shapely.area(before).min()))
    area = shapely.area(after)
    if area.min() < least:
        code = draft.codes[int(area.argmin())]
        raise ConflictError(
            f"area {code} would have {area.min():.3f} m2 left",
            expected=f"at least {limits.least_m2:g} m2",
            do="merge it with a neighbour, if it is to end",
            code="too_small",
            values={"area": code, "left": f"{area.min():.3f}", "least": f"{limits.least_m2:g}"},
        )


def _refuse_thin(mosaic: Mosaic, draft: Draft, before: Shapes, after: Shapes, limits: EditLimits) -> None:
    """Refuse new borders nearer to others than the limit, unless the old ones were no farther."""
    width, spot = _narrowest(after, _segments(before), limits.narrowest_m)
    if width >= limits.narrowest_m:
        return
    was, _ = _narrowest(before, _segments(after), width)
    if was <= width * (1 + 1e-6):
        return
    where = place(mosaic.plane.stored(spot[None])[0])
    raise ConflictError(
        f"borders would come within {width:.3f} m of each other at {where}, of areas {', '.join(draft.codes)}",
        expected=f"at least {limits.narrowest_m:g} m",
        do="draw along the border there or farther from it",
        code="too_thin",
        values={"metres": f"{width:.3f}", "least": f"{limits.narrowest_m:g}", "place": where, "areas": draft.codes},
    )


def _segments(shapes: Shapes) -> set[tuple[float, ...]]:
    """Return the segments of shapes, from the lesser end to the greater."""
    return {tuple(segment) for shape in shapes for segment in _directed(_pairs(shape)).tolist()}


def _pairs(shape: Any) -> Points:
    """Return the segments of a polygon's rings, shape (n, 4)."""
    points, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shape)), return_index=True)
    ends = np.hstack([points[:-1], points[1:]])
    return np.asarray(ends[ring[:-1] == ring[1:]])


def _directed(ends: Points) -> Points:
    """Return segments from their lesser end to their greater."""
    back = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    return np.where(back[:, None], ends[:, [2, 3, 0, 1]], ends)


def _narrowest(shapes: Shapes, known: set[tuple[float, ...]], enough: float) -> tuple[float, Points]:
    """Return the least distance from a vertex to a segment it does not end, one of both not known yet, and where."""
    best, spot = np.inf, np.zeros(2)
    for shape in shapes:
        ends = _pairs(shape)
        fresh = np.array([tuple(segment) not in known for segment in _directed(ends).tolist()])
        for corners, segments in ((ends[:, :2], ends[fresh]), (_loose(ends, fresh), ends)):
            metres, where = _clearance(corners, segments, min(best, enough))
            if metres < best:
                best, spot = metres, where
    return best, spot


def _loose(ends: Points, fresh: npt.NDArray[np.bool_]) -> Points:
    """Return the ends of fresh segments, each once."""
    return np.unique(ends[fresh].reshape(-1, 2), axis=0)


def _clearance(points: Points, segments: Points, enough: float) -> tuple[float, Points]:
    """Return the least distance below enough from points to segments that they do not end, and the point."""
    if not len(points) or not len(segments):
        return np.inf, np.zeros(2)
    lines = shapely.linestrings(segments.reshape(-1, 2, 2))
    which, line = shapely.STRtree(lines).query(shapely.points(points), predicate="dwithin", distance=enough)
    own = (points[which] == segments[line, :2]).all(axis=1) | (points[which] == segments[line, 2:]).all(axis=1)
    which, line = which[~own], line[~own]
    if not len(which):
        return np.inf, np.zeros(2)
    metres = shapely.distance(shapely.points(points[which]), lines[line])
    return float(metres.min()), points[which[int(metres.argmin())]]


def _refuse_overlaps(mosaic: Mosaic, draft: Draft, new: Shapes) -> None:
    """Refuse areas that overlap with others, or do not share their borders exactly."""
    boxes = np.vstack([mosaic.bounds[list(draft.rows)], shapely.bounds(new)])
    near = np.unique(np.concatenate([mosaic.within(box) for box in boxes]))
    others = mosaic.shapes[np.setdiff1d(near, draft.rows)]
    for shapes in (np.append(others, new), mosaic.plane.drawn(np.append(others, new))):
        if shapely.coverage_is_valid(shapes):
            continue
        standing = "" if shapely.coverage_is_valid(mosaic.shapes[near]) else " (they do so already, before the edit)"
        where = _conflict(shapes)
        raise ConflictError(
            f"areas would overlap or not share a border exactly: {where}{standing}",
            expected="areas that fill the ground once",
            do="clean the areas first, if they were so before; else move or draw less far",
            code="overlap_already" if standing else "would_overlap",
            values={"place": where},
        )


def _conflict(shapes: Shapes) -> str:
    """Return where areas do not fit together."""
    edges = shapely.coverage_invalid_edges(shapes)
    bad = edges[~shapely.is_empty(edges)]
    return place(shapely.get_coordinates(bad)[0]) if len(bad) else "their rings"


def _refuse_shift(draft: Draft, before: Shapes, after: Shapes) -> None:
    """Refuse an edit that changes the ground of all areas together."""
    shift = float(shapely.area(after).sum() - shapely.area(before).sum())
    if abs(shift) > ROUNDING_M2 and not draft.outer:
        raise ConflictError(
            f"all areas together would have {shift:+.7f} m2 more ground",
            expected="the same ground",
            do="leave the outer border where it is, or say outer=True if it may be decided here",
            code="outer_shift",
            values={"shift": f"{shift:+.3f}"},
        )
