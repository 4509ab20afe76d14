"""What the page of patrols shows of a period, as plain values: visits by shift, shares of areas, sign-ins, rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridmap.coverage.sweeping import Floats
from gridmap.coverage.walked.ledger import INFERRED, OBSERVED, Ledger, Visits
from gridmap.coverage.walked.sides import Sides, over
from gridmap.coverage.walked.signins import STATUSES, VALID
from gridmap.maps import display, visits
from gridmap.maps.columns import known_values, numbers, texts

if TYPE_CHECKING:
    import geopandas as gpd

#: What a sign-in can be, and that there was none.
SCANS = (*STATUSES, "missed")
#: The rows of shares that a card tells of besides the slider's place.
PERIODS = ("all", "day", "night")
#: Shares of an area, as a card tells them.
SHARES = ("length_m", "walked_m", "share", "share_low", "share_high", "share_inferred", "share_unknown", "share_never")
#: Overdue streets and stretches without camera and patrol that a page holds, the worst first.
MOST_LISTED = 3_000
#: What the times on a page are told in: the clock of China.
ZONE = "Asia/Shanghai"
_SHARE_DIGITS, _PERCENT_DIGITS = 6, 4


@dataclass(frozen=True, kw_only=True)
class Walked:
    """Where patrols went in one period: the tables that a page draws. A post is a crew, never a name."""

    #: visits to the streets in the period
    book: Ledger
    #: the streets cut along the areas: with it, areas follow the slider
    laid: Sides | None = None
    #: shifts asked for, in the order of time; one that the ledger lacks is shown as not known
    shifts: tuple[str, ...] = ()
    #: code, shift (all, day, night, or one of the shifts), length_m, walked_m, share, ...: what of each area was walked
    shares: pd.DataFrame | None = None
    #: id, passes, last_passed, idle_h, target_h, overdue: which street is owed a visit
    owed: pd.DataFrame | None = None
    #: id, name? of the checkpoints; points in any CRS
    checkpoints: gpd.GeoDataFrame | None = None
    #: checkpoint, post, shift, time, status: judged sign-ins
    signins: pd.DataFrame | None = None
    #: planned rounds: name?, length_m?, minutes?; lines in any CRS
    rounds: gpd.GeoDataFrame | None = None
    #: post, time?: where each post was last; points in any CRS
    posts: gpd.GeoDataFrame | None = None
    #: stretches that neither a patrol nor a camera covers: id?, name?, class?, length_m?; lines in any CRS
    blind: gpd.GeoDataFrame | None = None
    #: first and last day of the period; None where not known
    since: date | None = None
    until: date | None = None
    #: what a reader must know of it, a sentence each
    notes: tuple[str, ...] = field(default=())


class Period:
    """One period as a page holds it."""

    def __init__(self, given: Walked, *, exact: bool) -> None:
        #: what was given
        self.given = given
        #: whether the reader may know what was walked where
        self.exact = exact
        #: labels of the shifts, and the visits by their place among them
        self.shifts, self.visits = visits.in_time(given.book, given.shifts)

    def said(self) -> dict[str, Any]:
        """Return the period as plain values; of places nothing, where the reader may not know them."""
        said = {"shifts": self.shifts, "length_m": self.length_m, "figures": self._figures()}
        if not self.exact:
            return said
        return said | {
            "posts_on_duty": [
                len(np.unique(self.visits.post[self.visits.shift == at])) for at in range(len(self.shifts))
            ],
            "visits": visits.encoded(self.given.book, self.visits, len(self.shifts)),
            "streets": _owed_said(self.given),
            "checkpoints": checkpoints_said(self.given, self.shifts),
            "rounds": _lines_said(self.given.rounds, ("length_m", "minutes")),
            "posts": _posts_said(self.given.posts),
            "blind": _lines_said(self.given.blind, ("length_m",)),
        }

    @property
    def length_m(self) -> float:
        """Metres of all streets."""
        return round(float(self.visits.length_m.sum()), 1)

    def _figures(self) -> dict[str, list[Any]]:
        """Return for each shift metres in it and up to it, and when it ended; what nobody recorded is not known."""
        count = len(self.shifts)
        metres = visits.metres_by_shift(self.visits, count).round(1)
        sure, likely = (
            visits.first_walked(_credited(self.visits, least), count).sum(axis=0).cumsum().round(1)
            for least in (OBSERVED, INFERRED)
        )
        ended = np.full(count, -np.inf)
        np.maximum.at(ended, self.visits.shift, self.visits.end)
        return {
            "in": metres.tolist(),
            "to": np.column_stack([sure, likely - sure]).round(1).tolist(),
            "known": self.known.tolist(),
            "ended_h": _filled(ended),
        }

    def _on_duty(self) -> list[int]:
        """Return how many posts each shift has any record of."""
        pairs = np.unique(np.column_stack([self.visits.shift, self.visits.post]), axis=0)
        return [int(count) for count in np.bincount(pairs[:, 0], minlength=len(self.shifts))]

    @cached_property
    def known(self) -> Any:
        """Whether there is any record of each shift."""
        return np.bincount(self.visits.shift, minlength=len(self.shifts)) > 0

    def shares_of(self, codes: Sequence[str]) -> Shares:
        """Return the shares of areas, by their codes."""
        table = self.given.shares
        row = pd.Index(codes)
        rows = np.full((len(codes), len(PERIODS), len(SHARES)), np.nan)
        inside = np.full((len(codes), len(self.shifts)), np.nan)
        if table is not None:
            keyed = table.assign(code=table["code"].astype(str)).set_index("code")
            for at, period in enumerate(PERIODS):
                some = keyed[keyed["shift"] == period].reindex(row)
                for column, name in enumerate(SHARES):
                    rows[:, at, column] = some.get(name, np.nan)
            wide = keyed[keyed["shift"].isin(self.shifts)].pivot_table(index="code", columns="shift", values="share")
            inside = wide.reindex(index=row, columns=self.shifts).to_numpy(dtype=float) * 100
        return Shares(rows=rows, inside=inside, up_to=self._up_to(codes))

    def _up_to(self, codes: Sequence[str]) -> Floats:
        """Return per cent of the street length of each area that was walked up to each shift."""
        made = np.full((len(codes), len(self.shifts)), np.nan)
        if self._grown is None or self.given.laid is None:
            return made
        row = pd.Index(self.given.laid.areas["code"].astype(str)).get_indexer(pd.Index(codes))
        made[row >= 0] = self._grown[row[row >= 0]]
        # before the first record nothing is known, which is not nought
        made[:, ~np.logical_or.accumulate(self.known)] = np.nan
        return made

    @cached_property
    def _grown(self) -> Floats | None:
        laid = self.given.laid
        if laid is None:
            return None
        cut = over(_credited(self.visits, OBSERVED), laid)
        length = laid.per_area(laid.length_m)
        grown = laid.per_area(visits.first_walked(cut, len(self.shifts))).cumsum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(length[:, None] > 0, 100 * grown / length[:, None], np.nan))


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Shares of the areas of one level in one period."""

    #: numbers of `SHARES` of all, day, night; shape (areas, 3, 8)
    rows: Floats
    #: per cent walked in each shift, and up to each; shape (areas, shifts)
    inside: Floats
    up_to: Floats

    def said(self) -> dict[str, Any]:
        """Return them as plain values."""
        percents = {"in": self.inside, "to": self.up_to}
        return {"rows": known_values(self.rows, _SHARE_DIGITS)} | {
            mode: known_values(values, _PERCENT_DIGITS) for mode, values in percents.items()
        }


def _credited(given: Visits, least: int) -> Visits:
    """Visits that are at least so sure."""
    return given.taken(given.rank <= least)


def _filled(ended: Floats) -> list[float]:
    """Hours since 1970 at which each shift ended; of one without a record, between those around it."""
    known = np.isfinite(ended)
    if not known.any():
        return [0.0] * len(ended)
    at = np.arange(len(ended))
    return [round(float(hours), 2) for hours in np.interp(at, at[known], ended[known] / 3600)]


def _owed_said(given: Walked) -> dict[str, list[Any]]:
    """Return of each street how often and when last it was passed, how long ago, and what is owed."""
    if given.owed is None:
        return {}
    there = given.owed.set_index(given.owed["id"]).reindex(given.book.ids)
    return {
        "passes": numbers(there, "passes", 0),
        "last_passed": _moments(there, "last_passed"),
        "idle_h": numbers(there, "idle_h"),
        "target_h": numbers(there, "target_h"),
        "overdue": [None if pd.isna(value) else bool(value) for value in there.get("overdue", [None] * len(there))],
    }


def checkpoints_said(given: Walked, shifts: Sequence[str]) -> dict[str, Any]:
    """Return checkpoints with their place, and sign-ins: checkpoint, shift, status (by number), post and time."""
    if given.checkpoints is None:
        return {"rows": [], "signins": []}
    there = display.lon_lat(given.checkpoints)
    spots = display.points(there.geometry.to_numpy())
    rows = zip(texts(there, "id"), texts(there, "name"), spots, strict=True)
    columns = ("id", "name", "at")
    return {
        "rows": [dict(zip(columns, row, strict=True)) for row in rows],
        "signins": [] if given.signins is None else _signins_said(given.signins, there["id"], shifts),
    }


def _signins_said(table: pd.DataFrame, ids: pd.Series[Any], shifts: Sequence[str]) -> list[list[Any]]:
    checkpoint = pd.Index(ids.astype(str)).get_indexer(pd.Index(table["checkpoint"].astype(str)))
    shift = pd.Index(shifts).get_indexer(pd.Index(table["shift"]))
    status = pd.Index(SCANS).get_indexer(pd.Index(table["status"]))
    told = zip(checkpoint, shift, status, texts(table, "post"), _moments(table, "time"), strict=True)
    return [[int(at), int(when), int(what), post, time] for at, when, what, post, time in told if at >= 0 <= what]


def _posts_said(posts: gpd.GeoDataFrame | None) -> list[dict[str, Any]]:
    """Return posts where they were last."""
    if posts is None:
        return []
    there = display.lon_lat(posts)
    spots = display.points(there.geometry.to_numpy())
    rows = zip(texts(there, "post"), _moments(there, "time"), spots, strict=True)
    return [{"post": post, "time": time, "at": at} for post, time, at in rows]


def _lines_said(lines: gpd.GeoDataFrame | None, measures: tuple[str, ...]) -> dict[str, Any]:
    """Return lines in their order, how many more there are, and metres of all."""
    if lines is None:
        return {"rows": [], "more": 0, "length_m": None}
    there = display.lon_lat(lines)
    first = there.iloc[:MOST_LISTED]
    columns: dict[str, list[Any]] = {name: texts(first, name) for name in ("id", "name", "class")}
    columns |= {name: numbers(first, name) for name in measures}
    columns["lines"] = display.lines(first.geometry.to_numpy())
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    metres = float(there["length_m"].sum()) if "length_m" in there else None
    return {"rows": rows, "more": len(there) - len(first), "length_m": metres}


def _moments(table: pd.DataFrame, name: str) -> list[str | None]:
    """Return a column of moments as the clock of China tells them, None where there is none."""
    if name not in table:
        return [None] * len(table)
    told = pd.to_datetime(table[name], utc=True, format="ISO8601" if table[name].dtype == object else None)
    return [None if pd.isna(one) else f"{one:%Y-%m-%d %H:%M}" for one in told.dt.tz_convert(ZONE)]


#: Scans that count towards what is due, by number.
COUNTED = [SCANS.index(status) for status in VALID]
