"""The sample town's streets as a graph: pieces between neighbouring nodes of the lattice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.samples.ground import Array, Ground, Ints
from gridmap.samples.streets import BARRIERS, Plan, Run


@dataclass(frozen=True, kw_only=True)
class Edges:
    """Pieces of streets, each in both directions; one entry per piece and direction in each array."""

    #: numbers of the nodes at its beginning and end
    begin: Ints
    end: Ints
    #: number of its street, and of the street's class
    street: Ints
    rank: Ints
    #: metres along the street at its beginning and end
    from_m: Array
    to_m: Array

    def heading(self, ground: Ground) -> Array:
        """Directions of the pieces, degrees clockwise from grid north."""
        x, y = ground.x.ravel(), ground.y.ravel()
        return np.degrees(np.arctan2(x[self.end] - x[self.begin], y[self.end] - y[self.begin]))

    def street_ids(self, rows: Ints) -> list[str]:
        """Identifiers of the streets of some pieces."""
        return [street_id(k) for k in self.street[rows]]


def street_id(number: int) -> str:
    """Identifier of a street.

    >>> street_id(0)
    'S00001'
    """
    return f"S{number + 1:05d}"


def chainage(ground: Ground, run: Run) -> Array:
    """Metres from the first node to every node of a street."""
    x, y = ground.x[run.rows, run.columns], ground.y[run.rows, run.columns]
    return np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])


def edges(ground: Ground, plan: Plan) -> Edges:
    """Every piece of street, entry 2k one way and 2k + 1 back; barriers are no streets."""
    wide = ground.shape[1] + 1
    parts = []
    for k, run in enumerate(plan.runs):
        if run.rank in BARRIERS:
            continue
        node, along = run.rows * wide + run.columns, chainage(ground, run)
        same = np.full(len(node) - 1, k), np.full(len(node) - 1, run.rank)
        ends = ((node[:-1], node[1:]), (node[1:], node[:-1]), (same[0],) * 2, (same[1],) * 2)
        parts.append(
            [np.stack(pair, axis=1).ravel() for pair in (*ends, (along[:-1], along[1:]), (along[1:], along[:-1]))]
        )
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Edges(**dict(zip(("begin", "end", "street", "rank", "from_m", "to_m"), joined, strict=True)))
