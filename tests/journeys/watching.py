"""A street through two grids, two cameras on it, and what is asked of the service that knows them."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import date

import geopandas as gpd
import shapely
from pyproj import Geod
from sqlalchemy import text

from gridmap import store
from gridmap.api import create_app
from gridmap.api.auth import GRANTS, WATCH
from gridmap.atlas import Atlas
from gridmap.store.keys import ROLES

SINCE = date(2024, 1, 1)
ONE, TWO, THREE, FOUR = (f"32061300100100{number}" for number in (1, 2, 3, 4))
DISTRICT = "320613"
#: Milliseconds within which 95 of 100 questions what if are answered.
WHAT_IF_MS = 100
WHAT_IF = "/api/coverage/cameras/what-if"
COVERAGE = f"/api/coverage/cameras?area={DISTRICT}"
WATCHERS = [role for role in ROLES if WATCH in GRANTS[role]]
READERS = [role for role in ROLES if WATCH not in GRANTS[role]]
#: A street through the middle of grid 1 and of grid 2, 0.008 degrees in each; its metres by the ellipsoid.
STREET = shapely.LineString([(120.002, 32.005), (120.01, 32.005), (120.018, 32.005)])
STREET_M = Geod(ellps="GRS80").geometry_length(STREET)


def cameras(*rows):
    """Cameras in open country that look all round and see 100 m: id, longitude on the street, status."""
    ids, lons, status = zip(*rows, strict=True)
    columns = {"id": ids, "kind": "fisheye", "status": status, "height_m": 6.0, "range_m": 100.0, "width_px": 1920}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(lons, 32.005), crs=4490)


def load(record, layer, table, effective=SINCE):
    with record.begin() as connection:
        store.load(connection, layer, table, source=store.Source(file=layer), actor="test", effective=effective)


def bearer(record, role, name=None):
    with record.begin() as connection:
        return {"Authorization": f"Bearer {store.add_key(connection, name or role, role, actor='test')}"}


def fill(record, four_grids):
    """Four grids, one street, C1 that works in grid 1, C2 that does not in grid 2, and a house far from both."""
    load(record, "areas", four_grids)
    load(record, "streets", gpd.GeoDataFrame({"id": ["S"], "class": ["residential"]}, geometry=[STREET], crs=4490))
    house = shapely.box(120.001, 32.015, 120.0012, 32.0152)
    load(record, "buildings", gpd.GeoDataFrame({"id": ["B"], "height_m": [9.0]}, geometry=[house], crs=4490))
    load(record, "cameras", cameras(("C1", 120.005, "online"), ("C2", 120.015, "offline")))


@contextmanager
def opened(record, serving):
    """A client that sends the key of an operator with every request, with the record and the keys of all roles."""
    with serving(create_app(Atlas.of_record(record), engine=record, open_read=True)) as client:
        client.record, client.keys = record, {role: bearer(record, role) for role in ROLES}
        client.headers.update(bearer(record, "operator", "desk"))
        yield client


def share(answer, code, **wanted):
    """The one share of an area that is of a kind."""
    (area,) = (area for area in answer["areas"] if area["code"] == code)
    kind = {"of": "streets", "cameras": "online", "band": "any", **wanted}
    (found,) = (row for row in area["shares"] if all(row[name] == value for name, value in kind.items()))
    return found


def looks(record):
    """What the audit trail says of looks at cameras: who, role, and what."""
    query = text("SELECT actor, role, detail FROM audit WHERE action = 'look at cameras' ORDER BY audit_id")
    with record.connect() as connection:
        assert store.verify_audit(connection).broken_at is None
        return [tuple(row) for row in connection.execute(query)]


def told(response):
    """Status and code of a problem."""
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json().get("code")


#: Metres of street between C1 and a camera 0.0002 degrees east of it.
APART_M = STREET_M * 0.0002 / 0.016


# the map


def drawn(page):
    """What a page was drawn from, as text."""
    return re.search(r'id="gm-data"[^>]*>(.*?)</script>', page.text, re.DOTALL)[1]
