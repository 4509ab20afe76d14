"""Ground seen, kept by plot and camera, so that one camera's change asks only the cameras beside it.

What a camera adds to the ground seen is what no other sees: its own viewshed without those that meet it. So a change
takes away what the camera saw alone, and adds what it sees alone from where it stands now; no area is united again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.coverage.areas import drawn, seen_m2
from gridmap.coverage.counting import BANDS, CERTAINTIES
from gridmap.coverage.ground import Ground, Shapes
from gridmap.coverage.sweeping import Floats, Ints
from gridmap.visibility.pieces import Pieces, taken

if TYPE_CHECKING:
    from gridmap.visibility.views import Views

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Ground of views in one band or a better one."""

    #: geometries, shape (n,)
    shapes: Shapes
    #: number of the camera of each
    camera: Ints
    #: whether it counts as guaranteed, nominal, possible, shape (n, 3)
    flags: Flags

    def taken(self, rows: npt.NDArray[np.int64] | Flags) -> Drawn:
        """Return those at these rows, or where a mask is true."""
        return Drawn(shapes=self.shapes[rows], camera=self.camera[rows], flags=self.flags[rows])


#: what is seen in each band or a better one, best first
Levels = tuple[Drawn, ...]


@dataclass(frozen=True, kw_only=True)
class Overlooked:
    """Plots of ground and who sees them; it never changes once it is made."""

    #: the plots
    plots: Ground
    #: which plots meet a shape
    plot_tree: shapely.STRtree
    #: what all cameras saw at first, and which of it meets a shape
    levels: Levels
    trees: tuple[shapely.STRtree, ...]
    #: cameras that were changed since: what each sees now
    changed: Mapping[int, Levels]
    #: square metres as of `gridmap.coverage.areas.seen_m2`, shape (plots, 3 certainties, 4 bands, 2)
    amounts: Floats


def levels_of(pieces: Pieces, views: Views, flags: Flags, numbers: Ints) -> Levels:
    """Return what views that count see in each band or a better one.

    Parameters
    ----------
    pieces, views
        Ground in view, and the views.
    flags
        Which views count as what.
    numbers
        Number of each camera, by its row.

    Raises
    ------
    Nothing
        A view may see nothing.
    """
    counts: Flags = np.asarray(flags.any(axis=1))
    used = taken(pieces, counts[pieces.view])
    found: list[Drawn] = []
    for band in range(len(BANDS)):
        if found and not (used.band == band).any():
            found.append(found[-1])
            continue
        view, shapes = drawn(taken(used, used.band <= band), views)
        found.append(Drawn(shapes=shapes, camera=numbers[np.asarray(views.camera)[view]], flags=flags[view]))
    return tuple(found)


def overlooked(pieces: Pieces, views: Views, flags: Flags, plots: Ground, numbers: Ints) -> Overlooked:
    """Return who sees which ground.

    Parameters
    ----------
    pieces, views
        Ground in view, and the views.
    flags
        Which views count as what.
    plots
        The ground.
    numbers
        Number of each camera, by its row.

    Raises
    ------
    Nothing
        Nobody need see anything.
    """
    levels = levels_of(pieces, views, flags, numbers)
    return Overlooked(
        plots=plots,
        plot_tree=shapely.STRtree(plots.plots),
        levels=levels,
        trees=tuple(shapely.STRtree(level.shapes) for level in levels),
        changed=MappingProxyType({}),
        amounts=seen_m2(pieces, views, plots, flags),
    )


def with_camera(before: Overlooked, number: int, sees: Levels | None) -> Overlooked:
    """Return the plots with what one camera sees in place of what it saw.

    Parameters
    ----------
    before
        Who sees which ground.
    number
        The camera's.
    sees
        What it sees now; None where it is gone.

    Raises
    ------
    Nothing
        A number not met before is a new camera.
    """
    now = () if sees is None else sees
    amounts = before.amounts.copy()
    for sign, levels in ((-1.0, _of_camera(before, number)), (1.0, now)):
        for band, own in enumerate(levels):
            amounts[:, :, band] += sign * _alone_m2(before, own, _others(before, number, band, own))
    return replace(before, changed=MappingProxyType({**before.changed, number: now}), amounts=amounts)


def _of_camera(before: Overlooked, number: int) -> Levels:
    """What a camera sees, band by band."""
    if number in before.changed:
        return before.changed[number]
    return tuple(level.taken(level.camera == number) for level in before.levels)


def _others(before: Overlooked, number: int, band: int, own: Drawn) -> Drawn:
    """What other cameras see that meets what one sees."""
    at = np.unique(before.trees[band].query(own.shapes, predicate="intersects")[1])
    first = before.levels[band].taken(at)
    several = [first.taken(~np.isin(first.camera, [number, *before.changed]))]
    for camera, levels in before.changed.items():
        if camera != number and levels:
            near = shapely.intersects(levels[band].shapes[:, None], own.shapes).any(axis=1)
            several.append(levels[band].taken(near))
    return Drawn(
        shapes=np.concatenate([each.shapes for each in several]),
        camera=np.concatenate([each.camera for each in several]),
        flags=np.concatenate([each.flags for each in several]),
    )


def _alone_m2(before: Overlooked, own: Drawn, others: Drawn) -> Floats:
    """Square metres of each plot that one camera sees and no other, shape (plots, 3 certainties, 2)."""
    amounts = np.repeat(before.plots.none_seen[:, None], len(CERTAINTIES), axis=1)
    told: dict[bytes, Floats] = {}
    for at in range(len(CERTAINTIES)):
        key = own.flags[:, at].tobytes() + others.flags[:, at].tobytes()
        if key not in told:
            told[key] = _without(before, own.shapes[own.flags[:, at]], others.shapes[others.flags[:, at]])
        amounts[:, at] = told[key]
    return amounts


def _without(before: Overlooked, own: Shapes, others: Shapes) -> Floats:
    """Ground and open ground of each plot in the one shape and in none of the others, shape (plots, 2)."""
    amounts = before.plots.none_seen
    alone = shapely.difference(own, shapely.union_all(others))
    _, plot = before.plot_tree.query(alone, predicate="intersects")
    if len(plot):
        inside = shapely.intersection(alone[0], before.plots.plots[plot])
        amounts[plot] = before.plots.measured(inside, plot)
    return amounts
