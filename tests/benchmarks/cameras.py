"""What cameras see, beside pysovist, pyvisgraph and shapely, in one run on one core; and where to put the next ones.

Areas are compared with the oracle of `tests.benchmarks.cameras_oracle`. Ends with 1 if anything that is promised is
missed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from gridmap.compiling import COMPILED
from gridmap.visibility.cameras.views import views
from gridmap.visibility.sweep.scenes import scene
from gridmap.visibility.sweep.standing import stand
from tests.benchmarks import cameras_exact as exact
from tests.benchmarks import cameras_nested as nesting
from tests.benchmarks import cameras_placing as placing
from tests.benchmarks import meter
from tests.benchmarks.cameras_grounds import CAMERAS, GROUNDS, Ground
from tests.benchmarks.cameras_oracle import Look, area
from tests.benchmarks.cameras_peers import PEERS, Case, cases
from tests.benchmarks.cameras_run import TALL_M, Ran, run, timed
from tests.benchmarks.drawing_plans import Promise
from tests.benchmarks.telling import made_grounds, parser, progress, promised, table

VERSIONS = ("gridmap", "numpy", "scipy", "shapely", "numba", "pysovist", "pyvisgraph")
OURS, PLAIN = "gridmap", "gridmap, not compiled"
#: the exact peer that pip installs, beside which gridmap's speed is promised
RIVAL = "pysovist"
#: cameras that are measured where nothing is compiled
PLAIN_CAMERAS = 1_000
#: microseconds per camera, times the rival's speed with and without compiled kernels
FLAT_US, TIMES, PLAIN_TIMES = 10.0, 300, 3
#: seconds and megabytes of 10 000 cameras; microseconds per camera among heights
BANDS_S, STREETS_S, MOST_MB, HIGH_US = 2.0, 1.0, 1024, 1_000
#: share of the area, and scenes
CLOSE, OF_CHANCE, MADE_HARD = 1e-9, 5_000, 10_000
#: share of the best, and seconds of 50 picks among 10 000 candidates
OF_BEST, CHOSEN_S = 0.99, 2.0


@dataclass(frozen=True, kw_only=True)
class Row:
    """One engine on one ground, per camera of 90 degrees."""

    ground: str
    engine: str
    #: CPU microseconds per camera
    us: float | None = None
    #: greatest difference from the exact area, as a share of it
    error: float | None = None
    note: str = ""


@dataclass
class Results:
    """All that is measured."""

    rows: list[Row] = field(default_factory=list)
    ran: dict[str, Ran] = field(default_factory=dict)
    compared: list[exact.Compared] = field(default_factory=list)
    nested: list[nesting.Nested] = field(default_factory=list)
    placed: list[placing.Placed] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables and what is promised, and write all down."""
    options = _options(arguments)
    # one core for everybody, the processes that are started included
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    results = Results()
    for name, ground in made_grounds(options.grounds, GROUNDS).items():
        measure(name, ground, options, results)
        progress(f"seen: {ground.title}")
        if name == "village":
            results.placed += placing.placed(ground)
            progress(f"placed: {ground.title}")
    compare(options.scenes, results)
    results.promises += promises(results)
    print(text(results))
    facts = {**meter.machine(VERSIONS), **_plain(results)}
    meter.write("cameras", [], facts)
    return int(not all(promise.kept for promise in results.promises))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    taken = parser("cameras", __doc__, GROUNDS)
    taken.add_argument("--cameras", type=int, default=200, help="cameras that peers are given")
    taken.add_argument("--scenes", type=float, default=1.0, help="share of the scenes that are compared")
    return taken.parse_args(arguments)


def measure(name: str, ground: Ground, options: argparse.Namespace, results: Results) -> None:
    """Run gridmap and its peers on a ground."""
    given, truth = asked(ground, options.cameras)
    runs = {PLAIN: run(name, PLAIN_CAMERAS, compiled=False)}
    if COMPILED:
        runs[OURS] = run(name, CAMERAS, compiled=True)
    for engine in (OURS, PLAIN):
        if engine in runs:
            ran = runs[engine]
            error = float(np.abs(ran.area[: len(truth)] / truth - 1).max())
            results.rows.append(Row(ground=ground.title, engine=engine, us=1e6 * ran.flat_s / ran.cameras, error=error))
            results.ran[f"{ground.title}; {engine}"] = ran
    results.rows += [peer(ground.title, engine, given, truth) for engine in PEERS]


def asked(ground: Ground, count: int) -> tuple[list[Case], np.ndarray]:
    """Return the first cameras with the buildings in range, and the exact areas that they see, all buildings high."""
    made = views(ground.cameras.iloc[:count])
    tall = scene(ground.buildings.assign(height_m=TALL_M), crs=made.crs)
    found = stand(tall, made).views
    looks = [
        Look(xy=xy, heading=heading, half_angle=half, range_m=range_m)
        for xy, heading, half, range_m in zip(
            found.xy, found.heading.tolist(), found.half_angle.tolist(), found.range_m.tolist(), strict=True
        )
    ]
    given = cases(looks, tall.obstacles.polygons)
    truth = [area(replace(case.look, xy=np.zeros(2)), case.shapes, np.full(len(case.shapes), TALL_M)) for case in given]
    return given, np.array(truth)


def peer(title: str, engine: str, given: Sequence[Case], truth: np.ndarray) -> Row:
    """Return the row of a peer."""
    try:
        work = PEERS[engine]()
    except ModuleNotFoundError as error:
        return Row(ground=title, engine=engine, note=f"not installed: {error.name}")
    work(given[0])
    seconds, answers = timed(lambda: [work(case) for case in given], repeats=1)
    error = None
    if None not in answers:
        error = float(np.nanmax(np.abs(np.array(answers, float) / truth - 1)))
    return Row(ground=title, engine=engine, us=1e6 * seconds / len(given), error=error)


def compare(share: float, results: Results) -> None:
    """Compare the scenes of chance and those made hard, compiled and not."""
    scenes = (
        ("scenes of chance", exact.of_chance(int(OF_CHANCE * share))),
        ("scenes made hard", exact.made_hard(int(MADE_HARD * share))),
    )
    ways = ((OURS, True), (PLAIN, False)) if COMPILED else ((PLAIN, False),)
    for title, made in scenes:
        for engine, kernel in ways:
            results.compared.append(exact.compared(f"{title}; {engine}", made, kernel=kernel))
            results.nested.append(nesting.nested(f"{title}; {engine}", made, kernel=kernel))
        progress(f"compared: {title}")


def promises(results: Results) -> list[Promise]:
    """Return what is promised, and whether it is kept."""
    rows = {(row.ground, row.engine): row for row in results.rows}
    grounds = list(dict.fromkeys(row.ground for row in results.rows))
    found = [promise for ground in grounds for promise in _of_speed(ground, rows)]
    found += [promise for title, ran in results.ran.items() if title.endswith(OURS) for promise in _of_many(title, ran)]
    found += [promise for one in results.compared for promise in _of_scenes(one)]
    found += [promise for one in results.nested for promise in _of_nesting(one)]
    return [*found, *(promise for one in results.placed for promise in _of_placing(one))]


def _of_speed(ground: str, rows: dict[tuple[str, str], Row]) -> list[Promise]:
    """What is promised of one ground beside the peers."""
    rival = rows[ground, RIVAL].us
    found = []
    for engine, times in ((OURS, TIMES), (PLAIN, PLAIN_TIMES)):
        row = rows.get((ground, engine))
        if row is None or row.us is None or row.error is None:
            continue
        found.append(_at_most(f"{ground}: area, {engine}, relative error", row.error, CLOSE))
        if rival:
            ratio = rival / row.us
            found.append(Promise(text=f"{ground}: {engine} at least {times} times as fast as {RIVAL}",
                                 measured=f"{ratio:.4g}", kept=ratio >= times))  # fmt: skip
        if engine == OURS:
            found.append(_at_most(f"{ground}: about 8 us per camera of 90 degrees", row.us, FLAT_US))
    return found


def _of_many(title: str, ran: Ran) -> list[Promise]:
    """What is promised of 10 000 cameras."""
    return [
        _at_most(f"{title}: us per camera among heights", 1e6 * ran.high_s / ran.cameras, HIGH_US),
        _at_most(f"{title}: s of {ran.cameras} cameras with bands", ran.bands_s, BANDS_S),
        _at_most(f"{title}: s of their streets", ran.parts_s + ran.shares_s, STREETS_S),
        _at_most(f"{title}: MB at most", ran.peak_mb, MOST_MB),
    ]


def _of_scenes(one: exact.Compared) -> list[Promise]:
    """What is promised of scenes."""
    return [
        _at_most(f"{one.title}: wrong of {one.scenes}", float(one.wrong), 0.0),
        _at_most(f"{one.title}: area, relative error", one.relative, CLOSE),
        _at_most(f"{one.title}: bands add up to the whole", one.bands, CLOSE),
    ]


def _of_nesting(one: nesting.Nested) -> list[Promise]:
    """What is promised of ground of different certainty."""
    return [
        _at_most(f"{one.title}: certain ground that a turned camera does not see", float(one.not_seen), 0.0),
        _at_most(f"{one.title}: ground of a turned camera that is not possible", float(one.not_possible), 0.0),
    ]


def _of_placing(one: placing.Placed) -> list[Promise]:
    """What is promised of a choice."""
    title = f"{one.count} cameras of {one.candidates} candidates"
    share = one.chosen_m / one.most_m
    reached = Promise(
        text=f"{title}: at least {OF_BEST:.0%} of the best", measured=f"{share:.4%}", kept=share >= OF_BEST
    )
    return [reached] if one.best_m is not None else [_at_most(f"{title}: s to choose", one.chosen_s, CHOSEN_S)]


def _at_most(title: str, measured: float, most: float) -> Promise:
    """A promise of a greatest value."""
    return Promise(text=f"{title}, at most {most:g}", measured=f"{measured:.4g}", kept=measured <= most)


def text(results: Results) -> str:
    """Return all as Markdown."""
    ours = {row.ground: row.us for row in results.rows if row.engine == OURS}
    parts = [
        table(("per camera of 90 degrees", "engine", "CPU us", "/ ours", "greatest relative error", "note"),
              [(row.ground, row.engine, row.us, _ratio(row.us, ours.get(row.ground)), row.error, row.note)
               for row in results.rows]),
        _many(results.ran),
        _scenes(results.compared),
        _nested(results.nested),
        _placed(results.placed) if results.placed else "",
        promised(results.promises),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part)


def _ratio(one: float | None, ours: float | None) -> float | None:
    """How many times ours."""
    return one / ours if one and ours else None


def _many(ran: dict[str, Ran]) -> str:
    """The table of whole grounds."""
    head = ("cameras of a ground", "cameras", "scene CPU s", "us flat", "us among heights", "with bands CPU s",
            "parts of streets CPU s", "shares CPU s", "peak MB", "street km", "seen")  # fmt: skip
    return table(head, [
        (title, one.cameras, one.scene_s, 1e6 * one.flat_s / one.cameras, 1e6 * one.high_s / one.cameras, one.bands_s,
         one.parts_s, one.shares_s, round(one.peak_mb), one.streets_m / 1000, one.seen_m / one.streets_m)
        for title, one in ran.items()
    ])  # fmt: skip


def _scenes(compared: Sequence[exact.Compared]) -> str:
    """The table of small scenes."""
    head = ("against the oracle", "scenes", "left out", "wrong", "relative error", "error / sector", "bands - whole")
    return table(head, [
        (one.title, one.scenes, one.left_out, one.wrong, one.relative, one.of_sector, one.bands) for one in compared
    ])  # fmt: skip


def _nested(nested: Sequence[nesting.Nested]) -> str:
    """The table of ground of different certainty."""
    head = ("guaranteed, turned, possible", "scenes", "places", "certain, not seen", "seen, not possible")
    return table(head, [(one.title, one.scenes, one.places, one.not_seen, one.not_possible) for one in nested])


def _placed(placed: Sequence[placing.Placed]) -> str:
    """The table of choices."""
    head = ("placement", "candidates", "cameras", "stretches", "greedy CPU s", "with exchanges and bound",
            "solver CPU s", "metres", "greedy / best", "chosen / best", "chosen / bound")  # fmt: skip
    return table(head, [
        (one.ground, one.candidates, one.count, one.stretches, one.greedy_s, one.chosen_s, one.proof_s, one.chosen_m,
         one.greedy_m / one.best_m if one.best_m else None, one.chosen_m / one.best_m if one.best_m else None,
         one.chosen_m / one.bound_m)
        for one in placed
    ])  # fmt: skip


def _plain(results: Results) -> dict[str, object]:
    """All figures as plain values."""
    ran = {title: {**vars(one), "area": []} for title, one in results.ran.items()}
    lists = {
        name: [asdict(one) for one in getattr(results, name)]
        for name in ("rows", "compared", "nested", "placed", "promises")
    }
    return {**lists, "ran": ran, "figures": lists["rows"]}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
