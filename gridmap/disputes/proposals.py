"""Candidates that nobody drew: lines that give a party a wanted share of the ground between facing lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.disputes.fronts import Fronts
from gridmap.disputes.ground import Ground
from gridmap.disputes.share import solve
from gridmap.errors import InputError


def proposals(
    candidates: gpd.GeoDataFrame, met: Fronts, own: Ground, *, shares: Sequence[float], bearing_deg: float | None = None
) -> gpd.GeoDataFrame:
    """Return candidates with a line for each pair of parties and each wanted share of the ground between their lines.

    Parameters
    ----------
    candidates
        Those that were given; may be empty.
    met, own
        The lines of the parties, and their claims.
    shares
        Shares, 0 to 1, of the party that comes first by its label.
    bearing_deg
        Bearing of straight cuts from the north of the map; None: lines led from one party's line to the other's.

    Returns
    -------
    GeoDataFrame
        ``id`` (``A 50 % | B 50 %``), ``source`` (how it was found) and lines, the given ones first, in their CRS.

    Raises
    ------
    InputError
        If a share is not between 0 and 1, or no two lines have ground between them.
    """
    rows, shapes = [], []
    for a, b, one, other in zip(met.a, met.b, met.line_a, met.line_b, strict=True):
        for share in shares:
            found = solve(*_own_first(one, other, own.shapes[a]), share, bearing_deg=bearing_deg)
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
