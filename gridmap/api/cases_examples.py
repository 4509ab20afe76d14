"""Examples of requests and answers about cases, for the documentation."""

from __future__ import annotations

from typing import Any

_HASH = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
_MADE = {"actor": "mediation office", "at": "2026-01-31T08:00:00+00:00"}
_CHAINED = {**_MADE, "prev": "00" * 32, "hash": _HASH}

CASE: dict[str, Any] = {
    "code": "2026-0007",
    "name": "东河村与西河村界线",
    "note": "",
    "status": "open",
    "epsg": 4528,
    "version": 5,
    "created_at": "2026-01-31T08:00:00+00:00",
    "changed_at": "2026-01-31T09:30:00+00:00",
    "actor": "mediation office",
}

#: A page of cases, the last.
LISTED = {"cases": [CASE], "numberMatched": 1, "numberReturned": 1, "next": None}

NEW = {"name": "东河村与西河村界线", "code": "2026-0007"}

_WARNING = {"code": "W_AREA_MISMATCH", "about": "DK1", "message": "...", "message_zh": "..."}

READING: dict[str, Any] = {
    "crs": "EPSG:4528",
    "readings": [
        {
            "file": "sent.txt",
            "format": "exchange",
            "epsg": 4528,
            "axis_order": "north_east",
            "unit": "m",
            "decided": [{"what": "axis order", "value": "north_east", "why": "..."}],
        }
    ],
    "warnings": [_WARNING],
}

CLAIM: dict[str, Any] = {
    "number": 1,
    "party": "东河村",
    "source": "1985 村界图",
    "date": "1985~",
    "accuracy_m": 1.0,
    "evidence": 1,
    "reading": READING,
    "withdrawn": False,
    **_CHAINED,
}

_GROUND = {
    "type": "MultiPolygon",
    "coordinates": [[[[120.89, 31.98], [120.9, 31.98], [120.9, 31.99], [120.89, 31.98]]]],
}
_LINE = {"type": "MultiLineString", "coordinates": [[[120.89, 31.985], [120.9, 31.985]]]}

CANDIDATE: dict[str, Any] = {
    "number": 1,
    "id": "half way",
    "source": None,
    "params": None,
    "withdrawn": False,
    **_CHAINED,
}

EVIDENCE: dict[str, Any] = {
    "number": 1,
    "file": "1985村界图.tif",
    "media_type": "image/tiff",
    "bytes": 81920,
    "sha256": _HASH,
    "kind": "map",
    "party": "东河村",
    "statement": "河西岸为界",
    "captured": "1985~",
    "released": None,
    "scanned": "2026-01-30",
    **_CHAINED,
}

SOURCE: dict[str, Any] = {
    "number": 1,
    "title": "1985 村界图",
    "kind": "map",
    "captured": "1985~",
    "released": None,
    "scanned": "2026-01-30",
    "evidence": 1,
    "epsg": 4528,
    "accuracy_m": 2.5,
    "leave_one_out_m": 3.1,
    "method": "order1",
    "points": None,
    **_CHAINED,
}

NEW_SOURCE = {
    "version": 5,
    "title": "1985 村界图",
    "kind": "map",
    "captured": "1985~",
    "evidence": 1,
    "epsg": 4528,
    "leave_one_out_m": 3.1,
    "method": "order1",
}

AGREEMENT: dict[str, Any] = {
    "number": 1,
    "candidate": "half way",
    "agreed_on": "2026-02-01",
    "effective": "2026-03-01",
    "parties": ["东河村", "西河村"],
    "terms": "双方以此线为界",
    "sheet_sha256": _HASH,
    "claims_head": _HASH,
    "candidates_head": _HASH,
    "evidence_head": _HASH,
    **_CHAINED,
}

SIGNED = {
    "version": 5,
    "candidate": "half way",
    "agreed_on": "2026-02-01",
    "effective": "2026-03-01",
    "parties": ["东河村", "西河村"],
    "terms": "双方以此线为界",
    "parcels": {"东河村": "320613001001JB00001"},
}

AGREED: dict[str, Any] = {
    "case": {**CASE, "status": "agreed"},
    "agreements": [AGREEMENT],
    "parcels": [{"id": "320613001001JB00001", "party": "东河村", "accuracy_m": 0.05, "area_m2": 900.0}],
    "ended": [],
    "lineage": [
        {
            "old": None,
            "new": "320613001001JB00001",
            "kind": "created",
            "share_old": None,
            "share_new": None,
            "area_m2": 900.0,
        }
    ],
    "undecided_m2": 0.0,
}

IMPORTED = {"case": CASE, "new": True, "rows": 6, "files": 1}

#: A case with all that belongs to it.
WHOLE: dict[str, Any] = {
    **CASE,
    "claims": {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": CLAIM, "geometry": _GROUND}],
    },
    "candidates": {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": CANDIDATE, "geometry": _LINE}],
    },
    "sources": [SOURCE],
    "evidence": [EVIDENCE],
    "agreements": [AGREEMENT],
}

LEDGER: dict[str, Any] = {
    "case": "2026-0007",
    "version": 5,
    "ledger": [
        {
            "candidate": "half way",
            "party": "东河村",
            "gain_m2": 100.0,
            "loss_m2": 100.0,
            "gain_mu": 0.15,
            "loss_mu": 0.15,
            "net_m2": 0.0,
            "error_m2": 7.1,
            "undisputed_m2": 800.0,
            "unclaimed_m2": 0.0,
            "change_m2": None,
        }
    ],
    "matrix": [{"party": "东河村", "half way_m2": 0.0, "half way_mu": 0.0}],
    "contested": [
        {
            "id": "C1",
            "parties": "东河村 | 西河村",
            "count": 2,
            "area_m2": 200.0,
            "area_mu": 0.3,
            "width_m": 2.0,
            "error_m2": 3.5,
        }
    ],
    "gaps": [],
    "areas": [
        {
            "what": "claim",
            "name": "东河村",
            "planar_m2": 1000.0,
            "planar_mu": 1.5,
            "ellipsoidal_m2": 1000.2,
            "error_m2": 7.1,
        }
    ],
    "objects": [],
    "warnings": [],
}

POINTS: dict[str, Any] = {
    "case": "2026-0007",
    "version": 5,
    "crs": "EPSG:4528",
    "points": [
        {
            "part": 1,
            "name": "J1",
            "x_north": 3543009.0,
            "y_east": 40500900.0,
            "distance_m": 100.0,
            "lon": 120.89,
            "lat": 31.985,
            "note": "",
            "candidate": "half way",
        }
    ],
    "walk": [
        {
            "id": "half way",
            "from": "J1",
            "to": "J2",
            "azimuth_deg": 90.0,
            "direction": "east",
            "direction_zh": "东",
            "distance_m": 100.0,
            "text": "from J1 east 100.00 m to J2",
            "text_zh": "从J1起，向东100.00米至J2",
        }
    ],
}

LINES: dict[str, Any] = {
    "case": "2026-0007",
    "version": 5,
    "lines": [
        {
            "a": "东河村",
            "b": "西河村",
            "mean_offset_m": -2.0,
            "mean_offset_error_m": 0.05,
            "p95_m": 2.0,
            "hausdorff_m": 2.0,
            "hausdorff_ab_m": 2.0,
            "hausdorff_ba_m": 2.0,
            "frechet_m": 2.0,
            "common_m": 100.0,
            "verdict": "beyond",
            "tolerance_m": 0.163,
            "beyond_m": 1.837,
            "over_m": 100.0,
            "beyond_m2": 183.7,
            "vertices": 2,
            "limit_m": 0.141,
            "assumed": False,
            "said": "beyond survey error (0.163 m) by 1.837 m over 100.0 m",
            "said_zh": "超出测量误差（0.163米）1.837米，超限长度100.0米",
        }
    ],
    "warnings": [],
}

TIMELINE: dict[str, Any] = {
    "case": "2026-0007",
    "version": 5,
    "at": "1985-06-01",
    "timeline": [
        {
            "part": "claims",
            "number": 1,
            "title": "东河村",
            "question": "stood",
            "date": "1985~",
            "answer": "possible",
            "faults": [],
        }
    ],
}

VERIFIED = {"case": "2026-0007", "whole": True, "rows": 6, "heads": {"claims": _HASH}, "faults": []}
