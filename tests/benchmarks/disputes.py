"""Claims compared in numbers: ledgers of random pairs, simulated surveys, and four lines between eight villages.

Ends with 1 if anything that is promised is missed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

import numpy as np

from gridmap.disputes import Comparison, compare
from gridmap.samples import villages
from tests.benchmarks import meter
from tests.benchmarks.drawing_plans import Promise
from tests.benchmarks.telling import progress, promised
from tests.quarrels import pairs
from tests.resurveys import CORNERS, rates

VERSIONS = ("gridmap", "numpy", "shapely", "geopandas")
#: pairs of claims, and resurveys of all classes and numbers of vertices together
PAIRS, RESURVEYS = 10_000, 20_000
#: m2 by which a ledger may be off, share of false disputes, share of shifts found, seconds of eight villages
BALANCED_M2, FALSE, FOUND, VILLAGES_S = 1e-6, 0.01, 0.97, 1.0
SEED = 20261122


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables and what is promised, and write all down."""
    made = argparse.ArgumentParser(prog="python -m tests.benchmarks disputes", description=__doc__)
    made.add_argument("--pairs", type=int, default=PAIRS)
    made.add_argument("--resurveys", type=int, default=RESURVEYS)
    options = made.parse_args(arguments)
    rows: list[meter.Row] = []
    promises = [*_ledgers(options.pairs, rows), *_surveys(options.resurveys, rows), *_eight(rows)]
    print(meter.table(rows, {row.task: row.cpu_s for row in rows if row.cpu_s is not None}))
    print("\n" + promised(promises))
    meter.write("disputes", rows, meter.machine(VERSIONS))
    return int(not all(promise.kept for promise in promises))


def _ledgers(count: int, rows: list[meter.Row]) -> Iterator[Promise]:
    """Random pairs, crossing, touching, nested, equal, disjoint, with a line across each."""
    claims, candidates, _ = pairs(np.random.default_rng(SEED), count)
    cpu, wall, found = meter.measure(lambda: compare(claims, candidates), repeats=1)
    rows.append(meter.Row(task=f"{count} pairs of claims", engine="gridmap", cpu_s=cpu, wall_s=wall))
    off, least = _off(found), float(found.ledger[["gain_m2", "loss_m2", "undisputed_m2", "unclaimed_m2"]].min().min())
    yield Promise(text=f"{count} ledgers balance to {BALANCED_M2:g} m2", measured=f"{off:.1e}", kept=off <= BALANCED_M2)
    yield Promise(text="no area is negative", measured=f"{least:.1e}", kept=least >= 0)
    progress("ledgers")


def _off(found: Comparison) -> float:
    """How far gains and the cells of claims are from what they must add up to, at most, in m2."""
    gains = found.ledger.groupby("candidate")["gain_m2"].sum()
    settled = found.candidates.set_index("id")["settled_m2"].dropna()
    cells = found.cells[found.cells["kind"] != "gap"]
    each = cells.assign(party=cells["parties"].str.split(" | ", regex=False)).explode("party")
    sums = each.groupby("party")["area_m2"].sum()
    claims = found.claims.set_index("party")["area_m2"]
    pieces = found.candidates["difference_m2"].max()
    return float(max((gains - settled[gains.index]).abs().max(), (sums[claims.index] - claims).abs().max(), pieces))


def _surveys(count: int, rows: list[meter.Row]) -> Iterator[Promise]:
    """Lines of all classes and numbers of vertices, surveyed twice."""
    rng = np.random.default_rng(SEED)
    each = -(-count // (3 * len(CORNERS)))
    cpu, wall, told = meter.measure(lambda: np.array([rates(rng, n, count=each) for n in CORNERS]), repeats=1)
    rows.append(meter.Row(task=f"{2 * 3 * each * len(CORNERS)} verdicts", engine="gridmap", cpu_s=cpu, wall_s=wall))
    false, found = float(told[:, 0].mean()), float(told[:, 1].min())
    yield Promise(text=f"false disputes at most {FALSE:.0%}", measured=f"{false:.2%}", kept=false <= FALSE)
    yield Promise(text=f"three combined errors found in {FOUND:.0%}", measured=f"{found:.1%}", kept=found >= FOUND)


def _eight(rows: list[meter.Row]) -> Iterator[Promise]:
    """Four lines between eight villages, beside the truth."""
    made = villages()
    cpu, wall, found = meter.measure(lambda: compare(made["claims"], made["candidates"]), repeats=3)
    rows.append(meter.Row(task="four lines, eight villages", engine="gridmap", cpu_s=cpu, wall_s=wall))
    both = found.ledger.merge(made["truth_ledger"], on=["candidate", "party"], suffixes=("", "_true"))
    off = float((both["gain_m2"] - both["gain_m2_true"]).abs().max())
    yield Promise(text=f"eight villages in {VILLAGES_S:g} s", measured=f"{cpu:.2f} s", kept=cpu <= VILLAGES_S)
    yield Promise(text="their ledger is that drawn, to 0.05 m2", measured=f"{off:.3f} m2", kept=off <= 0.05)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
