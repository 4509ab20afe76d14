"""How far places reach over the borders of areas: circles of uncertainty, footprints of buildings."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
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

#: Degrees (some 200 m) from an address to its building; what lies farther away is another building of that id.
_FAR = 2e-3

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

    def footprints(self, buildings: gpd.GeoDataFrame, addresses: gpd.GeoDataFrame) -> dict[Hashable, Reach]:
        """Return the areas that hold the building of each address, by the id of the address.

        An area *holds* a building if no more than ``SLACK_SHARE`` of its footprint lies elsewhere; then it stands
        alone. Else all areas are named that hold more than that share of it, the address point's own first, then the
        larger shares. Shares are of the footprint's area; what lies in no area counts for none. Only areas without
        children are asked.

        Parameters
        ----------
        buildings
            id and polygon, in degrees.
        addresses
            id, building and point, in degrees.

        Returns
        -------
        dict
            Without addresses whose building is not known, lies in no finest area, or more than some 200 m away.
        """
        known = _paired(buildings, addresses)
        reaches = self._shares(known.geometry.to_numpy())
        for reach, x, y in zip(reaches, known["x"], known["y"], strict=True):
            if len(reach) > 1:
                own = self._index.locate_one(x, y)
                # the sort is stable: behind the point's own area the larger shares stay first
                reach.sort(key=lambda held: held[0] != own)
        # most houses of an area stand as all the others of it do: one tuple is enough for them
        alike: dict[Reach, Reach] = {}
        pairs = ((key, tuple(reach)) for key, reach in zip(known["id"].tolist(), reaches, strict=True) if reach)
        return {key: alike.setdefault(reach, reach) for key, reach in pairs}

    def _shares(self, shapes: Any) -> list[list[tuple[int, float | None]]]:
        """Return the areas that hold each footprint and their shares, the larger first."""
        finest = np.flatnonzero(~np.isin(np.arange(len(self._shapes)), self._index.parents))
        tree = shapely.STRtree(self._shapes[finest])
        reaches: list[list[tuple[int, float | None]]] = [[] for _ in shapes]
        at, inside = tree.query(shapes, predicate="within")
        for pair in np.argsort(self._answers_last(finest)[inside], kind="stable").tolist():
            reaches[at[pair]] = [(int(finest[inside[pair]]), 1.0)]
        left = np.setdiff1d(np.arange(len(shapes)), at)
        at, near = tree.query(shapes[left], predicate="intersects")
        at, near = left[at], finest[near]
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


def _paired(buildings: gpd.GeoDataFrame, addresses: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the footprint of each address whose building is known and near: id, x, y and polygon."""
    if "building" not in addresses or "id" not in addresses or "id" not in buildings:
        return gpd.GeoDataFrame({"id": [], "x": [], "y": []}, geometry=[])
    shapes: Mapping[str, Any] = dict(zip(buildings["id"].astype(str), buildings.geometry.to_numpy(), strict=True))
    building = addresses["building"]
    named = building.astype(str).where(building.notna(), None)
    shape = np.array([shapes.get(key) for key in named.tolist()], dtype=object)
    points = shapely.centroid(addresses.geometry.to_numpy())
    good = shapely.area(shape) > 0
    good[good] = shapely.dwithin(shape[good], points[good], _FAR)
    columns = {
        "id": addresses["id"].to_numpy()[good],
        "x": shapely.get_x(points[good]),
        "y": shapely.get_y(points[good]),
    }
    return gpd.GeoDataFrame(columns, geometry=shape[good])
