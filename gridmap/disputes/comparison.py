"""Claims compared: what is contested, what nobody claims, and what each candidate gives and takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap.disputes.arrangement import arrangement
from gridmap.disputes.books import settle
from gridmap.disputes.fronts import fronts
from gridmap.disputes.ground import Frame, ground
from gridmap.disputes.layers import areas, cells, claims_layer
from gridmap.disputes.limits import Limits
from gridmap.disputes.notes import Warning_, told
from gridmap.disputes.objects import gathered, objects_table
from gridmap.disputes.proposals import Asked, Share, proposals
from gridmap.disputes.verdicts import lines_table
from gridmap.errors import InputError


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
    #: ``undisputed_m2`` (of the loss, what nobody else claims), ``unclaimed_m2`` (of the gain, what another alone
    #: claims), ``change_m2`` (what it gets more than along the line as it stands); the error is that of the net
    ledger: pd.DataFrame
    #: ``id``, ``source``, ``status``, ``parties``, ``settled_m2``, ``undecided_m2``, ``difference_m2``, ``joined_m``,
    #: ``length_m``; line. The difference is the most that the pieces of any ground fail to add up to it
    candidates: gpd.GeoDataFrame
    #: ``candidate``, ``party``, ``area_m2``: the ground that each candidate gives each party
    gains: gpd.GeoDataFrame
    #: ``a``, ``b``, ``mean_offset_m``, ``mean_offset_error_m``, ``p95_m``, ``hausdorff_m``, ``hausdorff_ab_m``,
    #: ``hausdorff_ba_m``, ``frechet_m``, ``common_m``, ``verdict``, ``tolerance_m``, ``beyond_m``, ``over_m``,
    #: ``beyond_m2``, ``vertices``, ``limit_m``, ``assumed``, ``said``, ``said_zh``; both lines
    lines: gpd.GeoDataFrame
    #: ``candidate``, ``id``, ``kind``, ``side``, ``cut_share``, ``distance_m``, ``strip_share``; the object's shape
    objects: gpd.GeoDataFrame
    #: ``what``, ``name``, ``planar_m2``, ``planar_mu``, ``ellipsoidal_m2``, ``error_m2``
    areas: pd.DataFrame
    #: what was mended, taken for granted, or cannot be told: ``code``, ``about``, ``message``, ``message_zh``
    warnings: list[Warning_] = field(default_factory=list)


def compare(  # noqa: PLR0913 - what a case may have besides its claims
    claims: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    *,
    objects: gpd.GeoDataFrame | None = None,
    status_quo: str | None = None,
    shares: Sequence[Share] = (),
    bearing_deg: float | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Comparison:
    """Return what is contested between parties, what nobody claims, and what each candidate gives and takes.

    Ground that two parties or more claim is *contested*; ground between claims that nobody claims is a *gap*; both
    together are disputed. A *candidate* is a line proposed to settle: disputed ground goes to the party on whose side
    of it it lies. Its *ledger* books as a party's gain the ground that it gets of this (and of others), as its loss the
    ground that it claims and another gets. Between two parties the gain of one is the loss of the other, and both
    gains add up to the contested ground. A candidate inside the claim of one party cuts ground off from it, which goes
    to the one whose claim it adjoins: that one gains what it never claimed (``unclaimed_m2``), and this is said.

    Parameters
    ----------
    claims
        ``party`` and polygons or lines, two parties or more, any CRS; a line may face another line or a polygon (see
        `gridmap.disputes.bands`); ``accuracy_m?`` (standard error of a point; 10 cm
        is assumed where it is missing, which is said), ``accuracy_class?``, ``georeference_m?``, ``scale?``,
        ``datum_m?`` (see `gridmap.disputes.accuracy`).
    candidates
        ``id?``, ``source?`` and lines, any CRS of the same datum.
    buildings
        ``id?`` and polygons.
    objects
        Trees, wells, graves, paths: ``id?``, ``kind?`` and points, lines or polygons.
    status_quo
        ``id`` of the candidate that is the line as it stands: what others change against it is told separately.
    shares
        Shares of the ground between facing lines, for each of which a candidate is solved: ``("A", 0.4)`` gives it to
        that party, a bare number to the party that comes first by its label.
    bearing_deg
        Bearing of straight cuts from the north of the map for these (see `gridmap.disputes.cuts.cuts`); None: lines led
        from one line to the other.
    limits
        All that is taken for granted.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If there are no claims, those of one party only, lines and polygons of one, lines without a partner, no
        candidate of the id of the status quo, a share of nobody or of nothing, or a bearing without one.
    TableError
        With every row of claims, or of candidates, that is none.
    CrsError
        If a table does not say its CRS, or their datums differ (Xian 1980, Beijing 1954).
    TooLargeError
        If there are more points than ``limits.most_points``.

    Examples
    --------
    Two villages overlap by 2 m over 100 m; the line half way gives each of them half, 0.15 mu:

    >>> import shapely
    >>> land = [shapely.box(0, 0, 100, 10), shapely.box(0, 8, 100, 20)]
    >>> claims = gpd.GeoDataFrame({"party": ["east", "west"], "accuracy_m": 0.05}, geometry=land, crs=4549)
    >>> line = gpd.GeoDataFrame({"id": ["half way"]}, geometry=[shapely.LineString([(0, 9), (100, 9)])], crs=4549)
    >>> compare(claims, line).ledger[["party", "gain_m2", "loss_m2", "gain_mu"]].round(6).values.tolist()
    [['east', 100.0, 100.0, 0.15], ['west', 100.0, 100.0, 0.15]]
    """
    if bearing_deg is not None and not shares:
        raise InputError(
            "a bearing of cuts that nobody asked for", expected="a share to be solved for", code="no_share"
        )
    own = ground(claims, limits=limits)
    land = arrangement(own.shapes, within=own.within, limits=limits)
    layers = cells(land, own, claims.crs)
    met = fronts(land, own)
    proposed = gpd.GeoDataFrame(geometry=[], crs=claims.crs) if candidates is None else candidates
    if shares:
        proposed = proposals(
            proposed, met, (own, land), asked=Asked(shares=shares, bearing_deg=bearing_deg), limits=limits
        )
    books = settle(proposed, land, own, status_quo=status_quo, limits=limits)
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
