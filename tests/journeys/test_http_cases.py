"""Cases over HTTP: opened, filled from files, compared, signed; mediators write, grid administrators read."""

from __future__ import annotations

import hashlib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO

import geopandas as gpd
import pypdfium2
import pytest
from sqlalchemy import text

from gridmap import store
from gridmap.api import cases_examples
from gridmap.api.app import OPERATIONS
from gridmap.api.auth import GRANTS, MEDIATE, READ_CASES
from gridmap.store.keys import ROLES
from tests.journeys.beat import cloned, load, opened, told
from tests.journeys.strip import (
    EAST,
    NORTH,
    NORTH_VILLAGE,
    SOUTH_VILLAGE,
    exchange,
    filled,
    ground,
    looks,
    opened_case,
    picture,
    sent,
)

pytestmark = pytest.mark.usefixtures("built_page")

SHEET = "scale=1000&lang=zh&on=2026-01-31"
STATEMENT = b"\xff\xd8\xff" + "河西岸为界".encode()


@pytest.fixture(scope="module")
def service(database_server, record_template, four_grids, serving):
    """A service on four grids, asked with the key of a mediator."""
    with cloned(database_server, record_template, "cases") as record:
        load(record, "areas", four_grids)
        with opened(record, serving) as client:
            client.headers.update(client.keys["mediator"])
            yield client


@pytest.fixture(scope="module")
def case(service):
    """The address of a case with two claims and a line half way, which tests only read."""
    return filled(service)


@pytest.fixture(scope="module")
def sheet(service, case):
    """The sheet of that case."""
    return service.get(f"{case}/sheet.pdf?{SHEET}").content


def code_of(case):
    return case.rpartition("/")[2]


def test_the_books_of_a_line_half_way_balance(service, case):
    books = service.get(f"{case}/ledger").json()
    rows = {row["party"]: row for row in books["ledger"]}
    assert rows.keys() == {SOUTH_VILLAGE, NORTH_VILLAGE}
    for row in rows.values():
        assert [row["gain_m2"], row["loss_m2"], row["gain_mu"]] == pytest.approx([100, 100, 0.15], abs=1e-5)
    assert [row["area_m2"] for row in books["contested"]] == pytest.approx([200], abs=1e-5)


def test_lines_two_metres_apart_are_more_than_the_error_of_surveys(service, case):
    (found,) = service.get(f"{case}/lines").json()["lines"]
    assert {found["a"], found["b"]} == {SOUTH_VILLAGE, NORTH_VILLAGE}
    assert abs(found["mean_offset_m"]) == pytest.approx(2, abs=1e-3)
    assert found["verdict"] == "beyond"


def test_a_claim_tells_what_was_decided_to_read_it(service, case):
    south, north = (claim["properties"] for claim in service.get(case).json()["claims"]["features"])
    (read,) = south["reading"]["readings"]
    assert (south["party"], read["format"], read["axis_order"], read["epsg"]) == (
        SOUTH_VILLAGE,
        "exchange",
        "north_east",
        4528,
    )
    assert {one["what"] for one in read["decided"] if one["why"]} >= {"axis order", "zone", "datum", "encoding"}
    assert (north["party"], north["reading"]["readings"][0]["format"]) == (NORTH_VILLAGE, "geojson")


def test_coordinates_come_back_where_they_were(service, case):
    claims = service.get(case).json()["claims"]
    table = gpd.GeoDataFrame.from_features(claims, crs=4490).to_crs(4528)
    apart = table.geometry.hausdorff_distance(gpd.GeoSeries([ground(0, 10), ground(8, 20)], crs=4528))
    assert apart.max() < 1e-6


def test_a_claim_of_about_1985_is_possible_in_1984_and_ruled_out_in_1980(service, case):
    def answers(day):
        rows = service.get(f"{case}/timeline?at={day}").json()["timeline"]
        return {row["title"]: row["answer"] for row in rows if row["part"] == "claims"}

    assert [answers(day)[SOUTH_VILLAGE] for day in ("1980-06-01", "1984-06-01")] == ["no", "possible"]
    assert answers("1980-06-01")[NORTH_VILLAGE] is None


def test_the_sheet_is_a_pdf_of_the_paper_asked_for(service, case, sheet):
    other = service.get(f"{case}/sheet.pdf?{SHEET}&paper=A3")
    assert (other.status_code, other.headers["content-type"]) == (200, "application/pdf"), other.text
    pages = [pypdfium2.PdfDocument(content)[0].get_size() for content in (sheet, other.content)]
    # points of a 72nd of an inch
    assert [[round(side / 72 * 25.4) for side in page] for page in pages] == [[210, 297], [420, 297]]


def test_the_same_sheet_is_the_same_bytes(service, case, sheet):
    assert service.get(f"{case}/sheet.pdf?{SHEET}").content == sheet


@pytest.mark.parametrize(("first", "other"), [("scale=1000", "scale=500"), ("lang=zh", "lang=en"), ("01-31", "02-01")])
def test_a_sheet_of_another_scale_language_or_day_is_another(service, case, sheet, first, other):
    assert service.get(f"{case}/sheet.pdf?{SHEET.replace(first, other)}").content != sheet


def test_the_page_shows_both_parties_and_reaches_no_host(service, case):
    page = service.get(f"/maps/disputes?case={code_of(case)}&lang=en")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert page.headers["content-security-policy"].startswith("sandbox allow-scripts")
    assert all(name in page.text for name in (SOUTH_VILLAGE, NORTH_VILLAGE, "half way"))


def test_evidence_is_kept_byte_for_byte_and_each_look_at_it_is_audited(service):
    case = opened_case(service)
    said = {
        "file": "照片.jpg",
        "kind": "picture",
        "party": SOUTH_VILLAGE,
        "statement": "河西岸为界",
        "captured": "195X",
    }
    added = sent(service, f"{case}/evidence", STATEMENT, version=0, **said)
    (row,) = added.json()["evidence"]
    assert (added.status_code, row["sha256"], row["bytes"]) == (
        201,
        hashlib.sha256(STATEMENT).hexdigest(),
        len(STATEMENT),
    )
    assert looks(service.record, code_of(case)) == []
    assert service.get(f"{case}/evidence").json()["evidence"] == [row]
    for role in ("mediator", "grid-admin"):
        got = service.get(f"{case}/evidence/1", headers=service.keys[role])
        assert got.content == STATEMENT
    assert looks(service.record, code_of(case)) == [("mediator", "mediator", 1), ("grid-admin", "grid-admin", 1)]


def test_evidence_is_never_run_as_a_page(service):
    case = opened_case(service)
    headers = {"Content-Type": "text/html; charset=utf-8"}
    asked = f"{case}/evidence?version=0&file=..%2F..%2Fx.html&kind=statement"
    (row,) = service.post(asked, content=b"<script>1</script>", headers=headers).json()["evidence"]
    assert (row["file"], row["media_type"]) == ("x.html", "text/html")
    got = service.get(f"{case}/evidence/1")
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in got.headers["content-security-policy"]


def test_a_case_is_whole_after_all_that_was_added(service, case):
    said = service.get(f"{case}/verify").json()
    assert (said["whole"], said["faults"], said["rows"]) == (True, [], 3)


@pytest.mark.parametrize("part", ["", "/evidence", "/ledger", "/lines", "/verify", "/timeline?at=2026-01-01"])
def test_no_answer_about_a_case_is_kept(service, case, part):
    assert service.get(f"{case}{part}").headers["cache-control"] == "no-store"


def test_what_was_agreed_is_the_boundary_from_its_day_on(service):
    case = filled(service)
    body = {
        "version": 3,
        "candidate": "half way",
        "agreed_on": "2026-02-01",
        "effective": "2026-03-01",
        "terms": "以此为界",
    }
    signed = service.post(f"{case}/agreements", json=body)
    assert (signed.status_code, signed.json()["case"]["status"]) == (201, "agreed"), signed.text
    with service.record.connect() as connection:
        before, after = (store.read(connection, "parcels", on=day) for day in (date(2026, 2, 28), date(2026, 3, 1)))
    assert before.empty
    areas = dict(zip(after["party"], after.to_crs(4528).area, strict=True))
    # half of the 200 m2 that both claim, and what each alone claims
    assert areas == pytest.approx({SOUTH_VILLAGE: 900, NORTH_VILLAGE: 1100}, abs=1e-3)
    assert told(service.post(f"{case}/status", json={"version": 4, "status": "open"})) == (409, "status_cannot_follow")


def test_a_line_is_solved_for_a_quarter_of_the_contested_ground(service):
    case = filled(service)
    added = service.post(f"{case}/candidates", json={"version": 3, "share": 0.25, "name": "quarter"})
    assert (added.status_code, added.json()["candidates"][0]["params"]) == (201, {"share": 0.25}), added.text
    alone = service.get(f"{case}/ledger?candidate=quarter").json()["ledger"]
    rows = {row["party"]: row for row in alone}
    assert {row["candidate"] for row in alone} == {"quarter"}
    # the party that comes first by its label gets a quarter of the 200 m2
    assert rows[NORTH_VILLAGE]["gain_m2"] == pytest.approx(50, abs=0.01)
    assert rows[SOUTH_VILLAGE]["gain_m2"] == pytest.approx(150, abs=0.01)
    both = service.get(f"{case}/ledger").json()["ledger"]
    assert {row["candidate"] for row in both} == {"half way", "quarter"}


def test_a_house_in_the_strip_is_told_by_each_candidate(service):
    case = filled(service)
    house = gpd.GeoDataFrame({"id": ["B1"], "floors": [1]}, geometry=[ground(8.5, 9.5)], crs=4528).to_crs(4490)
    load(service.record, "buildings", house)
    (found,) = service.get(f"{case}/ledger").json()["objects"]
    assert (found["candidate"], found["id"]) == ("half way", "B1")
    assert found["cut_share"] == pytest.approx(0.5, abs=1e-3)


def test_of_two_that_change_one_version_one_is_told_to_look_again(service):
    case = filled(service)
    bodies = [{"version": 3, "title": title, "kind": "document"} for title in "甲乙"]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda body: service.post(f"{case}/sources", json=body).status_code, bodies))
    assert sorted(answers) == [201, 409]


def test_a_picture_with_a_place_is_laid_out_and_the_look_at_it_audited(service, tmp_path):
    case = filled(service)
    for number, content in enumerate([picture(tmp_path, 0), picture(tmp_path, 50_000), b"II*\0cut off"], 1):
        added = sent(service, f"{case}/evidence", content, version=2 * number + 1, file=f"{number}.tif", kind="picture")
        body = {"version": 2 * number + 2, "title": f"图{number}", "kind": "picture", "evidence": number}
        assert (added.status_code, service.post(f"{case}/sources", json=body).status_code) == (201, 201)
    page = service.get(f"/maps/disputes?case={code_of(case)}").text
    # of a picture of other ground, and of one that cannot be read, the page has the title and the reason alone
    assert (page.count('"uri"'), "图1 (" in page, "图2 (" in page, "图3 (" in page) == (1, False, True, True)
    assert "gridmap-" not in page[page.index("图3 (") :][:300]
    assert looks(service.record, code_of(case)) == [("mediator", "mediator", number) for number in (1, 2, 3)]


def test_a_claim_that_is_withdrawn_stays_in_the_case_and_counts_no_more(service):
    case = filled(service)
    assert service.get(f"{case}/ledger").status_code == 200
    assert service.post(f"{case}/claims/2/withdraw", json={"version": 3}).json()["version"] == 4
    held = [claim["properties"]["withdrawn"] for claim in service.get(case).json()["claims"]["features"]]
    assert held == [False, True]
    assert service.get(f"{case}/ledger").status_code == 400


def test_a_change_of_an_older_version_is_refused_and_nothing_done(service):
    case = filled(service)
    answer = sent(service, f"{case}/claims", exchange(0, 5), version=1, file="a.txt", party="甲方")
    assert (*told(answer), answer.json()["version"]) == (409, "stale_case", 3)
    assert len(service.get(case).json()["claims"]["features"]) == 2


def test_cases_of_a_status_are_listed(service):
    case = opened_case(service, name="已撤回的案件")
    assert service.post(f"{case}/status", json={"version": 0, "status": "withdrawn"}).status_code == 200
    listed = service.get("/api/cases?status=withdrawn").json()["cases"]
    assert [(one["code"], one["name"]) for one in listed] == [(code_of(case), "已撤回的案件")]


def test_a_source_with_its_three_dates_stands_on_the_page(service):
    case = filled(service)
    body = {
        "version": 3,
        "title": "1985村界图",
        "kind": "map",
        "captured": "1985",
        "released": "1986",
        "scanned": "2020",
        "leave_one_out_m": 3.25,
    }
    (row,) = service.post(f"{case}/sources", json=body).json()["sources"]
    assert [row["captured"], row["released"], row["scanned"]] == ["1985", "1986", "2020"]
    page = service.get(f"/maps/disputes?case={code_of(case)}").text
    assert ("1985村界图" in page, '"error_m":3.25' in page.replace(" ", "")) == (True, True)


def archived(service, case):
    """The archive of a case, as it is sent back."""
    answer = service.get(f"{case}/archive")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip"), answer.text
    return answer


def test_a_case_is_handed_over_as_an_archive_and_the_same_is_taken_once(service):
    case = filled(service)
    sent(service, f"{case}/evidence", STATEMENT, version=3, file="照片.jpg")
    answer = archived(service, case)
    assert answer.headers["content-disposition"].endswith(f"{code_of(case)}.zip")
    with zipfile.ZipFile(BytesIO(answer.content)) as archive:
        assert [archive.read(name) for name in archive.namelist() if name.startswith("evidence/")] == [STATEMENT]
    assert archived(service, case).content == answer.content
    taken = service.post("/api/cases/archive", content=answer.content, headers={"Content-Type": "application/zip"})
    assert (taken.status_code, taken.json()["new"], taken.headers["location"]) == (200, False, case)
    assert taken.json().keys() == cases_examples.IMPORTED.keys()


def test_a_case_of_another_record_is_taken_in_whole(service, database_server, record_template, serving):
    case = filled(service)
    content = archived(service, case).content
    with cloned(database_server, record_template, "abroad") as record, opened(record, serving) as abroad:
        headers = {"Content-Type": "application/zip", **abroad.keys["mediator"]}
        altered = content.replace("北河村".encode(), "东河村".encode(), 1)
        refused = abroad.post("/api/cases/archive", content=altered, headers=headers)
        assert told(refused) == (400, "broken_archive")
        taken = abroad.post("/api/cases/archive", content=content, headers=headers)
        assert (taken.status_code, taken.headers["location"]) == (201, case), taken.text
        assert abroad.get(f"{case}/archive", headers=headers).content == content


def test_whoever_hands_a_case_over_is_audited(service):
    case = filled(service)
    archived(service, case)
    query = text("SELECT actor, detail->>'case' FROM audit WHERE action = 'export case' ORDER BY audit_id DESC LIMIT 1")
    with service.record.connect() as connection:
        assert connection.execute(query).one() == ("mediator", code_of(case))


def test_boundary_points_and_the_walk_along_a_line_are_told(service, case):
    answer = service.get(f"{case}/points?candidate=half%20way").json()
    assert [(row["x_north"], row["y_east"]) for row in answer["points"]] == [
        (NORTH + 9, EAST % 1e6),
        (NORTH + 9, EAST % 1e6 + 100),
    ]
    assert [row["text_zh"] for row in answer["walk"]] == ["从J1起，向东100.00米至J2"]
    example = cases_examples.POINTS
    assert [answer.keys(), answer["points"][0].keys(), answer["walk"][0].keys()] == [
        example.keys(),
        example["points"][0].keys(),
        example["walk"][0].keys(),
    ]


def test_cases_come_page_by_page_each_once(service):
    for _ in range(3):
        opened_case(service)
    seen, path = [], "/api/cases?limit=2&status=open"
    while path:
        answer = service.get(path)
        body = answer.json()
        seen += [one["code"] for one in body["cases"]]
        assert answer.links.get("next", {}).get("url") == body["next"]
        path = body["next"]
    assert len(seen) == len(set(seen)) == body["numberMatched"] > 4
    assert (body.keys(), told(service.get("/api/cases?limit=1001"))[0]) == (cases_examples.LISTED.keys(), 413)


def test_a_claim_names_its_evidence_and_the_file_that_it_came_in(service):
    case = opened_case(service)
    added = sent(service, f"{case}/evidence", b"x", version=0, file="a.jpg")
    assert added.headers["location"] == f"{case}/evidence/1"
    said = {"version": 1, "file": "甲村界线.txt", "party": "甲村", "evidence": 1}
    (claim,) = sent(service, f"{case}/claims", exchange(0, 10), **said).json()["claims"]
    assert (claim["evidence"], claim["source"], claim["reading"]["readings"][0]["file"]) == (1, *["甲村界线.txt"] * 2)
    assert "sent" not in str(claim["reading"])


def test_the_party_that_gets_a_share_and_the_parcel_that_gets_the_ground_may_be_named(service):
    case = filled(service)
    body = {"version": 3, "share": 0.25, "party": SOUTH_VILLAGE, "name": "quarter"}
    assert service.post(f"{case}/candidates", json=body).status_code == 201
    days = {"agreed_on": "2026-02-01", "effective": "2026-12-01"}
    signed = {"version": 4, "candidate": "quarter", **days, "parcels": {SOUTH_VILLAGE: "S1", NORTH_VILLAGE: "N1"}}
    made = service.post(f"{case}/agreements", json=signed).json()
    assert made.keys() == cases_examples.AGREED.keys()
    assert {"S1", "N1"} <= {row["id"] for row in made["parcels"]}
    assert [made[part][0].keys() for part in ("parcels", "lineage")] == [
        cases_examples.AGREED[part][0].keys() for part in ("parcels", "lineage")
    ]


@pytest.mark.parametrize("role", ROLES)
def test_roles_read_and_write_cases_as_they_are_granted(service, case, role):
    key = service.keys[role]
    reads = {service.get(path, headers=key).status_code for path in (case, "/api/cases", f"{case}/evidence/9")}
    assert reads == ({200, 404} if READ_CASES in GRANTS[role] else {403})
    written = service.post("/api/cases", json={"name": "x"}, headers=key).status_code
    assert written == (201 if MEDIATE in GRANTS[role] else 403)
    assert service.get(f"/maps/disputes?case={code_of(case)}", headers=key).status_code in reads


def test_nothing_of_a_case_is_asked_without_one_of_the_two_permissions():
    needs = {(one.method, one.needs) for one in OPERATIONS if one.path.startswith("/api/cases")}
    assert needs == {("GET", READ_CASES), ("POST", MEDIATE)}


def test_the_roles_that_may_are_those_of_the_issue():
    assert {role for role in ROLES if MEDIATE in GRANTS[role]} == {"mediator", "system-admin"}
    assert {role for role in ROLES if READ_CASES in GRANTS[role]} == {"mediator", "system-admin", "grid-admin"}


def test_the_case_that_was_changed_last_comes_first(service):
    older, newer = opened_case(service), opened_case(service)
    service.post(f"{older}/sources", json={"version": 0, "title": "图", "kind": "document"})
    codes = [one["code"] for one in service.get("/api/cases").json()["cases"]]
    assert codes[:2] == [code_of(older), code_of(newer)]


def test_a_file_that_does_not_say_its_zone_is_read_in_the_one_that_is_named(service):
    case = opened_case(service)
    corners = [(0, 0), (0, 100), (10, 100), (10, 0)]
    rows = [f"J{number},{NORTH + up:.3f},{EAST % 1e6 + right:.3f}" for number, (up, right) in enumerate(corners, 1)]
    table, said = "\n".join(["点号,X坐标,Y坐标", *rows, ""]).encode(), {"version": 0, "file": "a.csv", "party": "甲村"}
    assert told(sent(service, f"{case}/claims", table, **said)) == (400, "E_ZONE_UNKNOWN")
    assert sent(service, f"{case}/claims", table, **said, crs="4549").status_code == 201
    claims = gpd.GeoDataFrame.from_features(service.get(case).json()["claims"], crs=4490).to_crs(4528)
    assert claims.geometry.iloc[0].hausdorff_distance(ground(0, 10)) < 1e-6


def test_the_books_warn_of_what_was_taken_for_granted_to_read_a_claim(service):
    case = filled(service)
    twice = exchange(20, 30).replace(b"0.1000", b"0.2000")
    sent(service, f"{case}/claims", twice, version=3, file="a.txt", party="丙村", accuracy_m=0.05)
    assert "W_AREA_MISMATCH" in [one["code"] for one in service.get(f"{case}/ledger").json()["warnings"]]


def test_an_agreement_names_the_sheet_that_was_signed(service, sheet):
    case, sheet_hash = filled(service), hashlib.sha256(sheet).hexdigest()
    days = {"agreed_on": "2026-02-02", "effective": "2027-03-01"}
    body = {
        "version": 3,
        "candidate": "half way",
        **days,
        "parties": [NORTH_VILLAGE, SOUTH_VILLAGE],
        "sheet_sha256": sheet_hash,
    }
    (row,) = service.post(f"{case}/agreements", json=body).json()["agreements"]
    assert (row["sheet_sha256"], row["agreed_on"], row["parties"]) == (sheet_hash, "2026-02-02", body["parties"])
