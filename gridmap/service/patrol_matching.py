"""The fixes of one post in one shift: judged, matched, and told as a row of the record with its visits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import crs
from gridmap.coverage.walked import quality
from gridmap.errors import TableError
from gridmap.service.patrol_shifts import Span
from gridmap.service.patrol_streets import Streets
from gridmap.tracks import Cleaning, Judged, Shifts, judge, match

#: Columns of visits.
WALKED = ("post", "shift", "street", "from_m", "to_m", "start", "end", "direction", "class")

#: How often each fault is told with its message; the rows it concerns are gone when its fixes are.
_FAULTS_TOLD = 50


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the fixes of a shift are to be read."""

    #: windows of the day
    shifts: Shifts = field(default_factory=Shifts)
    #: limits of cleaning
    cleaning: Cleaning = field(default_factory=Cleaning)
    #: the datum in which somebody said that they are; None: that of the record
    read_as: str | None = None
    #: codes of the reasons for which somebody has let it count all the same
    released: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of the fixes of one post in one shift."""

    #: the row of ``settled``, but for who released it and when
    row: dict[str, Any]
    #: its visits, as `WALKED`
    walked: pd.DataFrame
    #: the fixes kept, with street, metres along it and from it
    fixes: gpd.GeoDataFrame
    #: where the post stood, as ``gridmap.tracks.Judged.stops``
    stops: gpd.GeoDataFrame

    @property
    def shapes(self) -> list[str]:
        """Shapes of its rounds, by which a copy of them is known."""
        return list(self.row["shapes"])

    def copy_of(self, earlier: Mapping[str, str]) -> Outcome:
        """Return it held where one of its rounds has place for place the fixes of an earlier one."""
        copied = [earlier[shape] for shape in self.shapes if shape in earlier]
        if not copied:
            return self
        post, shift = self.row["post"], self.row["shift"]
        why = f"the round of {post} in {shift} has place for place the fixes of {copied[0]}; it may be made up"
        held = [*self.row["held"], {"reason": "mocked_copy", "message": f"{why}: look at it before it counts"}]
        return replace(self, row=_with_held(self.row, held))


def outcome(fixes: gpd.GeoDataFrame, span: Span, streets: Streets, reading: Reading | None = None) -> Outcome | None:
    """Return what became of the fixes of one post in one shift; None where it has none in it.

    Parameters
    ----------
    fixes
        Those of one post, as the record holds them; what lies outside the shift is passed over.
    span
        The shift.
    streets
        The streets in force on its day.
    reading
        How they are to be read.

    Raises
    ------
    CrsError
        If they cannot be read in that datum.
    """
    reading = reading or Reading()
    mine = _of_shift(fixes, span, reading.shifts)
    if not len(mine):
        return None
    given = mine if reading.read_as is None else _read_as(mine, reading.read_as)
    try:
        judged = judge(given, shifts=reading.shifts, cleaning=reading.cleaning, streets=streets.ready)
    except TableError as error:
        return _nothing(mine, span, streets, error, reading)
    matched, walked = match(None, streets.ready, judged=judged)
    row = _row(mine, span, streets, reading)
    row |= _told(judged, matched, len(walked))
    walked = walked[list(WALKED)].assign(revision=streets.version)
    return Outcome(row=_with_held(row, row["held"]), walked=walked, fixes=matched, stops=judged.stops)


def _of_shift(fixes: gpd.GeoDataFrame, span: Span, shifts: Shifts) -> gpd.GeoDataFrame:
    """The fixes of a shift."""
    if not len(fixes):
        return fixes
    time_us = fixes["time"].to_numpy(dtype="datetime64[us]").astype(np.int64)
    codes, labels = shifts.of(time_us)
    inside = codes == (labels.index(span.label) if span.label in labels else -1)
    return fixes[inside].reset_index(drop=True)


def _read_as(fixes: gpd.GeoDataFrame, datum: str) -> gpd.GeoDataFrame:
    """Fixes brought from a datum that web maps use to that of the record."""
    lon, lat = crs.to_wgs84(fixes.geometry.x.to_numpy(), fixes.geometry.y.to_numpy(), datum)
    return fixes.set_geometry(gpd.GeoSeries(gpd.points_from_xy(lon, lat), index=fixes.index, crs=fixes.crs))


def _row(fixes: gpd.GeoDataFrame, span: Span, streets: Streets, reading: Reading) -> dict[str, Any]:
    """What is known of a shift before its fixes are judged."""
    return {
        "post": str(fixes["post"].iloc[0]),
        "shift": span.label,
        "opens": span.opens,
        "closes": span.closes,
        "fixes": len(fixes),
        "read_as": reading.read_as,
        "released": sorted(reading.released),
        "revision": streets.version,
        "reduced_at": None,
    }


def _told(judged: Judged, matched: gpd.GeoDataFrame, visits: int) -> dict[str, Any]:
    """What judging and matching said, as the record keeps it."""
    verdict = None if judged.datums is None or judged.datums.empty else judged.datums.iloc[0]
    return {
        "kept": len(judged.fixes),
        "visits": visits,
        "waterfall": _plain(judged.waterfall),
        "quality": _quality(judged, matched),
        "faults": _plain(judged.faults[["code", "message"]].head(_FAULTS_TOLD)),
        "shapes": sorted(judged.shapes["shape"].tolist()),
        "datum": None if verdict is None else str(verdict["datum"]),
        "datum_margin": None if verdict is None else float(verdict["margin"]),
        "datum_reason": None if verdict is None else str(verdict["reason"]),
        "held": _plain(judged.held[["reason", "message"]]),
    }


def _quality(judged: Judged, matched: gpd.GeoDataFrame) -> dict[str, Any]:
    """How good the track is, and how long the post stood."""
    if matched.empty:
        return {}
    post, shift = matched["post"].iloc[0], matched["shift"].iloc[0]
    dropped = judged.dropped[["reason"]].assign(post=post, shift=shift)
    (found,) = _plain(quality(matched, dropped=dropped, verdicts=judged.datums))
    stood = (judged.stops["left"] - judged.stops["arrived"]).dt.total_seconds().sum()
    first, last = (getattr(matched["time"], name)().isoformat() for name in ("min", "max"))
    return {**found, "stops": len(judged.stops), "stop_s": float(stood), "first": first, "last": last}


def _with_held(row: dict[str, Any], held: list[dict[str, str]]) -> dict[str, Any]:
    """The row with what it is held for: it counts where all of that was released."""
    reasons = {each["reason"] for each in held}
    return {**row, "held": held, "credited": reasons <= set(row["released"])}


def _nothing(fixes: gpd.GeoDataFrame, span: Span, streets: Streets, error: TableError, reading: Reading) -> Outcome:
    """What is told of a shift none of whose fixes can be used."""
    faults = [{"code": fault.code, "message": fault.message} for fault in error.faults[:_FAULTS_TOLD]]
    empty: dict[str, Any] = {"waterfall": [], "quality": {}, "shapes": [], "held": []}
    empty |= dict.fromkeys(("datum", "datum_margin", "datum_reason"))
    row = _row(fixes, span, streets, reading) | empty | {"kept": 0, "visits": 0, "faults": faults}
    return Outcome(
        row=_with_held(row, []),
        walked=no_visits().assign(revision=pd.Series(dtype="int64")),
        fixes=fixes.iloc[:0],
        stops=fixes.iloc[:0],
    )


def no_visits() -> pd.DataFrame:
    """Return the table `walked` without rows.

    Raises
    ------
    Nothing
    """
    kinds = dict.fromkeys(("post", "shift", "street", "class"), "str")
    kinds |= dict.fromkeys(("from_m", "to_m"), "float64") | dict.fromkeys(("start", "end"), "datetime64[us, UTC]")
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "int64")) for name in WALKED})


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON takes them: None where a number is missing."""
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(name): _cell(value) for name, value in row.items()} for row in rows]


def _cell(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
