"""Plans in the record: made, edited, undone to the last bit, never settled silently, each write audited."""

from __future__ import annotations

import threading
from datetime import date

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import text

from gridmap import store
from gridmap.errors import ConflictError, InputError, NotFoundError, StaleError, TableError, TooLargeError
from gridmap.service import plans
from gridmap.service.plans import Wanted
from gridmap.service.plans_drafts import Drafts
from gridmap.store import backup
from gridmap.store.plans_rows import rows_of, tables

SINCE, ON = date(2024, 1, 1), date(2026, 1, 1)
SOURCE = store.Source(file="layer.geojson")
#: the corner that all four grids share, and a place east of it
MIDDLE, EAST = [120.01, 32.01], [120.012, 32.01]
#: moves the border so that grids 1 and 3 take ground of 2 and 4
MOVE = {"op": "move_vertex", "at": MIDDLE, "to": EAST}
BACK = {"op": "move_vertex", "at": EAST, "to": MIDDLE}


def square(x, y, size=0.01):
    return shapely.box(x, y, round(x + size, 3), round(y + size, 3))


def areas(*rows):
    """Areas of (code, level, parent, x, y, size)."""
    columns = list(zip(*[row[:3] for row in rows], strict=True))
    named = dict(zip(("code", "level", "parent"), map(list, columns), strict=True))
    return gpd.GeoDataFrame(named, geometry=[square(*row[3:]) for row in rows], crs=4490)


#: A district of two communities, west W and east E, each of a southern and a northern grid.
NESTED = [("D", "district", None, 120.0, 32.0, 0.02)]
GRIDS = [("W1", "grid", "W", 120.0, 32.0), ("W2", "grid", "W", 120.0, 32.01)]
GRIDS += [("E1", "grid", "E", 120.01, 32.0), ("E2", "grid", "E", 120.01, 32.01)]


def halves():
    """The communities: the western and the eastern half."""
    shapes = [shapely.box(120.0, 32.0, 120.01, 32.02), shapely.box(120.01, 32.0, 120.02, 32.02)]
    table = {"code": ["W", "E"], "level": ["community"] * 2, "parent": ["D"] * 2}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4490)


def nested(*more):
    table = gpd.pd.concat([areas(*NESTED), halves(), areas(*GRIDS, *more)], ignore_index=True)
    return table.assign(name=[f"{code}区" for code in table["code"]])


def buildings(*places):
    """One house of 10 households and 25 residents at each place."""
    shapes = [shapely.box(x - 1e-5, y - 1e-5, x + 1e-5, y + 1e-5) for x, y in places]
    ids = [str(number) for number in range(len(places))]
    return gpd.GeoDataFrame({"id": ids, "households": 10, "residents": 25}, geometry=shapes, crs=4490)


def load(record, layer, table, effective=SINCE):
    with record.begin() as connection:
        store.load(connection, layer, table, source=SOURCE, actor="test", effective=effective)


@pytest.fixture
def drafts(record):
    """The drafts of a record of the four grids in two communities; one house lies just east of the middle border."""
    load(record, "areas", nested())
    load(record, "buildings", buildings((120.005, 32.005), (120.0105, 32.005), (120.015, 32.015)))
    return Drafts(record)


def drafted(drafts, name="a", **wanted):
    return plans.draft_from_record(drafts, Wanted(name=name, on=ON, **wanted), actor="desk").id


def edit(drafts, plan, version, operation=MOVE, **options):
    if operation["op"] == "move_vertex":
        operation = {**operation, "across": True}
    return plans.edit(drafts, plan, version, operation, actor="desk", **options)


def asked(record, query, **values):
    with record.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def held(record, plan):
    """Every row of a plan's areas, to the last bit."""
    return asked(record, "SELECT a::text FROM plan_areas a WHERE plan_id = :plan ORDER BY code", plan=plan)


def noted(record):
    return [row[0] for row in asked(record, "SELECT action FROM audit WHERE action ~ 'plan' ORDER BY audit_id")]


def households(drafts, plan):
    return {code: figures["households"] for code, figures in plans.opened(drafts, plan).figures.items()}


def test_a_draft_holds_the_finest_areas_with_what_is_counted_in_them(drafts):
    draft = plans.opened(drafts, drafted(drafts))
    assert draft.leaves["code"].tolist() == ["E1", "E2", "W1", "W2"]
    assert draft.leaves["households"].tolist() == [10, 10, 10, 0]
    assert draft.upper[["code", "parent"]].values.tolist() == [["D", None], ["E", "D"], ["W", "D"]]


def test_areas_finer_than_the_level_of_a_draft_are_left_out(record, drafts):
    load(record, "areas", areas(("W1a", "micro", "W1", 120.0, 32.0, 0.005)).assign(name="x"), effective=ON)
    assert plans.opened(drafts, drafted(drafts)).leaves["code"].tolist() == ["E1", "E2", "W1", "W2"]


def test_a_draft_of_a_coarser_level_has_that_as_its_finest(drafts):
    assert plans.opened(drafts, drafted(drafts, level="community")).leaves["code"].tolist() == ["E", "W"]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [({"level": "village"}, InputError), ({"target": 0}, InputError), ({"target": float("nan")}, InputError)],
    ids=["no such level", "no target", "target that is no number"],
)
def test_a_draft_that_makes_no_sense_is_refused(drafts, wanted, error):
    with pytest.raises(error):
        drafted(drafts, **wanted)


def test_there_is_no_draft_of_a_day_without_areas(drafts):
    with pytest.raises(NotFoundError, match="2020-01-01"):
        plans.draft_from_record(drafts, Wanted(name="a", on=date(2020, 1, 1)), actor="desk")


def test_two_drafts_share_no_name_until_one_is_put_away(drafts):
    first = drafted(drafts)
    with pytest.raises(ConflictError, match="another draft"):
        drafted(drafts)
    with drafts.engine.begin() as connection:
        store.plans.put_away(connection, store.plans.find(connection, first), actor="desk")
    assert drafted(drafts) != first


def test_more_drafts_than_anybody_needs_are_refused(drafts, monkeypatch):
    monkeypatch.setattr(plans, "DRAFTS", 2)
    for name in "ab":
        drafted(drafts, name)
    with pytest.raises(TooLargeError, match="2 drafts are open"):
        drafted(drafts, "c")


def test_an_edit_tells_what_it_changed_and_who_lives_there_now(drafts):
    answer = edit(drafts, drafted(drafts), 0)
    assert answer.changed["code"].tolist() == ["E1", "E2", "W1", "W2"]
    counts = {code: (of["before"]["households"], of["after"]["households"]) for code, of in answer.figures.items()}
    assert counts == {"E1": (10, 0), "E2": (10, 10), "W1": (10, 20), "W2": (0, 0)}


def test_ground_that_one_area_loses_another_gains(drafts):
    figures = edit(drafts, drafted(drafts), 0).figures
    gained = {code: of["after"]["area_m2"] - of["before"]["area_m2"] for code, of in figures.items()}
    # a triangle of 0.002 by 0.01 degrees at 32 degrees north: 188.9 m by 1108.8 m / 2
    assert gained["W1"] == pytest.approx(104_700, rel=0.01)
    assert sum(gained.values()) == pytest.approx(0, abs=0.01)


def test_the_deviation_is_the_share_by_which_an_area_misses_its_target(drafts):
    answer = edit(drafts, drafted(drafts, target=16), 0)
    assert answer.figures["W1"]["before"]["deviation"] == -0.375
    assert answer.figures["W1"]["after"]["deviation"] == 0.25


def test_without_buildings_counts_are_those_of_the_areas(record):
    load(record, "areas", nested().assign(households=7))
    drafts = Drafts(record)
    assert set(households(drafts, drafted(drafts)).values()) == {7}


def test_an_edit_undone_leaves_every_bit_as_it_was(record, drafts):
    plan = drafted(drafts)
    before = held(record, plan)
    edit(drafts, plan, 0)
    assert held(record, plan) != before
    plans.undo(drafts, plan, 1, actor="desk")
    assert held(record, plan) == before


def test_an_edit_done_again_leaves_every_bit_as_the_edit_did(record, drafts):
    plan = drafted(drafts)
    edit(drafts, plan, 0, {"op": "split", "code": "W1", "line": [[119.99, 32.005], [120.02, 32.005]]}, rebase=False)
    after = held(record, plan)
    plans.undo(drafts, plan, 1, actor="desk")
    plans.redo(drafts, plan, 2, actor="desk")
    assert held(record, plan) == after


def test_several_edits_are_undone_from_the_last_to_the_first(record, drafts):
    plan, states = drafted(drafts), []
    for version, operation in enumerate((MOVE, {"op": "merge", "codes": ["W1", "W2"]}, BACK)):
        states.append(held(record, plan))
        edit(drafts, plan, version, operation)
    for version in (3, 4, 5):
        plans.undo(drafts, plan, version, actor="desk")
        assert held(record, plan) == states.pop()


def test_what_was_undone_cannot_be_done_again_after_another_edit(drafts):
    plan = drafted(drafts)
    edit(drafts, plan, 0)
    plans.undo(drafts, plan, 1, actor="desk")
    answer = edit(drafts, plan, 2, {"op": "rename", "code": "W1", "name": "一"})
    assert not answer.draft.plan.can_redo
    with pytest.raises(ConflictError, match="done again"):
        plans.redo(drafts, plan, 3, actor="desk")


def test_there_is_nothing_to_undo_in_a_fresh_draft(drafts):
    plan = drafted(drafts)
    with pytest.raises(ConflictError, match="left to be undone"):
        plans.undo(drafts, plan, 0, actor="desk")


def test_the_history_holds_every_edit_undo_and_redo(drafts):
    plan = drafted(drafts)
    edit(drafts, plan, 0)
    plans.undo(drafts, plan, 1, actor="other desk")
    plans.redo(drafts, plan, 2, actor="desk")
    _, edits = plans.history(drafts, plan)
    assert [(line.number, line.kind, line.of, line.actor) for line in edits] == [
        (1, "edit", None, "desk"),
        (2, "undo", 1, "other desk"),
        (3, "redo", 1, "desk"),
    ]
    assert [line.number for line in plans.history(drafts, plan, since=2)[1]] == [3]


def test_an_edit_of_an_older_version_is_refused_with_what_changed_since(record, drafts):
    plan = drafted(drafts)
    edit(drafts, plan, 0, {"op": "rename", "code": "W1", "name": "一"})
    edit(drafts, plan, 1, {"op": "rename", "code": "E2", "name": "四"})
    before = held(record, plan)
    with pytest.raises(StaleError, match="is of version 2, not 1") as refused:
        edit(drafts, plan, 1)
    assert (refused.value.version, refused.value.changed) == (2, ("E2",))
    assert held(record, plan) == before


def test_an_edit_of_a_version_that_there_is_not_yet_is_refused(drafts):
    plan = drafted(drafts)
    with pytest.raises(StaleError):
        edit(drafts, plan, 7)
    with pytest.raises(StaleError):
        edit(drafts, plan, 7, rebase=True)


def test_an_edit_elsewhere_is_taken_where_the_editor_says_so(drafts):
    plan = drafted(drafts)
    edit(drafts, plan, 0, {"op": "rename", "code": "E2", "name": "四"})
    answer = edit(drafts, plan, 0, {"op": "rename", "code": "W1", "name": "一"}, rebase=True)
    names = dict(answer.draft.leaves[["code", "name"]].values.tolist())
    assert (answer.draft.plan.version, names["E2"], names["W1"]) == (2, "四", "一")


def test_an_edit_of_an_area_that_others_changed_is_refused_even_then(drafts):
    plan = drafted(drafts)
    edit(drafts, plan, 0, {"op": "rename", "code": "W1", "name": "四"})
    with pytest.raises(StaleError, match="others changed W1"):
        edit(drafts, plan, 0, rebase=True)


def test_two_editors_who_race_lose_nothing(record):
    load(record, "areas", nested())
    here = Drafts(record)
    plan, told = drafted(here), {"one": [], "two": []}

    def work(editor, code):
        drafts, version = Drafts(record), 0
        for number in range(15):
            operation = {"op": "rename", "code": code, "name": f"{editor} {number}"}
            while True:
                try:
                    answer = plans.edit(drafts, plan, version, operation, actor=editor)
                except StaleError as refusal:
                    version = refusal.version
                else:
                    version = answer.draft.plan.version
                    told[editor].append((version, f"{editor} {number}"))
                    break

    editors = [threading.Thread(target=work, args=pair) for pair in (("one", "W1"), ("two", "W1"))]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join(60)
    _, edits = plans.history(here, plan)
    assert [edit.number for edit in edits] == list(range(1, 31))
    assert sorted(told["one"] + told["two"]) == [(edit.number, edit.operation["name"]) for edit in edits]
    named = dict(plans.opened(here, plan).leaves[["code", "name"]].to_numpy().tolist())
    assert named["W1"] == edits[-1].operation["name"]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "move_vertex", "at": MIDDLE, "to": [121.0, 33.0]},
        {"op": "merge", "codes": ["W1", "E2"]},
        {"op": "merge_parents", "codes": ["W", "nobody"], "into": "W"},
        {"op": "merge_parents", "codes": ["W", "D"], "into": "W"},
        {"op": "assign", "codes": ["W1"], "to": "D"},
        {"op": "assign", "codes": ["W1"], "to": "E2"},
        {"op": "rename", "code": "W1", "name": ""},
        {"op": "rename", "code": "W1", "name": "x" * 201},
        {"op": "burn"},
        {},
    ],
    ids=str,
)
def test_an_operation_that_cannot_be_done_changes_nothing(record, drafts, operation):
    plan = drafted(drafts)
    before, audit = held(record, plan), noted(record)
    with pytest.raises((InputError, ConflictError, NotFoundError)):
        plans.edit(drafts, plan, 0, operation, actor="desk")
    assert (held(record, plan), noted(record)) == (before, audit)
    assert plans.opened(drafts, plan).plan.version == 0


def test_two_communities_become_one_with_all_their_grids(drafts):
    answer = edit(drafts, drafted(drafts), 0, {"op": "merge_parents", "codes": ["W", "E"], "into": "E"})
    assert (answer.removed, answer.upper_changed) == (("W",), True)
    assert set(answer.draft.leaves["parent"]) == {"E"}
    assert answer.draft.upper["code"].tolist() == ["D", "E"]


def test_a_merger_undone_brings_the_community_back(record, drafts):
    plan = drafted(drafts)
    before = held(record, plan)
    edit(drafts, plan, 0, {"op": "merge_parents", "codes": ["W", "E"], "into": "E"})
    answer = plans.undo(drafts, plan, 1, actor="desk")
    assert held(record, plan) == before
    assert answer.draft.upper["code"].tolist() == ["D", "E", "W"]


def test_a_community_that_holds_nothing_any_more_goes(drafts):
    plan = drafted(drafts)
    assert edit(drafts, plan, 0, {"op": "assign", "codes": ["W1"], "to": "E"}).removed == ()
    assert edit(drafts, plan, 1, {"op": "assign", "codes": ["W2"], "to": "E"}).removed == ("W",)


def test_a_street_goes_with_the_last_of_its_communities(record):
    communities = halves()
    streets = communities.assign(code=["SW", "SE"], level="street")
    grids = areas(*GRIDS)
    table = [areas(*NESTED), streets, communities.assign(parent=["SW", "SE"]), grids]
    load(record, "areas", gpd.pd.concat(table, ignore_index=True))
    drafts = Drafts(record)
    answer = edit(drafts, drafted(drafts), 0, {"op": "merge_parents", "codes": ["W", "E"], "into": "W"})
    assert answer.removed == ("E", "SE")


def test_grids_may_be_assigned_to_a_new_community(drafts):
    operation = {"op": "assign", "codes": ["W2", "E2"], "to": "N", "name": "北社区"}
    answer = edit(drafts, drafted(drafts), 0, operation)
    assert ["N", "北社区", "community", "D", None] in answer.draft.upper.values.tolist()


def test_a_new_part_gets_a_provisional_code(drafts):
    line = [[119.99, 32.005], [120.01, 32.005]]
    answer = edit(drafts, drafted(drafts), 0, {"op": "split", "code": "W1", "line": line})
    assert {"W1", "new-1"} <= set(answer.draft.leaves["code"])


def test_a_draft_in_memory_follows_what_another_process_did(drafts):
    plan, elsewhere = drafted(drafts), Drafts(drafts.engine)
    edit(drafts, plan, 0)
    edit(elsewhere, plan, 1, BACK)
    edit(drafts, plan, 2)
    fresh = plans.opened(Drafts(drafts.engine), plan)
    here = plans.opened(drafts, plan)
    assert rows_of(here.leaves, here.upper) == rows_of(fresh.leaves, fresh.upper)
    assert (here.figures, here.holder.tolist()) == (fresh.figures, fresh.holder.tolist())


def test_figures_after_many_edits_are_those_of_a_fresh_reading(drafts):
    plan = drafted(drafts)
    for version, operation in enumerate((MOVE, {"op": "merge", "codes": ["E1", "E2"]}, BACK)):
        edit(drafts, plan, version, operation)
    assert plans.opened(drafts, plan).figures == plans.opened(Drafts(drafts.engine), plan).figures


def test_only_the_last_drafts_stay_in_memory(drafts):
    few = Drafts(drafts.engine, kept=1)
    first, second = drafted(few, "a"), drafted(few, "b")
    plans.opened(few, first)
    assert plans.opened(few, first).leaves is plans.opened(few, first).leaves
    kept = plans.opened(few, first).leaves
    plans.opened(few, second)
    assert plans.opened(few, first).leaves is not kept


def test_buildings_that_come_later_are_counted_in_the_next_edit(record, drafts):
    plan = drafted(drafts)
    plans.opened(drafts, plan)
    load(record, "buildings", buildings(*[(120.005, 32.005)] * 3, (120.002, 32.002)))
    assert edit(drafts, plan, 0).figures["W1"]["after"]["households"] == 40


def test_a_copy_is_a_draft_of_its_own(drafts):
    plan = drafted(drafts)
    edit(drafts, plan, 0)
    copied = plans.copy(drafts, plan, "b", actor="desk")
    edit(drafts, plan, 1, BACK)
    assert (copied.version, copied.base) == (0, ON)
    assert households(drafts, copied.id)["W1"] == 20
    assert households(drafts, plan)["W1"] == 10


def test_a_drawn_set_lies_below_the_areas_in_force(drafts):
    drawn = areas(("x", "grid", None, 120.0, 32.0), ("y", "grid", None, 120.01, 32.01))
    plan = plans.draft_from_table(drafts, drawn, Wanted(name="drawn", on=ON), actor="desk")
    draft = plans.opened(drafts, plan.id)
    assert draft.leaves[["code", "parent"]].values.tolist() == [["x", "W"], ["y", "E"]]
    assert draft.upper["code"].tolist() == ["D", "E", "W"]


def test_of_the_areas_above_a_drawn_set_only_those_are_taken_that_hold_some_of_it(drafts):
    drawn = areas(("x", "grid", "W", 120.0, 32.0), ("y", "grid", None, 120.0, 32.01))
    plan = plans.draft_from_table(drafts, drawn, Wanted(name="drawn", on=ON), actor="desk")
    assert plans.opened(drafts, plan.id).upper["code"].tolist() == ["D", "W"]


def test_a_drawn_set_with_a_parent_that_there_is_not_is_refused(drafts):
    drawn = areas(("x", "grid", "nobody", 120.0, 32.0))
    with pytest.raises(TableError, match="nobody"):
        plans.draft_from_table(drafts, drawn, Wanted(name="drawn", on=ON), actor="desk")


def test_a_drawn_set_with_all_its_levels_stands_for_itself(drafts):
    drawn = areas(("A", "community", None, 120.0, 32.0, 0.02), ("x", "grid", "A", 120.0, 32.0, 0.02))
    plan = plans.draft_from_table(drafts, drawn, Wanted(name="drawn", on=ON), actor="desk")
    assert plans.opened(drafts, plan.id).upper["code"].tolist() == ["A"]


def test_every_write_leaves_one_row_in_the_audit_trail(record, drafts):
    plan = drafted(drafts)
    edit(drafts, plan, 0)
    plans.undo(drafts, plan, 1, actor="desk")
    plans.redo(drafts, plan, 2, actor="desk")
    assert noted(record) == ["draft plan", "edit plan", "undo edit of plan", "redo edit of plan"]
    with record.connect() as connection:
        assert store.verify_audit(connection).broken_at is None


def test_drafts_are_no_change_of_the_territory(record, drafts):
    with record.connect() as connection:
        before = store.revision(connection)
    edit(drafts, drafted(drafts), 0)
    with record.connect() as connection:
        assert store.revision(connection) == before


def test_a_backup_holds_plans_with_their_history(record, record_url, drafts, tmp_path):
    plan = drafted(drafts)
    before = held(record, plan)
    edit(drafts, plan, 0)
    after = held(record, plan)
    backup.backup(record_url, tmp_path / "record.backup")
    plans.undo(drafts, plan, 1, actor="desk")
    backup.restore(record_url, tmp_path / "record.backup")
    record.dispose()
    assert held(record, plan) == after
    plans.undo(Drafts(record), plan, 1, actor="desk")
    assert held(record, plan) == before


def test_rows_come_back_from_the_record_as_they_went_in(record, drafts):
    with record.connect() as connection:
        kept = tables(connection, drafted(drafts))
        again = tables(connection, 1)
    assert rows_of(kept.leaves, kept.upper) == rows_of(again.leaves, again.upper)
    assert kept.leaves.geometry.iloc[2].equals_exact(square(120.0, 32.0), 0)
