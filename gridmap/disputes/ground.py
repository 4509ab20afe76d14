"""Claims made ready to be laid over each other: in local metres, rounded once, one shape for each party."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridmap.crs import is_metric, to_metric, to_system
from gridmap.disputes.accuracy import PointErrors, errors_of
from gridmap.disputes.bands import Bands, laid
from gridmap.disputes.given import (
    in_order,
    is_line,
    refuse_empty,
    refuse_faults,
    refuse_large,
    refuse_mixed,
    rounded,
    rows_of,
)
from gridmap.disputes.limits import Limits
from gridmap.disputes.notes import Warning_
from gridmap.errors import InputError

Shapes = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Local metres: a metric system and a point of it that is taken for the origin."""

    #: the metric system
    system: CRS
    #: east and north of the origin: coordinates with a zone prefix would cost an area eight digits
    origin: tuple[float, float]

    def into(self, table: gpd.GeoDataFrame | gpd.GeoSeries) -> Shapes:
        """Shapes of a table in local metres, flat; CrsError where their datum is another."""
        return moved(shapely.force_2d(to_system(table.geometry, self.system).to_numpy()), self.origin, -1)

    def out(self, shapes: Any, system: Any) -> gpd.GeoSeries:
        """Local shapes in another system."""
        back = gpd.GeoSeries(moved(np.asarray(shapes, dtype=object), self.origin, 1), crs=self.system)
        return to_system(back, system)


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What each party claims, in local metres."""

    #: where the local metres are
    frame: Frame
    #: labels of the parties, in order
    parties: tuple[str, ...]
    #: the ground of each: polygons
    shapes: Shapes
    #: what each claims, as it was drawn: polygons or lines
    claims: Shapes
    #: all of it with the gaps between, where claims are lines; None: gaps are to be found
    within: Any
    #: pairs that face each other, a line one of them at least: positions of both parties, and their lines
    facing: list[tuple[int, int, Any, Any]]
    #: how accurate the points of each are
    errors: PointErrors
    #: what had to be mended or taken for granted
    warnings: list[Warning_]


def frame_of(table: gpd.GeoDataFrame) -> Frame:
    """Local metres about a table: its own system where that is metric, else the zone of its place."""
    metric = table if table.crs is not None and is_metric(CRS(table.crs)) else to_metric(table)
    west, south, east, north = metric.total_bounds
    # whole metres, so that rounding to the millimetre means the same before and after
    return Frame(
        system=CRS(metric.crs), origin=(float(np.floor((west + east) / 2)), float(np.floor((south + north) / 2)))
    )


def ground(claims: gpd.GeoDataFrame, *, limits: Limits) -> Ground:
    """Return what each party claims, in local metres, rounded once to the millimetre.

    Rings that cross themselves are taken apart by structure (a bow-tie is two triangles); buffering by nothing would
    drop one of them.

    Parameters
    ----------
    claims
        ``party`` and polygons or lines, any CRS; several rows of a party are one claim.
    limits
        ``snap_m``, ``most_points``.

    Raises
    ------
    InputError
        If there are fewer than two parties.
    TableError
        With every row that says no party, has no shape, or claims neither ground nor a line.
    TooLargeError
        If there are more points than ``most_points``.
    CrsError
        If the claims do not say their CRS.
    """
    refuse_empty(claims, "claims")
    refuse_faults(claims)
    refuse_large(claims, limits)
    frame = frame_of(claims)
    shapes, warnings = rounded(frame.into(claims), claims["party"].astype(str).tolist(), limits)
    labels = claims["party"].astype(str).str.strip().to_numpy()
    parties = in_order(labels.tolist())
    if len(parties) < 2:  # noqa: PLR2004 - two make a quarrel
        raise InputError(
            f"the claims of one party only, {parties[0]}",
            expected="those of two parties or more",
            do="give the other side's file too, or name the column that holds the parties: --column party=...",
            code="one_party",
        )
    refuse_mixed(shapes, labels)
    own = np.array([_united(shapes[rows]) for rows in rows_of(labels, parties)], dtype=object)
    errors, said = errors_of(claims, labels, parties, limits=limits)
    none = Bands(shapes=own, within=None, facing=[], warnings=[])
    bands = laid(own, tuple(parties), limits=limits) if is_line(own).any() else none
    return Ground(
        frame=frame,
        parties=tuple(parties),
        shapes=bands.shapes,
        claims=own,
        within=bands.within,
        facing=bands.facing,
        errors=errors,
        warnings=[*warnings, *said, *bands.warnings],
    )


def _united(shapes: Shapes) -> Any:
    """One shape of all that a party claims; lines are joined where they meet."""
    if len(shapes) == 1:
        return shapes[0]
    if is_line(shapes).all():
        return shapely.line_merge(shapely.multilinestrings(shapely.get_parts(shapes)))
    return shapely.union_all(shapes)


def moved(shapes: Shapes, origin: tuple[float, float], sign: int) -> Shapes:
    """Shapes moved by the origin, forth or back."""
    shift = sign * np.asarray(origin)
    result: Shapes = shapely.transform(shapes, lambda xy: xy + shift)
    return result
