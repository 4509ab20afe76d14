"""Tables of the arrangement: contested ground, gaps, agreed ground, claims, and the areas of all of them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.disputes.area import area_error, ellipsoidal, mu
from gridmap.disputes.arrangement import Arrangement
from gridmap.disputes.given import is_line
from gridmap.disputes.ground import Ground
from gridmap.disputes.shifts import ground_error

#: How labels of parties stand beside each other in one cell of a table.
AND = " | "
#: Corners that lie on a straight edge within this many metres were made by cutting, not surveyed.
_STRAIGHT_M = 1e-6


def cells(land: Arrangement, own: Ground, system: Any) -> dict[str, gpd.GeoDataFrame]:
    """Return the cells as tables: all (``cells``), and those of each kind (``contested``, ``gap``, ``agreed``).

    Rows go by kind, then by area, the largest first, then from west to east; ``id`` is a letter for the kind and the
    number in that order.

    Raises
    ------
    CrsError
        As `gridmap.crs.to_system`.
    """
    kind = np.select([land.claims == 0, land.claims == 1], ["gap", "agreed"], "contested")
    middle = shapely.get_coordinates(shapely.point_on_surface(land.cells))
    table = pd.DataFrame(
        {
            "kind": kind,
            "parties": _labels(land, own.parties),
            "count": land.claims,
            "area_m2": land.area,
            "area_mu": mu(land.area),
            "width_m": 2 * land.area / shapely.length(land.cells),
            "error_m2": ground_error(land.cells, _worst(land, own), own, corners=surveyed(land.cells)),
        }
    )
    rank = np.select([kind == "contested", kind == "gap"], [0, 1], 2)
    order = np.lexsort((middle[:, 1], middle[:, 0], -np.round(land.area, 6), rank))
    table = table.iloc[order].reset_index(drop=True)
    number = table.groupby("kind").cumcount() + 1
    table.insert(0, "id", table["kind"].str[0].str.upper() + number.astype(str))
    whole = gpd.GeoDataFrame(table, geometry=own.frame.out(land.cells[order], system).to_numpy(), crs=system)
    # the bands behind lines are no claims
    first = land.about.indices[land.about.indptr[:-1]]
    whole = whole[~((land.claims == 1) & is_line(own.claims)[first])[order]]
    told = whole[((land.claims > 1) | ~land.narrow)[order][whole.index]]
    parts = {name: told[told["kind"] == name].drop(columns="kind") for name in ("contested", "gap", "agreed")}
    return {"cells": whole, **{name: part.reset_index(drop=True) for name, part in parts.items()}}


def surveyed(shapes: NDArray[Any]) -> NDArray[Any]:
    """Shapes without the corners that cutting set on straight edges."""
    found: NDArray[Any] = shapely.simplify(shapes, _STRAIGHT_M)
    return found


def claims_layer(own: Ground, system: Any) -> gpd.GeoDataFrame:
    """Return what each party claims as one row: ``party``, ``area_m2``, ``area_mu``, ``accuracy_m``, ``assumed``.

    Raises
    ------
    CrsError
        As `gridmap.crs.to_system`.
    """
    drawn = is_line(own.claims)
    area = np.where(drawn, np.nan, shapely.area(own.shapes))
    rows = {
        "party": list(own.parties),
        "area_m2": area,
        "area_mu": mu(area),
        "error_m2": np.where(drawn, np.nan, area_error(own.shapes, own.errors.independent)),
        "accuracy_m": own.errors.combined,
        "assumed": own.errors.assumed,
    }
    return gpd.GeoDataFrame(rows, geometry=own.frame.out(own.claims, system).to_numpy(), crs=system)


def areas(own: Ground, land: Arrangement) -> pd.DataFrame:
    """Return areas on the map and on the ellipsoid, of claims, contested ground and gaps.

    Returns
    -------
    DataFrame
        ``what`` (claim, contested, gap), ``name`` (the party, or the parties), ``planar_m2`` (the legal figure),
        ``planar_mu``, ``ellipsoidal_m2`` (the control), ``error_m2`` (standard error, from that of the corners).

    Raises
    ------
    CrsError
        As `ellipsoidal`.
    """
    open_ = np.flatnonzero(land.disputed)
    labels = _labels(land, own.parties)[open_]
    what = np.where(land.claims[open_] == 0, "gap", "contested")
    keys = pd.MultiIndex.from_arrays([what, labels])
    number, pairs = pd.factorize(keys, sort=True)
    order = np.argsort(number, kind="stable")
    groups = np.split(open_[order], np.searchsorted(number[order], np.arange(1, len(pairs)))) if len(pairs) else []
    joined = [shapely.union_all(land.cells[group]) for group in groups]
    errors = _worst(land, own)
    worst = [errors[group].max() for group in groups]
    # of lines nobody knows how far the ground behind them goes
    whole = ~is_line(own.claims)
    named = np.array(own.parties, dtype=object)[whole]
    shapes = np.array([*own.shapes[whole], *joined], dtype=object)
    planar = shapely.area(shapes)
    return pd.DataFrame(
        {
            "what": ["claim"] * len(named) + [pair[0] for pair in pairs],
            "name": [*named, *(pair[1] for pair in pairs)],
            "planar_m2": planar,
            "planar_mu": mu(planar),
            "ellipsoidal_m2": ellipsoidal(own.frame.out(shapes, own.frame.system)),
            # a claim's corners were all surveyed, those of its cuts with others were not
            "error_m2": ground_error(
                shapes,
                np.array([*own.errors.independent[whole], *worst]),
                own,
                corners=np.array([*own.shapes[whole], *surveyed(shapes[len(named) :])], dtype=object),
            ),
        }
    )


def _labels(land: Arrangement, parties: tuple[str, ...]) -> NDArray[Any]:
    """Whom each cell is about, in words."""
    names = np.array(parties, dtype=object)[land.about.indices]
    groups = np.split(names, land.about.indptr[1:-1])
    found = np.empty(len(groups), dtype=object)
    found[:] = [AND.join(group) for group in groups]
    return found


def _worst(land: Arrangement, own: Ground) -> NDArray[np.float64]:
    """The largest error of a corner among the parties of each cell."""
    errors = own.errors.independent
    found: NDArray[np.float64] = np.maximum.reduceat(errors[land.about.indices], land.about.indptr[:-1])
    return found
