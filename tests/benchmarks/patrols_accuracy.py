"""What matching claims of walks whose truth is known: found, false, inside gaps, and within the error bar.

A claim is right where something was walked within 15 m, and what was walked is found where something is claimed within
15 m: in the centre of Helsinki nobody can tell pavements 8 m apart by fixes that err by 8 m.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.coverage import walked as figures
from gridmap.tracks import judge
from gridmap.tracks.matching import Prepared, expected, match, prepared
from tests import walks
from tests.benchmarks.patrols_grounds import FIRST_SEED, Ground, crews
from tests.walks import Manner
from tests.walks_calibrating import length

#: on foot and on an electric bicycle, metres a second
FOOT, EBIKE = 1.4, 4.2
#: share of streets that the map lacks, and metres by which it lies aside
MISSING, SHIFT_M = 0.02, 3.0
#: seconds between fixes above which what is inferred counts too
OBSERVED_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Case:
    """How crews walk, and whether accuracy is promised."""

    title: str
    manner: Manner
    #: the map that is matched to has faults
    worn: bool = False
    promised: bool = True


def _cases() -> Iterator[Case]:
    """Yield the cases, on foot and by electric bicycle."""
    for title, speed in (("foot", FOOT), ("e-bike", EBIKE)):
        yield Case(title=f"{title}, 5 s", manner=Manner(speed_m_s=speed))
        yield Case(title=f"{title}, 5 s, white noise", manner=Manner(speed_m_s=speed, memory_s=0))
        yield Case(title=f"{title}, 5 s, worn map", manner=Manner(speed_m_s=speed), worn=True)
        for every in (30.0, 60.0):
            manner = Manner(speed_m_s=speed, every_s=every)
            yield Case(title=f"{title}, {every:g} s", manner=manner, promised=False)
    silent = Manner(gaps=5, long_gaps=2)
    yield Case(title="foot, 5 s, long gaps", manner=silent)


CASES = tuple(_cases())


@dataclass(frozen=True, kw_only=True)
class Scored:
    """All tracks of one case on one ground."""

    ground: str
    case: str
    #: whether accuracy is promised of it
    promised: bool
    #: seconds between fixes
    every_s: float
    tracks: int
    #: share of the metres walked in sight of fixes that are claimed, of all and of the worst track
    recall: float
    recall_worst: float
    #: the same of what the map has; the same as `recall` where it has all
    recall_mapped: float
    #: metres claimed where nobody walked, as a share of all that was walked, of all and of the worst track
    false: float
    false_worst: float
    #: metres said to be observed while no fix was sent
    inside_gaps_m: float
    #: tracks whose truth lies within the error bar; None on a worn map, for which nothing was calibrated
    held: int | None = None
    #: half of the width of the error bar, as a share of what is claimed: mean of all tracks
    bar: float | None = None


@dataclass(frozen=True, kw_only=True)
class Matched:
    """A case, matched."""

    case: Case
    each: list[walks.Walk]
    #: the map that was matched to
    ready: Prepared
    streets: gpd.GeoDataFrame
    #: which streets of the true map it has, by row of that
    mapped: np.ndarray
    fixes: gpd.GeoDataFrame
    walked: pd.DataFrame


def matched(ground: Ground, case: Case, tracks: int) -> Matched:
    """Return the walks of a case with what matching makes of them."""
    seeds = range(FIRST_SEED, FIRST_SEED + tracks)
    each = crews(ground, case.manner, seeds)
    streets, ready, mapped = ground.streets, ground.ready, np.ones(len(ground.streets), dtype=bool)
    if case.worn:
        worn = walks.worn(ground.streets, np.random.default_rng(FIRST_SEED), missing=MISSING, shift_m=SHIFT_M)
        mapped = ground.streets.index.isin(worn.index)
        streets = worn.reset_index(drop=True)
        ready = prepared(streets)
    sent = walks.fixes(each, ground.ready.ground.graph.crs)
    fixes, walked = match(None, ready, judged=judge(sent))
    return Matched(case=case, each=each, ready=ready, streets=streets, mapped=mapped, fixes=fixes, walked=walked)


def scored(ground: Ground, case: Case, tracks: int) -> Scored:
    """Return how a case does on a ground."""
    made = matched(ground, case, tracks)
    table = pd.DataFrame([_compared(ground, made, one) for one in made.each])
    bars = None if case.worn else pd.DataFrame([_bar(ground, made, one) for one in made.each])
    recall = table["recall"] * table["seen_m"]
    return Scored(
        ground=ground.title,
        case=case.title,
        promised=case.promised,
        every_s=case.manner.every_s,
        tracks=len(table),
        recall=float(recall.sum() / table["seen_m"].sum()),
        recall_worst=float(table["recall"].min()),
        recall_mapped=float((table["mapped"] * table["mapped_m"]).sum() / table["mapped_m"].sum()),
        false=float((table["false"] * table["walked_m"]).sum() / table["walked_m"].sum()),
        false_worst=float(table["false"].max()),
        inside_gaps_m=float(table["inside_gaps_m"].sum()),
        held=None if bars is None else int(bars["held"].sum()),
        bar=None if bars is None else float(bars["width"].mean()),
    )


def claims(made: Matched, post: str) -> pd.DataFrame:
    """Return what is claimed of a crew: intervals of streets of the map that was matched to."""
    classes = ["observed"] if made.case.manner.every_s <= OBSERVED_S else ["observed", "inferred"]
    return _united(made, made.walked[(made.walked["post"] == post) & made.walked["class"].isin(classes)])


def _united(made: Matched, mine: pd.DataFrame) -> pd.DataFrame:
    """The union of visits, by row of the map that was matched to."""
    row = {name: k for k, name in enumerate(made.ready.ids)}
    return walks.united(mine["street"].map(row), mine["from_m"], mine["to_m"])


def true_parts(ground: Ground, case: Case, one: walks.Walk) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (all that was walked, what is to be found of it) as intervals of streets that lie apart."""
    graph = ground.ready.ground.graph
    whole = walks.truth(one, graph)
    seen = walks.truth(one, graph, one.seen) if case.manner.every_s <= OBSERVED_S else whole
    first, second = (walks.united(part["street"], part["from_m"], part["to_m"]) for part in (whole, seen))
    return first, second


def _compared(ground: Ground, made: Matched, one: walks.Walk) -> dict[str, float]:
    """How the claims of a track compare with its truth, on the ground."""
    claimed = walks.lines(claims(made, one.post), made.streets.geometry.to_numpy())
    whole, seen = true_parts(ground, made.case, one)
    known = seen[made.mapped[seen["street"].to_numpy(dtype=int)]]
    all_m, seen_m, known_m = (walks.lines(part, ground.lines) for part in (whole, seen, known))
    found = walks.score(claimed, all_m, seen_m)
    near = walks.score(claimed, all_m, known_m)
    return {
        **found,
        "mapped": near["recall"],
        "mapped_m": near["seen_m"],
        "inside_gaps_m": inside_gaps(made.walked[made.walked["post"] == one.post], one),
    }


def _span(mine: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """When visits begin and end, seconds since the walk set out."""
    start, end = ((mine[name] - pd.Timestamp(walks.START)).dt.total_seconds().to_numpy() for name in ("start", "end"))
    return start, end


def silences(one: walks.Walk) -> np.ndarray:
    """Return the spans of seconds, shape (k, 2), in which nothing was sent for more than 30 s."""
    sent = np.unique(one.time)
    silent = np.flatnonzero(np.diff(sent) > OBSERVED_S)
    return np.column_stack([sent[silent], sent[silent + 1]])


def inside_gaps(mine: pd.DataFrame, one: walks.Walk) -> float:
    """Return the metres said to be observed while the device was silent for more than 30 s."""
    seen = mine[mine["class"] == "observed"]
    start, end = _span(seen)
    low, high = silences(one).T
    # moments are told to the millisecond
    within = np.clip(np.minimum(end[:, None], high) - np.maximum(start[:, None], low) - 0.002, 0, None).sum(axis=1)
    metres = (seen["to_m"] - seen["from_m"]).to_numpy()
    return float((metres * within / np.maximum(end - start, 1e-9)).sum())


def _bar(ground: Ground, made: Matched, one: walks.Walk) -> dict[str, float]:
    """Whether the share of streets truly walked lies within the bar that is told with the share claimed."""
    ready = made.ready
    mine, fixes = (table[table["post"] == one.post] for table in (made.walked, made.fixes))
    book = figures.ledger(mine, made.streets, corridors=ready.corridors)
    box = shapely.box(*made.streets.total_bounds).buffer(100)
    areas = gpd.GeoDataFrame(
        {"code": ["all"], "level": ["district"], "parent": [None]}, geometry=[box], crs=made.streets.crs
    )
    bars = figures.bars(book, figures.quality(fixes), partial(expected, spacing_m=ready.spacing_m))
    row = figures.areas(book, figures.sides(book, areas), bars=bars).set_index("shift").loc["all"]
    true = _share(ground, true_parts(ground, made.case, one)[1])
    claimed = row["share"] + (0.0 if made.case.manner.every_s <= OBSERVED_S else row["share_inferred"])
    low, high = row["share_low"], row["share_high"]
    return {"held": bool(low - 1e-9 <= true <= high + 1e-9), "width": float((high - low) / 2 / max(claimed, 1e-9))}


def _share(ground: Ground, true: pd.DataFrame) -> float:
    """The share of the metres of all main streets that was walked."""
    corridors = ground.ready.corridors
    columns = (true["street"].to_numpy(dtype=np.int64), true["from_m"].to_numpy(), true["to_m"].to_numpy())
    placed = corridors.onto(*columns)
    walked = length(walks.united(placed.street, placed.at_low, placed.at_high))
    return walked / float(corridors.own_m(len(ground.streets)).sum())
