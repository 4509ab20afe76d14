"""A mediator's case from a shell: opened, filled from files, compared, agreed on, and handed over as a folder."""

from __future__ import annotations

import json
import os
import shutil

import geopandas as gpd
import pypdfium2
import pytest
from shapely import LineString, box

from gridmap import formats, store
from gridmap.service import cases
from gridmap.store.cases_given import NewCase, NewEvidence
from tests.conftest import _database, _number, _url
from tests.journeys.corner import shell

CODE = "2026-0007"
X, Y = 40_520_000, 3_352_000
SOUTH, NORTH = box(X, Y, X + 100, Y + 10), box(X, Y + 8, X + 100, Y + 20)
TEXT = """[属性描述]
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=40
精度=0.001
[地块坐标]
4,0.12,2,某某地,面,,,,@
J1,1,3352008,40520000
J2,1,3352008,40520100
J3,1,3352020,40520100
J4,1,3352020,40520000
J1,1,3352008,40520000
"""


@pytest.fixture
def run(monkeypatch, capsys, tmp_path, record_url):
    return shell_at(record_url, monkeypatch, capsys, tmp_path)


def shell_at(url, monkeypatch, capsys, folder):
    """What runs a command on cases, in a folder and on a record."""
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", url)
    monkeypatch.setenv("GRIDMAP_DATA_DIR", str(folder / "data"))
    monkeypatch.chdir(folder)
    whole = shell(monkeypatch, capsys)
    return lambda *words: whole("cases", *words)


def write(name, shapes, **columns):
    formats.write(gpd.GeoDataFrame(columns, geometry=shapes, crs=4528), name)


@pytest.fixture(scope="module")
def filled(database_server, record_template, tmp_path_factory):
    """A folder with the files of a case, and a record to be copied that holds it: two villages, a line half way."""
    folder = tmp_path_factory.mktemp("case")
    write(folder / "南村.gpkg", [SOUTH], accuracy_m=[0.05])
    (folder / "claim.txt").write_text(TEXT, encoding="gb18030")
    write(folder / "lines.gpkg", [LineString([(X, Y + 9), (X + 100, Y + 9)])], id=["half way"])
    (folder / "照片.jpg").write_bytes(b"\xff\xd8picture")
    name = f"gridmap_filled_{os.getpid()}"
    _database(database_server, f"CREATE DATABASE {{}} TEMPLATE {record_template} STRATEGY FILE_COPY", name)
    engine = store.connect(_url(database_server, name))
    cases.open_case(engine, NewCase(name="南村与北村", code=CODE), actor="desk")
    photo = NewEvidence(file="照片.jpg", party="南村", captured="1953~")
    cases.put_evidence(engine, CODE, folder / "照片.jpg", photo, actor="desk")
    cases.put_claims(engine, CODE, [folder / "南村.gpkg"], actor="desk", said={"evidence": 1})
    said = {"party": "北村", "date": "195X", "accuracy_m": 0.05}
    cases.put_claims(engine, CODE, [folder / "claim.txt"], actor="desk", said=said)
    cases.put_candidates(engine, CODE, folder / "lines.gpkg", actor="desk")
    engine.dispose()
    yield folder, name
    _database(database_server, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def home(database_server, filled):
    """The address of a record of the test's own that holds the case."""
    name = f"{filled[1]}_{next(_number)}"
    _database(database_server, f"CREATE DATABASE {{}} TEMPLATE {filled[1]} STRATEGY FILE_COPY", name)
    yield _url(database_server, name)
    _database(database_server, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def case(filled, home, monkeypatch, capsys, tmp_path):
    """What runs a command on a record that holds the case, in a folder that holds its files."""
    shutil.copytree(filled[0], tmp_path, dirs_exist_ok=True)
    return shell_at(home, monkeypatch, capsys, tmp_path)


def test_a_case_is_opened_and_filled_from_files(run, filled, tmp_path):
    shutil.copytree(filled[0], tmp_path, dirs_exist_ok=True)
    assert run("open", "南村与北村", "--code", CODE) == (0, f"{CODE}\n", "")
    assert run("add-evidence", CODE, "照片.jpg", "--party", "南村", "--captured", "1953~")[1] == "1\n"
    assert run("add-claim", CODE, "南村.gpkg", "--evidence", 1)[1] == "claim 1\n"
    assert run("add-claim", CODE, "claim.txt", "--party", "北村", "--date", "195X")[1] == "claim 2\n"
    assert run("add-candidate", CODE, "lines.gpkg")[1] == "candidate 1\n"
    assert [row["party"] for row in json.loads(run("show", CODE, "--json")[1])["claims"]] == ["南村", "北村"]


def test_what_is_in_a_case_is_shown_with_what_was_decided_to_read_it(case):
    shown = json.loads(case("show", CODE, "--json", "--on", "1955-06-01")[1])
    north = shown["claims"][1]
    assert (shown["case"]["epsg"], [claim["party"] for claim in shown["claims"]]) == (4549, ["南村", "北村"])
    assert (north["reading"]["readings"][0]["epsg"], north["reading"]["readings"][0]["encoding"]) == (4528, "gb18030")
    answers = {(row["part"], row["number"]): row["answer"] for row in shown["timeline"]}
    # 1953~ is 1952 to 1954; 195X some day of the fifties
    assert answers == {("claims", 1): None, ("claims", 2): "possible", ("evidence", 1): "no"}
    told = case("show", CODE, "--on", "2027-01-01")[1]
    assert all(line in told for line in ("half way", "北村  195X: stood already", "照片.jpg  1953~: shows another day"))
    assert "南村  undated: nobody knows of when it is" in told


def test_eastings_without_a_zone_are_those_of_the_case(case, tmp_path):
    corners = [(3352008, 520000), (3352008, 520100), (3352020, 520100), (3352020, 520000)]
    rows = [f"J{at},{north}.000,{east}.000" for at, (north, east) in enumerate(corners, 1)]
    (tmp_path / "北村.csv").write_text("\n".join(["界址点号,X坐标,Y坐标", *rows]), encoding="gbk")
    status, _, err = case("add-claim", CODE, "北村.csv", "--party", "北村")
    assert status == 0, err
    first, last = json.loads(case("show", CODE, "--json")[1])["claims"][1:]
    assert last["reading"]["readings"][0]["epsg"] == 4549
    assert last["party"] == first["party"] == "北村"


def test_a_candidate_is_solved_for_a_share_of_the_disputed_ground(case):
    assert case("add-candidate", CODE, "--share", 0.5)[0] == 0
    shown = json.loads(case("show", CODE, "--json")[1])
    assert shown["candidates"][1]["params"] == {"share": 0.5}


def test_an_agreement_makes_dated_parcels(case):
    words = ("agree", CODE, "half way", "--effective", "2026-03-01", "--agreed-on", "2026-02-01", "--parcel", "南村=N1")
    told = json.loads(case(*words, "--json")[1])
    assert {row["id"]: round(row["area_m2"], 2) for row in told["parcels"]} == {f"{CODE}-1-北村": 1100.0, "N1": 900.0}
    assert {row["kind"] for row in told["lineage"]} == {"created"}
    assert case("list")[1].split()[:2] == [CODE, "agreed"]


def test_a_case_is_handed_over_as_a_folder(case, tmp_path):
    assert case("export", CODE, "folder")[0] == 0
    assert case("export", CODE, "case.zip")[0] == 0
    assert case("import", "case.zip")[1].endswith("nothing changed\n")
    assert case("import", "folder") == (
        0,
        f"case {CODE}: 4 rows, 1 files of evidence; the record holds the very same, nothing changed\n",
        "",
    )
    (tmp_path / "folder" / "README.txt").write_text("x")
    status, out, err = case("import", "folder")
    assert (status, out, "README.txt has changed" in err) == (2, "", True)


def test_a_case_that_was_altered_is_told_with_status_1(case, home):
    assert case("export", CODE, "earlier.zip")[0] == 0
    assert case("verify", CODE, "--against", "earlier.zip")[0] == 0
    engine = store.connect(home)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE case_claims DISABLE TRIGGER USER")
        connection.exec_driver_sql("UPDATE case_claims SET party = '东村' WHERE number = 2")
    engine.dispose()
    status, out, _ = case("verify", CODE)
    assert (status, out.splitlines()[0]) == (1, "claims 2 is not as it was written")


def test_a_case_is_compared_with_its_sheet_and_its_page(case, tmp_path):
    outs = ("--out", "c.gpkg", "--sheet", "s.pdf", "--map", "m.html", "--paper", "A3")
    status, out, err = case("compare", CODE, *outs)
    assert (status, "half way" in out, "北村" in out) == (0, True, True), err
    assert sorted(path.suffix for path in tmp_path.iterdir() if path.stem in "csm") == [".gpkg", ".html", ".pdf"]
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(tmp_path / "s.pdf"))
    assert all(word in text for word in (CODE, "照片.jpg")), text
    told = json.loads(case("compare", CODE, "--json")[1])
    # 100 m of common border, 2 m of it claimed by both
    assert {row["party"]: round(row["gain_m2"], 4) for row in told["ledger"]} == {"南村": 100.0, "北村": 100.0}
    assert case("compare", CODE, "--out", "c.gpkg", "--sheet", "s.txt")[0] == 2


def test_a_claim_is_withdrawn_and_a_case_closed(case):
    assert case("withdraw", CODE, "claim", 1)[1] == f"claim 1 of case {CODE} is withdrawn; version 5\n"
    assert case("show", CODE)[1].splitlines()[1].endswith("withdrawn")
    assert case("status", CODE, "withdrawn", "--version", 5)[1] == f"case {CODE} is withdrawn; version 6\n"
    assert case("status", CODE, "open")[0] == 0
    assert case("withdraw", CODE, "candidate", 9)[::2] == (
        2,
        f"gridmap: no candidate 9 stands in case {CODE}; look at the case\n",
    )


def test_a_source_stands_on_the_page_with_its_error(case, tmp_path):
    point = {"name": "A", "pixel": 1.5, "line": 2.0, "x": X, "y": Y, "residual_m": 0.1, "leave_one_out_m": None}
    told = {"method": "order1", "leave_one_out_m": 3.25, "points": [point], "faults": []}
    (tmp_path / "fit.json").write_text(json.dumps(told))
    options = ("--captured", "1953", "--scanned", "2020", "--evidence", 1, "--georeference", "fit.json")
    assert case("add-source", CODE, "1953年图", *options)[1] == "1\n"
    (row,) = json.loads(case("show", CODE, "--json")[1])["sources"]
    assert [row[name] for name in ("kind", "captured", "leave_one_out_m", "points")] == ["map", "1953", 3.25, [point]]
    assert case("add-source", CODE, "x", "--georeference", "claim.txt")[0] == 2


def test_a_file_of_evidence_is_written_as_it_was_handed_in_and_the_look_is_audited(case, tmp_path, home):
    status, out, _ = case("evidence", CODE, 1, "--out", "again.jpg")
    assert (status, out.split()[0], (tmp_path / "again.jpg").read_bytes()) == (0, "照片.jpg", b"\xff\xd8picture")
    assert case("evidence", CODE, 1, "--out", "again.jpg")[0] == 2
    assert case("evidence", CODE, 2, "--out", "other.jpg")[0] == 2
    engine = store.connect(home)
    with engine.connect() as connection:
        looks = connection.exec_driver_sql("SELECT count(*) FROM audit WHERE action = 'look at evidence'").scalar()
    engine.dispose()
    assert (looks, (tmp_path / "other.jpg").exists()) == (1, False)


def test_what_was_read_and_taken_for_granted_is_told_once(case, tmp_path):
    write(tmp_path / "东村.gpkg", [SOUTH])
    err = case("add-claim", CODE, "东村.gpkg")[2].splitlines()
    assert [line.partition(":")[0] for line in err] == ["read", "note"]
    assert err[1].count("东村.gpkg") == 2  # once in English, once in Chinese
    again = case("add-claim", CODE, "claim.txt", "--party", "北村")[2]
    assert "claims that stand already, and count too: 2" in again
    assert "read: claim.txt: exchange, 4528, north_east, m, gb18030" in again


def test_holders_of_land_are_no_parties(case, tmp_path):
    write(tmp_path / "a.gpkg", [SOUTH], 权利人=["张三"])
    status, _, err = case("add-claim", CODE, "a.gpkg", "--column", "party=权利人")
    assert (status, "no names of persons" in err) == (2, True)
    assert case("add-claim", CODE, "a.gpkg", "--party", "东村")[0] == 0
    assert "张三" not in case("show", CODE, "--json")[1]


def test_the_zone_of_the_first_claim_is_that_of_the_territory(run, tmp_path):
    code = run("open", "x")[1].strip()
    rows = [f"J{at},{y},{x}" for at, (x, y) in enumerate([(520000, 3352008), (520100, 3352008), (520000, 3352020)], 1)]
    (tmp_path / "甲村.csv").write_text("\n".join(["界址点号,X坐标,Y坐标", *rows]), encoding="gbk")
    write(tmp_path / "territory.gpkg", [box(X - 9, Y - 9, X + 999, Y + 999)])
    assert run("add-claim", code, "甲村.csv", "--party", "甲村")[0] == 2
    status, _, err = run("add-claim", code, "甲村.csv", "--party", "甲村", "--within", "territory.gpkg")
    assert status == 0, err
    assert json.loads(run("show", code, "--json")[1])["case"]["epsg"] == 4549


def test_a_line_is_solved_for_the_party_that_is_named(case):
    assert case("add-candidate", CODE, "--share", 0.25, "--party", "北村", "--name", "quarter")[0] == 0
    ledger = json.loads(case("compare", CODE, "--json")[1])["ledger"]
    gains = {row["party"]: round(row["gain_m2"], 2) for row in ledger if row["candidate"] == "quarter"}
    assert gains == {"北村": 50.0, "南村": 150.0}  # of 200 m2


def test_lines_of_a_file_may_be_named(case, tmp_path):
    two = [LineString([(X, Y + 8.5), (X + 100, Y + 8.5)]), LineString([(X, Y + 9.5), (X + 100, Y + 9.5)])]
    write(tmp_path / "two.gpkg", two)
    write(tmp_path / "one.gpkg", two[:1])
    assert case("add-candidate", CODE, "two.gpkg", "--name", "沟")[1] == "candidate 2, 3\n"
    assert case("add-candidate", CODE, "one.gpkg", "--name", "路")[0] == 0
    shown = json.loads(case("show", CODE, "--json")[1])["candidates"]
    assert [row["id"] for row in shown] == ["half way", "沟 1", "沟 2", "路"]


def test_cases_are_listed_with_the_newest_change_first(run):
    assert run("list") == (0, "", "no cases\n")
    older, newer = (run("open", name)[1].strip() for name in "甲乙")
    run("status", older, "withdrawn")
    assert [line.split()[0] for line in run("list")[1].splitlines()] == [older, newer]
    assert [head["code"] for head in json.loads(run("list", "--status", "open", "--json")[1])] == [newer]


def test_who_names_no_candidate_that_stands_is_told_of_those_that_do(case):
    days = ("--effective", "2026-03-01", "--agreed-on", "2026-02-01")
    assert "expected one that stands: half way" in case("agree", CODE, "D9", *days)[2]
    ahead = ("--effective", "2126-03-01", "--agreed-on", "2126-02-01")
    assert "still to come" in case("agree", CODE, "half way", *ahead)[2]


def test_refusals_are_one_sentence_with_status_2(case):
    for words in (
        ("show", "2026-9999"),
        ("open", "张三 13912345678"),
        ("add-claim", CODE, "claim.txt", "--version", 1),
        ("add-candidate", CODE),
        ("add-evidence", CODE, "missing.jpg"),
        ("agree", CODE, "D9", "--effective", "2026-03-01", "--agreed-on", "2026-02-01"),
        ("import", os.curdir),
    ):
        status, out, err = case(*words)
        assert (status, out, err.startswith("gridmap: "), err.count("\n")) == (2, "", True, 1)
