"""What a service withstands: requests too large, too slow, too many, and its own faults."""

from __future__ import annotations

import re
import socket
import threading

import pytest

from gridmap.api import Limits, create_app, deps, server
from gridmap.errors import RecordError


@pytest.fixture(scope="module")
def narrow(small_atlas, serving):
    """A client of a service with very small limits."""
    limits = Limits(json_bytes=200, json_rows=3, csv_bytes=300, stall_s=0.3)
    with serving(create_app(small_atlas, open_read=True, limits=limits)) as client:
        yield client


def status_of(client, content, media_type):
    response = client.post("/api/locate", content=content, headers={"content-type": media_type})
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code


def spoken(client, *pieces):
    """What the service answers to raw bytes, until it ends the connection."""
    with socket.create_connection((client.base_url.host, client.base_url.port), timeout=5) as line:
        for piece in pieces:
            line.sendall(piece)
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    return answer


def post(media_type, length):
    head = ("POST /api/locate HTTP/1.1", "Host: x", f"Content-Type: {media_type}", f"Content-Length: {length}", "", "")
    return "\r\n".join(head).encode()


def test_a_body_that_announces_to_be_too_large_is_refused_before_it_is_sent(narrow):
    # the body never comes: an answer at once shows that nobody waits for it
    assert b" 413 " in spoken(narrow, post("application/json", 201).replace(b"Host", b"Connection: close\r\nHost"))


def test_a_body_that_turns_out_to_be_too_large_is_refused(narrow):
    assert status_of(narrow, (b" " * 50 for _ in range(10)), "application/json") == 413
    assert status_of(narrow, (b"lon,lat\n1,2\n" * 5 for _ in range(10)), "text/csv") == 413


def test_a_list_of_too_many_rows_is_refused(narrow):
    assert status_of(narrow, "[1,2,3,4]", "application/json") == 413


def test_a_body_that_does_not_come_is_not_waited_for(narrow):
    head = post("text/csv", 100).replace(b"Host", b"Connection: close\r\nHost")
    assert b" 408 " in spoken(narrow, head, b"lon,lat\n")


def test_a_head_that_never_ends_is_cut_off(narrow):
    assert b" 431 " in spoken(narrow, b"GET / HTTP/1.1\r\nX: ", b"a" * (server.HEAD_BYTES + 1))


def test_a_head_that_comes_too_slowly_is_cut_off(small_atlas, serving, monkeypatch):
    monkeypatch.setattr(server, "HEAD_S", 0.2)
    with serving(create_app(small_atlas, open_read=True)) as client:
        assert b" 408 " in spoken(client, b"GET / HTTP/1.1\r\nHo")
        assert b" 408 " in spoken(client)


def test_an_idle_connection_may_ask_again(client):
    for _ in range(3):
        assert client.get("/healthz").json() == {"status": "ok"}


def test_one_request_too_many_is_told_to_come_back(small_atlas, serving, monkeypatch):
    busy, go_on = threading.Event(), threading.Event()

    def slow(*_):
        busy.set()
        assert go_on.wait(10)
        raise RecordError("slow")

    with serving(create_app(small_atlas, open_read=True, limits=Limits(requests=1))) as client:
        monkeypatch.setattr(type(small_atlas), "held", lambda *_: None)
        monkeypatch.setattr(type(small_atlas), "territory", slow)
        first = threading.Thread(target=client.get, args=("/api/config",))
        first.start()
        assert busy.wait(10)
        response = client.get("/healthz")
        go_on.set()
        first.join(10)
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")


def test_a_fault_of_the_service_is_a_problem_that_tells_nothing_of_its_insides(
    small_atlas, serving, monkeypatch, caplog
):
    with serving(create_app(small_atlas, open_read=True)) as client:
        client.get("/api/locate?lon=120.005&lat=32.005")
        monkeypatch.setattr(type(small_atlas.territory()), "locate", lambda *_, **__: 1 / 0)
        response = client.get("/api/locate?lon=120.005&lat=32.005")
    assert (response.status_code, response.headers["content-type"]) == (500, "application/problem+json")
    assert "division" not in response.text
    assert "ZeroDivisionError" in caplog.text


def test_a_fault_of_a_route_with_parts_is_such_a_problem_too(small_atlas, serving, monkeypatch, caplog):
    with serving(create_app(small_atlas, open_read=True)) as client:
        monkeypatch.setattr(deps, "one_code", lambda *_: 1 / 0)
        response = client.get("/api/areas/320613")
    assert (response.status_code, response.headers["content-type"]) == (500, "application/problem+json")
    assert "division" not in response.text
    assert "ZeroDivisionError" in caplog.text


def test_a_refusal_is_not_logged(client, caplog):
    client.get("/api/locate?lon=x")
    client.get("/none")
    assert not caplog.records


def test_a_method_that_an_address_does_not_take_is_told_those_it_takes(client):
    response = client.delete("/api/locate")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")
    assert response.headers["content-type"] == "application/problem+json"


def test_a_head_request_is_answered_without_a_body(client):
    response = client.head("/api/areas", headers={"accept-encoding": "identity"})
    assert (response.status_code, response.content) == (200, b"")
    assert int(response.headers["content-length"]) > 500


def test_the_service_is_ready_when_a_territory_is_in_force(client):
    assert client.get("/readyz").json() == {"status": "ready", "version": 0}


def test_requests_are_counted_by_route_and_never_by_what_they_asked(small_atlas, serving):
    with serving(create_app(small_atlas, open_read=True)) as client:
        for path in (
            "/api/locate?address=secret",
            "/api/locate?lon=120.005&lat=32.005",
            "/none/secret",
            "/api/areas/9",
        ):
            client.get(path)
        text = client.get("/metrics").text
    assert 'gridmap_http_requests_total{route="/api/locate",method="GET",status="200"} 2' in text
    assert 'gridmap_http_requests_total{route="none",method="GET",status="404"} 1' in text
    assert 'gridmap_http_requests_total{route="/api/areas/{code}",method="GET",status="404"} 1' in text
    assert "secret" not in text


def test_the_times_of_requests_add_up(small_atlas, serving):
    with serving(create_app(small_atlas, open_read=True)) as client:
        for _ in range(3):
            client.get("/healthz")
        text = client.get("/metrics").text
    assert 'gridmap_http_request_seconds_count{route="/healthz"} 3' in text
    assert 'gridmap_http_request_seconds_bucket{route="/healthz",le="+Inf"} 3' in text
    assert re.search(r'seconds_sum\{route="/healthz"\} 0\.\d+', text)
