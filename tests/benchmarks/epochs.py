"""Two epochs of parcels compared, beside an overlay of everything, in one run.

An R-tree overlay lays every old parcel over every new one that it touches; ``geopandas.overlay`` does the same and cuts
out what is left of both; a bare hash leaves out what has the same normalised bytes on both sides, and lays the rest.
None tells kinds, mends rings or keeps books. Ends with 1 if anything that is promised is missed.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.disputes import EpochChange, compare_epochs, epochs
from tests.benchmarks import meter
from tests.benchmarks.drawing_plans import Promise
from tests.benchmarks.epochs_grounds import LOOSE, Pair, cells, pair
from tests.benchmarks.telling import progress, promised

VERSIONS = ("gridmap", "numpy", "shapely", "geopandas")
OURS, TREE, HASH, UNION = "gridmap", "shapely, STRtree", "shapely, bare hash", "geopandas, union"
#: parcels of the large pair and of the one that is small enough for a union
LARGE, SMALL = 100_000, 10_000
#: how many times less CPU than either is promised
BESIDE_TREE, BESIDE_UNION = 12.0, 40.0
#: the same where every changed parcel has ground in common with three, whose overlay is half of our time
BESIDE_TREE_OF_CELLS = 9.0
#: share of a parcel's area by which its books may be off
BALANCED = 1e-6


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables and what is promised, and write all down."""
    options = _options(arguments)
    rows, promises = [], []
    for made, union in _pairs(options.parcels):
        progress(f"made: {_task(made)}")
        measured = [_ours(made, options.repeats), _tree(made), _hash(made, options.repeats)]
        measured += [_union(made)] if union else []
        rows += measured
        promises += [*_beside(made, measured), *_promises(made)]
    print(meter.table(rows, {row.task: row.cpu_s for row in rows if row.engine == OURS and row.cpu_s is not None}))
    print("\n" + promised(promises))
    meter.write("epochs", rows, meter.machine(VERSIONS))
    return int(not all(promise.kept for promise in promises))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    made = argparse.ArgumentParser(prog="python -m tests.benchmarks epochs", description=__doc__)
    made.add_argument("--parcels", type=int, default=LARGE)
    made.add_argument("--repeats", type=int, default=3)
    return made.parse_args(arguments)


def _pairs(parcels: int) -> Iterator[tuple[Pair, bool]]:
    """Give what is compared, and whether it is small enough for a union."""
    yield pair(parcels), False
    yield pair(min(SMALL, parcels)), True
    yield cells(parcels), False
    yield cells(parcels, step_m=None), False


def _task(made: Pair) -> str:
    """Return what was asked."""
    return f"{len(made.old)} {made.laid}, {100 * made.changed:.1f} % changed"


def _ours(made: Pair, repeats: int) -> meter.Row:
    """Return what we take: kinds, shares, and ground that one epoch alone holds."""
    cpu, wall, _ = meter.measure(lambda: epochs(made.old, made.new), repeats=repeats)
    return meter.Row(task=_task(made), engine=OURS, cpu_s=cpu, wall_s=wall)


def _tree(made: Pair) -> meter.Row:
    """Return what an overlay of everything takes: common ground and its area, and no more."""
    old, new = (np.asarray(table.geometry.to_numpy(), dtype=object) for table in (made.old, made.new))

    def work() -> Any:
        one, other = shapely.STRtree(new).query(old, predicate="intersects")
        area = shapely.area(shapely.intersection(old[one], new[other]))
        return one[area > 0], other[area > 0]

    cpu, wall, found = meter.measure(work, repeats=1)
    ours = epochs(made.old, made.new)
    both = int((ours["old"].notna() & ours["new"].notna()).sum())
    # cells exchange slivers by rounding, which we book and do not tell
    differ = abs(len(found[0]) - both) if made.truth is not None else None
    return meter.Row(task=_task(made), engine=TREE, cpu_s=cpu, wall_s=wall, differ=differ)


def _hash(made: Pair, repeats: int) -> meter.Row:
    """Return what it takes to leave out what has the same normalised bytes, and to lay the rest over each other."""
    old, new = (np.asarray(table.geometry.to_numpy(), dtype=object) for table in (made.old, made.new))

    def work() -> Any:
        ours, theirs = (shapely.to_wkb(shapely.normalize(shapes)).tolist() for shapes in (old, new))
        left, right = (
            np.flatnonzero([key not in known for key in keys])
            for keys, known in ((ours, set(theirs)), (theirs, set(ours)))
        )
        one, other = shapely.STRtree(new[right]).query(old[left], predicate="intersects")
        return shapely.area(shapely.intersection(old[left][one], new[right][other]))

    cpu, wall, _ = meter.measure(work, repeats=repeats)
    return meter.Row(task=_task(made), engine=HASH, cpu_s=cpu, wall_s=wall)


def _union(made: Pair) -> meter.Row:
    """Return what geopandas takes."""
    old, new = made.old.rename(columns={"id": "old"}), made.new.rename(columns={"id": "new"})

    def work() -> gpd.GeoDataFrame:
        with warnings.catch_warnings():
            # that lines and points are dropped is what is wanted
            warnings.simplefilter("ignore", UserWarning)
            return gpd.overlay(old, new, how="union", keep_geom_type=True)

    cpu, wall, found = meter.measure(work, repeats=1)
    differ = abs(len(found) - len(epochs(made.old, made.new)))
    return meter.Row(task=_task(made), engine=UNION, cpu_s=cpu, wall_s=wall, differ=differ)


def _beside(made: Pair, rows: Sequence[meter.Row]) -> list[Promise]:
    """Return how many times less CPU we take than the others."""
    ours = rows[0].cpu_s or 0.0
    least = {TREE: BESIDE_TREE_OF_CELLS if made.laid == LOOSE else BESIDE_TREE, UNION: BESIDE_UNION}
    return [
        Promise(
            text=f"{row.task}: at least {least[row.engine]:.0f} times less CPU than {row.engine}",
            measured=f"{(row.cpu_s or 0.0) / ours:.1f} times",
            kept=(row.cpu_s or 0.0) >= least[row.engine] * ours,
        )
        for row in rows[1:]
        if row.engine in least
    ]


def _promises(made: Pair) -> list[Promise]:
    """Return whether the answer is the truth, and its books balance."""
    found = compare_epochs(made.old, made.new)
    books = found.ledger
    off = float((books["error_m2"].abs() / books["area_m2"]).max())
    text = f"{_task(made)}: books balance to {BALANCED:g} of each parcel"
    balanced = Promise(text=text, measured=f"{off:.1e}", kept=off <= BALANCED)
    if made.truth is None:
        return [balanced]
    wrong = _wrong(found, made.truth)
    return [
        Promise(text=f"{_task(made)}: every row as it was made", measured=f"{wrong} differ", kept=wrong == 0),
        balanced,
    ]


def _wrong(found: EpochChange, truth: pd.DataFrame) -> int:
    """Return how many rows differ from the truth."""
    said, true = (_counted(table) for table in (found.lineage, truth))
    return sum(((said - true) + (true - said)).values())


def _counted(table: pd.DataFrame) -> Counter[tuple[str, str, str]]:
    """Return the rows of a lineage, each with how often it is there."""
    columns = (table[name].fillna("").tolist() for name in ("old", "new", "kind"))
    return Counter(zip(*columns, strict=True))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
