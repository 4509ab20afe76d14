"""Single rows that end: from their day on, traced, and only where the record says what becomes of them."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import text

from gridmap import store
from gridmap.errors import ConflictError, NotFoundError
from gridmap.store.ending import end

SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)


def cameras(*ids, lon=120.0):
    columns = {"id": ids, "kind": ["ptz"] * len(ids), "status": ["online"] * len(ids)}
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(lon, 31)] * len(ids), crs=4490)


def load(record, layer, table, effective=SPRING):
    with record.begin() as connection:
        store.load(connection, layer, table, source=store.Source(file="x"), actor="desk", effective=effective)


def held(record, on):
    with record.connect() as connection:
        return store.read(connection, "cameras", on=on)["id"].tolist()


@pytest.fixture
def filled(record):
    load(record, "cameras", cameras("C1", "C2"))
    return record


def test_a_row_that_is_ended_holds_until_the_day_before(filled):
    with filled.begin() as connection:
        assert end(connection, "cameras", ["C1"], actor="desk", effective=SUMMER) == 1
    assert (held(filled, date(2026, 5, 31)), held(filled, SUMMER)) == (["C1", "C2"], ["C2"])


def test_an_ending_is_noted_with_who_and_what(filled):
    with filled.begin() as connection:
        end(connection, "cameras", ["C2", "C1"], actor="desk", effective=SUMMER)
        row = connection.execute(text("SELECT actor, action, layer, detail FROM audit ORDER BY audit_id DESC")).first()
    assert tuple(row) == ("desk", "end", "cameras", {"ids": ["C1", "C2"], "effective": "2026-06-01", "closed": 2})


def test_one_unknown_row_keeps_all_from_ending(filled):
    with pytest.raises(NotFoundError, match="C9: not in force on 2026-06-01"), filled.begin() as connection:
        end(connection, "cameras", ["C1", "C9"], actor="desk", effective=SUMMER)
    assert held(filled, SUMMER) == ["C1", "C2"]


def test_a_row_that_is_followed_by_another_is_not_ended_before_it(filled):
    load(filled, "cameras", cameras("C1", lon=120.1), effective=AUTUMN)
    with pytest.raises(ConflictError, match="later days"), filled.begin() as connection:
        end(connection, "cameras", ["C1"], actor="desk", effective=SUMMER)
    assert held(filled, AUTUMN) == ["C1", "C2"]


@pytest.mark.parametrize("layer", ["cameras", "checkpoints", "places"])
def test_a_change_of_what_coverage_is_made_of_counts_as_a_revision(record, layer):
    point = gpd.GeoDataFrame(
        {"id": ["1"], "kind": "ptz", "status": "online"}, geometry=[shapely.Point(120, 31)], crs=4490
    )
    load(record, layer, point)
    with record.connect() as connection:
        assert store.revision(connection) == 1
