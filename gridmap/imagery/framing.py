"""The pixels that a warped scan fills on the ground, and how far it is drawn off its place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from affine import Affine

from gridmap.errors import TooLargeError
from gridmap.imagery.fitting import Warp, fit_warp
from gridmap.imagery.points import Numbers

#: How far a warped picture may grow over the scan, in pixels: a turn by 45 degrees doubles it.
_GROWTH = 4.0

#: Places along each side at which the edge of a picture is taken to the ground.
_EDGE = 65

#: Rings between the middle of a picture and its edge at which it is compared.
_RINGS = 9


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The pixels of a warped picture on the ground."""

    #: from column and row to metres
    transform: Affine
    #: columns and rows
    size: tuple[int, int]
    #: side of a pixel, metres
    pixel_m: float


def outline(size: tuple[int, int], mask: Numbers | None) -> Numbers:
    """Return the ring around the part of a scan that is drawn, pixel and line, with places along each side."""
    width, height = size
    corners = np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]]) if mask is None else mask
    steps = np.linspace(0.0, 1.0, _EDGE)[:-1, None]
    following = np.roll(corners, -1, axis=0)
    sides = [start + steps * (end - start) for start, end in zip(corners, following, strict=True)]
    return np.vstack(sides)


def frame_of(warp: Warp, ring: Numbers, size: tuple[int, int]) -> Frame:
    """Return the pixels that a warped scan fills: as fine as the scan, their corners at multiples of their side.

    Parameters
    ----------
    warp
        From pixel and line to the ground.
    ring
        Around what is drawn; see `outline`.
    size
        Width and height of the scan.

    Returns
    -------
    Frame

    Raises
    ------
    TooLargeError
        If the warp stretches the scan so far that the picture would hold four times its pixels.
    """
    slope = np.median(np.abs(np.linalg.det(warp.slopes(ring))))
    pixel = float(f"{np.sqrt(slope):.3g}")
    placed = warp.place(ring)
    west, south = np.floor(placed.min(axis=0) / pixel) * pixel
    east, north = np.ceil(placed.max(axis=0) / pixel) * pixel
    columns, rows = round((east - west) / pixel), round((north - south) / pixel)
    if columns * rows > _GROWTH * size[0] * size[1] + max(size) * 4:
        given = f"the warp stretches the scan of {size[0]} x {size[1]} to {columns} x {rows} pixels"
        raise TooLargeError(given, do="give control points near its corners, an outline of the map, or a lower order")
    return Frame(transform=Affine(pixel, 0.0, west, 0.0, -pixel, north), size=(columns, rows), pixel_m=pixel)


def drawn_off(warp: Warp, points: Numbers, ring: Numbers) -> float:
    """Return by how much pixels are drawn off the place that the warp gives them, root mean square in metres.

    GDAL draws a polynomial fitted backwards, from the ground to the scan, which is not quite the inverse of the one
    fitted forwards. The spline it inverts place by place: what is drawn lies where the spline has it.

    Parameters
    ----------
    warp
        From pixel and line to the ground.
    points
        Pixel, line, east and north of each control point, shape (n, 4).
    ring
        Around what is drawn; see `outline`.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If the points do not define the warp backwards.
    """
    if warp.method == "tps":
        return 0.0
    back = fit_warp(points[:, 2:], points[:, :2], warp.method)
    inside = ring.mean(axis=0) + np.linspace(0.0, 1.0, _RINGS)[:, None, None] * (ring - ring.mean(axis=0))
    pixels = inside.reshape(-1, 2)
    off = warp.place(back.place(warp.place(pixels))) - warp.place(pixels)
    return float(np.sqrt((off**2).sum(axis=1).mean()))
