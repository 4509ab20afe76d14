"""How far places reach over the borders of areas: circles of uncertainty, footprints of buildings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.partition import AreaIndex

#: Share of a footprint that may lie over a border: outlines are drawn by the roof or by the wall, a metre or two apart,
#: which is one twentieth of a house of 20 to 40 m.
SLACK_SHARE = 0.05

#: Areas that an answer names at most; where more are within reach, those of a coarser level are named.
MOST_AREAS = 20

#: One degree of latitude in metres, to size the small search around an uncertain point; no answer is measured with it.
_METRES_PER_DEGREE = 111_000.0

#: Rows of areas, each with the share of a footprint that lies in it (None for circles), the most important first.
Reach = tuple[tuple[int, float | None], ...]


class Standing(NamedTuple):
    """How a place stands among the areas."""

    #: found, ambiguous, outside or not_found
    status: str
    #: row of the area that answers, -1 where none does
    row: int = -1
    #: row of the finest area that surely holds it, -1 where none does
    sure: int = -1
    #: the areas it may be in, where there are several or it is near from outside
    reach: Reach = ()
    #: whether it is the border of an area that leaves it open
    over_border: bool = False


class Ground:
    """The areas, asked about more than a point.

    Parameters
    ----------
    areas
        Areas of all levels in degrees (EPSG:4490).
    index
        Their index.
    """

    def __init__(self, areas: gpd.GeoDataFrame, index: AreaIndex) -> None:
        self._shapes = areas.geometry.to_numpy()
        self._index = index
        self._tree = shapely.STRtree(self._shapes)
        self._finest = np.flatnonzero(~np.isin(np.arange(len(self._shapes)), index.parents))
        self._finest_tree = shapely.STRtree(self._shapes[self._finest])
        self._place = self._answers_last(self._finest)

    def within(self, lon: float, lat: float, reach_m: float) -> list[int]:
        """Return the finest areas that a circle touches, by code."""
        radius = reach_m / _METRES_PER_DEGREE
        circle = shapely.affinity.scale(shapely.Point(lon, lat).buffer(radius), xfact=1 / np.cos(np.radians(lat)))
        rows = set(self._tree.query(circle, predicate="intersects").tolist())
        return self._by_code(rows - {int(self._index.parents[row]) for row in rows})

    def shared(self, rows: Iterable[int]) -> int:
        """Return the finest area that holds all of these, -1 where there is none or one of them is outside."""
        chains = [self._index.chain(row) for row in set(rows)]
        common = [steps[0] for steps in zip(*chains, strict=False) if len(set(steps)) == 1]
        return common[-1] if common else -1

    def of_footprint(self, footprint: Reach) -> Standing:
        """Return how a building stands whose footprint `footprints` told."""
        row = footprint[0][0]
        if held(footprint):
            return Standing("found", row, row)
        return Standing("ambiguous", row, self.shared(row for row, _ in footprint), footprint, True)

    def of_circle(
        self, centre: tuple[float, float], row: int, border_m: float, reach_m: float, *, plate: bool
    ) -> Standing:
        """Return how a place stands that may lie some metres off.

        Parameters
        ----------
        centre
            Degrees.
        row, border_m
            Area of the centre, and metres from there to the nearest border.
        reach_m
            How far the place may lie from there.
        plate
            Whether the centre is the likeliest place; else it is but the middle of all that it may be.
        """
        if not border_m < reach_m:
            return Standing("found" if row >= 0 else "outside", row, row)
        rows = self.within(*centre, reach_m)
        reach = tuple((near, None) for near in self.few(rows))
        if row < 0:
            return Standing("outside", reach=reach)
        sure = self.shared(rows)
        return Standing("ambiguous", row if plate else sure, sure, reach, True)

    def few(self, rows: Iterable[int]) -> list[int]:
        """Return the areas, or those of the coarser level where there are more than an answer can name."""
        rows = set(rows)
        while len(rows) > MOST_AREAS and any(self._index.parents[row] >= 0 for row in rows):
            deepest = max(self._index.depths[row] for row in rows)
            rows = {int(self._index.parents[row]) if self._index.depths[row] == deepest else row for row in rows}
        return self._by_code(rows)[:MOST_AREAS]

    def footprints(self, shapes: NDArray[Any], points: NDArray[Any]) -> list[Reach]:
        """Return the areas that hold each of some buildings.

        An area *holds* a building if no more than ``SLACK_SHARE`` of its footprint lies elsewhere; then it stands
        alone. Else all areas are named that hold more than that share of it, the address point's own first, then the
        larger shares. Shares are of the footprint's area; what lies in no area counts for none. Only areas without
        children are asked.

        Parameters
        ----------
        shapes
            Polygons with an area, in degrees.
        points
            Where their addresses are.

        Returns
        -------
        list of tuple
            Empty for one that lies in no finest area.
        """
        own = self._index.locate(shapely.get_x(points), shapely.get_y(points)).tolist()
        # sorted is stable: behind the point's own area the larger shares stay first
        return [
            tuple(sorted(reach, key=lambda held, mine=mine: held[0] != mine))  # type: ignore[misc]
            for reach, mine in zip(self._shares(shapes), own, strict=True)
        ]

    def _shares(self, shapes: NDArray[Any]) -> list[list[tuple[int, float | None]]]:
        """Return the areas that hold each footprint and their shares, the larger first."""
        reaches: list[list[tuple[int, float | None]]] = [[] for _ in shapes]
        at, inside = self._finest_tree.query(shapes, predicate="within")
        for pair in np.argsort(self._place[inside], kind="stable").tolist():
            reaches[at[pair]] = [(int(self._finest[inside[pair]]), 1.0)]
        left = np.setdiff1d(np.arange(len(shapes)), at)
        if not len(left):
            return reaches
        at, near = self._finest_tree.query(shapes[left], predicate="intersects")
        at, near = left[at], self._finest[near]
        # a share is the same in degrees as in metres: over one house both axes are scaled evenly
        whole, ground = shapely.make_valid(shapes[at]), shapely.make_valid(self._shapes[near])
        share = shapely.area(shapely.intersection(whole, ground)) / shapely.area(whole)
        for place in np.lexsort((self._index.codes[near].astype(str), -share, at)).tolist():
            if share[place] > SLACK_SHARE:
                reaches[at[place]].append((int(near[place]), round(float(share[place]), 3)))
        return reaches

    def _answers_last(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the place of each area in an order in which the one that a point would get comes last.

        Of those that lie over each other that is the finest, then the one of the least code.
        """
        codes = np.unique(self._index.codes[rows].astype(str), return_inverse=True)[1]
        place = np.empty(len(rows), dtype=np.intp)
        place[np.lexsort((-codes, self._index.depths[rows]))] = np.arange(len(rows))
        return place

    def _by_code(self, rows: Iterable[int]) -> list[int]:
        """Return rows in the order of their codes."""
        return sorted(rows, key=lambda row: str(self._index.codes[row]))


def held(reach: Reach) -> bool:
    """Tell whether one area holds a whole footprint, but for what drawing may add.

    Examples
    --------
    >>> held(((7, 0.96),)), held(((7, 0.9),)), held(((7, 0.6), (8, 0.4)))
    (True, False, False)
    """
    return len(reach) == 1 and (reach[0][1] or 0) >= 1 - SLACK_SHARE
