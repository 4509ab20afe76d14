"""Claims that are lines, made ground: what lies between two parties' borders, and a band on the own side of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.disputes.extent import common_extent, eastward, stretch
from gridmap.disputes.given import is_line
from gridmap.disputes.limits import Limits
from gridmap.disputes.notes import Warning_, told
from gridmap.disputes.strips import signed_area
from gridmap.errors import InputError

Shapes = NDArray[Any]

#: Depth of the band behind a line, in metres, and in greatest distances between both lines.
_DEPTH_M, _DEPTHS = 20.0, 3.0


@dataclass(frozen=True, kw_only=True)
class Bands:
    """The ground of claims of which some are lines."""

    #: the ground of each party: polygons in local metres
    shapes: Shapes
    #: all of it with the gaps between, where all claims are lines; None: gaps are to be found
    within: Any
    #: pairs that face each other, a line one of them at least: positions of both parties, and their lines
    facing: list[tuple[int, int, Any, Any]]
    #: what was taken for granted to tell whose side is which
    warnings: list[Warning_]


def laid(claims: Shapes, parties: tuple[str, ...], *, limits: Limits) -> Bands:
    """Return the ground of each party: polygons as they are, of lines what lies on their own side.

    Parameters
    ----------
    claims
        What each party claims, polygons or lines, in local metres.
    parties
        Their labels.
    limits
        ``snap_m``.

    Raises
    ------
    InputError
        As `grounds`, or `beside`.
    """
    lines = is_line(claims)
    if lines.all():
        shapes, within, warnings = grounds(claims, parties, limits=limits)
        pairs = [(a, b, eastward(claims[[a]])[0], claims[b]) for a, b in partners(claims, parties)]
        return Bands(shapes=shapes, within=within, facing=pairs, warnings=warnings)
    return beside(claims, np.flatnonzero(lines), parties, limits=limits)


def beside(claims: Shapes, lines: NDArray[np.intp], parties: tuple[str, ...], *, limits: Limits) -> Bands:
    """Return the ground of lines that face polygons, a band on the side away from the polygon that each faces.

    A line faces the polygon whose border it departs from least, along the stretch of that border between the points
    nearest to its ends. Who claims such a line claims all ground behind it: where the line lies within the polygon, the
    strip up to the polygon's border is contested; where it lies outside, the strip is a gap. The band stands for the
    ground behind, as deep as candidates may reach, and never for ground of others.

    Parameters
    ----------
    claims
        What each party claims, in local metres.
    lines
        Positions of those that claim lines.
    parties
        Their labels.
    limits
        ``snap_m``.

    Raises
    ------
    InputError
        If a line lies in several pieces, returns to its beginning, or has no stretch in common with any border.
    """
    _refuse_pieces(claims[lines], [parties[k] for k in lines.tolist()])
    shapes, facing, warnings = claims.copy(), [], []
    polygons = np.setdiff1d(np.arange(len(claims)), lines)
    for k in lines.tolist():
        far = [float(_off(claims[k], shapely.boundary(claims[p]))) for p in polygons]
        p = int(polygons[np.argmin(far)])
        border, left = _stretch_beside(claims[p], claims[k])
        one, other, common = common_extent(np.array([border]), claims[[k]])
        if not common[0] or shapely.is_closed(claims[k]):
            raise InputError(
                f"the line of {parties[k]} runs along no border of {parties[p]}",
                expected="a line beside the ground of the other, or within it, from end to end",
                do="close it to the ground that the party claims, if it goes round it",
                code="no_strip",
            )
        frame, top = _frame(one[0], other[0])
        shapes[k] = _cut(frame, top, (one[0], other[0]), b_left=left)[1]
        facing.append((min(k, p), max(k, p), *((claims[k], border) if k < p else (border, claims[k]))))
        warnings.append(_far_side_told(parties[k], parties[p]))
    whole = {k: {a, b} for k, (a, b, _, _) in zip(lines.tolist(), facing, strict=True)}
    apart = [_without(shapes, k, faced) for k, faced in whole.items()]
    shapes[lines] = shapely.set_precision(shapely.set_precision(np.array(apart, dtype=object), limits.snap_m), 0)
    return Bands(shapes=shapes, within=None, facing=sorted(facing, key=lambda pair: pair[:2]), warnings=warnings)


def _off(line: Any, border: Any) -> float:
    """The farthest that a line is from a border."""
    return float(shapely.distance(shapely.points(shapely.get_coordinates(line)), border).max())


def _stretch_beside(polygon: Any, line: Any) -> tuple[Any, bool]:
    """The stretch of a polygon's border beside a line, running the same way; whether the ground lies left of it."""
    rings = shapely.get_exterior_ring(shapely.get_parts(shapely.orient_polygons(polygon)))
    ring = min(rings, key=lambda each: _off(line, each))
    ends = shapely.get_point(line, 0), shapely.get_point(line, -1)
    first, last = (float(shapely.line_locate_point(ring, end)) for end in ends)
    twice = shapely.linestrings([*ring.coords, *ring.coords[1:]])
    there, back = (
        (start, stop if stop > start else stop + ring.length) for start, stop in ((first, last), (last, first))
    )
    ways = [stretch(np.array([twice]), *(np.array([at]) for at in way))[0] for way in (there, back)]
    # of both ways round the ring that which keeps to the line, where both are beside each other
    apart = shapely.hausdorff_distance(*common_extent(np.array(ways), np.array([line, line]))[:2])
    ahead = bool(apart[0] <= apart[1])
    return (ways[0], True) if ahead else (shapely.reverse(ways[1]), False)


def _without(shapes: Shapes, own: int, faced: set[int]) -> Any:
    """The ground of a line without what lies outside the polygon that it faces and is another's."""
    (polygon,) = faced - {own}
    others = shapely.union_all(np.delete(shapes, [own, polygon]))
    return shapely.difference(shapes[own], shapely.difference(others, shapes[polygon]))


def _refuse_pieces(lines: Shapes, parties: Sequence[str]) -> None:
    """Refuse lines in several pieces."""
    pieces = [
        parties[k] for k in np.flatnonzero(shapely.get_type_id(lines) != shapely.GeometryType.LINESTRING.value).tolist()
    ]
    if pieces:
        raise InputError(
            f"the lines of {pieces[0]} do not meet",
            expected="one line of each party",
            do="join them, or give each stretch a party of its own",
            code="broken_line",
        )


def partners(lines: Shapes, parties: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return which lines face each other: of each, the other is the nearest.

    Raises
    ------
    InputError
        If a line has no partner of its own, or lies in several pieces that do not meet.
    """
    _refuse_pieces(lines, parties)
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


def _far_side_told(line: str, polygon: str) -> Warning_:
    """A line beside a polygon, and the side of it that is taken for its party's."""
    return told(
        "side_taken",
        f"{line} | {polygon}",
        f"{line} claims a line: its ground is taken to lie on the side away from that of {polygon}",
        f"{line}主张的是界线：按其土地位于界线背离{polygon}的一侧处理",
    )


def _sides_told(one: str, other: str) -> Warning_:
    """Two lines whose sides nobody stated."""
    return told(
        "sides_assumed",
        f"{one} | {other}",
        f"{one} and {other} claim lines, which do not say whose side is which: each is taken to claim towards the"
        " other",
        f"{one}与{other}主张的是界线，未说明各自一侧：按双方相向主张处理",
    )
