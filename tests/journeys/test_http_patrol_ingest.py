"""What devices report over HTTP: taken once, as a whole, and acknowledged when it stands in the record."""

from __future__ import annotations

import datetime as dt
import importlib.util
import os
import sys
import threading
import time
import uuid
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import psycopg
import pytest
import shapely
from sqlalchemy import make_url, text

from gridmap import crs, store
from gridmap.api import create_app
from gridmap.api.auth import GRANTS, REPORT
from gridmap.api.limits import Limits
from gridmap.atlas import Atlas
from gridmap.store.keys import ROLES

pytestmark = pytest.mark.usefixtures("built_page")

FIXES, SIGNINS = "/api/patrols/fixes", "/api/patrols/signins"


class Clock:
    """The moment from which a test counts."""

    now = dt.datetime.now(dt.UTC)


@pytest.fixture(autouse=True)
def _set_clock():
    # tests are collected long before the last of them is run
    Clock.now = dt.datetime.now(dt.UTC).replace(microsecond=0)


def at(seconds=0.0):
    """A moment so many seconds ago."""
    return (Clock.now - dt.timedelta(seconds=seconds)).isoformat()


def fix(seconds=0.0, lon=120.005, lat=32.005, **more):
    return {"time": at(seconds), "lon": lon, "lat": lat, **more}


def batch(*fixes, post="P-07", **more):
    return {"batch": str(uuid.uuid4()), "post": post, "device": "D-1", "fixes": list(fixes), **more}


def load(record, layer, table):
    with record.begin() as connection:
        source = store.Source(file=layer)
        store.load(connection, layer, table, source=source, actor="test", effective=date(2024, 1, 1))


@contextmanager
def opened(record, four_grids, serving):
    """A client that sends an operator's key, with the record and the keys of all roles."""
    load(record, "areas", four_grids)
    atlas = Atlas.of_record(record)
    atlas.territory()
    with serving(create_app(atlas, engine=record, open_read=True)) as client:
        with record.begin() as connection:
            client.keys = {role: store.add_key(connection, role, role, actor="test") for role in ROLES}
        client.headers["Authorization"] = f"Bearer {client.keys['operator']}"
        client.record = record
        yield client


@pytest.fixture
def service(record, four_grids, serving):
    """A service of the test's own."""
    with opened(record, four_grids, serving) as client:
        yield client


@pytest.fixture(scope="module")
def refusing(database_server, record_template, four_grids, serving):
    """A service that takes nothing of what it is sent."""
    plain = make_url(database_server).set(drivername="postgresql", database="postgres")
    name = f"gridmap_reports_{os.getpid()}"
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {record_template} STRATEGY FILE_COPY")
        record = store.connect(make_url(database_server).set(database=name).render_as_string(hide_password=False))
        with opened(record, four_grids, serving) as client:
            yield client
        record.dispose()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def count(record, query):
    with record.connect() as connection:
        return connection.scalar(text(query))


def held(record):
    """Post, device and seconds ago of each fix, by time."""
    with record.connect() as connection:
        rows = connection.execute(text("SELECT post, device, time FROM fixes ORDER BY time DESC, post, device"))
        return [(post, device, (Clock.now - time).total_seconds()) for post, device, time in rows]


def faults(answer):
    assert answer.status_code == 422, answer.text
    return [(one["feature"], one["code"]) for one in answer.json()["faults"]]


def test_a_batch_is_in_the_record_when_it_is_acknowledged(service):
    answer = service.post(FIXES, json=batch(fix(5, accuracy_m=8, speed_m_s=1.2), fix(0)))
    assert (answer.status_code, answer.json()["added"], answer.json()["repeated"]) == (200, 2, 0)
    assert held(service.record) == [("P-07", "D-1", 0), ("P-07", "D-1", 5)]
    query = "SELECT ST_X(geom) || ' ' || ST_Y(geom) || ' ' || accuracy_m || ' ' || speed_m_s FROM fixes LIMIT 1"
    assert count(service.record, query) == "120.005 32.005 8 1.2"


def test_a_batch_that_is_sent_again_gets_the_same_answer_and_is_not_taken_twice(service):
    sent = batch(fix(0))
    first, again = service.post(FIXES, json=sent), service.post(FIXES, json=sent)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert len(held(service.record)) == 1
    assert count(service.record, "SELECT count(*) FROM batches") == 1


def test_another_batch_of_the_same_number_is_refused(service):
    sent = batch(fix(0))
    service.post(FIXES, json=sent)
    answer = service.post(FIXES, json={**sent, "fixes": [fix(1)]})
    assert (answer.status_code, answer.json()["code"]) == (409, "batch_differs")
    assert held(service.record) == [("P-07", "D-1", 0)]


def test_a_fix_that_is_in_the_record_is_counted_as_repeated(service):
    service.post(FIXES, json=batch(fix(0)))
    answer = service.post(FIXES, json=batch(fix(0), fix(5)))
    assert (answer.json()["added"], answer.json()["repeated"]) == (1, 1)
    assert len(held(service.record)) == 2


def test_a_fix_without_a_device_is_not_doubled_either(service):
    answers = [service.post(FIXES, json=batch(fix(0), device=None)).json() for _ in range(2)]
    assert [answer["added"] for answer in answers] == [1, 0]


WRONG = {
    "no longitude": (lambda: {"time": at(), "lat": 32.0}, "no_place"),
    "at 0, 0": (lambda: fix(lon=0, lat=0), "zero_place"),
    "no degrees": (lambda: fix(lon=200, lat=32), "no_degrees"),
    "exchanged": (lambda: fix(lon=32.005, lat=120.005), "swapped_place"),
    "metres": (lambda: fix(lon=40500000, lat=3542000), "metres_as_degrees"),
    "a word": (lambda: fix(lon="east"), "not_a_number"),
    "true": (lambda: fix(lon=True), "not_a_number"),
    "no time": (lambda: {"lon": 120.0, "lat": 32.0}, "no_time"),
    "no zone": (lambda: {**fix(), "time": "2026-11-22T08:00:00"}, "no_zone"),
    "1901": (lambda: {**fix(), "time": "1901-12-13T20:45:52Z"}, "clock_never_set"),
    "1970": (lambda: {**fix(), "time": "1970-01-01T00:00:05Z"}, "clock_never_set"),
    "2036": (lambda: {**fix(), "time": "2036-02-07T06:28:15Z"}, "clock_future"),
    "6 min ahead": (lambda: fix(-360), "clock_future"),
    "1024 weeks ago": (lambda: fix(1024 * 7 * 86400), "clock_rollover"),
    "8 days ago": (lambda: fix(8 * 86400), "too_old"),
    "negative accuracy": (lambda: fix(accuracy_m=-1), "not_a_number"),
}


@pytest.mark.parametrize(("wrong", "code"), WRONG.values(), ids=WRONG)
def test_a_row_that_cannot_be_taken_is_told_with_its_number_and_nothing_is_taken(refusing, wrong, code):
    assert faults(refusing.post(FIXES, json=batch(fix(10), wrong()))) == [(2, code)]
    assert held(refusing.record) == []


def test_every_row_that_is_wrong_is_told(refusing):
    sent = batch(fix(-3600), fix(0), fix(lon=0, lat=0, accuracy_m=-5))
    assert faults(refusing.post(FIXES, json=sent)) == [(1, "clock_future"), (3, "not_a_number")]


def test_a_clock_five_minutes_ahead_and_a_fix_a_week_old_are_taken(service):
    answer = service.post(FIXES, json=batch(fix(-290), fix(7 * 86400 - 60)))
    assert answer.json()["added"] == 2


@pytest.mark.parametrize("device", ["13812345678", "320602199003074518"], ids=["telephone", "identity card"])
def test_a_number_of_a_person_is_no_code_of_a_device(refusing, device):
    answer = refusing.post(FIXES, json=batch(fix(0), device=device))
    assert faults(answer) == [(1, "personal_number")]
    assert device not in answer.text


def test_places_in_another_datum_are_brought_to_that_of_the_record(service):
    service.post(FIXES, json=batch(fix(0), datum="GCJ-02"))
    lon, lat = crs.to_wgs84(120.005, 32.005, "GCJ-02")
    query = "SELECT ST_X(geom) || ' ' || ST_Y(geom) FROM fixes"
    assert [float(part) for part in count(service.record, query).split()] == pytest.approx([lon, lat], abs=1e-9)
    assert abs(lon - 120.005) > 0.003
    assert count(service.record, "SELECT crs FROM loads WHERE layer = 'fixes'").startswith("stated as GCJ-02")


def streets():
    """A lattice of streets 200 m apart around the four grids."""
    lines = [shapely.LineString([(120.0 + 0.002 * n, 31.99), (120.0 + 0.002 * n, 32.03)]) for n in range(-5, 16)]
    lines += [shapely.LineString([(119.99, 32.0 + 0.002 * n), (120.03, 32.0 + 0.002 * n)]) for n in range(-5, 16)]
    ids = [str(number) for number in range(len(lines))]
    return gpd.GeoDataFrame({"id": ids, "class": "residential"}, geometry=lines, crs=4490)


def round_in(datum):
    """A quarter of an hour along streets and round corners, as a device would report it that is in a datum."""
    corners = shapely.LineString([(120.002, 32.002), (120.008, 32.002), (120.008, 32.006), (120.012, 32.006)])
    along = np.linspace(0, 1, 180)
    noise = np.random.default_rng(3).normal(0, 3e-5, (180, 2))
    x, y = (shapely.get_coordinates(shapely.line_interpolate_point(corners, along, normalized=True)) + noise).T
    lon, lat = (x, y) if datum is None else crs.from_wgs84(x, y, datum)
    return [fix(900 - 5 * n, lon=float(lon[n]), lat=float(lat[n])) for n in range(180)]


def test_fixes_in_another_datum_than_stated_are_held_with_what_speaks_for_it(service):
    load(service.record, "streets", streets())
    answer = service.post(FIXES, json=batch(*round_in("GCJ-02")))
    assert (answer.status_code, answer.json()["code"]) == (409, "datum")
    assert "P-07 is in GCJ-02, not in WGS 84 as stated" in answer.json()["detail"]
    assert held(service.record) == []
    kept = "SELECT datum_found || ' ' || (datum_margin > 0.3) FROM batches WHERE refused IS NOT NULL"
    assert count(service.record, kept) == "GCJ-02 true"


@pytest.mark.parametrize("datum", [None, "GCJ-02"])
def test_fixes_in_the_datum_stated_are_taken(service, datum):
    load(service.record, "streets", streets())
    answer = service.post(FIXES, json=batch(*round_in(datum), datum=datum))
    assert answer.json().get("added") == 180, answer.text


def test_csv_brings_the_fixes_of_several_posts(service):
    body = f"post,time,lon,lat,device\nP-1,{at(5)},120.001,32.001,D-1\nP-2,{at(0)},120.002,32.002,\n"
    where = f"{FIXES}?batch={uuid.uuid4()}"
    answer = service.post(where, content=body.encode(), headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()["added"]) == (200, 2)
    assert held(service.record) == [("P-2", None, 0), ("P-1", "D-1", 5)]


def test_sign_ins_are_taken_with_and_without_a_place(service):
    scans = [{"checkpoint": "Q1", "time": at(60)}, {"checkpoint": "Q2", "time": at(0), "lon": 120.005, "lat": 32.005}]
    sent = {"batch": str(uuid.uuid4()), "post": "P-07", "signins": scans}
    answers = [service.post(SIGNINS, json=sent) for _ in range(2)]
    assert [answer.json()["added"] for answer in answers] == [2, 2]
    query = "SELECT string_agg(checkpoint || ' ' || coalesce(ST_X(geom)::text, '-'), ', ' ORDER BY time) FROM signins"
    assert count(service.record, query) == "Q1 -, Q2 120.005"


BODIES = {
    "no list": (lambda: {"batch": str(uuid.uuid4()), "post": "P"}, 400),
    "no number": (lambda: {"post": "P", "fixes": [fix()]}, 400),
    "a number that is none": (lambda: {"batch": "7", "post": "P", "fixes": [fix()]}, 400),
    "nothing": (batch, 400),
    "an unknown word": (lambda: batch(fix(name="x")), 400),
    "another datum": (lambda: batch(fix(), datum="Xian 1980"), 400),
    "too many rows": (lambda: batch(*[fix()] * 5001), 413),
    "too many bytes": (lambda: batch(fix(), post="P" * 2**20), 413),
    "no post": (lambda: batch(fix(), post=None), 422),
    "a post with a line break": (lambda: batch(fix(), post="P\n"), 422),
}


@pytest.mark.parametrize(("body", "status"), BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_batch_is_refused(refusing, body, status):
    assert refusing.post(FIXES, json=body()).status_code == status
    assert count(refusing.record, "SELECT count(*) FROM batches") == 0


def test_only_keys_that_may_report_do(service):
    def status(role):
        sent = {"Authorization": f"Bearer {service.keys[role]}"}
        return service.post(FIXES, json=batch(fix(0)), headers=sent).status_code

    assert {role: status(role) for role in ROLES} == {role: 200 if REPORT in GRANTS[role] else 403 for role in ROLES}
    assert {role for role in ROLES if REPORT in GRANTS[role]} == {"device", "operator", "system-admin"}


def test_the_key_of_a_device_reports_and_sees_nothing(record, four_grids, serving):
    load(record, "areas", four_grids)
    with record.begin() as connection:
        key = store.add_key(connection, "P-07", "device", actor="test")
    # read by nobody without a key: as wherever other machines can ask
    with serving(create_app(Atlas.of_record(record), engine=record)) as client:
        client.headers["Authorization"] = f"Bearer {key}"
        assert client.post(FIXES, json=batch(fix())).status_code == 200
        asked = ["/api/locate?lon=120.005&lat=32.005", "/api/coverage/patrols?area=320613", "/maps/patrols"]
        assert [client.get(path).status_code for path in asked] == [403] * 3
        assert client.post("/api/patrols/alerts", json={"lon": 120.005, "lat": 32.005}).status_code == 403


def test_a_key_that_was_revoked_a_moment_ago_reports_nothing(service):
    service.post(FIXES, json=batch(fix(5)))
    with service.record.begin() as connection:
        store.revoke_key(connection, "operator", actor="test")
    assert service.post(FIXES, json=batch(fix(0))).status_code == 401
    assert held(service.record) == [("P-07", "D-1", 5)]


def test_batches_of_one_hour_have_one_row_in_the_audit_trail_and_one_load(service):
    for seconds in range(5):
        service.post(FIXES, json=batch(fix(seconds)))
    rows = "SELECT string_agg(rows::text, ' ') FROM loads WHERE file = 'POST /api/patrols/fixes'"
    # two of each where the hour ends meanwhile
    assert sum(map(int, count(service.record, rows).split())) == 5
    noted = "SELECT count(*) FROM audit WHERE action = 'report fixes' AND actor = 'operator' AND load_id IS NOT NULL"
    assert count(service.record, noted) in {1, 2}
    assert count(service.record, "SELECT count(*) FROM fixes f JOIN audit a USING (load_id)") == 5
    with service.record.connect() as connection:
        assert store.verify_audit(connection).broken_at is None


def test_who_comes_when_too_much_waits_is_told_to_come_again(record, serving):
    with record.begin() as connection:
        key = {"Authorization": f"Bearer {store.add_key(connection, 'desk', 'operator', actor='test')}"}
    app = create_app(Atlas.of_record(record), engine=record, limits=Limits(report_waiting=3))
    answers = []
    with serving(app) as client, record.connect() as blocking:
        blocking.execute(text("LOCK TABLE batches IN ACCESS EXCLUSIVE MODE"))
        sends = [partial(client.post, FIXES, json=batch(fix(n)), headers=key) for n in range(8)]
        threads = [threading.Thread(target=lambda send=send: answers.append(send())) for send in sends]
        for thread in threads:
            thread.start()
        until = time.monotonic() + 20
        while len(answers) < 5 and time.monotonic() < until:
            time.sleep(0.02)
        refused = [(answer.status_code, answer.headers.get("Retry-After")) for answer in answers]
        blocking.rollback()
        for thread in threads:
            thread.join()
    assert refused == [(429, "1")] * 5
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [429] * 5
    assert len(held(record)) == 3


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location(
        "patrol_load", Path(__file__).parents[1] / "benchmarks/patrol_load.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["patrol_load"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["patrol_load"]


@pytest.mark.alone
@pytest.mark.slow
def test_a_service_that_is_killed_in_the_middle_loses_no_batch_that_it_acknowledged(record_url, bench):
    found = bench.measure(record_url, posts=250, seconds=10, kill=True, connections=50)
    assert (found["sent"], found["acknowledged"]) == (500, 500)
    assert (found["lost"], found["double"], found["strange"]) == (0, 0, 0)
    # some had to be sent again: the service was away
    assert found["other_answers"]
    assert found["p99_early_ms"] <= 500
