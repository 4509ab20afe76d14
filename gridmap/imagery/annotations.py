"""Control points in JSON: IIIF Georeference Annotations, and the maps that they are compiled to."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

from gridmap.errors import FormatError
from gridmap.imagery.points import ControlPoints, Numbers, made_table

_EXPECTED = "a IIIF Georeference Annotation, or a page of them"

_PAIR = 2

Map = dict[str, Any]


def read_annotation(text: str, name: str, *, item: int | str | None = None) -> ControlPoints:
    """Return the control points, the outline and the method of a georeference annotation.

    Places are WGS 84 degrees, as GeoJSON has them (IIIF Georeference Extension 1.0). A point that lacks its pixel or
    its place is kept, with NaN.

    Parameters
    ----------
    text
        What the file holds: an Annotation, an AnnotationPage, or a GeoreferencedMap with ``gcps``.
    name
        What to call it in messages.
    item
        Which map of several: its position from 1, or its id.

    Returns
    -------
    ControlPoints

    Raises
    ------
    FormatError
        If it is no such JSON, or holds several maps and none is chosen.

    Examples
    --------
    >>> page = '{"gcps": [{"resource": [336, 1742], "geo": [2.286, 48.86]}, {"geo": [2.29, 48.86]}]}'
    >>> read_annotation(page, "map.json").table["pixel"].tolist()
    [336.0, nan]
    """
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise FormatError(f"{name} is no JSON, or cut off", expected=_EXPECTED, code="broken_json") from None
    chosen = _chosen(_maps(given), name, item)
    try:
        return _points(chosen) if "body" in chosen else _compiled(chosen)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError):
        raise FormatError(f"{name} holds a map whose parts are not what they should be", expected=_EXPECTED) from None


def _maps(given: Any) -> list[Map]:
    """The maps of a page, or the one that there is."""
    found = given.get("items", [given]) if isinstance(given, dict) else given
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _chosen(maps: list[Map], name: str, item: int | str | None) -> Map:
    """The one map that is meant."""
    if not any({"body", "gcps", "resourceMask"} & one.keys() for one in maps):
        raise FormatError(f"{name} holds no map", expected=_EXPECTED)
    if item is None and len(maps) == 1:
        return maps[0]
    ids = [str(one.get("id", "")) for one in maps]
    if str(item) in ids:
        return maps[ids.index(str(item))]
    if str(item).isdecimal() and 1 <= int(str(item)) <= len(maps):
        return maps[int(str(item)) - 1]
    shown = ", ".join(f"{place} {one}" for place, one in enumerate(ids[:10], start=1))
    raise FormatError(
        f"{name} holds {len(maps)} maps" + (f", none of them {item!r}" if item is not None else ""),
        expected="the position or the id of one",
        do=f"state one of {shown}",
        code="several_maps",
    )


def _points(annotation: Map) -> ControlPoints:
    """The points of an annotation."""
    body, target = annotation["body"], annotation.get("target") or {}
    pairs = []
    for feature in body.get("features") or []:
        properties = feature.get("properties") or {}
        pixel = properties.get("resourceCoords", properties.get("pixelCoords"))
        pairs.append((pixel, (feature.get("geometry") or {}).get("coordinates")))
    size, mask = _outline(target)
    return _made(pairs, size, mask, body.get("transformation"))


def _compiled(chosen: Map) -> ControlPoints:
    """The points of a map that an annotation was compiled to."""
    pairs = [(point.get("resource"), point.get("geo")) for point in chosen.get("gcps") or []]
    resource = chosen.get("resource") or {}
    size = (int(resource["width"]), int(resource["height"])) if {"width", "height"} <= resource.keys() else None
    mask = chosen.get("resourceMask")
    return _made(pairs, size, None if mask is None else _ring(mask), chosen.get("transformation"))


def _made(pairs: list[tuple[Any, Any]], size: Any, mask: Numbers | None, transformation: Any) -> ControlPoints:
    """Control points of pairs of pixel and place."""
    numbers = np.array([[*_pair(pixel), *_pair(place)] for pixel, place in pairs], dtype=np.float64)
    table = made_table(None, numbers)
    return ControlPoints(
        table=table, crs="EPSG:4326", size=size, mask=mask, method=_method(transformation), form="iiif"
    )


def _pair(numbers: Any) -> tuple[float, float]:
    """Two numbers, or NaN twice where there are none."""
    if not isinstance(numbers, list) or len(numbers) < _PAIR:
        return np.nan, np.nan
    first, second = (float(number) for number in numbers[:2])
    return (first, second) if np.isfinite([first, second]).all() else (np.nan, np.nan)


def _outline(target: Map) -> tuple[tuple[int, int] | None, Numbers | None]:
    """The size of the scan and the outline of its map, off the target of an annotation."""
    source = target.get("source")
    svg = str((target.get("selector") or {}).get("value", ""))
    size = None
    if isinstance(source, dict) and {"width", "height"} <= source.keys():
        size = int(source["width"]), int(source["height"])
    elif found := re.search(r'<svg[^>]*\bwidth="(\d{1,7})"[^>]*\bheight="(\d{1,7})"', svg):
        size = int(found[1]), int(found[2])
    polygon = re.search(r'<polygon[^>]*\bpoints="([^"]*)"', svg)
    return size, _ring([pair.split(",") for pair in polygon[1].split()]) if polygon else None


def _ring(corners: Any) -> Numbers:
    """Corners of an outline, the last one that closes it left out."""
    ring = np.array([[float(x), float(y)] for x, y in corners], dtype=np.float64).reshape(-1, 2)
    return ring[:-1] if len(ring) > 1 and (ring[0] == ring[-1]).all() else ring


def _method(transformation: Any) -> str | None:
    """The method that an annotation names; None for those that are not at hand."""
    if not isinstance(transformation, dict):
        return None
    kind = transformation.get("type")
    if kind == "thinPlateSpline":
        return "tps"
    if kind in {"polynomial", "polynomial1", "polynomial2", "polynomial3"}:
        order = (transformation.get("options") or {}).get("order") or (kind[-1] if kind[-1].isdigit() else 1)
        return f"order{order}" if str(order) in {"1", "2", "3"} else None
    return None
