"""A plan comes into force on its day with codes, lineage and change sheet, or is withdrawn as if it had never been."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import text

from gridmap import samples, store
from gridmap.api import create_app
from gridmap.atlas import Atlas
from gridmap.errors import ConflictError, InputError, StaleError
from gridmap.service import plans, plans_publishing
from gridmap.service.plans import Wanted
from gridmap.service.plans_drafts import Drafts
from gridmap.store import plans_publishing as books
from gridmap.store.plans_publishing import lineage_of
from gridmap.territory import today

SINCE = date(2024, 1, 1)
TOMORROW = today() + timedelta(days=1)
SOURCE = store.Source(file="layer.geojson")

#: The four grids of the conftest, by the last digit of their code.
ONE, TWO, THREE, FOUR = (f"32061300100100{number}" for number in (1, 2, 3, 4))
MIDDLES = {ONE: (120.005, 32.005), TWO: (120.015, 32.005), THREE: (120.005, 32.015), FOUR: (120.015, 32.015)}

#: moves the southern half of the border between the western and the eastern grids 0.002 degrees to the east
MOVE = {"op": "move_vertex", "at": [120.01, 32.01], "to": [120.012, 32.01]}


def load(record, layer, table, effective=SINCE):
    with record.begin() as connection:
        store.load(connection, layer, table, source=SOURCE, actor="test", effective=effective)


@pytest.fixture
def territory(four_grids):
    """The four grids in one community of one street of the district."""
    whole = shapely.box(120.0, 32.0, 120.02, 32.02)
    above = {
        "code": ["320613001", "320613001001"],
        "name": ["城东街道", "第一社区"],
        "level": ["street", "community"],
        "parent": ["320613", "320613001"],
    }
    upper = gpd.GeoDataFrame(above, geometry=[whole, whole], crs=4490)
    grids = four_grids.assign(parent=[None, *["320613001001"] * 4])
    return pd.concat([grids, upper], ignore_index=True)


@pytest.fixture
def drafts(record, territory, two_addresses):
    """The drafts of a record of four grids, two addresses, and a house in the middle of each grid."""
    load(record, "areas", territory)
    load(record, "addresses", two_addresses)
    load(record, "buildings", houses(*MIDDLES.values()))
    return Drafts(record)


def houses(*places):
    """Houses of 100, 200, ... households at some places."""
    shapes = [shapely.Point(place).buffer(1e-4, cap_style="square") for place in places]
    ids = [str(number) for number in range(1, len(places) + 1)]
    households = [100 * int(number) for number in ids]
    return gpd.GeoDataFrame({"id": ids, "households": households, "residents": 1}, geometry=shapes, crs=4490)


def drafted(drafts, *operations, name="a"):
    """Number and version of a draft that some operations were done on."""
    plan = plans.draft_from_record(drafts, Wanted(name=name), actor="desk")
    for version, operation in enumerate(operations):
        plans.edit(drafts, plan.id, version, operation, actor="desk")
    return plan.id, len(operations)


def publish(drafts, draft, effective=TOMORROW, **options):
    return plans_publishing.publish(drafts, *draft, effective, actor="desk", **options)


def merge(one, other, into=None):
    return {"op": "merge", "codes": [one, other], "into": into or one}


def split(code, west=120.005):
    return {"op": "split", "code": code, "line": [[west, 31.999], [west, 32.021]]}


def asked(record, query, **values):
    with record.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def in_force(record, on):
    return [row[0] for row in asked(record, "SELECT code FROM areas WHERE valid @> :on ORDER BY code", on=on)]


def holder(record, place, on):
    return asked(record, "SELECT area_at(:x, :y, :on)", x=place[0], y=place[1], on=on)[0][0]


def rows(record):
    """Every row of the areas that ever held, to the last bit; without the order in which they lie on the disk."""
    return asked(record, "SELECT a::text FROM areas a WHERE NOT isempty(valid) ORDER BY row_id")


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


def test_a_code_is_never_used_again_even_after_its_plan_was_withdrawn(drafts):
    first = drafted(drafts, split(ONE))
    publish(drafts, first)
    plans_publishing.withdraw(drafts, *first, actor="desk")
    done = publish(drafts, drafted(drafts, split(ONE), name="b"))
    assert sorted(done.codes.values()) == ["320613001001007", "320613001001008"]


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


@pytest.mark.parametrize("days", [0, -1], ids=["the same day", "a day before"])
def test_a_plan_is_not_published_for_a_day_that_another_one_has(record, drafts, days):
    first, second = drafted(drafts, merge(ONE, TWO)), drafted(drafts, merge(THREE, FOUR), name="b")
    publish(drafts, first, TOMORROW)
    before = rows(record)
    with pytest.raises(ConflictError, match="plan 1 'a'"):
        publish(drafts, second, TOMORROW + timedelta(days=days))
    assert rows(record) == before


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


def renamed(code, name, box):
    table = {"code": [code], "name": [name], "level": ["grid"], "parent": ["320613001001"]}
    return gpd.GeoDataFrame(table, geometry=[shapely.box(*box)], crs=4490)


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


def test_publishing_and_withdrawing_are_audited(record, drafts):
    draft = drafted(drafts, merge(ONE, TWO))
    publish(drafts, draft)
    plans_publishing.withdraw(drafts, *draft, actor="desk")
    told = [row[0] for row in asked(record, "SELECT action FROM audit WHERE action ~ 'publish|withdraw' ORDER BY 1")]
    assert told == ["publish", "publish plan", "withdraw plan"]
    with record.connect() as connection:
        assert store.verify_audit(connection).broken_at is None


#: publishes a plan and says when it begins
PUBLISHER = """
import sys
from datetime import date
from gridmap import store
from gridmap.service import plans_publishing
from gridmap.service.plans_drafts import Drafts
drafts = Drafts(store.connect(sys.argv[1]))
print("begins", flush=True)
sys.stdin.readline()
plans_publishing.publish(drafts, 1, int(sys.argv[2]), date.fromisoformat(sys.argv[3]), actor="desk")
print("done", flush=True)
"""

#: Moments in seconds after the beginning at which a publish is killed; unhindered it takes about half a second.
MOMENTS = [random.Random(0).uniform(0, 1.0) for _ in range(4)]


def publisher(record_url, draft):
    """A process that publishes a draft as soon as it is told to go."""
    child = subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, record_url, str(draft[1]), TOMORROW.isoformat()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(store.__file__).parents[2])},
    )
    assert child.stdout.readline() == b"begins\n"
    child.stdin.write(b"go\n")
    child.stdin.flush()
    return child


def test_a_publish_that_is_killed_leaves_the_old_or_the_new_whole(record, record_url, drafts):
    draft = drafted(drafts, merge(ONE, TWO), split(FOUR, 120.015))
    old, seen = rows(record), set()
    for moment in MOMENTS:
        with publisher(record_url, draft) as child:
            time.sleep(moment)
            child.send_signal(signal.SIGKILL)
        seen.add(state(record, old))
        if "new" in seen:
            break
    assert seen <= {"old", "new"}


def test_a_publish_that_is_killed_when_all_but_its_sheets_is_written_leaves_the_old(record, record_url, drafts):
    draft = drafted(drafts, merge(ONE, TWO), split(FOUR, 120.015))
    old = rows(record)
    with record.begin() as connection:
        connection.execute(text("LOCK TABLE plan_sheets IN SHARE MODE"))
        with publisher(record_url, draft) as child:
            assert waits(record)
            child.send_signal(signal.SIGKILL)
    assert state(record, old) == "old"


def waits(record):
    """Whether some backend comes to wait for a table within 20 seconds."""
    query = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'plan_sheets'::regclass"
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if asked(record, query):
            return True
        time.sleep(0.05)
    return False


def state(record, old):
    """Which of the two states the record is in, if all of its books agree on it."""
    query = "SELECT status, (SELECT count(*) FROM plan_lineage), (SELECT count(*) FROM plan_sheets) FROM plans"
    # a backend whose client is gone may still be at work
    asked(record, "SELECT pg_advisory_xact_lock(hashtext('gridmap.load.areas'))")
    status, lineage, sheets = asked(record, query)[0]
    told = asked(record, "SELECT count(*) FROM audit WHERE action = 'publish plan'")[0][0]
    if (status, lineage, sheets, told) == ("draft", 0, 0, 0) and rows(record) == old:
        return "old"
    whole = status == "published" and lineage > 0 and sheets > 0 and told == 1
    return "new" if whole and len(in_force(record, TOMORROW)) == 7 else "mixed"


def test_the_two_states_of_a_killed_publish_are_told_apart(record, drafts):
    draft, old = drafted(drafts, merge(ONE, TWO), split(FOUR, 120.015)), rows(record)
    assert state(record, old) == "old"
    publish(drafts, draft)
    assert state(record, old) == "new"


def test_a_publish_that_fails_at_its_last_step_leaves_nothing(record, drafts, monkeypatch):
    draft, old = drafted(drafts, merge(ONE, TWO), split(FOUR, 120.015)), rows(record)
    monkeypatch.setattr(books, "_keep_sheets", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publish(drafts, draft)
    assert state(record, old) == "old"


class Asker(threading.Thread):
    """Asks for the grids of all middles without pause, on a day, until it is told to stop."""

    def __init__(self, client, stop):
        super().__init__()
        self.client, self.stop, self.told = client, stop, []

    def run(self):
        body = [{"lon": lon, "lat": lat} for lon, lat in MIDDLES.values()]
        while not self.stop.is_set():
            answers = self.client.post("/api/locate", json=body).json()
            self.told.append(tuple(answer["area"] for answer in answers))


def test_publishing_under_constant_questions_shows_no_mixed_state(record, drafts, serving):
    states = [tuple(MIDDLES)]
    atlas, stop = Atlas.of_record(record), threading.Event()
    atlas.keep_fresh()
    with serving(create_app(atlas, engine=record, open_read=True)) as client:
        askers = [Asker(client, stop) for _ in range(2)]
        for asker in askers:
            asker.start()
        draft = drafted(drafts, merge(ONE, TWO), merge(THREE, FOUR))
        done = publish(drafts, draft, today())
        south, north = (done.codes.get(code, code) for code in (ONE, THREE))
        states.append((south, south, north, north))
        until = time.monotonic() + 20
        while time.monotonic() < until and not all(states[-1] in asker.told for asker in askers):
            time.sleep(0.05)
        stop.set()
        for asker in askers:
            asker.join()
    atlas.close()
    assert [set(asker.told) for asker in askers] == [set(states)] * 2
    # nobody is told of the old grids after the new ones
    assert all(asker.told == sorted(asker.told, key=states.index) for asker in askers)


def test_addresses_and_past_days_are_answered_by_the_grids_of_their_day(record, drafts, serving):
    atlas = Atlas.of_record(record)
    draft = drafted(drafts, merge(ONE, TWO))
    done = publish(drafts, draft, today())
    with serving(create_app(atlas, engine=record, open_read=True)) as client:
        address = {"address": "江苏省南通市崇川区青年路1号"}
        now = client.get("/api/locate", params=address).json()["area"]
        then = client.get("/api/locate", params={**address, "on": str(today() - timedelta(days=1))}).json()["area"]
    assert (now, then) == (done.codes.get(ONE, ONE), ONE)


@pytest.mark.slow
def test_a_merger_of_49_communities_into_18_is_right_by_construction(record):
    town = samples.town(seed=0, buildings=16_150)
    for layer in ("areas", "buildings", "addresses"):
        load(record, layer, town[layer])
    drafts = Drafts(record)
    plan = plans.draft_from_record(drafts, Wanted(name="merger"), actor="desk")
    draft = plans.opened(drafts, plan.id)
    merger = eighteen(draft.upper)
    for version, (into, others) in enumerate(merger.items()):
        plans.edit(drafts, plan.id, version, {"op": "merge_parents", "codes": others, "into": into}, actor="desk")
    done = publish(drafts, (plan.id, len(merger)), accept=["multi_part"])
    with record.connect() as connection:
        told = lineage_of(connection, plan.id)
        before, after = (store.read(connection, "areas", on=day) for day in (today(), TOMORROW))
    assert (levels(before)["community"], levels(after)["community"]) == (49, 18)
    assert levels(after)["grid"] == levels(before)["grid"]
    communities = told[told["old"].isin(set(before.loc[before["level"] == "community", "code"]))]
    merged = {(done.codes.get(into, into), other) for into, others in merger.items() for other in [into, *others]}
    pairs = set(communities[["new", "old"]].itertuples(index=False, name=None))
    assert merged <= pairs
    assert set(communities["share_old"].round(6)) == {1.0}
    assert (
        after.loc[after["level"] == "community", "households"].sum()
        == before.loc[before["level"] == "community", "households"].sum()
    )


def levels(areas):
    return areas.groupby("level").size()


def eighteen(upper):
    """Which communities of the first 49 become which: the first 18 stay, the others join them in turn."""
    codes = sorted(upper.loc[upper["level"] == "community", "code"])
    return {into: codes[18 + at :: 18] for at, into in enumerate(codes[:18])}
