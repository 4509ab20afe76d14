"""What is refused about cases over HTTP: with a status, a code, and words in both languages; nothing makes it fail."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.api import Limits, cases_examples, create_app
from gridmap.api.app import OPERATIONS
from gridmap.atlas import Atlas
from tests.journeys.beat import cloned, opened, told
from tests.journeys.strip import exchange, filled, opened_case, sent

#: Texts that break what does not expect them.
HOSTILE = [
    "\x00",
    "' OR 1=1--",
    "../../etc/passwd",
    "%s%n{0}${x}",
    "<script>alert(1)</script>",
    "𠮷\u202e\ufeff",
    "9" * 400,
    "-1",
    "1e309",
    "NaN",
    "\ud7ff甲" * 50,
]
#: The letter O in the eastings of lines 13 and 14.
UNREADABLE = exchange(0, 10).replace(b"40501000.000", b"4O501000.000")

DAYS = {"agreed_on": "2026-02-01", "effective": "2026-03-01"}

READS = [one for one in OPERATIONS if one.method == "GET" and one.path.startswith(("/api/cases", "/maps/disputes"))]
WRITES = [one for one in OPERATIONS if one.method == "POST" and one.path.startswith("/api/cases")]
#: Whatever JSON has.
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("version", "name", "code", "epsg", "title", "kind", "status", "candidate", "agreed_on", "parties", "captured")


@pytest.fixture(scope="module")
def service(database_server, record_template, serving):
    """A service without areas, asked with the key of a mediator."""
    with cloned(database_server, record_template, "cases_refused") as record, opened(record, serving) as client:
        client.headers.update(client.keys["mediator"])
        yield client


@pytest.fixture(scope="module")
def case(service):
    """The address of a case with two claims and a line, which stays at version 3."""
    return filled(service)


@pytest.fixture(scope="module")
def empty(service):
    """The address of a case without anything, which stays so."""
    return opened_case(service)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": ""}, "no_text"),
        ({"name": "x" * 81}, "no_text"),
        ({"name": "张某 320613199001011234"}, "numbers_a_person"),
        ({"name": "x", "note": "电话13912345678"}, "numbers_a_person"),
        ({"name": "x", "code": "../1"}, "bad_code"),
        ({"name": "x", "epsg": 4326}, "not_metric"),
        ({"name": "x", "epsg": 999999}, "not_metric"),
        ({"name": "x", "epsg": "4528"}, None),
        ({"name": "x", "party": "y"}, None),
        ([], None),
    ],
)
def test_a_case_that_is_none_is_not_opened(service, body, code):
    answer = service.post("/api/cases", json=body)
    assert (answer.status_code, answer.json().get("code")) == (400, code), answer.text


def test_a_code_is_given_once(service):
    assert service.post("/api/cases", json={"name": "x", "code": "东-1"}).status_code == 201
    assert told(service.post("/api/cases", json={"name": "y", "code": "东-1"})) == (409, "case_exists")
    assert service.get("/api/cases/东-1").json()["name"] == "x"


@pytest.mark.parametrize(
    ("said", "content", "status", "code"),
    [
        ({}, b"x", 400, "no_version"),
        ({"version": 3}, b"x", 400, "no_file_name"),
        ({"version": 3, "file": "a.exe", "party": "甲"}, b"x", 400, "unread_ending"),
        ({"version": 3, "file": "a.txt", "party": "甲"}, b"", 400, "empty_body"),
        ({"version": 3, "file": "a.txt"}, exchange(0, 5), 400, "no_party"),
        ({"version": 3, "file": "a.txt", "party": "13912345678"}, exchange(0, 5), 400, "numbers_a_person"),
        ({"version": 3, "file": "a.txt", "party": "甲", "accuracy_m": "-1"}, exchange(0, 5), 400, None),
        ({"version": 3, "file": "a.txt", "party": "甲", "date": "昨天"}, exchange(0, 5), 400, "not_a_date"),
        ({"version": 3, "file": "a.txt", "party": "甲"}, UNREADABLE, 400, "E_NUMBER"),
        ({"version": 3, "file": "a.zip", "party": "甲"}, b"PK\x03\x04", 400, None),
        ({"version": 3, "file": "a.geojson", "party": "甲"}, b'{"type":', 400, None),
        ({"version": 2, "file": "a.txt", "party": "甲"}, exchange(0, 5), 409, "stale_case"),
    ],
)
def test_a_file_of_claims_that_cannot_be_used_is_refused_and_nothing_added(service, case, said, content, status, code):
    answer = sent(service, f"{case}/claims", content, **said)
    found, said_code = told(answer)
    assert found == status, answer.text
    assert code is None or said_code == code
    assert service.get(case).json()["version"] == 3


def test_what_is_wrong_with_a_file_of_surveyors_is_told_line_by_line(service, case):
    asked = f"{case}/claims?version=3&file=a.txt&party=A"
    told_zh = service.post(asked, content=UNREADABLE, headers={"Accept-Language": "zh"}).json()
    assert [(one["code"], one["line"]) for one in told_zh["faults"]] == [("E_NUMBER", 13), ("E_NUMBER", 14)]
    assert told_zh["detail"].startswith("文件未能读取")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        (
            "agreements",
            {"candidate": "none", "agreed_on": "2026-02-01", "effective": "2026-03-01"},
            404,
            "no_candidate",
        ),
        ("agreements", {"candidate": "half way", "agreed_on": "soon", "effective": "2026-03-01"}, 400, "no_day"),
        ("agreements", {"candidate": "half way", "agreed_on": None, "effective": "2026-03-01"}, 400, "no_day"),
        (
            "agreements",
            {"candidate": "half way", "agreed_on": "2126-02-01", "effective": "2126-03-01"},
            400,
            "not_signed_yet",
        ),
        ("agreements", {"candidate": "half way", **DAYS, "parcels": []}, 400, None),
        ("agreements", {"candidate": "half way", **DAYS, "parcels": {"甲": "A"}}, 400, "not_concerned"),
        ("agreements", {"candidate": "half way", **DAYS, "terms": "电话13912345678"}, 400, "numbers_a_person"),
        ("sources", {"title": "图", "kind": "map", "points": [{"owner": "张三"}]}, 400, "bad_point"),
        ("candidates", {"share": 0.5, "party": "丙村"}, 400, "no_party"),
        ("candidates", {"share": 1}, 400, None),
        ("candidates", {"share": True}, 400, None),
        ("status", {"status": "settled"}, 400, "unknown_status"),
        ("status", {"status": "agreed"}, 409, "status_cannot_follow"),
        ("claims/9/withdraw", {}, 404, "no_row"),
        ("candidates/0/withdraw", {}, 404, "no_row"),
        ("sources", {"title": "图", "kind": "dream"}, 400, "unknown_kind"),
        ("sources", {"title": "图", "kind": "map", "evidence": 9}, 404, "no_row"),
        ("sources", {"title": "图", "kind": "map", "captured": "about 1950"}, 400, "not_a_date"),
        ("sources", {"title": "图", "kind": "map", "accuracy_m": True}, 400, None),
        ("sources", {"title": "图", "kind": "map", "points": [1]}, 400, None),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_and_nothing_done(service, case, path, body, status, code):
    answer = service.post(f"{case}/{path}", json={"version": 3, **body})
    assert told(answer) == (status, code), answer.text
    assert service.get(case).json()["version"] == 3


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/cases/none", 404, "no_case"),
        ("/api/cases?status=settled", 400, None),
        ("/api/cases?limit=0", 400, None),
        ("/api/cases?after=x", 400, "no_page"),
        ("/api/cases/none/archive", 404, "no_case"),
        ("{case}/points?candidate=other", 404, "no_candidate"),
        ("{empty}/points", 400, "no_claims"),
        ("{case}/evidence/1", 404, "no_row"),
        ("{case}/ledger?candidate=other", 404, "no_candidate"),
        ("{case}/evidence/one", 400, None),
        ("{case}/timeline", 400, "no_day"),
        ("{case}/timeline?at=1950", 400, "no_day"),
        ("{case}/sheet.pdf?paper=A5", 400, None),
        ("{case}/sheet.pdf?scale=1", 400, None),
        ("{case}/sheet.pdf?lang=fr", 400, None),
        ("{empty}/ledger", 400, "no_claims"),
        ("{empty}/sheet.pdf", 400, "no_claims"),
        ("/maps/disputes", 400, "no_case_asked"),
        ("/maps/disputes?case=none", 404, "no_case"),
        ("/maps/disputes?case=1&on=2026-01-01", 400, None),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(service, case, empty, path, status, code):
    assert told(service.get(path.format(case=case, empty=empty))) == (status, code)


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"PK\x05\x06" + bytes(18), "application/zip", 404, "no_case_folder"),
        (b"no archive", "application/zip", 400, "broken_archive"),
        (b"", "application/zip", 400, "empty_body"),
        (b"PK", "text/plain", 415, None),
    ],
    ids=["of nothing", "none", "empty", "of another type"],
)
def test_an_archive_that_is_none_of_a_case_is_refused(service, content, kind, status, code):
    answer = service.post("/api/cases/archive", content=content, headers={"Content-Type": kind})
    assert told(answer) == (status, code), answer.text


def test_a_body_of_another_type_than_json_is_refused(service, case):
    assert service.post(f"{case}/status", content=b"version=3").status_code == 415


def test_refusals_speak_the_language_of_the_reader(service, case):
    said = [
        service.post(f"{case}/claims/9/withdraw", json={"version": 1}, headers={"Accept-Language": lang}).json()[
            "detail"
        ]
        for lang in ("zh", "en")
    ]
    assert said == [
        "别人已改动此案件，现为版本 3。请看过之后再试。",
        "Others changed this case; it is of version 3 now. Look at it, and try again.",
    ]


def test_a_file_that_is_too_large_is_refused_before_it_is_whole(service, serving):
    app = create_app(
        Atlas.of_record(service.record),
        engine=service.record,
        limits=Limits(claims_bytes=100, evidence_bytes=50, archive_bytes=60),
    )
    with serving(app) as client:
        client.headers.update(service.keys["mediator"])
        case = opened_case(client)
        assert told(sent(client, f"{case}/evidence", b"x" * 51, version=0, file="a.jpg"))[0] == 413
        assert told(sent(client, f"{case}/claims", b"x" * 101, version=0, file="a.csv", party="甲"))[0] == 413
        assert sent(client, f"{case}/evidence", b"x" * 50, version=0, file="a.jpg").status_code == 201
        archive = {"content": b"x" * 61, "headers": {"Content-Type": "application/zip"}}
        assert told(client.post("/api/cases/archive", **archive))[0] == 413


def test_a_service_that_answers_from_files_says_that_it_has_no_cases(small_atlas, serving, monkeypatch):
    with serving(create_app(small_atlas)) as client:
        monkeypatch.setattr("gridmap.api.auth.Gate.admit", _anybody)
        answers = [client.get(path) for path in ("/api/cases", "/api/cases/1", "/maps/disputes?case=1")]
    assert [told(answer) for answer in answers] == [(404, "no_cases")] * 3


async def _anybody(*_):
    return None


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("asked", READS, ids=lambda one: one.path)
def test_no_hostile_question_makes_the_service_fail(service, case, asked, text):
    path = asked.path.replace("{number}", "1")
    paths = [path.replace("{id}", quote(text, safe=""))] if "{id}" in path else [path]
    own = path.replace("{id}", case.rpartition("/")[2])
    paths += [f"{own}?{one.name}={quote(text, safe='')}" for one in asked.takes if one.place == "query"]
    statuses = {service.get(path).status_code for path in paths}
    assert statuses <= {200, 400, 404}, (paths, statuses)


@pytest.mark.parametrize("asked", WRITES, ids=lambda one: one.path)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=VALUES | st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6))
def test_no_hostile_body_makes_the_service_fail(service, empty, asked, body):
    path = asked.path.replace("{id}", empty.rpartition("/")[2]).replace("{number}", "1")
    answer = service.post(path, json=body)
    assert answer.status_code in {201, 400, 404, 409, 413, 415}, answer.text


@pytest.mark.parametrize("ending", ["txt", "csv", "xlsx", "dxf", "kml", "kmz", "geojson", "gpkg", "zip"])
@pytest.mark.parametrize("content", [b"\x00" * 64, b"PK\x03\x04" + b"\xff" * 99])
def test_no_hostile_file_makes_the_service_fail(service, case, ending, content):
    for part, party in (("claims", "甲"), ("candidates", None)):
        answer = sent(service, f"{case}/{part}", content, version=3, file=f"a.{ending}", party=party)
        assert answer.status_code == 400, (answer.status_code, answer.text)


def test_the_examples_of_the_documentation_have_the_shape_of_the_answers(service):
    case = filled(service)
    sent(service, f"{case}/evidence", b"x", version=3, file="a.txt")
    service.post(f"{case}/sources", json={**cases_examples.NEW_SOURCE, "version": 4})
    whole, example = service.get(case).json(), cases_examples.WHOLE
    assert whole.keys() == example.keys()
    for part in ("claims", "candidates"):
        rows = [one[part]["features"][0]["properties"] for one in (whole, example)]
        assert rows[0].keys() == rows[1].keys()
    for part in ("evidence", "sources"):
        assert whole[part][0].keys() == example[part][0].keys()


@pytest.mark.parametrize(
    ("asked", "rows", "example"),
    [
        ("ledger", "ledger", cases_examples.LEDGER),
        ("lines", "lines", cases_examples.LINES),
        ("timeline?at=1985-06-01", "timeline", cases_examples.TIMELINE),
        ("verify", "faults", cases_examples.VERIFIED),
    ],
)
def test_so_have_those_of_what_is_computed(service, case, asked, rows, example):
    answer = service.get(f"{case}/{asked}").json()
    assert answer.keys() == example.keys()
    assert [one.keys() for one in answer[rows][:1]] == [one.keys() for one in example[rows][:1]]


def test_so_has_contested_ground(service, case):
    (found,), (example,) = (one["contested"] for one in (service.get(f"{case}/ledger").json(), cases_examples.LEDGER))
    assert found.keys() == example.keys()
