"""Ground seen, kept by plot and camera, so that one camera's change asks only the cameras beside it.

What a camera adds to the ground seen is what no other sees: its own viewshed without those that meet it. So a change
takes away what the camera saw alone, and adds what it sees alone from where it stands now; no area is united again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.coverage.counting import BANDS, CERTAINTIES
from gridmap.coverage.ground import Ground, Shapes
from gridmap.coverage.overlaying import united, without
from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.uniting import Drawn, Flags, drawn, seen_m2
from gridmap.visibility.sweep.pieces import Pieces

if TYPE_CHECKING:
    from gridmap.visibility.cameras.views import Views


@dataclass(frozen=True, kw_only=True)
class Overseen:
    """Ground of cameras band by band, as geometries."""

    #: polygons, shape (n,)
    shapes: Shapes
    #: 0 recognise, 1 find, 2 detect, 3 seen
    band: Ints
    #: number of the camera of each
    camera: Ints
    #: whether it counts as guaranteed, nominal, possible, shape (n, 3)
    flags: Flags

    def taken(self, rows: npt.NDArray[np.int64] | Flags) -> Overseen:
        """Return those at these rows, or where a mask is true."""
        return Overseen(
            shapes=self.shapes[rows], band=self.band[rows], camera=self.camera[rows], flags=self.flags[rows]
        )


@dataclass(frozen=True, kw_only=True)
class Overlooked:
    """Plots of ground and who sees them; it never changes once it is made."""

    #: the plots
    plots: Ground
    #: what all cameras saw at first, and which of it meets a shape
    seen: Overseen
    tree: shapely.STRtree
    #: cameras that were changed since: what each sees now
    changed: Mapping[int, Overseen]
    #: square metres as of `gridmap.coverage.uniting.seen_m2`, shape (plots, 3, 4, 2)
    amounts: Floats


def overseen(pieces: Pieces, views: Views, flags: Flags, plots: Ground, number: int) -> Overseen:
    """Return what one camera sees.

    Parameters
    ----------
    pieces, views
        Ground in view, and the views.
    flags
        Which views count as what.
    plots
        The ground asked about.
    number
        The camera's.

    Raises
    ------
    Nothing
        A view may see nothing.
    """
    return _of(drawn(pieces, views, plots, flags), np.full(len(flags), number), flags)


def overlooked(
    pieces: Pieces, views: Views, several: Sequence[Flags], plots: Ground, numbers: Ints
) -> tuple[Overlooked, ...]:
    """Return who sees which ground, by several ways of counting.

    Parameters
    ----------
    pieces, views
        Ground in view, and the views.
    several
        Which views count as what, by each way.
    plots
        The ground.
    numbers
        Number of each camera, by its row.

    Raises
    ------
    Nothing
        Nobody need see anything.
    """
    every = np.hstack(several)
    found = drawn(pieces, views, plots, every)
    amounts = np.split(seen_m2(found, plots, every), len(several), axis=1)
    by_view = numbers[np.asarray(views.camera)]
    return tuple(
        Overlooked(
            plots=plots,
            seen=_of(found, by_view, flags),
            tree=found.tree,
            changed=MappingProxyType({}),
            amounts=own,
        )
        for flags, own in zip(several, amounts, strict=True)
    )


def _of(found: Drawn, numbers: Ints, flags: Flags) -> Overseen:
    """What is drawn, with the number of its view's camera and what it counts as."""
    return Overseen(shapes=found.shapes, band=found.band, camera=numbers[found.view], flags=flags[found.view])


def with_camera(before: Overlooked, number: int, sees: Overseen | None) -> Overlooked:
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
    saw = before.changed[number] if number in before.changed else before.seen.taken(before.seen.camera == number)
    now = saw.taken(np.zeros(0, np.int64)) if sees is None else sees
    amounts = before.amounts - _alone_m2(before, saw, number) + _alone_m2(before, now, number)
    return replace(before, changed=MappingProxyType({**before.changed, number: now}), amounts=amounts)


def _alone_m2(before: Overlooked, own: Overseen, number: int) -> Floats:
    """Square metres of each plot that one camera sees and no other, as of `gridmap.coverage.uniting.seen_m2`."""
    amounts = np.repeat(before.plots.none_seen[:, None, None], len(CERTAINTIES), axis=1).repeat(len(BANDS), axis=2)
    others = _others(before, own, number)
    told: dict[bytes, Floats] = {}
    for at in range(len(CERTAINTIES)):
        key = own.flags[:, at].tobytes() + others.flags[:, at].tobytes()
        if key not in told:
            told[key] = _without(before, own.taken(own.flags[:, at]), others.taken(others.flags[:, at]))
        amounts[:, at] = told[key]
    return amounts


def _others(before: Overlooked, own: Overseen, number: int) -> Overseen:
    """What other cameras see that meets what one sees."""
    first = before.seen.taken(np.unique(before.tree.query(own.shapes, predicate="intersects")[1]))
    several = [first.taken(~np.isin(first.camera, [number, *before.changed]))]
    for camera, seen in before.changed.items():
        if camera != number:
            several.append(seen.taken(shapely.intersects(seen.shapes[:, None], own.shapes).any(axis=1)))
    return Overseen(
        shapes=np.concatenate([each.shapes for each in several]),
        band=np.concatenate([each.band for each in several]),
        camera=np.concatenate([each.camera for each in several]),
        flags=np.concatenate([each.flags for each in several]),
    )


def _without(before: Overlooked, own: Overseen, others: Overseen) -> Floats:
    """Ground and open ground of each plot that is one's and none of the others', shape (plots, 4, 2)."""
    amounts = np.repeat(before.plots.none_seen[:, None], len(BANDS), axis=1)
    for band in range(len(BANDS)):
        mine, theirs = (each.shapes[each.band <= band] for each in (own, others))
        if band and len(mine) == (own.band < band).sum() and len(theirs) == (others.band < band).sum():
            amounts[:, band] = amounts[:, band - 1]
            continue
        alone = without(united(mine), united(theirs))
        plot = before.plots.tree.query(alone, predicate="intersects")
        amounts[plot, band] = before.plots.measured(np.full(len(plot), alone), plot)
    return amounts
