"""Examples of requests and answers about patrols, for the documentation."""

from __future__ import annotations

from typing import Any

_SHARE = {
    "shift": "all",
    "walked_m": 9736.1,
    "share": 0.966,
    "share_low": 0.944,
    "share_high": 0.987,
    "share_inferred": 0.008,
    "share_unknown": 0.009,
    "share_never": 0.017,
    "shared_walked_m": 735.1,
}

_PERIOD = {
    "from": "2024-05-06",
    "to": "2024-05-06",
    "shifts": ["2024-05-06 day", "2024-05-06 night"],
    "as_of": "2024-05-07T00:00:00+00:00",
}

_CHANGE = {
    "code": "320613",
    "shift": "all",
    "share_old": 0.981,
    "share_new": 0.966,
    "change": -0.015,
    "old_m": 9887.4,
    "new_m": 9736.1,
    "gained_m": 31.8,
    "lost_m": 183.1,
    "kept_m": 9704.3,
}

_TRACK = {
    "post": "P07",
    "shift": "2024-05-06 day",
    "fixes": 424,
    "interval_p50_s": 15.0,
    "interval_p90_s": 15.0,
    "gap_share": 0.12,
    "spike_share": 0.002,
    "duplicate_share": 0.0,
    "dropped_share": 0.002,
    "sigma_m": 4.98,
    "datum": "WGS 84",
    "grade": "B",
    "stops": 2,
    "stop_s": 640.0,
    "first": "2024-05-06T00:00:00+00:00",
    "last": "2024-05-06T01:59:45+00:00",
}

_COMPLETION = {
    "shift": "all",
    "due": 24,
    "done": 20,
    "share": 0.833,
    "open": 0,
    "duplicate": 1,
    "off_site": 1,
    "too_fast": 0,
    "out_of_window": 0,
    "out_of_order": 0,
    "early": 0,
    "late": 1,
    "on_time": 20,
    "missed": 3,
}

_MISSED = {
    "checkpoint": "K0003",
    "post": None,
    "shift": "2024-05-06 night",
    "due": "2024-05-06T12:00:00+00:00",
    "closes": "2024-05-06T14:00:00+00:00",
    "time": None,
    "status": "missed",
    "off_m": None,
    "copied": False,
    "track": "track_only",
}

_OVERDUE = {
    "rank": 1,
    "id": "S00007",
    "name": "青年路",
    "class": "primary",
    "length_m": 439.9,
    "overdue_m": 402.5,
    "debt_m": 655.1,
    "idle_h": 120.4,
    "target_h": 72.0,
    "last_passed": "2024-05-01T23:36:00+00:00",
    "passes": 3,
}

_NEITHER = {
    "rank": 1,
    "id": "S00023",
    "name": "平林路",
    "class": "tertiary",
    "from_m": 120.5,
    "to_m": 267.0,
    "length_m": 146.5,
}

COVERAGE: dict[str, Any] = {
    "version": 17,
    "on": "2024-05-06",
    "area": "320613",
    "period": _PERIOD,
    "areas": [
        {
            "code": "320613",
            "name": "崇川区",
            "level": "district",
            "parent": None,
            "streets_m": 10083.6,
            "shared_m": 746.6,
            "shares": [_SHARE],
            "owed": {
                "overdue_m": 402.5,
                "share_overdue": 0.04,
                "debt_m": 655.1,
                "unknown_m": 55.9,
                "visits": 4.07,
                "mean_h": 5.55,
                "worst_h": 24.0,
            },
            "cameras": [
                {"shift": "all", "neither_m": 146.5, "camera_m": 201.0, "patrol_m": 8242.4, "both_m": 1493.7},
            ],
        }
    ],
    "even": {
        "level": "grid",
        "areas": 17,
        "unknown": 0,
        "mean": 0.95,
        "gini": 0.02,
        "theil": 0.001,
        "theil_between": 0.0004,
        "theil_within": 0.0006,
        "p90": 1.0,
        "p10": 0.88,
        "p90_to_p10": 1.14,
        "worst_decile": 0.86,
    },
    "held": {"datum": 1},
    "pending": 0,
    "left_out": 0,
    "overdue": {"numberMatched": 12, "numberReturned": 1, "streets": [_OVERDUE]},
    "neither": {"numberMatched": 8, "numberReturned": 1, "streets": [_NEITHER]},
    "effort": [
        {
            "post": "P07",
            "shift": "2024-05-06 day",
            "km": 6.25,
            "km_foot": 6.25,
            "km_e_bike": 0.0,
            "km_car": 0.0,
            "hours": 1.62,
        }
    ],
    "overlap": [{"shift": "all", "km": 32.0, "km_overlap": 4.3, "share": 0.134}],
    "tracks": {
        "waterfall": [{"step": "raw", "fixes": 3259, "km": 68.9, "left_fixes": 3259, "left_km": 68.9}],
        "quality": [_TRACK],
        "held": {
            "numberMatched": 1,
            "numberReturned": 1,
            "tracks": [
                {
                    "post": "P09",
                    "shift": "2024-05-06 day",
                    "reason": "datum",
                    "message": "the fixes fit the streets in GCJ-02 and not in WGS 84",
                }
            ],
        },
    },
    "signins": {
        "completion": [_COMPLETION],
        "agreement": [{"case": "scan_and_track", "count": 20, "share": 0.91}],
        "left_out": 0,
        "numberMatched": 6,
        "numberReturned": 1,
        "amiss": [_MISSED],
    },
    "must_visit": {
        "done": 40,
        "due": 6,
        "overdue": 2,
        "numberMatched": 48,
        "numberReturned": 1,
        "checkpoints": [
            {
                "checkpoint": "K0101",
                "every_days": 30.0,
                "needed": 1,
                "visits": 0,
                "last": "2024-03-28T02:10:00+00:00",
                "next": "2024-04-27T02:10:00+00:00",
                "status": "overdue",
            }
        ],
    },
    "lost": {
        "numberMatched": 9,
        "numberReturned": 1,
        "streets": [
            {
                "id": "S00023",
                "length_m": 279.1,
                "old_m": 279.1,
                "new_m": 132.6,
                "gained_m": 0.0,
                "lost_m": 146.5,
                "kept_m": 132.6,
            }
        ],
    },
    "compare": {"period": {**_PERIOD, "from": "2024-05-05", "to": "2024-05-05"}, "areas": [_CHANGE]},
}

ALERT: dict[str, Any] = {"lon": 120.8946, "lat": 31.9802, "n": 3, "mode": "foot"}

NEAREST: dict[str, Any] = {
    "version": 17,
    "now": "2024-05-06T02:30:00+00:00",
    "at": [120.8946, 31.9802],
    "n": 1,
    "mode": "foot",
    "most_age_s": 300.0,
    "numberMatched": 3,
    "numberReturned": 3,
    "posts": [
        {
            "rank": 1,
            "post": "P07",
            "seconds": 184.6,
            "metres": 240.0,
            "age_s": 4.0,
            "straight_m": 201.3,
            "chosen": True,
            "reason": "",
            "lon": 120.8961,
            "lat": 31.9811,
        },
        {
            "rank": 2,
            "post": "P02",
            "seconds": 512.3,
            "metres": 666.0,
            "age_s": 2.0,
            "straight_m": 150.2,
            "chosen": False,
            "reason": "farther_though_nearer",
            "lon": 120.8933,
            "lat": 31.9791,
        },
        {
            "rank": None,
            "post": "P11",
            "seconds": None,
            "metres": None,
            "age_s": 1260.0,
            "straight_m": None,
            "chosen": False,
            "reason": "too_old",
            "lon": None,
            "lat": None,
        },
    ],
}

RELEASE: dict[str, Any] = {"read_as": "GCJ-02"}

RELEASED: dict[str, Any] = {
    "post": "P09",
    "shift": "2024-05-06 day",
    "credited": True,
    "released": ["datum"],
    "released_by": "desk",
    "released_at": "2024-05-07T01:12:00+00:00",
    "read_as": "GCJ-02",
    "visits": 57,
}

CLOCK: dict[str, Any] = {"offset_s": -28800}

RESET: dict[str, Any] = {
    "post": "P09",
    "shift": "2024-05-06 night",
    "offset_s": -28800.0,
    "fixes": 2160,
    "shifts": ["2024-05-06 day"],
}

ROUND: dict[str, Any] = {
    "type": "FeatureCollection",
    "version": 17,
    "as_of": "2024-05-07T00:00:00+00:00",
    "features": [
        {
            "type": "Feature",
            "properties": {
                "kind": "round",
                "length_m": 8120.4,
                "required_m": 5210.0,
                "bound_m": 0.0,
                "gap": 0.0,
                "minutes": 104.1,
                "collected": 655.1,
                "possible": 980.2,
                "collected_bound": 720.6,
                "habit": 431.0,
                "unreachable": [],
                "signins": [{"checkpoint": "K0003", "minutes": 31.5}],
            },
            "geometry": {"type": "LineString", "coordinates": [[120.8946, 31.9802], [120.8961, 31.9811]]},
        },
        {
            "type": "Feature",
            "properties": {
                "kind": "stretch",
                "order": 1,
                "street": "S00007",
                "name": "青年路",
                "from_m": 0.0,
                "to_m": 439.9,
                "direction": 1,
                "required": True,
                "again": False,
                "minutes": 0.0,
                "length_m": 439.9,
            },
            "geometry": {"type": "Point", "coordinates": [120.8946, 31.9802]},
        },
    ],
}
