"""Examples of requests and answers about cameras, for the documentation."""

from __future__ import annotations

from typing import Any

_SHARE = {
    "of": "streets",
    "cameras": "online",
    "band": "find",
    "seen": 1830.5,
    "share": 0.412,
    "share_guaranteed": 0.301,
    "share_possible": 0.655,
}

COVERAGE: dict[str, Any] = {
    "version": 17,
    "on": "2026-01-31",
    "area": "320613",
    "profile": "IEC 62676-4:2014",
    "cameras": {
        "total": 812,
        "online": 790,
        "heading_known": 710,
        "heading_uncertain": 40,
        "possible_only": 60,
        "refused": 2,
        "moved": 5,
    },
    "assumed": [{"what": "no angle of view: taken as 90 degrees", "of": "cameras", "count": 12}],
    "areas": [
        {
            "code": "320613",
            "name": "崇川区",
            "level": "district",
            "parent": None,
            "streets_m": 4443.0,
            "ground_m2": 512300.0,
            "open_ground_m2": 401200.0,
            "shares": [_SHARE],
            "depth": [
                {"cameras": 1, "seen": 2888.0, "share": 0.65},
                {"cameras": 2, "seen": 1110.8, "share": 0.25},
                {"cameras": 3, "seen": 444.3, "share": 0.1},
            ],
        }
    ],
    "rates": [
        {"figure": "online", "count": 790, "of": 812, "unknown": 0, "rate": 0.973, "target": 0.98, "kept": False}
    ],
    "places": {
        "of": 42,
        "depth": [{"cameras": 1, "places": 30}, {"cameras": 2, "places": 12}, {"cameras": 3, "places": 4}],
        "numberMatched": 42,
        "numberReturned": 1,
        "places": [{"id": "P0007", "cameras": 0, "band": None, "kind": "school"}],
    },
    "blind": {
        "numberMatched": 31,
        "numberReturned": 1,
        "streets": [
            {
                "rank": 1,
                "id": "S00007",
                "name": "青年路",
                "class": "primary",
                "band": "seen",
                "from_m": 120.5,
                "to_m": 432.5,
                "length_m": 312.0,
                "code": "320613001001003",
            }
        ],
    },
    "losses": {
        "cameras": {
            "numberMatched": 790,
            "numberReturned": 1,
            "cameras": [{"camera": "C00017", "lost_m": 61.2, "seen_m": 74.8}],
        },
        "streets": {
            "numberMatched": 96,
            "numberReturned": 1,
            "streets": [{"street": "S00007", "name": "青年路", "cameras": 9, "lost_m": 402.0, "seen_m": 655.3}],
        },
    },
    "compare": None,
}

_POINT = {"type": "Point", "coordinates": [120.8946, 31.9802]}

_CAMERA: dict[str, Any] = {
    "type": "Feature",
    "id": "C00001",
    "properties": {
        "id": "C00001",
        "kind": "fixed",
        "status": "online",
        "heading_deg": 90.0,
        "seen": "0f3a5c7e9b1d2f40",
    },
    "geometry": _POINT,
}

_VIEWSHED = {
    "type": "Feature",
    "properties": {"camera": "C00001", "band": "find", "certainty": "nominal", "area_m2": 812.4},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[120.8946, 31.9802], [120.8951, 31.98], [120.8951, 31.9804], [120.8946, 31.9802]]],
    },
}

_VIEWSHEDS = {"type": "FeatureCollection", "features": [_VIEWSHED]}

CAMERAS = {
    "type": "FeatureCollection",
    "numberMatched": 1,
    "numberReturned": 1,
    "version": 17,
    "on": "2026-01-31",
    "features": [_CAMERA],
}

SEEN_BY_ONE = {
    "version": 17,
    "on": "2026-01-31",
    "camera": _CAMERA,
    "viewsheds": _VIEWSHEDS,
    "assumed": [],
    "refused": [],
}

WHAT_IF = {"set": [{"id": "C00001", "heading_deg": 135}], "remove": ["C00002"]}

WOULD_BE: dict[str, Any] = {
    "version": 17,
    "on": "2026-01-31",
    "cameras": [{"id": "C00001", "kind": "changed"}, {"id": "C00002", "kind": "removed"}],
    "viewsheds": _VIEWSHEDS,
    "shares": [
        {
            "code": "320613001001003",
            "level": "grid",
            "of": "streets",
            "cameras": "online",
            "band": "find",
            "seen_before": 210.5,
            "seen_after": 180.0,
            "share_before": 0.31,
            "share_after": 0.265,
        }
    ],
    "streets": [{"id": "S00007", "band": "find", "seen_m_before": 80.5, "seen_m_after": 50.0}],
    "assumed": [],
    "refused": [],
}

PUT = {"seen": "0f3a5c7e9b1d2f40", "effective": "2026-03-01", "camera": {"heading_deg": 135}}

SAVED = {**_CAMERA, "version": 18, "on": "2026-03-01"}
