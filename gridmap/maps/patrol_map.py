"""The map of patrols: streets that were walked and that were not, shift by shift, and two periods side by side."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import shapely

from gridmap.errors import InputError
from gridmap.maps import backdrops, contents, display, visits
from gridmap.maps.borders import looks_said
from gridmap.maps.columns import texts
from gridmap.maps.layout import Layout
from gridmap.maps.patrol_contents import COUNTED, PERIODS, SCANS, SHARES, Period, Walked
from gridmap.maps.patrol_words import PATROLS
from gridmap.maps.shading import Shading, in_light, shading
from gridmap.standards import Norms

#: What streets may be coloured by: how sure it is that they were walked, or how long ago.
PATROL_SHADES = ("class", "age")
#: Streets with more vertices than these are thinned, by so many metres: a page stays below 15 MB.
MANY_VERTICES, TOLERANCE_M = 150_000, 1.0
_METRES_PER_DEGREE = 111_320

_LAYOUT = Layout(
    starts="gridmapPatrols",
    words=PATROLS,
    files=("walks.js", "signins.js", "slider.js", "patrols.js", "patrols.css"),
    legends=("gm-time", "gm-streets", "gm-legend", "gm-notes"),
    lists=("gm-areas", "gm-overdue", "gm-rounds", "gm-blind"),
    # streets are drawn anew after each move: nothing that glides would lie where it belongs
    options={
        "zoom_start": 15,
        "max_zoom": 20,
        "prefer_canvas": True,
        "zoom_animation": False,
        "fade_animation": False,
    },
)


def patrols(  # noqa: PLR0913 - the layers of a map, each by its name
    walked: Walked,
    *,
    streets: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    old: Walked | None = None,
    exact: bool = True,
    by: str | None = None,
    level: str | None = None,
    title: str = "",
    lang: str = "zh",
) -> folium.Map:
    """Return a map of where patrols went: streets by class and by age of the last visit, shift by shift.

    A slider runs over the shifts, and shows what was walked in one, or up to it. *Observed* is what fixes show,
    *inferred* what a route bridges between them, *unknown* what nobody can tell: it is never drawn as walked, and a
    shift without any record is not known as a whole. Areas are shaded by the share of street length that was walked;
    sign-ins, planned rounds, posts and streets that are owed a visit lie above. Given another period, both lie side by
    side, and move and run together. All values are shown as they are: HTML in a name is text.

    Parameters
    ----------
    walked
        The period: visits, shares, sign-ins, rounds.
    streets
        ``id``, ``name?``, ``class?``, ``barrier?`` and lines, any CRS: the streets of the ledger, in its order.
    areas
        ``code``, ``name?``, ``level?``, ``parent?`` and polygons, any CRS: what the shares are of.
    buildings
        Polygons to draw, any CRS.
    old
        Another period on the same streets, shown beside it.
    exact
        Whether the reader may know what was walked where. Otherwise the page holds the shares of areas alone.
    by
        Streets are coloured by it at first: ``class`` or ``age``.
    level
        Level of the areas that is shown first; by itself the grids, else the finest.
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
        If there is no street, the streets are not those of the ledger, or the language, level or shade is another.
    CrsError
        If a table does not say its CRS, or says one that cannot be transformed safely.
    NotFoundError
        If this installation lacks Leaflet (``make web`` builds it in a checkout).

    Examples
    --------
    >>> import pandas as pd
    >>> from gridmap.coverage.walked import ledger
    >>> from gridmap.maps.page import page_html
    >>> line = shapely.LineString([(500_000, 3_540_000), (500_300, 3_540_000)])
    >>> streets = gpd.GeoDataFrame({"id": ["S1"], "name": ["<b>"]}, geometry=[line], crs=4549)
    >>> hour = pd.to_datetime(["2024-05-06T09:00+08:00"])
    >>> visit = pd.DataFrame({"post": "P1", "shift": "2024-05-06 day", "street": ["S1"], "from_m": 0.0, "to_m": 300.0,
    ...     "start": hour, "end": hour})
    >>> "<b>" in page_html(patrols(Walked(book=ledger(visit, streets)), streets=streets))
    False
    """
    sides = {"new": walked} | ({} if old is None else {"old": old})
    _refuse_other_streets(streets, sides)
    if by is not None and by not in PATROL_SHADES:
        raise InputError(f"streets coloured by {by}", expected=f"one of {', '.join(PATROL_SHADES)}")
    plan = None if areas is None or areas.empty else contents.plan(areas)
    levels = [] if plan is None else contents.levels_of([plan])
    periods = {side: Period(one, exact=exact) for side, one in sides.items()}
    case = _Case(periods=periods, plan=plan, levels=levels, lang=lang)
    roads = _roads(streets, exact=exact)
    layers = backdrops.drawn(
        buildings=buildings,
        streets=streets[walked.book.length_m == 0] if exact else streets,
        places=None,
        norms=Norms(),
        on_canvas=True,
    )
    written = case.written() | {
        "start": {"by": by or PATROL_SHADES[0], "level": contents.level_first(level, levels, levels)},
        "streets": roads.said,
        "bounds": display.bounds_of([roads.bounds if plan is None else plan.areas.total_bounds]),
        "backdrops": layers.shapes,
        "notes": _notes(case, roads, layers, exact=exact),
    }
    return _LAYOUT.page(written, title=title, on=walked.until, lang=lang)


@dataclass(frozen=True, kw_only=True)
class _Roads:
    """The streets as the page holds them."""

    #: id, name, class, length_m, lines: one list each; empty where the reader may not know them
    said: dict[str, list[Any]]
    #: west, south, east and north
    bounds: Any
    #: whether they were thinned
    thinned: bool


def _roads(streets: gpd.GeoDataFrame, *, exact: bool) -> _Roads:
    """Return the streets in degrees."""
    there = display.lon_lat(streets)
    if not exact:
        return _Roads(said={}, bounds=there.total_bounds, thinned=False)
    shapes = there.geometry.to_numpy()
    thinned = int(shapely.get_num_coordinates(shapes).sum()) > MANY_VERTICES
    drawn = shapely.simplify(shapes, TOLERANCE_M / _METRES_PER_DEGREE) if thinned else shapes
    said: dict[str, list[Any]] = {name: texts(there, name) for name in ("id", "name", "class")}
    return _Roads(said=said | {"lines": display.lines(drawn)}, bounds=there.total_bounds, thinned=thinned)


def _refuse_other_streets(streets: gpd.GeoDataFrame, sides: dict[str, Walked]) -> None:
    """Refuse streets that are not those of the ledgers: visits would be drawn on others."""
    ids = streets["id"].to_numpy(dtype=object)
    there = ~(streets.geometry.isna() | streets.geometry.is_empty)
    if not len(ids) or not there.all():
        raise InputError("streets without a line", expected="at least one street, each with its line")
    for one in sides.values():
        if len(one.book.ids) != len(ids) or not (one.book.ids == ids).all():
            raise InputError(
                "other streets than those of the ledger", expected="the table of its streets, in its order"
            )


@dataclass(frozen=True, kw_only=True)
class _Case:
    """What all parts of one page have in common."""

    #: ``new`` and, if there is another period, ``old``
    periods: dict[str, Period]
    #: the areas; None without any
    plan: contents.Plan | None
    #: levels of the areas, coarsest first
    levels: list[str]
    #: ``zh`` or ``en``
    lang: str

    def written(self) -> dict[str, Any]:
        """Return the periods as the page holds them."""
        first = self.periods["new"]
        return {
            "exact": first.exact,
            "lengths": first.given.book.length_m.round(1).tolist() if first.exact else [],
            "partly": visits.partly(first.given.book) if first.exact else [],
            "sides": {side: one.said() for side, one in self.periods.items()},
            "captions": {side: self._caption(side) for side in self.periods},
            "statuses": [*SCANS],
            "counted": COUNTED,
            "periods": [*PERIODS],
            "shares": [*SHARES],
            "levels": self.levels,
            "looks": looks_said(self.levels),
            **self._areas(),
        }

    def _caption(self, side: str) -> str:
        given = self.periods[side].given
        days = [day.isoformat() if day else PATROLS.one("undated", self.lang) for day in (given.since, given.until)]
        known = given.since or given.until
        said = PATROLS.one("period", self.lang, since=days[0], until=days[1]) if known else days[0]
        return PATROLS.one(f"{side}_side", self.lang, on=said)

    def _areas(self) -> dict[str, Any]:
        """Return the areas of each level with their shares in each period, and their shapes."""
        if self.plan is None:
            return {"areas": {}, "area_shapes": []}
        shapes = contents.thinned(self.plan)
        return {
            "areas": {level: self._level(self.plan, level, shapes) for level in self.levels},
            "area_shapes": shapes.listed,
        }

    def _level(self, plan: contents.Plan, level: str, shapes: contents.Shapes) -> dict[str, Any]:
        codes = plan.areas["code"].to_numpy()[plan.of_level(level)].tolist()
        shares = {side: one.shares_of(codes) for side, one in self.periods.items()}
        found = {
            mode: shading(np.round(np.concatenate([values.ravel() for values in of]), 2))
            for mode, of in {
                "in": [one.inside for one in shares.values()],
                "to": [one.up_to for one in shares.values()],
                "all": [100 * one.rows[:, 0, SHARES.index("share")] for one in shares.values()],
            }.items()
        }
        return contents.listed(plan, level, shapes, self.lang) | {
            "classes": {mode: _classes_said(one) for mode, one in found.items() if one is not None},
            "shares": {side: one.said() for side, one in shares.items()},
        }


def _classes_said(found: Shading) -> dict[str, Any]:
    """Return classes of shares as plain values; what is missed lies in the dark."""
    light = in_light(found)
    return {"limits": asdict(light)["limits"], "colours": light.colours, "labels": light.labels}


def _notes(case: _Case, roads: _Roads, layers: backdrops.Backdrops, *, exact: bool) -> list[str]:
    """Return what the reader must know of the drawing and of what was assumed."""
    notes = [*case.periods["new"].given.notes]
    if roads.thinned:
        notes.append(PATROLS.one("thinned", case.lang, metres=f"{TOLERANCE_M:g}"))
    if layers.left_out:
        notes.append(PATROLS.one("too_many", case.lang, count=layers.left_out))
    return [*notes, PATROLS.one("clock" if exact else "no_places", case.lang)]
