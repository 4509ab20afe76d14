"""An office that edits plans in a browser: the service on the sample town, its keys, and what is done on the page."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import httpx
import pytest
from shapely.geometry import shape

from gridmap import store
from gridmap.api import create_app
from gridmap.atlas import Atlas

SINCE = date(2024, 1, 1)

#: Neighbours of one community of the sample town, by the ends of their codes and names.
SECOND, FOURTH = "320613005001002", "320613005001004"

#: What the map shows, as text.
PICTURE = "[...document.querySelectorAll('#map canvas')].map((one) => one.toDataURL()).join()"

#: Seconds within which a service must know what was published.
FOLLOWED_S = 30


_numbers = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Office:
    """A service on a record of the sample town, and the keys to it."""

    #: client with the key of a grid administrator
    client: httpx.Client
    #: keys by role
    keys: dict[str, str]

    @property
    def address(self) -> str:
        return str(self.client.base_url).rstrip("/") + "/"

    def areas(self, plan):
        """Polygons of a draft by code."""
        features = self.client.get(f"/api/plans/{plan}").raise_for_status().json()["features"]
        return {feature["id"]: shape(feature["geometry"]) for feature in features}

    def version(self, plan):
        return self.client.get(f"/api/plans/{plan}").raise_for_status().json()["plan"]["version"]

    def draft(self, name=""):
        """Number of a new draft; names are given once."""
        said = {"name": name or f"draft {next(_numbers)}"}
        return self.client.post("/api/plans", json=said).raise_for_status().json()["id"]

    def edit(self, plan, version, **operation):
        said = {"version": version, "operation": operation}
        return self.client.post(f"/api/plans/{plan}/edits", json=said).raise_for_status()

    def holder(self, place, on):
        asked = {"lon": place.x, "lat": place.y, "on": str(on)}
        chain = self.client.get("/api/locate", params=asked).raise_for_status().json()["chain"]
        return next(link["code"] for link in chain if link["level"] == "grid")


@contextmanager
def opened(record, serving):
    """An office on a record of the sample town."""
    with record.begin() as connection:
        keys = {role: store.add_key(connection, role, role, actor="test") for role in ("grid-admin", "operator")}
    atlas = Atlas.of_record(record)
    atlas.keep_fresh()
    with serving(create_app(atlas, engine=record, open_read=True)) as client:
        client.headers["Authorization"] = f"Bearer {keys['grid-admin']}"
        yield Office(client=client, keys=keys)
    atlas.close()


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
        tab.set_default_timeout(8000)
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


def wait_for_version(tab, version):
    """Wait until the page says that it shows a version, and that the last edit was done."""
    tab.wait_for_function(f"() => document.querySelector('#plan-state')?.innerText.endsWith('版本 {version}')")
    assert "good" in tab.get_attribute(".messages .said", "class")


def choose(tab, *codes):
    for number, code in enumerate(codes):
        tab.click(f"#grid-{code}", modifiers=["Control"] if number else [])


def selected(tab):
    return [one.get_attribute("data-code") for one in tab.locator("#grids [aria-selected=true]").all()]


def middle(tab, selector):
    """Where something is on the screen once the map has been drawn: laying out may cost it one frame more or two."""
    tab.evaluate("async () => { for (let i = 0; i < 4; i++) await new Promise((done) => requestAnimationFrame(done)) }")
    box = tab.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
