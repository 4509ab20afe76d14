"""A record of four grids and one house, and drafts that are edited in it over HTTP."""

from __future__ import annotations

from datetime import date, timedelta

from gridmap import store
from gridmap.territory import today

SINCE = date(2024, 1, 1)
TOMORROW = str(today() + timedelta(days=1))
ONE, TWO, THREE, FOUR = (f"32061300100100{number}" for number in (1, 2, 3, 4))
#: the corner that all four grids share, moved to the east
MOVE = {"op": "move_vertex", "at": [120.01, 32.01], "to": [120.012, 32.01]}
MERGE = {"op": "merge", "codes": [ONE, TWO], "into": ONE}


def bearer(record, role, name=None):
    with record.begin() as connection:
        return {"Authorization": f"Bearer {store.add_key(connection, name or role, role, actor='test')}"}


def load(record, layer, table):
    with record.begin() as connection:
        store.load(connection, layer, table, source=store.Source(file=layer), actor="test", effective=SINCE)


def drafted(service, *operations, name="a", **wanted):
    """The address of a draft that some operations were done on."""
    made = service.post("/api/plans", json={"name": name, **wanted})
    assert made.status_code == 201, made.text
    for version, operation in enumerate(operations):
        assert edited(service, made.headers["location"], version, operation).status_code == 200
    return made.headers["location"]


def edited(service, plan, version, operation=MOVE, **more):
    return service.post(f"{plan}/edits", json={"version": version, "operation": operation, **more})


def told(response):
    """Status and code of a problem."""
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json().get("code")


def shape(value):
    """The names in a value, of lists those in the first member; geometry is not looked into."""
    if isinstance(value, dict):
        return {name: None if name in {"geometry", "operation"} else shape(part) for name, part in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None
