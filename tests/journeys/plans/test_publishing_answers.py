"""What a service answers around the day of a plan, and a merger of a whole town."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from gridmap import samples, store
from gridmap.api import create_app
from gridmap.atlas import Atlas
from gridmap.service import plans
from gridmap.service.plans import Wanted
from gridmap.service.plans_drafts import Drafts
from gridmap.store.plans_publishing import lineage_of
from gridmap.territory import today
from tests.journeys.plans.books import FOUR, MIDDLES, ONE, THREE, TOMORROW, TWO, drafted, load, merge, publish


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


def wait_until_told(askers, state):
    """Wait until each was told of a state; who was told of none is found out later."""
    until = time.monotonic() + 20
    while time.monotonic() < until and not all(state in asker.told for asker in askers):
        time.sleep(0.05)


def test_publishing_under_constant_questions_shows_no_mixed_state(record, drafts, serving):
    states = [tuple(MIDDLES)]
    atlas, stop = Atlas.of_record(record), threading.Event()
    atlas.keep_fresh()
    with serving(create_app(atlas, engine=record, open_read=True)) as client:
        askers = [Asker(client, stop) for _ in range(2)]
        for asker in askers:
            asker.start()
        wait_until_told(askers, states[0])
        draft = drafted(drafts, merge(ONE, TWO), merge(THREE, FOUR))
        done = publish(drafts, draft, today())
        south, north = (done.codes.get(code, code) for code in (ONE, THREE))
        states.append((south, south, north, north))
        wait_until_told(askers, states[-1])
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
