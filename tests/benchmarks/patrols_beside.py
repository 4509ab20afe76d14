"""The peers on the very tracks that gridmap is scored by: how fast, and what they claim that nobody walked."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests import walks
from tests.benchmarks.patrols_accuracy import Case, claims, matched, true_parts
from tests.benchmarks.patrols_grounds import Ground
from tests.benchmarks.patrols_peers import LEUVEN, PEERS, Peer, as_sent, cleaned, leuven

#: tracks that all are given
TRACKS = 6
#: metres within which a claim is right, where the side of the street counts
EXACT_M = 1.0
OURS = "gridmap"


@dataclass(frozen=True, kw_only=True)
class Beside:
    """One engine on some tracks."""

    ground: str
    engine: str
    tracks: int = 0
    #: fixes per CPU second
    per_s: float | None = None
    recall: float | None = None
    false: float | None = None
    #: metres claimed further than a metre from what was walked, as a share of that; None where gridmap names the main
    #: street for its pavements
    exact: float | None = None
    note: str = ""


def beside(ground: Ground, title: str, speed_m_s: float, *, limit_s: float) -> Iterator[Beside]:
    """Yield what gridmap and its peers make of the same tracks; `limit_s` are the CPU seconds of a slow peer."""
    case = Case(title=title, manner=walks.Manner(speed_m_s=speed_m_s))
    made = matched(ground, case, TRACKS)
    named = f"{ground.title}, {title}"
    ours = [walks.lines(claims(made, one.post), ground.lines) for one in made.each]
    own = bool(ground.ready.corridors.own.all())
    yield _row(named, OURS, _scores(ground, case, made.each, ours, exact=own), note="its speed: the table above")
    for engine, make in PEERS.items():
        yield _ran(ground, case, made.each, (named, engine, make(ground)), raw=True, limit_s=np.inf)
    try:
        matcher = leuven(ground)
    except ModuleNotFoundError as error:
        yield Beside(ground=named, engine=LEUVEN, note=f"not installed: {error.name}")
        return
    for engine, raw in ((LEUVEN, True), (f"{LEUVEN}, fixes cleaned by gridmap", False)):
        yield _ran(ground, case, made.each, (named, engine, matcher), raw=raw, limit_s=limit_s)


def _ran(
    ground: Ground,
    case: Case,
    each: Sequence[walks.Walk],
    peer: tuple[str, str, Peer],
    *,
    raw: bool,
    limit_s: float,
) -> Beside:
    """Give a peer one track after the other until its time is up."""
    named, engine, work = peer
    claimed, took, fixes, reached = [], 0.0, 0, 0
    for one in each:
        if took > limit_s:
            break
        xy = as_sent(one) if raw else cleaned(one, ground)
        start = time.process_time()
        answer = work(xy)
        took += time.process_time() - start
        claimed.append(answer.lines)
        fixes, reached = fixes + len(xy), reached + answer.reached
    done = list(each[: len(claimed)])
    notes = [f"stopped after {took:.0f} CPU s"] if len(done) < len(each) else []
    notes += [f"gave up after {reached} of {fixes} fixes"] if reached < fixes else []
    scores = _scores(ground, case, done, claimed, exact=True)
    return _row(named, engine, scores, per_s=reached / took, note="; ".join(notes))


def _scores(
    ground: Ground, case: Case, each: Sequence[walks.Walk], claimed: Sequence[object], *, exact: bool
) -> pd.DataFrame:
    """How claims compare with the truth, track by track."""
    rows = []
    for one, lines in zip(each, claimed, strict=True):
        whole, seen = (walks.lines(part, ground.lines) for part in true_parts(ground, case, one))
        row = walks.score(lines, whole, seen)
        rows.append({**row, "exact": walks.score(lines, whole, None, EXACT_M)["false"] if exact else np.nan})
    return pd.DataFrame(rows)


def _row(named: str, engine: str, scores: pd.DataFrame, *, per_s: float | None = None, note: str = "") -> Beside:
    """Sum the scores of all tracks."""
    walked = scores["walked_m"].sum()
    exact = float((scores["exact"] * scores["walked_m"]).sum(min_count=1) / walked)
    return Beside(
        ground=named,
        engine=engine,
        tracks=len(scores),
        per_s=per_s,
        recall=float((scores["recall"] * scores["seen_m"]).sum() / scores["seen_m"].sum()),
        false=float((scores["false"] * scores["walked_m"]).sum() / walked),
        exact=None if np.isnan(exact) else exact,
        note=note,
    )
