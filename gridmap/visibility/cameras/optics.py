"""The pinhole camera on flat ground: angle of view, dead zone, footprint, pixel density.

A camera stands at height H; the plane that is judged lies at height t, and h = H - t. Its axis points along the heading
and delta below the horizon (the tilt), without roll. x runs forward along the heading, y across it, both in metres on
the ground. Nu x Nv square pixels span alpha across and beta upright. Everything takes numbers or arrays alike and
returns the like; angles are in degrees, lengths in metres, focal lengths and pictures in pixels unless their name says
otherwise. Where nothing else is said, ``drop_m`` is h, ``tilt_deg`` delta, ``hfov_deg`` alpha and ``vfov_deg`` beta.

Sources: the projection is that of any pinhole camera (Hartley and Zisserman, Multiple View Geometry, 2nd ed., 6.1); the
rule that a vertical segment must be seen wholly is that of VideoCAD.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.typing import ArrayLike

Floats = npt.NDArray[np.float64]

#: Pixels per metre of the level "detect", by which makers state distances (IEC 62676-4:2014).
DORI_DETECT_PX_PER_M = 25.0
#: A cosine below this is that of a camera looking straight down.
STRAIGHT_DOWN = 1e-9


def focal_px(width_px: ArrayLike, hfov_deg: ArrayLike) -> Any:
    """Return the focal length in pixels of a flat picture: f = Nu / (2 tan(alpha / 2)).

    It is the one number that pixel density hangs on: at a depth of z metres a metre takes up f / z pixels.

    Parameters
    ----------
    width_px
        Pixels across the picture.
    hfov_deg
        Horizontal angle of view, above 0 and below 180 degrees.

    Raises
    ------
    None

    Examples
    --------
    >>> float(round(focal_px(1920, 90), 9))
    960.0
    """
    return np.asarray(width_px) / (2 * np.tan(np.radians(hfov_deg) / 2))


def focal_px_of_sensor(width_px: ArrayLike, focal_mm: ArrayLike, sensor_mm: ArrayLike) -> Any:
    """Return the focal length in pixels of a lens before a sensor: f = Nu f_mm / w.

    Parameters
    ----------
    width_px
        Pixels across the picture.
    focal_mm, sensor_mm
        Focal length of the lens, and width of the sensor (not its diagonal, nor its format in inches).

    Raises
    ------
    None

    Examples
    --------
    >>> float(round(focal_px_of_sensor(2560, 4, 5.37), 3))
    1906.89
    """
    return np.asarray(width_px) * np.asarray(focal_mm) / np.asarray(sensor_mm)


def focal_px_of_pixel(focal_mm: ArrayLike, pixel_um: ArrayLike) -> Any:
    """Return the focal length in pixels of a lens before pixels of a known size: f = f_mm / pitch.

    It holds in the middle of the picture whatever the lens does at its edges. A wide lens with barrel distortion spans
    more than a flat picture would, so its angle of view understates the density in the middle.

    Parameters
    ----------
    focal_mm
        Focal length of the lens.
    pixel_um
        Side of a pixel in micrometres.

    Raises
    ------
    None

    Examples
    --------
    >>> float(focal_px_of_pixel(2.8, 2.0))
    1400.0
    """
    return np.asarray(focal_mm) * 1000 / np.asarray(pixel_um)


def focal_px_of_detection(dori_detect_m: ArrayLike) -> Any:
    """Return the focal length in pixels of a camera whose maker states how far it detects: f = 25 D.

    Parameters
    ----------
    dori_detect_m
        Distance of the level "detect" of IEC 62676-4:2014.

    Raises
    ------
    None

    Examples
    --------
    >>> float(focal_px_of_detection(56))
    1400.0
    """
    return np.asarray(dori_detect_m) * DORI_DETECT_PX_PER_M


def hfov_deg(focal_mm: ArrayLike, sensor_mm: ArrayLike) -> Any:
    """Return the horizontal angle of view of a lens before a sensor: alpha = 2 atan(w / 2f).

    Parameters
    ----------
    focal_mm, sensor_mm
        Focal length, and width of the sensor.

    Raises
    ------
    None

    Examples
    --------
    >>> float(round(hfov_deg(4, 5.37), 3))
    67.743
    """
    return 2 * np.degrees(np.arctan(np.asarray(sensor_mm) / (2 * np.asarray(focal_mm))))


def vfov_deg(hfov_deg: ArrayLike, aspect: ArrayLike) -> Any:
    """Return the vertical angle of view of a flat picture: beta = 2 atan(Nv / Nu tan(alpha / 2)).

    Parameters
    ----------
    hfov_deg
        Horizontal angle of view.
    aspect
        Height of the picture over its width, 9 / 16 for most.

    Raises
    ------
    None

    Examples
    --------
    >>> float(round(vfov_deg(67.743, 9 / 16), 3))
    41.371
    """
    return 2 * np.degrees(np.arctan(np.asarray(aspect) * np.tan(np.radians(hfov_deg) / 2)))


def near_m(drop_m: ArrayLike, tilt_deg: ArrayLike, vfov_deg: ArrayLike) -> Any:
    """Return where the picture begins along the heading: h / tan(delta + beta / 2), the end of the dead zone.

    For somebody who must be seen from head to foot the feet decide: ``drop_m`` is the whole height of the camera.

    Parameters
    ----------
    drop_m
        Height of the camera above the plane.
    tilt_deg, vfov_deg
        Angle of the axis below the horizon; vertical angle of view.

    Returns
    -------
    float or numpy.ndarray
        Metres; 0 where the lower edge of the picture looks straight down or further, infinite where it looks at the
        sky.

    Raises
    ------
    None

    Examples
    --------
    >>> [float(round(near_m(5, tilt, 41.371), 3)) for tilt in (10, 30, 80)]
    [8.426, 4.095, 0.0]
    """
    return _reached(drop_m, np.asarray(tilt_deg) + np.asarray(vfov_deg) / 2)


def far_m(drop_m: ArrayLike, tilt_deg: ArrayLike, vfov_deg: ArrayLike) -> Any:
    """Return where the picture ends along the heading: h / tan(delta - beta / 2).

    For somebody who must be seen from head to foot the head decides: ``drop_m`` is the height of the camera above it.

    Parameters
    ----------
    drop_m, tilt_deg, vfov_deg
        As for `near_m`.

    Returns
    -------
    float or numpy.ndarray
        Metres; infinite where the upper edge of the picture is at the horizon or above.

    Raises
    ------
    None

    Examples
    --------
    >>> [float(round(far_m(5, tilt, 41.371), 3)) for tilt in (20, 30)]
    [inf, 30.485]
    """
    return _reached(drop_m, np.asarray(tilt_deg) - np.asarray(vfov_deg) / 2)


def _reached(drop_m: ArrayLike, down_deg: ArrayLike) -> Any:
    """Where a ray so many degrees below the horizon meets the plane: never at or above it, at the foot from 90 on."""
    down = np.asarray(down_deg, dtype=float)
    met = (down > 0) & (down < 90)  # noqa: PLR2004 (straight down)
    reach = np.asarray(drop_m) / np.tan(np.radians(np.where(met, down, 45.0)))
    return np.where(np.isnan(down), np.nan, np.where(met, reach, np.where(down <= 0, np.inf, 0.0)))[()]


def half_width_m(x_m: ArrayLike, drop_m: ArrayLike, tilt_deg: ArrayLike, hfov_deg: ArrayLike) -> Any:
    """Return how far the footprint reaches to either side at a depth: tan(alpha / 2) (x cos delta + h sin delta).

    The footprint on a plane is a trapezoid, not a sector: where the axis looks down its sides do not meet at the foot
    of the camera.

    Parameters
    ----------
    x_m
        Metres from the foot along the heading.
    drop_m, tilt_deg, hfov_deg
        Height above the plane, angle below the horizon, horizontal angle of view.

    Raises
    ------
    None

    Examples
    --------
    >>> float(round(2 * half_width_m(4.0946, 5, 30, 67.743), 3))
    8.117
    """
    return np.tan(np.radians(hfov_deg) / 2) * _depth(x_m, drop_m, tilt_deg)


def density(focal_px: ArrayLike, x_m: ArrayLike, drop_m: ArrayLike, tilt_deg: ArrayLike) -> Any:
    """Return the pixels of a metre parallel to the rows, at a place on the plane: f / (x cos delta + h sin delta).

    It is the same all along a line across the heading: limits of bands are straight, and the rule f / distance holds
    on a level axis alone.

    Parameters
    ----------
    focal_px
        Focal length in pixels.
    x_m, drop_m, tilt_deg
        Metres along the heading, height above the plane, angle below the horizon.

    Raises
    ------
    None

    Examples
    --------
    >>> float(round(density(1906.890, 10, 5, 30), 2)), float(round(1906.890 / 10, 2))
    (170.86, 190.69)
    """
    return np.asarray(focal_px) / _depth(x_m, drop_m, tilt_deg)


def depth_of_density(focal_px: ArrayLike, px_per_m: ArrayLike, drop_m: ArrayLike, tilt_deg: ArrayLike) -> Any:
    """Return how far along the heading a density is kept: x = (f / rho - h sin delta) / cos delta.

    Parameters
    ----------
    focal_px, px_per_m
        Focal length in pixels, and density.
    drop_m, tilt_deg
        Height above the plane, angle below the horizon.

    Returns
    -------
    float or numpy.ndarray
        Metres; 0 where the density is kept nowhere, infinite where the camera looks straight down and it is kept
        everywhere.

    Raises
    ------
    None

    Examples
    --------
    >>> float(round(depth_of_density(1906.890, 125, 3.3, 30), 3))
    15.71
    >>> float(depth_of_density(100, 125, 3.3, 30))
    0.0
    """
    tilt = np.radians(tilt_deg)
    left = np.asarray(focal_px) / np.asarray(px_per_m) - np.asarray(drop_m) * np.sin(tilt)
    level = np.cos(tilt)
    depth = left / np.where(level > STRAIGHT_DOWN, level, 1.0)
    return np.where(left <= 0, 0.0, np.where(level > STRAIGHT_DOWN, depth, np.inf))[()]


def _depth(x_m: ArrayLike, drop_m: ArrayLike, tilt_deg: ArrayLike) -> Any:
    """Distance along the axis: z = x cos delta + h sin delta."""
    tilt = np.radians(tilt_deg)
    return np.asarray(x_m) * np.cos(tilt) + np.asarray(drop_m) * np.sin(tilt)


def ground_of_pixel(
    pixel: tuple[ArrayLike, ArrayLike], focal_px: ArrayLike, drop_m: ArrayLike, tilt_deg: ArrayLike
) -> tuple[Any, Any]:
    """Return where on the plane a pixel looks: lambda = h / (f sin delta + v cos delta).

    Parameters
    ----------
    pixel
        u to the right and v downwards, from the middle of the picture.
    focal_px, drop_m, tilt_deg
        Focal length in pixels, height above the plane, angle below the horizon.

    Returns
    -------
    x, y : float or numpy.ndarray
        Metres along the heading, and to the right of it; NaN where the pixel looks at the sky.

    Raises
    ------
    None

    Examples
    --------
    >>> [float(round(value, 3)) for value in ground_of_pixel((1280, 720), 1906.890, 5, 30)]
    [4.095, 4.058]
    """
    u, v = (np.asarray(value, dtype=float) for value in pixel)
    f, tilt = np.asarray(focal_px, dtype=float), np.radians(tilt_deg)
    down = f * np.sin(tilt) + v * np.cos(tilt)
    scale = np.asarray(drop_m) / np.where(down > 0, down, np.nan)
    return scale * (f * np.cos(tilt) - v * np.sin(tilt)), scale * u
