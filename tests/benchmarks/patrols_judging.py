"""What is judged of fixes before they are matched: real patrols from raw to credited, stops, and datums."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import crs
from gridmap.tracks import Cleaning, datum_of, judge
from tests import walks
from tests.benchmarks.cameras_run import timed
from tests.benchmarks.drawing_grounds import DATA
from tests.benchmarks.patrols_grounds import FIRST_SEED, Ground, crews

DATUMS = ("WGS 84", "GCJ-02", "BD-09")
#: minutes of a track; those that decide
MINUTES, ENOUGH = (1, 3, 5, 10), 10
#: of those that decide, times as many: a hundredth of a few hundred is told by chance
MORE = 10
#: minutes after which a track begins, in turn
LATER = (0, 10, 20)
#: crews whose stops are told, and those that the peer is given, which takes a hundred times as long
STANDING, FEW = 40, 8
#: kilometres of the patrols in `smart_patrols` as measured once: raw, then without spikes, gaps, the wander of stops
SMART = {"raw": 1160.0, "spikes": 1094.0, "gaps": 807.0, "credited": 760.0}
#: how they were cleaned: rangers in cars, a fix every few minutes
RANGERS = Cleaning(fastest_m_s=30, slack_m=45, gap_s=600, stop_radius_m=40, stop_s=300)
#: where a stop is and how long it lasts at least, metres and seconds, as the peer is told
WIDE_M, LASTS_S = (30, 60), 120


@dataclass(frozen=True, kw_only=True)
class Waterfall:
    """Real patrols from raw to credited kilometres."""

    #: kilometres measured once, and now, by step
    measured: dict[str, float]
    now: dict[str, float]
    #: copies that were dropped
    duplicates: int
    #: kilometres credited if every fix is sent three times over, in another order
    thrice_km: float


@dataclass(frozen=True, kw_only=True)
class Stops:
    """Stops told beside those that were made."""

    engine: str
    #: on the few crews that the peer is given, too
    few: bool = False
    true: int = 0
    found: int = 0
    #: told where nobody stood
    spurious: int = 0
    #: median of the error of how long they lasted, seconds
    dwell_s: float | None = None
    #: fixes per CPU second, and what was done
    per_s: float | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """Verdicts on tracks whose datum is known."""

    ground: str
    minutes: int
    tracks: int
    right: int
    undecided: int
    wrong: int
    #: CPU milliseconds a track
    ms: float


def waterfall() -> Waterfall:
    """Return real patrols from raw to credited kilometres."""
    path = DATA / "smart_patrols" / "get-patrol-observations-from-smart.parquet"
    read = gpd.read_parquet(path).reset_index()
    table = read[["patrol_id", "fixtime", "geometry"]].rename(columns={"patrol_id": "post", "fixtime": "time"})
    judged = judge(table, cleaning=RANGERS)
    left = judged.waterfall.set_index("step")["left_km"]
    again = pd.concat([table] * 3).sample(frac=1, random_state=1).reset_index(drop=True)
    thrice = judge(again, cleaning=RANGERS).waterfall.set_index("step")["left_km"]
    return Waterfall(
        measured=SMART,
        now={step: float(left[step]) for step in SMART},
        duplicates=int((judged.dropped["reason"] == "duplicate").sum()),
        thrice_km=float(thrice["credited"]),
    )


def stops(ground: Ground) -> Iterator[Stops]:
    """Yield how stops are told, gridmap's first."""
    each = crews(ground, walks.Manner(), range(FIRST_SEED, FIRST_SEED + STANDING))
    table = walks.fixes(each, ground.streets.crs)
    judge(table[:500])
    seconds, judged = timed(lambda: judge(table), repeats=3)
    told = {one.post: judged.stops[judged.stops["post"] == one.post] for one in each}
    spans = [_seconds(told[one.post]["arrived"], told[one.post]["left"]) for one in each]
    for count in (STANDING, FEW):
        yield _told(f"gridmap, {count} crews", each[:count], spans, len(table) / seconds)
    few = table[table["post"].isin([one.post for one in each[:FEW]])].drop_duplicates(["post", "time"])
    for wide in WIDE_M:
        yield _movingpandas(each[:FEW], few, wide)


def _seconds(first: pd.Series, last: pd.Series) -> np.ndarray:
    """Spans of moments as seconds since the walks set out, shape (n, 2)."""
    return np.column_stack([(each - pd.Timestamp(walks.START)).dt.total_seconds() for each in (first, last)])


def _told(engine: str, each: Sequence[walks.Walk], spans: Sequence[np.ndarray], per_s: float, note: str = "") -> Stops:
    """Compare spans of time, crew by crew, with those in which they stood."""
    true = found = spurious = 0
    errors: list[float] = []
    for one, told in zip(each, spans, strict=False):
        both = np.minimum(one.stood[:, None, 1], told[:, 1]) - np.maximum(one.stood[:, None, 0], told[:, 0])
        lasts, says = one.stood[:, 1] - one.stood[:, 0], told[:, 1] - told[:, 0]
        true += len(lasts)
        spurious += int((~(both > 0).any(axis=0)).sum())
        if len(told):
            best = both.argmax(axis=1)
            hit = both.max(axis=1) > 0.5 * lasts
            found += int(hit.sum())
            errors += np.abs(says[best] - lasts)[hit].tolist()
    dwell_s = float(np.median(errors)) if errors else None
    return Stops(
        engine=engine,
        few=len(each) == FEW,
        true=true,
        found=found,
        spurious=spurious,
        dwell_s=dwell_s,
        per_s=per_s,
        note=note,
    )


def once(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the CPU seconds and the result of some work."""
    return timed(work, repeats=1)


def _movingpandas(each: Sequence[walks.Walk], table: gpd.GeoDataFrame, wide: int) -> Stops:
    """How MovingPandas cleans tracks and tells stops."""
    engine = f"MovingPandas, {wide} m, {FEW} crews"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import movingpandas
        except ModuleNotFoundError as error:
            return Stops(engine=engine, note=f"not installed: {error.name}")

        plain = table.assign(time=table["time"].dt.tz_convert("UTC").dt.tz_localize(None)).set_index("time")
        made_s, made = once(lambda: movingpandas.TrajectoryCollection(plain, "post"))
        clean_s, tidy = once(lambda: movingpandas.OutlierCleaner(made).clean(alpha=2))
        stops_s, ranges = once(lambda: movingpandas.TrajectoryStopDetector(tidy, n_processes=1).get_stop_time_ranges(
            min_duration=timedelta(seconds=LASTS_S), max_diameter=wide))  # fmt: skip
    start = pd.Timestamp(walks.START).tz_convert("UTC").tz_localize(None)
    told = {one.post: np.array([((r.t_0 - start).total_seconds(), (r.t_n - start).total_seconds()) for r in ranges
                                if str(r.traj_id) == one.post]).reshape(-1, 2) for one in each}  # fmt: skip
    per_s = len(table) / (made_s + clean_s + stops_s)
    note = f"cleaning {len(table) / clean_s:.0f}, stops {len(table) / stops_s:.0f} fixes per CPU s"
    return _told(engine, each, [told[one.post] for one in each], per_s, note)


def verdicts(ground: Ground, tracks: int) -> Iterator[Verdicts]:
    """Yield how the datum of tracks of some minutes of walking is told; the ground lies in China."""
    every = crews(ground, walks.Manner(stops=0), range(FIRST_SEED, FIRST_SEED + MORE * tracks))
    datum_of(_in_datum(walks.fixes(every[:1], ground.streets.crs), DATUMS[0]), ground.ready)
    for minutes in MINUTES:
        each = every if minutes == ENOUGH else every[:tracks]
        parts = [_part(walks.fixes([one], ground.streets.crs), minutes, k) for k, one in enumerate(each)]
        given = pd.concat([_in_datum(part, datum) for part in parts if len(part) for datum in DATUMS])
        seconds, found = timed(lambda table=given: datum_of(table, ground.ready), repeats=1)
        said = found["post"].str.rsplit("|", n=1).str[-1]
        right, undecided = (found["datum"] == said).sum(), (found["datum"] == "undecided").sum()
        yield Verdicts(
            ground=ground.title,
            minutes=minutes,
            tracks=len(found),
            right=int(right),
            undecided=int(undecided),
            wrong=int(len(found) - right - undecided),
            ms=1e3 * seconds / len(found),
        )


def _part(table: gpd.GeoDataFrame, minutes: int, turn: int) -> gpd.GeoDataFrame:
    """Some minutes of a track, which begin later in turn."""
    begins = table["time"].iloc[0] + pd.Timedelta(minutes=LATER[turn % len(LATER)])
    return table[(table["time"] >= begins) & (table["time"] < begins + pd.Timedelta(minutes=minutes))]


def _in_datum(table: gpd.GeoDataFrame, datum: str) -> gpd.GeoDataFrame:
    """Fixes in metres as a device of some datum gives them, its post called by it."""
    lon, lat = crs.to_wgs84(table.geometry.x.to_numpy(), table.geometry.y.to_numpy(), table.crs)
    if datum != DATUMS[0]:
        lon, lat = crs.from_wgs84(lon, lat, datum)
    columns = {"post": table["post"] + f"|{datum}", "time": table["time"].dt.tz_convert("UTC")}
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(lon, lat), crs=4326)


def in_china(ground: Ground) -> Ground:
    """Return a network moved to where GCJ-02 and BD-09 are in use: the plain north of the Yangtze."""
    low_x, low_y, high_x, high_y = ground.streets.total_bounds
    aside = (500_000 - (low_x + high_x) / 2, 3_540_000 - (low_y + high_y) / 2)
    moved = ground.streets.set_geometry(ground.streets.geometry.translate(*aside))
    return Ground(f"{ground.title}, moved to China", moved.set_crs(4549, allow_override=True))


def at_hand() -> Path | None:
    """Return the folder of real patrols, None where it is not at hand."""
    folder = DATA / "smart_patrols"
    return folder if folder.exists() else None
