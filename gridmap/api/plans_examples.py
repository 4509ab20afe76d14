"""Examples of requests and answers about plans, for the documentation."""

from __future__ import annotations

from typing import Any

PLAN: dict[str, Any] = {
    "id": 3,
    "name": "钟秀街道 2026",
    "note": "",
    "status": "draft",
    "version": 12,
    "base": "2026-01-31",
    "level": "grid",
    "target": 300.0,
    "effective": None,
    "created_at": "2026-01-31T08:00:00+00:00",
    "changed_at": "2026-01-31T09:30:00+00:00",
    "areas": 327,
    "can_undo": True,
    "can_redo": False,
}

NEW = {"name": "钟秀街道 2026", "on": "2026-01-31", "level": "grid", "target": 300}

OPERATION = {
    "version": 12,
    "operation": {"op": "split", "code": "320613001001003", "line": [[120.89, 31.985], [120.9, 31.985]]},
}

PUBLISH = {"version": 12, "effective": "2026-03-01"}

_FIGURES = {
    "households": 305,
    "residents": 810,
    "buildings": 31,
    "area_m2": 104780.5,
    "compactness": 0.62,
    "deviation": 0.0167,
    "parts": 1,
}

_FEATURE = {
    "type": "Feature",
    "id": "320613001001003",
    "properties": {
        "code": "320613001001003",
        "name": "第三网格",
        "level": "grid",
        "parent": "320613001001",
        "kind": None,
        **_FIGURES,
    },
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[120.89, 31.98], [120.9, 31.98], [120.9, 31.99], [120.89, 31.98]]],
    },
}

COLLECTION = {
    "type": "FeatureCollection",
    "plan": PLAN,
    "upper": [{"code": "320613001001", "name": "第一社区", "level": "community", "parent": "320613001"}],
    "features": [_FEATURE],
}

_FINDING = {
    "type": "Feature",
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[120.89, 31.98], [120.9, 31.98], [120.9, 31.99], [120.89, 31.98]]],
    },
    "properties": {
        "rule": "households",
        "codes": ["320613001001003"],
        "measured": 620.0,
        "unit": "households",
        "limit": 500.0,
        "message": "320613001001003 has 620 households",
        "mend": "split it",
        "blocks": False,
    },
}

BUILDINGS = {
    "type": "FeatureCollection",
    "count": 1,
    "features": [
        {
            "type": "Feature",
            "id": "B000017",
            "properties": {"id": "B000017", "households": 24, "residents": 66, "area": "320613001001003", "cut": False},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[120.89, 31.98], [120.8902, 31.98], [120.8902, 31.9801], [120.89, 31.98]]],
            },
        }
    ],
}

FINDINGS = {"type": "FeatureCollection", "features": [_FINDING]}

EDITED = {
    "version": 13,
    "changed": {"type": "FeatureCollection", "features": [_FEATURE]},
    "removed": [],
    "upper": None,
    "findings": FINDINGS,
    "figures": {"320613001001003": {"before": {**_FIGURES, "households": 620}, "after": _FIGURES}},
    "can_undo": True,
    "can_redo": False,
}

EDIT = {
    "number": 12,
    "kind": "edit",
    "of": None,
    "operation": {"op": "merge", "codes": ["320613001001003", "320613001001004"], "into": "320613001001003"},
    "codes": ["320613001001003", "320613001001004"],
    "undone": False,
    "actor": "grid office",
    "at": "2026-01-31T09:30:00+00:00",
}

CHANGE = {
    "level": "grid",
    "old": "320613001001003",
    "new": "320613001001009",
    "kind": "split",
    "share_old": 0.48,
    "share_new": 1.0,
    "area_m2": 50294.6,
    "households": 146,
    "residents": 390,
    "buildings": 15,
    "carries_on": False,
}

SHEETS = {
    "plan": 3,
    "status": "published",
    "version": 12,
    "effective": "2026-03-01",
    "sheets": {"areas": [CHANGE], "buildings": [], "codes": [{"draft": "new-12", "code": "320613001001009"}]},
}

PUBLISHED = {
    "plan": {**PLAN, "status": "published", "effective": "2026-03-01"},
    "codes": {"new-12": "320613001001009"},
    "lineage": {"split": 2, "unchanged": 325},
    "ended": [],
    "territory_version": 18,
}
