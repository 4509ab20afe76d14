"""The sample territory in the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Engine

from gridmap import store
from gridmap.errors import ConflictError
from gridmap.service.record import LAYERS

#: The day from which the sample territory's rows hold that state none of their own.
SAMPLE_SINCE = date(2016, 1, 1)

#: The day from which its later epoch of areas and parcels holds.
SAMPLE_REDRAWN = date(2020, 1, 1)

#: What the key is called that the demo hands out.
DEMO_KEY = "demo"


def load_demo(engine: Engine, *, buildings: int, seed: int = 0) -> dict[str, int]:
    """Load the sample territory into an empty record and return the number of rows per layer.

    Parameters
    ----------
    engine
        The record.
    buildings
        Size of the sample territory.
    seed
        Which territory.

    Raises
    ------
    ConflictError
        If the record already holds areas.
    """
    from gridmap import samples  # what makes a town is of no use to a service that starts

    with engine.connect() as connection:
        if len(store.read(connection, "areas")):
            raise ConflictError("the record already holds areas", do="use another GRIDMAP_DATA_DIR for the demo")
    town = samples.town(seed=seed, buildings=buildings)
    source = store.Source(file=f"sample territory, seed {seed}, {buildings} buildings")
    with engine.begin() as connection:
        for name, layer, since in _sample_epochs(town):
            later = since > SAMPLE_SINCE
            store.load(connection, layer, town[name], source=source, actor="demo", effective=since, replace=later)
    return {layer: len(town[layer]) for layer in LAYERS if layer in town}


def demo_key(engine: Engine) -> str:
    """Return the secret of a new key to all that the demo can do; the one that an earlier start made ends.

    Raises
    ------
    RecordError
        If the record cannot be reached.
    """
    with engine.begin() as connection:
        if any(key.name == DEMO_KEY and key.revoked is None for key in store.list_keys(connection)):
            store.revoke_key(connection, DEMO_KEY, actor="demo")
        return store.add_key(connection, DEMO_KEY, "system-admin", actor="demo")


def _sample_epochs(town: Mapping[str, Any]) -> Iterator[tuple[str, str, date]]:
    """Table, layer and first day of each epoch of the sample territory, older ones first."""
    for layer in LAYERS:
        if f"{layer}_before" in town:
            yield f"{layer}_before", layer, SAMPLE_SINCE
        if layer in town:
            yield layer, layer, SAMPLE_REDRAWN if f"{layer}_before" in town else SAMPLE_SINCE
