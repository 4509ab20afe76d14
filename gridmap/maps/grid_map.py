"""The map of grids: every level of the hierarchy, shaded by households."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.errors import InputError
from gridmap.hierarchy import LEVELS, chain, level_of_code, parent_rows
from gridmap.maps import display, page
from gridmap.maps.shading import UNKNOWN_COLOUR, Shading, shading
from gridmap.maps.words import word


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the borders of a level are drawn."""

    #: colour of the line
    colour: str
    #: width of the line in pixels
    width: float
    #: dashes in pixels; None for a solid line
    dash: str | None = None


_LOOKS = {
    "district": Look(colour="#111827", width=3.5),
    "street": Look(colour="#7c2d12", width=2.6),
    "community": Look(colour="#374151", width=1.7),
    "grid": Look(colour="#4b5563", width=1.2),
    "micro": Look(colour="#6b7280", width=0.8, dash="2 3"),
}
_OTHER = Look(colour="#4b5563", width=1.0)
_BUILDING = {"color": "#57534e", "weight": 0.5, "fillColor": "#a8a29e", "fillOpacity": 0.8}
# thin, so that the border of two grids along a street is still seen on both sides of it
_STREET = {"color": "#ffffff", "weight": 0.7, "opacity": 0.9}
#: how much of the shading covers what lies below it
_OPACITY = 0.75
#: z-index of the shaded level's pane; buildings, streets and the borders of other levels lie above it, in this order
_SHADED_Z, _BUILDINGS_Z, _STREETS_Z, _BORDERS_Z = 410, 412, 414, 420

_STYLE = """<style>
.gm-box { position: absolute; z-index: 1000; background: rgba(255,255,255,.93); color: #16202b;
  border: 1px solid #b7c3cf; border-radius: 4px; padding: 7px 11px;
  font: 13px/1.45 "Noto Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
.gm-title { top: 10px; left: 56px; max-width: calc(100% - 240px); }
.gm-title h1 { margin: 0; font-size: 17px; font-weight: 600; }
.gm-title p, .gm-legend p { margin: 2px 0 0; color: #4b5b6b; font-size: 12px; }
.gm-legend { right: 10px; bottom: 26px; max-width: 260px; max-height: 60%; overflow: auto; }
.gm-legend h2 { margin: 0 0 4px; font-size: 13px; font-weight: 600; }
.gm-legend ul { margin: 0; padding: 0; list-style: none; }
.gm-legend li { display: flex; align-items: center; gap: 8px; }
.gm-legend i { flex: none; width: 24px; height: 14px; border: 1px solid #4b5563; }
.gm-legend i.gm-line { height: 0; border-width: 0; }
.gm-north { top: 84px; left: 10px; width: 32px; padding: 3px 0; text-align: center; font-weight: 600; }
.gm-north b { display: block; font-size: 15px; line-height: 1; }
.leaflet-container { background: #f7f8f6; font-family: "Noto Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
.leaflet-control-layers { font-size: 13px; }
.gm-tip { font-size: 13px; white-space: nowrap; }
.gm-tip td { padding: 0; } .gm-tip strong, .gm-tip small { display: block; } .gm-tip small { color: #4b5b6b; }
</style>"""

_CONTROLS = """
MAP.attributionControl.setPrefix(false);
MAP.attributionControl.addAttribution(VALUES.attribution);
L.control.zoom({zoomInTitle: VALUES.zoom_in, zoomOutTitle: VALUES.zoom_out}).addTo(MAP);
L.control.scale({imperial: false, maxWidth: 140}).addTo(MAP);
MAP.fitBounds(VALUES.bounds, {paddingTopLeft: [24, 76], paddingBottomRight: [24, 24], animate: false});
"""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What all layers of one map have in common."""

    #: ``zh`` or ``en``
    lang: str
    #: west, south, east, north in degrees
    bounds: tuple[float, float, float, float]
    #: by how much borders are simplified, degrees; 0 for not at all
    tolerance: float
    #: the level that is shaded and answers to the pointer
    shaded: str
    #: classes of households, None where none are known
    shading: Shading | None
    #: whether the households of any shaded area are not known
    unknown: bool


def grids(
    areas: gpd.GeoDataFrame,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    streets: gpd.GeoDataFrame | None = None,
    title: str = "",
    lang: str = "zh",
    on: date | None = None,
) -> folium.Map:
    """Return a map of the areas of all levels, grids shaded by their households.

    Where there are no grids, the finest level is shaded. More than 3 000 polygons are drawn on a canvas and with
    simplified borders, which the page then says. All values are shown as they are: HTML in a name is text.

    Parameters
    ----------
    areas
        Columns ``code``, ``name?``, ``level?``, ``parent?``, ``households?`` and polygons in any CRS. A missing level
        is taken from the length of the code.
    buildings
        Polygons to draw on top, any CRS.
    streets
        Lines to draw on top, any CRS.
    title
        Heading of the page; a general one when empty.
    lang
        ``zh`` or ``en``.
    on
        Day the areas are of, stated on the page; that it is not known is stated otherwise.

    Returns
    -------
    folium.Map
        To be written by `write_page`, shown in a notebook, or added to with folium.

    Raises
    ------
    InputError
        If there is no area, or the language is another.
    TableError
        If the parents are not in the table or go in circles.
    CrsError
        If a table does not say its CRS, or says one that cannot be transformed safely.
    NotFoundError
        If this installation lacks Leaflet (``make web`` builds it in a checkout).

    Examples
    --------
    >>> from shapely import box
    >>> areas = gpd.GeoDataFrame(
    ...     {"code": ["320613001001001"], "name": ["<b>1</b>"]}, geometry=[box(120.8, 32.0, 120.81, 32.01)], crs=4490
    ... )
    >>> "<b>1</b>" in page.page_html(grids(areas, title="<b>1</b>"))
    False
    """
    there = display.lon_lat(areas)
    if len(there) == 0:
        raise InputError("no areas to draw", expected="at least one area with a geometry")
    there = there.assign(level=_levels(there), tip=_tips(there, lang))
    extras = {
        name: display.lon_lat(table)
        for name, table in (("buildings", buildings), ("streets", streets))
        if table is not None and len(table)
    }
    sheet = _sheet(there, lang, polygons=len(there) + len(extras.get("buildings", ())))
    made = page.OfflineMap(
        lang, zoom_start=12, max_zoom=20, prefer_canvas=sheet.tolerance > 0, zoom_control=False, zoom_snap=0.25
    )
    _add_areas(made, there, sheet)
    _add_extras(made, extras, sheet)
    _add_words(made, sheet, there, title=title, on=on)
    _add_controls(made, sheet, source=_source(areas))
    return made


def _sheet(areas: gpd.GeoDataFrame, lang: str, *, polygons: int) -> Sheet:
    """Decide what is common to the layers."""
    west, south, east, north = (float(degrees) for degrees in areas.total_bounds)
    bounds = (west, south, east, north)
    present = _order(areas["level"])
    shaded = "grid" if "grid" in present else present[-1]
    households = _households(areas[areas["level"] == shaded])
    return Sheet(
        lang=lang,
        bounds=bounds,
        tolerance=display.tolerance_deg(bounds) if polygons > display.MANY else 0.0,
        shaded=shaded,
        shading=shading(households),
        unknown=bool(np.isnan(households).any()),
    )


def _levels(areas: gpd.GeoDataFrame) -> list[str]:
    """Return the level of each area: as stated, else by the length of its code, else ``area``."""
    stated = areas["level"] if "level" in areas.columns else [None] * len(areas)
    return [
        str(level) if pd.notna(level) else (level_of_code(str(code)) or "area")
        for level, code in zip(stated, areas["code"], strict=True)
    ]


def _order(levels: pd.Series[str]) -> list[str]:
    """Return the levels that are present, coarsest first; unnamed ones come last."""
    ranks = {level: rank for rank, level in enumerate(LEVELS)}
    return sorted(set(levels), key=lambda level: (ranks.get(level, len(ranks)), level))


def _households(areas: gpd.GeoDataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the households of each area, NaN where not known."""
    if "households" not in areas.columns:
        return np.full(len(areas), np.nan)
    return np.asarray(pd.to_numeric(areas["households"], errors="coerce").to_numpy(dtype=float, na_value=np.nan))


def _tips(areas: gpd.GeoDataFrame, lang: str) -> list[str]:
    """Return the label of each area as safe HTML: its name, the names of those that hold it, code, households."""
    names = [_name(area) for area in areas[["code", *(["name"] if "name" in areas.columns else [])]].to_dict("records")]
    parents = parent_rows(areas)
    return [
        _tip(
            [names[holder] for holder in chain(row, parents)],
            [(word("code", lang), str(code)), (word("households", lang), _count(households, lang))],
        )
        for row, (code, households) in enumerate(zip(areas["code"], _households(areas), strict=True))
    ]


def _name(area: dict[Any, Any]) -> str:
    """Return what an area is called: its name, or its code."""
    return str(area["name"] if pd.notna(area.get("name")) else area["code"])


def _count(households: float, lang: str) -> str:
    """Return a number of households in words."""
    return word("unknown", lang) if np.isnan(households) else f"{households:.0f}"


def _tip(names: Sequence[str], facts: Sequence[tuple[str, str]]) -> str:
    """Return a label as safe HTML."""
    *holders, own = (page.text_html(name) for name in names)
    above = f"<small>{' › '.join(holders)}</small>" if holders else ""
    lines = "".join(f"<div>{page.text_html(label)} {page.text_html(value)}</div>" for label, value in facts)
    return f"<strong>{own}</strong>{above}{lines}"


def _add_areas(made: folium.Map, areas: gpd.GeoDataFrame, sheet: Sheet) -> None:
    """Add one layer per level: the shaded one below, the borders of the others above it, coarse ones on top."""
    present = _order(areas["level"])
    for rank, level in enumerate(present):
        of_level = areas[areas["level"] == level]
        above = _BORDERS_Z + len(present) - rank
        if level == sheet.shaded:
            _add_shaded(made, of_level, sheet)
        else:
            _add_borders(made, of_level, sheet, level=level, z_index=above)


def _add_shaded(made: folium.Map, areas: gpd.GeoDataFrame, sheet: Sheet) -> None:
    """Add the level that is shaded by households and tells about the area under the pointer."""
    look = _LOOKS.get(sheet.shaded, _OTHER)
    colours = [sheet.shading.colour(count) if sheet.shading else UNKNOWN_COLOUR for count in _households(areas)]
    properties = [{"tip": tip, "fill": fill} for tip, fill in zip(areas["tip"], colours, strict=True)]

    def style(feature: dict[str, Any]) -> dict[str, Any]:
        fill = feature["properties"]["fill"]
        return {"color": look.colour, "weight": look.width, "fillColor": fill, "fillOpacity": _OPACITY}

    folium.map.CustomPane("gm-shaded", z_index=_SHADED_Z, pointer_events=True).add_to(made)
    folium.GeoJson(
        display.features(display.light(areas.geometry.to_numpy(), sheet.tolerance), properties),
        name=page.text_html(word(sheet.shaded, sheet.lang)),
        style_function=style,
        highlight_function=lambda _: {"weight": 3, "color": "#b45309"},
        tooltip=folium.GeoJsonTooltip(["tip"], labels=False, sticky=True, class_name="gm-tip"),
        pane="gm-shaded",
        smooth_factor=0.5,
    ).add_to(made)


def _add_borders(made: folium.Map, areas: gpd.GeoDataFrame, sheet: Sheet, *, level: str, z_index: int) -> None:
    """Add a level as lines that the pointer passes through."""
    look = _LOOKS.get(level, _OTHER)
    style = {"color": look.colour, "weight": look.width, "fill": False, "dashArray": look.dash}
    collection = display.features(display.light(areas.geometry.to_numpy(), sheet.tolerance), [{}] * len(areas))
    _add_backdrop(made, word(level, sheet.lang), collection, style=style, z_index=z_index)


def _add_extras(made: folium.Map, extras: dict[str, gpd.GeoDataFrame], sheet: Sheet) -> None:
    """Add buildings and streets, which say nothing of themselves."""
    looks = {"buildings": (_BUILDING, _BUILDINGS_Z), "streets": (_STREET, _STREETS_Z)}
    for name, table in extras.items():
        style, z_index = looks[name]
        collection = display.features(display.light(table.geometry.to_numpy()), [{}] * len(table))
        _add_backdrop(made, word(name, sheet.lang), collection, style=style, z_index=z_index)


def _add_backdrop(
    made: folium.Map, name: str, collection: dict[str, Any], *, style: dict[str, Any], z_index: int
) -> None:
    """Add features that do not answer to the pointer, at a height of their own."""
    pane = f"gm-{z_index}"
    folium.map.CustomPane(pane, z_index=z_index).add_to(made)
    folium.GeoJson(
        collection,
        name=page.text_html(name),
        style_function=lambda _: style,
        pane=pane,
        interactive=False,
        smooth_factor=0.5,
    ).add_to(made)


def _add_words(made: page.OfflineMap, sheet: Sheet, areas: gpd.GeoDataFrame, *, title: str, on: date | None) -> None:
    """Add title, date, legend and north arrow."""
    heading = page.text_html(title or word("title", sheet.lang))
    dated = word("on", sheet.lang, on=on.isoformat()) if on else word("no_date", sheet.lang)
    root = made.figure
    root.title = heading
    root.header.add_child(page.Part(_STYLE), name="gridmap_style")
    north = page.text_html(word("north", sheet.lang))
    for name, text in {
        "title": f'<header class="gm-box gm-title"><h1>{heading}</h1><p>{page.text_html(dated)}</p></header>',
        "north": f'<div class="gm-box gm-north" role="img" aria-label="{north}"><b>↑</b>{north}</div>',
        "legend": f'<section class="gm-box gm-legend">{_legend(sheet, _order(areas["level"]))}</section>',
    }.items():
        root.html.add_child(page.Part(text), name=f"gridmap_{name}")


def _legend(sheet: Sheet, levels: Sequence[str]) -> str:
    """Return the legend as safe HTML: classes of households with their unit, then the borders."""
    level = word(sheet.shaded, sheet.lang)
    heading = word("legend", sheet.lang, level=level if sheet.lang == "zh" else level.lower())
    classes = [*zip(sheet.shading.colours, sheet.shading.labels, strict=True)] if sheet.shading else []
    unknown = [(UNKNOWN_COLOUR, word("unknown", sheet.lang))] if sheet.unknown else []
    items = [
        f'<li><i style="background:{colour};opacity:{_OPACITY}"></i>{page.text_html(label)}</li>'
        for colour, label in [*classes, *unknown]
    ]
    for name in levels:
        look = _LOOKS.get(name, _OTHER)
        line = f"border-top:{max(look.width, 1)}px {'dashed' if look.dash else 'solid'} {look.colour}"
        items.append(f'<li><i class="gm-line" style="{line}"></i>{page.text_html(word(name, sheet.lang))}</li>')
    metres = display.tolerance_m(sheet.tolerance)
    note = f"<p>{page.text_html(word('simplified', sheet.lang, metres=metres))}</p>" if sheet.tolerance else ""
    return f"<h2>{page.text_html(heading)}</h2><ul>{''.join(items)}</ul>{note}"


def _add_controls(made: folium.Map, sheet: Sheet, *, source: str) -> None:
    """Add zoom buttons, scale bar, attribution and the list of layers, and show the whole territory."""
    west, south, east, north = sheet.bounds
    folium.LayerControl(collapsed=False).add_to(made)
    values = {
        "attribution": page.text_html(word("source", sheet.lang, source=source)) if source else "",
        "bounds": [[south, west], [north, east]],
        "zoom_in": word("zoom_in", sheet.lang),
        "zoom_out": word("zoom_out", sheet.lang),
    }
    page.ScriptPart(_CONTROLS, **values).add_to(made)


def _source(areas: gpd.GeoDataFrame) -> str:
    """Return the name of the file that the areas were read from, empty where they do not say."""
    reading = areas.attrs.get("reading")
    return PurePath(str(reading.get("source", ""))).name if isinstance(reading, dict) else ""
