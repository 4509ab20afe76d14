"""Suggestions while an address is being typed, over HTTP, up to a territory of 100 000 addresses."""

from __future__ import annotations

import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gridmap import samples
from gridmap.api import create_app
from gridmap.atlas import Atlas
from gridmap.territory import answering
from gridmap.territory.once import Once

#: Addresses that are typed to the end, one character after the other.
TYPED = 40

#: What the project promises of the server.
PROMISED_MS = 20.0


@pytest.fixture(scope="module")
def big_town():
    """A sample town of more than 100 000 addresses."""
    return samples.town(seed=3, buildings=76_000)


@pytest.fixture(scope="module")
def big_client(big_town, serving):
    """A client of its service, which has the suggestions at hand."""
    atlas = Atlas.of_tables(big_town["areas"], big_town["addresses"])
    with serving(create_app(atlas, open_read=True)) as running:
        running.get("/api/suggest", params={"q": "人民"}).raise_for_status()
        yield running


def _texts(client, typed, **asked):
    reply = client.get("/api/suggest", params={"q": typed, **asked}).raise_for_status()
    return [one["text"] for one in reply.json()]


def test_a_road_is_suggested_with_its_district_and_the_number_of_its_addresses(client):
    (road, *_) = client.get("/api/suggest", params={"q": "青年"}).raise_for_status().json()
    said = {key: road[key] for key in ("address", "text", "within", "matched", "kind", "count", "id", "area")}
    assert said == {
        "address": "崇川区青年路",
        "text": "青年路",
        "within": "崇川区",
        "matched": [0, 2],
        "kind": "road",
        "count": 2,
        "id": None,
        "area": None,
    }


def test_a_number_is_suggested_where_it_is_with_the_address_that_it_is(client):
    (number,) = client.get("/api/suggest", params={"q": "qnl2"}).raise_for_status().json()
    assert (number["address"], number["id"]) == ("江苏省南通市崇川区青年路2号", "2")
    assert (number["lon"], number["lat"]) == (120.015, 32.015)


def test_what_is_suggested_can_be_asked(client):
    for one in client.get("/api/suggest", params={"q": "青年路"}).raise_for_status().json():
        if one["id"] is not None:
            answer = client.get("/api/locate", params={"address": one["address"]}).raise_for_status().json()
            assert (answer["status"], answer["lon"], answer["lat"]) == ("found", one["lon"], one["lat"])


def test_nothing_is_suggested_for_nothing_and_for_what_is_not_there(client):
    assert [_texts(client, typed) for typed in ("", " ", "没有这条路", "<script>", "' OR 1=1 --")] == [[]] * 5


@pytest.mark.parametrize(
    ("asked", "status"),
    [({"q": "路" * 501}, 413), ({"q": "a", "limit": 51}, 400), ({"q": "a", "limit": 0}, 400), ({"x": "a"}, 400)],
    ids=["too long", "too many", "none", "unknown parameter"],
)
def test_what_may_not_be_asked_is_refused(client, asked, status):
    assert client.get("/api/suggest", params=asked).status_code == status


def test_no_more_are_answered_than_were_asked_for(client):
    assert _texts(client, "青年路", limit=2) == ["青年路", "青年路1号"]


def test_a_browser_may_keep_suggestions_for_a_minute_but_no_proxy_may(client):
    headers = client.get("/api/suggest", params={"q": "青年"}).headers
    assert headers["cache-control"] == "private, max-age=60"
    assert (headers["vary"], headers["x-gridmap-version"]) == ("Authorization", "0")


def test_without_a_key_nothing_is_suggested_by_a_service_that_asks_for_one(small_atlas, serving):
    with serving(create_app(small_atlas)) as guarded:
        assert guarded.get("/api/suggest", params={"q": "青年"}).status_code == 401


def test_many_who_type_at_once_wait_for_one_making(four_grids, two_addresses, serving, monkeypatch):
    made = []
    whole = answering.Suggestions
    monkeypatch.setattr(answering, "Suggestions", lambda *tables: made.append(1) or time.sleep(0.2) or whole(*tables))
    app = create_app(Atlas.of_tables(four_grids, two_addresses), open_read=True)
    with serving(app) as running, ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda _: _texts(running, "青年"), range(8)))
    assert (len(made), answers) == (1, [["青年路", "青年路1号", "青年路2号"]] * 8)


def test_what_is_made_once_is_made_once_by_however_many_threads():
    made = []
    once = Once(lambda: time.sleep(0.05) or made.append(1) or "suggestions")
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda _: once(), range(8))) == {"suggestions"}
    assert len(made) == 1


@pytest.mark.slow
def test_every_keystroke_is_answered_within_20_ms_on_100_000_addresses(big_client, big_town):
    texts = big_town["addresses"]["text"].tolist()
    assert len(texts) >= 100_000
    took = []
    for text in random.Random(11).sample(texts, TYPED):
        for end in range(1, len(text) + 1):
            began = time.perf_counter()
            big_client.get("/api/suggest", params={"q": text[:end]}).raise_for_status()
            took.append(time.perf_counter() - began)
    p50, p95, worst = np.percentile(took, [50, 95, 100]) * 1e3
    figures = f"{len(took)} keystrokes: p50 {p50:.2f} ms, p95 {p95:.2f} ms, slowest {worst:.2f} ms"
    logging.getLogger("figures").warning(figures)
    assert p95 <= PROMISED_MS, figures


@pytest.mark.slow
def test_an_address_typed_to_its_end_is_suggested_first(big_client, big_town):
    for text in random.Random(12).sample(big_town["addresses"]["text"].tolist(), TYPED):
        (first, *_) = big_client.get("/api/suggest", params={"q": text}).raise_for_status().json()
        assert first["address"] == text
