"""What patrols walked, on tables of files or of the record: matched, summed up by street, area and shift, and said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.coverage import walked
from gridmap.coverage.walked import Ledger, Owing, Period, Sides
from gridmap.service.camera_layers import placed, plain
from gridmap.service.patrols.gaps import Watch, gaps
from gridmap.service.patrols.matching import Matched, Taking, lines_of
from gridmap.service.patrols.signins import Spots, judged_signins
from gridmap.tracks.matching.calibration import expected
from gridmap.tracks.shifts import OFF_DUTY

#: Rows of areas that are drawn with their polygon: those of single shifts are left without above so many.
MOST_SHAPES = 20_000
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked about patrols."""

    #: shifts that begin on these days count, the last among them; None: from the first fix, to the last
    since: dt.date | None = None
    until: dt.date | None = None
    #: the moment at which streets are called overdue and sign-ins missed; None: that of the last fix
    now: pd.Timestamp | None = None
    #: how tracks are taken
    taking: Taking = field(default_factory=Taking)


@dataclass(frozen=True, kw_only=True)
class Covered:
    """What patrols walked, as tables and as a report."""

    #: streets, areas, walked, signins, completion, lists, gap, blind, waterfall, quality, held, notes: those that were
    #: asked for
    layers: dict[str, pd.DataFrame]
    #: what stands in the answer beside the tables
    report: dict[str, Any]
    #: the tracks on streets
    found: Matched = field(repr=False)
    #: visits of the period, and the streets cut along areas
    book: Ledger = field(repr=False)
    laid: Sides | None = field(repr=False)
    #: the shifts asked about
    period: Period = field(repr=False)

    @property
    def last(self) -> gpd.GeoDataFrame | None:
        """Return where each post was last; None where no fixes are at hand."""
        fixes = self.found.credited
        if fixes.empty:
            return None
        return fixes.loc[fixes.groupby("post")["time"].idxmax(), ["post", "time", "geometry"]].reset_index(drop=True)

    @property
    def shifts(self) -> tuple[str, ...]:
        """Return the labels of the shifts asked about, in the order of time."""
        return tuple(name for name, _, _ in self.period.windows())


def cover(
    found: Matched,
    streets: gpd.GeoDataFrame,
    *,
    areas: gpd.GeoDataFrame | None = None,
    spots: Spots | None = None,
    watch: Watch | None = None,
    asked: Asked | None = None,
) -> Covered:
    """Return what patrols walked: which streets, how much of which areas in which shift, which sign-ins were made.

    Parameters
    ----------
    found
        Tracks on these streets: of files (`gridmap.service.patrols.matching.matched`) or of the record.
    streets
        ``id``, ``name?``, ``class?``, ``barrier?`` and lines; rivers and railways are no streets.
    areas
        ``code`` and polygons: shares of their streets are told.
    spots
        Checkpoints, and the scans there: sign-ins are told.
    watch
        Cameras, and what hides the ground from them: streets that neither a patrol nor a camera covers are told.
    asked
        Days, shifts, the moment of the answer.

    Returns
    -------
    Covered
        Layers as its docstring lists them.

    Raises
    ------
    TableError, CrsError, InputError
        As `gridmap.tracks`, `gridmap.coverage.walked`.
    """
    asked = asked or Asked()
    period = _period(found, asked)
    book = walked.ledger(found.walked, streets, corridors=found.corridors)
    laid = None if areas is None else walked.sides(book, areas)
    owed = walked.streets(book, Owing(now=period.now))
    if not len(book.visits) and len(found.held):
        owed = _unknown(owed)
    layers: dict[str, pd.DataFrame] = {"streets": placed(owed, streets, "id", ("name", "class"))}
    if laid is not None and areas is not None:
        layers["areas"] = _areas(book, laid, areas, period, found)
    layers["walked"] = lines_of(found.walked, streets)
    if spots is not None:
        since = pd.Timestamp(min(begin for _, begin, _ in period.windows()), unit="s", tz="UTC")
        layers |= judged_signins(spots, found.credited, period, since=since)
    if watch is not None:
        layers |= gaps(book, streets, watch, areas)
    layers |= {"waterfall": found.waterfall, "quality": found.quality, "held": found.held, "notes": found.notes}
    report = _report(found, period, layers)
    return Covered(layers=layers, report=report, found=found, book=book, laid=laid, period=period)


def _unknown(streets: pd.DataFrame) -> pd.DataFrame:
    """Streets of which nobody knows whether they were walked, since all tracks are held."""
    real = streets["length_m"] > 0
    unknown = np.where(real, 1.0, np.nan)
    return streets.assign(share=np.nan, share_unknown=unknown, share_never=np.where(real, 0.0, np.nan))


def match_layers(found: Matched, streets: gpd.GeoDataFrame) -> dict[str, pd.DataFrame]:
    """Return the layers of matched tracks: fixes, walked (with lines), waterfall, held, notes.

    Raises
    ------
    CrsError
        If the streets state no CRS.
    """
    first = ["post", "time", "street", "along_m", "offset_m", "shift", "leg", "held"]
    fixes = found.fixes[[*first, *(name for name in found.fixes if name not in first)]]
    layers: dict[str, pd.DataFrame] = {"fixes": fixes, "walked": lines_of(found.walked, streets)}
    return layers | {"waterfall": found.waterfall, "held": found.held, "notes": found.notes}


def match_report(found: Matched) -> dict[str, Any]:
    """Return what is said of matched tracks.

    Raises
    ------
    Nothing
        Any tracks can be told of.
    """
    return {
        "fixes": {
            **_counts(found),
            "on_street": found.on_street,
        },
        "waterfall": plain(found.waterfall.round({"km": 3, "left_km": 3})),
        "walked_m": _by_class(found.walked),
        "held": plain(found.held),
        "notes": plain(unheld(found)),
    }


def _period(found: Matched, asked: Asked) -> Period:
    """The shifts asked about: from the first that has a fix to the last, where no days are named."""
    days = sorted({label[:10] for label in found.quality["shift"]})
    since = asked.since or dt.date.fromisoformat(days[0])
    until = asked.until or dt.date.fromisoformat(days[-1])
    now = found.fixes["time"].max() if asked.now is None else asked.now
    return Period(since=since, until=max(until, since) + _DAY, shifts=asked.taking.shifts, now=now)


def _areas(book: Ledger, laid: Sides, areas: gpd.GeoDataFrame, period: Period, found: Matched) -> gpd.GeoDataFrame:
    """The shares of areas, each row with its area's name and ground."""
    names = [name for name, _, _ in period.windows()]
    off = [label for label in book.shifts if label.endswith(f" {OFF_DUTY}")]
    shares = walked.areas(book, laid, shifts=[*names, *off], bars=_bars(book, found))
    made = placed(shares, areas, "code", ("name", "level"))
    if len(made) <= MOST_SHAPES:
        return made
    lasting = made["shift"].isin(["all", "day", "night"])
    return made.set_geometry(made.geometry.where(lasting))


def _bars(book: Ledger, found: Matched) -> walked.Bars:
    """How wrong such tracks are known to be."""
    return walked.bars(book, found.quality, partial(expected, spacing_m=found.spacing_m))


def unheld(found: Matched) -> pd.DataFrame:
    """Return what is wrong with fixes, but for what is held for it.

    Raises
    ------
    Nothing
        Nothing need be wrong.
    """
    return found.notes[~found.notes["what"].isin(found.held["message"])]


def _counts(found: Matched) -> dict[str, int]:
    """How many fixes were read and credited, and of how many posts."""
    credited = int(found.waterfall["left_fixes"].iloc[-1]) if len(found.waterfall) else 0
    return {"read": found.read, "in_time": found.in_time, "credited": credited, "posts": found.posts}


def _report(found: Matched, period: Period, layers: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """What is said beside the tables."""
    streets = layers["streets"]
    report: dict[str, Any] = {
        "fixes": _counts(found),
        "since": period.since,
        "until": period.until - _DAY,
        "now": period.now,
        "waterfall": plain(found.waterfall.round({"km": 3, "left_km": 3})),
        "walked_m": _by_class(found.walked),
        "streets_m": _along(streets),
        "overdue": _overdue(streets),
        "held": plain(found.held),
        "notes": plain(unheld(found)),
    }
    if "signins" in layers:
        report["signins"] = layers["signins"]["status"].value_counts().to_dict()
        report["completion"] = plain(layers["completion"])
        report["signins_by"] = "scan" if layers["signins"]["by"].eq("scan").any() else "track"
    if "lists" in layers:
        report["lists"] = layers["lists"]["status"].value_counts().to_dict()
    if "gap" in layers:
        report["gap_m"] = _both_blind(layers["blind"], layers["streets"])
    return report


def _by_class(table: pd.DataFrame) -> dict[str, float]:
    """Metres walked by class, as often as they were walked."""
    metres = (table["to_m"] - table["from_m"]).groupby(table["class"]).sum()
    return {name: round(float(metres.get(name, 0.0)), 1) for name in walked.CLASSES}


def _along(streets: pd.DataFrame) -> dict[str, Any]:
    """Metres of all streets, each once, by what is known of them."""
    length = streets["length_m"]
    shares = ("share_inferred", "share_unknown", "share_never")
    sums = {name.replace("share", "m"): float((streets[name].fillna(0) * length).sum()) for name in shares}
    return {
        "length_m": round(float(length.sum()), 1),
        "walked_m": round(float(streets["walked_m"].sum()), 1),
        **{name: round(metres, 1) for name, metres in sums.items()},
    }


def _overdue(streets: pd.DataFrame) -> dict[str, Any]:
    """How many streets are overdue, how many nobody knows of, and those owed most."""
    owed = streets[streets["overdue"].fillna(False).astype(bool)].sort_values("debt_m", ascending=False, kind="stable")
    columns = [
        name for name in ("id", "name", "length_m", "last_passed", "idle_h", "target_h", "debt_m") if name in owed
    ]
    return {
        "streets": len(owed),
        "unknown": int((streets["overdue"].isna() & (streets["length_m"] > 0)).sum()),
        "metres": round(float(owed["overdue_m"].sum()), 1),
        "first": plain(pd.DataFrame(owed[columns].head(10)).round({"length_m": 1, "idle_h": 1, "debt_m": 1})),
    }


def _both_blind(blind: pd.DataFrame, streets: pd.DataFrame) -> dict[str, Any]:
    """Metres that neither a patrol nor a camera covers, by street."""
    metres = round(float(blind["length_m"].sum()), 1)
    return {"neither_m": metres, "of_m": round(float(streets["length_m"].sum()), 1), "stretches": len(blind)}
