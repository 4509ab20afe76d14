"""What lies below and above the areas of a map: buildings, streets, rivers and railways, service places, findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.maps import display, finding_words
from gridmap.standards import Norms

#: More buildings than these only slow a browser down; on a canvas it can draw more.
MOST_BUILDINGS, MOST_BUILDINGS_ON_CANVAS = 10_000, 40_000
#: More findings than these are no map; they are listed worst first.
MOST_FINDINGS = 2_000
#: Classes of streets that are drawn wider.
MAIN = ("motorway", "trunk", "primary", "secondary")


@dataclass(frozen=True, kw_only=True)
class Backdrops:
    """What is drawn beside the areas, as the page holds it."""

    #: buildings, streets, main (streets), rivers, railways: paths of each, where there are any
    shapes: dict[str, list[Any]]
    #: service places; None where none were given
    places: list[dict[str, Any]] | None
    #: buildings that are not drawn
    left_out: int


def drawn(
    *,
    buildings: gpd.GeoDataFrame | None,
    streets: gpd.GeoDataFrame | None,
    places: gpd.GeoDataFrame | None,
    norms: Norms,
    on_canvas: bool = False,
) -> Backdrops:
    """Return the layers that are given, in degrees.

    Parameters
    ----------
    buildings, streets, places
        Polygons, lines and points in any CRS, or None.
    norms
        Which kinds of places count as service places.
    on_canvas
        Whether the page draws on a canvas.

    Raises
    ------
    CrsError
        If a table does not say its CRS, or says one that cannot be transformed safely.
    """
    houses = [] if buildings is None else display.polygons(display.lon_lat(buildings).geometry.to_numpy())
    few = len(houses) <= (MOST_BUILDINGS_ON_CANVAS if on_canvas else MOST_BUILDINGS)
    shapes = ({"buildings": houses} if few else {}) | ({} if streets is None else _streets(display.lon_lat(streets)))
    return Backdrops(
        shapes={name: paths for name, paths in shapes.items() if paths},
        places=None if places is None else _places(places, norms),
        left_out=0 if few else len(houses),
    )


def _streets(streets: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    """Return streets, main streets, rivers and railways."""
    barrier, kind = (_texts(streets, name) for name in ("barrier", "class"))
    is_railway = np.char.find(barrier, "rail") >= 0
    is_main = np.isin(kind, MAIN) & (barrier == "")
    which = {
        "streets": (barrier == "") & ~is_main,
        "main": is_main,
        "rivers": (barrier != "") & ~is_railway,
        "railways": is_railway,
    }
    shapes = streets.geometry.to_numpy()
    return {name: display.lines(shapes[rows]) for name, rows in which.items()}


def _texts(table: pd.DataFrame, name: str) -> Any:
    """Return a column as text, empty where nothing stands."""
    given = table[name] if name in table else pd.Series([None] * len(table))
    return np.array(["" if pd.isna(value) else str(value) for value in given], dtype=str)


def _places(places: gpd.GeoDataFrame, norms: Norms) -> list[dict[str, Any]]:
    """Return the places that people go to or that count as service places."""
    there = display.lon_lat(places)
    chosen = there[there["kind"].isin(norms.service_kinds | norms.point_kinds)]
    spots = display.points(chosen.geometry.to_numpy())
    return [{"at": at, "kind": str(kind)} for at, kind in zip(spots, chosen["kind"], strict=True)]


def found(findings: gpd.GeoDataFrame, names: Mapping[str, str], lang: str) -> list[dict[str, Any]]:
    """Return findings with their places: rule, what it is called, what it says, its mend, a point, lines and polygons.

    Parameters
    ----------
    findings
        What `gridmap.partition.check` returned, or what was written of it; those without a place are left out.
    names
        What areas are called, by their code.
    lang
        ``zh`` or ``en``. What no words are known for is told by the message that came with it.

    Raises
    ------
    CrsError
        If the table does not say its CRS, or says one that cannot be transformed safely.
    InputError
        If the language is neither ``zh`` nor ``en``.
    """
    there = display.lon_lat(findings).iloc[:MOST_FINDINGS]
    shapes = there.geometry.to_numpy()
    drawn_as = zip(display.points(shapes), display.polygons(shapes), display.lines(shapes), strict=True)
    return [
        {"at": at, "polygons": areal, "lines": linear, **said}
        for said, (at, areal, linear) in zip(_said(there, names, lang), drawn_as, strict=True)
    ]


def _said(findings: pd.DataFrame, names: Mapping[str, str], lang: str) -> list[dict[str, str]]:
    """Return the words of each finding; ``told`` is the check's own English, which may hold more than was measured."""
    texts = {name: _texts(findings, name).tolist() for name in ("rule", "message", "mend", "codes", "unit")}
    for name in ("measured", "limit"):
        texts[name] = pd.to_numeric(pd.Series(_texts(findings, name)), errors="coerce").tolist()
    said = []
    for values in zip(*texts.values(), strict=True):
        row = dict(zip(texts, values, strict=True))
        message, mend = finding_words.finding_said(row, names, lang) or (row["message"], row["mend"])
        told = row["message"] if lang == "en" else ""
        called = finding_words.rule_name(row["rule"], lang)
        said.append({"rule": row["rule"], "called": called, "message": message, "mend": mend, "told": told})
    return said
