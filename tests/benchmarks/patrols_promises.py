"""What is promised of coverage by patrols, and whether it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from tests.benchmarks.drawing_plans import Promise
from tests.benchmarks.patrols_accuracy import Scored
from tests.benchmarks.patrols_beside import OURS, Beside
from tests.benchmarks.patrols_judging import ENOUGH, Stops, Verdicts, Waterfall
from tests.benchmarks.patrols_month import Month, Nearest
from tests.benchmarks.patrols_peers import LEUVEN
from tests.benchmarks.patrols_rounds import Full, Owed, Rural
from tests.benchmarks.patrols_run import Ran

#: of accuracy: share found, share claimed that nobody walked, share of tracks within their error bar
FOUND, FALSE, HELD = 0.98, 0.01, 0.9
#: fixes per CPU second, compiled and not; times the speed of the matcher that pip brings
FAST, PLAIN, TIMES = 300_000, 20_000, 100
#: seconds of a month, milliseconds of nearest posts, the difference from shapely that is rounding
MONTH_S, NEAREST_MS, ROUNDING = 0.1, 5.0, 1e-6
#: seconds of a round along so many streets, metres that are none, gap of a round along given streets
ROUND_S, MOST_STREETS, NO_METRES, GAP = 1.0, 3_500, 0.01, 0.05
#: of the kilometres measured once; of verdicts that are right
SMART, RIGHT = 0.02, 0.99


class Results(Protocol):
    """All that is measured."""

    accuracy: list[Scored]
    speed: dict[str, tuple[Ran, Ran]]
    beside: list[Beside]
    month: Month | None
    nearest: Nearest | None
    small: tuple[int, float] | None
    full: list[Full]
    rural: list[Rural]
    owed: list[Owed]
    waterfall: Waterfall | None
    stops: list[tuple[str, Stops]]
    verdicts: list[Verdicts]


def promises(results: Results) -> Iterator[Promise]:
    """Yield what is promised."""
    for one in results.accuracy:
        yield from _of_accuracy(one)
    yield from _of_bars(results.accuracy)
    for title, ran in results.speed.items():
        yield from _of_speed(title, *ran)
    yield from _of_peers(results.speed, results.beside)
    if results.month and results.nearest:
        yield from _of_time(results.month, results.nearest)
    yield from _of_rounds(results)
    yield from _of_judging(results)


def _of_accuracy(one: Scored) -> Iterator[Promise]:
    """What is promised of a case; of 30 and 60 s only that nothing is claimed inside gaps."""
    title = f"{one.ground}, {one.case}"
    if one.promised:
        yield _least(f"{title}: recall on the corridor of streets that the map has", one.recall_mapped, FOUND)
        yield _most(f"{title}: false", one.false, FALSE)
    yield _most(f"{title}: metres observed while nothing was sent", one.inside_gaps_m, 0.0)


def _of_bars(scored: list[Scored]) -> Iterator[Promise]:
    """What is promised of error bars, by ground and seconds between fixes: of 30 tracks alone chance would tell."""
    told = [one for one in scored if one.held is not None]
    for ground, every_s in dict.fromkeys((one.ground, one.every_s) for one in told):
        mine = [one for one in told if (one.ground, one.every_s) == (ground, every_s)]
        held, tracks = sum(one.held or 0 for one in mine), sum(one.tracks for one in mine)
        title = f"{ground}, {every_s:g} s: share of {tracks} tracks whose truth lies within the error bar"
        yield _least(title, held / tracks, HELD)


def _of_speed(title: str, compiled: Ran, plain: Ran) -> Iterator[Promise]:
    """What is promised of speed."""
    yield _least(f"{title}: fixes per CPU s, cleaned and matched", compiled.per_s, FAST)
    yield _least(f"{title}: the same, not compiled", plain.per_s, PLAIN)
    same = compiled.visits.equals(plain.visits)
    yield Promise(text=f"{title}: the same visits, compiled or not", measured="the same" if same else "not", kept=same)


def _of_peers(speed: dict[str, tuple[Ran, Ran]], rows: list[Beside]) -> Iterator[Promise]:
    """What is promised beside the peers: false claims of none of them are fewer at the same recall."""
    for title, (compiled, _) in speed.items():
        mine = [row for row in rows if row.ground == title]
        ours = next(row for row in mine if row.engine == OURS)
        for row in mine:
            if row.engine.startswith(LEUVEN) and row.per_s:
                yield _least(f"{title}: times the speed of {row.engine}", compiled.per_s / row.per_s, TIMES)
        rivals = [row for row in mine if row is not ours and row.recall is not None and row.recall >= FOUND]
        best = min((row.false for row in rivals if row.false is not None), default=1.0)
        yield _most(f"{title}: false, beside the least of peers that find {FOUND:.0%}", ours.false or 0.0, best)


def _of_time(month: Month, nearest: Nearest) -> Iterator[Promise]:
    """What is promised of months and alerts."""
    yield _most(f"a month of {month.visits} visits summarised, CPU s", month.summary_s, MONTH_S)
    yield _most("its metres beside shapely's, relative difference", month.differ, ROUNDING)
    title = f"nearest of {nearest.posts} posts on {nearest.edges} edges"
    yield _most(f"{title}: 95 of 100 answered in CPU ms", nearest.p95_ms, NEAREST_MS)
    yield _most(f"{title}: answers that are not the nearest, of {nearest.looked_up}", nearest.wrong, 0)


def _of_rounds(results: Results) -> Iterator[Promise]:
    """What is promised of rounds."""
    if results.small:
        count, metres = results.small
        yield _most(f"rounds of {count} small networks: metres off networkx's best", metres, NO_METRES)
    for full in results.full:
        title = f"round along {full.streets} streets of {full.ground}"
        yield _most(f"{title}: gap, proven", full.gap, 0.0)
        if full.streets <= MOST_STREETS:
            yield _most(f"{title}: CPU s", full.cpu_s, ROUND_S)
        if full.longer_m is not None:
            yield _most(f"{title}: metres off networkx's best", abs(full.longer_m), NO_METRES)
    for one in results.rural:
        title = f"round along {one.required} of {one.streets} streets of {one.ground}"
        yield _most(f"{title}: gap", one.gap, GAP)
        yield Promise(text=f"{title}: closed, with all of them", measured=str(one.sound), kept=one.sound)
    for owed in results.owed:
        title = f"{owed.km:g} km for {owed.due} overdue of {owed.streets} streets of {owed.ground}"
        yield _least(f"{title}: debt worked off, beside the nearest overdue next", owed.collected, owed.habit)
        yield _most(f"{title}: minutes", owed.minutes, owed.allowed)


def _of_judging(results: Results) -> Iterator[Promise]:
    """What is promised of real patrols, of stops and of datums."""
    if results.waterfall:
        yield from _of_patrols(results.waterfall)
    for one in results.verdicts:
        title = f"{one.ground}: datum after {one.minutes} min"
        yield _most(f"{title}: wrong of {one.tracks}", one.wrong, 0)
        if one.minutes == ENOUGH:
            yield _least(f"{title}: right", one.right / one.tracks, RIGHT)
    for ground in dict.fromkeys(name for name, _ in results.stops):
        rows = [one for name, one in results.stops if name == ground]
        few = next(one for one in rows if one.few and one.engine.startswith(OURS))
        rivals = [one for one in rows if one.few and one is not few and one.true]
        if rivals:
            best = max(one.found - one.spurious for one in rivals)
            title = f"{ground}: stops found, less those told where nobody stood, beside MovingPandas"
            yield _least(title, few.found - few.spurious, best)


def _of_patrols(one: Waterfall) -> Iterator[Promise]:
    """What is promised of real patrols."""
    for step, km in one.measured.items():
        yield _most(f"smart_patrols: {step}, off {km:g} km", abs(one.now[step] / km - 1), SMART)
    yield _most("smart_patrols: km credited besides, all sent thrice", abs(one.thrice_km - one.now["credited"]), 1e-9)


def _most(title: str, measured: float, most: float) -> Promise:
    """A promise of a greatest value."""
    return Promise(text=f"{title}, at most {most:.4g}", measured=f"{measured:.4g}", kept=measured <= most)


def _least(title: str, measured: float, least: float) -> Promise:
    """A promise of a least value."""
    return Promise(text=f"{title}, at least {least:.6g}", measured=f"{measured:.6g}", kept=measured >= least)
