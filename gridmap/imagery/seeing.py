"""The picture in which pixel and line of control points were counted: turned as it was shown, and of its size."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gridmap.errors import InputError
from gridmap.imagery.points import DECIDED, ControlPoints
from gridmap.imagery.scans import Scan
from gridmap.imagery.turning import AS_STORED, shown_size

#: Where pixel and line may be counted.
COUNTED = ("shown", "stored")

#: Programs that show a picture as it is stored, whatever its EXIF says; browsers and viewers turn it.
_UNTURNED = frozenset({"qgis", "arcgis", "gdal"})

#: How far the sides of a picture may be off a common scale, pixels: what rounding does to each.
_ROUNDED = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """A scan as its control points were taken on it."""

    #: the points, pixel and line in the scan at hand as it is turned here; what was decided is added
    points: ControlPoints
    #: width and height of the scan so turned
    size: tuple[int, int]
    #: how the stored pixels are turned for that, as EXIF counts; 1 for not at all
    orientation: int


def as_seen(scan: Scan, points: ControlPoints) -> Seen:
    """Return a scan as its control points were taken on it.

    A phone stores a page lying on its side and writes in its EXIF how to turn it. Where the two sizes differ, that of
    the picture that the points' file states tells which was meant; else QGIS, ArcGIS and GDAL count in the picture as
    it is stored, and tables and annotations as it is shown. Annotations often count in a larger copy than the one at
    hand: pixel and line are then brought to its size. Both are told.

    Parameters
    ----------
    scan
        The scan.
    points
        Its control points.

    Returns
    -------
    Seen

    Raises
    ------
    InputError
        If they are counted neither as shown nor as stored, or points belong to a picture of other proportions.

    Examples
    --------
    >>> from gridmap.imagery.points import control_points
    >>> points = control_points(pd.DataFrame({"pixel": [80], "line": [60], "x": [5.0], "y": [5.0]}))
    >>> lying = Scan(path=None, format="JPEG", size=(800, 600), orientation=6, bands=1, dtype="uint8", crs=None,
    ...              transform=None, gcps=(), gcps_crs=None)
    >>> as_seen(lying, points).size, as_seen(lying, replace(points, counted="stored")).size
    ((600, 800), (800, 600))
    """
    if points.counted is not None and points.counted not in COUNTED:
        raise InputError(f"points counted {points.counted!r}", expected="shown or stored")
    orientation, rows = _turned(scan, points)
    size = shown_size(scan.size, orientation)
    scale = _scale(points.size, size)
    if scale != (1.0, 1.0):
        rows.append(("scaled", f"{scale[0]:.6g}", f"the points count in {points.size}, the scan is {size}"))
    decided = pd.concat([points.decided, pd.DataFrame(rows, columns=list(DECIDED))], ignore_index=True)
    return Seen(points=_scaled(points, scale, decided), size=size, orientation=orientation)


def _turned(scan: Scan, points: ControlPoints) -> tuple[int, list[tuple[str, str, str]]]:
    """How the scan is turned, and why; nothing is said of one that is shown as it is stored."""
    if scan.orientation == AS_STORED:
        return AS_STORED, []
    shown = shown_size(scan.size, scan.orientation)
    if points.counted is not None:
        counted, why = points.counted, "stated by the user"
    elif points.size in {scan.size, shown} and scan.size != shown:
        counted = "stored" if points.size == scan.size else "shown"
        why = "the size that the points' file states is that of this one"
    elif points.form in _UNTURNED:
        counted, why = "stored", "QGIS, ArcGIS and GDAL show a picture as it is stored"
    else:
        counted, why = "shown", "viewers turn it so; QGIS and ArcGIS do not: state it if they were used"
    row = ("pixels", counted, f"its EXIF says to turn it (orientation {scan.orientation}); {why}")
    return (scan.orientation if counted == "shown" else AS_STORED), [row]


def _scale(stated: tuple[int, int] | None, size: tuple[int, int]) -> tuple[float, float]:
    """Pixels of the scan at hand per pixel of that in which the points were counted."""
    if stated is None or stated == size:
        return 1.0, 1.0
    across, down = (here / there if there > 0 else np.inf for here, there in zip(size, stated, strict=True))
    if not abs(across - down) * max(stated) <= _ROUNDED * max(1.0, across):
        given = f"control points of a picture of {stated[0]} x {stated[1]} pixels, a scan of {size[0]} x {size[1]}"
        raise InputError(given, expected="the same picture, whatever its size", code="other_picture")
    return across, down


def _scaled(points: ControlPoints, scale: tuple[float, float], decided: pd.DataFrame) -> ControlPoints:
    """Points and outline brought to the size of the scan."""
    if scale == (1.0, 1.0):
        return replace(points, decided=decided)
    table = points.table.assign(pixel=points.table["pixel"] * scale[0], line=points.table["line"] * scale[1])
    mask = None if points.mask is None else points.mask * np.array(scale)
    return replace(points, table=table, mask=mask, size=None, decided=decided)
