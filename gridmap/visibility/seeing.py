"""The ground that cameras see behind buildings: exact pieces, areas and outlines, band by band."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.compiling import COMPILED
from gridmap.crs import to_system
from gridmap.errors import CrsError
from gridmap.visibility.cameras.bands import BANDS, DORI_2014, Profile
from gridmap.visibility.cameras.views import CERTAINTIES, Views, views
from gridmap.visibility.sweep.cutting import Cuts, split
from gridmap.visibility.sweep.pieces import DRAWN_WITHIN_M, NO_BLOCKER, Floats, Pieces, areas, polygons, taken
from gridmap.visibility.sweep.scenes import Scene, scene
from gridmap.visibility.sweep.standing import Standing, stand
from gridmap.visibility.sweep.sweeping import OPEN, Ground
from gridmap.visibility.sweep.swept import swept, swept_compiled
from gridmap.visibility.sweep.wedges import Wedges, wedges


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What cameras see, and from where."""

    #: the views that see something, each camera where it really stands
    views: Views
    #: the visible ground of these
    pieces: Pieces
    #: where cameras were moved, and which stand inside a building
    standing: Standing


def viewsheds(
    cameras: pd.DataFrame,
    buildings: gpd.GeoDataFrame,
    bands: Profile = DORI_2014,
    *,
    tolerance_m: float = DRAWN_WITHIN_M,
    **options: Any,
) -> gpd.GeoDataFrame:
    """Return the ground that each camera sees, band by band.

    The *viewshed* of a camera is the ground within its footprint from which no building hides the line to the camera.
    Its *bands* are disjoint parts by the density of pixels, and `seen` is what is visible below the lowest density.

    Parameters
    ----------
    cameras
        Table of cameras, in any CRS.
    buildings
        Table of buildings, in any CRS.
    bands
        Densities that the bands ask for.
    tolerance_m
        How far the drawn arcs may be from the true ones, metres. It does not touch ``area_m2``.
    **options
        Options of `gridmap.visibility.cameras.views`.

    Returns
    -------
    geopandas.GeoDataFrame
        camera, band, certainty, area_m2, geometry, in the CRS of the cameras; by camera, certainty and band, without
        bands that hold no ground.

    Raises
    ------
    TableError
        If the cameras break their promise.
    CrsError
        If a table does not say its CRS, or one whose shift is unknown.

    See Also
    --------
    visible : the same as pieces, with what was assumed, moved and refused.
    """
    asked = views(cameras, profile=bands, **options)
    table = drawn(visible(scene(buildings, crs=asked.crs), asked), tolerance_m=tolerance_m)
    wanted = getattr(cameras, "crs", None)
    return table if wanted is None else to_system(table, wanted)


def drawn(sight: Sight, *, tolerance_m: float = DRAWN_WITHIN_M) -> gpd.GeoDataFrame:
    """Return what cameras see as a table with outlines and exact areas.

    Parameters
    ----------
    sight
        What `visible` found.
    tolerance_m
        How far the drawn arcs may be from the true ones, metres.

    Returns
    -------
    geopandas.GeoDataFrame
        camera, band, certainty, area_m2, geometry, in the metric system of the views; by view and band.

    Raises
    ------
    InputError
        If the tolerance is not above 0.
    """
    found, at = sight.views, sight.pieces
    view, band, geometry = polygons(at, found, tolerance_m=tolerance_m)
    number = len(BANDS)
    total = np.bincount(at.view * number + at.band, areas(at), minlength=len(found) * number)
    return gpd.GeoDataFrame(
        {
            "camera": found.ids[found.camera[view]],
            "band": np.array(BANDS, object)[band],
            "certainty": np.array(CERTAINTIES, object)[found.certainty[view]],
            "area_m2": total[view * number + band],
        },
        geometry=geometry,
        crs=found.crs,
    )


def visible(scene: Scene, views: Views) -> Sight:
    """Return what cameras see from where they really can stand: on walls, at corners and on roofs too.

    Parameters
    ----------
    scene
        Obstacles.
    views
        Footprints in the scene's metric system.

    Returns
    -------
    Sight
        See `standing.stand` for what becomes of cameras in and on buildings.

    Raises
    ------
    CrsError
        If the two are in different systems.
    """
    standing = stand(scene, views)
    return Sight(views=standing.views, pieces=seen(scene, standing.views), standing=standing)


def seen(scene: Scene, views: Views) -> Pieces:
    """Return the visible ground of views, in pieces.

    Parameters
    ----------
    scene
        Obstacles.
    views
        Footprints in the scene's metric system, of cameras that stand clear of walls: see `standing.stand`.

    Returns
    -------
    Pieces
        By view; they do not overlap.

    Raises
    ------
    CrsError
        If the two are in different systems.
    """
    if scene.crs != views.crs:
        raise CrsError(f"views in {views.crs.name}", expected=f"the scene's {scene.crs.name}", do="make both in one")
    return banded(within(in_sight(scene, views), views), views)


def in_sight(scene: Scene, views: Views, *, kernel: bool = COMPILED) -> Pieces:
    """Return the visible part of the sectors that hold the footprints, not yet cut to these, all of band ``seen``.

    Parameters
    ----------
    scene
        Obstacles.
    views
        Footprints.
    kernel
        Whether to run compiled; without it the same is found a little differently, and several times slower.

    Raises
    ------
    Nothing
        In open ground all is visible.
    """
    every = wedges(views)
    return _pieces(scene, every, (swept_compiled if kernel else swept)(scene, every))


def _pieces(scene: Scene, wedge: Wedges, ground: Ground) -> Pieces:
    """Return ground by direction and nearness as places around its cameras."""
    forward, reach = wedge.forward[ground.wedge], wedge.reach[ground.wedge]
    open_ = ground.edge == OPEN

    def ends(near: Floats, elsewhere: Any) -> Floats:
        """Return the places at which the rays of each span meet a wall; where there is none, at a distance."""
        met = near > 0
        x = np.where(met, 1 / np.where(met, near, 1.0), elsewhere / np.sqrt(1 + ground.t**2))
        y = ground.t * x
        c, s = forward[:, :1], forward[:, 1:]
        return np.stack([x * c - y * s, x * s + y * c], axis=2).reshape(-1, 4)

    return Pieces(
        view=wedge.view[ground.wedge],
        band=np.full(len(open_), len(BANDS) - 1),
        inner=ends(ground.inner, 0.0),
        outer=ends(ground.outer, reach[:, None]),
        inner_arc=np.zeros(len(open_), np.bool_),
        outer_arc=open_,
        blocker=np.where(open_, NO_BLOCKER, np.append(scene.owner, 0)[ground.edge]),
    )


def within(pieces: Pieces, views: Views) -> Pieces:
    """Return the pieces cut to the footprints: to their depths and to their slanting sides.

    Parameters
    ----------
    pieces
        Visible ground of the footprints' sectors.
    views
        Footprints.

    Raises
    ------
    Nothing
        What lies outside is left out.
    """
    shallow = views.half_angle <= np.pi / 2
    near = np.where(shallow & (views.near_m > 0), views.near_m, np.inf)
    far = np.where(shallow & (views.far_m < views.range_m), views.far_m, np.inf)
    pieces = _kept(pieces, views, (1.0, 0.0), near, beyond=True)
    pieces = _kept(pieces, views, (1.0, 0.0), far, beyond=False)
    offset, slope = views.side.T
    aside = shallow & (offset > 0) & np.isfinite(offset) & np.isfinite(slope)
    limit = np.where(aside, offset, np.inf)
    for hand in (1.0, -1.0):
        pieces = _kept(pieces, views, (np.where(aside, -slope, 0.0), hand), limit, beyond=False)
    return pieces


def _kept(pieces: Pieces, views: Views, normal: tuple[Any, Any], limit: Floats, *, beyond: bool) -> Pieces:
    """Return what lies beyond a line of each view, or before it; an infinite limit takes nothing away."""
    if not np.isfinite(limit).any() or not len(pieces):
        return pieces
    parts, far = split(pieces, _cuts(pieces, views, normal, limit))
    limited = np.isfinite(limit)[parts.view]
    return taken(parts, np.flatnonzero(~limited | (far == beyond)))


def _cuts(pieces: Pieces, views: Views, normal: tuple[Any, Any], limit: Floats) -> Cuts:
    """Return lines given along and across the heading of each view, for each piece."""
    along, across = (np.broadcast_to(part, len(views)) for part in normal)
    c, s = np.cos(views.heading), np.sin(views.heading)
    turned = np.column_stack([along * c - across * s, along * s + across * c])
    return Cuts(normal=turned[pieces.view], limit=limit[pieces.view])


def banded(pieces: Pieces, views: Views) -> Pieces:
    """Return the pieces cut along the outer limits of the bands, each with its band.

    Parameters
    ----------
    pieces
        Visible ground.
    views
        Footprints and the limits of their bands.

    Raises
    ------
    Nothing
        A band that begins beyond the range holds no ground.
    """
    pieces = replace(pieces, band=np.zeros(len(pieces), np.int64))
    depth = views.by_depth.astype(np.float64)
    for edge in views.edges.T:
        if not len(pieces):
            break
        # a limit of nought leaves nothing before it
        limit = np.where(edge > 0, edge, np.inf)
        pieces, far = split(pieces, _cuts(pieces, views, (depth, 0.0), limit))
        pieces = replace(pieces, band=pieces.band + (far | (edge <= 0)[pieces.view]))
    return pieces
