"""The visible ground of wedges, compiled or with numpy; both find the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from gridmap.visibility.sweep.pieces import Floats, Ints
from gridmap.visibility.sweep.scenes import Scene
from gridmap.visibility.sweep.shadows import beyond_shadows
from gridmap.visibility.sweep.sweeping import OPEN, Ground, Spans, envelope
from gridmap.visibility.sweep.sweeping_kernel import sweep
from gridmap.visibility.sweep.wedges import STOPS, Segments, Wedges, walls_in

#: Wedges that numpy computes together: enough for its overhead, little enough for the processor's cache.
_TOGETHER = 256
#: Columns of `Ground`, and whether they hold both sides.
_COLUMNS = {"wedge": False, "t": True, "inner": True, "outer": True, "edge": False}
#: Spans that a wedge has room for at first; where they are more, room doubles.
_ROOM = 24


def swept(scene: Scene, wedge: Wedges) -> Ground:
    """Return the visible ground of wedges, found with numpy.

    Parameters
    ----------
    scene
        Obstacles.
    wedge
        Wedges in the scene's metric system.

    Raises
    ------
    Nothing
        In open ground all is visible.
    """
    parts = [_swept(scene, wedge.part(begin, begin + _TOGETHER), begin) for begin in range(0, len(wedge), _TOGETHER)]
    return _joined(parts)


def _joined(parts: list[Ground]) -> Ground:
    """Return ground of wedges that follow one another as one table."""
    columns: dict[str, Any] = {name: [getattr(part, name) for part in parts] for name in _COLUMNS}
    if not parts:
        columns = {name: [np.zeros((0, 2)) if wide else np.zeros(0, np.int64)] for name, wide in _COLUMNS.items()}
    return Ground(**{name: np.concatenate(several) for name, several in columns.items()})


def _swept(scene: Scene, wedge: Wedges, begin: int) -> Ground:
    """Return the visible ground of some wedges, the first of which is so many-th of all."""
    walls = walls_in(scene, wedge)
    stops = np.flatnonzero(walls.kind == STOPS)
    spans = envelope(walls.taken(stops), wedge)
    spans = replace(spans, outer=np.where(spans.outer == OPEN, OPEN, np.append(stops, 0)[spans.outer]))
    over = roofs_below(scene, wedge)
    if len(stops) < len(walls) or over.any():
        walls, spans = beyond_shadows(walls, spans, wedge, over)
    return Ground(
        wedge=spans.wedge + begin,
        t=np.column_stack([spans.t0, spans.t1]),
        inner=_near(walls, spans, spans.inner),
        outer=_near(walls, spans, spans.outer),
        edge=np.where(spans.outer == OPEN, OPEN, np.append(walls.edge, 0)[spans.outer]),
    )


def _near(walls: Segments, spans: Spans, wall: Ints) -> Floats:
    """Return the nearness of a wall on both sides of each span, 0 for none."""
    near = np.zeros((len(wall), 2))
    held = np.flatnonzero(wall != OPEN)
    for side, t in enumerate((spans.t0, spans.t1)):
        near[held, side] = walls.at(wall[held], t[held])
    return near


def roofs_below(scene: Scene, wedge: Wedges) -> Ints:
    """Return on how many buildings lower than itself each camera stands: one or none.

    Parameters
    ----------
    scene
        Obstacles.
    wedge
        Wedges.

    Raises
    ------
    Nothing
        Most cameras stand on none.
    """
    at, obstacle = scene.tree.query(shapely.points(wedge.xy), predicate="within")
    top = scene.obstacles.height[obstacle]
    low = (top > wedge.target[at]) & (top < wedge.height[at])
    return np.bincount(at[low], minlength=len(wedge))


def swept_compiled(scene: Scene, wedge: Wedges) -> Ground:
    """Return the visible ground of wedges, found by the compiled kernel.

    Parameters
    ----------
    scene
        Obstacles.
    wedge
        Wedges in the scene's metric system.

    Raises
    ------
    Nothing
        In open ground all is visible.
    """
    walls = (scene.edges, scene.height, scene.start, scene.wall, scene.frame, scene.shape)
    asked = (
        wedge.xy,
        wedge.forward,
        wedge.slope,
        wedge.reach,
        wedge.height,
        wedge.target,
        roofs_below(scene, wedge),
    )
    parts, begin, room = [], 0, _ROOM * max(len(wedge), 1)
    while begin < len(wedge):
        out: Any = (np.empty(room, np.int64), *(np.empty((room, 2)) for _ in range(3)), np.empty(room, np.int64))
        begin, count = sweep(walls, asked, begin, out)
        parts.append(
            Ground(
                wedge=out[0][:count], t=out[1][:count], inner=out[2][:count], outer=out[3][:count], edge=out[4][:count]
            )
        )
        room *= 2
    return _joined(parts)
