"""A comparison of claims as plain values of a page: ground, lines, ledger, verdicts and objects."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.disputes import Comparison, mu
from gridmap.maps.columns import numbers, texts
from gridmap.maps.dispute_shapes import DIGITS, filled, in_degrees, traced
from gridmap.maps.dispute_words import DISPUTES

#: Colours of the parties: red and blue as on the plan of claim lines of GB/T 17796, then those of Okabe and Ito, which
#: the colour-blind tell apart.
PARTY_COLOURS = ("#d0021b", "#0b5bd3", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#7a5a00", "#444444")
#: Dashes, pixels, by which parties differ whose colour comes round again.
DASHES = (None, "7 3", "2 3")
#: Digits of areas (m2), of mu, and of metres.
_M2, _MU, _M = 2, 3, 3
#: Digits of a degree of a place that is only gone to.
_PLACE = 6
_DOTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
_SHOWN_LINES = ("mean_offset_m", "p95_m", "hausdorff_m", "frechet_m", "common_m", "tolerance_m")


def parties(found: Comparison) -> list[dict[str, Any]]:
    """Return each party with its colour, what it claims and the lines around it."""
    claims = found.claims
    lines = traced(in_degrees(claims))
    looks = [
        (PARTY_COLOURS[n % len(PARTY_COLOURS)], DASHES[n // len(PARTY_COLOURS) % len(DASHES)])
        for n in range(len(claims))
    ]
    columns = (texts(claims, "party"), numbers(claims, "area_m2", _M2), numbers(claims, "area_mu", _MU))
    return [
        {"name": name, "m2": m2, "mu": in_mu, "lines": paths, "colour": colour, "dash": dash}
        for name, m2, in_mu, paths, (colour, dash) in zip(*columns, lines, looks, strict=True)
    ]


def ground(cells: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return pieces of contested ground, or gaps: whose, how large, and their shape."""
    columns = (
        texts(cells, "id"),
        texts(cells, "parties"),
        numbers(cells, "area_m2", _M2),
        numbers(cells, "area_mu", _MU),
    )
    return [
        {"id": name, "parties": whose, "m2": m2, "mu": in_mu, "polygons": shape}
        for name, whose, m2, in_mu, shape in zip(*columns, filled(in_degrees(cells)), strict=True)
    ]


def candidates(found: Comparison, lang: str) -> list[dict[str, Any]]:
    """Return the candidates in their order: line, ledger, the ground they give, what they touch."""
    proposed = found.candidates
    rows = zip(
        texts(proposed, "id"),
        [_source(one, lang) for one in texts(proposed, "source")],
        numbers(proposed, "length_m", 1),
        numbers(proposed, "undecided_m2", _M2),
        traced(in_degrees(proposed)),
        strict=True,
    )
    books, given, things = _ledger(found.ledger), _gains(found.gains), _objects(found.objects)
    return [
        {
            "id": name,
            "source": source,
            "length_m": length,
            "undecided_m2": undecided,
            "lines": lines,
            "ledger": books.get(str(name), []),
            "gains": given.get(str(name), []),
            "objects": things.get(str(name), []),
        }
        for name, source, length, undecided, lines in rows
    ]


def verdicts(lines: pd.DataFrame, lang: str) -> list[dict[str, Any]]:
    """Return what can be told of each two lines that face each other."""
    said = texts(lines, "said_zh" if lang == "zh" else "said")
    measured = {name: numbers(lines, name, _M) for name in _SHOWN_LINES}
    assumed = [bool(value) for value in lines["assumed"]]
    rows = zip(texts(lines, "a"), texts(lines, "b"), texts(lines, "verdict"), said, assumed, strict=True)
    return [
        {
            "a": a,
            "b": b,
            "verdict": verdict,
            "said": told,
            "assumed": taken,
            "measured": [[name, values[row]] for name, values in measured.items()],
        }
        for row, (a, b, verdict, told, taken) in enumerate(rows)
    ]


def objects(things: gpd.GeoDataFrame | None) -> list[dict[str, Any]]:
    """Return objects to draw: what they are called, of which kind, and their shape as lines and points."""
    if things is None:
        return []
    shapes = in_degrees(things)
    dots = np.array([shapely.get_type_id(shape) in _DOTS for shape in shapes], dtype=bool)
    rows = zip(texts(things, "id"), texts(things, "kind"), traced(shapes), shapes, dots, strict=True)
    return [
        {"id": name, "kind": kind or "object", "lines": lines, "points": _spots(shape) if dot else []}
        for name, kind, lines, shape, dot in rows
    ]


def _spots(shape: Any) -> list[list[float]]:
    """Latitude and longitude of points."""
    spots: list[list[float]] = shapely.get_coordinates(shape)[:, ::-1].round(DIGITS).tolist()
    return spots


def _source(said: str | None, lang: str) -> str | None:
    """Where a candidate comes from; of a line that was solved for a share in the words of the page."""
    return DISPUTES.one("solved", lang) if said and said.split(":")[0] == "solved" else said


def _ledger(ledger: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Rows of the ledger by candidate."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in ledger.to_dict("records"):
        sides = {name: _both(row[f"{name}_m2"]) for name in ("gain", "loss", "net")}
        error = None if pd.isna(row["error_m2"]) else round(float(row["error_m2"]), _M2)
        found.setdefault(str(row["candidate"]), []).append({"party": str(row["party"]), "error_m2": error, **sides})
    return found


def _both(square_metres: float) -> list[float]:
    """An area in square metres and mu; no nought with a minus sign."""
    return [round(float(square_metres), _M2) + 0.0, round(float(mu(square_metres)), _MU) + 0.0]


def _gains(gains: gpd.GeoDataFrame) -> dict[str, list[dict[str, Any]]]:
    """Ground that a candidate gives each party, by candidate."""
    found: dict[str, list[dict[str, Any]]] = {}
    rows = zip(texts(gains, "candidate"), texts(gains, "party"), filled(in_degrees(gains)), strict=True)
    for name, party, polygons in rows:
        found.setdefault(str(name), []).append({"party": party, "polygons": polygons})
    return found


def _objects(objects: gpd.GeoDataFrame) -> dict[str, list[dict[str, Any]]]:
    """Objects by candidate, those that are cut first, then the nearest."""
    if objects.empty:
        return {}
    order = np.lexsort((objects["distance_m"].to_numpy(dtype=float), -objects["cut_share"].to_numpy(dtype=float)))
    sorted_ = objects.iloc[order]
    columns = (texts(sorted_, "candidate"), texts(sorted_, "id"), texts(sorted_, "kind"), texts(sorted_, "side"))
    measured = (numbers(sorted_, "cut_share", 4), numbers(sorted_, "distance_m", 2))
    shapes = in_degrees(sorted_)
    centres = shapely.get_coordinates(shapely.point_on_surface(shapes))[:, ::-1].round(_PLACE).tolist()
    found: dict[str, list[dict[str, Any]]] = {}
    for name, one, kind, side, cut, distance, at, lines in zip(
        *columns, *measured, centres, traced(shapes), strict=True
    ):
        row = {"id": one, "kind": kind, "side": side, "cut": cut, "distance_m": distance, "at": at, "lines": lines}
        found.setdefault(str(name), []).append(row)
    return found
