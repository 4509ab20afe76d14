"""What a map shows of a comparison, in the metres of one zone."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gridmap.disputes import Comparison, boundary_points
from gridmap.maps.sheet.canvas import BLACK, Colour

#: Each side's line is red or blue (GB/T 17796); of further parties, colours that the colour-blind can tell apart.
_SIDES: tuple[Colour, ...] = ((255, 0, 0), (0, 0, 255))
_FURTHER: tuple[Colour, ...] = ((0, 158, 115), (230, 159, 0), (204, 121, 167), (86, 180, 233), (120, 72, 30))
#: Strokes of candidates: drawn and left out, in millimetres; all of them tell in a sample of 12 mm.
_STROKES: tuple[tuple[float, ...], ...] = ((), (4, 1.2), (1.6, 1), (0.5, 0.8), (2.5, 2.5), (6, 3))
#: All claims are shown unless that takes a scale so many times smaller than the disputed ground does.
_WORTH = 4.0
#: Ground is shown with at least so much about it, in metres.
_LEAST_M = 5.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a line is drawn."""

    #: of the pen
    colour: Colour
    #: dash and gap in millimetres; () of a line drawn through
    dash: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line or an outline that is drawn, and how."""

    #: what it is called: the party, or the candidate
    name: str
    #: in metres
    shape: Any
    #: colour and strokes
    look: Look
    #: number of a candidate in its case, from 1; 0 of a claim
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything that one map shows, in the metres of one system."""

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


def scene(compared: Comparison, looks: Mapping[str, Look]) -> Scene:
    """Return what a map shows of a comparison.

    Parameters
    ----------
    compared
        As `gridmap.maps.sheet.reading.in_metres` returns it, or one of its disputes.
    looks
        How the line of each party is drawn.

    Raises
    ------
    Nothing
    """
    lines = compared.candidates
    system = CRS(compared.claims.crs)
    claims = zip(compared.claims["party"].astype(str), compared.claims.geometry, strict=True)
    proposed = zip(lines["number"], lines["id"].astype(str), lines.geometry, strict=True)
    return Scene(
        system=system,
        claims=tuple(Line(name=name, shape=shape, look=looks[name]) for name, shape in claims),
        candidates=tuple(
            Line(number=number, name=name, shape=shape, look=Look(colour=BLACK, dash=_STROKES[k % len(_STROKES)]))
            for k, (number, name, shape) in enumerate(proposed)
        ),
        contested=compared.contested,
        gaps=compared.gaps,
        agreed=compared.agreed,
        objects=compared.objects.drop_duplicates(subset=["id", "kind"]).reset_index(drop=True),
        points=_points(lines, system),
    )


def looks(compared: Comparison, disputes: Sequence[Comparison]) -> dict[str, Look]:
    """Return how each party's line is drawn: red and blue where two quarrel, and never alike where claims meet.

    Raises
    ------
    Nothing
    """
    parties = compared.claims["party"].astype(str).tolist()
    beside: dict[str, set[str]] = {party: set() for party in parties}
    shapes = compared.claims.geometry.to_numpy()
    for a, b in shapely.STRtree(shapes).query(shapes, predicate="intersects").T.tolist():
        beside[parties[a]].add(parties[b])
    for each in disputes:
        together = set(each.claims["party"].astype(str))
        for party in together:
            beside[party] |= together
    taken: dict[str, int] = {}
    for party in parties:
        used = {taken[other] for other in beside[party] & taken.keys()}
        taken[party] = next(k for k in itertools.count() if k not in used)
    return {party: _look(k) for party, k in taken.items()}


def _look(k: int) -> Look:
    """The k-th colour, with the strokes of its round."""
    if k < len(_SIDES):
        return Look(colour=_SIDES[k], dash=())
    further = k - len(_SIDES)
    dash = _STROKES[further // len(_FURTHER) % len(_STROKES)]
    return Look(colour=_FURTHER[further % len(_FURTHER)], dash=dash)


def _points(lines: gpd.GeoDataFrame, system: CRS) -> pd.DataFrame:
    """Boundary points of the candidates, counted anew for each; where a case has several, names say of which."""
    if lines.empty:
        return pd.DataFrame({"candidate": [], "name": []})
    parts = [shapely.get_parts(shape) for shape in lines.geometry]
    table = boundary_points(shapely.multilinestrings(np.concatenate(parts)), system, prefix="")
    row = np.repeat(np.arange(len(lines)), [len(each) for each in parts])[table["part"] - 1]
    number = table["name"].astype(int)
    first = number.groupby(row).transform("min")
    names = lines["prefix"].to_numpy()[row] + (number - first + 1).astype(str)
    return table.assign(candidate=lines["number"].to_numpy()[row], name=names)


def _extent(bounds: Any) -> float:
    """The longer side, at least the least."""
    west, south, east, north = (float(each) for each in bounds)
    return max(east - west, north - south, _LEAST_M)


def _about(bounds: Any) -> tuple[float, float, float, float]:
    """Bounds widened where they are narrower than the least."""
    west, south, east, north = (float(each) for each in bounds)
    wide, high = (max(0.0, (_LEAST_M - side) / 2) for side in (east - west, north - south))
    return west - wide, south - high, east + wide, north + high
