"""Loading, publishing and reading."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import frames, samples, store
from gridmap.errors import ConflictError, InputError, TableError

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


def test_replacing_ends_what_the_file_lacks(record):
    load(record, areas(**TOWN))
    report = load(record, areas(a=TOWN["a"], b=TOWN["b"]), JUNE, replace=True)
    assert (report.unchanged, report.closed) == (2, 1)
    assert (codes(record, NEW_YEAR), codes(record, JUNE)) == (["a", "b", "c"], ["a", "b"])


def test_without_replacing_what_the_file_lacks_goes_on(record):
    load(record, areas(**TOWN))
    assert load(record, areas(a=TOWN["a"]), JUNE).closed == 0
    assert codes(record, JUNE) == ["a", "b", "c"]


def test_a_correction_on_the_first_day_keeps_the_mistake_without_a_day(record):
    load(record, areas(**TOWN))
    load(record, areas(**{**TOWN, "b": (0, 0, 1.5, 2)}))
    with record.connect() as connection:
        held = store.read(connection, "areas", codes=["b"])
        rows = connection.exec_driver_sql("SELECT isempty(valid) FROM areas WHERE code = 'b' ORDER BY row_id").all()
    assert held.geometry.item().bounds == (0, 0, 1.5, 2)
    assert rows == [(True,), (False,)]


def test_a_row_that_states_its_days_holds_on_those_days(record):
    load(record, areas(**TOWN).assign(valid_from=JUNE, valid_to=JULY))
    days = [date(2026, 5, 31), JUNE, date(2026, 6, 30), JULY]
    assert [len(codes(record, day)) for day in days] == [0, 3, 3, 0]


def test_a_first_day_that_the_record_knows_is_no_date_of_change(record):
    load(record, areas(**TOWN))
    edited = areas(**{**TOWN, "b": (0, 0, 1.5, 2)}).assign(valid_from=NEW_YEAR)
    load(record, edited, JUNE)
    with record.connect() as connection:
        assert list(store.read(connection, "areas", codes=["b"])["valid_from"]) == [NEW_YEAR, JUNE]


def test_rows_that_end_before_they_begin_are_named(record):
    with pytest.raises(InputError, match="features 1, 2, 3 end on or before"):
        load(record, areas(**TOWN).assign(valid_to=NEW_YEAR))


def test_what_is_planned_for_later_is_not_ended_silently(record):
    load(record, areas(**TOWN), JULY)
    with pytest.raises(ConflictError, match=r"begin after 2026-06-01|record knows it from 2026-07-01"):
        publish(record, areas(a=TOWN["a"]), JUNE)


def publish(record, table, effective):
    with record.begin() as connection:
        return store.publish(connection, table, effective=effective, source=SOURCE, actor="test")


def test_a_plan_replaces_all_levels_on_one_day(record):
    publish(record, areas(**TOWN), NEW_YEAR)
    report = publish(record, areas(a=TOWN["a"], b=(0, 0, 1.5, 2), d=(1.5, 0, 2, 2)), JUNE)
    assert (report.added, report.changed, report.unchanged, report.closed) == (1, 1, 1, 1)
    assert (codes(record, date(2026, 5, 31)), codes(record, JUNE)) == (["a", "b", "c"], ["a", "b", "d"])


def test_a_plan_whose_parents_are_missing_is_refused_with_its_features(record):
    table = areas(a=TOWN["a"], b=TOWN["b"], c=TOWN["c"])
    table.loc[2, "parent"] = "x"
    with pytest.raises(TableError, match="feature 3") as caught:
        publish(record, table, NEW_YEAR)
    assert [fault.code for fault in caught.value.faults] == ["unknown_parent"]


def test_an_area_loaded_under_a_parent_of_the_record_is_deeper_than_it(record):
    load(record, areas(**TOWN))
    load(record, gpd.GeoDataFrame({"code": ["b1"], "parent": ["b"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4490))
    with record.connect() as connection:
        rows = connection.exec_driver_sql("SELECT code, depth FROM areas ORDER BY code").all()
    assert rows == [("a", 0), ("b", 1), ("b1", 2), ("c", 1)]


def test_a_new_level_above_deepens_what_lies_below_from_that_day(record):
    load(record, areas(**TOWN))
    above = gpd.GeoDataFrame(
        {"code": ["z", "a"], "parent": [None, "z"]}, geometry=[shapely.box(0, 0, 2, 2)] * 2, crs=4490
    )
    load(record, above, JUNE)
    query = "SELECT code, depth FROM areas WHERE valid @> %s ORDER BY code"
    with record.connect() as connection:
        before, after = (connection.exec_driver_sql(query, (day,)).all() for day in (date(2026, 5, 31), JUNE))
    assert before == [("a", 0), ("b", 1), ("c", 1)]
    assert after == [("a", 1), ("b", 2), ("c", 2), ("z", 0)]


def test_areas_are_not_left_without_their_parent(record):
    load(record, areas(**TOWN))
    with pytest.raises(ConflictError, match="on 2026-06-01 would not fit together"):
        load(record, areas(b=TOWN["b"], c=TOWN["c"]).assign(parent=["x", "b"]), JUNE)
    assert codes(record, JUNE) == ["a", "b", "c"]


def points(count, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapely.points(np.arange(count) / 10 + 120, 31.0), crs=4490)


def test_a_fix_is_added_once_and_never_changed(record):
    moments = pd.to_datetime(["2026-01-01T08:00:00+08:00", "2026-01-01T08:01:00+08:00"], utc=True)
    fixes = points(2, post=["p1", "p1"], time=moments, accuracy_m=[5.0, None])
    assert load(record, fixes, layer="fixes").added == 2
    assert load(record, pd.concat([fixes, fixes]), layer="fixes").unchanged == 4
    with pytest.raises(ConflictError, match="features 1 say otherwise"):
        load(record, fixes.set_geometry([shapely.Point(0, 0), fixes.geometry[1]], crs=4490), layer="fixes")
    with pytest.raises(InputError, match="cannot be replaced"):
        load(record, fixes, layer="fixes", replace=True)


def test_machines_of_one_post_may_send_at_the_same_moment(record):
    moment = pd.to_datetime(["2026-01-01T08:00:00+08:00"] * 3, utc=True)
    fixes = points(3, post=["p1"] * 3, device=["a", "b", None], time=moment, speed_m_s=[1.5, 0.0, None])
    assert load(record, fixes, layer="fixes").added == 3
    assert load(record, fixes, layer="fixes").unchanged == 3


def test_a_sign_in_may_be_without_its_place_and_is_known_again(record):
    moments = pd.to_datetime(["2026-01-01T08:00:00+08:00", "2026-01-01T08:01:00+08:00"], utc=True)
    signins = points(2, post=["p1"] * 2, checkpoint=["gate"] * 2, time=moments)
    signins = signins.set_geometry([None, signins.geometry[1]], crs=4490)
    assert load(record, signins, layer="signins").added == 2
    assert load(record, signins, layer="signins").unchanged == 2
    with record.connect() as connection:
        assert store.read(connection, "signins").geometry.isna().tolist() == [True, False]


def test_fixes_of_a_day_are_those_of_that_day_in_china(record):
    moments = pd.to_datetime(["2026-01-01T23:59:00+08:00", "2026-01-02T00:00:00+08:00"], utc=True)
    load(record, points(2, post=["p1", "p1"], time=moments), layer="fixes")
    with record.connect() as connection:
        assert len(store.read(connection, "fixes", on=NEW_YEAR)) == 1
        assert list(store.read(connection, "fixes")["time"]) == list(moments)


def test_one_party_may_claim_several_pieces(record):
    table = gpd.GeoDataFrame(
        {"party": ["东村"] * 3, "date": [NEW_YEAR, None, None]},
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1), shapely.LineString([(0, 0), (1, 1)])],
        crs=4490,
    )
    assert load(record, table, layer="claims").added == 3
    assert load(record, table, JUNE, layer="claims").unchanged == 3


@pytest.mark.parametrize("layer", ["areas", "buildings", "streets", "addresses", "cameras", "checkpoints", "places"])
def test_what_is_read_keeps_the_promise_and_loads_again_unchanged(record, layer):
    tables = samples.town(seed=1, buildings=200)
    table = frames.conform(tables[layer], layer)
    load(record, table, layer=layer)
    with record.connect() as connection:
        held = store.read(connection, layer, on=JUNE)
    assert frames.check(held, layer) == []
    assert list(frames.conform(held, layer).dtypes) == list(table.dtypes)
    assert load(record, frames.conform(held, layer), JUNE, layer=layer).unchanged == len(table)


def test_rows_are_picked_by_key_and_by_box(record):
    load(record, areas(**TOWN))
    with record.connect() as connection:
        assert list(store.read(connection, "areas", codes=["b", "x"])["code"]) == ["b"]
        assert list(store.read(connection, "areas", bbox=(1.2, 0, 1.4, 1))["code"]) == ["a", "c"]


def test_the_days_on_which_something_changes_are_told(record):
    load(record, areas(**TOWN))
    load(record, areas(a=TOWN["a"], b=TOWN["b"]), JUNE, replace=True)
    with record.connect() as connection:
        assert store.dates_of_change(connection, "areas") == [NEW_YEAR, JUNE]
        assert store.dates_of_change(connection, "fixes") == []


def test_progress_is_told_up_to_the_last_row(record):
    told = []
    load(record, areas(**TOWN), progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (3, 3)]


def test_coordinates_in_metres_are_stored_in_degrees(record):
    load(record, gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.box(500000, 3500000, 500100, 3500100)], crs=4549))
    with record.connect() as connection:
        assert store.read(connection, "areas").geometry.item().bounds[0] == pytest.approx(120.0, abs=1e-9)


def test_an_unknown_layer_or_an_empty_table_is_refused(record):
    with pytest.raises(InputError, match="no layer is called 'roads'"):
        load(record, areas(**TOWN), layer="roads")
    with pytest.raises(InputError, match="no rows"):
        load(record, areas(**TOWN).iloc[:0])
