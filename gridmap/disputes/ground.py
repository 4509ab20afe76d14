"""Claims made ready to be laid over each other: in local metres, rounded once, one shape for each party."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridmap.crs import is_metric, to_metric, to_system
from gridmap.disputes.limits import Limits
from gridmap.errors import Fault, InputError, TableError, TooLargeError

Shapes = NDArray[Any]
#: A finding of the comparison: ``code``, ``message``, ``message_zh``, ``about``.
Warning_ = dict[str, Any]

_AREAL = (shapely.GeometryType.POLYGON.value, shapely.GeometryType.MULTIPOLYGON.value)
_LINEAL = (
    shapely.GeometryType.LINESTRING.value,
    shapely.GeometryType.MULTILINESTRING.value,
    shapely.GeometryType.LINEARRING.value,
)


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
    #: standard error of a point of each, in metres
    errors: NDArray[np.float64]
    #: of which of them nobody stated it
    assumed: NDArray[np.bool_]
    #: what had to be mended or taken for granted
    warnings: list[Warning_]


def told(code: str, about: object, message: str, message_zh: str) -> Warning_:
    """A finding in both languages, and what it is about."""
    return {"code": code, "about": about, "message": message, "message_zh": message_zh}


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
    _refuse_faults(claims)
    refuse_large(claims, limits)
    frame = frame_of(claims)
    shapes, warnings = rounded(frame.into(claims), claims["party"].astype(str).tolist(), limits)
    labels = claims["party"].astype(str).str.strip().to_numpy()
    parties = sorted(set(labels.tolist()))
    if len(parties) < 2:  # noqa: PLR2004 - two make a quarrel
        raise InputError(
            f"the claims of one party only, {parties[0]}",
            expected="those of two parties or more",
            do="give the other side's file too, or name the column that holds the parties: --column party=...",
            code="one_party",
        )
    own = np.array([_united(shapes[labels == party]) for party in parties], dtype=object)
    stated = _stated(claims, labels, parties)
    return Ground(
        frame=frame,
        parties=tuple(parties),
        shapes=own,
        claims=own,
        errors=np.where(np.isnan(stated), limits.assumed_m, stated),
        assumed=np.isnan(stated),
        warnings=warnings + [_assumed_told(parties[k], limits) for k in np.flatnonzero(np.isnan(stated))],
    )


def _stated(claims: gpd.GeoDataFrame, labels: NDArray[Any], parties: list[str]) -> NDArray[np.float64]:
    """The largest error that each party's rows state, nan where any of them states none."""
    if "accuracy_m" not in claims:
        return np.full(len(parties), np.nan)
    given = pd.to_numeric(claims["accuracy_m"]).astype(float).to_numpy()
    wrong = np.flatnonzero(~(np.isnan(given) | ((given >= 0) & np.isfinite(given))))
    if len(wrong):
        faults = [
            Fault(code="wrong_accuracy", message=f"an error of {given[row]} m", feature=int(row) + 1) for row in wrong
        ]
        raise TableError("claims", faults)
    return np.array([given[labels == party].max() for party in parties])


def _assumed_told(party: str, limits: Limits) -> Warning_:
    """A party whose source does not say how accurate it is."""
    return told(
        "accuracy_assumed",
        party,
        f"{party} states no accuracy: {limits.assumed_m * 100:g} cm a point is taken, the third class of TD/T 1001",
        f"{party}未说明精度：按《地籍调查规程》三级界址点中误差±{limits.assumed_m * 100:g}厘米计",
    )


def refuse_empty(table: gpd.GeoDataFrame, what: str) -> None:
    """Refuse a table without rows."""
    if table.empty:
        raise InputError(f"no {what}", expected="at least one row with a shape", code="empty")


def refuse_large(table: gpd.GeoDataFrame, limits: Limits) -> None:
    """Refuse more points than the limit."""
    count = int(shapely.get_num_coordinates(table.geometry.to_numpy()).sum())
    if count > limits.most_points:
        raise TooLargeError(f"{count} points", expected=f"at most {limits.most_points}", code="too_many_points")


def _refuse_faults(claims: gpd.GeoDataFrame) -> None:
    """Refuse rows that are no claims, all at once."""
    if "party" not in claims:
        raise InputError("claims without the column party", expected="a label of the party in each row")
    faults = []
    shapes = claims.geometry.to_numpy()
    for row, (label, shape) in enumerate(zip(claims["party"], shapes, strict=True), start=1):
        if pd.isna(label) or not str(label).strip():
            faults.append(Fault(code="missing_party", message="the claim says no party", feature=row, column="party"))
        if shape is None or shape.is_empty:
            faults.append(Fault(code="missing_geometry", message="the claim has no shape", feature=row))
        elif not np.isfinite(shapely.get_coordinates(shape)).all():
            faults.append(Fault(code="not_a_number", message="a coordinate is no number", feature=row))
        elif shapely.get_type_id(shape) not in (*_AREAL, *_LINEAL):
            given = f"a claim is a polygon or a line, not a {shape.geom_type}"
            faults.append(Fault(code="wrong_geometry", message=given, feature=row))
    if faults:
        raise TableError("claims", faults)


def rounded(shapes: Shapes, names: Sequence[str], limits: Limits) -> tuple[Shapes, list[Warning_]]:
    """Shapes on the grid of millimetres, valid, and what that changed; later cuts are exact again.

    A shape that keeps a precision would round each new corner: the ledger would be out by square decimetres.
    """
    lines = np.isin(shapely.get_type_id(shapes), _LINEAL)
    valid = shapely.is_valid(shapes)
    mended = shapes.copy()
    broken = ~valid & ~lines
    mended[broken] = [shapely.make_valid(shape, method="structure", keep_collapsed=False) for shape in shapes[broken]]
    polygons = shapely.set_precision(shapely.set_precision(mended[~lines], limits.snap_m), 0)
    mended[~lines] = polygons
    mended[lines] = on_grid(shapes[lines], limits)
    warnings = [_mend_told(names[row], shapes[row], mended[row]) for row in np.flatnonzero(broken).tolist()]
    gone = np.flatnonzero(shapely.is_empty(mended) | (lines & (shapely.length(mended) == 0)))
    if len(gone):
        faults = [
            Fault(code="nothing_left", message="the shape is narrower than a millimetre", feature=int(row) + 1)
            for row in gone
        ]
        raise TableError("claims", faults)
    return mended, warnings


def on_grid(lines: Shapes, limits: Limits) -> Shapes:
    """Lines on the grid of millimetres, each point of them once."""
    moved_ = shapely.transform(lines, lambda xy: np.round(xy / limits.snap_m) * limits.snap_m)
    result: Shapes = shapely.remove_repeated_points(moved_)
    return result


def _mend_told(name: str, before: Any, after: Any) -> Warning_:
    """A ring that crossed itself, and the area it was taken for."""
    area = shapely.area(after)
    reason = shapely.is_valid_reason(before)
    return told(
        "ring_mended",
        name,
        f"a ring of {name} is not simple ({reason}); taken by structure it encloses {area:,.2f} m2",
        f"{name}的边界自相交（{reason}）；按结构修复后面积为 {area:,.2f} 平方米",
    )


def _united(shapes: Shapes) -> Any:
    """One shape of all that a party claims; lines are joined where they meet."""
    if len(shapes) == 1:
        return shapes[0]
    if np.isin(shapely.get_type_id(shapes), _LINEAL).all():
        return shapely.line_merge(shapely.multilinestrings(shapely.get_parts(shapes)))
    return shapely.union_all(shapes)


def moved(shapes: Shapes, origin: tuple[float, float], sign: int) -> Shapes:
    """Shapes moved by the origin, forth or back."""
    shift = sign * np.asarray(origin)
    result: Shapes = shapely.transform(shapes, lambda xy: xy + shift)
    return result


def is_line(shapes: Any) -> NDArray[np.bool_]:
    """Which shapes are lines."""
    return np.isin(shapely.get_type_id(shapes), _LINEAL)
