"""Candidates that nobody drew: lines that give a party a wanted share of the ground between facing lines."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.disputes.arrangement import Arrangement
from gridmap.disputes.fronts import Fronts
from gridmap.disputes.ground import Ground
from gridmap.disputes.halves import halves
from gridmap.disputes.ledger import booked
from gridmap.disputes.limits import Limits
from gridmap.disputes.share import Measure, solve
from gridmap.disputes.strips import strips
from gridmap.errors import InputError

#: A share, of the party that comes first by its label; or a party and its share.
Share = float | tuple[str, float]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What lines are to be solved for."""

    #: shares, 0 to 1, of the ground between facing lines
    shares: Sequence[Share]
    #: bearing of straight cuts from the north of the map; None: lines led from one party's line to the other's
    bearing_deg: float | None = None

    def of(self, parties: tuple[str, str]) -> Iterator[tuple[int, float]]:
        """Which of two parties gets which share; nothing of shares of others."""
        for each in self.shares:
            party, share = each if isinstance(each, tuple) else (parties[0], each)
            if party in parties:
                yield parties.index(party), share


def proposals(
    candidates: gpd.GeoDataFrame, met: Fronts, ground: tuple[Ground, Arrangement], *, asked: Asked, limits: Limits
) -> gpd.GeoDataFrame:
    """Return candidates with a line for each pair of parties and each wanted share of the ground between their lines.

    Parties that face each other along several stretches get one candidate, which parts each stretch so; where their
    lines are one, the candidate runs along it.

    Parameters
    ----------
    candidates
        Those that were given; may be empty.
    met
        The lines of the parties.
    ground
        What they claim, and the cells of it.
    asked
        The shares, and the bearing of straight cuts.
    limits
        As of `gridmap.disputes.halves.halves`.

    Returns
    -------
    GeoDataFrame
        ``id`` (``A 50% | B 50%``), ``source`` (how it was found) and lines, the given ones first, in their CRS.

    Raises
    ------
    InputError
        If a share is not between 0 and 1, or of no party, or no two lines have ground between them.
    """
    own = ground[0]
    strangers = {each[0] for each in asked.shares if isinstance(each, tuple)} - {*own.parties}
    if strangers:
        raise InputError(
            f"a share of {', '.join(sorted(strangers))}",
            expected=f"parties of the claims: {', '.join(own.parties)}",
            code="no_party",
        )
    rows, shapes = [], []
    for pair, stretches in _by_pair(met):
        names = own.parties[pair[0]], own.parties[pair[1]]
        for which, share in asked.of(names):
            one, other = names[which], names[1 - which]
            lines = [line[::-1] if which else line for line in stretches]
            first = pair[::-1] if which else pair
            kind, shape = _solved(lines, first, share, ground, bearing_deg=asked.bearing_deg, limits=limits)
            rows.append((f"{one} {_percent(share)} | {other} {_percent(1 - share)}", f"solved: {kind}"))
            shapes.append(shape)
    if not rows:
        raise InputError(
            "no two lines with ground between them", expected="parties that face each other", code="no_strip"
        )
    system = candidates.crs or own.frame.system
    table = pd.DataFrame(rows, columns=["id", "source"])
    solved = gpd.GeoDataFrame(
        table, geometry=own.frame.out(np.array(shapes, dtype=object), system).to_numpy(), crs=system
    )
    given = candidates[[name for name in ("id", "source", "geometry") if name in candidates]]
    return gpd.GeoDataFrame(pd.concat([given, solved], ignore_index=True), crs=system) if len(given) else solved


def _percent(share: float) -> str:
    """A share as people write it, so that no two are written alike."""
    return f"{round(100 * share, 9):g}%"


def _by_pair(met: Fronts) -> Iterator[tuple[tuple[int, int], list[tuple[Any, Any]]]]:
    """The stretches of each pair of parties that has ground between its lines on any."""
    rows = zip(met.a, met.b, met.line_a, met.line_b, strict=True)
    for pair, group in itertools.groupby(rows, key=lambda row: (row[0], row[1])):
        stretches = [(one, other) for _, _, one, other in group]
        if any(map(_apart, stretches)):
            yield pair, stretches


def _apart(stretch: tuple[Any, Any]) -> bool:
    """Whether there is ground between two lines."""
    return bool(shapely.area(strips(*([line] for line in stretch))[0]) > 0)


def _solved(
    stretches: list[tuple[Any, Any]],
    pair: tuple[int, int],
    share: float,
    ground: tuple[Ground, Arrangement],
    *,
    bearing_deg: float | None,
    limits: Limits,
) -> tuple[str, Any]:
    """How a candidate was found, and its line: every stretch parted so that the first party gets the share."""
    own, land = ground
    open_ = [stretch for stretch in stretches if _apart(stretch)]
    fixed = [one for one, other in stretches if not _apart((one, other))]
    # along several stretches a ledger tells of all of them together: each is parted by the ground between its lines
    measure = _gained(pair, fixed, land, limits) if len(open_) == 1 and 0 < share < 1 else None
    found = [
        solve(*_own_first(one, other, own.shapes[pair[0]]), share, bearing_deg=bearing_deg, measure=measure)
        for one, other in open_
    ]
    return found[0].kind, shapely.line_merge(shapely.union_all([*fixed, *(each.line for each in found)]))


def _own_first(one: Any, other: Any, ground: Any) -> tuple[Any, Any]:
    """Both lines, first the one at which the first party's ground begins.

    Where claims overlap that is the other's line, for the party claims past it; over a gap it is its own.
    """
    past = shapely.length(shapely.intersection(other, ground)) > shapely.length(other) / 2
    return (other, one) if past else (one, other)


def _gained(pair: tuple[int, int], fixed: list[Any], land: Arrangement, limits: Limits) -> Measure:
    """What share of the disputed ground between two parties a line gives to the first, by its ledger."""

    def gained(line: Any) -> float:
        cut = halves(shapely.union_all([line, *fixed]), frozenset(pair), land, limits=limits)
        booking = booked(cut, land, home_share=limits.home_share)
        gain = booking.gain[cut.parties.index(pair[0])]
        return float(gain / max(booking.settled + booking.undecided, np.finfo(float).tiny))

    return gained
