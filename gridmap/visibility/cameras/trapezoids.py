"""The footprint of each view on flat ground: what holds it, where it begins and ends, where its bands end.

The footprint of a flat picture is a trapezoid (see `optics`). Where its heading is known only within u, what is seen
for certain is what every trapezoid holds that is turned by up to u, and what may be seen is what any of them holds.
Neither is a trapezoid. The first is given here by an area that lies within it, the second by one that holds it, so that
guaranteed lies within nominal and nominal within possible, always. Both are exact for a level camera but for the limits
of bands, which are arcs instead of straight lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.visibility.cameras import fisheyes, optics
from gridmap.visibility.cameras.knowing import Known

Floats = npt.NDArray[np.float64]

_RIGHT_ANGLE = np.pi / 2
#: Cosines are kept above this, so that what ends far away ends at the range instead of nowhere.
_LEAST_COSINE = 1e-9


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """Footprints, one row per camera; fields as in ``views.Views``."""

    #: half the angle in plan, radians
    half_angle: Floats
    #: depth at which it begins
    near_m: Floats
    #: depth at which it ends
    far_m: Floats
    #: radius of the disc
    range_m: Floats
    #: offset and slope of the sides
    side: Floats
    #: outer limits of the bands
    edges: Floats
    #: whether these are depths
    by_depth: npt.NDArray[np.bool_]


def flat(cameras: Known, densities: tuple[float, float, float], target_m: tuple[float, float]) -> Footprint:
    """Return the trapezoids of flat pictures; feet bind the near edge, heads the far one."""
    feet, head = cameras.height_m - target_m[0], cameras.height_m - target_m[1]
    tilt = np.nan_to_num(cameras.tilt_deg)
    # what is refused is reckoned along, and must not be infinite
    level = np.isnan(cameras.tilt_deg) | ~cameras.usable
    near = np.where(level, 0.0, optics.near_m(feet, tilt, cameras.vfov_deg))
    far = np.where(level, np.inf, optics.far_m(head, tilt, cameras.vfov_deg))
    # looking down the sides are nearest at the head, looking up at the feet
    slope = np.tan(np.radians(cameras.hfov_deg) / 2)
    offset = slope * np.sin(np.radians(tilt)) * np.where(tilt >= 0, head, feet)
    side = np.stack([offset, slope * np.cos(np.radians(tilt))], axis=1)
    edges = [optics.depth_of_density(cameras.focal_px, density, head, tilt) for density in densities]
    return Footprint(
        half_angle=_half_angle(side, near),
        near_m=near,
        far_m=np.minimum(far, cameras.range_m),
        range_m=cameras.range_m,
        side=side,
        edges=np.stack(edges, axis=1),
        by_depth=np.ones(len(near), dtype=bool),
    )


def _half_angle(side: Floats, near: Floats) -> Floats:
    """Return half the angle in which a trapezoid is seen from the camera: widest at its near edge."""
    widest = np.arctan2(side[:, 0] + side[:, 1] * near, near)
    return np.where(side[:, 0] > 0, widest, np.arctan(side[:, 1]))


def narrowed(footprint: Footprint, accuracy: Floats) -> Footprint:
    """Return ground that is seen wherever within the accuracy the camera looks; an angle of 0 or less holds none."""
    # a wedge within the trapezoid: along its sides, or where these lean in, through its near corners
    corner = np.arctan2(footprint.side[:, 0] + footprint.side[:, 1] * footprint.near_m, footprint.near_m)
    half = np.where(footprint.side[:, 0] >= 0, np.arctan(footprint.side[:, 1]), corner) - accuracy
    # the nearest ground that no turn brings into the dead zone, along the narrowed side where it is farthest
    nearest = footprint.near_m * np.cos(half) / np.maximum(np.cos(half + accuracy), _LEAST_COSINE)
    reach = np.minimum(footprint.far_m, footprint.range_m)
    return Footprint(
        half_angle=half,
        near_m=nearest,
        far_m=reach,
        range_m=reach,
        side=_wedge(half),
        edges=footprint.edges,
        by_depth=np.zeros(len(half), dtype=bool),
    )


def widened(footprint: Footprint, accuracy: Floats) -> Footprint:
    """Return ground that holds all that may be seen, wherever within the accuracy the camera looks."""
    half = np.minimum(footprint.half_angle + accuracy, np.pi)
    # at the side of the picture a depth of x lies x / cos away
    away = 1 / np.maximum(np.cos(footprint.half_angle), _LEAST_COSINE)
    reach = np.minimum(footprint.far_m * away, footprint.range_m)
    return Footprint(
        half_angle=half,
        near_m=footprint.near_m * np.maximum(np.cos(half), 0),
        far_m=reach,
        range_m=reach,
        side=_wedge(half),
        edges=np.minimum(footprint.edges * away[:, None], footprint.range_m[:, None]),
        by_depth=np.zeros(len(half), dtype=bool),
    )


def anywhere(footprint: Footprint) -> Footprint:
    """Return ground that may be seen where nothing is known of the heading: a disc."""
    return widened(footprint, np.full(len(footprint.half_angle), 2 * np.pi))


def round_(cameras: Known, densities: tuple[float, float, float], target_m: tuple[float, float]) -> Footprint:
    """Return the discs of fisheyes that look down."""
    head = cameras.height_m - target_m[1]
    edges = [fisheyes.radius_of_density(cameras.focal_px, density, head) for density in densities]
    # below the widest ray the lens sees no further
    rim = optics.far_m(head, 90.0, np.minimum(cameras.hfov_deg, 180.0))
    reach = np.minimum(cameras.range_m, rim)
    return _disc(reach, np.stack(edges, axis=1), np.full(len(reach), np.pi))


def turning(cameras: Known, densities: tuple[float, float, float], target_m: tuple[float, float]) -> Footprint:
    """Return what turning cameras can reach at their longest focal length, whatever way they look now."""
    head, tele = cameras.height_m - target_m[1], cameras.focal_px * cameras.zoom
    edges = [fisheyes.radius_of_density(tele, density, head) for density in densities]
    half = np.minimum(cameras.turn / 2 + np.radians(cameras.hfov_deg) / 2, np.pi)
    half = np.where(np.isnan(cameras.heading), np.pi, half)
    return _disc(cameras.range_m, np.stack(edges, axis=1), half)


def _disc(reach: Floats, edges: Floats, half: Floats) -> Footprint:
    """Return discs, or wide wedges of them, with bands that end at radii."""
    return Footprint(
        half_angle=half,
        near_m=np.zeros(len(reach)),
        far_m=reach,
        range_m=reach,
        side=_wedge(half),
        edges=edges,
        by_depth=np.zeros(len(reach), dtype=bool),
    )


def _wedge(half: Floats) -> Floats:
    """Return the sides of a wedge: through the camera, and no limit from a right angle on."""
    open_ = half >= _RIGHT_ANGLE
    return np.stack([np.zeros(len(half)), np.where(open_, np.inf, np.tan(np.where(open_, 0.0, half)))], axis=1)
