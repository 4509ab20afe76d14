"""A record of four grids, drafts of it, and what its books say after a publish."""

from __future__ import annotations

from datetime import date, timedelta

import geopandas as gpd
import shapely
from sqlalchemy import text

from gridmap import store
from gridmap.service import plans, plans_publishing
from gridmap.service.plans import Wanted
from gridmap.territory import today

SINCE = date(2024, 1, 1)

TOMORROW = today() + timedelta(days=1)

SOURCE = store.Source(file="layer.geojson")

#: The four grids of the conftest, by the last digit of their code.
ONE, TWO, THREE, FOUR = (f"32061300100100{number}" for number in (1, 2, 3, 4))

MIDDLES = {ONE: (120.005, 32.005), TWO: (120.015, 32.005), THREE: (120.005, 32.015), FOUR: (120.015, 32.015)}


def load(record, layer, table, effective=SINCE):
    with record.begin() as connection:
        store.load(connection, layer, table, source=SOURCE, actor="test", effective=effective)


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
