"""Tracks judged and matched, post by post: what may be credited, and what is held for review and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.coverage.walked import quality
from gridmap.crs import to_metric, to_system
from gridmap.errors import InputError
from gridmap.service.patrols.reading import AT_ONCE, Tracks
from gridmap.tracks import Cleaning, Judged, Prepared, Shifts, collapsed, judge, match, prepared
from gridmap.tracks.matching import Corridors
from gridmap.visibility.lines import drawn, gridded


@dataclass(frozen=True, kw_only=True)
class Taking:
    """How tracks are taken."""

    #: windows of the day
    shifts: Shifts = field(default_factory=Shifts)
    #: limits of cleaning
    cleaning: Cleaning = field(default_factory=Cleaning)
    #: whether what is held for review is credited all the same
    accept_held: bool = False
    #: whether the fixes themselves are asked for: of ten millions they do not fit into memory
    keep_fixes: bool = True
    #: fixes judged at a time, whole posts
    at_once: int = AT_ONCE


@dataclass(frozen=True, kw_only=True)
class Matched:
    """Tracks on streets."""

    #: post, shift, time, street, along_m, offset_m, leg, stop, held, ...: the fixes that were kept, in their CRS; the
    #: last one of each post alone where no more was asked for
    fixes: gpd.GeoDataFrame
    #: how many fixes were read, how many of them in the time asked about, kept, and on a street, and of how many posts
    read: int
    in_time: int
    kept: int
    on_street: int
    posts: int
    #: post, shift, street, from_m, to_m, start, end, direction, class: what was walked and may be credited
    walked: pd.DataFrame
    #: step, fixes, km, left_fixes, left_km: from all that was read to what is credited
    waterfall: pd.DataFrame
    #: what `gridmap.coverage.walked.quality` says of each post in each shift
    quality: pd.DataFrame
    #: post, code, what, fixes: what is wrong with fixes, and with how many
    notes: pd.DataFrame
    #: post, shift (blank: all), reason, message
    held: pd.DataFrame
    #: which streets run along which
    corridors: Corridors = field(repr=False)
    #: metres between junctions: what the error of matching goes by
    spacing_m: float
    #: whether what is held was credited all the same
    accepted: bool = False

    @property
    def credited(self) -> gpd.GeoDataFrame:
        """Return the fixes that may be credited."""
        return self.fixes if self.accepted else self.fixes[~self.fixes["held"]].reset_index(drop=True)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """What was found of some posts."""

    #: as of `Matched`
    fixes: gpd.GeoDataFrame
    kept: int
    on_street: int
    walked: pd.DataFrame
    waterfall: pd.DataFrame
    quality: pd.DataFrame
    notes: pd.DataFrame
    held: pd.DataFrame
    #: fixes and kilometres that are held
    aside: tuple[int, float]


def matched(
    tracks: Tracks,
    streets: gpd.GeoDataFrame,
    *,
    taking: Taking | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Matched:
    """Return tracks on streets: which street each fix lies on, what was walked, and what must be looked at first.

    A post whose track is in another datum than stated, made up, or of a wrong clock is *held*: none of it is credited
    until somebody has looked at it, unless ``taking.accept_held`` says that somebody did.

    Parameters
    ----------
    tracks
        The fixes.
    streets
        ``id`` and lines, any CRS.
    taking
        Shifts, limits, whether what is held counts.
    progress
        Told how many fixes are done, of how many.

    Raises
    ------
    TableError, CrsError
        As `gridmap.tracks.judge` and `gridmap.tracks.match`.
    InputError
        If no fix lies near any street.
    """
    taking, ready = taking or Taking(), prepared(streets)
    found: list[_Part] = []
    cleaning, done = taking.cleaning, 0
    for some in tracks.parts(taking.at_once):
        judged = judge(some, shifts=taking.shifts, cleaning=cleaning, streets=ready)
        found.append(_part(some, judged, ready, taking))
        shapes = {shape: f"{post}, {shift}" for post, shift, shape in judged.shapes.itertuples(index=False)}
        cleaning = replace(cleaning, earlier={**shapes, **cleaning.earlier})
        done += len(some)
        progress(done, len(tracks))
    made = _joined(found, tracks, ready, taking)
    if not made.on_street and made.held.empty:
        raise InputError(
            f"none of {made.kept} fixes lies near any of these streets",
            expected="tracks of the place whose streets are given",
            do="look at the CRS of both, and at what the files are of",
            code="off_streets",
        )
    return made


def _part(some: gpd.GeoDataFrame, judged: Judged, ready: Prepared, taking: Taking) -> _Part:
    """What was found of some posts: of the fixes themselves no more than is asked for."""
    fixes, walked = match(None, ready, judged=judged)
    held = judged.held
    last = np.append(fixes["post"].to_numpy()[1:] != fixes["post"].to_numpy()[:-1], True)[: len(fixes)]
    return _Part(
        fixes=(fixes if taking.keep_fixes else fixes[last]).assign(held=lambda table: is_held(table, held)),
        kept=len(fixes),
        on_street=int(fixes["street"].notna().sum()),
        walked=walked,
        waterfall=judged.waterfall,
        aside=(0, 0.0) if taking.accept_held else _left(judged, held),
        quality=quality(fixes, dropped=_dropped(judged, some, taking.shifts), verdicts=judged.datums),
        notes=_notes(judged),
        held=held,
    )


def lines_of(stretches: pd.DataFrame, streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return stretches of street (street, from_m, to_m) with their lines, in the CRS of the streets.

    Raises
    ------
    CrsError
        If the streets state no CRS.
    """
    metric = to_metric(streets)
    lines = gridded(metric, metric.crs)
    row = pd.Index(streets["id"]).get_indexer(pd.Index(stretches["street"])).astype(np.int64)
    shapes = drawn(lines, row, *(stretches[name].to_numpy(dtype=float) for name in ("from_m", "to_m")))
    placed = gpd.GeoSeries(shapes, index=stretches.index, crs=metric.crs)
    return gpd.GeoDataFrame(stretches, geometry=to_system(placed, streets.crs))


def _joined(found: list[_Part], tracks: Tracks, ready: Prepared, taking: Taking) -> Matched:
    """What was found of all parts, as one."""
    held, walked = _one(part.held for part in found), _one(part.walked for part in found)
    aside = is_held(walked, held) & (not taking.accept_held)
    return Matched(
        fixes=_one(part.fixes for part in found),
        read=tracks.read,
        in_time=len(tracks),
        kept=sum(part.kept for part in found),
        on_street=sum(part.on_street for part in found),
        posts=len(tracks.posts),
        walked=walked[~aside].reset_index(drop=True),
        waterfall=_waterfall([part.waterfall for part in found], [part.aside for part in found]),
        quality=_one(part.quality for part in found),
        notes=_one(part.notes for part in found),
        held=held,
        corridors=ready.corridors,
        spacing_m=ready.spacing_m,
        accepted=taking.accept_held,
    )


def _one(tables: Iterator[Any]) -> Any:
    """Tables one after the other; those without rows have no say in what the columns are."""
    every = list(tables)
    full = [table for table in every if len(table)] or every[:1]
    return pd.concat(full, ignore_index=True)


def is_held(table: pd.DataFrame, held: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows are of a post, or of a shift of it, that is held.

    Raises
    ------
    Nothing
        Nobody need be held.
    """
    whole = set(held.loc[held["shift"] == "", "post"])
    some = set(zip(held["post"], held["shift"], strict=True))
    pairs = zip(table["post"], table["shift"], strict=True)
    return np.array([post in whole or (post, shift) in some for post, shift in pairs], dtype=bool)


def _left(judged: Judged, held: pd.DataFrame) -> tuple[int, float]:
    """Fixes and kilometres, with each stop at one place, of what is held."""
    table = collapsed(judged)
    mine = table[is_held(table, held)]
    if mine.empty:
        return 0, 0.0
    x, y = shapely.get_coordinates(to_metric(mine).geometry.to_numpy()).T
    same = np.diff(mine["leg"].to_numpy(dtype=np.int64)) == 0
    return len(mine), float(np.hypot(np.diff(x), np.diff(y))[same].sum()) / 1000


def _waterfall(tables: list[pd.DataFrame], kept_back: list[tuple[int, float]]) -> pd.DataFrame:
    """The steps of all parts, summed; where something is held, that is a step of its own before what is credited."""
    whole = tables[0].copy()
    for name in ("fixes", "km", "left_fixes", "left_km"):
        whole[name] = sum(table[name] for table in tables)
    fixes, km = (sum(each) for each in zip(*kept_back, strict=True)) if kept_back else (0, 0.0)
    return with_held(whole, fixes, km) if fixes else whole


def with_held(steps: pd.DataFrame, fixes: int, km: float) -> pd.DataFrame:
    """Return a waterfall with what is held for review as a step of its own, before what is credited.

    Raises
    ------
    Nothing
        Any number may be held.
    """
    credited = steps["step"] == "credited"
    last = steps[credited]
    left = {"left_fixes": int(last["left_fixes"].sum()) - fixes, "left_km": float(last["left_km"].sum()) - km}
    step = pd.DataFrame({"step": ["held"], "fixes": [fixes], "km": [km], **left})
    rest = last.assign(fixes=left["left_fixes"], km=left["left_km"], **left)
    return pd.concat([steps[~credited], step, rest], ignore_index=True)


def _dropped(judged: Judged, part: pd.DataFrame, shifts: Shifts) -> pd.DataFrame:
    """Whose fixes were left out, in which shift, and why."""
    row = judged.dropped["row"].to_numpy(dtype=np.int64)
    some = part.iloc[row]
    codes, labels = shifts.of(some["time"].to_numpy(dtype="datetime64[us]").astype(np.int64))
    shift = np.array([*labels, ""], dtype=object)[codes]
    cells = {"post": some["post"].to_numpy(), "shift": shift, "row": some.index.to_numpy()}
    return pd.DataFrame({**cells, "reason": judged.dropped["reason"].to_numpy()})


def _notes(judged: Judged) -> pd.DataFrame:
    """What is wrong, and with how many fixes."""
    faults = judged.faults
    cells = {"post": faults["post"].to_numpy(), "code": faults["code"].to_numpy(), "what": faults["message"].to_numpy()}
    return pd.DataFrame({**cells, "fixes": np.array([len(rows) for rows in faults["rows"]], dtype=np.int64)})
