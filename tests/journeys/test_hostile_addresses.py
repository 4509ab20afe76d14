"""Hostile texts over HTTP: a status, a clean answer, nothing of a person told or kept, and no code handed on."""

from __future__ import annotations

import io
import json
import logging
import re
from urllib.parse import quote

import openpyxl
import pytest

from gridmap.api import create_app

PHONE, IDENTITY = "13800000000", "32060219900101000X"

#: Texts that a request can carry, each far from any address.
TEXTS = {
    "sql": "'; DROP TABLE addresses; --",
    "sql that waits": "1' AND 1=(SELECT pg_sleep(10))--",
    "html": "<script>alert(1)</script>",
    "html in an attribute": '"><img src=x onerror=alert(1)>',
    "template": "{{7*7}}${jndi:ldap://x/a}",
    "control characters": "\x01\x02\x1b[2J\x7f\x9f",
    "null": "\x00",
    "null inside": "人民路\x00西",
    "emoji": "🏠👨‍👩‍👧🇨🇳",
    "right to left": "\u202e\u2066无\u2069\u200f",
    "hidden": "\u200b\ufeff\u2060",
    "line ends": "x\r\nSet-Cookie: a=b\r\n\r\n<b>",
    "no character": "\ufffe\uffff\U0010ffff",
    "path": "../../../../etc/passwd",
    "formula": '=HYPERLINK("http://x","y")',
}

HOSTILE = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)

#: What no answer may hold.
TRACES = re.compile(r"Traceback|File \"|\.py\b|sqlalchemy|psycopg", re.IGNORECASE)


def clean(response, status=200):
    """The answer, which is data and never a page, and tells nothing of the service's insides."""
    assert response.status_code == status, response.text[:200]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["content-type"] == ("application/json" if status < 400 else "application/problem+json")
    assert "set-cookie" not in response.headers
    assert not TRACES.search(response.text)
    return response.json()


def rows_of(client, content, media_type):
    return client.post("/api/locate", content=content, headers={"content-type": media_type})


@HOSTILE
def test_a_hostile_address_is_not_found_and_comes_back_as_it_was(client, text):
    answer = clean(client.get("/api/locate", params={"address": text, "explain": "true"}))
    assert (answer["status"], answer["area"], answer["lon"], answer["query"]) == ("not_found", None, None, text)


@HOSTILE
def test_a_hostile_text_is_suggested_nothing(client, text):
    assert clean(client.get("/api/suggest", params={"q": text})) == []


@HOSTILE
def test_a_hostile_row_leaves_the_others_as_they_are(client, text):
    rows = [{"address": text, "note": text}, {"address": "崇川区青年路1号"}]
    bad, good = clean(rows_of(client, json.dumps(rows), "application/json"))
    assert (bad["status"], bad["note"], good["status"]) == ("not_found", text, "found")


@HOSTILE
def test_a_hostile_row_of_a_csv_leaves_the_others_as_they_are(client, text):
    field = '"' + text.replace('"', '""') + '"'
    response = rows_of(client, f"query\n{field}\n崇川区青年路1号\n".encode(), "text/csv")
    assert response.status_code in {200, 400}
    assert not TRACES.search(response.text)
    assert (",found," in response.text) == (response.status_code == 200)


@pytest.mark.parametrize("name", ["address", "lon", "crs", "on", "accuracy", "bbox", "<b>x</b>"])
@HOSTILE
def test_a_hostile_parameter_is_refused_or_not_found(client, name, text):
    response = client.get("/api/locate", params={name: text})
    clean(response, 200 if name == "address" else 400)


@pytest.mark.parametrize("path", ["/api/areas/{}", "/api/aliases/{}", "/api/{}", "/{}", "/maps/{}"])
@HOSTILE
def test_a_hostile_path_is_refused_and_never_a_page_of_its_making(client, path, text):
    response = client.get(path.format(quote(text, safe="")))
    assert 400 <= response.status_code < 500
    assert not TRACES.search(response.text)
    assert "text/html" not in response.headers["content-type"] or "<script>alert" not in response.text


@pytest.mark.parametrize("unit", ["很", "1", "<", "\x01", "🏠", "人民路5号", " ", "(", "'"], ids=ascii)
def test_ten_kilobytes_are_refused_wherever_they_come(client, unit):
    text = (unit * 10_000).encode()[:10_000].decode(errors="ignore")
    for path, name in (("/api/locate", "address"), ("/api/suggest", "q")):
        assert len(clean(client.get(path, params={name: text}), 413)["detail"]) < 300
    bad, good = clean(rows_of(client, json.dumps([{"address": text}, {"address": "青年路1号"}]), "application/json"))
    assert (bad["status"], good["status"]) == ("not_found", "found")


@pytest.mark.parametrize("field", ["很" * 10_000, "<b>" * 3_000, "1" * 10_000, "人民路5号" * 2_000])
def test_ten_thousand_characters_in_a_csv_are_one_row_that_is_not_found(client, field):
    response = rows_of(client, f"query\n{field}\n青年路1号\n".encode(), "text/csv")
    header, bad, good = (line.split(",") for line in response.text.splitlines())
    assert (response.status_code, header.count("status")) == (200, 1)
    assert (bad[header.index("status")], good[header.index("status")]) == ("not_found", "found")


@pytest.mark.parametrize("body", [b'["\\ud800"]', b'[{"address": "\\udfff\\ud800"}]', b'[{"address": "\xed\xa0\x80"}]'])
def test_half_a_character_is_refused_or_a_bad_row(client, body):
    response = rows_of(client, body, "application/json")
    assert response.status_code in {200, 400}
    answers = clean(response, response.status_code)
    assert response.status_code == 400 or [answer["status"] for answer in answers] == ["not_found"]


@pytest.mark.parametrize("query", ["address=%ED%A0%80", "address=%FF%FE", "address=%", "address=%zz", "q=%ED%A0%80"])
def test_bytes_that_are_no_text_are_refused_or_taken_as_they_stand(client, query):
    path = "/api/suggest" if query.startswith("q") else "/api/locate"
    response = client.get(f"{path}?{query}")
    clean(response, response.status_code)
    assert response.status_code in {200, 400}
    assert response.status_code == 400 or response.json()["status"] == "not_found"


@pytest.mark.parametrize("text", [TEXTS["html"], TEXTS["html in an attribute"]])
def test_html_is_only_ever_told_as_json(client, text):
    for path in ("/api/locate", "/api/suggest", "/api/areas"):
        for name in ("address", "q", text):
            response = client.get(path, params={name: text}, headers={"accept": "text/html"})
            assert response.headers["content-type"] in {"application/json", "application/problem+json"}


# --- numbers of persons

SAID = f"崇川区青年路1号 {PHONE} {IDENTITY}"


def test_numbers_of_persons_are_masked_in_every_answer(client):
    answers = [
        client.get("/api/locate", params={"address": SAID, "explain": "true"}),
        client.get("/api/suggest", params={"q": SAID}),
        rows_of(client, json.dumps([{"address": SAID}, {"query": f"无名路9号 {PHONE}"}]), "application/json"),
    ]
    assert [response.status_code for response in answers] == [200, 200, 200]
    assert answers[0].json()["status"] == "found"
    assert [text for text in (PHONE, IDENTITY) for response in answers if text in response.text] == []


def test_numbers_of_persons_are_in_no_log_and_no_metric(small_atlas, serving, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    with serving(create_app(small_atlas, open_read=True)) as client:
        for params in ({"address": SAID}, {"lon": PHONE}, {"crs": SAID}, {"on": IDENTITY}, {SAID: "1"}, {"q": SAID}):
            client.get("/api/locate", params=params)
        for path in (f"/api/areas/{PHONE}", f"/api/aliases/{quote(SAID)}", f"/{IDENTITY}"):
            client.get(path)
        rows_of(client, json.dumps([{"address": SAID}]), "application/json")
        rows_of(client, f"query\n{SAID}\n".encode(), "text/csv")
        metrics = client.get("/metrics").text
    told = (
        metrics + "".join(capfd.readouterr()) + "".join(r.getMessage() for r in caplog.records if r.name[:4] != "http")
    )
    assert "gridmap_http_requests_total" in told
    assert [text for text in (PHONE, IDENTITY, quote(SAID)) if text in told] == []


def test_numbers_of_persons_are_in_no_log_where_the_service_fails(small_atlas, serving, caplog, monkeypatch):
    with serving(create_app(small_atlas, open_read=True)) as client:
        client.get("/api/locate", params={"address": "青年路1号"})
        monkeypatch.setattr(type(small_atlas.territory()), "find", lambda *_, **__: 1 / 0)
        response = client.get("/api/locate", params={"address": SAID})
    assert response.status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert [text for text in (PHONE, IDENTITY) if text in caplog.text + response.text] == []


def test_a_workbook_of_hostile_texts_is_answered_row_by_row(client):
    book = openpyxl.Workbook()
    texts = [text for text in TEXTS.values() if text.isprintable()]
    for text in ["query", *texts, "青年路1号"]:
        book.active.append([text])
        # else what begins with = would be entered as a formula
        book.active.cell(book.active.max_row, 1).data_type = "s"
    body = io.BytesIO()
    book.save(body)
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answers = openpyxl.load_workbook(io.BytesIO(rows_of(client, body.getvalue(), media_type).content))["answers"]
    header, *rows = answers.iter_rows()
    at = [cell.value for cell in header].index("status")
    assert [row[at].value for row in rows] == ["not_found"] * len(texts) + ["found"]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n"}
