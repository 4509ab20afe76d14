"""A plan is withdrawn as if it had never been, and brought up to what others changed meanwhile."""

from __future__ import annotations

from datetime import timedelta

import geopandas as gpd
import pytest
import shapely

from gridmap import store
from gridmap.errors import ConflictError, StaleError
from gridmap.service import plans, plans_publishing
from gridmap.service.plans import Wanted
from gridmap.territory import today
from tests.journeys.plans.books import (
    FOUR,
    ONE,
    THREE,
    TOMORROW,
    TWO,
    asked,
    drafted,
    load,
    merge,
    publish,
    rows,
    split,
)

#: moves the southern half of the border between the western and the eastern grids 0.002 degrees to the east
MOVE = {"op": "move_vertex", "at": [120.01, 32.01], "to": [120.012, 32.01]}


def renamed(code, name, box):
    table = {"code": [code], "name": [name], "level": ["grid"], "parent": ["320613001001"]}
    return gpd.GeoDataFrame(table, geometry=[shapely.box(*box)], crs=4490)


def test_a_code_is_never_used_again_even_after_its_plan_was_withdrawn(drafts):
    first = drafted(drafts, split(ONE))
    publish(drafts, first)
    plans_publishing.withdraw(drafts, *first, actor="desk")
    done = publish(drafts, drafted(drafts, split(ONE), name="b"))
    assert sorted(done.codes.values()) == ["320613001001007", "320613001001008"]


def test_a_plan_withdrawn_before_its_day_leaves_the_record_as_it_was(record, drafts):
    before, draft = rows(record), drafted(drafts, merge(ONE, TWO), split(FOUR, 120.015), MOVE)
    publish(drafts, draft)
    assert rows(record) != before
    plan = plans_publishing.withdraw(drafts, *draft, actor="desk")
    assert (rows(record), plan.status) == (before, "withdrawn")


def test_withdrawing_is_followed_by_whoever_keeps_a_copy(record, drafts):
    draft = drafted(drafts, merge(ONE, TWO))
    done = publish(drafts, draft)
    plans_publishing.withdraw(drafts, *draft, actor="desk")
    with record.connect() as connection:
        assert store.revision(connection) == done.version + 1


def test_a_plan_whose_day_has_come_is_not_withdrawn(record, drafts):
    draft = drafted(drafts, merge(ONE, TWO))
    publish(drafts, draft, today())
    before = rows(record)
    with pytest.raises(ConflictError, match="in force since"):
        plans_publishing.withdraw(drafts, *draft, actor="desk")
    assert rows(record) == before


def test_a_plan_is_withdrawn_once(drafts):
    draft = drafted(drafts, merge(ONE, TWO))
    publish(drafts, draft)
    plans_publishing.withdraw(drafts, *draft, actor="desk")
    with pytest.raises(ConflictError, match="withdrawn already"):
        plans_publishing.withdraw(drafts, *draft, actor="desk")


def test_a_plan_with_another_on_top_is_not_withdrawn(record, drafts):
    first = drafted(drafts, merge(ONE, TWO))
    publish(drafts, first)
    later = plans.draft_from_record(drafts, Wanted(name="b", on=TOMORROW), actor="desk")
    plans.edit(drafts, later.id, 0, merge(THREE, FOUR), actor="desk")
    publish(drafts, (later.id, 1), TOMORROW + timedelta(days=1))
    before = rows(record)
    with pytest.raises(ConflictError, match="changed after plan"):
        plans_publishing.withdraw(drafts, *first, actor="desk")
    assert rows(record) == before


def test_two_plans_withdrawn_from_the_last_to_the_first_leave_the_record_as_it_was(record, drafts):
    before, first = rows(record), drafted(drafts, merge(ONE, TWO))
    publish(drafts, first)
    later = plans.draft_from_record(drafts, Wanted(name="b", on=TOMORROW), actor="desk")
    plans.edit(drafts, later.id, 0, merge(THREE, FOUR), actor="desk")
    publish(drafts, (later.id, 1), TOMORROW + timedelta(days=1))
    plans_publishing.withdraw(drafts, later.id, 1, actor="desk")
    plans_publishing.withdraw(drafts, *first, actor="desk")
    assert rows(record) == before


def test_a_draft_is_put_away_and_takes_no_further_edit(drafts):
    draft = drafted(drafts, MOVE)
    assert plans_publishing.withdraw(drafts, *draft, actor="desk").status == "withdrawn"
    with pytest.raises(ConflictError, match="is withdrawn"):
        plans.undo(drafts, *draft, actor="desk")


def test_a_plan_whose_ground_others_changed_since_is_refused_with_what_changed(record, drafts):
    draft = drafted(drafts, merge(ONE, TWO))
    moved = gpd.GeoDataFrame(
        {"code": [FOUR], "name": ["四网格"], "level": ["grid"], "parent": ["320613001001"]},
        geometry=[shapely.box(120.01, 32.01, 120.02, 32.019)],
        crs=4490,
    )
    load(record, "areas", moved, effective=today())
    with pytest.raises(StaleError, match="not those") as refused:
        publish(drafts, draft)
    assert refused.value.changed == (FOUR,)


def test_a_rebased_plan_takes_over_what_it_left_alone_and_can_be_published(record, drafts):
    draft = drafted(drafts, merge(ONE, TWO))
    load(record, "areas", renamed(FOUR, "新四网格", (120.01, 32.01, 120.02, 32.02)), effective=today())
    answer = plans_publishing.rebase(drafts, *draft, TOMORROW, actor="desk")
    assert (answer.changed["name"].tolist(), answer.draft.plan.version) == (["新四网格"], 2)
    publish(drafts, (draft[0], 2))
    assert asked(record, "SELECT name FROM areas WHERE code = :code AND valid @> :on", code=FOUR, on=TOMORROW) == [
        ("新四网格",)
    ]


def test_a_rebase_names_the_areas_that_both_sides_changed(record, drafts):
    draft = drafted(drafts, merge(ONE, TWO))
    load(record, "areas", renamed(TWO, "新二网格", (120.01, 32.0, 120.02, 32.01)), effective=today())
    with pytest.raises(StaleError, match=TWO):
        plans_publishing.rebase(drafts, *draft, TOMORROW, actor="desk")
    assert plans.opened(drafts, draft[0]).plan.version == 1


def test_a_rebase_is_not_undone(drafts):
    draft = drafted(drafts, merge(ONE, TWO))
    plans_publishing.rebase(drafts, *draft, TOMORROW, actor="desk")
    with pytest.raises(ConflictError, match="left to be undone"):
        plans.undo(drafts, draft[0], 2, actor="desk")


def test_publishing_and_withdrawing_are_audited(record, drafts):
    draft = drafted(drafts, merge(ONE, TWO))
    publish(drafts, draft)
    plans_publishing.withdraw(drafts, *draft, actor="desk")
    told = [row[0] for row in asked(record, "SELECT action FROM audit WHERE action ~ 'publish|withdraw' ORDER BY 1")]
    assert told == ["publish", "publish plan", "withdraw plan"]
    with record.connect() as connection:
        assert store.verify_audit(connection).broken_at is None
