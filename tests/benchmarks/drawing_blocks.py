"""Street blocks beside a naive cut: long enough, in one piece, every metre of street in exactly one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.ops import substring

from gridmap.blocks import street_blocks
from gridmap.partition.drawing.atoms import atoms
from tests.benchmarks.drawing_figures import parts
from tests.benchmarks.drawing_grounds import Ground
from tests.benchmarks.drawing_plans import OURS, Promise

LENGTH_M = 300.0
#: metres of a block that is as long as wanted; cuts are made to the millimetre
_SHORTEST_M, _LONGEST_M = 199.99, 400.01
#: share of the metres by which sums of floats may differ
_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """Blocks of one ground."""

    ground: str
    engine: str
    cpu_s: float
    blocks: int
    #: share of the blocks with 200 to 400 m of street
    as_long: float
    #: share of the blocks in several parts
    multipart: float
    #: share of the metres of street that lie in exactly one block
    once: float | None = None


def measured(ground: Ground) -> Iterator[Blocks]:
    """Give gridmap's blocks and the naive ones."""
    start = time.process_time()
    blocks = street_blocks(ground.streets, ground.within, LENGTH_M)
    cpu_s = time.process_time() - start
    shapes = blocks.geometry.to_numpy()
    yield Blocks(
        ground=ground.title,
        engine=OURS,
        cpu_s=cpu_s,
        blocks=len(blocks),
        as_long=float(blocks["length_m"].between(_SHORTEST_M, _LONGEST_M).mean()),
        multipart=float((shapely.get_num_geometries(shapes) > 1).mean()),
        once=once(shapes, drawn(ground)),
    )
    yield naive(ground)


def drawn(ground: Ground) -> Any:
    """Return the streets inside the ground, each stretch of ground once; rivers and railways are none."""
    assert ground.streets is not None
    assert ground.within is not None
    table = ground.streets
    lines = table[table["barrier"].isna()].geometry.to_numpy()
    return shapely.union_all(shapely.intersection(lines, shapely.union_all(ground.within.geometry.to_numpy())))


def once(blocks: np.ndarray, streets: Any) -> float:
    """Return the share of the metres of street that lie in one block and on no border."""
    inside = shapely.length(shapely.intersection(blocks, streets)).sum()
    border = shapely.length(shapely.intersection(shapely.union_all(shapely.boundary(blocks)), streets))
    # a stretch along a border of two blocks is inside both
    return float((inside - 2 * border) / shapely.length(streets))


def naive(ground: Ground) -> Blocks:
    """Return what is got by cutting each named line every 300 m, and giving each atom to its nearest piece and side."""
    assert ground.buildings is not None
    start = time.process_time()
    pieces = np.array([piece for line in _merged(ground) for piece in _pieces(line)])
    made = atoms(ground.buildings, ground.streets, within=ground.within)
    points = shapely.points(made.graph.xy)
    _, nearest = shapely.STRtree(pieces).query_nearest(points, all_matches=False)
    label = np.unique(2 * nearest + _side(pieces[nearest], points), return_inverse=True)[1]
    cpu_s = time.process_time() - start
    length = shapely.length(pieces)
    return Blocks(
        ground=ground.title,
        engine="naive cut",
        cpu_s=cpu_s,
        blocks=int(label.max()) + 1,
        as_long=float(((length >= _SHORTEST_M) & (length <= _LONGEST_M)).mean()),
        multipart=float((parts(made.graph, label) > 1).mean()),
    )


def _merged(ground: Ground) -> np.ndarray:
    """Return the streets inside the ground, those of one name as lines that are as long as can be."""
    assert ground.streets is not None
    assert ground.within is not None
    table = ground.streets[ground.streets["barrier"].isna()]
    inside = shapely.intersection(table.geometry.to_numpy(), shapely.union_all(ground.within.geometry.to_numpy()))
    name = table["name"].fillna(table["id"]).to_numpy(str)
    lines = [shapely.line_merge(shapely.union_all(inside[name == one])) for one in np.unique(name)]
    return shapely.get_parts(np.array([line for line in lines if not line.is_empty]))


def _pieces(line: Any) -> list[Any]:
    """Return a line in equal pieces of about 300 m."""
    ends = np.linspace(0, line.length, max(1, round(line.length / LENGTH_M)) + 1)
    return [substring(line, start, end) for start, end in pairwise(ends)]


def _side(lines: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return 1 for points left of their line, else 0."""
    along = shapely.line_locate_point(lines, points)
    back, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(along + step, 0))) for step in (-1, 1)
    )
    way, off = ahead - back, shapely.get_coordinates(points) - back
    return (way[:, 0] * off[:, 1] - way[:, 1] * off[:, 0] > 0).astype(int)


def promises(rows: Sequence[Blocks]) -> Iterator[Promise]:
    """Give what is promised of blocks."""
    for row in rows:
        if row.engine != OURS:
            continue
        yield Promise(
            text=f"{row.ground}: 95 % of the blocks between 200 and 400 m",
            measured=f"{row.as_long:.1%}",
            kept=row.as_long >= 0.95,
        )
        yield Promise(
            text=f"{row.ground}: no block in several parts", measured=f"{row.multipart:.1%}", kept=row.multipart == 0
        )
        yield Promise(
            text=f"{row.ground}: 100 % of the metres of street in exactly one block",
            measured=f"{row.once:.4%}",
            kept=row.once is not None and abs(row.once - 1) <= _ROUNDING,
        )
