"""Sources of a dispute: old maps, pictures and parcels of other days, as a page shows one beside the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.disputes.dates import SourceDates, Uncertain
from gridmap.errors import InputError
from gridmap.maps import display, dispute_pictures
from gridmap.maps.columns import texts
from gridmap.maps.dispute_pictures import Box, Raster
from gridmap.maps.dispute_shapes import filled, in_degrees
from gridmap.maps.dispute_words import DISPUTES

#: What a source may be, as case files name it.
KINDS = ("map", "picture", "survey", "parcels", "document")
#: More parcels than these around the claims are no map of a quarrel; the rest is left out, which is said.
MOST_PARCELS = 5_000
_DAYS = 365.2425


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
    #: parcels: ``id`` and polygons
    parcels: gpd.GeoDataFrame | None = None


@dataclass(frozen=True, kw_only=True)
class Told:
    """A source as the page holds it, and what the reader must know of it."""

    #: plain values
    said: dict[str, Any]
    notes: list[str]


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
    given = _raster(source)
    error_m = source.error_m if source.error_m is not None else given.error_m if given else None
    if error_m is not None and not (np.isfinite(error_m) and error_m >= 0):
        raise InputError(f"{source.title}: an error of {error_m} m", expected="metres, 0 or more")
    notes = [_fault(source.title, code, lang) for code, _ in source.dates.faults()]
    said = {"title": source.title, "kind": source.kind, "error_m": error_m, **_dates(source.dates)}
    if given is not None:
        picture = dispute_pictures.shown(
            given, dispute_pictures.web_mercator(*window), title=source.title, most_bytes=most_bytes
        )
        said["picture"] = {"uri": picture.uri, "bounds": [*picture.bounds]}
        notes.append(_size(source.title, picture, lang))
        notes += [DISPUTES.one("no_error", lang, title=source.title)] if error_m is None else []
    if source.parcels is not None:
        said["parcels"], left_out = _parcels(source.parcels, window)
        if left_out:
            notes.append(DISPUTES.one("parcels_left_out", lang, title=source.title, count=left_out))
    return Told(said=said, notes=notes)


def _raster(source: Source) -> Raster | None:
    """The picture of a source; None where it has none."""
    if source.path is not None:
        return dispute_pictures.read_raster(Path(source.path))
    if source.pixels is None:
        return None
    if source.bounds is None or source.crs is None:
        raise InputError(f"{source.title} has pixels without a place", expected="bounds and their CRS")
    return dispute_pictures.raster(np.asarray(source.pixels), source.bounds, source.crs)


def _dates(dates: SourceDates) -> dict[str, Any]:
    """The dates as written, and as years: capture, release and scan each by itself."""
    named = (("capture", dates.capture), ("release", dates.release), ("scan", dates.scan))
    return {name: None if one is None else _date(one) for name, one in named}


def _date(one: Uncertain) -> dict[str, Any]:
    """A date as written, the years between which it lies, and those in which it is certain; None is an open end."""
    certain = None if one.certain is None else [_year(day) for day in one.certain]
    return {"text": one.text, "years": [_year(one.earliest), _year(one.latest)], "certain": certain}


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
    return {"ids": texts(kept, "id"), "shapes": filled(in_degrees(kept))}, len(near) - len(kept)


def _fault(title: str, code: str, lang: str) -> str:
    """What is wrong with the dates of a source."""
    return DISPUTES.one("of_source", lang, title=title, said=DISPUTES.one(code, lang))


def _size(title: str, picture: dispute_pictures.Shown, lang: str) -> str:
    """How fine a picture is shown, and how fine it is."""
    key = "pixels" if picture.pixel_m <= picture.given_m * 1.01 else "pixels_coarser"
    said = DISPUTES.one(key, lang, shown=f"{picture.pixel_m:.2g}", given=f"{picture.given_m:.2g}")
    return DISPUTES.one("of_source", lang, title=title, said=said)
