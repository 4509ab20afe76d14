"""The equidistant fisheye below which the ground lies: pixels per radian, pixel densities, and how far they are kept.

Its picture shows an angle theta from the axis at a distance of F theta from the middle (equidistant projection). Angles
are in degrees, lengths in metres; everything takes numbers or arrays alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def px_per_rad(circle_px: ArrayLike, lens_deg: ArrayLike) -> Any:
    """Return the pixels of a radian in an equidistant fisheye picture: F = N / (2 theta_max).

    Parameters
    ----------
    circle_px
        Diameter of the picture's circle in pixels.
    lens_deg
        Whole angle of the lens, 180 for most.

    Returns
    -------
    float or numpy.ndarray
        Pixels per radian.

    Raises
    ------
    None

    Examples
    --------
    >>> float(round(px_per_rad(2992, 180), 2))
    952.38
    """
    return np.asarray(circle_px) / np.radians(lens_deg)


def densities(px_per_rad: ArrayLike, radius_m: ArrayLike, drop_m: ArrayLike) -> tuple[Any, Any]:
    """Return both pixel densities below a fisheye that looks straight down, at a distance from its foot.

    Away from the picture's middle a metre across the line of sight takes up F / d pixels towards the rim (d the slant
    distance) and F theta / (d sin theta) around it, which is never less: the first decides what is recognised.

    Parameters
    ----------
    px_per_rad
        Pixels per radian.
    radius_m, drop_m
        Distance from the foot on the plane, above 0; height above the plane.

    Returns
    -------
    radial, tangential : float or numpy.ndarray
        Pixels per metre.

    Raises
    ------
    None

    Examples
    --------
    >>> [float(round(value, 2)) for value in densities(952.38, 4, 4)]
    [168.36, 187.0]
    """
    slant = np.hypot(radius_m, drop_m)
    theta = np.arctan2(radius_m, drop_m)
    return np.asarray(px_per_rad) / slant, np.asarray(px_per_rad) * theta / np.asarray(radius_m)


def radius_of_density(px_per_rad: ArrayLike, px_per_m: ArrayLike, drop_m: ArrayLike) -> Any:
    """Return how far from the foot of a fisheye a radial density is kept: r = sqrt((F / rho)^2 - h^2).

    Parameters
    ----------
    px_per_rad, px_per_m
        Pixels per radian, and density.
    drop_m
        Height above the plane.

    Returns
    -------
    float or numpy.ndarray
        Metres; 0 where the density is kept nowhere on the plane.

    Raises
    ------
    None

    Examples
    --------
    >>> float(round(radius_of_density(952.38, 25, 0), 2)), float(radius_of_density(952.38, 250, 4))
    (38.1, 0.0)
    """
    slant = np.asarray(px_per_rad) / np.asarray(px_per_m)
    return np.sqrt(np.maximum(slant**2 - np.asarray(drop_m, dtype=float) ** 2, 0.0))[()]
