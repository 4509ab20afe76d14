"""The ledgers of all candidates: who gains and who loses what, and which candidates settle nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.disputes.area import area_error, mu
from gridmap.disputes.arrangement import Arrangement
from gridmap.disputes.given import in_order, is_line, on_grid, refuse_large
from gridmap.disputes.ground import Ground
from gridmap.disputes.halves import Halves, concerned, halves
from gridmap.disputes.layers import AND, surveyed
from gridmap.disputes.ledger import Booking, booked
from gridmap.disputes.limits import Limits
from gridmap.disputes.notes import Warning_, told
from gridmap.disputes.shifts import shift_error
from gridmap.errors import Fault, InputError, TableError

#: Smaller areas in m2 and lengths in metres come of rounding and are not worth a word.
_TOLD_M2, _TOLD_M = 0.1, 0.01


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What became of one candidate."""

    #: its id
    id: str
    #: what it leaves on its sides; None where it concerns nobody
    cut: Halves | None
    #: its ledger; None where it concerns fewer than two parties
    booking: Booking | None

    @property
    def status(self) -> str:
        """``settles``, ``partly``, ``undecided``, ``does_not_cross``, ``outside``."""
        if self.cut is not None and len(self.cut.sides) < 2:  # noqa: PLR2004 - one side is no cut
            return "does_not_cross"
        if self.booking is None:
            return "outside"
        if self.booking.undecided <= _TOLD_M2:
            return "settles"
        return "partly" if self.booking.settled else "undecided"


@dataclass(frozen=True, kw_only=True)
class Books:
    """All candidates, settled up."""

    #: a row for each candidate and party that it concerns
    ledger: pd.DataFrame
    #: a row for each candidate; local metres
    candidates: gpd.GeoDataFrame
    #: the ground that each candidate gives each party; local metres
    gains: gpd.GeoDataFrame
    #: the lines in local metres, in the order of the candidates
    lines: NDArray[Any]
    #: what became of each
    settled: list[Settled]
    #: what candidates do not tell
    warnings: list[Warning_]


def settle(
    candidates: gpd.GeoDataFrame, land: Arrangement, own: Ground, *, status_quo: str | None, limits: Limits
) -> Books:
    """Return the ledger of every candidate.

    Parameters
    ----------
    candidates
        ``id`` and lines, any CRS of the claims' datum; may be empty.
    land, own
        The cells, and what parties claim.
    status_quo
        ``id`` of the candidate that is the line as it stands: what changes against it is told too.
    limits
        ``snap_m``, ``join_m``, ``home_share``.

    Raises
    ------
    TableError
        With every candidate that is no line, has no shape, or bears the id of another.
    InputError
        If no candidate bears the id of the status quo.
    CrsError
        If the datum is another than that of the claims, or not stated.
    """
    ids = _ids(candidates)
    if status_quo is not None and status_quo not in ids:
        raise InputError(f"no candidate {status_quo}", expected=f"one of {', '.join(ids)}", code="no_status_quo")
    lines = _lines(candidates, own, limits)
    met = concerned(lines, land, limits=limits) if len(lines) else []
    settled = [_settled(*each, land, limits) for each in zip(ids, lines, met, strict=True)]
    gains = _gains(settled, own)
    return Books(
        ledger=_changed(_ledger(settled, own, gains), status_quo),
        candidates=_candidates(candidates, settled, own, lines),
        gains=gains,
        lines=lines,
        settled=settled,
        warnings=list(itertools.chain.from_iterable(map(_told, settled))),
    )


def _ids(candidates: gpd.GeoDataFrame) -> list[str]:
    """The ids of candidates; their numbers where there is no such column."""
    if "id" not in candidates:
        return [str(number + 1) for number in range(len(candidates))]
    return [str(each) for each in candidates["id"]]


def _lines(candidates: gpd.GeoDataFrame, own: Ground, limits: Limits) -> NDArray[Any]:
    """Candidates in local metres, on the grid of millimetres; all their faults at once."""
    if candidates.empty:
        return np.empty(0, dtype=object)
    refuse_large(candidates, limits)
    shapes = candidates.geometry.to_numpy()
    missing, lines = shapely.is_missing(shapes) | shapely.is_empty(shapes), is_line(shapes)
    again = pd.Series(_ids(candidates)).duplicated().to_numpy()
    finite = np.array([bool(np.isfinite(shapely.get_coordinates(shape)).all()) for shape in shapes])
    faults = [
        Fault(code=code, message=message, feature=int(row) + 1)
        for wrong, code, message in (
            (missing, "missing_geometry", "the candidate has no shape"),
            (~missing & ~lines, "wrong_geometry", "a candidate is a line: draw the border itself, not the ground"),
            (~finite, "not_a_number", "a coordinate is no number"),
            (again, "duplicate_id", "another candidate bears this id"),
        )
        for row in np.flatnonzero(wrong)
    ]
    if faults:
        raise TableError("candidates", sorted(faults, key=lambda fault: fault.feature or 0))
    return on_grid(own.frame.into(candidates), limits)


def _settled(name: str, line: Any, parties: frozenset[int], land: Arrangement, limits: Limits) -> Settled:
    """What becomes of one candidate."""
    cut = halves(line, parties, land, limits=limits) if parties else None
    if cut is None or len(parties) < 2:  # noqa: PLR2004 - one has nobody to settle with
        return Settled(id=name, cut=cut, booking=None)
    return Settled(id=name, cut=cut, booking=booked(cut, land, home_share=limits.home_share))


def _gains(settled: list[Settled], own: Ground) -> gpd.GeoDataFrame:
    """The ground that each candidate gives each party: ``candidate``, ``party``, ``area_m2``; local metres."""
    rows, shapes = [], []
    for each in settled:
        if each.cut is None or each.booking is None:
            continue
        for k, party in enumerate(each.cut.parties):
            ground = each.cut.ground(each.booking.goes[:, :, k])
            rows.append((each.id, own.parties[party], each.booking.gain[k]))
            shapes.append(ground)
    table = pd.DataFrame(rows, columns=["candidate", "party", "area_m2"])
    return gpd.GeoDataFrame(table, geometry=np.array(shapes, dtype=object))


def _ledger(settled: list[Settled], own: Ground, gains: gpd.GeoDataFrame) -> pd.DataFrame:
    """A row for each candidate and party that it concerns."""
    found = [each.booking for each in settled if each.booking is not None]
    gain, loss, undisputed, unclaimed = (
        np.concatenate([getattr(booking, name) for booking in found] or [np.empty(0)])
        for name in ("gain", "loss", "undisputed", "unclaimed")
    )
    return pd.DataFrame(
        {
            "candidate": gains["candidate"],
            "party": gains["party"],
            "gain_m2": gain,
            "loss_m2": loss,
            "gain_mu": mu(gain),
            "loss_mu": mu(loss),
            "net_m2": gain - loss,
            "error_m2": _net_errors(settled, own, gains),
            "undisputed_m2": undisputed,
            "unclaimed_m2": unclaimed,
        }
    )


def _net_errors(settled: list[Settled], own: Ground, gains: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Standard errors of what each party gains net: of the ground that it gets and of that which it loses.

    Between two parties both rows bear the same: what one gains the other loses.
    """
    errors = own.errors.independent[pd.Index(own.parties).get_indexer(gains["party"])] if len(gains) else np.empty(0)
    # the other side's corners bound the ground as well
    worst = pd.Series(errors).groupby(gains["candidate"].to_numpy()).transform("max").to_numpy()
    gained = gains.geometry.to_numpy()
    got, lost = _worth(gained), _worth(_losses(settled, gained))
    corners = [area_error(surveyed(ground), worst) for ground in (got, lost)]
    return np.sqrt(corners[0] ** 2 + corners[1] ** 2 + shift_error(got, own, less=lost) ** 2)


def _losses(settled: list[Settled], gained: NDArray[Any]) -> NDArray[Any]:
    """The ground that each party loses, in the order of what they gain.

    What one of two parties loses and the other gains is one piece of ground: cut out twice, its corners would differ.
    """
    losses: list[Any] = []
    for each in settled:
        if each.cut is None or each.booking is None:
            continue
        count, first = len(each.cut.parties), len(losses)
        for k in range(count):
            other = 1 - k
            # of two parties
            same = count == 2 and abs(each.booking.loss[k] - each.booking.gain[other]) <= _TOLD_M2  # noqa: PLR2004
            losses.append(gained[first + other] if same else each.cut.ground(each.booking.lost[:, :, k]))
    return np.array(losses, dtype=object)


def _worth(grounds: NDArray[Any]) -> NDArray[Any]:
    """Grounds without those that come of rounding: a sliver has long sides and no area to be uncertain of."""
    found: NDArray[Any] = np.where(shapely.area(grounds) > _TOLD_M2, grounds, shapely.Polygon())
    return found


def _changed(ledger: pd.DataFrame, status_quo: str | None) -> pd.DataFrame:
    """The ledger with what each party gets more than along the line as it stands; nan where that is not told."""
    # what it holds in the end, but for a sum that no candidate changes: contested ground that it does not get was never
    # its own, so that its loss counts no second time
    held = ledger["gain_m2"] - ledger["undisputed_m2"]
    now = held[ledger["candidate"] == status_quo].set_axis(ledger.loc[ledger["candidate"] == status_quo, "party"])
    return ledger.assign(change_m2=held - ledger["party"].map(now).astype(float))


def _candidates(
    candidates: gpd.GeoDataFrame, settled: list[Settled], own: Ground, lines: NDArray[Any]
) -> gpd.GeoDataFrame:
    """A row for each candidate: whether it settles the matter, and how well its ledger balances."""
    none = np.nan
    rows = {
        "id": [each.id for each in settled],
        "source": candidates["source"].tolist() if "source" in candidates else [None] * len(settled),
        "status": [each.status for each in settled],
        "parties": [AND.join(own.parties[k] for k in (each.cut.parties if each.cut else ())) for each in settled],
        "settled_m2": [each.booking.settled if each.booking else none for each in settled],
        "undecided_m2": [each.booking.undecided if each.booking else none for each in settled],
        "difference_m2": [each.cut.difference_m2 if each.cut else none for each in settled],
        "joined_m": [each.cut.joined_m if each.cut else none for each in settled],
        "length_m": shapely.length(lines),
    }
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=lines)


def _told(each: Settled) -> Iterator[Warning_]:
    """What a candidate leaves open, and what it does that nobody asked for."""
    name, booking = each.id, each.booking
    if each.status == "does_not_cross":
        yield told(
            "does_not_cross",
            name,
            f"{name} does not run across the ground from edge to edge: whose side is which is not guessed",
            f"{name}未贯穿所涉土地，无法判定两侧归属，不作猜测",
        )
    if each.status == "outside":
        yield told(
            "outside",
            name,
            f"{name} lies outside: it parts no ground of two parties from each other and has no ledger",
            f"{name}在主张范围之外：未将双方土地分开，不计收支",
        )
    if each.cut is None or booking is None:
        return
    if each.status != "does_not_cross" and booking.undecided > _TOLD_M2:
        yield told(
            "undecided",
            name,
            f"{name} leaves {booking.undecided:,.2f} m2 undecided: it does not part the parties' own ground there",
            f"{name}尚有{booking.undecided:,.2f}平方米未定：该处未将双方无争议地分开",
        )
    taken = float(booking.undisputed.sum())
    if taken > _TOLD_M2:
        yield told(
            "takes_undisputed",
            name,
            f"{name} leaves the contested ground and moves {taken:,.2f} m2 that one party alone claims",
            f"{name}超出争议范围，划走仅一方主张的土地{taken:,.2f}平方米",
        )
    if each.cut.joined_m > _TOLD_M:
        yield told(
            "carried_on",
            name,
            f"{name} ended {each.cut.joined_m:,.2f} m short of the edge of the claims and was carried on to it",
            f"{name}端点距主张范围边缘{each.cut.joined_m:,.2f}米，已延长至边缘",
        )


def matrix(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return what each party gains net by each candidate, a row for each party, in m2 and mu.

    Parameters
    ----------
    ledger
        As in `Comparison`.

    Returns
    -------
    DataFrame
        ``party``, then for each candidate in order ``<candidate>_m2`` and ``<candidate>_mu``: gain less loss; nan where
        the candidate does not concern the party.

    Raises
    ------
    Nothing
    """
    parties = in_order(ledger["party"])
    columns: dict[str, Any] = {"party": parties}
    for name, rows in ledger.groupby("candidate", sort=False):
        net = rows.set_index("party")["net_m2"].reindex(parties).to_numpy()
        columns |= {f"{name}_m2": net, f"{name}_mu": mu(net)}
    return pd.DataFrame(columns)
