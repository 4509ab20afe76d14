"""Streets in sight of those who walked: what lies within some metres of where they went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.coverage.sweeping import Floats, Ints, merged
from gridmap.coverage.walked.daylight import Clock, Daylight, by_day, halved
from gridmap.coverage.walked.laying import overlaid
from gridmap.coverage.walked.ledger import Ledger, Visits
from gridmap.coverage.walked.modes import CAR, Speeds
from gridmap.coverage.walked.sides import Sides, over
from gridmap.coverage.walked.unions import united
from gridmap.errors import InputError
from gridmap.visibility.cameras.views import NOMINAL, Views
from gridmap.visibility.lines import Lines
from gridmap.visibility.lines import parts as parts_of
from gridmap.visibility.seeing import visible

if TYPE_CHECKING:
    from gridmap.visibility.sweep.scenes import Scene

#: Who walks past buildings is put every so many metres to see what they hide.
EVERY_M = 2.0
#: Height of the eyes of who walks, metres.
_EYES_M = 1.6


@dataclass(frozen=True, kw_only=True)
class Widths:
    """How far those who walk see to each side, metres."""

    #: on foot or an electric bicycle, by day and by night
    day: float = 20.0
    night: float = 12.0
    #: in a car, at any time
    car: float = 30.0

    def __post_init__(self) -> None:
        """Refuse widths below nought."""
        if not min(self.day, self.night, self.car) >= 0:
            raise InputError(f"widths {self.day}, {self.night}, {self.car} m", expected="0 or more")


def sight(
    book: Ledger,
    *,
    widths: Widths | None = None,
    daylight: Daylight | None = None,
    scene: Scene | None = None,
    least: str = "observed",
) -> Visits:
    """Return the stretches of street in sight of those who walked, as one visit to each.

    A place is *in sight* when somebody who was observed was within the half-width of it and, with a scene, no building
    hid the straight line between them. With half-width 0 that is what was walked. It never shrinks with the half-width
    or with more visits.

    Exact by intervals where no building stands within the half-width: what lies within r of a straight stretch is
    convex, so each segment of street has one interval in it, by the roots of a quadratic. Near buildings everything up
    to the nearest wall is in sight, and beyond it what is seen from places every 2 m along the stretch.

    Parameters
    ----------
    book
        The ledger, of a shift or period if need be.
    widths
        Half-widths by day, by night and in a car.
    daylight
        What tells day from night.
    scene
        Buildings, in the metric system of the ledger's streets; without it nothing hides anything.
    least
        Least sure class that counts.

    Returns
    -------
    Visits
        Disjoint stretches by street and metre, of no post, shift or time: give them to `street_sight` or `area_sight`.

    Raises
    ------
    CrsError
        If the scene is in another system.
    """
    telling, wide = daylight or Clock(), widths or Widths()
    visits = halved(book.visits.credited(least), telling)
    width = np.where(by_day(visits, telling), wide.day, wide.night)
    width = np.where(Speeds().modes(visits) == CAR, wide.car, width)
    kinds, number = np.unique(width, return_inverse=True)
    line, at, low, high = merged(book.street[visits.line], number.ravel(), visits.from_m, visits.to_m)
    found = [(line, low, high)]
    walked = _bits(book.lines, line, low, high)
    reach = kinds[at][walked.stretch] if len(kinds) else walked.length
    if scene is not None:
        clear = _clear(scene, walked, reach)
        found.append(_beside(book.lines, walked, np.minimum(reach, clear)))
        hidden = clear < reach
        found.append(_seen(book.lines, scene, walked.taken(hidden), reach[hidden]))
    else:
        found.append(_beside(book.lines, walked, reach))
    return _united(book, found)


def street_sight(book: Ledger, seen: Visits) -> pd.DataFrame:
    """Return how much of each street was in sight: ``id``, ``length_m``, ``seen_m``, ``share``.

    Parameters
    ----------
    book
        The ledger.
    seen
        What `sight` returned.

    Raises
    ------
    Nothing
        What is no street has no share.
    """
    metres = united(seen.line, seen.from_m, seen.to_m, len(seen.length_m))
    return _table({"id": book.ids}, book.length_m, book.per_street(metres))


def area_sight(laid: Sides, seen: Visits) -> pd.DataFrame:
    """Return how much street of each area was in sight: ``code``, ``length_m``, ``seen_m``, ``share``.

    Parameters
    ----------
    laid
        The streets cut along the areas.
    seen
        What `sight` returned.

    Raises
    ------
    Nothing
        An area without streets has no share.
    """
    cut = over(seen, laid)
    metres = laid.per_area(united(cut.line, cut.from_m, cut.to_m, len(laid)))
    return _table({"code": laid.areas["code"].to_numpy(dtype=object)}, laid.per_area(laid.length_m), metres)


@dataclass(frozen=True, kw_only=True)
class _Bits:
    """Straight bits of what was walked."""

    #: row of the stretch
    stretch: Ints
    #: x0, y0, x1, y1, shape (n, 4)
    ends: Floats

    @property
    def length(self) -> Floats:
        return np.asarray(np.hypot(*(self.ends[:, 2:] - self.ends[:, :2]).T))

    def taken(self, rows: Any) -> _Bits:
        return _Bits(stretch=self.stretch[rows], ends=self.ends[rows])

    def drawn(self) -> npt.NDArray[np.object_]:
        return np.asarray(shapely.linestrings(self.ends.reshape(-1, 2, 2)))


def _bits(lines: Lines, line: Ints, low: Floats, high: Floats) -> _Bits:
    """Stretches as straight bits, at most so long that a building is near all of a bit or none of it."""
    first = np.searchsorted(lines.line, line, side="left")
    count = np.searchsorted(lines.line, line, side="right") - first
    stretch = np.repeat(np.arange(len(line)), count)
    segment = np.repeat(first, count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    way = lines.ends[segment, 2:] - lines.ends[segment, :2]
    metres = np.hypot(*way.T)
    begin = np.clip(low[stretch] - lines.start_m[segment], 0.0, metres)
    end = np.clip(high[stretch] - lines.start_m[segment], 0.0, metres)
    real = end > begin
    stretch, segment, way, metres, begin, end = (
        each[real] for each in (stretch, segment, way / metres[:, None], metres, begin, end)
    )
    number = np.ceil((end - begin) / EVERY_M).astype(np.int64)
    row = np.repeat(np.arange(len(number)), number)
    nth = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
    step = ((end - begin) / number)[row]
    place = [lines.ends[segment[row], :2] + (begin[row] + (nth + ahead) * step)[:, None] * way[row] for ahead in (0, 1)]
    return _Bits(stretch=stretch[row], ends=np.hstack(place))


def _clear(scene: Scene, walked: _Bits, reach: Floats) -> Floats:
    """Metres from each bit to the nearest building within reach, infinite where there is none."""
    drawn = walked.drawn()
    bit, building = scene.tree.query(drawn, predicate="dwithin", distance=reach)
    clear = np.full(len(drawn), np.inf)
    np.minimum.at(clear, bit, shapely.distance(drawn[bit], scene.tree.geometries[building]))
    return clear


def _beside(lines: Lines, walked: _Bits, reach: Floats) -> tuple[Ints, Floats, Floats]:
    """Metres of streets within reach of each bit."""
    segments = shapely.STRtree(shapely.linestrings(lines.ends.reshape(-1, 2, 2)))
    bit, segment = segments.query(walked.drawn(), predicate="dwithin", distance=reach)
    low, high = within(walked.ends[bit], lines.ends[segment], reach[bit])
    metres = np.hypot(*(lines.ends[segment, 2:] - lines.ends[segment, :2]).T)
    real = high > low
    start = lines.start_m[segment]
    found = (lines.line[segment], start + low * metres, start + high * metres)
    return found[0][real], found[1][real], found[2][real]


def within(near: Floats, segment: Floats, reach: Floats) -> tuple[Floats, Floats]:
    """Return where segments lie within reach of others, as shares of them; from 1 to 0 where they do not.

    Parameters
    ----------
    near
        x0, y0, x1, y1 of what the distance is from, shape (n, 4).
    segment
        Of what is cut, shape (n, 4).
    reach
        Metres, shape (n,).

    Raises
    ------
    Nothing
        Any two segments have a distance.

    Examples
    --------
    A street that crosses one walked, three metres to each side:

    >>> low, high = within(np.array([[0.0, 0, 10, 0]]), np.array([[5.0, -10, 5, 10]]), np.array([3.0]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.35], [0.65])
    """
    # what is within reach of a segment is a disc about each end and a rectangle between them; together convex
    parts = [
        _in_disc(near[:, :2], segment, reach),
        _in_disc(near[:, 2:], segment, reach),
        _in_box(near, segment, reach),
    ]
    low = np.minimum.reduce([low for low, _ in parts])
    high = np.maximum.reduce([high for _, high in parts])
    return np.where(np.isfinite(low), np.clip(low, 0.0, 1.0), 1.0), np.where(
        np.isfinite(high), np.clip(high, 0.0, 1.0), 0.0
    )


def _in_disc(centre: Floats, segment: Floats, reach: Floats) -> tuple[Floats, Floats]:
    """Where lines of segments enter and leave discs; infinite where they miss them."""
    way, off = segment[:, 2:] - segment[:, :2], segment[:, :2] - centre
    a, half_b = (way**2).sum(axis=1), (way * off).sum(axis=1)
    root = half_b**2 - a * ((off**2).sum(axis=1) - reach**2)
    met = root >= 0
    root = np.sqrt(np.where(met, root, 0.0))
    return np.where(met, (-half_b - root) / a, np.inf), np.where(met, (-half_b + root) / a, -np.inf)


def _in_box(near: Floats, segment: Floats, reach: Floats) -> tuple[Floats, Floats]:
    """Where lines of segments enter and leave rectangles along others; infinite where they miss them."""
    along = near[:, 2:] - near[:, :2]
    metres = np.hypot(*along.T)
    along = along / metres[:, None]
    across = np.column_stack([-along[:, 1], along[:, 0]])
    way, off = segment[:, 2:] - segment[:, :2], segment[:, :2] - near[:, :2]
    low, high = np.full(len(near), -np.inf), np.full(len(near), np.inf)
    for axis, least, most in ((along, np.zeros(len(near)), metres), (across, -reach, reach)):
        slope, place = (way * axis).sum(axis=1), (off * axis).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ends = np.sort([(least - place) / slope, (most - place) / slope], axis=0)
        level, inside = slope == 0, (place >= least) & (place <= most)
        low = np.where(level, np.where(inside, low, np.inf), np.maximum(low, ends[0]))
        high = np.where(level, np.where(inside, high, -np.inf), np.minimum(high, ends[1]))
    missed = low > high
    return np.where(missed, np.inf, low), np.where(missed, -np.inf, high)


def _seen(lines: Lines, scene: Scene, walked: _Bits, reach: Floats) -> tuple[Ints, Floats, Floats]:
    """Metres of streets seen from the ends of bits behind buildings."""
    xy, first = np.unique(np.vstack([walked.ends[:, :2], walked.ends[:, 2:]]).round(6), axis=0, return_index=True)
    if not len(xy):
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
    looking = visible(scene, _views(lines, xy, np.tile(reach, 2)[first]))
    seen = parts_of(looking.pieces, looking.views, lines)
    return seen.line, seen.from_m, seen.to_m


def _views(lines: Lines, xy: Floats, reach: Floats) -> Views:
    """People who look all round, as views."""
    count, none = len(xy), pd.DataFrame()
    return Views(
        crs=lines.crs,
        ids=np.arange(count),
        camera=np.arange(count),
        certainty=np.full(count, NOMINAL, dtype=np.int8),
        xy=xy,
        height_m=np.full(count, _EYES_M),
        target_m=np.zeros(count),
        heading=np.zeros(count),
        half_angle=np.full(count, np.pi),
        near_m=np.zeros(count),
        far_m=reach,
        range_m=reach,
        side=np.tile([0.0, np.inf], (count, 1)),
        edges=np.zeros((count, 3)),
        by_depth=np.zeros(count, dtype=bool),
        assumed=none,
        refused=none,
    )


def _united(book: Ledger, found: list[tuple[Ints, Floats, Floats]]) -> Visits:
    """Intervals on streets as disjoint parts of the ledger's stretches."""
    street, low, high = (np.concatenate(each) for each in zip(*found, strict=True))
    street, none, low, high = merged(street, np.zeros(len(street), np.int64), low, high)
    begins, ends = book.visits.begins_m, book.visits.ends_m
    line, _, low, high = overlaid((street, low, high), (book.street, begins, ends))
    order = np.lexsort((low, line))
    none, nought = np.zeros(len(line), np.int64), np.zeros(len(line))
    return Visits(
        line=line[order],
        from_m=low[order],
        to_m=high[order],
        start=nought,
        end=nought,
        post=none,
        shift=none,
        rank=none,
        direction=none,
        begins_m=begins,
        ends_m=ends,
    )


def _table(keys: dict[str, Any], length: Floats, metres: Floats) -> pd.DataFrame:
    """Metres with their share of the whole."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(length > 0, np.minimum(metres / length, 1.0), np.nan)
    return pd.DataFrame({**keys, "length_m": length, "seen_m": metres, "share": share})
