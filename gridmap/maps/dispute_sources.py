"""Sources of a dispute: old maps, pictures and parcels of other days, as a page shows one beside the other."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.crs import is_metric, to_metric
from gridmap.disputes.dates import SourceDates, Uncertain
from gridmap.errors import InputError
from gridmap.maps import display, dispute_pictures
from gridmap.maps.columns import texts
from gridmap.maps.dispute_errors import control_said
from gridmap.maps.dispute_pictures import Box, Raster
from gridmap.maps.dispute_shapes import filled, in_degrees
from gridmap.maps.dispute_words import DISPUTES

#: What a source may be, as case files name it.
KINDS = ("map", "picture", "survey", "parcels", "document")
#: More parcels than these around the claims are no map of a quarrel; the rest is left out, which is said.
MOST_PARCELS = 5_000
_DAYS = 365.2425
#: Figures as near as this are one figure, written with fewer digits.
_SAME = 0.01


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """One source: a picture with its place, parcels of some day, or neither (a document, on the timeline alone)."""

    #: what it is called
    title: str
    #: ``map``, ``picture``, ``survey``, ``parcels`` or ``document``
    kind: str = "picture"
    #: when it was taken, published and scanned
    dates: SourceDates = field(default_factory=SourceDates)
    #: a georeferenced picture: GeoTIFF as `gridmap.imagery.georeference` writes it
    path: Path | None = None
    #: or its pixels, (height, width) or (bands, height, width), north above
    pixels: NDArray[Any] | None = None
    #: west, south, east and north of the pixels
    bounds: Box | None = None
    #: system of the bounds
    crs: Any = None
    #: error to expect of what is read off it, metres: that of control points left out. The file's own if left out
    error_m: float | None = None
    #: its control points with ``leave_one_out_m``, points in any CRS: the error is drawn as it differs over the ground.
    #: The file's own if left out
    control: gpd.GeoDataFrame | None = None
    #: how it was warped, by which its error widens away from those points: order1, order2, order3 or tps
    method: str = "order1"
    #: parcels: ``id`` and polygons
    parcels: gpd.GeoDataFrame | None = None

    def on_the_timeline(self, why: str) -> Source:
        """Return the source without what it shows, and why nothing is shown of it.

        Raises
        ------
        None
        """
        return Source(title=f"{self.title} ({why})", kind=self.kind, dates=self.dates)


@dataclass(frozen=True, kw_only=True)
class Told:
    """A source as the page holds it, and what the reader must know of it."""

    #: plain values
    said: dict[str, Any]
    notes: list[str]
    #: where the error of its picture is known, as `Source.control`; None where nothing is
    control: gpd.GeoDataFrame | None = None
    #: how it was warped
    method: str = "order1"


def told(source: Source, window: Box, *, most_bytes: int, lang: str) -> Told:
    """Return a source as the page holds it.

    Parameters
    ----------
    source
        The source.
    window
        West, south, east and north around the case, degrees.
    most_bytes
        Characters that its picture may take.
    lang
        ``zh`` or ``en``.

    Raises
    ------
    InputError
        If its kind is none, it has pixels without bounds, or shows other ground.
    CrsError
        If its system is not stated, or cannot be joined with the others safely.
    FormatError, TooLargeError
        If its file cannot be read.
    """
    if source.kind not in KINDS:
        raise InputError(f"a source of kind {source.kind!r}", expected=f"one of {', '.join(KINDS)}")
    wanted = dispute_pictures.web_mercator(*window)
    given = _raster(source, wanted)
    error_m, control = _errors(source, given)
    notes = [_fault(source.title, code, lang) for code, _ in source.dates.faults()]
    said = {"title": source.title, "kind": source.kind, "error_m": error_m, **_dates(source.dates)}
    if given is not None:
        picture = dispute_pictures.shown(given, wanted, title=source.title, most_bytes=most_bytes)
        said["picture"] = {"uri": picture.uri, "bounds": [*picture.bounds]}
        said["control"] = [] if control is None else control_said(control)
        notes.append(_size(source.title, picture, lang))
        notes += [DISPUTES.one("no_error", lang, title=source.title)] if error_m is None else []
    if source.parcels is not None:
        said["parcels"], left_out = _parcels(source.parcels, window)
        if left_out:
            notes.append(DISPUTES.one("parcels_left_out", lang, title=source.title, count=left_out))
    method = (given.method if given else None) or source.method
    return Told(said=said, notes=notes, control=control, method=method)


def _raster(source: Source, window: Box) -> Raster | None:
    """The picture of a source; None where it has none."""
    if source.path is not None:
        return dispute_pictures.read_raster(Path(source.path), window, title=source.title)
    if source.pixels is None:
        return None
    if source.bounds is None or source.crs is None:
        raise InputError(f"{source.title} has pixels without a place", expected="bounds and their CRS")
    return dispute_pictures.raster(np.asarray(source.pixels), source.bounds, source.crs)


def _errors(source: Source, given: Raster | None) -> tuple[float | None, gpd.GeoDataFrame | None]:
    """The error of a source, and where it is known: what is stated counts before what the file says of itself."""
    own = None if given is None else given.error_m
    error_m = source.error_m if source.error_m is not None else own
    if error_m is None:
        return None, source.control
    if not (np.isfinite(error_m) and error_m >= 0):
        raise InputError(f"{source.title}: an error of {error_m} m", expected="metres, 0 or more")
    if source.control is not None or given is None:
        return error_m, source.control
    # points of the file tell of its own figure only, not of one that somebody states instead
    return error_m, given.control if own is not None and math.isclose(error_m, own, rel_tol=_SAME) else None


def _dates(dates: SourceDates) -> dict[str, Any]:
    """The dates as written, and as years: capture, release and scan each by itself, and the day that it shows."""
    named = (("capture", dates.capture), ("release", dates.release), ("scan", dates.scan), ("shown", dates.shown))
    return {name: None if one is None else _date(one) for name, one in named}


def _date(one: Uncertain) -> dict[str, Any]:
    """A date as written, the years between which it lies, and those in which it is certain; None is an open end."""
    certain = None if one.certain is None else [_year(day) for day in one.certain]
    years = [_year(one.earliest), _year(one.latest)]
    return {"text": one.text, "years": years, "certain": certain, "doubtful": one.doubtful}


def _year(day: date | None) -> float | None:
    """A day as a year and its part; None where there is no known end."""
    if day is None or day in (date.min, date.max):
        return None
    return round(day.year + (day.timetuple().tm_yday - 1) / _DAYS, 3)


def _parcels(parcels: gpd.GeoDataFrame, window: Box) -> tuple[dict[str, Any], int]:
    """The parcels that lie in the window, and how many of them are left out."""
    there = display.lon_lat(parcels)
    near = there[shapely.intersects(there.geometry.to_numpy(), shapely.box(*window))]
    if near.empty:
        raise InputError("parcels that lie elsewhere", expected="parcels around the claims")
    kept = near.iloc[:MOST_PARCELS]
    metric = kept if is_metric(kept.crs) else to_metric(kept)
    said = {"ids": texts(kept, "id"), "shapes": filled(in_degrees(kept)), "m2": metric.area.round(1).tolist()}
    return said, len(near) - len(kept)


def _fault(title: str, code: str, lang: str) -> str:
    """What is wrong with the dates of a source."""
    return DISPUTES.one("of_source", lang, title=title, said=DISPUTES.one(code, lang))


def _size(title: str, picture: dispute_pictures.Shown, lang: str) -> str:
    """How fine a picture is shown, and how fine it is."""
    key = "pixels" if picture.pixel_m <= picture.given_m * 1.01 else "pixels_coarser"
    said = DISPUTES.one(key, lang, shown=f"{picture.pixel_m:.2g}", given=f"{picture.given_m:.2g}")
    return DISPUTES.one("of_source", lang, title=title, said=said)
