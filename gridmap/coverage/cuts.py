"""Streets cut along the borders of areas: every metre of street lies in exactly one area."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.coverage.counting import Counting, counted, counted_views
from gridmap.coverage.nesting import Nested, nested
from gridmap.coverage.streets import seen_metres, shares_of
from gridmap.coverage.sweeping import Floats, Ints
from gridmap.crs import to_system
from gridmap.errors import CrsError, Fault, TableError
from gridmap.partition import AreaIndex
from gridmap.visibility.lines import Parts

if TYPE_CHECKING:
    from gridmap.visibility.cameras.views import Views
    from gridmap.visibility.lines import Lines

#: Shorter metres between two borders are rounding.
_LEAST_M = 1e-9


@dataclass(frozen=True, kw_only=True)
class Cuts:
    """Stretches of street, each inside one area, by line and metre."""

    #: the lines that are cut
    lines: Lines
    #: code, parent and level of the areas
    areas: pd.DataFrame
    #: row of the line, shape (n,)
    line: Ints
    #: metres along the line
    from_m: Floats
    to_m: Floats
    #: row of the finest area that holds it, -1 outside
    area: Ints

    def __len__(self) -> int:
        """Return the number of stretches."""
        return len(self.line)

    @property
    def length_m(self) -> Floats:
        """Metres of each."""
        return np.asarray(self.to_m - self.from_m)

    @cached_property
    def nested(self) -> Nested:
        """Which area lies in which."""
        return nested(self.areas)

    def per_area(self, amounts: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Amounts of stretches, shape (n, ...), summed by area, those of areas inside included."""
        return self.nested.summed(self.area, amounts)


def walked(streets: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows are streets: those of a class, or of no barrier. A river without class is none.

    Parameters
    ----------
    streets
        ``class`` and ``barrier`` where known.

    Raises
    ------
    Nothing
        A table without both holds streets alone.

    Examples
    --------
    >>> walked(pd.DataFrame({"class": ["primary", None], "barrier": [None, "river"]})).tolist()
    [True, False]
    """
    kind, barrier = (_words(streets, name) for name in ("class", "barrier"))
    return np.asarray((kind != "") | np.isin(barrier, ("", "no")))


def cuts(lines: Lines, streets: pd.DataFrame, areas: gpd.GeoDataFrame | None = None) -> Cuts:
    """Return streets cut along the borders of areas.

    A stretch belongs to the finest area that holds its middle, by the one tie rule of `gridmap.partition.AreaIndex`: a
    street along a border counts for one side only. What is no street (`walked`) is left out.

    Parameters
    ----------
    lines
        The streets as `gridmap.visibility.lines.gridded` returned them.
    streets
        Their table: ``class`` and ``barrier`` where known.
    areas
        ``code``, ``parent`` and ``level`` where known, polygons in any CRS; all levels mixed. Without them each street
        is one stretch, in no area.

    Returns
    -------
    Cuts
        By line and metre.

    Raises
    ------
    CrsError
        If the areas state no CRS.
    TableError
        If the areas cannot be indexed, or the streets are not those of the lines.
    """
    if len(streets) != len(lines.length_m):
        message = f"{len(streets)} streets; expected the {len(lines.length_m)} of the lines, in their order"
        raise TableError("streets", [Fault(code="other_streets", message=message)])
    crossed, index, named = _borders(lines, areas)
    segment, begin, end = between(lines, crossed, walked(streets))
    area = np.full(len(segment), -1)
    if index is not None:
        x, y = (along(lines, segment, (begin + end) / 2, axis) for axis in (0, 1))
        area = index.locate(x, y).astype(np.int64)
    metres = np.hypot(*(lines.ends[segment, 2:] - lines.ends[segment, :2]).T)
    start = lines.start_m[segment]
    joined = _joined(lines.line[segment], start + begin * metres, start + end * metres, area)
    return Cuts(lines=lines, areas=named, **joined)


def over(parts: Parts, laid: Cuts) -> Parts:
    """Return parts cut where the streets are: the line of each is the row of its stretch.

    Parameters
    ----------
    parts
        Metres in view.
    laid
        Streets cut along borders.

    Returns
    -------
    Parts
        Metres still count along the street; ``length_m`` is that of each stretch.

    Raises
    ------
    Nothing
        What lies in no stretch is left out.
    """
    first = np.searchsorted(laid.line, parts.line, side="left")
    count = np.searchsorted(laid.line, parts.line, side="right") - first
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    row, part = np.repeat(first, count) + nth, np.repeat(np.arange(len(parts)), count)
    begin, end = np.maximum(parts.from_m[part], laid.from_m[row]), np.minimum(parts.to_m[part], laid.to_m[row])
    inside = end > begin
    row, part = row[inside], part[inside]
    order = np.argsort(row, kind="stable")
    return Parts(
        line=row[order],
        from_m=begin[inside][order],
        to_m=end[inside][order],
        view=parts.view[part][order],
        band=parts.band[part][order],
        length_m=laid.length_m,
    )


def street_shares(
    parts: Parts, views: Views, laid: Cuts, cameras: pd.DataFrame, *, counting: Counting | None = None
) -> pd.DataFrame:
    """Return how many metres of street are seen in each area, and which share that is, band by band.

    Bands as of `gridmap.coverage.streets`. An area's metres are those of its parts together with what lies in none of
    them, so that parents are the sums of their children.

    Parameters
    ----------
    parts, views
        Metres of street in view, and the views.
    laid
        The streets cut along the areas.
    cameras
        The table the views were made of.
    counting
        Day, status and bands.

    Returns
    -------
    pandas.DataFrame
        Area by area and band by band: ``code``, ``band``, ``seen_m``, ``share`` of the metres of street in the area
        (missing where there are none), ``share_guaranteed``, ``share_possible``.

    Raises
    ------
    TableError
        If the cameras are not those of the views.
    """
    asked = counting or Counting()
    inside = over(parts, laid)
    metres = seen_metres(inside, counted_views(views, counted(cameras, asked)), at_least=asked.at_least)
    codes = laid.areas["code"].to_numpy(dtype=object)
    table = shares_of(codes, "code", laid.per_area(metres), laid.per_area(inside.length_m))
    return table.rename(columns={"seen": "seen_m"})


def _words(table: pd.DataFrame, name: str) -> npt.NDArray[np.object_]:
    """A column of words, empty where missing."""
    if name not in table:
        return np.full(len(table), "", dtype=object)
    return np.asarray(table[name].astype(object).where(table[name].notna(), "").astype(str).str.strip(), dtype=object)


def _borders(
    lines: Lines, areas: gpd.GeoDataFrame | None
) -> tuple[tuple[Ints, Floats], AreaIndex | None, pd.DataFrame]:
    """Where segments meet borders, the index that tells the area of a place, and the codes of the areas."""
    if areas is None:
        return (np.zeros(0, np.int64), np.zeros(0)), None, pd.DataFrame({"code": []}, dtype=object)
    if areas.crs is None:
        raise CrsError("areas that do not say their coordinate system", do="state it: an EPSG code such as 4490")
    metric = to_system(areas, lines.crs)
    named = pd.DataFrame(areas[[name for name in ("code", "parent", "level") if name in areas]])
    return crossings(lines, metric), AreaIndex(metric), named.reset_index(drop=True)


def crossings(lines: Lines, areas: gpd.GeoDataFrame) -> tuple[Ints, Floats]:
    """Return the segments that meet a border, and where.

    Parameters
    ----------
    lines
        Streets as segments.
    areas
        Polygons in the system of the lines.

    Returns
    -------
    tuple of arrays
        Segment, and share of its length from its beginning; in any order, a place perhaps more than once.

    Raises
    ------
    Nothing
        Streets need meet no border.
    """
    drawn = shapely.linestrings(lines.ends.reshape(-1, 2, 2))
    borders = shapely.boundary(areas.geometry.to_numpy())
    border, segment = shapely.STRtree(drawn).query(borders, predicate="intersects")
    xy, pair = shapely.get_coordinates(shapely.intersection(drawn[segment], borders[border]), return_index=True)
    segment = segment[pair]
    way = lines.ends[segment, 2:] - lines.ends[segment, :2]
    share = ((xy - lines.ends[segment, :2]) * way).sum(axis=1) / (way**2).sum(axis=1)
    return segment.astype(np.int64), np.clip(share, 0.0, 1.0)


def between(lines: Lines, crossed: tuple[Ints, Floats], chosen: npt.NDArray[np.bool_]) -> tuple[Ints, Floats, Floats]:
    """Return the segments of chosen lines from crossing to crossing.

    Parameters
    ----------
    lines
        Streets as segments.
    crossed
        What `crossings` returned.
    chosen
        Which lines are cut, shape (lines,); the others are left out.

    Returns
    -------
    tuple of arrays
        Segment, and the shares of it between which each stretch lies, by segment and share.

    Raises
    ------
    Nothing
        A segment that meets no border is one stretch.
    """
    every = np.arange(len(lines.ends))
    segment = np.concatenate([every, every, crossed[0]])
    share = np.concatenate([np.zeros(len(every)), np.ones(len(every)), crossed[1]])
    order = np.lexsort((share, segment))
    segment, share = segment[order], share[order]
    real = (np.diff(segment) == 0) & (np.diff(share) > 0) & chosen[lines.line[segment[:-1]]]
    return segment[:-1][real], share[:-1][real], share[1:][real]


def along(lines: Lines, segment: Ints, share: Floats, axis: int) -> Floats:
    """Return a coordinate of places on segments, metres.

    Parameters
    ----------
    lines
        Streets as segments.
    segment, share
        The segment of each place, and the share of its length before it.
    axis
        0 for east, 1 for north.

    Raises
    ------
    Nothing
        A share of 1 is the end.
    """
    begin = lines.ends[segment, axis]
    return np.asarray(begin + share * (lines.ends[segment, axis + 2] - begin))


def _joined(line: Ints, from_m: Floats, to_m: Floats, area: Ints) -> dict[str, Any]:
    """Stretches that go on in the same area as one."""
    real = to_m - from_m > _LEAST_M
    line, from_m, to_m, area = line[real], from_m[real], to_m[real], area[real]
    first = np.flatnonzero((np.diff(line, prepend=-1) != 0) | (np.diff(area, prepend=-2) != 0))
    last = np.append(first, len(line))[1:] - 1
    return {"line": line[first], "from_m": from_m[first], "to_m": to_m[last], "area": area[first]}
