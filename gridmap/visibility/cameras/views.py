"""What each camera of a table could see on flat, empty ground: its footprint and the limits of its bands.

A *view* is one footprint to be computed. A camera whose heading is known has one, *nominal*. A camera whose heading is
known only within u degrees (an octant of the national catalogue: 22.5) has three: what it sees for certain
(*guaranteed*), what it sees if the heading is right (*nominal*), and what it may see (*possible*). A camera without
heading has one, *possible*, all round: a heading is never invented. What buildings hide is not looked at here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS

from gridmap.errors import InputError
from gridmap.visibility.cameras import trapezoids
from gridmap.visibility.cameras.assuming import Assumed
from gridmap.visibility.cameras.bands import DORI_2014, Profile
from gridmap.visibility.cameras.knowing import Known, known
from gridmap.visibility.cameras.trapezoids import Footprint

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: How sure it is that ground is in view; ``Views.certainty`` counts in this order.
CERTAINTIES = ("guaranteed", "nominal", "possible")
GUARANTEED, NOMINAL, POSSIBLE = range(3)

#: Feet and head of somebody who stands: the vertical segment that must be seen wholly, metres above ground.
STANDING_M = (0.0, 1.7)


@dataclass(frozen=True, kw_only=True)
class Views:
    """Footprints to be computed, one row per camera and certainty, in the metric system ``crs``.

    A place at (x, y) from the camera, x along the heading and y to its left, is in the footprint where it lies within
    ``half_angle`` of the heading and ``range_m`` of the camera, ``near_m <= x <= far_m`` and
    ``|y| <= side[0] + side[1] x``. Where ``half_angle`` is above a right angle, depth limits nothing.
    """

    #: metric system of ``xy`` and of all that is computed from it
    crs: CRS
    #: identifier of every camera of the table, by its row
    ids: npt.NDArray[Any]
    #: row of the camera in its table, ascending
    camera: Ints
    #: position in ``CERTAINTIES``, ascending within a camera
    certainty: npt.NDArray[np.int8]
    #: east and north of the camera, metres
    xy: Floats
    #: height of the camera above ground
    height_m: Floats
    #: height of the plane in which is judged what hides what: the lower end of the segment that must be seen wholly
    target_m: Floats
    #: counter-clockwise from grid east, radians; 0 where it matters nothing
    heading: Floats
    #: half the angle in plan that holds the footprint, radians; pi for all round
    half_angle: Floats
    #: depth at which the footprint begins
    near_m: Floats
    #: depth at which it ends, at most ``range_m``
    far_m: Floats
    #: radius of the disc that holds it
    range_m: Floats
    #: offset and slope of its sides; (0, infinite) where the sides limit nothing
    side: Floats
    #: outer limits of recognise, find, detect: ascending, 0 where there is no such ground
    edges: Floats
    #: whether the limits are depths along the heading; else they are radii
    by_depth: npt.NDArray[np.bool_]
    #: what was taken for granted: camera (identifier), column, what (a sentence)
    assumed: pd.DataFrame
    #: cameras without ground and why: camera (identifier), code, message
    refused: pd.DataFrame

    def __len__(self) -> int:
        """Return the number of views."""
        return len(self.camera)


def views(
    cameras: pd.DataFrame,
    *,
    profile: Profile = DORI_2014,
    target_m: tuple[float, float] = STANDING_M,
    night: bool = False,
    reach: bool = False,
    limits: Assumed | None = None,
) -> Views:
    """Return the footprints of cameras, and what was assumed to find them.

    Parameters
    ----------
    cameras
        Table of cameras (``frames.CAMERAS``) in any CRS. Status and dates are not looked at: give the cameras that
        work, or those of a day.
    profile
        Pixel densities of the bands. They are judged at the upper end of the segment, where the face is.
    target_m
        Lower and upper end of the vertical segment that must be seen wholly, metres above ground. (1.7, 1.7) judges
        one plane.
    night
        Whether it is dark: then a camera sees as far as its own light reaches, or as by day under street lamps.
    reach
        Whether turning cameras count with all they can turn to, at their longest focal length, instead of the view
        they keep. That is what could be looked at, never what is seen.
    limits
        What is taken for granted where the table is silent.

    Returns
    -------
    Views
        Ordered by camera and certainty. ``Views.refused`` says of every camera that has no row why.

    Raises
    ------
    TableError
        If the table breaks the promise of ``frames.CAMERAS``; all faults at once.
    CrsError
        If its coordinates are in no system that can be measured in.
    InputError
        If the segment does not go upwards from the ground.

    Examples
    --------
    >>> table = pd.DataFrame({"id": ["a", "b"], "kind": "fixed", "status": "online", "lon": 120.0, "lat": 32.0})
    >>> seen = views(table.assign(heading_deg=[0.0, None]))
    >>> [(id_, CERTAINTIES[grade]) for id_, grade in zip(seen.ids[seen.camera], seen.certainty)]
    [('a', 'nominal'), ('b', 'possible')]
    """
    low, high = target_m
    if not 0 <= low <= high < math.inf:
        raise InputError(
            f"a segment from {low} to {high} m",
            expected="two heights above ground, the lower first",
            code="bad_segment",
        )
    found = known(cameras, limits or Assumed(), target_m=target_m, night=night)
    rows, footprints = _chosen(found, profile.densities, target_m, reach=reach)
    camera = np.concatenate([np.flatnonzero(mask) for mask, _ in rows])
    certainty = np.concatenate([np.full(mask.sum(), grade, dtype=np.int8) for mask, grade in rows])
    order = np.lexsort((certainty, camera))
    columns = {
        field.name: np.concatenate(
            [getattr(one, field.name)[mask] for (mask, _), one in zip(rows, footprints, strict=True)]
        )
        for field in fields(Footprint)
    }
    at = camera[order]
    return Views(
        crs=found.crs,
        ids=found.ids,
        camera=at,
        certainty=certainty[order],
        xy=found.xy[at],
        height_m=found.height_m[at],
        target_m=np.full(len(at), float(low)),
        heading=np.nan_to_num(found.heading[at]),
        assumed=found.assumed,
        refused=found.refused,
        **{name: values[order] for name, values in columns.items()},
    )


def _chosen(
    found: Known, densities: tuple[float, float, float], target_m: tuple[float, float], *, reach: bool
) -> tuple[list[tuple[Mask, int]], list[Footprint]]:
    """Return which cameras have a view of which certainty, and the footprints of each such choice."""
    fisheye = found.usable & (found.kind == "fisheye")
    turned = found.usable & (found.kind == "ptz") & reach
    flat = found.usable & ~fisheye & ~turned
    headed = flat & ~np.isnan(found.heading)
    vague = headed & (found.accuracy > 0)
    trapezoid = trapezoids.flat(found, densities, target_m)
    narrow = trapezoids.narrowed(trapezoid, found.accuracy)
    choices = [
        (vague & (narrow.half_angle > 0) & (narrow.near_m < narrow.far_m), GUARANTEED, narrow),
        (headed, NOMINAL, trapezoid),
        (vague, POSSIBLE, trapezoids.widened(trapezoid, found.accuracy)),
        (flat & ~headed, POSSIBLE, trapezoids.anywhere(trapezoid)),
        (fisheye, NOMINAL, trapezoids.round_(found, densities, target_m)),
        (turned, NOMINAL, trapezoids.turning(found, densities, target_m)),
    ]
    return [(mask, grade) for mask, grade, _ in choices], [footprint for _, _, footprint in choices]
