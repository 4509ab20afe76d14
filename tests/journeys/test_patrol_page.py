"""The map of patrols in a browser, as the service hands it out: what it shows is what the answers say."""

from __future__ import annotations

from datetime import date

import pytest

from gridmap import store
from gridmap.api import create_app
from gridmap.atlas import Atlas
from tests.journeys.beat import COMPILED_S

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("built_page")]

DAYS = "from=2024-05-06&to=2024-05-07"
#: Shifts of these days in the order of time.
SHIFTS = ("2024-05-06 day", "2024-05-06 night", "2024-05-07 day", "2024-05-07 night")


@pytest.fixture(scope="module")
def centre(town_record, serving, town):
    """A service on the sample town with the fixes of its posts and its checkpoints."""
    record = store.connect(town_record("patrolled"))
    by = {"source": store.Source(file="town"), "actor": "test", "effective": date(2024, 1, 1)}
    with record.begin() as connection:
        for layer in ("checkpoints", "fixes"):
            store.load(connection, layer, town[layer], **by)
        keys = {role: store.add_key(connection, role, role, actor="test") for role in ("operator", "viewer")}
    with serving(create_app(Atlas.of_record(record), engine=record)) as client:
        client.keys, client.timeout = keys, COMPILED_S
        client.headers["Authorization"] = f"Bearer {keys['operator']}"
        yield client
    record.dispose()


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


@pytest.fixture(scope="module")
def answered(centre, town):
    """What the service answers of the whole town: metres walked and share, by shift."""
    (district,) = town["areas"].query("level == 'district'")["code"]
    answer = centre.get(f"/api/coverage/patrols?area={district}&{DAYS}").raise_for_status().json()
    return {row["shift"]: (row["walked_m"], row["share"]) for row in answer["areas"][0]["shares"]}


def slid(tab, to):
    """Metres and share that the page tells where the slider stands on a shift of its own; it tells per cent."""
    tab.check("input[name=gm-mode][value=in]", force=True)
    tab.locator("#gm-shift").fill(str(to))
    walked = tab.locator("#gm-walked")
    return float(walked.get_attribute("data-metres")), float(walked.get_attribute("data-share")) / 100


def test_the_slider_shows_the_figures_of_each_shift_that_the_service_answers(visit, answered):
    tab = visit(f"/maps/patrols?{DAYS}")
    for place, shift in enumerate(SHIFTS):
        metres, share = slid(tab, place)
        assert metres == pytest.approx(answered[shift][0], abs=0.2)
        assert share == pytest.approx(answered[shift][1], abs=1e-4)


def test_who_may_not_see_patrols_moves_the_slider_over_shares_alone(visit, answered):
    tab = visit(f"/maps/patrols?{DAYS}", role="viewer")
    assert slid(tab, 1)[1] == pytest.approx(answered[SHIFTS[1]][1], abs=1e-4)
    assert "巡逻岗" not in tab.content()
