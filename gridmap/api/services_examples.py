"""Examples of answers about service places, for the documentation."""

from __future__ import annotations

from typing import Any

COVERAGE: dict[str, Any] = {
    "version": 17,
    "on": "2026-01-31",
    "area": "320613001",
    "minutes": [5.0, 10.0, 15.0],
    "places": {"of": 19, "off_streets": 0},
    "areas": [
        {
            "code": "320613001",
            "name": "城东街道",
            "level": "street",
            "parent": "320613",
            "households": 1953.0,
            "residents": 5199.0,
            "kinds": [
                {
                    "kind": "all",
                    "places": 6,
                    "floor_m2": 4434.0,
                    "floor_m2_per_100": 227.0,
                    "floor_norm": 30.0,
                    "floor_kept": True,
                    "staff": 74.0,
                    "staff_per_10000": 142.3,
                    "staff_norm": 18.0,
                    "staff_kept": True,
                    "reach": [
                        {
                            "minutes": 15.0,
                            "reached": 1835.0,
                            "share": 0.94,
                            "too_far": 0.0,
                            "norm": 0.9,
                            "kept": True,
                        }
                    ],
                }
            ],
        }
    ],
}
