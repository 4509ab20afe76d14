"""The editor of draft plans as a grid administrator has it: an office with a record, and what hands do on the page."""

from __future__ import annotations

import itertools
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import httpx
import pytest
import shapely
from shapely.geometry import shape

from gridmap import store
from gridmap.api import create_app
from gridmap.atlas import Atlas
from gridmap.territory import today

SINCE = date(2024, 1, 1)

TODAY, TOMORROW = today(), today() + timedelta(days=1)

#: Neighbours of one community of the sample town, by the ends of their codes and names.
SECOND, FOURTH = "320613005001002", "320613005001004"

#: What the map shows, as text.
PICTURE = "[...document.querySelectorAll('#map canvas')].map((one) => one.toDataURL()).join()"

#: Wait until the map is laid out and drawn, which may cost it a frame more or two.
FRAMES = "async () => { for (let i = 0; i < 4; i++) await new Promise((done) => requestAnimationFrame(done)) }"

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


def wait_for_version(tab, version):
    """Wait until the page says that it shows a version, and that the last edit was done."""
    tab.wait_for_function(f"() => document.querySelector('#plan-state')?.innerText.endsWith('版本 {version}')")
    assert "good" in tab.get_attribute(".messages .said", "class")


def choose(tab, *codes):
    for number, code in enumerate(codes):
        tab.click(f"#grid-{code}", modifiers=["Control"] if number else [])


def selected(tab):
    return [one.get_attribute("data-code") for one in tab.locator("#grids [aria-selected=true]").all()]


def picture(tab):
    """What the map shows once it has fetched all that it shows."""
    tab.wait_for_selector("#map[aria-busy=false]")
    tab.evaluate(FRAMES)
    return tab.evaluate(PICTURE)


def middle(tab, selector):
    """Where something is on the screen once the map has been drawn."""
    tab.evaluate(FRAMES)
    box = tab.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(tab, start, end):
    tab.mouse.move(*start)
    tab.mouse.down()
    tab.mouse.move(*end, steps=5)
    tab.mouse.up()


def corners(polygon):
    return set(polygon.exterior.coords)


def shared_corner(tab, names="虹桥社区第2网格、虹桥社区第4网格"):
    """Point at a corner inside the territory that only two grids share, by keyboard, and return where it is."""
    tab.focus("#corners")
    for _ in range(30):
        text = tab.inner_text("#corners")
        if text.endswith(f"属于：{names}"):
            return middle(tab, ".corner")
        tab.keyboard.press("ArrowRight")
    return pytest.fail(f"no corner of both grids alone: {text}")


def chord(polygon):
    """Numbers of two corners between which a straight line cuts a polygon into two pieces as equal as can be."""
    ring = list(polygon.exterior.coords)[:-1]

    def smaller(pair):
        one, other = sorted(pair)
        line = shapely.LineString([ring[one], ring[other]])
        if not 2 <= other - one <= len(ring) - 2 or not polygon.buffer(1e-9).contains(line):
            return 0
        return min(shapely.Polygon(ring[one : other + 1]).area, shapely.Polygon(ring[other:] + ring[: one + 1]).area)

    return max(itertools.combinations(range(len(ring)), 2), key=smaller)


def go_to_corner(tab, number):
    """Walk to a corner by its number with the arrow keys."""
    tab.focus("#corners")
    while not tab.inner_text("#corners").startswith(f"第 {number + 1} /"):
        tab.keyboard.press("ArrowRight")


def wait_for_territory(office, version):
    """Wait until the service answers by a version of the territory."""
    until = time.monotonic() + FOLLOWED_S
    while office.client.get("/api/config").json()["version"] < version and time.monotonic() < until:
        time.sleep(0.05)
