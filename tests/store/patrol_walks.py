"""Streets of a small town, crews that walk along them, and what the record then says."""

from __future__ import annotations

import datetime as dt
from datetime import UTC, date, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import text

from gridmap import crs, store
from gridmap.store import patrols
from gridmap.tracks import Shifts, Window

#: Nine in the morning in China, in the day shift of 20 November 2026.
NINE = datetime(2026, 11, 20, 1, tzinfo=UTC)
DAY = "2026-11-20 day"
CLOSED = NINE + timedelta(hours=12)
SPAN = (NINE - timedelta(hours=1), NINE + timedelta(days=1))


#: Two shifts that meet at half past nine.
HALF = Shifts(
    windows=(
        Window(name="early", begins=dt.time(8), ends=dt.time(9, 30)),
        Window(name="late", begins=dt.time(9, 30), ends=dt.time(20)),
    )
)


def load(record, layer, table, effective=date(2024, 1, 1)):
    with record.begin() as connection:
        source = store.Source(file=layer)
        store.load(connection, layer, table, source=source, actor="test", effective=effective)


def streets():
    """Five streets from west to east, 600 m apart, and two across."""
    lines = [shapely.LineString([(120.0, y), (120.03, y)]) for y in (32.0, 32.0055, 32.011, 32.0165, 32.022)]
    lines += [shapely.LineString([(x, 32.0), (x, 32.022)]) for x in (120.0, 120.03)]
    return gpd.GeoDataFrame({"id": list("ABCDEFG"), "class": "residential"}, geometry=lines, crs=4490)


def walk(post="P1", since=NINE, fixes=61, y=32.0, seed=1, datum=None):
    """One fix every ten seconds along a street, fourteen metres apart, a metre or two of noise."""
    noise = np.random.default_rng(seed).normal(0, 1.5e-5, (fixes, 2))
    x, y = 120.002 + np.arange(fixes) * 0.00015 + noise[:, 0], y + noise[:, 1]
    x, y = (x, y) if datum is None else crs.from_wgs84(x, y, datum)
    time = pd.date_range(since, periods=fixes, freq="10s")
    return gpd.GeoDataFrame({"post": post, "time": time}, geometry=gpd.points_from_xy(x, y), crs=4490)


def walked(record, since=SPAN[0], until=SPAN[1], posts=None, **options):
    with record.connect() as connection:
        return patrols.read_walked(connection, since, until, posts, **options)


def value(record, query):
    with record.connect() as connection:
        return connection.scalar(text(query))


def settled(record):
    with record.connect() as connection:
        return patrols.read_settled(connection, *SPAN)


def audited(record, action):
    with record.connect() as connection:
        assert store.verify_audit(connection).broken_at is None
        return list(connection.scalars(text("SELECT detail FROM audit WHERE action = :action"), {"action": action}))


def across(datum=None):
    """A walk up the western street by the same post, later."""
    noise = np.random.default_rng(5).normal(0, 1.5e-5, (121, 2))
    x, y = 120.0 + noise[:, 0], 32.001 + np.arange(121) * 0.00013 + noise[:, 1]
    x, y = (x, y) if datum is None else crs.from_wgs84(x, y, datum)
    time = pd.date_range(NINE + timedelta(hours=1), periods=121, freq="10s")
    return gpd.GeoDataFrame({"post": "P1", "time": time}, geometry=gpd.points_from_xy(x, y), crs=4490)


def made_up(post="P1", since=NINE):
    """Equal steps without noise."""
    table = walk(post, since)
    points = gpd.points_from_xy(120.002 + np.arange(len(table)) * 0.00015, np.full(len(table), 32.0))
    return table.set_geometry(points, crs=4490)
