"""Two streets through four grids, and what crews did on them: every figure follows from where they began and ended."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import shapely
from pyproj import Geod
from sqlalchemy import make_url, text

from gridmap import store
from gridmap.api import create_app
from gridmap.api.auth import GRANTS, WATCH_PATROLS
from gridmap.atlas import Atlas
from gridmap.service.patrol_settling import settle
from gridmap.store.keys import ROLES

SINCE = date(2024, 1, 1)
DISTRICT, ONE, TWO, THREE, FOUR = "320613", *(f"32061300100100{number}" for number in (1, 2, 3, 4))

#: Degrees from end to end of each street, half in either grid, and its metres by the ellipsoid.
SPAN = 0.016
STREET_M = Geod(ellps="GRS80").geometry_length(shapely.LineString([(120.002, 32.005), (120.018, 32.005)]))
#: Metres of a degree along them, and the pace of a crew.
DEGREE_M, PACE_M_S = STREET_M / SPAN, 1.3

COVERAGE = f"/api/coverage/patrols?area={DISTRICT}"
SIXTH = f"{COVERAGE}&on=2024-05-06"
#: Five days, three of them without any round.
WEEK = f"{COVERAGE}&from=2024-05-06&to=2024-05-10"
ALERTS = "/api/patrols/alerts"
#: Where the alert is, and how far from there a post is to stand.
ALERT = {"lon": 120.006, "lat": 32.005}

#: Who may see posts, and who may not.
WATCHERS = [role for role in ROLES if WATCH_PATROLS in GRANTS[role]]
READERS = [role for role in ROLES if WATCH_PATROLS not in GRANTS[role]]

#: Seconds in which whatever is compiled is compiled, on a machine that does much else.
COMPILED_S = 240


def streets():
    """S through grids 1 and 2, T through grids 3 and 4."""
    lines = [shapely.LineString([(120.002, y), (120.01, y), (120.018, y)]) for y in (32.005, 32.015)]
    return gpd.GeoDataFrame(
        {"id": ["S", "T"], "name": ["南街", None], "class": "residential"}, geometry=lines, crs=4490
    )


def round_(post, start, west, east, lat=32.005, *, honest=True):
    """Fixes of a post that walks from one longitude to another, one every ten seconds; who lies never errs."""
    number = int((east - west) * DEGREE_M / PACE_M_S / 10) + 1
    noise = np.random.default_rng(number)
    wander = noise.uniform(-3e-5, 3e-5, number) * honest
    step = noise.uniform(-0.4, 0.4, number) * (east - west) / number * honest
    step[[0, -1]] = 0.0
    times = pd.Timestamp(start) + pd.to_timedelta(np.arange(number) * 10, unit="s")
    accuracy = noise.uniform(4, 8, number).round(1) if honest else 5.0
    points = shapely.points(np.linspace(west, east, number) + step, lat + wander)
    return gpd.GeoDataFrame({"post": post, "time": times, "accuracy_m": accuracy}, geometry=points, crs=4490)


def rounds():
    """P1 by day in grid 1 on two days, P2 by night in grid 2, and P3 whose device lies."""
    each = [
        round_("P1", "2024-05-06T09:00+08:00", 120.004, 120.008),
        round_("P1", "2024-05-07T09:00+08:00", 120.006, 120.0099),
        round_("P2", "2024-05-06T21:00+08:00", 120.011, 120.013),
        round_("P3", "2024-05-06T09:00+08:00", 120.003, 120.006, 32.015, honest=False),
    ]
    return pd.concat(each, ignore_index=True)


def spotted(*posts, now):
    """The last fixes of posts: name, longitude, latitude, seconds ago."""
    names, lon, lat, ago = zip(*posts, strict=True)
    times = [now - timedelta(seconds=seconds) for seconds in ago]
    return gpd.GeoDataFrame({"post": names, "time": times}, geometry=shapely.points(lon, lat), crs=4490)


def checkpoints():
    """K1 and K2 each morning, M1 and M2 once a month."""
    columns = {
        "id": ["K1", "K2", "M1", "M2"],
        "opens": ["08:00", "08:00", None, None],
        "closes": ["12:00", "12:00", None, None],
        "every_days": [None, None, 30.0, 30.0],
    }
    spots = shapely.points([120.005, 120.015, 120.012, 120.016], 32.005)
    return gpd.GeoDataFrame(columns, geometry=spots, crs=4490)


def signins():
    """P1 signs in at K1 as it passes, P2 at M1, and P1 at a checkpoint that nobody knows."""
    columns = {
        "post": ["P1", "P2", "P1"],
        "checkpoint": ["K1", "M1", "K9"],
        "time": pd.to_datetime(["2024-05-06T09:01:12+08:00", "2024-05-06T21:01:12+08:00", "2024-05-06T09:02:00+08:00"]),
    }
    return gpd.GeoDataFrame(columns, geometry=shapely.points([120.00501, 120.01201, 120.0], 32.005), crs=4490)


def cameras():
    """One in open country that looks all round, and sees 100 m of the street in grid 2."""
    columns = {"id": ["C1"], "kind": "fisheye", "status": "online", "height_m": 6.0, "range_m": 100.0, "width_px": 1920}
    return gpd.GeoDataFrame(columns, geometry=shapely.points([120.0155], 32.005), crs=4490)


def load(record, layer, table, effective=SINCE):
    """Load a table into the record."""
    with record.begin() as connection:
        store.load(connection, layer, table, source=store.Source(file=layer), actor="test", effective=effective)


def fill(record, four_grids):
    """All of this in a record, settled."""
    layers = {"areas": four_grids, "streets": streets(), "cameras": cameras(), "checkpoints": checkpoints()}
    for layer, table in {**layers, "fixes": rounds(), "signins": signins()}.items():
        load(record, layer, table)
    settle(record, actor="test")


@contextmanager
def opened(record, serving):
    """A client that sends the key of an operator with every request, with the record and the keys of all roles."""
    with serving(create_app(Atlas.of_record(record), engine=record, open_read=True)) as client:
        client.record, client.keys = record, {role: _bearer(record, role) for role in ROLES}
        client.headers.update(_bearer(record, "operator", "desk"))
        # the first question may have to wait for what is compiled
        client.timeout = COMPILED_S
        yield client


def _bearer(record, role, name=None):
    with record.begin() as connection:
        return {"Authorization": f"Bearer {store.add_key(connection, name or role, role, actor='test')}"}


@contextmanager
def cloned(server, template, name):
    """A record of its own, dropped at the end."""
    plain = make_url(server).set(drivername="postgresql", database="postgres")
    name = f"gridmap_{name}_{os.getpid()}"
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        record = store.connect(make_url(server).set(database=name).render_as_string(hide_password=False))
        try:
            yield record
        finally:
            record.dispose()
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def looks(record):
    """What the audit trail says of looks at patrols: who, role, and what."""
    query = text("SELECT actor, role, detail FROM audit WHERE action = 'look at patrols' ORDER BY audit_id")
    with record.connect() as connection:
        assert store.verify_audit(connection).broken_at is None
        return [tuple(row) for row in connection.execute(query)]


def told(response):
    """Status and code of a problem."""
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json().get("code")


def now():
    """The clock."""
    return datetime.now(UTC)


def area_of(answer, code):
    (found,) = (area for area in answer["areas"] if area["code"] == code)
    return found


def share(answer, code, shift="all"):
    """The shares of an area in a shift."""
    (found,) = (row for row in area_of(answer, code)["shares"] if row["shift"] == shift)
    return found


def asked(client, query, role=None):
    response = client.get(query, headers=None if role is None else client.keys[role])
    assert response.status_code == 200, response.text
    return response.json()


def shape(value):
    """The names in a value, of lists those in the first member."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items() if name != "held" or "numberMatched" in part}
    return [shape(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None
