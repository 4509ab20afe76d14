"""Candidates that nobody drew: lines that give a party a wanted share of the ground between facing lines."""

from __future__ import annotations

from collections.abc import Sequence
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
from gridmap.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What lines are to be solved for."""

    #: shares, 0 to 1, of the ground between facing lines, of the party that comes first by its label
    shares: Sequence[float]
    #: bearing of straight cuts from the north of the map; None: lines led from one party's line to the other's
    bearing_deg: float | None = None


def proposals(
    candidates: gpd.GeoDataFrame, met: Fronts, ground: tuple[Ground, Arrangement], *, asked: Asked, limits: Limits
) -> gpd.GeoDataFrame:
    """Return candidates with a line for each pair of parties and each wanted share of the ground between their lines.

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
        ``id`` (``A 50 % | B 50 %``), ``source`` (how it was found) and lines, the given ones first, in their CRS.

    Raises
    ------
    InputError
        If a share is not between 0 and 1, or no two lines have ground between them.
    """
    own, land = ground
    rows, shapes = [], []
    for a, b, one, other in zip(met.a, met.b, met.line_a, met.line_b, strict=True):
        for share in asked.shares:
            # a straight cut may run across the border as well as along it: only the ground between counts then
            led = asked.bearing_deg is None and 0 < share < 1
            first = _own_first(one, other, own.shapes[a])
            measure = _gained(a, b, land, limits) if led else None
            found = solve(*first, share, bearing_deg=asked.bearing_deg, measure=measure)
            title = f"{own.parties[a]} {share:.0%} | {own.parties[b]} {1 - share:.0%}"
            rows.append((title, f"solved: {found.kind}"))
            shapes.append(found.line)
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


def _own_first(one: Any, other: Any, ground: Any) -> tuple[Any, Any]:
    """Both lines, first the one at which the first party's ground begins.

    Where claims overlap that is the other's line, for the party claims past it; over a gap it is its own.
    """
    past = shapely.length(shapely.intersection(other, ground)) > shapely.length(other) / 2
    return (other, one) if past else (one, other)


def _gained(a: int, b: int, land: Arrangement, limits: Limits) -> Measure:
    """What share of the disputed ground between two parties a line gives to the first, by its ledger."""

    def gained(line: Any) -> float:
        cut = halves(line, frozenset({a, b}), land, limits=limits)
        booking = booked(cut, land, home_share=limits.home_share)
        gain = booking.gain[cut.parties.index(a)]
        return float(gain / max(booking.settled + booking.undecided, np.finfo(float).tiny))

    return gained
