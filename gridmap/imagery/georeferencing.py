"""A scan and its control points in, a picture on the ground out, with what it is worth."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely

from gridmap import crs as crs_
from gridmap.errors import InputError
from gridmap.imagery.accuracy import measured, root_mean_square
from gridmap.imagery.distortion import distortion
from gridmap.imagery.fitting import FEWEST, fit_warp, refuse_unknown
from gridmap.imagery.framing import Frame, drawn_off, frame_of, outline
from gridmap.imagery.ground import Ground, on_ground
from gridmap.imagery.judging import judge_control_points
from gridmap.imagery.points import DECIDED, ControlPoints, control_points, made_table
from gridmap.imagery.scans import Scan, ScanLimits, read_scan, sha256
from gridmap.imagery.seeing import Seen, as_seen
from gridmap.imagery.warping import Drawing, draw, refuse_unwritable_tiff

#: Methods in the order in which a simpler one is preferred, and how much better a less simple one must be.
_SIMPLEST_FIRST = ("order1", "order2", "tps")
_BETTER = 0.9


@dataclass(frozen=True, kw_only=True, eq=False)
class Georeferenced:
    """A scan on the ground, and what it is worth."""

    #: order1, order2, order3 or tps
    method: str
    #: root mean square of the errors at the points as fitted, and with each left out in turn, metres; NaN where a
    #: fault forbids the warp, or no point can be left out
    residual_m: float
    leave_one_out_m: float
    #: root mean square distance between where GDAL draws a pixel and where the fit has it, metres; see `drawn_off`
    drawn_off_m: float
    #: the points, with east, north, dx_m, dy_m, residual_m, leave_one_out_m
    points: pd.DataFrame
    #: code, severity, points, message, message_zh; see `judge_control_points`
    faults: pd.DataFrame
    #: what, value, why: everything that was decided
    decided: pd.DataFrame
    #: one row, the ground that is drawn; no row where a fault forbids the warp
    footprint: gpd.GeoDataFrame
    #: name of the metric system; None for metres of no known one
    crs: str | None
    #: the pixels on the ground; None where a fault forbids the warp
    frame: Frame | None
    #: SHA-256 of the scan, and the version of GDAL that warps
    sha256: str
    gdal: str
    #: the file that was written; None where none was asked for, or a fault forbids it
    out: Path | None

    @property
    def fit(self) -> bool:
        """Whether no fault was found."""
        return self.faults.empty


def georeference(
    image: str | Path,
    points: ControlPoints | pd.DataFrame | None = None,
    *,
    method: str | None = None,
    crs: object = None,
    out: str | Path | None = None,
    limits: ScanLimits | None = None,
) -> Georeferenced:
    """Return what a scan warped by its control points is worth, and write it if asked to.

    Parameters
    ----------
    image
        A PNG, JPEG or TIFF file; georeference that it carries itself, but for its own control points, is not used.
    points
        Control points, or a table of pixel, line, x, y; those of a TIFF itself if left out. They count in the picture
        as it is shown or as it is stored, which differ where a phone says how to turn it (`gridmap.imagery.seeing`).
    method
        order1, order2, order3 or tps. If left out: what the points' file says, else the simplest whose points left
        out err least, a less simple one only where it errs a tenth less.
    crs
        System of x and y where the points do not say (see `gridmap.crs.parse`). Metres stay on their datum.
    out
        A .tif to write, cloud-optimised, whole or not at all; it tells method, points, errors and GDAL in its tags.
    limits
        What the scan may be at most.

    Returns
    -------
    Georeferenced
        Nothing is written where a fault of severity ``error`` forbids the warp.

    Raises
    ------
    InputError
        If there is no such file, method or folder, there are no points, or they belong to a picture of other shape.
    FormatError, TooLargeError
        If the scan cannot be read, or is larger than the limits; also if the warp stretches it too far.
    CrsError
        If the numbers cannot be coordinates of the system.
    """
    if method is not None:
        refuse_unknown(method)
    target = None if out is None else Path(out)
    if target is not None:
        refuse_unwritable_tiff(target, Path(image))
    scan = read_scan(image, limits=limits)
    seen = as_seen(scan, _own(scan) if points is None else control_points(points))
    given, size = seen.points, seen.size
    ground = on_ground(given, crs)
    chosen, why = _method(given, ground, size, method)
    faults = judge_control_points(given, size=size, method=chosen, crs=crs)
    decided = pd.concat([given.decided, ground.decided, pd.DataFrame([why], columns=list(DECIDED))])
    result = _result(seen, ground, chosen, faults, decided.reset_index(drop=True), scan)
    if target is None or result.frame is None:
        return result
    return _written(result, seen, scan, target)


def forbidden(faults: pd.DataFrame) -> bool:
    """Tell whether faults forbid a warp."""
    return bool((faults["severity"] == "error").any())


def _own(scan: Scan) -> ControlPoints:
    """The control points that a TIFF carries itself."""
    if not scan.gcps:
        raise InputError(f"{scan.path.name} carries no control points", do="give a file of them (--points)")
    table = made_table(None, np.array(scan.gcps, dtype=np.float64))
    return ControlPoints(table=table, crs=crs_.parse(scan.gcps_crs) if scan.gcps_crs else None, form="gdal")


def _method(
    given: ControlPoints, ground: Ground, size: tuple[int, int], asked: str | None
) -> tuple[str, tuple[str, str, str]]:
    """The method to warp by, and why."""
    if asked is not None:
        return asked, ("method", asked, "stated by the user")
    if given.method is not None:
        return given.method, ("method", given.method, "stated by the file")
    whole = np.isfinite(given.pixels).all() and np.isfinite(ground.metres).all()
    best, least, tried = "order1", float("inf"), []
    for name in _SIMPLEST_FIRST if whole else ():
        error = _expected(given, ground, size, name)
        if np.isfinite(error):
            tried.append(f"{name} {error:.2f} m")
        if error < _BETTER * least:
            best, least = name, error
    return best, ("method", best, "errs least with points left out: " + (", ".join(tried) or "none can be left out"))


def _expected(given: ControlPoints, ground: Ground, size: tuple[int, int], method: str) -> float:
    """The error of points left out under a method; infinite where it cannot be told, or folds the picture."""
    if len(given) <= FEWEST[method]:
        return float("inf")
    try:
        warp = fit_warp(given.pixels, ground.metres, method)
        errors = measured(given, ground, method)["leave_one_out_m"]
    except (InputError, np.linalg.LinAlgError):
        return float("inf")
    even = fit_warp(given.pixels, ground.metres, "order1")
    if distortion(warp, even, size, given.mask).folded > 0 or errors.isna().any():
        return float("inf")
    return root_mean_square(errors)


def _result(
    seen: Seen, ground: Ground, method: str, faults: pd.DataFrame, decided: pd.DataFrame, scan: Scan
) -> Georeferenced:
    """What a scan is worth, nothing written yet."""
    no, given = forbidden(faults), seen.points
    blank = dict.fromkeys(("dx_m", "dy_m", "residual_m", "leave_one_out_m"), np.nan)
    east_north = dict(zip(("east", "north"), ground.metres.T, strict=True))
    points = given.table.assign(**east_north, **blank) if no else measured(given, ground, method)
    frame, footprint, off = None, [], float("nan")
    if not no:
        warp = fit_warp(given.pixels, ground.metres, method)
        ring = outline(seen.size, given.mask)
        frame = frame_of(warp, ring, seen.size)
        off = drawn_off(warp, np.hstack([given.pixels, ground.metres]), ring)
        footprint = [shapely.make_valid(shapely.Polygon(warp.place(ring)))]
    return Georeferenced(
        method=method,
        residual_m=root_mean_square(points["residual_m"]),
        leave_one_out_m=root_mean_square(points["leave_one_out_m"]),
        drawn_off_m=off,
        points=points,
        faults=faults,
        decided=decided,
        footprint=gpd.GeoDataFrame(geometry=footprint, crs=ground.crs),
        crs=ground.crs,
        frame=frame,
        sha256=sha256(scan.path),
        gdal=rasterio.__gdal_version__,
        out=None,
    )


def _written(result: Georeferenced, seen: Seen, scan: Scan, target: Path) -> Georeferenced:
    """The same, with the picture in a file."""
    if result.frame is None:
        raise InputError("a scan that faults forbid to warp")
    drawing = Drawing(
        method=result.method,
        points=np.hstack([seen.points.pixels, result.points[["east", "north"]].to_numpy()]),
        frame=result.frame,
        crs=result.crs,
        mask=seen.points.mask,
        orientation=seen.orientation,
    )
    draw(scan, drawing, _tags(result, seen, scan), target)
    return replace(result, out=target)


def _tags(result: Georeferenced, seen: Seen, scan: Scan) -> dict[str, str]:
    """What the picture tells about itself: enough to make it again."""
    columns = ["name", "pixel", "line", "x", "y", "east", "north", "residual_m", "leave_one_out_m"]
    return {
        "GRIDMAP_METHOD": result.method,
        "GRIDMAP_RESIDUAL_M": _said(result.residual_m),
        "GRIDMAP_LEAVE_ONE_OUT_M": _said(result.leave_one_out_m),
        "GRIDMAP_DRAWN_OFF_M": _said(result.drawn_off_m),
        "GRIDMAP_POINTS": json.dumps(_records(result.points[columns]), ensure_ascii=False),
        "GRIDMAP_FAULTS": json.dumps(result.faults["code"].tolist()),
        "GRIDMAP_DECIDED": json.dumps(_records(result.decided), ensure_ascii=False),
        "GRIDMAP_ORIENTATION": str(seen.orientation),
        "GRIDMAP_SOURCE": scan.path.name,
        "GRIDMAP_SOURCE_SHA256": result.sha256,
        "GRIDMAP_GDAL": result.gdal,
    }


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows with every digit of their numbers; nothing for one that nobody knows."""
    return [{str(key): None if pd.isna(one) else one for key, one in row.items()} for row in rows.to_dict("records")]


def _said(value: float) -> Any:
    """A number as text; nothing for one that nobody knows."""
    return f"{value:.6f}" if np.isfinite(value) else ""
