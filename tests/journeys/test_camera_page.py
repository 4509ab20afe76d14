"""The map of cameras in a browser, as the service hands it out: what it shows is what the answers say."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from gridmap import store
from gridmap.api import create_app
from gridmap.atlas import Atlas
from gridmap.territory import today

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("built_page")]

#: The camera of the sample town that does not work here, and the day on which it came to be so.
BROKEN, SINCE = "C00003", date(2026, 1, 1)

#: What is drawn of the ground, as text.
GROUND = "document.querySelector('.leaflet-gm-ground-pane canvas').toDataURL()"


@contextmanager
def served(record, serving, town):
    """A service on a record of the sample town with its cameras, one of which broke."""
    broken = town["cameras"][town["cameras"]["id"] == BROKEN].assign(status="offline", valid_from=SINCE)
    by = {"source": store.Source(file="cameras"), "actor": "test"}
    with record.begin() as connection:
        store.load(connection, "cameras", town["cameras"], effective=date(2024, 1, 1), **by)
        store.load(connection, "cameras", broken, effective=SINCE, **by)
        roles = ("operator", "viewer")
        keys = {role: store.add_key(connection, role, role, actor="test") for role in roles}
    with serving(create_app(Atlas.of_record(record), engine=record)) as client:
        client.keys, client.record = keys, record
        client.headers["Authorization"] = f"Bearer {keys['operator']}"
        yield client


@pytest.fixture(scope="module")
def centre(town_record, serving, town):
    """The service that an operations centre looks at."""
    engine = store.connect(town_record("watched"))
    with served(engine, serving, town) as client:
        yield client
    engine.dispose()


@pytest.fixture
def visit(chromium, centre):
    """Open a page with a key; no other host may be asked, and no script fail."""
    contexts, faults = [], []

    def open_page(path, role="operator"):
        headers = {"Authorization": f"Bearer {centre.keys[role]}"}
        context = chromium.new_context(extra_http_headers=headers, viewport={"width": 1366, "height": 768})
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(15_000)
        address = str(centre.base_url)
        tab.on("request", lambda one: faults.append(one.url) if not one.url.startswith((address, "data:")) else None)
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        tab.goto(f"{address}{path}")
        tab.wait_for_selector("body[data-ready]")
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert [fault for fault in faults if "favicon" not in fault] == []


def shares(centre, area, on=""):
    """Shares of an area's ground that cameras which work see, by band, as the service answers."""
    answer = centre.get("/api/coverage/cameras", params={"area": area, "on": on}).raise_for_status().json()
    rows = answer["areas"][0]["shares"]
    return {row["band"]: row["share"] for row in rows if (row["of"], row["cameras"]) == ("ground", "online")}


def best_grid(centre, town):
    """Name and code of the grid of which most is found."""
    grids = town["areas"][town["areas"]["level"] == "grid"]
    seen = {code: shares(centre, code)["find"] for code in grids["code"]}
    code = max(seen, key=seen.get)
    assert seen[code] > 0.001
    return grids.set_index("code")["name"][code], code


def test_an_operator_toggles_a_band_and_reads_the_share_that_the_service_answers(visit, centre, town):
    name, code = best_grid(centre, town)
    tab = visit("/maps/cameras?lang=zh")
    shown = tab.evaluate(GROUND)
    tab.uncheck("input[data-band=find]")
    assert tab.evaluate(GROUND) != shown
    tab.check("input[data-band=find]")
    assert tab.evaluate(GROUND) == shown
    tab.click(f"#gm-areas button:has-text('{name}')")
    assert code in tab.text_content(".gm-popup")
    for band, share in shares(centre, code).items():
        row = "all" if band == "any" else band
        held = tab.get_attribute(f"tr[data-band={row}] td[data-share]", "data-share")
        assert float(held) == pytest.approx(share, abs=2e-6)


def test_a_viewer_reads_the_same_share_and_sees_no_camera(visit, centre, town):
    name, code = best_grid(centre, town)
    tab = visit("/maps/cameras?lang=zh", "viewer")
    assert "C000" not in tab.content()
    assert tab.query_selector("input[data-band]") is None
    tab.click(f"#gm-areas button:has-text('{name}')")
    held = tab.get_attribute("tr[data-band=find] td[data-share]", "data-share")
    assert float(held) == pytest.approx(shares(centre, code)["find"], abs=1e-6)


def test_the_day_before_a_camera_broke_lies_beside_today_and_the_look_is_traced(visit, centre):
    before = SINCE - timedelta(days=1)
    tab = visit(f"/maps/cameras?old_on={before}&lang=en")
    captions = [box.text_content() for box in tab.query_selector_all(".gm-caption")]
    assert captions == [f"Before: {before}", f"After: {today()}"]
    assert BROKEN in tab.text_content("#gm-changed")
    with centre.record.connect() as connection:
        query = text("SELECT detail->>'on' FROM audit WHERE action = 'look at cameras' ORDER BY audit_id DESC LIMIT 2")
        assert list(connection.scalars(query)) == [str(before), str(today())]
