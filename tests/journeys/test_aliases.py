"""Corrections: a wrong answer becomes an alias, over HTTP and from a shell; running services follow."""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from urllib.parse import quote

import pytest
from sqlalchemy import text

from gridmap import cli, store
from gridmap.api import create_app
from gridmap.atlas import Atlas
from gridmap.store import aliases
from gridmap.territory import today

STANDARD = "江苏省南通市崇川区青年路1号"
SAID = "老纺织厂门口"
SINCE = date(2024, 1, 1)

#: Seconds within which a service must know what was committed.
FOLLOWED_S = 5


@pytest.fixture
def filled(record, four_grids, two_addresses):
    """A record of the four grids and the two addresses."""
    with record.begin() as connection:
        for layer, table in (("areas", four_grids), ("addresses", two_addresses)):
            store.load(connection, layer, table, source=store.Source(file=layer), actor="test", effective=SINCE)
    return record


@pytest.fixture
def office(filled):
    """The header of a grid administrator's key."""
    return bearer(filled, "grid office", "grid-admin")


@pytest.fixture
def service(filled, serving):
    """A client of a service on loopback whose territory follows the record."""
    atlas = Atlas.of_record(filled)
    atlas.keep_fresh()
    with serving(create_app(atlas, engine=filled, open_read=True)) as client:
        yield client
    atlas.close()


def bearer(record, name, role):
    with record.begin() as connection:
        return {"Authorization": f"Bearer {store.add_key(connection, name, role, actor='test')}"}


def post(service, office, alias=SAID, means=STANDARD, **more):
    return service.post("/api/aliases", json={"alias": alias, "means": means, **more}, headers=office)


def delete(service, office, alias=SAID, **params):
    return service.delete(f"/api/aliases/{quote(alias, safe='')}", params=params, headers=office)


def found_at(service, version, address=SAID):
    """The grid of an address as soon as the service knows of a version."""
    until = time.monotonic() + FOLLOWED_S
    while time.monotonic() < until:
        answer = service.get("/api/locate", params={"address": address}).json()
        if answer["version"] >= version:
            return answer["area"]
        time.sleep(0.02)
    return pytest.fail(f"version {version} was not followed")


def noted(record):
    with record.connect() as connection:
        rows = connection.execute(
            text("SELECT actor, role, action FROM audit WHERE action ~ 'alias' ORDER BY audit_id")
        )
        return [tuple(row) for row in rows]


def test_what_a_caller_said_is_found_once_it_was_corrected(service, office):
    assert service.get("/api/locate", params={"address": SAID}).json()["status"] == "not_found"
    corrected = post(service, office)
    assert corrected.status_code == 201
    assert found_at(service, corrected.json()["version"]) == "320613001001001"


def test_a_withdrawn_correction_is_followed_too(service, office):
    found_at(service, post(service, office).json()["version"])
    withdrawn = delete(service, office)
    assert withdrawn.status_code == 200
    assert found_at(service, withdrawn.json()["version"]) is None


def test_a_correction_says_what_was_kept_where_it_lies_and_from_when(service, office):
    answer = post(service, office, alias=" 老纺织厂\u200b门口 ")
    said = answer.json()
    assert (said["alias"], said["means"], said["valid_from"]) == (SAID, STANDARD, today().isoformat())
    assert answer.headers["location"] == f"/api/aliases/{quote(SAID)}"
    assert service.delete(answer.headers["location"], headers=office).status_code == 200


def test_the_audit_names_the_key_and_not_the_service(service, office, filled):
    post(service, office)
    delete(service, office)
    by = ("grid office", "grid-admin")
    assert noted(filled) == [(*by, "add alias"), (*by, "withdraw alias")]


def test_aliases_are_listed_as_of_a_day_without_who_added_them(service, office):
    post(service, office, effective="2026-03-01")
    delete(service, office, effective="2026-06-01")
    days = ("2026-02-28", "2026-03-01", "2026-06-01")
    listed = [service.get("/api/aliases", params={"on": day}).json() for day in days]
    assert [answer["numberMatched"] for answer in listed] == [0, 1, 0]
    row = {"alias": SAID, "means": STANDARD, "valid_from": "2026-03-01", "valid_to": "2026-06-01"}
    assert listed[1]["aliases"] == [row]


def test_a_list_that_is_cut_says_how_much_there_is(service, office):
    post(service, office)
    post(service, office, alias="大桥头")
    said = service.get("/api/aliases", params={"limit": 1}).json()
    assert (said["numberMatched"], said["numberReturned"], len(said["aliases"])) == (2, 1, 1)


def test_an_alias_with_a_slash_can_be_withdrawn(service, office):
    assert post(service, office, alias="老厂A/B座").status_code == 201
    assert delete(service, office, alias="老厂A/B座").status_code == 200


BAD = {
    "unknown meaning": {"means": "江苏省南通市崇川区青年路3号"},
    "meaning in another city": {"means": "上海市浦东新区青年路1号"},
    "empty alias": {"alias": " "},
    "a telephone number": {"alias": "老王13912345678"},
    "itself": {"alias": STANDARD},
    "a day that there is not": {"effective": "2026-02-30"},
    "a key too many": {"because": "he said so"},
    "a number": {"alias": 5},
    "nothing": {"alias": None},
    "too long": {"alias": "厂" * 201},
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD)
def test_a_correction_that_is_no_use_is_refused_as_a_problem(service, office, filled, change):
    answer = service.post("/api/aliases", json={"alias": SAID, "means": STANDARD, **change}, headers=office)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "13912345678" not in answer.text
    assert noted(filled) == []


def test_a_meaning_that_may_be_several_places_is_refused_with_their_names(service, office, filled, two_addresses):
    twice = two_addresses.assign(id=["3", "4"], text=["崇川区人民路9号东侧楼", "崇川区人民路9号东侧楼"])
    with filled.begin() as connection:
        store.load(connection, "addresses", twice, source=store.Source(file="x"), actor="test", effective=SINCE)
        version = store.revision(connection)
    found_at(service, version, STANDARD)
    refused = post(service, office, means="人民路9号东侧楼")
    assert (refused.status_code, refused.json()["detail"].count("崇川区人民路9号东侧楼")) == (400, 2)


@pytest.mark.parametrize(
    "means", ["江苏省南通市崇川区青年璐1号", SAID, "青年路1号对面"], ids=["mistyped", "an alias itself", "beside it"]
)
def test_a_meaning_that_is_only_like_what_is_known_is_refused_with_what_is(service, office, means):
    found_at(service, post(service, office).json()["version"])
    refused = post(service, office, alias="大桥头", means=means)
    assert (refused.status_code, "青年路1号" in refused.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    "means", ["青年路", "崇川区", "青年路1号501室"], ids=["a road", "a division", "finer than known"]
)
def test_a_meaning_may_be_a_name_or_finer_than_the_table(service, office, means):
    assert post(service, office, means=means).status_code == 201


def test_a_standard_address_is_never_hidden_by_an_alias(service, office):
    refused = post(service, office, alias="江苏省南通市崇川区青年路2号")
    assert (refused.status_code, "standard address itself" in refused.json()["detail"]) == (409, True)


def test_an_alias_in_use_is_refused(service, office):
    post(service, office)
    assert post(service, office, means="江苏省南通市崇川区青年路2号").status_code == 409


@pytest.mark.parametrize("body", ["[]", "{}", "null", '"x"', "{", "\xff", '{"alias": "a"}'])
def test_a_body_that_is_no_correction_is_refused(service, office, body):
    headers = {**office, "content-type": "application/json"}
    assert service.post("/api/aliases", content=body.encode("latin-1"), headers=headers).status_code == 400


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_form_of_another_site_can_send_is_not_taken(service, office, kind):
    body = json.dumps({"alias": SAID, "means": STANDARD}).encode()
    assert service.post("/api/aliases", content=body, headers={**office, "content-type": kind}).status_code == 415


def test_a_body_larger_than_any_correction_is_refused(service, office):
    assert post(service, office, alias="厂" * 5000).status_code == 413


def test_an_unknown_alias_cannot_be_withdrawn(service, office):
    assert delete(service, office, alias="新纺织厂").status_code == 404


@pytest.mark.parametrize("role", ["viewer", "operator", "mediator"])
def test_only_administrators_correct(service, filled, role):
    key = bearer(filled, "desk", role)
    assert [post(service, key).status_code, delete(service, key).status_code] == [403, 403]
    assert service.get("/api/aliases", headers=key).status_code == 200


def test_a_system_administrator_corrects_too(service, filled):
    assert post(service, bearer(filled, "desk", "system-admin")).status_code == 201


def test_where_reading_is_open_writing_still_needs_a_key(service):
    assert [post(service, {}).status_code, delete(service, {}).status_code] == [401, 401]


def test_a_service_that_answers_from_files_has_no_aliases(client):
    answer = client.get("/api/aliases")
    assert (answer.status_code, "from files" in answer.json()["detail"]) == (404, True)


def test_the_reference_tells_of_corrections_and_of_the_key_they_need(service):
    paths = service.get("/openapi.json").json()["paths"]
    add, withdraw = paths["/api/aliases"]["post"], paths["/api/aliases/{alias}"]["delete"]
    assert [add["security"], withdraw["security"]] == [[{"key": []}], [{"key": []}]]
    assert {"201", "400", "401", "403", "409", "413", "415"} <= add["responses"].keys()
    assert "/api/aliases" in service.get("/docs").text


@pytest.fixture
def run(filled, monkeypatch, capsys, tmp_path):
    """Run a command on the record as a shell would and return its exit status, output and error output."""
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", filled.url.render_as_string(hide_password=False))
    monkeypatch.setenv("GRIDMAP_DATA_DIR", str(tmp_path / "data"))

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["gridmap", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        return end.value.code or 0, said.out, said.err

    return run


def test_a_shell_adds_lists_and_withdraws(run):
    assert run("aliases", "add", SAID, "--means", STANDARD, "--effective", "2026-03-01")[0] == 0
    status, out, _ = run("aliases", "list", "--on", "2026-03-01", "--json")
    assert (status, [row["alias"] for row in json.loads(out)]) == (0, [SAID])
    assert run("aliases", "withdraw", SAID, "--effective", "2026-06-01")[0] == 0
    assert json.loads(run("aliases", "list", "--on", "2026-06-01", "--json")[1]) == []


def test_a_shell_finds_what_it_corrected(run):
    assert run("locate", SAID)[0] == 1
    run("aliases", "add", SAID, "--means", STANDARD)
    status, out, _ = run("locate", SAID, "--json")
    assert (status, json.loads(out)["area"]) == (0, "320613001001001")


def test_a_person_reads_what_holds_from_when_and_who_added_it(run, filled):
    with filled.begin() as connection:
        aliases.add(connection, SAID, STANDARD, actor="grid office", effective=SINCE)
    assert run("aliases", "list")[1] == f"{SAID} = {STANDARD}  (from 2024-01-01, grid office)\n"


@pytest.mark.parametrize("words", [["add", SAID, "--means", "青年路3号"], ["withdraw", SAID]], ids=["add", "withdraw"])
def test_a_shell_is_told_in_one_sentence_what_cannot_be(run, words):
    status, out, err = run("aliases", *words)
    assert (status, out, err.count("\n")) == (2, "", 1)


def test_a_file_of_aliases_in_an_office_encoding_is_loaded_whole(run, tmp_path):
    file = tmp_path / "aliases.csv"
    file.write_bytes(f"俗称,标准地址\n{SAID},{STANDARD}\n大桥头,{STANDARD}\n".encode("gb18030"))
    columns = ("--column", "alias=俗称", "--column", "means=标准地址")
    assert run("aliases", "load", file, *columns)[:2] == (0, "2 added, 0 unchanged\n")
    assert run("aliases", "load", file, *columns)[:2] == (0, "0 added, 2 unchanged\n")


def test_a_file_with_faults_tells_all_of_them_by_line_and_loads_nothing(run, tmp_path):
    file = tmp_path / "aliases.csv"
    lines = ["alias,means", f"{SAID},{STANDARD}", "", "大桥头,青年路3号", f'"大\n桥",{STANDARD}', f",{STANDARD}"]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    status, _, err = run("aliases", "load", file)
    assert (status, "line 4:" in err, "line 7:" in err) == (2, True, True)
    assert (err.count("line "), json.loads(run("aliases", "list", "--json")[1])) == (2, [])


BROKEN = {
    "no such column": "alias,address\na,b\n",
    "empty": "",
    "an open quote": f'alias,means\n"老厂,{STANDARD}\n',
    "a cell too many": f"alias,means\n老厂,{STANDARD},x\n",
    "a cell too few": "alias,means\n老厂\n",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_none_of_aliases_is_refused(run, tmp_path, content):
    (tmp_path / "aliases.csv").write_text(content, encoding="utf-8")
    status, out, err = run("aliases", "load", tmp_path / "aliases.csv")
    assert (status, out, "fault of gridmap" in err) == (2, "", False)


def test_a_file_that_is_not_there_is_named(run, tmp_path):
    status, _, err = run("aliases", "load", tmp_path / "none.csv")
    assert (status, "none.csv" in err) == (2, True)
