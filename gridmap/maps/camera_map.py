"""The map of cameras: seen ground by band and certainty, blind streets, shares of areas, two days side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import folium
import geopandas as gpd
import numpy as np

from gridmap.errors import InputError
from gridmap.maps import backdrops, camera_contents, contents, display
from gridmap.maps.borders import looks_said
from gridmap.maps.camera_contents import BANDS, CERTAINTIES, Ground, Seen
from gridmap.maps.camera_words import CAMERAS
from gridmap.maps.layout import Layout
from gridmap.standards import Norms

#: What areas may be shaded by: ground seen in a band or a better one, or nothing.
SHADES = (*BANDS, "none")
#: How the ground of each band is drawn: viridis, which the colour-blind can tell apart too.
COLOURS = {"recognise": "#440154", "find": "#31688e", "detect": "#35b779", "seen": "#e0b400"}
#: How much of the map shows through, from what is guaranteed to what is possible.
OPACITIES = {"guaranteed": 0.75, "nominal": 0.5, "possible": 0.2}

_LAYOUT = Layout(
    starts="gridmapCameras",
    words=CAMERAS,
    files=("ground.js", "cameras.js", "cameras.css"),
    legends=("gm-bands", "gm-legend", "gm-notes"),
    lists=("gm-changed", "gm-areas", "gm-blind"),
    # seen ground is drawn anew after each move: nothing that glides would lie where it belongs
    options={
        "zoom_start": 15,
        "max_zoom": 21,
        "prefer_canvas": True,
        "zoom_animation": False,
        "fade_animation": False,
    },
)


def cameras(  # noqa: PLR0913 - the layers of a map, each by its name
    seen: Seen,
    *,
    areas: gpd.GeoDataFrame | None = None,
    streets: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    old: Seen | None = None,
    exact: bool = True,
    by: str | None = None,
    level: str | None = None,
    title: str = "",
    lang: str = "zh",
) -> folium.Map:
    """Return a map of what cameras see: ground by band and certainty, blind streets, the shares of areas.

    The reader puts bands (recognise, find, detect, seen) and certainties (guaranteed, nominal, possible: three shades)
    on and off, and shades areas by the share of their ground that is seen in a band or a better one. A camera's card
    says what it is, where it looks, or that its heading is not known, and how much it sees; the ground it sees is
    outlined. Given an earlier day, both lie side by side and move together. Seen ground of more than 60 000 vertices is
    thinned for drawing, which the page says; numbers are those of the tables, never of what is drawn. All values are
    shown as they are: HTML in a name is text.

    Parameters
    ----------
    seen
        What is seen on the day that is asked about.
    areas
        ``code``, ``name?``, ``level?``, ``parent?`` and polygons, any CRS: what the shares are of.
    streets, buildings
        Lines and polygons to draw, any CRS.
    old
        What was seen on another day, shown beside it.
    exact
        Whether the reader may know where cameras stand. Otherwise the page holds the shares of areas alone: seen
        ground and blind streets would tell the places as well.
    by
        Areas are shaded by it at first: ``recognise``, ``find``, ``detect``, ``seen`` (each or better) or ``none``.
    level
        Shown first; by itself the grids, else the finest.
    title
        Heading of the page; a general one when empty.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    folium.Map
        To be written by `write_page`, shown in a notebook, or added to with folium.

    Raises
    ------
    InputError
        If there is nothing to draw, or the language, the level, the shade, a band or a certainty is another.
    CrsError
        If a table does not say its CRS, or says one that cannot be transformed safely.
    NotFoundError
        If this installation lacks Leaflet (``make web`` builds it in a checkout).

    Examples
    --------
    >>> from gridmap.maps.page import page_html
    >>> from shapely import box
    >>> ground = gpd.GeoDataFrame(
    ...     {"camera": ["camera at the gate"], "band": ["find"], "certainty": ["nominal"], "area_m2": [110.0]},
    ...     geometry=[box(120.8, 32.0, 120.8001, 32.0001)],
    ...     crs=4490,
    ... )
    >>> areas = gpd.GeoDataFrame({"code": ["320613001001001"]}, geometry=ground.geometry)
    >>> "the gate" in page_html(cameras(Seen(viewsheds=ground), areas=areas))
    True
    >>> "the gate" in page_html(cameras(Seen(viewsheds=ground), areas=areas, exact=False))
    False
    """
    case = _case(seen, old, areas, exact=exact, lang=lang)
    layers = backdrops.drawn(buildings=buildings, streets=streets, places=None, norms=Norms(), on_canvas=True)
    written = case.written() | {
        "start": case.start(by, level),
        "backdrops": layers.shapes,
        "notes": _notes(case, layers, exact=exact),
    }
    return _LAYOUT.page(written, title=title, on=seen.on, lang=lang)


@dataclass(frozen=True, kw_only=True)
class _Case:
    """What all parts of one page have in common."""

    #: what is seen: ``new`` and, if there is another day, ``old``
    sides: dict[str, Seen]
    #: seen ground of all sides
    ground: Ground
    #: the areas; None without any
    plan: contents.Plan | None
    #: levels of the areas, coarsest first
    levels: list[str]
    #: ``zh`` or ``en``
    lang: str

    def bounds(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north of the areas, or else of the ground that is seen."""
        boxes = [self.plan.areas.total_bounds] if self.plan else self.ground.boxes
        placed = [display.lon_lat(one.cameras).total_bounds for one in self.sides.values() if one.cameras is not None]
        boxes = boxes or [box for box in placed if np.isfinite(box).all()]
        if not boxes:
            raise InputError("nothing to draw", expected="areas, seen ground or cameras with a place")
        return display.bounds_of(boxes)

    def start(self, by: str | None, level: str | None) -> dict[str, str | None]:
        """Return what is shown first."""
        if by is not None and by not in SHADES:
            raise InputError(f"areas shaded by {by}", expected=f"one of {', '.join(SHADES)}")
        return {"by": by, "level": contents.level_first(level, self.levels, self.levels)}

    def written(self) -> dict[str, Any]:
        """Return the days as the page holds them."""
        said = {
            side: {
                "cameras": camera_contents.cameras_said(one),
                "ground": self.ground.said(at),
                "blind": camera_contents.blind_said(one),
            }
            for at, (side, one) in enumerate(self.sides.items())
        }
        return {
            "bands": [*BANDS],
            "certainties": [*CERTAINTIES],
            "colours": COLOURS,
            "opacities": OPACITIES,
            "bounds": self.bounds(),
            "sides": said,
            "shapes": self.ground.shapes,
            "levels": self.levels,
            "looks": looks_said(self.levels),
            "captions": {
                side: CAMERAS.one(f"{side}_side", self.lang, on=one.on or CAMERAS.one("undated", self.lang))
                for side, one in self.sides.items()
            },
            **self._areas(),
        }

    def _areas(self) -> dict[str, Any]:
        """Return the areas of each level with their shares on each day, and their shapes."""
        if self.plan is None:
            return {"areas": {}, "area_shapes": []}
        shapes = contents.thinned(self.plan)
        areas = {level: self._level(self.plan, level, shapes) for level in self.levels}
        return {"areas": areas, "area_shapes": shapes.listed}

    def _level(self, plan: contents.Plan, level: str, shapes: contents.Shapes) -> dict[str, Any]:
        known = contents.listed(plan, level, shapes, self.lang)
        shares = {side: camera_contents.shares_of(one, known["codes"]) for side, one in self.sides.items()}
        classes = camera_contents.classes_of([*shares.values()])
        return known | {
            "classes": {band: {"colours": one.colours, "labels": one.labels} for band, one in classes.items()},
            "shares": {side: camera_contents.shares_said(of, classes) for side, of in shares.items()},
        }


def _case(seen: Seen, old: Seen | None, areas: gpd.GeoDataFrame | None, *, exact: bool, lang: str) -> _Case:
    """Return what the page is made of; of places nothing, where the reader may not know them."""
    given = {"new": seen} | ({} if old is None else {"old": old})
    sides = given if exact else {side: one.without_places() for side, one in given.items()}
    plan = None if areas is None or areas.empty else contents.plan(areas)
    levels = [] if plan is None else contents.levels_of([plan])
    return _Case(sides=sides, ground=Ground([*sides.values()]), plan=plan, levels=levels, lang=lang)


def _notes(case: _Case, layers: backdrops.Backdrops, *, exact: bool) -> list[str]:
    """Return what the reader must know of the drawing and of what was assumed."""
    notes = [*case.sides["new"].notes]
    if case.ground.tolerance:
        notes.append(CAMERAS.one("thinned", case.lang, metres=camera_contents.TOLERANCE_M))
    if layers.left_out:
        notes.append(CAMERAS.one("too_many", case.lang, count=layers.left_out))
    return [*notes, *([] if exact else [CAMERAS.one("no_places", case.lang)])]
