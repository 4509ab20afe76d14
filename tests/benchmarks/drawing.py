"""Grids drawn and mended, and street blocks cut, beside METIS, GerryChain and spopt, in one run.

All are given the same graph of atoms (`gridmap.partition.drawing.atoms`), and all plans are measured by it. Ends with 1
if anything that is promised is missed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from tests.benchmarks import drawing_blocks as blocks
from tests.benchmarks import drawing_changes as changes
from tests.benchmarks import drawing_plans as plans
from tests.benchmarks import meter
from tests.benchmarks.drawing_grounds import GROUNDS
from tests.benchmarks.drawing_plans import RIVAL, Promise, Row
from tests.benchmarks.telling import made_grounds, parser, progress, promised, table

VERSIONS = ("gridmap", "numpy", "scipy", "shapely", "numba", "pymetis", "gerrychain", "spopt")
#: grounds of known numbers of buildings: CPU seconds that drawing may take
MOST_S = {"10000": 6.0, "100000": 60.0}
#: grounds whose grids are mended, and whose streets are cut into blocks
MENDED = BLOCKED = ("helsinki", "10000")


@dataclass
class Results:
    """All that is measured."""

    plans: list[Row] = field(default_factory=list)
    changes: list[changes.Mended] = field(default_factory=list)
    blocks: list[blocks.Blocks] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables and what is promised, and write all down."""
    options = _options(arguments)
    made = made_grounds(options.grounds, GROUNDS)
    results = Results()
    slow: plans.Slow = {}
    for ground in made.values():
        rows, promises = plans.plans(plans.laid(ground), slow, options.limit)
        results.plans += rows
        results.promises += promises
        progress(f"drawn: {ground.title}")
    for name, ground in made.items():
        if name in MENDED and options.changes:
            results.changes += changes.mended(ground, range(options.changes))
            progress(f"mended: {ground.title}")
        if name in BLOCKED:
            results.blocks += blocks.measured(ground)
    results.promises += further_promises(results, {name: ground.title for name, ground in made.items()})
    print(text(results))
    facts = {**meter.machine(VERSIONS), **{k: [asdict(row) for row in v] for k, v in vars(results).items()}}
    meter.write("drawing", [], facts)
    return int(not all(promise.kept for promise in results.promises))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    taken = parser("drawing", __doc__, GROUNDS)
    taken.add_argument("--limit", type=int, default=120, help="CPU seconds after which a peer is stopped")
    taken.add_argument("--changes", type=int, default=3, help="changes of each kind that are mended")
    return taken.parse_args(arguments)


def further_promises(results: Results, titles: dict[str, str]) -> list[Promise]:
    """Return what is promised of time, memory, mending and blocks."""
    promises = [plans.quick(results.plans, titles[name], most) for name, most in MOST_S.items() if name in titles]
    if titles.keys() >= MOST_S.keys():
        promises.append(plans.linear(results.plans, titles["10000"], titles["100000"], 10))
    promises += changes.promises(results.changes, timed=titles.get("10000", ""))
    return [*promises, *blocks.promises(results.blocks)]


def text(results: Results) -> str:
    """Return all as Markdown."""
    parts = [plans_table(results.plans)]
    if results.changes:
        parts.append(changes_table(results.changes))
    if results.blocks:
        parts.append(blocks_table(results.blocks))
    return "\n\n".join([*parts, promised(results.promises)])


def plans_table(rows: Sequence[Row]) -> str:
    """Return the plans, ours and others'."""
    head = (
        *(
            "ground",
            "engine",
            "CPU s",
            "with cells",
            "peak MB",
            "grids",
            "broken",
            "max dev %",
            "mean dev %",
            "in 10 %",
        ),
        *("in 15 %", "PP", "least PP", "barrier km inside", "/ METIS, barriers", "cut", "note"),
    )
    rival = {row.ground: row.figures.barrier_km for row in rows if row.engine == RIVAL and row.figures}
    return table(head, [_plan(row, rival.get(row.ground)) for row in rows])


def _plan(row: Row, rival_km: float | None) -> tuple[object, ...]:
    """Return the cells of a plan."""
    found = row.figures
    if found is None:
        return (row.ground, row.engine, row.cpu_s, *[None] * 13, row.note)
    sizes = (100 * found.greatest, 100 * found.mean, 100 * found.within_10, 100 * found.within_15)
    share = found.barrier_km / rival_km if rival_km else None
    barrier = f"{found.barrier_km:.2f} of {found.barriers_km:.1f}" if found.barriers_km else None
    return (
        *(row.ground, row.engine, row.cpu_s, row.whole_s, row.peak_mb and round(row.peak_mb)),
        *(f"{found.grids} of {found.wanted}", found.broken, *sizes, found.compact, found.least_compact),
        *(barrier, share, row.cut, row.note),
    )


def changes_table(rows: Sequence[changes.Mended]) -> str:
    """Return what changes grid."""
    head = (
        *("2 % changed", "where", "seed", "engine", "CPU s", "of it cells", "moved %", "moved %, best match"),
        *("grids", "broken", "in 10 %", "max dev %", "PP", "note"),
    )
    return table(head, [_change(row) for row in rows])


def _change(row: changes.Mended) -> tuple[object, ...]:
    """Return the cells of a change."""
    found = row.figures
    first = (row.ground, row.where, row.seed, row.engine, row.cpu_s, row.cells_s, _percent(row.moved))
    if found is None:
        return (*first, *[None] * 6, row.note)
    sizes = (100 * found.within_10, 100 * found.greatest, found.compact)
    return (*first, _percent(row.moved_matched), f"{found.grids} of {found.wanted}", found.broken, *sizes, row.note)


def blocks_table(rows: Sequence[blocks.Blocks]) -> str:
    """Return the blocks."""
    head = ("street blocks", "engine", "CPU s", "blocks", "200-400 m %", "multipart %", "metres in exactly one %")
    return table(head, [
        (row.ground, row.engine, row.cpu_s, row.blocks, 100 * row.as_long, 100 * row.multipart, _percent(row.once))
        for row in rows
    ])  # fmt: skip


def _percent(share: float | None) -> float | None:
    """Return a share in percent, nothing for None."""
    return None if share is None else 100 * share


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
