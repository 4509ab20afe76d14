"""A plan as a table of all its areas, to be handed out as a file and taken in again."""

from __future__ import annotations

import geopandas as gpd

from gridmap import store
from gridmap.service.plans_drafts import Draft, Drafts
from gridmap.service.plans_whole import whole
from gridmap.store import plans


def all_areas(drafts: Drafts, plan_id: int) -> tuple[Draft, gpd.GeoDataFrame]:
    """Return a plan, and its areas of all levels with their ground, those that hold others first.

    Raises
    ------
    NotFoundError
        If there is no such plan.
    RecordError
        If the record cannot be reached.
    """
    with drafts.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        draft = drafts.of(connection, plans.find(connection, plan_id))
        return draft, whole(draft, store.read(connection, "areas", on=draft.plan.base))
