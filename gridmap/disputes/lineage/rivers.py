"""A moved river does not move an agreed line."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.disputes.dates import Answer, held_on, parse_edtf
from gridmap.errors import Fault, InputError, TableError
from gridmap.prepared import prepared
from gridmap.tessellation.arrays import steps_of
from gridmap.tessellation.lineage import as_drawn

#: Columns of a comparison with a river, before its geometry.
COLUMNS = ("line", "agreed", "in_force", "moved", "most_m", "mean_m", "moved_share", "message", "message_zh")

#: Metres between the places on an agreed line at which the distance of the river is measured.
STEP_M = 1.0
#: Metres that river and line may lie apart before the river counts as moved: a bank is not drawn more sharply.
TOLERANCE_M = 1.0


class _Off(NamedTuple):
    """How far a river lies off a line."""

    most_m: float
    mean_m: float
    share: float


def moved_river(
    agreed: gpd.GeoDataFrame,
    river: gpd.GeoDataFrame,
    *,
    on: date,
    tolerance_m: float = TOLERANCE_M,
    step_m: float = STEP_M,
) -> gpd.GeoDataFrame:
    """Return how far a river lies, on a later day, off lines that were agreed along it, and that the lines stay.

    Where a river, a road or a ditch that a boundary runs along has changed, *the agreed line stays where it was*
    (Regulations on the administration of administrative boundaries, State Council order 353 of 2002, article 7). A line
    that is agreed and dated is therefore never snapped to a river of a later day: its geometry is returned as it was
    given, vertex by vertex. A line that was agreed after that day was agreed along the river as it is.

    How far the river has moved is measured from the line: at every ``step_m`` of it, the way to the nearest part of the
    river; to the water's edge where the river is a polygon, and 0 in the water.

    Parameters
    ----------
    agreed
        Lines that were agreed: ``id``, ``date`` (a day, or EDTF, level 1: see `gridmap.disputes.dates.parse_edtf`); any
        CRS.
    river
        The river as it is on that day: lines or polygons, any CRS.
    on
        The day that the river is shown on.
    tolerance_m
        Metres within which both are the same.
    step_m
        Metres between the places that are measured.

    Returns
    -------
    geopandas.GeoDataFrame
        ``line`` (id), ``agreed`` (date as given), ``in_force`` (whether it was agreed by that day: ``certain``,
        ``possible``, ``no``), ``moved`` (whether the river left the line), ``most_m``, ``mean_m``, ``moved_share`` (of
        the line's length that the river left), ``message``, ``message_zh``, ``geometry`` (the agreed line as given, in
        its own CRS), in the order given.

    Raises
    ------
    TableError
        If a line has no identifier, or no date that can be read, or is no line; all faults at once.
    InputError
        If there is no river, or a limit is not above 0.
    CrsError
        If a table says no CRS, or one that cannot be taken to metres.

    Examples
    --------
    A stream that ran straight has made a bend of 30 m:

    >>> line = gpd.GeoDataFrame({"id": ["L1"], "date": ["1953"]}, geometry=gpd.GeoSeries.from_wkt(
    ...     ["LINESTRING (0 0, 400 0)"]), crs=4549)
    >>> stream = gpd.GeoDataFrame(geometry=gpd.GeoSeries.from_wkt(
    ...     ["LINESTRING (0 0, 100 0, 100 30, 300 30, 300 0, 400 0)"]), crs=4549)
    >>> moved_river(line, stream, on=date(2026, 1, 1))[["line", "in_force", "moved", "most_m"]]
      line in_force  moved  most_m
    0   L1  certain   True    30.0
    """
    if not (tolerance_m > 0 and step_m > 0):
        raise InputError(f"tolerance_m {tolerance_m}, step_m {step_m}", expected="metres above 0")
    if river.empty or river.geometry.is_empty.all():
        raise InputError("no river", expected="the river as it is now, as lines or polygons")
    dates = _checked(agreed)
    (lines, waters), _ = as_drawn(agreed, river)
    water = prepared(shapely.union_all(shapely.make_valid(waters[~shapely.is_empty(waters)])))
    off = [_off(line, water, tolerance_m, step_m) for line in lines]
    rows = []
    for name, when, one in zip(agreed["id"].astype(str), dates, off, strict=True):
        held = held_on(on, parse_edtf(when), None)
        said = _said(name, when, one, held)
        rows.append((name, when, held, one.share > 0, one.most_m, one.mean_m, one.share, *said))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return gpd.GeoDataFrame(table, geometry=agreed.geometry.to_numpy(), crs=agreed.crs)


def _checked(agreed: gpd.GeoDataFrame) -> list[str]:
    """Return the dates of agreed lines, having refused what cannot be compared."""
    if lacking := [name for name in ("id", "date") if name not in agreed]:
        faults = [Fault(code="missing_column", message=f"no column {name}; name it", column=name) for name in lacking]
        raise TableError("agreed lines", faults)
    faults = [fault for row, line in enumerate(agreed.itertuples(index=False), 1) for fault in _line_faults(row, line)]
    if faults:
        raise TableError("agreed lines", faults)
    return [_written(when) for when in agreed["date"]]


def _line_faults(row: int, line: Any) -> list[Fault]:
    """Return what is wrong with an agreed line."""
    found = []
    if pd.isna(line.id) or not str(line.id).strip():
        found.append(Fault(code="missing_id", message="no identifier; give each line one", feature=row, column="id"))
    if getattr(line.geometry, "geom_type", "") not in ("LineString", "MultiLineString") or line.geometry.is_empty:
        found.append(Fault(code="wrong_geometry", message="no line; expected the line that was agreed", feature=row))
    if pd.isna(line.date):
        message = "no date; a line that is not dated may be newer than the river: say when it was agreed"
        return [*found, Fault(code="missing_date", message=message, feature=row, column="date")]
    try:
        parse_edtf(_written(line.date))
    except InputError as error:
        found.append(Fault(code="not_a_date", message=str(error), feature=row, column="date"))
    return found


def _written(when: Any) -> str:
    """Return a date as it is written: of a cell that is a day, or a year that a table took for a number, too."""
    if isinstance(when, date):
        return when.strftime("%Y-%m-%d")
    return f"{when:.0f}" if isinstance(when, float) and when.is_integer() else str(when)


def _off(line: Any, water: Any, tolerance_m: float, step_m: float) -> _Off:
    """Return how far a river lies off a line: each piece of it counts by its length, and by its middle."""
    ends, _ = steps_of(np.array([shapely.segmentize(line, step_m)]))
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    corners = shapely.distance(shapely.points(ends), water)
    middles = shapely.distance(shapely.points(ends.mean(axis=1)), water)
    left = float(length[middles > tolerance_m].sum() / length.sum())
    return _Off(float(corners.max()), float(np.average(middles, weights=length)), left)


def _said(name: str, agreed: str, off: _Off, held: Answer) -> tuple[str, str]:
    """Return what a mediator reads, in English and in Chinese."""
    line, line_zh = f"line {name}, agreed {agreed}", f"界线 {name}（{agreed} 议定）"
    if held == "no":
        return f"{line}: the river is of an earlier day", f"{line_zh}：河流图早于议定日期"
    if off.share == 0:
        return (
            f"{line}: the river is where the line is, at most {off.most_m:.2f} m off",
            f"{line_zh}：河流仍在界线处，最大相差 {off.most_m:.2f} 米",
        )
    doubt, doubt_zh = ("; it may be agreed after", "；当时是否已议定不能确定") if held == "possible" else ("", "")
    share = 100 * off.share
    english = (
        f"{line}: the river has moved, by up to {off.most_m:.1f} m and away from {share:.0f} % of the line; the"
        f" agreed line stays (State Council order 353, article 7){doubt}"
    )
    chinese = (
        f"{line_zh}：河流已改道，最大偏离 {off.most_m:.1f} 米，占线长 {share:.0f}%；"
        f"依《行政区域界线管理条例》第七条，议定的界线不变{doubt_zh}"
    )
    return english, chinese
