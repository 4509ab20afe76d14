"""What is answered about cases: what they hold, their books, and headers that let nobody keep them."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import orjson
import pandas as pd
import shapely

from gridmap.api.cameras_answers import dumped, rows
from gridmap.disputes import Comparison, matrix, walks
from gridmap.service.disputes import points
from gridmap.store.cases_heads import Head
from gridmap.store.cases_reading import Case

#: Nothing of a case is public: it is kept by nobody.
NOT_KEPT = {"Cache-Control": "no-store"}

#: What a file may be shown as by whoever fetched it; all else is bytes.
_SHOWN_AS = frozenset(
    {
        "application/json",
        "application/geo+json",
        "application/pdf",
        "application/zip",
        "audio/mpeg",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "text/csv",
        "text/plain",
        "video/mp4",
    }
)


def headers(case: Head) -> dict[str, str]:
    """Return the headers that say which version of a case an answer is of."""
    return {**NOT_KEPT, "ETag": f'"{case.case_id}.{case.version}"', "X-Gridmap-Case-Version": str(case.version)}


def address(code: str) -> str:
    """Return where the case of a code is answered; it may have Chinese characters."""
    return f"/api/cases/{quote(code, safe='')}"


def header(case: Head) -> dict[str, Any]:
    """Return what a case says of itself; by its code it is known, not by its number in one record."""
    return {name: value for name, value in vars(case).items() if name != "case_id"}


def of(case: Case) -> dict[str, Any]:
    """Return which case an answer is of, and which version of it."""
    return {"case": case.head.code, "version": case.head.version}


def whole(case: Case) -> dict[str, Any]:
    """Return a case with all that belongs to it; of files of evidence what is said of them."""
    return {
        **header(case.head),
        "claims": collection(case.claims),
        "candidates": collection(case.candidates),
        "sources": flat(case.sources),
        "evidence": flat(case.evidence),
        "agreements": [signed(row) for row in flat(case.agreements)],
    }


def collection(table: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return rows with shapes as a FeatureCollection, coordinates with all their digits."""
    shapes = shapely.to_geojson(table.geometry.to_numpy())
    features = [
        {"type": "Feature", "properties": row, "geometry": orjson.Fragment(shape)}
        for row, shape in zip(flat(table), shapes, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def numbered(table: pd.DataFrame, numbers: Container[int]) -> list[dict[str, Any]]:
    """Return the rows of some numbers, without their shapes."""
    return [row for row in flat(table) if row["number"] in numbers]


def signed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an agreement without the ground of the parcels that it makes: parcels of the record tell it."""
    return {name: value for name, value in row.items() if name not in {"parcels", "lineage"}}


def ledger(found: Comparison, candidate: str | None) -> dict[str, Any]:
    """Return the books of a comparison, of one candidate if it is asked for."""
    book, things = found.ledger, found.objects
    if candidate is not None:
        book, things = book[book["candidate"] == candidate], things[things["candidate"] == candidate]
    return {
        "ledger": rows(book),
        "matrix": flat(matrix(book)),
        "contested": flat(found.contested),
        "gaps": flat(found.gaps),
        "areas": rows(found.areas),
        "objects": flat(things),
        "warnings": found.warnings,
    }


def boundary(found: Comparison, candidate: str | None) -> dict[str, Any]:
    """Return the lines of candidates as they are set out: their points, and the walk along them from true north."""
    lines = found.candidates if candidate is None else found.candidates[found.candidates["id"] == candidate]
    # a comparison of a case is in metres, as its zone is
    return {
        "crs": str(lines.crs),
        "points": flat(points(lines)) if len(lines) else [],
        "walk": flat(walks(lines)) if len(lines) else [],
    }


def flat(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows without their shapes, missing cells as null."""
    return rows(pd.DataFrame(table).drop(columns="geometry", errors="ignore"))


def encoded(said: Any) -> bytes:
    """Return a value as JSON, numbers of numpy included."""
    return dumped(said)


def file_headers(name: str) -> dict[str, str]:
    """Return the headers of a file that is kept, never shown as a page (RFC 6266; its name may be Chinese)."""
    return {
        **NOT_KEPT,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    }


def file_type(said: str) -> str:
    """Return the media type of a file as it is sent: what a browser might run is bytes to it.

    Examples
    --------
    >>> file_type("image/png"), file_type("image/svg+xml"), file_type("text/html")
    ('image/png', 'application/octet-stream', 'application/octet-stream')
    """
    return said if said in _SHOWN_AS else "application/octet-stream"
