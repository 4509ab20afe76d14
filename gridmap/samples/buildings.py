"""Buildings of the sample town: where they stand on their plot, how high they are, how many live there."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from gridmap.samples import blocks
from gridmap.samples.ground import Array, Ground, Ints
from gridmap.samples.streets import PRIMARY, RESIDENTIAL, SETBACK_M, Plan

SOUTH, EAST, NORTH, WEST, NOWHERE = 0, 1, 2, 3, -1
#: Metres between floors, and what stands above the last one.
FLOOR_M, ROOF_M = 2.9, 1.2


@dataclass(frozen=True, kw_only=True)
class Buildings:
    """One entry per building in each array."""

    #: row and column of its plot
    row: Ints
    column: Ints
    #: use of its block
    use: Ints
    #: side of the plot whose street it faces, -1 for none
    side: Ints
    #: middle in the plot, from 0 to 1 east- and northwards
    s: Array
    t: Array
    #: length along the front and depth, metres
    length: Array
    depth: Array
    floors: Ints
    households: Ints
    residents: Ints

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.row)

    def take(self, rows: Ints) -> Buildings:
        """Return some of them."""
        return Buildings(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


#: Places on a plot per use: middle and size, each east- and northwards in shares of what setbacks leave, and side.
_SLOTS = {
    blocks.SHOPS: [
        (0.125 + 0.25 * k, t, 0.21, 0.19, side) for t, side in ((0.1, SOUTH), (0.9, NORTH)) for k in range(4)
    ]
    + [(s, 0.37 + 0.26 * k, 0.19, 0.2, side) for s, side in ((0.1, WEST), (0.9, EAST)) for k in range(2)],
    blocks.OLD: [(0.1 + 0.2 * k, t, 0.16, 0.16, side) for t, side in ((0.09, SOUTH), (0.91, NORTH)) for k in range(5)]
    + [(s, 0.29 + 0.21 * k, 0.16, 0.15, side) for s, side in ((0.09, WEST), (0.91, EAST)) for k in range(3)],
    blocks.SLABS: [
        (0.5, 0.1, 0.94, 0.16, NOWHERE),
        (0.25, 0.5, 0.44, 0.16, NOWHERE),
        (0.75, 0.5, 0.44, 0.16, NOWHERE),
        (0.5, 0.9, 0.94, 0.16, NOWHERE),
    ],
    blocks.TOWERS: [
        (0.22, 0.22, 0.38, 0.25, NOWHERE),
        (0.78, 0.42, 0.38, 0.25, NOWHERE),
        (0.35, 0.84, 0.38, 0.25, NOWHERE),
    ],
    blocks.PUBLIC: [(0.5, 0.82, 0.8, 0.24, NOWHERE), (0.22, 0.3, 0.36, 0.3, NOWHERE)],
    blocks.WORKS: [(0.5, 0.74, 0.9, 0.42, NOWHERE), (0.5, 0.22, 0.9, 0.3, NOWHERE)],
    blocks.PARK: [],
    blocks.FARM: [(0.8, 0.15, 0.15, 0.13, NOWHERE)],
    blocks.VILLAGE: [(0.1 + 0.2 * k, t, 0.145, 0.13, NOWHERE) for t in (0.2, 0.74) for k in range(5)],
}
#: How likely a place is built on, by use.
_KEPT = {blocks.SHOPS: 0.88, blocks.OLD: 0.9, blocks.PUBLIC: 0.85, blocks.FARM: 0.35, blocks.VILLAGE: 0.62}
#: Least and greatest number of floors, by use.
_FLOORS = np.array([[1, 4], [1, 3], [5, 7], [17, 26], [2, 6], [1, 2], [1, 1], [1, 1], [1, 3]])
#: Longest front in metres, by use.
_LONGEST = np.array([20.0, 14.0, 66.0, 26.0, 70.0, 75.0, 10.0, 12.0, 13.0])


def place(rng: np.random.Generator, ground: Ground, plan: Plan, use: Ints) -> Buildings:
    """Every building that the blocks have room for, in the order of their plots, without people yet."""
    plot_use = use[plan.block]
    found = np.concatenate([_on_plots(rng, plan, plot_use, kind) for kind in _SLOTS])
    found = found[np.lexsort((found[:, 7], found[:, 1], found[:, 0]))]
    row, column, side, kind = (found[:, k].astype(np.int64) for k in (0, 1, 6, 8))
    s, t, length, depth = _fit(ground, plan, found)
    length = np.minimum(length * (0.85 + 0.15 * rng.random(len(found))), _LONGEST[kind])
    nobody = np.zeros(len(found), dtype=np.int64)
    shape = {"s": s, "t": t, "length": length, "depth": np.minimum(depth, np.where(kind == blocks.WORKS, 40, 18))}
    whole = Buildings(
        row=row, column=column, use=kind, side=side, floors=nobody, households=nobody, residents=nobody, **shape
    )
    return whole.take(np.flatnonzero(_on_plot(ground, whole)))


def settle(rng: np.random.Generator, built: Buildings) -> Buildings:
    """The same buildings with floors, households and residents."""
    low, high = _FLOORS[built.use].T
    floors = low + (rng.random(len(built)) * (high - low + 1)).astype(np.int64)
    households = _households(rng, built, floors)
    moved_in = rng.random((len(built), 4)).sum(axis=1) / 4
    residents = np.round(households * (1.9 + 1.5 * moved_in)).astype(np.int64)
    named = {field.name: getattr(built, field.name) for field in fields(built)}
    return Buildings(**{**named, "floors": floors, "households": households, "residents": residents})


def building_ids(numbers: Ints) -> list[str]:
    """Identifiers of buildings.

    >>> building_ids(np.array([0, 41]))
    ['B000001', 'B000042']
    """
    return [f"B{k + 1:06d}" for k in numbers.tolist()]


def units(built: Buildings) -> Ints:
    """Entrances (单元) of every building: in compounds of flats one per 17 m of front, elsewhere 1."""
    slabs = np.clip(np.round(built.length / 17), 1, 4)
    towers = np.where(built.length > 23, 2, 1)  # noqa: PLR2004 (metres of front)
    both = np.where(built.use == blocks.SLABS, slabs, np.where(built.use == blocks.TOWERS, towers, 1))
    return both.astype(np.int64)


def outlines(ground: Ground, built: Buildings) -> Array:
    """Corners in metres, shape (buildings, 4, 2), counter-clockwise from the south-west one."""
    middle = ground.inside(built.row, built.column, built.s, built.t)
    corner = ground.corners(built.row, built.column)
    along = corner[:, 1] - corner[:, 0] + corner[:, 2] - corner[:, 3]
    along /= np.hypot(along[:, 0], along[:, 1])[:, None]
    upright = (built.side == WEST) | (built.side == EAST)
    east = np.where(upright, built.depth, built.length)[:, None, None] / 2 * np.array([-1, 1, 1, -1])[None, :, None]
    north = np.where(upright, built.length, built.depth)[:, None, None] / 2 * np.array([-1, -1, 1, 1])[None, :, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=-1)
    found: Array = np.round(middle[:, None] + east * along[:, None] + north * across[:, None], 3)
    return found


def _on_plots(rng: np.random.Generator, plan: Plan, plot_use: Ints, kind: int) -> Array:
    """Places of one use: row, column, s, t, east share, north share, side, serial, use."""
    row, column = np.nonzero(plot_use == kind)
    slots = np.array(_SLOTS[kind], dtype=float).reshape(-1, 5)
    plot, slot = (k.ravel() for k in np.indices((len(row), len(slots))))
    picked = np.column_stack([row[plot], column[plot], slots[slot], slot, np.full(len(plot), kind)])
    kept = rng.random(len(plot)) < _KEPT.get(kind, 1.0)
    side = slots[slot, 4].astype(np.int64)
    rank = sides(plan)[row[plot], column[plot], side]
    kept &= (side == NOWHERE) | ((rank >= RESIDENTIAL) & (rank <= PRIMARY))
    kept &= ~plan.cut[row[plot], column[plot]] | (np.abs(slots[slot, 0] - slots[slot, 1]) > 0.35)  # noqa: PLR2004
    return picked[kept]


def sides(plan: Plan) -> Ints:
    """Class of the line on each side of every plot: south, east, north, west, in a last axis."""
    return np.stack([plan.across[:-1], plan.up[:, 1:], plan.across[1:], plan.up[:, :-1]], axis=-1)


def _on_plot(ground: Ground, built: Buildings) -> NDArray[np.bool_]:
    """Whether all corners lie at least a metre inside the plot; slanting plots may be too narrow."""
    corner = ground.corners(built.row, built.column)
    edge = np.roll(corner, -1, axis=1) - corner
    inwards = np.stack([-edge[..., 1], edge[..., 0]], axis=-1) / np.hypot(edge[..., 0], edge[..., 1])[..., None]
    depth = ((outlines(ground, built)[:, :, None] - corner[:, None]) * inwards[:, None]).sum(axis=-1)
    inside: NDArray[np.bool_] = (depth >= 1).all(axis=(1, 2))
    return inside


def _fit(ground: Ground, plan: Plan, found: Array) -> tuple[Array, Array, Array, Array]:
    """Middle in the plot, length and depth in metres, once the setbacks of the plot's sides are left free."""
    row, column = found[:, 0].astype(np.int64), found[:, 1].astype(np.int64)
    corner = ground.corners(row, column)
    edge = np.roll(corner, -1, axis=1) - corner
    sizes = np.hypot(edge[..., 0], edge[..., 1])
    wide, high = np.minimum(sizes[:, 0], sizes[:, 2]), np.minimum(sizes[:, 1], sizes[:, 3])
    back = SETBACK_M[sides(plan)[row, column]]
    s = (back[:, 3] + found[:, 2] * (wide - back[:, 1] - back[:, 3])) / wide
    t = (back[:, 0] + found[:, 3] * (high - back[:, 0] - back[:, 2])) / high
    east = found[:, 4] * (wide - back[:, 1] - back[:, 3]) * 0.95
    north = found[:, 5] * (high - back[:, 0] - back[:, 2]) * 0.95
    upright = (found[:, 6] == WEST) | (found[:, 6] == EAST)
    return s, t, np.where(upright, north, east), np.where(upright, east, north)


def _households(rng: np.random.Generator, built: Buildings, floors: Ints) -> Ints:
    """Two flats per floor and entrance in compounds; few above shops; one family per village house."""
    throw = rng.random(len(built))
    flats = {
        blocks.SHOPS: np.where(throw < 0.35, floors, 0),  # noqa: PLR2004 (a third are lived above)
        blocks.OLD: 1 + (throw * floors).astype(np.int64),
        blocks.SLABS: floors * units(built) * 2 - (throw * 3).astype(np.int64),
        blocks.TOWERS: floors * units(built) * 2 - (throw * 6).astype(np.int64),
        blocks.FARM: (throw < 0.5).astype(np.int64),  # noqa: PLR2004 (every other one)
        blocks.VILLAGE: 1 + (throw > 0.85).astype(np.int64),  # noqa: PLR2004 (some hold two families)
    }
    total = np.zeros(len(built), dtype=np.int64)
    for use, count in flats.items():
        total[built.use == use] = count[built.use == use]
    return total
