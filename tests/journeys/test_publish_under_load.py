"""A publish while requests run: none fails, and each is answered from the plan before or after, never from both."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import date

import httpx
import pytest

from gridmap import store
from gridmap.api import create_app
from gridmap.atlas import Atlas
from gridmap.territory import today

#: Plans published during constant requests, and how often each asker is told of one before the next.
PUBLISHED, TOLD = 8, 60

#: Seconds within which it must be told of a plan so often.
FOLLOWED_S = 30

#: Middles of the four grids.
MIDDLES = [(120.005, 32.005), (120.015, 32.005), (120.005, 32.015), (120.015, 32.015)]


def plan(four_grids, number):
    """The four grids as one plan calls them: codes that begin with its number, in a different order each time."""
    grids = four_grids.copy()
    order = [0, *((position + number) % 4 + 1 for position in range(4))]
    grids["code"] = ["320613", *(f"{number}-{position}" for position in order[1:])]
    return grids


def expected(number):
    """Codes at the four middles under a plan."""
    return [f"{number}-{(position + number) % 4 + 1}" for position in range(4)]


class Asker(threading.Thread):
    """Asks without pause until it is told to stop, and keeps what it was told."""

    def __init__(self, address, stop):
        super().__init__()
        self.address, self.stop, self.told, self.failed = address, stop, [], []

    def run(self):
        rows = [{"lon": lon, "lat": lat} for lon, lat in MIDDLES]
        with httpx.Client(base_url=self.address, timeout=20) as client:
            while not self.stop.is_set():
                response = client.post("/api/locate", json=rows)
                if response.status_code != 200:
                    self.failed.append(response.text)
                    continue
                answers = response.json()
                self.told.append((response.headers["x-gridmap-version"], [answer["area"] for answer in answers]))
                self.told.append((str(answers[0]["version"]), [answer["area"] for answer in answers]))
                one = client.get("/api/locate", params=rows[2]).json()
                self.told.append((str(one["version"]), [None, None, one["area"], None]))

    def versions(self):
        """How often it was told of each version so far."""
        return Counter(version for version, _ in self.told)


def publish(record, areas):
    """Publish a plan as of today and return the record's revision."""
    with record.begin() as connection:
        source = store.Source(file="test")
        store.publish(connection, areas, effective=today(), source=source, actor="test")
    with record.connect() as connection:
        return str(store.revision(connection))


@pytest.mark.slow
def test_a_publish_during_constant_requests_fails_none_and_mixes_nothing(record, serving, four_grids):
    with record.begin() as connection:
        source = store.Source(file="test")
        store.load(connection, "areas", plan(four_grids, 0), source=source, actor="test", effective=date(2024, 1, 1))
    atlas, stop = Atlas.of_record(record), threading.Event()
    with record.connect() as connection:
        plans = {str(store.revision(connection)): expected(0)}
    atlas.keep_fresh()
    with serving(create_app(atlas, open_read=True)) as client:
        askers = [Asker(str(client.base_url), stop) for _ in range(3)]
        for asker in askers:
            asker.start()
        wait_until_told(askers, next(iter(plans)))
        for number in range(1, PUBLISHED + 1):
            revision = publish(record, plan(four_grids, number))
            plans[revision] = expected(number)
            wait_until_told(askers, revision)
        stop.set()
        for asker in askers:
            asker.join()
    atlas.close()
    assert [failure for asker in askers for failure in asker.failed] == []
    told = [answer for asker in askers for answer in asker.told]
    assert {version for version, _ in told} == set(plans)
    assert [answer for answer in told if not agrees(answer[1], plans[answer[0]])] == []
    # nobody is told of an older plan after a newer one
    assert all(
        [int(version) for version, _ in asker.told] == sorted(int(version) for version, _ in asker.told)
        for asker in askers
    )


def wait_until_told(askers, version):
    """Wait until each was told of a version so many times; what nobody was told of is found out later."""
    until = time.monotonic() + FOLLOWED_S
    while time.monotonic() < until and any(asker.versions()[version] < TOLD for asker in askers):
        time.sleep(0.05)


def agrees(areas, planned):
    """Whether every area that was asked for is the one planned."""
    return all(area in (None, wanted) for area, wanted in zip(areas, planned, strict=True))
