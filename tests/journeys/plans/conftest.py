"""Offices, drafts and browsers that the journeys of a plan begin with."""

from __future__ import annotations

import itertools

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap import store
from gridmap.service.plans_drafts import Drafts
from tests.journeys.plans.books import MIDDLES, houses, load
from tests.journeys.plans.page import SINCE, opened

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def office(town_record, serving):
    """An office in which each test has drafts of its own, and nothing is published."""
    engine = store.connect(town_record(f"office_{next(_numbers)}"))
    with opened(engine, serving) as made:
        yield made
    engine.dispose()


@pytest.fixture
def publishing_office(record, town, serving):
    """An office whose record nobody else knows."""
    with record.begin() as connection:
        for layer in ("areas", "buildings", "addresses"):
            source = store.Source(file=layer)
            store.load(connection, layer, town[layer], source=source, actor="test", effective=SINCE)
    with opened(record, serving) as made:
        yield made


@pytest.fixture
def visit(chromium):
    """Open a page in a browser of its own, signed in if a key is given; no other host may be asked, no script fail."""
    contexts, foreign, faults = [], [], []

    def open_page(address, key="", *, width=1366, height=768):
        context = chromium.new_context(locale="zh-CN", viewport={"width": width, "height": height})
        contexts.append(context)
        if key:
            context.add_init_script(f"sessionStorage.setItem('gridmap.key', '{key}')")
        tab = context.new_page()
        tab.set_default_timeout(20_000)
        tab.on("request", lambda one: None if one.url.startswith((address, "blob:")) else foreign.append(one.url))
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.on("console", lambda said: faults.append(said.text) if "Security Policy" in said.text else None)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert (foreign, faults) == ([], [])


@pytest.fixture
def editing(visit, office):
    """A tab with a draft open in the editor, and the number of the draft."""

    def open_draft(name="", **options):
        plan = office.draft(name)
        tab = visit(office.address, office.keys["grid-admin"], **options)
        tab.goto(f"{office.address}plans#{plan}")
        tab.wait_for_selector("#grids li")
        return tab, plan

    return open_draft


@pytest.fixture
def territory(four_grids):
    """The four grids in one community of one street of the district."""
    whole = shapely.box(120.0, 32.0, 120.02, 32.02)
    above = {
        "code": ["320613001", "320613001001"],
        "name": ["城东街道", "第一社区"],
        "level": ["street", "community"],
        "parent": ["320613", "320613001"],
    }
    upper = gpd.GeoDataFrame(above, geometry=[whole, whole], crs=4490)
    grids = four_grids.assign(parent=[None, *["320613001001"] * 4])
    return pd.concat([grids, upper], ignore_index=True)


@pytest.fixture
def drafts(record, territory, two_addresses):
    """The drafts of a record of four grids, two addresses, and a house in the middle of each grid."""
    load(record, "areas", territory)
    load(record, "addresses", two_addresses)
    load(record, "buildings", houses(*MIDDLES.values()))
    return Drafts(record)
