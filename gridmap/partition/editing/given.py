"""What an operation may be given: points, lines, ground and codes, hostile until checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from gridmap.errors import InputError, TooLargeError
from gridmap.partition.editing.limits import EditLimits
from gridmap.partition.editing.mosaic import Mosaic
from gridmap.partition.editing.plane import Points, place

#: Longest code; national ones have 15 to 20 digits.
CODE_CHARS = 64

#: Least points of a line, and of a ring that is not closed.
_LINE, _RING = 2, 3


def point(value: Any, mosaic: Mosaic, what: str = "at") -> Points:
    """Return a point in stored coordinates, shape (2,): from two numbers or a shapely Point.

    Raises
    ------
    InputError
        If it is anything else, not finite, or far from the areas.
    """
    if isinstance(value, shapely.Point) and not value.is_empty:
        value = (value.x, value.y)
    found: Points = _points([value], mosaic, what)[0]
    return found


def line(value: Any, mosaic: Mosaic, limits: EditLimits, what: str = "line") -> Points:
    """Return a line in stored coordinates, shape (n, 2): from points or a shapely LineString.

    Raises
    ------
    InputError
        If it is anything else, or has fewer than two points.
    TooLargeError
        If it has more points than the limit.
    """
    if isinstance(value, shapely.LineString):
        value = value.coords
    points = _points(_listed(value, limits.points, what), mosaic, what)
    if len(points) < _LINE or (points == points[0]).all():
        raise InputError(f"{what} of {len(points)} points", expected="two different points or more", code="line_of_one")
    return points


def rings(value: Any, mosaic: Mosaic, limits: EditLimits, what: str = "ground") -> list[Points]:
    """Return the rings of ground, each closed, the outer one first: from rings of points or a shapely Polygon.

    Raises
    ------
    InputError
        If it is anything else, or a ring has fewer than three points.
    TooLargeError
        If it has more points than the limit.
    """
    if isinstance(value, shapely.Polygon):
        value = [list(ring.coords) for ring in (value.exterior, *value.interiors)]
    found = [line(ring, mosaic, limits, what) for ring in _listed(value, limits.points, what)]
    if not found:
        raise InputError(f"{what} without a ring", expected="rings of points, the outer one first")
    if sum(len(ring) for ring in found) > limits.points:
        raise TooLargeError(
            f"{what} of more than {limits.points} points",
            do="draw it with fewer",
            code="too_many_members",
            values={"most": limits.points},
        )
    found = [ring if (ring[0] == ring[-1]).all() else np.vstack([ring, ring[:1]]) for ring in found]
    if min(len(ring) for ring in found) <= _RING:
        raise InputError(f"{what} with a ring of fewer than three points", expected="ground", code="line_of_one")
    return found


def code(value: Any, what: str) -> str:
    """Return a code; InputError if it is not a text of 1 to 64 characters without blanks around it."""
    if not isinstance(value, str) or not 0 < len(value) <= CODE_CHARS or value != value.strip():
        raise InputError(f"{what} {_short(value)}", expected=f"a code: a text of 1 to {CODE_CHARS} characters")
    return value


def codes(value: Any, what: str, limits: EditLimits) -> list[str]:
    """Return codes, each once; InputError if one is none or comes twice, TooLargeError if there are too many."""
    found = [code(each, what) for each in _listed(value, limits.names, what)]
    twice = [each for k, each in enumerate(found) if each in found[:k]]
    if not found:
        raise InputError(f"{what} without a member", expected="one or more")
    if twice:
        raise InputError(f"{what} with {twice[0]} twice", expected="each once", code="twice", values={"word": twice[0]})
    return found


def names(value: Any, what: str, limits: EditLimits) -> list[str]:
    """Return ids, texts or whole numbers, as texts, each once; refused as `codes`."""
    found = [str(each) if isinstance(each, int) and not isinstance(each, bool) else each for each in _all(value)]
    return codes(found, what, limits) if found else codes(value, what, limits)


def _all(value: Any) -> Sequence[Any]:
    """Return the members of a list, none of anything else."""
    return value if isinstance(value, (list, tuple)) else []


def _listed(value: Any, most: int, what: str) -> Sequence[Any]:
    """Return a list within its limit; anything that is no list is refused."""
    if isinstance(value, (str, bytes, dict)) or not hasattr(value, "__len__") or not hasattr(value, "__iter__"):
        raise InputError(f"{what} {_short(value)}", expected="a list")
    if len(value) > most:
        raise TooLargeError(
            f"{what} of {len(value)} members",
            expected=f"at most {most}",
            do="send fewer",
            code="too_many_members",
            values={"most": most},
        )
    return list(value)


def _points(values: Sequence[Any], mosaic: Mosaic, what: str) -> Points:
    """Return points as an array; refused if one is no point, or is far from the areas."""
    points = np.array([_pair(value, what) for value in values], dtype=np.float64).reshape(-1, 2)
    box = mosaic.box
    # as far outside as the areas are wide or high: farther, what was meant is no edit of theirs
    size = (box[2:] - box[:2]).max()
    far = ~((points >= box[:2] - size) & (points <= box[2:] + size)).all(axis=1)
    if far.any():
        raise InputError(
            f"{what} {place(points[far][0])}",
            expected=f"a place near the areas, which reach from {place(box[:2])} to {place(box[2:])}",
            do="send coordinates in the system of the areas, east or longitude first",
            code="far_away",
            values={"place": place(points[far][0])},
        )
    return points


def _pair(value: Any, what: str) -> tuple[float, float]:
    """Return two numbers."""
    numbers = (int, float, np.integer, np.floating)
    if isinstance(value, (tuple, list, np.ndarray)) and len(value) == 2:  # noqa: PLR2004 - x and y
        x, y = value
        if all(isinstance(number, numbers) and not isinstance(number, bool) for number in (x, y)):
            try:
                return float(x), float(y)
            except OverflowError:
                pass
    raise InputError(f"{what} {_short(value)}", expected="points of two numbers, east or longitude first")


def _short(value: Any) -> str:
    """Return a value as a message shows it."""
    text = (
        repr(value) if isinstance(value, (str, int, float, bool, list, tuple, dict, type(None))) else str(type(value))
    )
    return text if len(text) <= CODE_CHARS else f"{text[:CODE_CHARS]}…"


def nothing_at(spot: Points, expected: str, *, code: str) -> InputError:
    """Return the refusal of a place where nothing is."""
    return InputError(
        f"nothing at {place(spot)}",
        expected=expected,
        do="point at it more exactly, on today's areas",
        code=code,
        values={"place": place(spot)},
    )
