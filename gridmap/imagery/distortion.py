"""What a warp does to shapes: where it folds, swells, shrinks or skews the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.imagery.fitting import Warp
from gridmap.imagery.points import Numbers

#: Places along each side of a picture at which a warp is looked at.
_SIDE = 41


@dataclass(frozen=True, kw_only=True)
class Distortion:
    """How far a warp is from an even scale, over the part of the scan that is drawn."""

    #: share of that part that is turned over: mirrored against the rest
    folded: float
    #: whether most of it is mirrored
    mirrored: bool
    #: greatest factor by which an area is larger or smaller than under an even scale
    swelling: float
    #: greatest angle by which a right angle or any other may be changed, degrees (Tissot's 2 omega)
    skew_deg: float


def distortion(warp: Warp, even: Warp, size: tuple[int, int] | None, mask: Numbers | None) -> Distortion:
    """Return how a warp distorts a scan.

    The scale of a place is the derivative of the warp; its singular values a >= b are the greatest and least metres
    per pixel. The swelling is a b over that of the even scale, upwards or downwards; 2 omega is
    2 arcsin((a - b) / (a + b)) (Tissot, 1881). Turned over is where the derivative's determinant has not the sign of
    most others: lines run down and north runs up, so that of an upright picture is negative.

    Parameters
    ----------
    warp
        From pixel and line to metres.
    even
        The warp of order 1 through the same points.
    size
        Width and height of the scan; where None, the extent of the mask, or of the points.
    mask
        Outline of the part that is drawn, pixel and line.

    Returns
    -------
    Distortion

    Raises
    ------
    InputError
        Never.

    Examples
    --------
    >>> from gridmap.imagery.fitting import fit_warp
    >>> corners = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    >>> upright = fit_warp(corners, corners * [2.0, -1.0], "order1")
    >>> found = distortion(upright, upright, (10, 10), None)
    >>> found.folded, found.mirrored, round(found.swelling, 6), round(found.skew_deg, 3)
    (0.0, False, 1.0, 38.942)
    """
    slopes = warp.slopes(_looked_at(warp, size, mask))
    turned = np.linalg.det(slopes)
    scales = np.linalg.svd(slopes, compute_uv=False)
    mirrored = bool((turned > 0).mean() > 1 / 2)
    areas = np.abs(turned) / np.abs(np.linalg.det(even.slopes(warp.centre[None])))
    with np.errstate(divide="ignore"):
        swelling = float(np.maximum(areas, 1 / areas).max())
    skew = 2 * np.degrees(np.arcsin((scales[:, 0] - scales[:, 1]) / scales.sum(axis=1)))
    folded = float(((turned > 0) != mirrored).mean())
    return Distortion(folded=folded, mirrored=mirrored, swelling=swelling, skew_deg=float(skew.max()))


def _looked_at(warp: Warp, size: tuple[int, int] | None, mask: Numbers | None) -> Numbers:
    """Places over the part that is drawn."""
    if mask is not None:
        low, high = mask.min(axis=0), mask.max(axis=0)
    elif size is not None:
        low, high = np.zeros(2), np.array(size, dtype=np.float64)
    else:
        low, high = warp.centre - warp.reach, warp.centre + warp.reach
    across, down = (np.linspace(low[axis], high[axis], _SIDE) for axis in (0, 1))
    places = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    if mask is None:
        return places
    kept = places[shapely.intersects_xy(shapely.make_valid(shapely.Polygon(mask)), *places.T)]
    return kept if len(kept) else places
