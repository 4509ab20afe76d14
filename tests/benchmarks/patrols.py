"""Coverage by patrols, beside what is otherwise used: accuracy with truth known, speed, months, nearest posts, rounds.

Walks are of seeds that nothing was tuned on. Ends with 1 if anything that is promised is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

from tests.benchmarks import meter
from tests.benchmarks import patrols_beside as beside
from tests.benchmarks import patrols_judging as judging
from tests.benchmarks import patrols_month as months
from tests.benchmarks import patrols_promises as promising
from tests.benchmarks import patrols_rounds as rounds
from tests.benchmarks.drawing_plans import Promise
from tests.benchmarks.patrols_accuracy import CASES, EBIKE, FOOT, Scored, scored
from tests.benchmarks.patrols_grounds import FIRST_SEED, GROUNDS, Ground
from tests.benchmarks.patrols_run import COMPARED, Ran, run
from tests.benchmarks.telling import made_grounds, parser, progress, promised, table

VERSIONS = ("gridmap", "numpy", "scipy", "shapely", "numba", "networkx", "leuvenmapmatching", "movingpandas", "pyrosm")
#: tracks of an hour in each case; crews whose fixes are timed
TRACKS, CREWS = 30, 100
#: tracks of ten minutes in each of three datums
DATUM_TRACKS = 100
#: streets of a round that is timed
STREETS = 3_500


@dataclass
class Results:
    """All that is measured."""

    accuracy: list[Scored] = field(default_factory=list)
    #: by ground and pace: compiled, and not
    speed: dict[str, tuple[Ran, Ran]] = field(default_factory=dict)
    beside: list[beside.Beside] = field(default_factory=list)
    month: months.Month | None = None
    nearest: months.Nearest | None = None
    small: tuple[int, float] | None = None
    full: list[rounds.Full] = field(default_factory=list)
    rural: list[rounds.Rural] = field(default_factory=list)
    owed: list[rounds.Owed] = field(default_factory=list)
    waterfall: judging.Waterfall | None = None
    stops: list[tuple[str, judging.Stops]] = field(default_factory=list)
    verdicts: list[judging.Verdicts] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables and what is promised, and write all down."""
    options = _options(arguments)
    # one core for everybody, the processes that are started included
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    results = Results()
    made = made_grounds(options.grounds, GROUNDS)
    for name, ground in made.items():
        walk(name, ground, options, results)
    summarise(results)
    plan(list(made.values()), results)
    results.promises += promising.promises(results)
    print(text(results))
    meter.write("patrols", [], {**meter.machine(VERSIONS), **_plain(results)})
    return int(not all(promise.kept for promise in results.promises))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    taken = parser("patrols", __doc__, GROUNDS)
    taken.add_argument("--tracks", type=int, default=TRACKS, help="tracks of an hour in each case")
    taken.add_argument("--leuven-s", type=float, default=20.0, help="CPU seconds that leuvenmapmatching may take")
    return taken.parse_args(arguments)


def walk(name: str, ground: Ground, options: argparse.Namespace, results: Results) -> None:
    """Let crews walk over a ground: what is found of it, how fast, and what others make of it."""
    results.accuracy += [scored(ground, case, options.tracks) for case in CASES]
    progress(f"scored: {ground.title}")
    for title, speed in (("foot", FOOT), ("e-bike", EBIKE)):
        ran = run(name, CREWS, speed, compiled=True), run(name, COMPARED, speed, compiled=False)
        results.speed[f"{ground.title}, {title}"] = ran
        results.beside += beside.beside(ground, title, speed, limit_s=options.leuven_s)
    progress(f"timed: {ground.title}")
    results.stops += [(ground.title, one) for one in judging.stops(ground)]
    results.verdicts += judging.verdicts(judging.in_china(ground), DATUM_TRACKS)
    progress(f"judged: {ground.title}")


def summarise(results: Results) -> None:
    """Summarise a month, ask for the nearest posts, and judge real patrols."""
    results.month, results.nearest = months.month(), months.alerts()
    if judging.at_hand():
        results.waterfall = judging.waterfall()
    else:
        print("real patrols are left out: no smart_patrols (set GRIDMAP_SHARED_DATA)\n")
    progress("summarised")


def plan(grounds: Sequence[Ground], results: Results) -> None:
    """Plan rounds on all grounds, and on lattices."""
    results.small = rounds.small()
    progress("small rounds")
    for ground in grounds:
        streets = rounds.driven(ground)
        results.full.append(rounds.full(streets, beside=True))
        results.full.append(rounds.full(rounds.around(ground, STREETS), beside=False))
        results.rural += rounds.rurals([streets])
        results.owed += [rounds.owed(streets, metres) for metres in rounds.SHIFT_M]
        progress(f"planned: {ground.title}")
    results.full.append(rounds.full(rounds.jittered(44, 0.08, FIRST_SEED), beside=False))
    results.rural += rounds.rurals([rounds.jittered(15, 0.1, FIRST_SEED)])
    results.owed.append(rounds.owed(rounds.jittered(22, 0.05, FIRST_SEED), rounds.SHIFT_M[1]))


def text(results: Results) -> str:
    """Return all as Markdown."""
    return "\n\n".join([*_tables(results), promised(results.promises)])


def _tables(results: Results) -> Iterator[str]:
    """Yield the tables of figures."""
    yield table(
        ("ground", "case", "tracks", "recall", "worst", "recall of what the map has", "false", "worst",
         "m observed in gaps", "tracks within the bar", "half of the bar"),
        [(one.ground, one.case, one.tracks, one.recall, one.recall_worst, one.recall_mapped, one.false, one.false_worst,
          one.inside_gaps_m, one.held, one.bar) for one in results.accuracy],
    )  # fmt: skip
    yield table(
        ("ground", "fixes", "judged CPU s", "matched CPU s", "fixes per CPU s", "not compiled", "the same"),
        [(title, one.fixes, one.judge_s, one.match_s, round(one.per_s), round(plain.per_s),
          one.visits.equals(plain.visits)) for title, (one, plain) in results.speed.items()],
    )  # fmt: skip
    yield table(
        ("ground", "engine", "tracks", "fixes per CPU s", "recall", "false", "false, to the metre", "note"),
        [(one.ground, one.engine, one.tracks, round(one.per_s) if one.per_s else None, one.recall, one.false, one.exact,
          one.note) for one in results.beside],
    )  # fmt: skip
    yield from (_listed(rows) for rows in (
        [results.month], [results.nearest], results.verdicts, results.full, results.rural,
        results.owed,
    ) if rows and rows[0] is not None)  # fmt: skip
    if results.waterfall:
        yield table(
            ("smart_patrols, km", *results.waterfall.measured, "copies dropped"),
            [("measured once", *results.waterfall.measured.values()),
             ("now", *results.waterfall.now.values(), results.waterfall.duplicates)],
        )  # fmt: skip
    yield table(
        ("stops", "engine", "true", "found", "spurious", "dwell error s", "fixes per CPU s", "note"),
        [(ground, one.engine, one.true, one.found, one.spurious, one.dwell_s,
          None if one.per_s is None else round(one.per_s), one.note) for ground, one in results.stops],
    )  # fmt: skip


def _listed(rows: Sequence[object]) -> str:
    """A table of values of one class."""
    plain = [asdict(row) for row in rows]  # type: ignore[call-overload]
    return table(list(plain[0]), [list(row.values()) for row in plain])


def _plain(results: Results) -> dict[str, object]:
    """All figures as plain values."""
    found = asdict(results)
    found["speed"] = {
        title: [{**{key: value for key, value in vars(one).items() if key != "visits"}, "per_s": one.per_s}
                for one in pair]
        for title, pair in results.speed.items()
    }  # fmt: skip
    return found


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
