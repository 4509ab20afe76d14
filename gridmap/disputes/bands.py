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


def grounds(lines: Shapes, parties: tuple[str, ...], *, limits: Limits) -> tuple[Shapes, list[Warning_]]:
    """Return the ground that lines claim, and what was taken for granted to tell it.

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
    warnings = []
    for a, b in partners(lines, parties):
        one, other, common = common_extent(eastward(lines[[a]]), lines[[b]])
        between = float(signed_area(one, other)[0])
        if not common[0] or not between:
            raise InputError(
                f"the lines of {parties[a]} and {parties[b]} have no common extent, or nothing between them",
                expected="lines along the same border",
                code="no_strip",
            )
        ground[[a, b]] = _banded(one[0], other[0], b_left=between > 0, limits=limits)
        warnings.append(_sides_told(parties[a], parties[b]))
    return ground, warnings


def _banded(a: Any, b: Any, *, b_left: bool, limits: Limits) -> Shapes:
    """The ground of both lines; that of a lies left of it where b does."""
    ends = np.array([shapely.get_coordinates(line)[[0, -1]] for line in (a, b)])
    run = ends[0, 1] - ends[0, 0]
    normal = np.array([-run[1], run[0]]) / max(float(np.hypot(*run)), np.finfo(float).tiny)
    deep = (_DEPTH_M + _DEPTHS * float(shapely.hausdorff_distance(a, b))) * normal
    # at the beginning and at the end: the end that lies to the right, and that to the left
    (right, left), (right_end, left_end) = (ends[np.argsort(ends[:, at] @ normal), at] for at in (0, 1))
    frame = [left_end + deep, left + deep, left, right, right - deep, right_end - deep, right_end, left_end]
    edge = shapely.linestrings(np.array([*frame, frame[0]]))
    top = shapely.linestrings(np.array([left + deep, left_end + deep]))
    sides = [_left_of(line, edge, top) for line in (a, b)]
    whole = shapely.union_all(shapely.get_parts(shapely.polygonize([edge])))
    mine, theirs = (sides[0], shapely.difference(whole, sides[1]))
    if not b_left:
        mine, theirs = shapely.difference(whole, sides[0]), sides[1]
    snapped = shapely.set_precision(np.array([mine, theirs], dtype=object), limits.snap_m)
    result: Shapes = shapely.set_precision(snapped, 0)
    return result


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
