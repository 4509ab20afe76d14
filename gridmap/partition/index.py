"""Which area holds a point: the index over the areas that fill a territory."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gridmap import hierarchy
from gridmap.errors import CrsError, Fault, InputError, TableError
from gridmap.partition.borders import Borders
from gridmap.partition.cells import OUTSIDE, Layer, build
from gridmap.partition.edges import RingEdges, Rows, merge, ring_edges
from gridmap.partition.findings import LEAST_M2, find
from gridmap.partition.lookup import holding, touching
from gridmap.partition.orientation import GREATEST, LEAST, Flags, Floats
from gridmap.partition.single import Single

#: Points worked on at a time, which bounds the memory they take; from here on it pays to start the compiled kernel
#: where the caller did not ask for it.
MANY = 65_536
#: Up to here points are answered one by one.
FEW = 16


class AreaIndex:
    """The area that holds each point of a territory, exactly one or none, and how far its border is.

    A point belongs to the area that holds it nudged by (e, e squared), e being smaller than any number: the points of a
    border go to its east side, those of a border that runs exactly west to east to its north side. An area *holds* a
    point if a ray to the east crosses its rings an odd number of times. Among several, the deepest in the hierarchy is
    the answer, then the least code in the order of code points. If no area holds the nudged point (the outer rim, the
    rim of a hole), it belongs to the areas on whose border it lies exactly: the deepest, then the least code. Else it
    is outside. This is decided by the stored coordinates as real numbers, without tolerance and without rounding.

    The rule is that of each area by itself, so that gaps, overlaps, holes, enclaves, areas of several parts, vertices
    on one side only and even rings that cross themselves have an answer, the same as in the record's SQL.

    An index never changes once it is made: threads may share it, and it can be pickled.

    Parameters
    ----------
    areas
        Table as promised in `gridmap.frames`: ``code``, ``level``, ``parent`` and polygons; all levels mixed. It is not
        changed, and must not be while the index lives.
    cell
        Width of the cells in the units of the coordinates; None chooses one that suits the edges.
    compiled
        True: the kernel compiled by numba, made ready now. False: numpy alone. None: the kernel where numba is
        installed, made ready by the first call that asks for many points. The answers are the same.

    Raises
    ------
    TableError
        If the table is empty, if codes are missing or repeated, or a geometry is missing, empty, not a polygon, without
        extent, or has coordinates that are not finite or of a magnitude that no map has (below 2^-300, above 2^300);
        all faults at once. Also what `gridmap.hierarchy.depths` refuses.
    InputError
        If ``cell`` is not above zero, or ``compiled`` is asked for and numba is not installed.

    Examples
    --------
    >>> from shapely import box
    >>> areas = gpd.GeoDataFrame({"code": ["b", "a"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4549)
    >>> index = AreaIndex(areas)
    >>> index.locate([0.5, 1.0, 2.0, 3.0], [0.5, 0.5, 1.0, 0.0])
    array([ 0,  1,  1, -1], dtype=int32)
    >>> index.border_distance([0.5, 1.25], [0.5, 0.5])
    array([0.5 , 0.25])
    """

    def __init__(self, areas: gpd.GeoDataFrame, *, cell: float | None = None, compiled: bool | None = None) -> None:
        _check(areas)
        self.codes: npt.NDArray[np.object_] = areas["code"].to_numpy(dtype=object)
        #: row of the area that holds each area, -1 at the top
        self.parents: npt.NDArray[np.int64] = hierarchy.parent_rows(areas)
        self.depths: npt.NDArray[np.int8] = hierarchy.depths(areas)
        self._chains = tuple(hierarchy.chain(row, self.parents) for row in range(len(areas)))
        self._rank = _ranks(self.codes)
        self._crs = areas.crs
        self._polygons = shapely.force_2d(areas.geometry.to_numpy())
        self._compiled = _wanted(compiled=compiled)
        rings = ring_edges(self._polygons)
        crooked = ~shapely.is_valid(self._polygons)
        self._layers = self._build(rings, crooked, cell)
        self._borders = self._lay_borders(crooked)
        self._see()
        if compiled:
            self._holding(self._layers[0], np.zeros(1), np.zeros(1), many=True)

    def _build(self, rings: RingEdges, crooked: Flags, cell: float | None) -> tuple[Layer, ...]:
        """Return the layers, deepest first."""
        depth_of_edge = self.depths[rings.row]
        return tuple(
            build(merge(rings.take(np.flatnonzero(depth_of_edge == depth)), crooked=crooked), self._rank, cell=cell)
            for depth in np.unique(self.depths)[::-1]
        )

    def _lay_borders(self, crooked: Flags) -> Borders | str:
        """Return the borders of the areas that hold no other, or why they cannot be measured."""
        finest = self._finest()
        alone = finest & ~self._across(finest, crooked)
        for layer in self._layers:
            alone[layer.group_row] = False
        try:
            return Borders(np.where(finest, self._polygons, None), self._crs, alone=alone)
        except CrsError as error:
            return str(error)

    def _across(self, finest: Flags, crooked: Flags) -> Flags:
        """Return which of the finest areas overlap with one of another depth, which no layer shows.

        They do where children stick out of their parent into a neighbour that has none.
        """
        deepest = self.depths[finest].max()
        undivided = np.flatnonzero(finest & (self.depths < deepest))
        tree = shapely.STRtree(np.where(finest, self._polygons, None))
        one, other = tree.query(self._polygons[undivided], predicate="intersects")
        one = undivided[one]
        apart = self.depths[one] != self.depths[other]
        one, other = one[apart], other[apart]
        doubtful = crooked[one] | crooked[other]
        sure = ~doubtful
        doubtful[sure] = shapely.relate_pattern(self._polygons[one[sure]], self._polygons[other[sure]], "T********")
        overlapping = np.zeros(len(finest), np.bool_)
        overlapping[one[doubtful]] = overlapping[other[doubtful]] = True
        return overlapping

    def _finest(self) -> Flags:
        """Return whether each area is the parent of none."""
        finest = np.ones(len(self.codes), np.bool_)
        finest[self.parents[self.parents >= 0]] = False
        return finest

    def _see(self) -> None:
        """Make what cannot be pickled."""
        self._singles = tuple(Single(layer, self._rank) for layer in self._layers)
        self._near_zero = any(_near_zero(layer) for layer in self._layers)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_singles"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._see()

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def nbytes(self) -> int:
        """Bytes that the index takes beside the table of areas, which it does not copy."""
        borders = self._borders.nbytes if isinstance(self._borders, Borders) else 0
        return sum(layer.nbytes for layer in self._layers) + borders + self._rank.nbytes

    def locate(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Rows:
        """Return the row position of the finest area that holds each point, -1 outside all.

        Parameters
        ----------
        x, y
            Points in the CRS of the areas, sequences of one length or two numbers. A point with a coordinate that is
            not finite is outside.

        Returns
        -------
        numpy.ndarray of int32, shape (n,)

        Raises
        ------
        InputError
            If x and y are not numbers, or not of one length.
        """
        xs, ys = _points(x, y)
        if len(xs) <= FEW:
            pairs = zip(xs.tolist(), ys.tolist(), strict=True)
            return np.fromiter((self.locate_one(*pair) for pair in pairs), np.int32, len(xs))
        many = self._compiled and (self._compiled == "now" or len(xs) >= MANY)
        rows = np.empty(len(xs), np.int32)
        for start in range(0, len(xs), MANY):
            part = slice(start, start + MANY)
            rows[part] = self._locate(xs[part], ys[part], many=bool(many))
        return rows

    def locate_one(self, x: float, y: float) -> int:
        """Return the row position of the finest area that holds a point, -1 outside all; raises nothing."""
        for layer in self._singles:
            row = layer.holding(x, y)
            if row >= 0:
                return row
        for layer in self._singles:
            row = layer.touching(x, y)
            if row >= 0:
                return row
        return OUTSIDE

    def _locate(self, x: Floats, y: Floats, *, many: bool) -> Rows:
        """Return the rows of some points: layer by layer those without an answer yet, then the rims."""
        rows = self._holding(self._layers[0], x, y, many=many)
        left = np.flatnonzero(rows < 0)
        for layer in self._layers[1:]:
            rows[left] = self._holding(layer, x[left], y[left], many=many)
            left = left[rows[left] < 0]
        for layer in self._layers:
            rows[left] = touching(layer, x[left], y[left], self._rank)
            left = left[rows[left] < 0]
        if self._near_zero:
            tiny = np.flatnonzero(((np.abs(x) < LEAST) & (x != 0)) | ((np.abs(y) < LEAST) & (y != 0)))
            rows[tiny] = [self.locate_one(*pair) for pair in zip(x[tiny].tolist(), y[tiny].tolist(), strict=True)]
        return rows

    def _holding(self, layer: Layer, x: Floats, y: Floats, *, many: bool) -> Rows:
        """Return what one layer says of the nudged points, by the kernel if there are many."""
        if not many:
            return holding(layer, x, y)
        from gridmap.partition.kernels import holding as compiled

        return compiled(layer, x, y)

    def border_distance(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Floats:
        """Return metres from each point to the nearest border of an area that holds no other.

        Measured on the plane of the areas' CRS if that is metric, else of the metric CRS of the middle of the areas
        (`gridmap.crs.to_metric`), where borders are first cut into edges of at most about 1 km. Points are measured in
        portions, so that the memory does not grow with their number beyond the result.

        Parameters
        ----------
        x, y
            As of `locate`.

        Returns
        -------
        numpy.ndarray of float64, shape (n,)
            NaN where a coordinate is not finite or not on the globe.

        Raises
        ------
        InputError
            If x and y are not numbers, or not of one length.
        CrsError
            If the areas say no CRS, or one that cannot be taken to metres.
        """
        xs, ys = _points(x, y)
        return self._measured().distance(xs, ys, self.locate(xs, ys))

    def border_distance_one(self, x: float, y: float) -> float:
        """Return metres from one point to the nearest border; as `border_distance`, whose errors it raises."""
        return self._measured().distance_one(x, y, self.locate_one(x, y))

    def locate_with_border(self, x: float, y: float) -> tuple[int, float]:
        """Return what `locate_one` and `border_distance_one` do, at the cost of little more than the latter."""
        row = self.locate_one(x, y)
        return row, self._measured().distance_one(x, y, row)

    def _measured(self) -> Borders:
        """Return the borders, if they can be measured."""
        if isinstance(self._borders, str):
            raise CrsError(self._borders)
        return self._borders

    def chain(self, row: int) -> tuple[int, ...]:
        """Return the rows of an area's ancestors and its own, coarsest first; empty for -1.

        Raises
        ------
        InputError
            If there is no such row.
        """
        if not -1 <= row < len(self._chains):
            raise InputError(f"row {row}", expected=f"-1 to {len(self._chains) - 1}")
        return self._chains[row] if row >= 0 else ()

    def findings(self, *, least_m2: float = LEAST_M2) -> gpd.GeoDataFrame:
        """Return where the areas overlap or leave gaps: see `gridmap.partition.findings.find`."""
        table = gpd.GeoDataFrame({"code": self.codes}, geometry=self._polygons, crs=self._crs)
        return find(table, depths=self.depths, finest=self._finest(), least_m2=least_m2)


def _check(areas: gpd.GeoDataFrame) -> None:
    """Refuse a table that cannot be indexed, with all its faults."""
    if not isinstance(areas, gpd.GeoDataFrame):
        raise InputError(f"areas of type {type(areas).__name__}", expected="a GeoDataFrame of polygons")
    if not len(areas):
        raise TableError("areas", [Fault(code="empty", message="no areas; expected at least one polygon")])
    if "code" not in areas:
        raise TableError("areas", [Fault(code="missing_column", message="no column code; name it", column="code")])
    faults = [
        Fault(code=code, message=message, feature=int(row) + 1, column="geometry")
        for code, message, wrong in _wrong(areas.geometry.to_numpy())
        for row in np.flatnonzero(wrong)
    ]
    if faults:
        raise TableError("areas", sorted(faults, key=lambda fault: fault.feature or 0))


def _wrong(shapes: Any) -> list[tuple[str, str, Flags]]:
    """Return (code, message, which) for each thing that a geometry may have wrong."""
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    alien = ~missing & ~np.isin(shapely.get_type_id(shapes), [3, 6])
    points, row = shapely.get_coordinates(shapes, return_index=True)
    unfit = ~np.isfinite(points) | (np.abs(points) > GREATEST) | ((np.abs(points) < LEAST) & (points != 0))
    wild = np.bincount(row, weights=unfit.any(axis=1), minlength=len(shapes)) > 0
    low, high = np.split(shapely.bounds(shapes), 2, axis=1)
    with np.errstate(invalid="ignore"):
        flat = ~missing & ~alien & ~wild & (low == high).all(axis=1)
    return [
        ("missing_geometry", "no geometry; expected a polygon", missing),
        ("wrong_geometry", "not a polygon; expected Polygon or MultiPolygon", alien),
        ("bad_coordinate", "a coordinate that is not finite or that no map has", wild),
        ("no_extent", "all vertices are one point; expected a polygon", flat),
    ]


def _points(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return x and y as arrays of one length."""
    try:
        xs, ys = (np.atleast_1d(np.asarray(values, np.float64)) for values in (x, y))
    except (TypeError, ValueError):
        raise InputError("coordinates that are not numbers", expected="two sequences of numbers") from None
    if xs.ndim != 1 or xs.shape != ys.shape:
        raise InputError(f"{xs.size} x and {ys.size} y coordinates", expected="two sequences of one length")
    return np.ascontiguousarray(xs), np.ascontiguousarray(ys)


def _ranks(codes: Sequence[str] | npt.NDArray[np.object_]) -> Rows:
    """Return the place of each code in the order of code points, which is that of PostgreSQL's collation C."""
    rank = np.empty(len(codes), np.int32)
    rank[sorted(range(len(codes)), key=lambda row: str(codes[row]))] = np.arange(len(codes), dtype=np.int32)
    return rank


def _wanted(*, compiled: bool | None) -> str:
    """Return when to use the kernel: ``now``, for ``many`` points, or never (empty)."""
    found = find_spec("numba") is not None
    if compiled and not found:
        raise InputError("compiled=True without numba", do="install gridmap[fast], or leave `compiled` out")
    if compiled is None:
        return "many" if found else ""
    return "now" if compiled else ""


def _near_zero(layer: Layer) -> bool:
    """Tell whether a layer covers coordinates too near to zero for the arithmetic of `exact_sign`."""
    axes = layer.lattice.x, layer.lattice.y
    return any(axis.lines[0] <= 0 <= axis.lines[-1] for axis in axes)
