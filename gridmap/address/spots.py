"""Places told by others: where roads cross, what lies opposite or 50 metres east, the middle of a road.

All coordinates are metres in one plane; `Plane` makes such from degrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, radians, sin

import shapely

from gridmap.address.numerals import NUMERALS, number

Point = tuple[float, float]

#: No plate is nearer to its door than this: where plates are taken, and the width of a front.
PLATE_M = 10.0

#: Places where lines cross that are no farther apart are one crossing: the two carriageways of a wide road, a staggered
#: crossing.
ONE_CROSSING_M = 60.0

#: Lines of a junction that miss each other by less than this meet: a side street is often drawn to the kerb only.
MISSED_M = 15.0

#: Plates of two roads farther apart than this tell of no crossing.
LONGEST_MEETING_M = 200.0

#: How far from a place lies what is said to be in some relation to it: in front is the pavement; opposite a road of up
#: to six lanes; beside and behind the next plot; near what is seen from there.
REACH_M = {"front": 15.0, "beside": 25.0, "opposite": 40.0, "behind": 40.0, "side": 50.0, "near": 200.0}

#: People who pace or guess a distance are off by a fifth of it.
GUESSED_SHARE = 0.2

_EARTH_M = 6_371_008.8
_COMPASS = {"东北": 45, "东南": 135, "西南": 225, "西北": 315, "北": 0, "东": 90, "南": 180, "西": 270}
_BEARING = "|".join(_COMPASS)
_UNITS_M = {"公里": 1000.0, "KM": 1000.0, "千米": 1000.0, "里路": 500.0}
_DISTANCE = re.compile(
    rf"(?P<bearing>{_BEARING})?[侧面边方向行走约大概有]*"
    rf"(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<numeral>[{NUMERALS}]+))(?P<unit>公里|KM|千米|里路|米|公尺|M)"
)
_WORDS = {
    "opposite": "对面|对过|对门|对侧",
    "behind": "后面|后侧|背后|后门|后",
    "near": f"附近|周边|周围|一带|[以往向朝](?:{_BEARING})",
    "side": f"(?:{_BEARING})(?:[侧面边方首头端角])",
    "beside": "旁边|旁|隔壁|边上|[左右]侧|[左右]边|侧|边",
    "front": "门前|门口|正门|前面|前|口",
}
_RELATION = re.compile("|".join(f"(?P<{name}>{words})" for name, words in _WORDS.items()))


class Plane:
    """Metres east and north of a place, good to a part in a thousand within some 10 km.

    Examples
    --------
    >>> plane = Plane(121.5, 25.0)
    >>> [round(metres) for metres in plane.metres(121.51, 25.01)]
    [1008, 1112]
    >>> [round(degrees, 6) for degrees in plane.degrees(*plane.metres(121.51, 25.01))]
    [121.51, 25.01]
    """

    def __init__(self, lon: float, lat: float) -> None:
        self._lon, self._lat = lon, lat
        self._north = _EARTH_M * pi / 180
        self._east = self._north * cos(radians(lat))

    def metres(self, lon: float, lat: float) -> Point:
        """Return metres east and north of the place."""
        return (lon - self._lon) * self._east, (lat - self._lat) * self._north

    def metres_of(self, points: Iterable[Point]) -> list[Point]:
        """Return the `metres` of many places."""
        lon, lat, east, north = self._lon, self._lat, self._east, self._north
        return [((x - lon) * east, (y - lat) * north) for x, y in points]

    def degrees(self, x: float, y: float) -> Point:
        """Return the degrees that `metres` made metres of."""
        return self._lon + x / self._east, self._lat + y / self._north


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """A place that is not known exactly."""

    #: where it is, metres
    x: float
    y: float
    #: how far the true place may lie from it, metres
    accuracy_m: float


def extent(points: Sequence[Point]) -> Spot | None:
    """Return the one of some points that is the most in the middle, and how far the others reach from it.

    It stands for a road, lane or compound of which no more is asked: one of its plates, for the middle of a bent road
    or of a compound round a lake is none of its places.

    Parameters
    ----------
    points
        x and y in metres.

    Returns
    -------
    Spot or None
        None without points. Its accuracy is the greatest distance to any of the points, at least that of a plate.

    Examples
    --------
    >>> extent([(0.0, 0.0), (40.0, 0.0), (100.0, 0.0)])
    Spot(x=40.0, y=0.0, accuracy_m=60.0)
    """
    return most_central(points) if points else None


def most_central(points: Sequence[Point]) -> Spot:
    """Return the `extent` of one point or more."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    middle = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    x, y = min(zip(_distances(points, middle), points, strict=True))[1]
    return Spot(x=x, y=y, accuracy_m=max(PLATE_M, *_distances(points, (x, y))))


def crossings(a: shapely.Geometry, b: shapely.Geometry) -> tuple[Spot, ...]:
    """Return each place where the lines of two roads cross or nearly meet, from west to east.

    Parameters
    ----------
    a, b
        Lines of one road each (line strings or several), in metres.

    Returns
    -------
    tuple of Spot
        None for roads that do not meet. What lies within `ONE_CROSSING_M` is one crossing; its accuracy is the reach
        of its parts and the width of a junction.

    Examples
    --------
    >>> from shapely import from_wkt
    >>> crossings(from_wkt("LINESTRING (0 0, 100 0)"), from_wkt("LINESTRING (50 -50, 50 50)"))
    (Spot(x=50.0, y=0.0, accuracy_m=25.0),)
    """
    shared = shapely.intersection(a, b)
    if shared.is_empty and shapely.distance(a, b) <= MISSED_M:
        shared = shapely.shortest_line(a, b)
    middles = [(part.centroid.x, part.centroid.y) for part in shapely.get_parts(shared) if not part.is_empty]
    return tuple(_middle(cluster) for cluster in _clusters(sorted(middles)))


def meeting(a: Iterable[Point], b: Iterable[Point], *, longest_m: float = LONGEST_MEETING_M) -> Spot | None:
    """Return where two roads meet of which only plates are known: midway between the two that are nearest.

    The accuracy is the distance of the two plates: it held for the six crossings among the Taipei stops that are told
    by plates so near each other, and for the four by plates up to 300 m apart; farther ones failed.

    Parameters
    ----------
    a, b
        Places of plates of one road each, in metres.
    longest_m
        Plates farther apart than this tell of no crossing.

    Returns
    -------
    Spot or None
        None where no plates come that near.

    Examples
    --------
    >>> meeting([(0.0, 0.0), (90.0, 0.0)], [(100.0, 40.0), (100.0, 400.0)])
    Spot(x=95.0, y=20.0, accuracy_m=41.23105625617661)
    """
    others = list(b)
    pairs = ((_far(one, other), one, other) for one in a for other in others)
    gap_m, one, other = min(pairs, default=(longest_m + 1, (0.0, 0.0), (0.0, 0.0)))
    if gap_m > longest_m:
        return None
    return Spot(x=(one[0] + other[0]) / 2, y=(one[1] + other[1]) / 2, accuracy_m=max(2 * PLATE_M, gap_m))


def aside(spot: Spot, words: str) -> Spot | None:
    """Return the place that stands in some relation to another: 对面, 旁边, 附近, 往东50米.

    A distance with a point of the compass moves the place, and a fifth of it may be wrong; without one the direction is
    open, and the place stays with so much less accuracy. Other relations only say how near it is (`REACH_M`).

    Parameters
    ----------
    spot
        The place that the words refer to.
    words
        The relation, as `writing.plain` writes it.

    Returns
    -------
    Spot or None
        None where the words tell no relation.

    Examples
    --------
    >>> here = Spot(x=0.0, y=0.0, accuracy_m=10.0)
    >>> aside(here, "往东50米")
    Spot(x=50.0, y=0.0, accuracy_m=20.0)
    >>> aside(here, "以西两里路").x, aside(here, "以西").accuracy_m
    (-1000.0, 210.0)
    >>> aside(here, "对面").accuracy_m, aside(here, "前200公尺").accuracy_m, aside(here, "5号")
    (50.0, 210.0, None)
    """
    if distance := _DISTANCE.search(words):
        count = float(distance["number"] or number(distance["numeral"]))
        return _moved(spot, count * _UNITS_M.get(distance["unit"], 1.0), distance["bearing"])
    found = _RELATION.search(words)
    if found is None:
        return None
    return Spot(x=spot.x, y=spot.y, accuracy_m=spot.accuracy_m + REACH_M[str(found.lastgroup)])


def _moved(spot: Spot, metres: float, bearing: str | None) -> Spot:
    """Return a place so many metres off, in a direction that may be open."""
    if bearing is None:
        return Spot(x=spot.x, y=spot.y, accuracy_m=spot.accuracy_m + metres)
    angle = radians(_COMPASS[bearing])
    return Spot(
        x=round(spot.x + metres * sin(angle), 6),
        y=round(spot.y + metres * cos(angle), 6),
        accuracy_m=spot.accuracy_m + metres * GUESSED_SHARE,
    )


def _clusters(points: list[Point]) -> list[list[Point]]:
    """Return points in groups, each within reach of the first of its group."""
    clusters: list[list[Point]] = []
    for point in points:
        near = next((cluster for cluster in clusters if _far(cluster[0], point) <= ONE_CROSSING_M), None)
        if near is None:
            clusters.append([point])
        else:
            near.append(point)
    return clusters


def _middle(points: list[Point]) -> Spot:
    """Return the middle of points that are one crossing; half the width of a junction is 25 m."""
    middle = sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
    reach = max(_far(middle, point) for point in points)
    return Spot(x=middle[0], y=middle[1], accuracy_m=25.0 + reach)


def _distances(points: Sequence[Point], origin: Point) -> list[float]:
    """Return the distance of each of some points from one."""
    to_x, to_y = origin
    return [hypot(x - to_x, y - to_y) for x, y in points]


def _far(a: Point, b: Point) -> float:
    """Return the distance of two points."""
    return hypot(a[0] - b[0], a[1] - b[1])
