"""Claims that are lines, made ground: what lies between two parties' lines, and a band on the own side of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.disputes.extent import common_extent, eastward
from gridmap.disputes.limits import Limits
from gridmap.disputes.notes import Warning_, told
from gridmap.disputes.strips import signed_area
from gridmap.errors import InputError

Shapes = NDArray[Any]

#: Depth of the band behind a line, in metres, and in greatest distances between both lines.
_DEPTH_M, _DEPTHS = 20.0, 3.0


def partners(lines: Shapes, parties: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return which lines face each other: of each, the other is the nearest.

    Raises
    ------
    InputError
        If a line has no partner of its own, or lies in several pieces that do not meet.
    """
    pieces = [parties[k] for k in np.flatnonzero(shapely.get_type_id(lines) != shapely.GeometryType.LINESTRING.value)]
    if pieces:
        raise InputError(
            f"the lines of {pieces[0]} do not meet",
            expected="one line of each party",
            do="join them, or give each stretch a party of its own",
            code="broken_line",
        )
    apart = shapely.hausdorff_distance(lines[:, None], lines[None, :])
    np.fill_diagonal(apart, np.inf)
    nearest = apart.argmin(axis=1)
    alone = np.flatnonzero(nearest[nearest] != np.arange(len(lines)))
    if len(alone):
        raise InputError(
            f"the line of {parties[alone[0]]} faces no line of its own",
            expected="lines in pairs, two parties to each",
            do="where three parties meet, give the ground that each claims as polygons",
            code="no_partner",
        )
    return [(k, int(other)) for k, other in enumerate(nearest) if k < other]


def grounds(lines: Shapes, parties: tuple[str, ...], *, limits: Limits) -> tuple[Shapes, Any, list[Warning_]]:
    """Return the ground that lines claim, all of it with the gaps between, and what was taken for granted to tell it.

    Lines do not say which side of them is whose. Each party is taken to claim towards the other, so that their claims
    overlap more than they leave between them; a line that is crossed then leaves gaps behind the crossing. Behind its
    line each party gets a band of its own ground, as deep as candidates may reach.

    Parameters
    ----------
    lines
        One line of each party, in local metres.
    parties
        Their labels.
    limits
        ``snap_m``.

    Raises
    ------
    InputError
        As `partners`; or if two lines have no common extent, or nothing lies between them.
    """
    ground = np.empty(len(lines), dtype=object)
    frames, warnings = [], []
    for a, b in partners(lines, parties):
        one, other, common = common_extent(eastward(lines[[a]]), lines[[b]])
        between = float(signed_area(one, other)[0])
        if not common[0] or not between:
            raise InputError(
                f"the lines of {parties[a]} and {parties[b]} have no common extent, or nothing between them",
                expected="lines along the same border",
                code="no_strip",
            )
        frame, far = _frame(one[0], other[0])
        ground[[a, b]] = _cut(frame, far, (one[0], other[0]), b_left=between > 0)
        frames.append(frame)
        warnings.append(_sides_told(parties[a], parties[b]))
    snapped = shapely.set_precision(shapely.set_precision(ground, limits.snap_m), 0)
    rings = shapely.set_precision(shapely.set_precision(shapely.polygons(frames), limits.snap_m), 0)
    return snapped, shapely.union_all([*snapped, *rings]), warnings


def _frame(a: Any, b: Any) -> tuple[Any, Any]:
    """A ring around two lines and the bands behind them, and its edge on the left."""
    ends = np.array([shapely.get_coordinates(line)[[0, -1]] for line in (a, b)])
    run = ends[0, 1] - ends[0, 0]
    normal = np.array([-run[1], run[0]]) / max(float(np.hypot(*run)), np.finfo(float).tiny)
    deep = (_DEPTH_M + _DEPTHS * float(shapely.hausdorff_distance(a, b))) * normal
    # at the beginning and at the end: the end that lies to the right, and that to the left
    (right, left), (right_end, left_end) = (ends[np.argsort(ends[:, at] @ normal), at] for at in (0, 1))
    ring = [left_end + deep, left + deep, left, right, right - deep, right_end - deep, right_end, left_end]
    return shapely.linearrings(np.array(ring)), shapely.linestrings(np.array(ring[:2]))


def _cut(frame: Any, far: Any, lines: tuple[Any, Any], *, b_left: bool) -> Shapes:
    """The ground of both lines inside the frame; that of the first lies left of it where the second does."""
    whole = shapely.union_all(shapely.get_parts(shapely.polygonize([frame])))
    one, other = (_left_of(line, frame, far) for line in lines)
    pair = (one, shapely.difference(whole, other)) if b_left else (shapely.difference(whole, one), other)
    return np.array(pair, dtype=object)


def _left_of(line: Any, edge: Any, top: Any) -> Any:
    """The faces of the frame on the left of a line: those that reach its left edge."""
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([edge, line])]))
    return shapely.union_all(faces[shapely.length(shapely.intersection(shapely.boundary(faces), top)) > 0])


def _sides_told(one: str, other: str) -> Warning_:
    """Two lines whose sides nobody stated."""
    return told(
        "sides_assumed",
        f"{one} | {other}",
        f"{one} and {other} claim lines, which do not say whose side is which: each is taken to claim towards the"
        " other",
        f"{one}与{other}主张的是界线，未说明各自一侧：按双方相向主张处理",
    )
