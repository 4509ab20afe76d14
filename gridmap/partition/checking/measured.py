"""The areas of a check: their shapes mended, in their own system and in metres, and who lies in whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import crs, hierarchy
from gridmap.errors import CrsError, Fault, TableError
from gridmap.frames.shapes import shape_faults
from gridmap.partition.checking.limits import Limits
from gridmap.partition.edges import Ints, Polygons
from gridmap.partition.findings import LEAST_M2, find, layers, mended
from gridmap.partition.orientation import Flags, Floats

#: Faults of shapes that the rule of valid rings tells of.
_FOUND_BY_RULE = frozenset({"invalid_ring", "zero_area"})


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Areas made ready once for all rules."""

    #: the table as it was given
    table: gpd.GeoDataFrame
    #: code of each area
    codes: tuple[str, ...]
    #: valid polygons of the same even-odd ground, in the table's CRS
    shapes: Polygons
    #: the same in metres
    metric: Polygons
    #: the table's CRS
    system: Any
    #: CRS of ``metric``
    metric_system: Any
    #: number of ancestors
    depth: Ints
    #: whether an area is the parent of none
    finest: Flags
    #: metres that one unit of the table's CRS is at least (a degree of longitude, one metre)
    unit_m: float

    @cached_property
    def faults(self) -> gpd.GeoDataFrame:
        """Overlaps and gaps of all layers, found once for both rules (see `gridmap.partition.findings.find`)."""
        table = gpd.GeoDataFrame({"code": list(self.codes)}, geometry=self.shapes, crs=self.system)
        return find(table, depths=self.depth, finest=self.finest)

    @property
    def area_m2(self) -> Floats:
        """Square metres of each area."""
        return np.asarray(shapely.area(self.metric))

    def layers(self) -> list[Ints]:
        """Rows of each layer that should fill the territory: see `gridmap.partition.findings.layers`."""
        return layers(self.depth, self.finest)

    def series(self, shapes: Any) -> gpd.GeoSeries:
        """Shapes in the CRS of the areas."""
        return gpd.GeoSeries(shapes, crs=self.system)

    def to_metric(self, shapes: Any) -> gpd.GeoSeries:
        """Shapes in the CRS of the areas, taken to metres as the areas were."""
        return self._between(shapes, self.system, self.metric_system)

    def beyond_rounding(self, shapes: Any, limits: Limits) -> tuple[Floats, Flags]:
        """Return the square metres of shapes in the areas' CRS, and which of them are more than survey rounding.

        Rounding is ground that is nowhere wider than ``rounding_m``, or both smaller than ``ground_m2`` and nowhere
        wider than ``width_m``.
        """
        metric = self.to_metric(shapes).to_numpy()
        size = np.asarray(shapely.area(metric))
        width = np.where(size <= limits.ground_m2, limits.width_m, limits.rounding_m)
        more = size >= LEAST_M2
        # twice the area over the perimeter is at most the greatest width: most are decided by it
        thin = np.flatnonzero(more & (2 * size <= width * shapely.length(metric)))
        more[thin] = ~shapely.is_empty(shapely.buffer(metric[thin], -width[thin] / 2, quad_segs=2))
        return size, more

    def from_metric(self, shapes: Any) -> gpd.GeoSeries:
        """Shapes in metres, taken back to the CRS of the areas."""
        return self._between(shapes, self.metric_system, self.system)

    def _between(self, shapes: Any, source: Any, target: Any) -> gpd.GeoSeries:
        """Shapes of one of the two systems in the other."""
        given = np.asarray(shapes, dtype=object)
        return gpd.GeoSeries(given if source == target else crs.convert_shapes(given, source, target), crs=target)

    def levels(self) -> list[str | None]:
        """Level of each area: as stated, else as its code tells, else unknown."""
        stated = self.table["level"].tolist() if "level" in self.table else [None] * len(self.codes)
        return [
            hierarchy.level_of_code(code) if pd.isna(said) else str(said)
            for code, said in zip(self.codes, stated, strict=True)
        ]


def measure(areas: gpd.GeoDataFrame) -> Measured:
    """Return the areas ready for the rules.

    Parameters
    ----------
    areas
        ``code`` and polygons with a CRS; ``parent`` and ``level`` if known. Codes may repeat and rings be invalid:
        that is for the rules to find.

    Raises
    ------
    TableError
        If there are no areas, or some have no code or no polygon, or one that lies nowhere.
    CrsError
        If the table states no CRS, or one that cannot be taken to metres.
    """
    _refuse_useless(areas)
    codes = tuple(map(str, areas["code"].tolist()))
    shapes = mended(areas.geometry.to_numpy())
    depth, finest = _nesting(areas, codes)
    metric = gpd.GeoSeries(shapes, crs=areas.crs)
    if not crs.is_metric(areas.crs):
        metric = crs.to_metric(metric)
    width = _span(metric.total_bounds) / _span(areas.total_bounds)
    return Measured(
        table=areas,
        codes=codes,
        shapes=shapes,
        metric=metric.to_numpy(),
        system=areas.crs,
        metric_system=metric.crs,
        depth=depth,
        finest=finest,
        unit_m=width,
    )


def one_level(measured: Measured) -> Measured:
    """Return areas as they are; TableError if some of them hold others."""
    faults = [
        Fault(code="not_finest", message=f"area {measured.codes[row]} holds others of the table", feature=int(row) + 1)
        for row in np.flatnonzero(~measured.finest)
    ]
    if faults:
        raise TableError("areas of several levels, where one is asked for", faults)
    return measured


def ground_faults(shapes: Polygons, system: Any) -> list[Fault]:
    """Return what keeps shapes from being measured as ground; what is wrong with their rings is for a rule to find."""
    return [fault for fault in shape_faults(shapes, ("polygon",), system) if fault.code not in _FOUND_BY_RULE]


def _refuse_useless(areas: gpd.GeoDataFrame) -> None:
    """Refuse areas of which nothing can be said."""
    if "code" not in areas or areas.empty:
        raise TableError("areas", [Fault(code="missing_column", message="no areas with a code; give at least one")])
    if areas.crs is None:
        raise CrsError("areas that do not say their coordinate system", do="state it: an EPSG code such as 4490")
    faults = ground_faults(areas.geometry.to_numpy(), areas.crs)
    faults += [
        Fault(code="missing_code", message="no code; give every area one", feature=row + 1)
        for row, code in enumerate(areas["code"].tolist())
        if pd.isna(code) or not str(code).strip()
    ]
    if faults:
        raise TableError("areas", faults)


def _nesting(areas: gpd.GeoDataFrame, codes: tuple[str, ...]) -> tuple[Ints, Flags]:
    """Number of ancestors of each area, and whether it is divided no further; of a repeated code, as of its first."""
    once = areas if len(set(codes)) == len(codes) else areas.drop_duplicates("code")
    depth = dict(zip(map(str, once["code"].tolist()), hierarchy.depths(once).tolist(), strict=True))
    parents = set(areas["parent"].dropna().astype(str)) if "parent" in areas else set()
    rows = np.array([depth[code] for code in codes], dtype=np.int64)
    divided = np.array([code in parents for code in codes])
    if not parents:
        divided = rows < rows.max()
    return rows, ~divided


def _span(bounds: Floats) -> float:
    """The greater side of a box."""
    return max(float(bounds[2] - bounds[0]), float(bounds[3] - bounds[1]))
