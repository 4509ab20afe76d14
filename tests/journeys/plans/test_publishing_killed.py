"""A publish that is killed or fails leaves the old or the new, whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from gridmap import store
from gridmap.store import plans_publishing as books
from tests.journeys.plans.books import FOUR, ONE, TOMORROW, TWO, asked, drafted, in_force, merge, publish, rows, split

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
