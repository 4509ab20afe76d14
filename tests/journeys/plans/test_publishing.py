"""A plan comes into force on its day with codes, lineage and change sheet, or is refused."""

from __future__ import annotations

import threading
from datetime import timedelta

import geopandas as gpd
import pytest
import shapely

from gridmap.errors import ConflictError, InputError
from gridmap.service import plans, plans_publishing
from gridmap.service.plans import Wanted
from gridmap.service.plans_drafts import Drafts
from gridmap.store.plans_publishing import lineage_of
from gridmap.territory import today
from tests.journeys.plans.books import (
    FOUR,
    MIDDLES,
    ONE,
    THREE,
    TOMORROW,
    TWO,
    asked,
    drafted,
    holder,
    houses,
    in_force,
    load,
    merge,
    publish,
    rows,
    split,
)

#: moves the southern half of the border between the western and the eastern grids 0.002 degrees to the east
MOVE = {"op": "move_vertex", "at": [120.01, 32.01], "to": [120.012, 32.01]}


def test_a_plan_is_in_force_from_its_day_and_the_days_before_keep_the_old_grids(record, drafts):
    publish(drafts, drafted(drafts, merge(ONE, TWO)))
    assert [holder(record, MIDDLES[TWO], day) for day in (today(), TOMORROW)] == [TWO, "320613001001005"]
    assert TWO in in_force(record, today())
    assert TWO not in in_force(record, TOMORROW)


def test_what_a_plan_leaves_alone_goes_on_as_the_same_row(record, drafts):
    before = dict(asked(record, "SELECT code, row_id FROM areas"))
    publish(drafts, drafted(drafts, merge(ONE, TWO)))
    after = dict(asked(record, "SELECT code, row_id FROM areas WHERE valid @> :on", on=TOMORROW))
    same = {code for code in after if after[code] == before.get(code)}
    assert same == {"320613", "320613001", "320613001001", THREE, FOUR}


def test_parents_hold_the_ground_and_counts_of_the_areas_in_them(record, drafts):
    publish(drafts, drafted(drafts, merge(ONE, TWO)))
    query = "SELECT households, ST_AsText(ST_Envelope(geom)) FROM areas WHERE code = :code AND valid @> :on"
    merged = next(code for code in in_force(record, TOMORROW) if holder(record, MIDDLES[ONE], TOMORROW) == code)
    assert asked(record, query, code=merged, on=TOMORROW) == [
        (300, "POLYGON((120 32,120 32.01,120.02 32.01,120.02 32,120 32))")
    ]


def test_a_new_area_gets_the_next_serial_that_was_never_used(drafts):
    done = publish(drafts, drafted(drafts, split(ONE)))
    assert sorted(done.codes.values()) == ["320613001001005", "320613001001006"]


def test_lineage_says_what_became_of_each_area(record, drafts):
    draft = drafted(drafts, merge(ONE, TWO))
    done = publish(drafts, draft)
    with record.connect() as connection:
        told = lineage_of(connection, draft[0])
    merged = told[told["kind"] == "merge"]
    assert sorted(merged["old"]) == [ONE, TWO]
    assert merged["share_old"].tolist() == [1.0, 1.0]
    assert merged["share_new"].tolist() == pytest.approx([0.5, 0.5], abs=1e-3)
    assert (set(told["effective"]), done.lineage["merge"]) == ({TOMORROW}, 2)


def test_the_change_sheet_is_kept_for_ever(record, drafts):
    draft = drafted(drafts, merge(ONE, TWO))
    _, before = plans_publishing.changes(drafts, draft[0])
    done = publish(drafts, draft)
    load(record, "buildings", houses((120.011, 32.001)))
    plan, sheets = plans_publishing.changes(drafts, draft[0])
    assert plan.status == "published"
    assert {name: len(table) for name, table in sheets.items()} == {name: len(table) for name, table in before.items()}
    moved = dict(sheets["buildings"][["id", "new"]].to_numpy().tolist())
    assert moved == {house: new for house, new in moved.items() if new in {ONE, *done.codes.values()}}
    assert {"2"} <= set(moved) <= {"1", "2"}


@pytest.fixture
def micro(record, drafts):
    """The drafts of a record in which grids 1 and 4 hold one micro-grid each."""
    table = {"code": [f"{ONE}01", f"{FOUR}01"], "level": ["micro"] * 2, "parent": [ONE, FOUR]}
    shapes = [shapely.box(120.0, 32.0, 120.01, 32.01), shapely.box(120.01, 32.01, 120.02, 32.02)]
    load(record, "areas", gpd.GeoDataFrame(table, geometry=shapes, crs=4490))
    return drafts


def test_finer_areas_go_on_in_grids_that_do_not_change_and_end_in_the_others(record, micro):
    done = publish(micro, drafted(micro, merge(ONE, TWO)))
    assert done.ended == (f"{ONE}01",)
    assert f"{FOUR}01" in in_force(record, TOMORROW)


def test_finer_areas_end_where_the_border_of_their_grid_moves(record, micro):
    done = publish(micro, drafted(micro, MOVE))
    assert done.ended == (f"{ONE}01", f"{FOUR}01")
    assert {ONE, FOUR} <= set(in_force(record, TOMORROW))


@pytest.mark.parametrize("days", [0, -1], ids=["the same day", "a day before"])
def test_a_plan_is_not_published_for_a_day_that_another_one_has(record, drafts, days):
    first, second = drafted(drafts, merge(ONE, TWO)), drafted(drafts, merge(THREE, FOUR), name="b")
    publish(drafts, first, TOMORROW)
    before = rows(record)
    with pytest.raises(ConflictError, match="plan 1 'a'"):
        publish(drafts, second, TOMORROW + timedelta(days=days))
    assert rows(record) == before


def drawn(**changed):
    """The four grids as a drawn set, some of them with another outline."""
    boxes = {code: (x - 0.005, y - 0.005, x + 0.005, y + 0.005) for code, (x, y) in MIDDLES.items()}
    boxes |= {globals()[name]: box for name, box in changed.items()}
    table = {"code": list(boxes), "level": "grid", "parent": "320613001001"}
    shapes = [shapely.set_precision(shapely.box(*box), 1e-9) for box in boxes.values()]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4490)


BLOCKED = {
    "overlap": {"ONE": (120.0, 32.0, 120.0101, 32.01)},
    "gap": {"ONE": (120.0, 32.0, 120.0099, 32.01)},
    "outside": {"ONE": (119.999, 32.0, 120.01, 32.01)},
}


@pytest.mark.parametrize("changed", BLOCKED.values(), ids=BLOCKED)
def test_a_plan_that_is_no_partition_of_the_territory_is_not_published(record, drafts, changed):
    plan = plans.draft_from_table(drafts, drawn(**changed), Wanted(name="drawn"), actor="desk")
    before = rows(record)
    with pytest.raises(ConflictError, match="cannot be published"):
        publish(drafts, (plan.id, 0))
    assert (rows(record), plans.opened(drafts, plan.id).plan.status) == (before, "draft")


def test_a_lawful_gap_is_accepted_by_name_and_the_audit_says_so(record, drafts):
    plan = plans.draft_from_table(drafts, drawn(**BLOCKED["gap"]), Wanted(name="drawn"), actor="desk")
    publish(drafts, (plan.id, 0), accept=["gap", "outside"])
    told = asked(record, "SELECT detail->'accepted' FROM audit WHERE action = 'publish plan'")
    assert told == [(["gap", "outside"],)]


def test_the_first_plan_of_a_record_is_a_drawn_set(record, territory):
    drafts = Drafts(record)
    plan = plans.draft_from_table(drafts, territory, Wanted(name="first", on=today()), actor="desk")
    done = publish(drafts, (plan.id, 0), today())
    assert (done.codes, done.lineage) == ({}, {"created": 7})
    assert in_force(record, today()) == sorted(territory["code"])


def test_an_overlap_is_accepted_by_nobody(drafts):
    plan = plans.draft_from_table(drafts, drawn(**BLOCKED["overlap"]), Wanted(name="drawn"), actor="desk")
    with pytest.raises(InputError, match="overlap"):
        publish(drafts, (plan.id, 0), accept=["overlap"])


def test_of_two_who_publish_at_once_one_is_told(record, drafts):
    draft, outcomes = drafted(drafts, merge(ONE, TWO)), []

    def work():
        try:
            outcomes.append(publish(Drafts(record), draft).plan.status)
        except ConflictError as refusal:
            outcomes.append(str(refusal))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["plan 1 is published; expected a draft; copy it to go on", "published"]
