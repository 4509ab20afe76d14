"""Claims compared: what is contested, what nobody claims, and what each candidate gives and takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap.disputes.arrangement import arrangement
from gridmap.disputes.books import settle
from gridmap.disputes.fronts import drawn_fronts, fronts
from gridmap.disputes.given import is_line
from gridmap.disputes.ground import Frame, ground
from gridmap.disputes.layers import areas, cells, claims_layer
from gridmap.disputes.limits import Limits
from gridmap.disputes.notes import Warning_, told
from gridmap.disputes.objects import gathered, objects_table
from gridmap.disputes.verdicts import lines_table


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What claims on land have in common, and what each candidate makes of the rest.

    Tables with shapes are in the CRS of the claims; areas are measured on the map of the legal zone.
    """

    #: ``party``, ``area_m2``, ``area_mu``, ``accuracy_m``, ``rows``; what each party claims
    claims: gpd.GeoDataFrame
    #: ``id``, ``parties``, ``count``, ``area_m2``, ``area_mu``, ``width_m``: ground that several parties claim
    contested: gpd.GeoDataFrame
    #: the same of ground between claims that nobody claims
    gaps: gpd.GeoDataFrame
    #: the same of ground that one party alone claims
    agreed: gpd.GeoDataFrame
    #: all three, with ``kind``: they fill the ground without overlap
    cells: gpd.GeoDataFrame
    #: ``candidate``, ``party``, ``gain_m2``, ``loss_m2``, ``gain_mu``, ``loss_mu``, ``net_m2``, ``error_m2``,
    #: ``undisputed_m2``, ``change_m2``
    ledger: pd.DataFrame
    #: ``id``, ``source``, ``status``, ``parties``, ``settled_m2``, ``undecided_m2``, ``difference_m2``, ``joined_m``,
    #: ``length_m``; line
    candidates: gpd.GeoDataFrame
    #: ``candidate``, ``party``, ``area_m2``: the ground that each candidate gives each party
    gains: gpd.GeoDataFrame
    #: ``a``, ``b``, ``mean_offset_m``, ``p95_m``, ``hausdorff_m``, ``hausdorff_ab_m``, ``hausdorff_ba_m``,
    #: ``frechet_m``, ``common_m``, ``verdict``, ``tolerance_m``, ``beyond_m``, ``over_m``, ``beyond_m2``,
    #: ``vertices``, ``limit_m``, ``assumed``, ``said``, ``said_zh``; both lines
    lines: gpd.GeoDataFrame
    #: ``candidate``, ``id``, ``kind``, ``side``, ``cut_share``, ``distance_m``, ``strip_share``; the object's shape
    objects: gpd.GeoDataFrame
    #: ``what``, ``name``, ``planar_m2``, ``planar_mu``, ``ellipsoidal_m2``, ``error_m2``
    areas: pd.DataFrame
    #: what was mended, taken for granted, or cannot be told: ``code``, ``about``, ``message``, ``message_zh``
    warnings: list[Warning_] = field(default_factory=list)


def compare(
    claims: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    *,
    objects: gpd.GeoDataFrame | None = None,
    status_quo: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Comparison:
    """Return what is contested between parties, what nobody claims, and what each candidate gives and takes.

    Raises
    ------
    InputError, TableError, CrsError, TooLargeError
        As `gridmap.disputes.ground.ground`.
    """
    own = ground(claims, limits=limits)
    land = arrangement(own.shapes, limits=limits)
    layers = cells(land, own, claims.crs)
    proposed = gpd.GeoDataFrame(geometry=[], crs=claims.crs) if candidates is None else candidates
    books = settle(proposed, land, own, status_quo=status_quo, limits=limits)
    drawn = is_line(own.claims).all()
    met = drawn_fronts(own.claims, own.parties) if drawn else fronts(land, own.shapes)
    things = objects_table(gathered(buildings, objects, own), land, own, books)
    return Comparison(
        claims=claims_layer(own, claims.crs),
        contested=layers["contested"],
        gaps=layers["gap"],
        agreed=layers["agreed"],
        cells=layers["cells"],
        ledger=books.ledger,
        candidates=_back(books.candidates, own.frame, claims.crs),
        gains=_back(books.gains, own.frame, claims.crs),
        lines=_back(lines_table(met, own, limits=limits), own.frame, claims.crs),
        objects=_back(things, own.frame, claims.crs),
        areas=areas(own, land),
        warnings=[*own.warnings, *books.warnings, *map(_no_lines, _named(met.without, own.parties))],
    )


def _back(table: gpd.GeoDataFrame, frame: Frame, system: Any) -> gpd.GeoDataFrame:
    """A table in local metres, in the CRS of the claims."""
    return table.set_geometry(frame.out(table.geometry.to_numpy(), system).to_numpy(), crs=system)


def _named(pairs: list[tuple[int, int]], parties: tuple[str, ...]) -> list[tuple[str, str]]:
    """Pairs of parties by their labels."""
    return [(parties[a], parties[b]) for a, b in pairs]


def _no_lines(pair: tuple[str, str]) -> Warning_:
    """Two parties that dispute ground and have no lines beside each other."""
    one, other = pair
    return told(
        "no_lines",
        f"{one} | {other}",
        f"{one} and {other} claim the same ground, but no border of one faces one of the other's: one claim lies within"
        " the other, so there are no two lines to compare",
        f"{one}与{other}主张同一土地，但一方范围在另一方之内，无可比较的两条界线",
    )
