"""Whether what is seen for certain is seen however a camera is turned, and all that it then sees counts as possible.

Of cameras whose heading is known only within an angle, places are taken all over the ground that is certain, its edges
and corners among them, and looked for in the ground that each camera sees if it is turned within that angle; and places
of that ground in what is possible. Turned by nothing, it is the nominal ground. A place that is seen in a band must be
seen in that band or a better one.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from gridmap.visibility.cameras.views import GUARANTEED, NOMINAL, POSSIBLE, Views, views
from gridmap.visibility.seeing import banded, in_sight, within
from gridmap.visibility.sweep.pieces import Pieces
from gridmap.visibility.sweep.scenes import Scene, scene
from gridmap.visibility.sweep.standing import stand
from gridmap.visibility.sweep.wedges import ranges
from tests.benchmarks.cameras_exact import CAMERA_M, EPSG, Scenes

#: shares of a piece's angle and depth at which places are taken: its edges but for rounding, and its middle
SHARES = (1e-6, 0.5, 1 - 1e-6)
#: pieces narrower (radians) or shallower (metres) than this hold no place to be taken
NARROW, SHALLOW_M = 1e-7, 1e-4
#: rounding of a direction (radians) and of a distance (metres)
TURNED, AWAY_M = 1e-12, 1e-9
#: tilts of the cameras; None is not known
TILTS_DEG = (np.nan, np.nan, -10.0, 0.0, 5.0, 20.0, 45.0)


#: how far cameras are turned, as shares of what their heading may be off
TURNS = (-1.0, -0.3, 0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Nested:
    """How grounds of different certainty lie in one another."""

    title: str
    #: scenes, and places that were looked for
    scenes: int
    places: int
    #: places of certain ground that a turned camera does not see, and places that it sees and that are not possible
    not_seen: int
    not_possible: int


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Ground of some views."""

    views: Views
    pieces: Pieces

    def of(self, grade: int) -> np.ndarray:
        """Return which views are of a certainty."""
        return self.views.certainty == grade


def asked(scenes: Scenes, *, turn: float | None = None, seed: int = 3) -> Views:
    """Return views of the cameras, whose headings may be off by half a degree to 60 degrees, or are turned by a share.

    Parameters
    ----------
    scenes
        Cameras and buildings.
    turn
        Share by which the cameras are turned of what their heading may be off; None: nobody knows.
    seed
        Of chance.
    """
    rng, count = np.random.default_rng(seed), len(scenes.xy)
    off = rng.uniform(0.5, 60.0, count)
    headings = np.degrees(np.pi / 2 - scenes.heading)
    columns = {
        "heading_deg": (headings if turn is None else headings + turn * off) % 360,
        "heading_accuracy_deg": off if turn is None else np.zeros(count),
        "tilt_deg": rng.choice(TILTS_DEG, count),
        "hfov_deg": rng.uniform(20.0, 170.0, count),
        "range_m": scenes.range_m,
    }
    fixed = {"kind": "fixed", "status": "online", "height_m": CAMERA_M, "width_px": 1000, "vfov_deg": 40.0}
    table = {"id": np.arange(count).astype(str), **columns, **fixed}
    return views(gpd.GeoDataFrame(table, geometry=shapely.points(scenes.xy), crs=EPSG))


def nested(title: str, scenes: Scenes, *, kernel: bool) -> Nested:
    """Return how the grounds of the scenes' cameras lie in one another."""
    table = gpd.GeoDataFrame({"height_m": scenes.heights}, geometry=scenes.footprints, crs=EPSG)
    unsure = asked(scenes)
    ground = scene(table, crs=unsure.crs)
    vague = _seen(ground, unsure, kernel=kernel)
    found = np.zeros((2, 2), dtype=int)
    for turn in TURNS:
        turned = _seen(ground, asked(scenes, turn=turn), kernel=kernel)
        found += (_outside(vague, GUARANTEED, turned, NOMINAL), _outside(turned, NOMINAL, vague, POSSIBLE))
    return Nested(
        title=title,
        scenes=len(scenes.xy),
        places=int(found[:, 0].sum()),
        not_seen=int(found[0, 1]),
        not_possible=int(found[1, 1]),
    )


def _seen(ground: Scene, asked_for: Views, *, kernel: bool) -> Seen:
    """The ground that views see."""
    found = stand(ground, asked_for).views
    return Seen(views=found, pieces=banded(within(in_sight(ground, found, kernel=kernel), found), found))


def _outside(one: Seen, grade: int, other: Seen, wider: int) -> tuple[int, int]:
    """How many places were taken of one ground, and how many of them the other does not hold."""
    pieces, others = one.pieces, other.pieces
    row, ray, far = _places(pieces, np.flatnonzero(one.of(grade)[pieces.view]))
    # pieces come by view: those of the view of the same camera are a run of rows
    view_of = np.full(int(max(one.views.camera.max(), other.views.camera.max())) + 1, -1)
    view_of[other.views.camera[other.of(wider)]] = np.flatnonzero(other.of(wider))
    target = view_of[one.views.camera[pieces.view[row]]]
    first, last = (np.searchsorted(others.view, target, side=side) for side in ("left", "right"))
    place, held = ranges(first, last - first)
    near, deep, inside = _along(others, held, ray[place])
    good = inside & (others.band[held] <= pieces.band[row[place]])
    good &= (far[place] >= near - AWAY_M) & (far[place] <= deep + AWAY_M)
    return len(row), int(len(row) - len(np.unique(place[good])))


def _places(pieces: Pieces, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nine places of each piece: its row, the direction, and the distance from the camera."""
    found = []
    wide = _turn(pieces.outer[rows, :2], pieces.outer[rows, 2:])
    rows, wide = rows[wide > NARROW], wide[wide > NARROW]
    right = pieces.outer[rows, :2] / np.hypot(*pieces.outer[rows, :2].T)[:, None]
    for share in SHARES:
        c, s = np.cos(share * wide), np.sin(share * wide)
        ray = np.stack([right[:, 0] * c - right[:, 1] * s, right[:, 0] * s + right[:, 1] * c], axis=1)
        near, deep, _ = _along(pieces, rows, ray)
        thick = deep - near > SHALLOW_M
        found += [(rows[thick], ray[thick], (near + depth * (deep - near))[thick]) for depth in SHARES]
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))


def _along(pieces: Pieces, rows: np.ndarray, ray: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where rays enter and leave pieces, and whether they run between the two rays of each."""
    inner, outer = pieces.inner[rows], pieces.outer[rows]
    turn, wide = _turn(outer[:, :2], ray), _turn(outer[:, :2], outer[:, 2:])
    near, deep = _met(inner, pieces.inner_arc[rows], ray), _met(outer, pieces.outer_arc[rows], ray)
    return near, deep, (turn >= -TURNED) & (turn <= wide + TURNED)


def _met(ends: np.ndarray, arc: np.ndarray, ray: np.ndarray) -> np.ndarray:
    """Distance at which rays meet edges: straight ones, or arcs about the camera."""
    a, way = ends[:, :2], ends[:, 2:] - ends[:, :2]
    across = way[:, 0] * ray[:, 1] - way[:, 1] * ray[:, 0]
    off = way[:, 0] * a[:, 1] - way[:, 1] * a[:, 0]
    straight = np.divide(off, across, out=np.hypot(*a.T), where=np.abs(across) > 0)
    return np.where(arc, np.hypot(*a.T), straight)


def _turn(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Angle from one direction to another, counter-clockwise, radians."""
    return np.arctan2(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0], (one * other).sum(axis=1))
