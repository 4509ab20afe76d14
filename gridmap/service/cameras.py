"""What cameras see, on tables of files or of the record: computed, and said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import coverage
from gridmap.coverage import Counting
from gridmap.crs import to_system
from gridmap.errors import NotFoundError
from gridmap.frames.validity import in_force
from gridmap.service.camera_layers import (
    Laid,
    depth,
    ground_changes,
    placed,
    plain,
    said,
    street_changes,
    street_losses,
)
from gridmap.service.cameras_reading import gathered, no_notes, noted
from gridmap.visibility.cameras.bands import BANDS, DORI_2014, Profile
from gridmap.visibility.cameras.views import CERTAINTIES, views
from gridmap.visibility.lines import gridded, parts
from gridmap.visibility.seeing import Sight, drawn, visible
from gridmap.visibility.sweep.scenes import scene


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked about cameras."""

    #: the day; None: every row counts
    on: date | None = None
    #: whether cameras that are offline count as well
    offline: bool = False
    #: densities of pixels that the bands ask for
    profile: Profile = DORI_2014
    #: whether it is dark
    night: bool = False
    #: whether turning cameras count with all they can reach, instead of where they look by themselves
    reach: bool = False
    #: streets are blind where nobody sees them in this band or a better one
    band: str = "seen"


@dataclass(frozen=True, kw_only=True)
class Covered:
    """What cameras see, as tables and as a report."""

    #: viewsheds; areas, streets and blind where areas and streets were given; notes
    layers: dict[str, pd.DataFrame]
    #: what stands in the answer beside the tables: counts of cameras, sums of bands and streets
    report: dict[str, Any]
    #: all cameras of the day, those that do not count among them
    cameras: gpd.GeoDataFrame = field(repr=False)
    #: streets and what is seen of them; None where none were given
    laid: Laid | None = field(default=None, repr=False)


def cover(  # noqa: PLR0913 - the layers that are asked about, each by its name
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None,
    *,
    areas: gpd.GeoDataFrame | None = None,
    streets: gpd.GeoDataFrame | None = None,
    places: gpd.GeoDataFrame | None = None,
    old: Covered | None = None,
    asked: Asked | None = None,
    notes: pd.DataFrame | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Covered:
    """Return what cameras see: ground, shares of areas, metres of streets, and the stretches that nobody sees.

    Parameters
    ----------
    cameras
        As `gridmap.frames.CAMERAS` promises them, any CRS.
    buildings
        What hides the ground, any CRS; None: as if nothing did, which is noted.
    areas
        ``code`` and polygons: shares of their ground are told.
    streets
        ``id``, ``name?``, ``class?``, ``barrier?`` and lines; rivers and railways are no streets.
    places
        ``id`` and points, such as entrances, checkpoints and key places: which cameras see each.
    old
        What this returned for another day, or for other cameras, on the same buildings, areas and streets: the answer
        then says what was gained and lost since.
    asked
        Day, status, bands.
    notes
        What is known of the reading already: camera, code, what.
    progress
        Told how many steps are done, of how many.

    Returns
    -------
    Covered
        Layers ``viewsheds`` (camera, band, certainty, area_m2), ``areas`` (code, band, seen_m2, share, ...),
        ``streets`` (id, band, seen_m, share, ...), ``blind`` (ranked), ``losses`` (camera, lost_m, seen_m: metres that
        nobody else sees), ``street_losses`` (street, lost_m, seen_m: the same of all cameras of a street), ``depth``
        (id, seen_1_m, seen_2_m, seen_3_m: metres that so many cameras see at least), ``places`` (id, cameras, band, by,
        judged), ``rates`` (figure, count, of, rate, target, kept), ``changes`` and ``street_changes`` (by area and by
        street, old_m, new_m, gained_m, lost_m, kept_m), ``notes`` (camera, code, what), in the CRS of the cameras, of
        the areas, of the streets, of the places.

    Raises
    ------
    NotFoundError
        If no camera counts on that day.
    TableError, CrsError, InputError
        As `gridmap.visibility.cameras.views`, `gridmap.visibility.scene` and `gridmap.coverage`.
    """
    asked = asked or Asked()
    there = cameras if asked.on is None else in_force(cameras, asked.on)
    counted = there[coverage.counted(there, Counting(offline=asked.offline))].reset_index(drop=True)
    if counted.empty:
        raise NotFoundError(*_nobody(there, asked))
    progress(0, _STEPS)
    looking = views(counted, profile=asked.profile, night=asked.night, reach=asked.reach)
    walls = gpd.GeoDataFrame(geometry=[], crs=looking.crs) if buildings is None else buildings
    sight = visible(scene(walls, crs=looking.crs), looking)
    progress(1, _STEPS)
    layers: dict[str, pd.DataFrame] = {"viewsheds": to_system(drawn(sight), counted.crs)}
    progress(2, _STEPS)
    if areas is not None:
        layers["areas"] = _areas(sight, areas, counted, buildings)
    progress(3, _STEPS)
    laid = None if streets is None else _laid(sight, _ways(streets), counted, areas, asked)
    if laid is not None:
        layers |= _streets(laid)
    if places is not None:
        layers["places"] = _places(sight, places, counted, buildings)
    layers["rates"] = coverage.rates(there, seen=layers.get("places"))
    if old is not None:
        layers |= _since(old, layers, laid, areas, asked.band)
    progress(_STEPS, _STEPS)
    said = noted(no_notes() if notes is None else notes, looking.assumed, looking.refused, *_stood(sight))
    layers["notes"] = said if buildings is not None else noted(said, _OPEN)
    return Covered(layers=layers, report=_report(there, counted, sight, layers), cameras=there, laid=laid)


_OPEN = pd.DataFrame(
    {"camera": [None], "code": "open_ground", "what": "no buildings are known: nothing hides the ground"}
)
#: Steps that are told: views and what hides them, ground, areas, streets.
_STEPS = 4
#: Cameras are in force all their days and online here: those that do not count were left out before.
_ALL = Counting(offline=True)


def _nobody(there: pd.DataFrame, asked: Asked) -> tuple[str]:
    """Return why no camera counts."""
    if there.empty:
        return (f"no camera is in force on {asked.on}; name a day: --on DATE",)
    return (f"all {len(there)} cameras are offline; count them as well: --status all",)


def _ways(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return streets without rivers and railways, and without those that have no line."""
    along = ~(streets.geometry.isna() | streets.geometry.is_empty)
    if "barrier" in streets:
        along &= streets["barrier"].isna()
    return streets[along].reset_index(drop=True)


def _areas(
    sight: Sight, areas: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """Return the shares of areas, each row with its area's name and ground."""
    shares = coverage.areas(sight.pieces, sight.views, areas, cameras, buildings=buildings, counting=_ALL)
    return placed(shares, areas, "code", ("name", "level"))


def _laid(
    sight: Sight,
    streets: gpd.GeoDataFrame,
    cameras: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame | None,
    asked: Asked,
) -> Laid:
    """Return the metres of streets in view, and the streets cut along areas."""
    lines = gridded(streets, sight.views.crs)
    return Laid(
        streets=streets,
        cuts=coverage.cuts(lines, streets, areas),
        parts=parts(sight.pieces, sight.views, lines),
        views=sight.views,
        cameras=cameras,
        counting=replace(_ALL, band=asked.band),
    )


def _streets(laid: Laid) -> dict[str, pd.DataFrame]:
    """Return the shares of streets, each row with its street, the stretches that nobody sees, and each camera's own."""
    seen, counting = laid.parts, laid.counting
    shares = coverage.streets(seen, laid.views, laid.streets, laid.cameras, counting=_ALL)
    lengths = np.repeat(seen.length_m, len(BANDS))
    return {
        "streets": placed(shares.assign(length_m=lengths), laid.streets, "id", ("name", "class")),
        "blind": coverage.blind(seen, laid.views, laid.streets, laid.cameras, laid.cuts, counting=counting),
        "losses": coverage.lost_without(seen, laid.views, laid.cameras, counting=counting),
        "street_losses": street_losses(laid),
        "depth": depth(laid),
    }


def _places(
    sight: Sight, places: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """Return which cameras see each place."""
    seen = coverage.places_seen(sight.pieces, sight.views, places, cameras, buildings=buildings, counting=_ALL)
    return placed(seen, places, "id", ("name", "kind"))


def _since(
    old: Covered, layers: Mapping[str, pd.DataFrame], laid: Laid | None, areas: gpd.GeoDataFrame | None, band: str
) -> dict[str, pd.DataFrame]:
    """Return what was gained and lost since: by street, and by area."""
    found: dict[str, pd.DataFrame] = {}
    tables = []
    if laid is not None and old.laid is not None:
        found["street_changes"], by_area = street_changes(old.laid, laid)
        tables.append(by_area)
    if areas is not None:
        tables.append(ground_changes(old.layers["areas"], layers["areas"], band))
        whole = reduce(lambda one, other: one.merge(other, on="code", how="outer", sort=False), tables)
        found["changes"] = placed(whole, areas, "code", ("name", "level"))
    return found


def _stood(sight: Sight) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return which cameras were moved off their walls, and which cannot stand where they are said to."""
    moved = sight.standing.moved
    said = [_MOVED[what].format(metres=metres) for what, metres in zip(moved["what"], moved["moved_m"], strict=True)]
    return pd.DataFrame({"camera": moved["camera"], "code": "moved", "what": said}), sight.standing.refused


#: What is said of cameras in and on buildings.
_MOVED = {
    "wall": "it hangs on a wall, and is reckoned from 1 cm before it",
    "roof": "it lies within a building that is lower than itself: it is taken to stand on the roof",
    "facade": "it lies inside a building, and is reckoned from before the facade, {metres:.1f} m off",
}


def _report(
    there: gpd.GeoDataFrame, counted: gpd.GeoDataFrame, sight: Sight, layers: Mapping[str, pd.DataFrame]
) -> dict[str, Any]:
    """Return what is said beside the tables."""
    notes = layers["notes"]
    refused = {*sight.views.refused["camera"], *sight.standing.refused["camera"]}
    report = {
        "cameras": {
            "total": len(there),
            "counted": len(counted),
            "offline": int(there["status"].eq("offline").sum()),
            **_by_certainty(sight),
            "refused": len(refused),
            "moved": len(sight.standing.moved),
        },
        "ground_m2": _ground(layers["viewsheds"]),
        "notes": plain(gathered(notes)),
        **said(layers),
    }
    if "streets" in layers:
        report["street_m"] = _along(layers["streets"], layers["blind"])
    return report


def _by_certainty(sight: Sight) -> dict[str, int]:
    """Return how many cameras look where it is known, within an octant, and nobody knows where."""
    found = sight.views
    known = np.zeros((len(found.ids), len(CERTAINTIES)), dtype=bool)
    known[found.camera, found.certainty] = True
    possible = known[:, 2]
    return {
        "heading_known": int((known[:, 1] & ~possible).sum()),
        "heading_uncertain": int((known[:, 1] & possible).sum()),
        "possible_only": int((possible & ~known[:, :2].any(axis=1)).sum()),
    }


def _ground(viewsheds: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return square metres by certainty and band, ground that several cameras see as often as it is seen."""
    sums = viewsheds.groupby(["certainty", "band"])["area_m2"].sum()
    return {
        certainty: {band: round(float(sums.get((certainty, band), 0.0)), 1) for band in BANDS}
        for certainty in CERTAINTIES
        if certainty in set(viewsheds["certainty"])
    }


#: Columns of the shares of streets, the surest first.
_SURE = ("share_guaranteed", "share", "share_possible")


def _along(streets: pd.DataFrame, blind: pd.DataFrame) -> dict[str, Any]:
    """Return metres of all streets that are seen, by band, and those that nobody sees."""
    metres = float(streets.drop_duplicates("id")["length_m"].sum())
    seen = streets.groupby("band")["seen_m"].sum()
    shares = {name: float((streets[name] * streets["length_m"]).sum()) for name in _SURE if metres}
    return {
        "length_m": round(metres, 1),
        "seen_m": {band: round(float(seen.get(band, 0.0)), 1) for band in BANDS},
        **{name: round(shares[name] / metres, 6) if metres else None for name in _SURE},
        "blind_stretches": len(blind),
        "blind_m": round(float(blind["length_m"].sum()), 1),
    }
