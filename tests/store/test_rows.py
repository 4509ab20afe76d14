"""Loading, publishing and reading."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pytest
import shapely

from gridmap import store
from gridmap.errors import ConflictError

NEW_YEAR, JUNE, JULY = date(2026, 1, 1), date(2026, 6, 1), date(2026, 7, 1)
SOURCE = store.Source(file="areas.geojson", sha256="ab" * 32)


def areas(**boxes):
    """Areas of a town `a`: `areas(b=(0, 0, 1, 2))`."""
    rows = [
        {"code": code, "parent": None if code == "a" else "a", "geometry": shapely.box(*box)}
        for code, box in boxes.items()
    ]
    return gpd.GeoDataFrame(rows, crs=4490)


TOWN = {"a": (0, 0, 2, 2), "b": (0, 0, 1, 2), "c": (1, 0, 2, 2)}


def load(record, table, effective=NEW_YEAR, layer="areas", **options):
    with record.begin() as connection:
        return store.load(connection, layer, table, source=SOURCE, actor="test", effective=effective, **options)


def codes(record, on):
    with record.connect() as connection:
        return list(store.read(connection, "areas", on=on)["code"])


def test_what_is_loaded_is_read_back(record):
    load(record, areas(**TOWN))
    with record.connect() as connection:
        held = store.read(connection, "areas", on=NEW_YEAR)
    assert list(held["code"]) == ["a", "b", "c"]
    assert held.geometry.geom_equals(areas(**TOWN).geometry).all()
    assert held.crs.to_epsg() == 4490


def test_a_second_load_of_the_same_file_changes_nothing(record):
    load(record, areas(**TOWN))
    report = load(record, areas(**TOWN), JUNE)
    assert (report.added, report.changed, report.unchanged, report.closed) == (0, 0, 3, 0)


def test_a_past_day_keeps_its_answer_after_a_change(record):
    load(record, areas(**TOWN))
    load(record, areas(**{**TOWN, "b": (0, 0, 1.5, 2)}), JUNE)
    with record.connect() as connection:
        held = store.read(connection, "areas", codes=["b"])
    assert list(held["valid_from"]) == [NEW_YEAR, JUNE]
    assert list(held["valid_to"]) == [JUNE, None]


def test_a_change_before_the_current_row_began_is_refused(record):
    load(record, areas(**TOWN), JUNE)
    with pytest.raises(ConflictError, match=r"b \(from 2026-01-01; the record knows it from 2026-06-01"):
        load(record, areas(**{**TOWN, "b": (0, 0, 1.5, 2)}), NEW_YEAR)
