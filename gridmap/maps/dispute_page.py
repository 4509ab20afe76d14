"""The comparison page of a dispute: any two of old maps, pictures and parcels, with the claims and what is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import shapely

from gridmap.disputes import Comparison
from gridmap.errors import GridmapError
from gridmap.maps import (
    backdrops,
    display,
    dispute_contents,
    dispute_epochs,
    dispute_errors,
    dispute_pictures,
    dispute_sources,
)
from gridmap.maps.dispute_pictures import Box
from gridmap.maps.dispute_shapes import in_degrees
from gridmap.maps.dispute_sources import Source, Told
from gridmap.maps.dispute_words import DISPUTES
from gridmap.maps.layout import Layout
from gridmap.maps.lineage import KIND_COLOURS
from gridmap.standards import Norms

#: Pictures and parcels are shown this far around disputed ground, as a share of its extent, and at least 55 m.
AROUND, LEAST_DEG = 0.75, 0.0005

_LAYOUT = Layout(
    starts="gridmapDisputes",
    words=DISPUTES,
    files=("swipe.js", "timeline.js", "epochs.js", "ledger.js", "disputes.js", "disputes.css"),
    legends=("gm-ledger", "gm-timeline", "gm-verdicts", "gm-legend"),
    lists=("gm-changes", "gm-objects", "gm-notes"),
    # what is clipped must not glide: it would be clipped where it no longer lies
    options={"zoom_start": 18, "max_zoom": 24, "zoom_animation": False, "fade_animation": False},
)


def dispute_map(  # noqa: PLR0913 - the layers of a map, each by its name
    comparison: Comparison,
    *,
    sources: Sequence[Source] = (),
    buildings: gpd.GeoDataFrame | None = None,
    objects: gpd.GeoDataFrame | None = None,
    title: str = "",
    lang: str = "zh",
    refuse: bool = True,
) -> folium.Map:
    """Return a page that shows both parties the same: what each claims, over any two sources with a divider between.

    Left of the divider lies one source, right of it another: an old map, a picture, parcels of some day (an *epoch*),
    or nothing. Claims, contested ground, gaps and candidates are drawn over both. Beside the map stand the ledger of
    the candidates in m2 and mu, how far the parties' lines lie apart and whether surveys could tell, and the sources by
    the date of their *capture*; the dates of their *release* and *scan* are marked apart, and what is certain apart
    from what is possible. Two years may be picked to compare: the page shows what is of those years, or nearest to
    them. Between two epochs it tells which parcels were split, merged or adjusted. Around disputed lines a picture
    bears a band as wide as its error there: what is read off it may lie anywhere within.

    Parameters
    ----------
    comparison
        What `gridmap.disputes.compare` found.
    sources
        Old maps, pictures, surveys, parcels; those without a picture or parcels stand on the timeline alone. All
        pictures together take at most 2.5 MB: they are cut to the surroundings of the claims, and made coarser where
        need be, which is said.
    buildings, objects
        Polygons, and shapes of any ``kind`` (trees, wells, graves, paths) to draw around the claims, any CRS.
    title
        Heading of the page; a general one when empty.
    lang
        ``zh`` or ``en``.
    refuse
        Whether a source that cannot be shown is a reason to make no page. Otherwise it stands on the timeline, with
        the reason: what was handed in stays in a case for ever.

    Returns
    -------
    folium.Map
        To be written by `write_page`, shown in a notebook, or added to with folium.

    Raises
    ------
    InputError
        If a source shows other ground or has no place, or the language is another.
    CrsError
        If the system of a source is not stated or cannot be joined with the others safely.
    FormatError, TooLargeError
        If the file of a source cannot be read.
    NotFoundError
        If this installation lacks Leaflet (``make web`` builds it in a checkout).

    Examples
    --------
    >>> from gridmap.disputes import compare
    >>> from gridmap.maps.page import page_html
    >>> x, y = 500_000, 3_540_000
    >>> land = [shapely.box(x, y, x + 100, y + 10), shapely.box(x, y + 8, x + 100, y + 20)]
    >>> claims = gpd.GeoDataFrame({"party": ["east", "<b>"], "accuracy_m": 0.05}, geometry=land, crs=4549)
    >>> "<b>" in page_html(dispute_map(compare(claims)))
    False
    """
    bounds = _bounds(comparison)
    window = _around(bounds)
    pictures = sum(one.path is not None or one.pixels is not None for one in sources)
    room = dispute_pictures.MOST_BYTES // max(pictures, 1)
    told = [_told(one, window, most_bytes=room, lang=lang, refuse=refuse) for one in sources]
    drawn = [set(one.said["parcels"]["ids"]) if "parcels" in one.said else set() for one in told]
    shown = [one if ids else replace(one, parcels=None) for one, ids in zip(sources, drawn, strict=True)]
    changes, uncompared = dispute_epochs.changes(shown, drawn, lang)
    houses = backdrops.drawn(buildings=_near(buildings, window), streets=None, places=None, norms=Norms())
    notes = [*_warnings(comparison, lang), *(note for one in told for note in one.notes), *uncompared]
    written = {
        "parties": dispute_contents.parties(comparison),
        "contested": dispute_contents.ground(comparison.contested),
        "gaps": dispute_contents.ground(comparison.gaps),
        "candidates": dispute_contents.candidates(comparison, lang),
        "verdicts": dispute_contents.verdicts(comparison.lines, lang),
        "sources": [_said(comparison, one) for one in told],
        "changes": changes,
        "kinds": KIND_COLOURS,
        "objects": dispute_contents.objects(_near(objects, window)),
        "bounds": [*bounds],
        "backdrops": houses.shapes,
        "notes": [*notes, DISPUTES.one("cut_out", lang)] if told else notes,
    }
    return _LAYOUT.page(written, title=title, on=None, lang=lang)


def _told(source: Source, window: Box, *, most_bytes: int, lang: str, refuse: bool) -> Told:
    """A source as the page holds it; where it may not refuse it, one that cannot be shown without what it shows."""
    try:
        return dispute_sources.told(source, window, most_bytes=most_bytes, lang=lang)
    except GridmapError as error:
        if refuse:
            raise
        bare = source.on_the_timeline(str(error))
        return dispute_sources.told(bare, window, most_bytes=most_bytes, lang=lang)


def _bounds(comparison: Comparison) -> Box:
    """West, south, east and north of the disputed ground, of the claims where there is none; degrees."""
    tables = (comparison.contested, comparison.gaps, comparison.candidates)
    boxes = [shapely.total_bounds(in_degrees(table)) for table in tables if len(table)]
    known = [box for box in boxes if np.isfinite(box).all()]
    return display.bounds_of(known or [shapely.total_bounds(in_degrees(comparison.claims))])


def _around(bounds: Box) -> Box:
    """The same with its surroundings."""
    west, south, east, north = bounds
    # a degree of longitude is shorter than one of latitude
    shorter = np.cos(np.radians((south + north) / 2))
    room = max(AROUND * max((east - west) * shorter, north - south), LEAST_DEG)
    return west - room / shorter, south - room, east + room / shorter, north + room


def _near(table: gpd.GeoDataFrame | None, window: Box) -> gpd.GeoDataFrame | None:
    """What lies around the claims."""
    if table is None:
        return None
    there = display.lon_lat(table)
    return there[shapely.intersects(there.geometry.to_numpy(), shapely.box(*window))]


def _said(comparison: Comparison, told: Told) -> dict[str, Any]:
    """A source with the band of its error."""
    error_m = told.said["error_m"]
    drawn = "picture" in told.said and error_m is not None
    if not drawn:
        return told.said
    return told.said | {"band": dispute_errors.band(comparison, error_m, told.control, method=told.method)}


def _warnings(comparison: Comparison, lang: str) -> list[str]:
    """What the comparison took for granted or could not tell."""
    key = "message_zh" if lang == "zh" else "message"
    return [str(warning[key]) for warning in comparison.warnings]
