"""The map of grids: figures beside the norms on every level, an old plan beside the new one, and what a check found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePath
from typing import Any

import folium
import geopandas as gpd
import pandas as pd

from gridmap import plans as lineages
from gridmap.errors import InputError
from gridmap.maps import backdrops, contents, display, lineage
from gridmap.maps.borders import looks_said
from gridmap.maps.grid_words import GRIDS
from gridmap.maps.layout import Layout
from gridmap.standards import FIGURES, Norms

#: What areas may be shaded by beyond their figures: what became of them, and how many norms they keep.
SHADES = ("change", "norms", *FIGURES)


_LAYOUT = Layout(
    starts="gridmapGrids",
    words=GRIDS,
    files=("grids.js",),
    legends=("gm-legend",),
    lists=("gm-findings", "gm-changes", "gm-off"),
    options={"zoom_start": 12, "max_zoom": 20},
)


def grids(  # noqa: PLR0913 - the layers of a map, each by its name
    areas: gpd.GeoDataFrame,
    *,
    old: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    streets: gpd.GeoDataFrame | None = None,
    places: gpd.GeoDataFrame | None = None,
    findings: gpd.GeoDataFrame | None = None,
    norms: Norms | None = None,
    by: str | None = None,
    level: str | None = None,
    title: str = "",
    lang: str = "zh",
    on: date | None = None,
    old_on: date | None = None,
) -> folium.Map:
    """Return a map of the areas of all levels, shaded by any figure beside its norm, with what a plan changes.

    The reader chooses the figure and the level. Given an old plan, it lies beside the new one and moves with it; areas
    are coloured by what became of them, and a list of the changes leads to each place. Areas off a norm and findings
    are listed in the same way. With more than 3 000 polygons or 60 000 vertices, borders are thinned, which the page
    then says; more than 10 000 buildings are counted but not drawn. All values are shown as they are: HTML in a name
    is text.

    Parameters
    ----------
    areas
        Columns ``code``, ``name?``, ``level?``, ``parent?``, ``households?``, ``residents?`` and polygons in any CRS.
        A missing level is taken from the length of the code.
    old
        The areas before, of the same columns.
    buildings
        Polygons with ``households?``, ``residents?``, any CRS: what is counted in each area, and drawn.
    streets
        Lines to draw, any CRS; those with a ``barrier`` as rivers and railways.
    places
        Service places: ``kind``, ``floor_m2?``, ``staff?`` and points, any CRS.
    findings
        What `gridmap.partition.check` returned.
    norms
        What the figures of each level are held to.
    by
        Shown first: a figure of `gridmap.standards.FIGURES`, ``norms`` (how many are kept) or ``change``; by itself
        the changes if there is an old plan, else the households.
    level
        Shown first; by itself the grids, else the finest.
    title
        Heading of the page; a general one when empty.
    lang
        ``zh`` or ``en``.
    on, old_on
        Day the areas, and those before, are of, stated on the page; that it is not known is stated otherwise.

    Returns
    -------
    folium.Map
        To be written by `write_page`, shown in a notebook, or added to with folium.

    Raises
    ------
    InputError
        If there is no area, the language is another, or nothing is known that the map is to be shaded by.
    TableError
        If plans cannot be compared, since codes are missing or repeated.
    CrsError
        If a table does not say its CRS, or says one that cannot be transformed safely.
    NotFoundError
        If this installation lacks Leaflet (``make web`` builds it in a checkout).

    Examples
    --------
    >>> from gridmap.maps.page import page_html
    >>> from shapely import box
    >>> areas = gpd.GeoDataFrame(
    ...     {"code": ["320613001001001"], "name": ["<b>1</b>"]}, geometry=[box(120.8, 32.0, 120.81, 32.01)], crs=4490
    ... )
    >>> "<b>1</b>" in page_html(grids(areas, title="<b>1</b>"))
    False
    """
    norms = norms or Norms()
    counted: dict[str, Any] = {"buildings": buildings, "places": places, "norms": norms}
    sides = {"new": _plan(areas, counted)} | ({} if old is None else {"old": _plan(old, counted)})
    changes = None if old is None else _changes(sides, buildings)
    case = _Case(sides=sides, levels=contents.levels_of([*sides.values()]), norms=norms, changes=changes, lang=lang)
    layers = backdrops.drawn(buildings=buildings, streets=streets, places=places, norms=norms)
    dated = {"new": _day(on, lang), "old": _day(old_on, lang)}
    written = _written(case, _polygons(sides, layers))
    written |= {
        "start": case.start(by, level),
        "findings": None if findings is None else backdrops.found(findings, contents.called(sides["new"], lang), lang),
        "places": layers.places,
        "backdrops": layers.shapes,
        "captions": {side: GRIDS.one(f"{side}_side", lang, on=day) for side, day in dated.items()},
        "attributions": {"new": _source(areas, lang), "old": "" if old is None else _source(old, lang)},
        "notes": _notes(case.tolerance(_polygons(sides, layers)), layers, lang),
    }
    # a browser draws many polygons at once on a canvas only
    options = {"prefer_canvas": len(written["shapes"]) > display.MANY_POLYGONS}
    layout = replace(_LAYOUT, options=_LAYOUT.options | options)
    return layout.page(written, title=title, on=on, lang=lang)


@dataclass(frozen=True, kw_only=True)
class _Case:
    """What all parts of one page have in common."""

    #: the new plan, and the old one if there is one
    sides: dict[str, contents.Plan]
    #: levels, coarsest first
    levels: list[str]
    #: what the figures are held to
    norms: Norms
    #: what became of each area; None without an old plan
    changes: gpd.GeoDataFrame | None
    #: ``zh`` or ``en``
    lang: str

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of all areas."""
        return display.bounds_of([one.areas.total_bounds for one in self.sides.values()])

    def tolerance(self, polygons: int) -> float:
        """Return by how much borders are thinned, degrees; 0 for not at all."""
        vertices = sum(len(one.areas.get_coordinates()) for one in self.sides.values())
        many = polygons > display.MANY_POLYGONS or vertices > display.MANY_VERTICES
        return display.tolerance_deg(self.bounds) if many else 0.0

    def start(self, by: str | None, level: str | None) -> dict[str, str]:
        """Return what is shown first."""
        present = set(self.sides["new"].areas["level"])
        there = [one for one in self.levels if one in present]
        chosen = contents.level_first(level, self.levels, there) or there[-1]
        known = self.shades(chosen)
        usual = "change" if self.changes is not None else "households" if "households" in known else known[-1]
        if by is not None and by not in known:
            raise InputError(f"areas shaded by {by}", expected=f"one of {', '.join(known)}, which are known here")
        return {"by": by or usual, "level": chosen}

    def shades(self, level: str) -> list[str]:
        """Return what areas of a level can be shaded by."""
        rows = [one.figures.iloc[one.of_level(level)] for one in self.sides.values()]
        figures = [figure for figure in FIGURES if pd.concat(rows)[figure].notna().any()]
        ranges = self.norms.ranges.get(level, {})
        special = {"change": self.changes is not None, "norms": any(figure in ranges for figure in figures)}
        return [*(name for name, there in special.items() if there), *figures]


def _plan(areas: gpd.GeoDataFrame, counted: dict[str, Any]) -> contents.Plan:
    """Return a plan with its figures."""
    made = contents.plan(areas, **counted)
    if made.areas.empty:
        raise InputError("no areas to draw", expected="at least one area with a geometry")
    return made


def _changes(sides: dict[str, contents.Plan], buildings: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Return what became of each area, in degrees."""
    return lineages.compare(sides["old"].areas, sides["new"].areas, buildings)


def _polygons(sides: dict[str, contents.Plan], layers: backdrops.Backdrops) -> int:
    """Return how many polygons the page draws."""
    return sum(len(one.areas) for one in sides.values()) + len(layers.shapes.get("buildings", ()))


def _written(case: _Case, polygons: int) -> dict[str, Any]:
    """Return the plans and their changes as the page holds them."""
    leaves = [one.leaves() for one in case.sides.values()]
    shapes = contents.Shapes(display.dispensable(leaves, case.tolerance(polygons)))
    classes = contents.classes_of([*case.sides.values()], case.levels, case.norms)
    changes = case.changes
    sides = {
        side: contents.plan_said(one, classes, shapes, {} if changes is None else lineage.kinds_of(changes, side))
        for side, one in case.sides.items()
    }
    return {
        "levels": case.levels,
        "looks": looks_said(case.levels),
        "bounds": case.bounds,
        "figures": list(FIGURES),
        "norms": contents.norms_said(case.norms, case.levels),
        "classes": contents.classes_said(classes),
        "kinds": lineage.KIND_COLOURS,
        "passing": None if changes is None else lineage.passing(changes),
        "events": None if changes is None else lineage.events(changes),
        "sides": sides,
        "shapes": shapes.listed,
    }


def _notes(tolerance: float, layers: backdrops.Backdrops, lang: str) -> list[str]:
    """Return what the reader must know of the drawing."""
    thinned = GRIDS.one("simplified", lang, metres=display.tolerance_m(tolerance)) if tolerance else ""
    left_out = GRIDS.one("too_many", lang, count=layers.left_out) if layers.left_out else ""
    return [note for note in (thinned, left_out) if note]


def _day(on: date | None, lang: str) -> str:
    return on.isoformat() if on else GRIDS.one("undated", lang)


def _source(areas: gpd.GeoDataFrame, lang: str) -> str:
    """Return the name of the file that the areas were read from, empty where they do not say."""
    reading = areas.attrs.get("reading")
    name = PurePath(str(reading.get("source", ""))).name if isinstance(reading, dict) else ""
    return GRIDS.one("source", lang, source=name) if name else ""
