"""Leaving an old datum: by seven parameters whose reading a check point confirms, or by common points in the plane.

The parameters between Xian 1980 or Beijing 1954 and CGCS2000 are not public, and PROJ answers with a shift of 0 m.
Files may carry seven numbers, but neither the sign of their turns (position vector or coordinate frame) nor their
units; only a point known in both systems tells. Over a county a fit of four parameters in the plane (two shifts, scale,
rotation) does as well, and says by itself how wrong it is: with each point left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from gridmap.crs.transform import convert
from gridmap.crs.zones import DATUMS, OLD_DATUMS, Zone, zone_of
from gridmap.errors import CrsError, Fault, InputError, TableError

Numbers = NDArray[np.float64]

#: Columns of common points: east and north in metres, in the old system and in the same zone of CGCS2000.
COLUMNS = ("x_old", "y_old", "x_new", "y_new")
#: Farthest that a reading of seven numbers may miss a check point; how much worse others must be, for points are known
#: to some centimetres; and how far readings may differ that are as good, metres.
MISS_M, CLEAR_M, DIFFER_M = 0.5, 0.05, 0.01
#: Greatest departure of a plane fit's scale from 1: two ellipsoids differ by less than a tenth of it.
SCALE = 1e-3
_CONVENTIONS = ("position_vector", "coordinate_frame")
_SECONDS = 180 * 3600 / np.pi
_SEVEN = 7


@dataclass(frozen=True, kw_only=True)
class SevenParameters:
    """A change of datum to CGCS2000 through the space around the earth's centre."""

    #: shifts in metres
    dx_m: float
    dy_m: float
    dz_m: float
    #: turns about the axes in seconds of arc
    rx_s: float = 0.0
    ry_s: float = 0.0
    rz_s: float = 0.0
    #: scale less 1 in millionths
    scale_ppm: float = 0.0
    #: ``"position_vector"`` (EPSG method 9606) or ``"coordinate_frame"`` (9607): the sign of the turns
    convention: str = "position_vector"

    def apply(self, lon: Numbers, lat: Numbers, datum: str) -> tuple[Numbers, Numbers]:
        """Return degrees on CGCS2000 of degrees on an old datum, both at height 0.

        Parameters
        ----------
        lon, lat
            Degrees, shape (points,).
        datum
            ``"Xian 1980"`` or ``"Beijing 1954"``.

        Raises
        ------
        CrsError
            If the datum or the convention is none of these.
        """
        if self.convention not in _CONVENTIONS or datum not in OLD_DATUMS:
            given = f"convention {self.convention!r}, datum {datum!r}"
            raise CrsError(given, expected=f"{' or '.join(_CONVENTIONS)}; {' or '.join(sorted(OLD_DATUMS))}")
        old = CRS.from_epsg(DATUMS[datum]).get_geod()
        if old is None:
            raise CrsError(f"datum {datum!r} without ellipsoid")
        moves = f"+x={self.dx_m} +y={self.dy_m} +z={self.dz_m} +rx={self.rx_s} +ry={self.ry_s} +rz={self.rz_s}"
        way = Transformer.from_pipeline(
            "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
            f"+step +proj=cart +a={old.a} +b={old.b} "
            f"+step +proj=helmert {moves} +s={self.scale_ppm} +convention={self.convention} "
            "+step +inv +proj=cart +ellps=GRS80 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
        )
        east, north, _ = way.transform(lon, lat, np.zeros_like(lon))
        return np.asarray(east), np.asarray(north)


@dataclass(frozen=True, kw_only=True)
class PlaneFit:
    """Four parameters in the plane, and how wrong they are."""

    #: middle of the common points in the old system, and where it goes, metres
    old: tuple[float, float]
    new: tuple[float, float]
    #: scale
    scale: float
    #: rotation, anticlockwise, in seconds of arc
    rotation_s: float
    #: root mean square of the distances left at the points, over what they have in excess of need; NaN for two
    residual_m: float
    #: root mean square of the misses of each point by the fit to the others; NaN for two
    leave_one_out_m: float
    #: x_old, y_old, x_new, y_new, residual_m, leave_one_out_m
    points: pd.DataFrame

    def apply(self, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        """Return coordinates in the new system.

        Parameters
        ----------
        x, y
            East and north in the old system, in the plane of the common points, shape (points,).

        Raises
        ------
        None
        """
        turn = self.rotation_s / _SECONDS
        along, across = self.scale * np.cos(turn), self.scale * np.sin(turn)
        east, north = x - self.old[0], y - self.old[1]
        return self.new[0] + along * east - across * north, self.new[1] + across * east + along * north


def plane_fit(points: pd.DataFrame) -> PlaneFit:
    """Return the four parameters that bring common points nearest to where they belong, by least squares.

    With the middles of both sets taken off, z as complex old and w as complex new coordinates, scale and rotation are
    the complex number a = sum(conj(z) w) / sum(abs(z)^2). The error of each point by the fit to the others is told
    beside what is left at it: the former alone is honest.

    Parameters
    ----------
    points
        ``x_old``, ``y_old``, ``x_new``, ``y_new``: two points or more, better four; metres, east first.

    Raises
    ------
    TableError
        ``missing_column``, ``not_a_number``.
    InputError
        ``datum_parameters`` if there are fewer than two different points, or the scale is none of a change of datum.

    Examples
    --------
    >>> old = [(0.0, 0.0), (1000.0, 0.0), (0.0, 1000.0)]
    >>> table = pd.DataFrame([(x, y, x + 60.0, y - 40.0) for x, y in old], columns=list(COLUMNS))
    >>> fit = plane_fit(table)
    >>> round(fit.scale, 9), [float(round(value, 6)) for value in fit.apply(np.array([500.0]), np.array([0.0]))[0]]
    (1.0, [560.0])
    """
    table = _checked(points)
    fit = _fitted(table)
    count = len(table)
    left = _misses(fit, table)
    if count > 2:  # noqa: PLR2004 (two points are met exactly)
        apart = [_misses(_fitted(table.drop(index=at)), table.loc[[at]])[0] for at in table.index]
        residual = float(np.sqrt((left**2).sum() / (2 * count - 4)))
        out = float(np.sqrt(np.mean(np.square(apart))))
    else:
        apart, residual, out = [np.nan] * count, np.nan, np.nan
    told = table.assign(residual_m=left, leave_one_out_m=apart)
    return replace(fit, residual_m=residual, leave_one_out_m=out, points=told)


def confirmed_parameters(numbers: Sequence[float], check: pd.DataFrame, zone: Zone) -> SevenParameters:
    """Return the only reading of seven numbers of a file that meets its check points.

    Readings differ in the sign of the turns, in their unit (seconds of arc or radians) and in that of the scale
    (millionths or a plain number).

    Parameters
    ----------
    numbers
        Shifts along three axes, turns about them, scale, as the file has them.
    check
        Common points as in `plane_fit`, one or more.
    zone
        The zone, on the old datum, that the points are in.

    Raises
    ------
    InputError
        ``datum_parameters`` if no reading meets the points within half a metre, or several that differ do.
    TableError
        As `plane_fit`.
    """
    if len(numbers) != _SEVEN:
        raise InputError(f"{len(numbers)} parameters", expected="seven", code="datum_parameters")
    table = _checked(check)
    readings = _readings(numbers)
    old = table["x_old"].to_numpy(), table["y_old"].to_numpy()
    found = [in_cgcs2000(*old, reading, zone.epsg) for reading in readings]
    misses = [float(np.hypot(x - table["x_new"], y - table["y_new"]).max()) for x, y in found]
    order = np.argsort(misses, kind="stable")
    best = int(order[0])
    if misses[best] > MISS_M:
        given = f"seven parameters that miss the check points by {misses[best]:.2f} m at best, however they are read"
        do = "check points and parameters, or give two common points or more without the parameters"
        raise InputError(given, expected=f"at most {MISS_M} m", do=do, code="datum_parameters")
    for other in order[1:]:
        apart = np.hypot(found[best][0] - found[other][0], found[best][1] - found[other][1]).max()
        if misses[other] - misses[best] < CLEAR_M and apart > DIFFER_M:
            given = f"seven parameters that meet the check points in two ways, {apart:.3f} m apart"
            do = "give a check point more, known to the centimetre"
            raise InputError(given, expected="one way", do=do, code="datum_parameters")
    return readings[best]


def in_cgcs2000(x: Numbers, y: Numbers, change: SevenParameters | PlaneFit, epsg: int) -> tuple[Numbers, Numbers]:
    """Return coordinates on CGCS2000 of those on an old datum: in the same zone, or in degrees.

    Parameters
    ----------
    x, y
        East and north, or longitude and latitude, shape (points,).
    change
        What leaves the datum; a fit in the plane is of its own zone.
    epsg
        The system of the coordinates: a zone or the degrees of an old datum.

    Raises
    ------
    CrsError
        If the system is on no old datum, or degrees are to be changed by a fit in the plane.
    """
    zone = zone_of(epsg)
    datum = zone.datum if zone else {code: name for name, code in DATUMS.items()}.get(epsg, "")
    if datum not in OLD_DATUMS or (zone is None and isinstance(change, PlaneFit)):
        raise CrsError(f"EPSG:{epsg}", expected="a zone of Xian 1980 or Beijing 1954", code="datum_parameters")
    if isinstance(change, PlaneFit):
        return change.apply(np.asarray(x), np.asarray(y))
    lon, lat = convert(x, y, epsg, DATUMS[datum])
    lon, lat = change.apply(np.atleast_1d(lon), np.atleast_1d(lat), datum)
    if zone is None:
        return lon, lat
    east, north = convert(lon, lat, DATUMS["CGCS2000"], replace(zone, datum="CGCS2000").epsg)
    return np.asarray(east), np.asarray(north)


def _readings(numbers: Sequence[float]) -> list[SevenParameters]:
    """Every reading of seven numbers; one of each that comes to the same."""
    shifts, turns, scale = numbers[:3], numbers[3:6], numbers[6]
    found = []
    for convention, unit, size in product(_CONVENTIONS, (1.0, _SECONDS), (1.0, 1e6)):
        reading = SevenParameters(
            dx_m=shifts[0],
            dy_m=shifts[1],
            dz_m=shifts[2],
            rx_s=turns[0] * unit,
            ry_s=turns[1] * unit,
            rz_s=turns[2] * unit,
            scale_ppm=scale * size,
            convention=convention,
        )
        if reading not in found:
            found.append(reading)
    return found


def _checked(points: pd.DataFrame) -> pd.DataFrame:
    """Common points as numbers, numbered anew."""
    faults = [
        Fault(code="missing_column", message=f"no column {name}; there are {', '.join(map(str, points.columns))}")
        for name in COLUMNS
        if name not in points
    ]
    if faults:
        raise TableError("common points", faults)
    table = pd.DataFrame({name: pd.to_numeric(points[name], errors="coerce") for name in COLUMNS}).reset_index(
        drop=True
    )
    bad = ~np.isfinite(table.to_numpy(dtype=float)).all(axis=1)
    faults = [
        Fault(code="not_a_number", message="a coordinate is missing or no number", feature=at + 1)
        for at in np.flatnonzero(bad).tolist()
    ]
    if faults or table.empty:
        raise TableError("common points", faults or [Fault(code="no_points", message="there is none")])
    return table.astype(np.float64)


def _fitted(table: pd.DataFrame) -> PlaneFit:
    """The fit of two points or more."""
    old = table["x_old"].to_numpy() + 1j * table["y_old"].to_numpy()
    new = table["x_new"].to_numpy() + 1j * table["y_new"].to_numpy()
    middle, goal = old.mean(), new.mean()
    spread = float((np.abs(old - middle) ** 2).sum())
    if spread < 1.0:
        given = f"{len(table)} common points, no two of them a metre apart"
        raise InputError(given, expected="two points or more, better four around the parcels", code="datum_parameters")
    turn = complex((np.conj(old - middle) * (new - goal)).sum() / spread)
    if abs(abs(turn) - 1) > SCALE:
        given = f"common points that ask for a scale of {abs(turn):.6f}"
        do = "check that each point is the same in both systems, that the zones are the same, and the order of axes"
        raise InputError(given, expected=f"1 within {SCALE}", do=do, code="datum_parameters")
    return PlaneFit(
        old=(float(middle.real), float(middle.imag)),
        new=(float(goal.real), float(goal.imag)),
        scale=abs(turn),
        rotation_s=float(np.angle(turn)) * _SECONDS,
        residual_m=np.nan,
        leave_one_out_m=np.nan,
        points=table,
    )


def _misses(fit: PlaneFit, table: pd.DataFrame) -> Numbers:
    """Distances between where points go by a fit and where they belong."""
    x, y = fit.apply(table["x_old"].to_numpy(), table["y_old"].to_numpy())
    return np.asarray(np.hypot(x - table["x_new"].to_numpy(), y - table["y_new"].to_numpy()))
