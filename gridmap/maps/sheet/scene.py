"""What a sheet shows of a comparison, in the metres of one zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gridmap.crs import is_metric, to_metric, to_system
from gridmap.disputes import Comparison, boundary_points
from gridmap.errors import TooLargeError
from gridmap.maps.sheet.canvas import Colour

#: Each side's line is red or blue (GB/T 17796); of further parties, colours that the colour-blind can tell apart.
_SIDES: tuple[Colour, ...] = ((255, 0, 0), (0, 0, 255))
_FURTHER: tuple[Colour, ...] = ((0, 158, 115), (230, 159, 0), (204, 121, 167), (86, 180, 233), (120, 72, 30))
#: Strokes of candidates: drawn and left out, in millimetres.
_STROKES: tuple[tuple[float, ...], ...] = ((), (4, 1.2), (1.6, 1), (8, 1), (0.7, 0.7), (2.5, 2.5))
#: How parties are counted in contracts.
_STEMS = "甲乙丙丁戊己庚辛壬癸"
#: All claims are shown unless that takes a scale so many times smaller than the disputed ground does.
_WORTH = 4.0
#: Ground is shown with at least so much about it, in metres.
_LEAST_M = 5.0
#: More points are no sheet to sign.
_MOST_POINTS = 5000


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line or an outline that is drawn, and how."""

    #: what it is called: the party, or the candidate
    name: str
    #: in metres
    shape: Any
    #: colour of the pen
    colour: Colour
    #: dash and gap in millimetres; () of a line drawn through
    dash: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything that is drawn, in the metres of one system."""

    #: that system
    system: CRS
    #: what each party claims
    claims: tuple[Line, ...]
    #: the lines proposed, in their order
    candidates: tuple[Line, ...]
    #: ground that several claim, ground that nobody claims, ground that one alone claims
    contested: gpd.GeoDataFrame
    gaps: gpd.GeoDataFrame
    agreed: gpd.GeoDataFrame
    #: ``id``, ``kind``: each object once
    objects: gpd.GeoDataFrame
    #: ``candidate`` (its number from 1), ``name``, ``x_north``, ``y_east``, ``distance_m``, ``part``
    points: pd.DataFrame

    @property
    def disputed(self) -> Any:
        """The ground that is contested or claimed by nobody."""
        return shapely.union_all([*self.contested.geometry, *self.gaps.geometry])

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of what is shown: all claims, or the disputed ground where it is far smaller."""
        whole = shapely.total_bounds([line.shape for line in (*self.claims, *self.candidates)])
        core = shapely.total_bounds(self.disputed)
        if np.isfinite(core).all() and _extent(whole) > _WORTH * _extent(core):
            return _about(core)
        return _about(whole)


def scene(compared: Comparison) -> Scene:
    """Return what a sheet shows of a comparison.

    Raises
    ------
    TooLargeError
        If the candidates have more points than can be signed.
    CrsError
        If the comparison does not say its CRS.
    """
    system = CRS((compared.claims if is_metric(CRS(compared.claims.crs)) else to_metric(compared.claims)).crs)
    claims = to_system(compared.claims, system)
    lines = to_system(compared.candidates, system)
    objects = to_system(compared.objects, system)
    count = int(shapely.get_num_coordinates(lines.geometry.to_numpy()).sum())
    if count > _MOST_POINTS:
        raise TooLargeError(
            f"candidates of {count} points", expected=f"at most {_MOST_POINTS}", do="leave some out, or simplify them"
        )
    return Scene(
        system=system,
        claims=tuple(
            _claimed(k, row.party, row.geometry) for k, row in enumerate(sorted(claims.itertuples(), key=_order))
        ),
        candidates=tuple(_proposed(k, row.id, row.geometry) for k, row in enumerate(lines.itertuples())),
        contested=to_system(compared.contested, system),
        gaps=to_system(compared.gaps, system),
        agreed=to_system(compared.agreed, system),
        objects=objects.drop_duplicates(subset=["id", "kind"]).reset_index(drop=True),
        points=_points(lines, system),
    )


def _order(row: Any) -> tuple[int, str]:
    """Where a party stands: 甲 before 乙, 丙 and 丁, and then by label."""
    label = str(row.party)
    at = _STEMS.find(label[0])
    return (at if at >= 0 else len(_STEMS), label)


def _claimed(k: int, party: str, shape: Any) -> Line:
    """The claim of the k-th party."""
    if k < len(_SIDES):
        return Line(name=str(party), shape=shape, colour=_SIDES[k], dash=())
    further = k - len(_SIDES)
    dash = _STROKES[further // len(_FURTHER) % len(_STROKES)]
    return Line(name=str(party), shape=shape, colour=_FURTHER[further % len(_FURTHER)], dash=dash)


def _proposed(k: int, name: str, shape: Any) -> Line:
    """The k-th candidate."""
    return Line(name=str(name), shape=shape, colour=(0, 0, 0), dash=_STROKES[k % len(_STROKES)])


def _points(lines: gpd.GeoDataFrame, system: CRS) -> pd.DataFrame:
    """Boundary points of all candidates; with several, each number says of which."""
    tables = [
        boundary_points(shape, system, prefix="J" if len(lines) == 1 else f"{k}-J").assign(candidate=k)
        for k, shape in enumerate(lines.geometry, start=1)
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame({"candidate": []})


def _extent(bounds: Any) -> float:
    """The longer side, at least the least."""
    west, south, east, north = (float(each) for each in bounds)
    return max(east - west, north - south, _LEAST_M)


def _about(bounds: Any) -> tuple[float, float, float, float]:
    """Bounds widened where they are narrower than the least."""
    west, south, east, north = (float(each) for each in bounds)
    wide, high = (max(0.0, (_LEAST_M - side) / 2) for side in (east - west, north - south))
    return west - wide, south - high, east + wide, north + high
