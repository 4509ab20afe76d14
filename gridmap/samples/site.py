"""The ground, streets, blocks, buildings and areas of one sample town, before any table is drawn from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.samples import areas, blocks, buildings, compounds, streets
from gridmap.samples.areas import Nest
from gridmap.samples.buildings import Buildings
from gridmap.samples.compounds import Gates
from gridmap.samples.ground import Array, Ground, Ints, lay
from gridmap.samples.streets import Plan

#: Share of the plots that is built up as a town in one of up to so many buildings; larger ones have wider outskirts.
URBAN, URBAN_UP_TO = 0.55, 5000
#: Buildings that a plot holds on average.
PER_PLOT = 4.5


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything that tables are drawn from."""

    #: the lattice
    ground: Ground
    #: its streets and blocks
    plan: Plan
    #: buildings, and their corners in metres
    built: Buildings
    corners: Array
    #: households and residents on every plot
    households: Ints
    residents: Ints
    #: areas in force now and before
    now: Nest
    before: Nest
    #: gates and names of compounds by block
    gate: Gates


def build(seed: int, count: int) -> Site:
    """The town of a seed, with so many buildings."""
    ground, plan, use, bare = _room_for(seed, count)
    built = buildings.settle(chance(seed, "people"), bare)
    households, residents = (_per_plot(ground, built, people) for people in (built.households, built.residents))
    now, before = areas.nests(chance(seed, "areas"), plan, households, areas.community_count(count))
    return Site(
        ground=ground,
        plan=plan,
        built=built,
        corners=buildings.outlines(ground, built),
        households=households,
        residents=residents,
        now=now,
        before=before,
        gate=compounds.gates(chance(seed, "names"), plan, use, now),
    )


def chance(seed: int, subject: str) -> np.random.Generator:
    """A source of chance of a subject's own, so that a change to one subject leaves the others as they were."""
    return np.random.default_rng([seed, *subject.encode()])


def _room_for(seed: int, count: int) -> tuple[Ground, Plan, Ints, Buildings]:
    """Land with room for so many buildings, and exactly that many on it."""
    urban = URBAN * min(1.0, (URBAN_UP_TO / count) ** 0.25)
    plots = round(count / PER_PLOT)
    while True:
        ground = lay(chance(seed, "ground"), plots)
        plan = streets.plan(chance(seed, "streets"), ground, urban)
        use = blocks.uses(chance(seed, "blocks"), plan)
        rng = chance(seed, "buildings")
        built = buildings.place(rng, ground, plan, use)
        if len(built) >= count:
            return ground, plan, use, built.take(np.sort(rng.permutation(len(built))[:count]))
        plots = round(plots * max(1.03, 1.01 * count / len(built))) + 1


def _per_plot(ground: Ground, built: Buildings, people: Ints) -> Ints:
    """Sums over the buildings of every plot."""
    rows, columns = ground.shape
    sums = np.bincount(built.row * columns + built.column, people, rows * columns)
    return sums.astype(np.int64).reshape(rows, columns)
