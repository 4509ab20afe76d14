"""Files of questions, answered on files: CSV and XLSX in and out, summaries, and what a person should look at.

Four square grids g1 to g4 of 0.01 degree with their corner at 120.86 E 32.00 N (g2 east of g1, g3 north of it);
人民路1号 in the middle of g1, 人民路2号 in that of g2, and two places called 青年路5号, in g3 and g4.
"""

from __future__ import annotations

import csv
import json
import sys
import zipfile

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from shapely import LineString, Point, box

from gridmap import cli, service
from gridmap.address import Match, Note
from gridmap.service.checking import to_check
from gridmap.territory import Territory, today

CELLS = {"g1": (0, 0), "g2": (1, 0), "g3": (0, 1), "g4": (1, 1)}
PLATES = {
    "人民路1号": (120.865, 32.005),
    "人民路2号": (120.875, 32.005),
    "青年路5号": (120.865, 32.015),
    " 青年路5号": (120.875, 32.015),
}


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run a command in the test's folder as a shell would and return its exit status, output and error output."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["gridmap", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        return end.value.code or 0, said.out, said.err

    return run


@pytest.fixture
def locate(run, tmp_path):
    """Answer questions on the four grids and their addresses."""
    cells = [box(120.86 + i / 100, 32 + j / 100, 120.87 + i / 100, 32.01 + j / 100) for i, j in CELLS.values()]
    gpd.GeoDataFrame({"code": list(CELLS), "geometry": cells}, crs=4490).to_file(tmp_path / "areas.gpkg")
    table = {"id": range(4), "text": [text.strip() for text in PLATES]}
    gpd.GeoDataFrame(table, geometry=[Point(place) for place in PLATES.values()], crs=4490).to_file(
        tmp_path / "plates.gpkg"
    )
    return lambda *words: run("locate", "--areas", "areas.gpkg", "--addresses", "plates.gpkg", *words)


@pytest.fixture
def ask(locate, tmp_path):
    """Answer a file and return its status, output and error output."""
    return lambda name, out, *words: locate("--in", tmp_path / name, "--out", tmp_path / out, *words)


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def sheet_of(path, name):
    heads, *rows = openpyxl.load_workbook(path)[name].iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def book(path, *rows, sheet="Sheet1"):
    made = openpyxl.Workbook()
    made.active.title = sheet
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


QUERIES = "工单,query\na,人民路1号\nb,人民路9号\nc,青年路5号\nd,人民路2号\n"


def test_a_csv_is_answered_row_by_row_with_standard_address_accuracy_reason_and_notes(ask, tmp_path):
    (tmp_path / "q.csv").write_text(QUERIES, encoding="utf-8")
    assert ask("q.csv", "a.csv")[0] == 0
    rows = rows_of(tmp_path / "a.csv")
    assert [(row["工单"], row["status"], row["area"], row["reason"]) for row in rows] == [
        ("a", "found", "g1", ""),
        ("b", "not_found", "", "no_such_number"),
        ("c", "ambiguous", "", "several_places"),
        ("d", "found", "g2", ""),
    ]
    assert list(rows[0])[-5:] == ["border_m", "standard", "accuracy_m", "reason", "notes"]
    assert rows[0]["standard"] == "人民路1号"


def test_what_is_to_be_checked_by_hand_is_set_apart_with_its_line_and_the_places_it_may_be(ask, tmp_path):
    (tmp_path / "q.csv").write_text(QUERIES, encoding="utf-8")
    assert ask("q.csv", "a.csv", "--by-hand", tmp_path / "h.csv")[0] == 0
    rows = rows_of(tmp_path / "h.csv")
    assert [(row["row"], row["why"], row["工单"]) for row in rows] == [("3", "not_found", "b"), ("4", "ambiguous", "c")]
    assert rows[1]["candidates"] == "青年路5号 [g3]; 青年路5号 [g4]"


def test_the_summary_counts_rows_by_status_level_and_reason(ask, tmp_path):
    (tmp_path / "q.csv").write_text(QUERIES, encoding="utf-8")
    _, out, _ = ask("q.csv", "a.csv", "--json")
    summary = json.loads(out)
    assert (summary["rows"], summary["by_hand"]) == (4, 2)
    assert summary["status"] == {"ambiguous": 1, "found": 2, "not_found": 1}
    assert summary["level"] == {"number": 2}
    assert summary["reason"] == {"no_such_number": 1, "several_places": 1}


def test_a_person_reads_the_summary_in_chinese_and_english_on_standard_error(ask, tmp_path):
    (tmp_path / "q.csv").write_text(QUERIES, encoding="utf-8")
    _, out, err = ask("q.csv", "a.csv")
    assert out == ""
    assert "没有这个门牌号" in err
    assert "no such house number" in err
    assert "4 rows; written to" in err


def test_the_summary_may_be_kept_as_a_file(ask, tmp_path):
    (tmp_path / "q.csv").write_text(QUERIES, encoding="utf-8")
    assert ask("q.csv", "a.csv", "--report", tmp_path / "r.csv")[0] == 0
    counts = {(row["what"], row["value"]): row["rows"] for row in rows_of(tmp_path / "r.csv")}
    assert (counts["rows", ""], counts["status", "found"], counts["by_hand", ""]) == ("4", "2", "2")


def test_a_workbook_is_answered_by_a_workbook_of_answers_checks_and_summary(ask, tmp_path):
    book(tmp_path / "q.xlsx", ["工单", "query"], [7, "人民路1号"], [8, "人民路9号"], [None, None], [9, "青年路5号"])
    assert ask("q.xlsx", "a.xlsx")[0] == 0
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames == ["answers", "by_hand", "summary"]
    answers = sheet_of(tmp_path / "a.xlsx", "answers")
    assert [(row["工单"], row["status"], row["area"]) for row in answers] == [
        (7, "found", "g1"), (8, "not_found", None), (9, "ambiguous", None)
    ]  # fmt: skip
    assert [(row["row"], row["why"]) for row in sheet_of(tmp_path / "a.xlsx", "by_hand")] == [
        (3, "not_found"), (5, "ambiguous")
    ]  # fmt: skip
    told = {(row["what"], row["value"]): (row["rows"], row["zh"]) for row in sheet_of(tmp_path / "a.xlsx", "summary")}
    assert told["status", "not_found"] == (1, "未找到")


def test_nothing_to_check_leaves_a_sheet_of_headings(ask, tmp_path):
    book(tmp_path / "q.xlsx", ["query"], ["人民路1号"])
    ask("q.xlsx", "a.xlsx")
    assert sheet_of(tmp_path / "a.xlsx", "by_hand") == []


@pytest.fixture
def redone(tmp_path):
    """Replace bytes within the files of a workbook, as another program would have written them."""

    def redo(name, old, new):
        path = tmp_path / name
        with zipfile.ZipFile(path) as before:
            parts = {part: before.read(part) for part in before.namelist()}
        assert any(old in content for content in parts.values())
        with zipfile.ZipFile(path, "w") as after:
            for part, content in parts.items():
                after.writestr(part, content.replace(old, new))

    return redo


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_workbooks_and_csv_may_be_mixed_and_codes_keep_their_digits(ask, tmp_path, redone, ending):
    book(tmp_path / "q.xlsx", ["query", "编码"], ["人民路2号", 320613001001003])
    redone("q.xlsx", b"<v>320613001001003</v>", b"<v>3.20613001001003E+14</v>")
    ask("q.xlsx", f"a.{ending}")
    found = rows_of(tmp_path / "a.csv") if ending == "csv" else sheet_of(tmp_path / "a.xlsx", "answers")
    assert (found[0]["area"], str(found[0]["编码"])) == ("g2", "320613001001003")


@pytest.mark.parametrize("text", ["=1+1", "+86", "-x", "@sum", '=HYPERLINK("http://x")', "#N/A"])
def test_text_that_a_spreadsheet_would_run_stays_text(ask, tmp_path, text):
    pd.DataFrame({"query": ["人民路1号"], "备注": [text]}).to_csv(tmp_path / "q.csv", index=False)
    ask("q.csv", "a.xlsx")
    ask("q.csv", "a.csv")
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx")["answers"]["B2"]
    assert (cell.value, cell.data_type) == (text, "s")
    assert rows_of(tmp_path / "a.csv")[0]["备注"] == (text if text in {"#N/A", "+86"} else f"'{text}")


@pytest.mark.parametrize("name", ["地址", "详细地址", "事发地点", "Address", " 来电地址 "])
def test_the_one_column_that_is_called_like_an_address_is_asked_and_that_is_said(ask, tmp_path, name):
    (tmp_path / "q.csv").write_text(f"号,{name}\n1,人民路2号\n", encoding="utf-8")
    _, _, err = ask("q.csv", "a.csv")
    assert f"the column {name.strip()} is asked" in err
    (row,) = rows_of(tmp_path / "a.csv")
    assert (row["area"], row["号"]) == ("g2", "1")


def test_points_by_their_chinese_names_are_asked(ask, tmp_path):
    (tmp_path / "q.csv").write_text("经度,纬度\n120.875,32.005\n", encoding="utf-8")
    assert "经度 and 纬度 are asked" in ask("q.csv", "a.csv")[2]
    assert rows_of(tmp_path / "a.csv")[0]["area"] == "g2"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_points_near_a_border_are_set_apart_with_the_areas_they_may_be_in(ask, tmp_path, ending):
    (tmp_path / "q.csv").write_text("lon,lat\n120.8699,32.005\nx,1\n", encoding="utf-8")
    more = ("--by-hand", tmp_path / "h.csv") if ending == "csv" else ()
    ask("q.csv", f"a.{ending}", "--accuracy", 10, *more)
    found = rows_of(tmp_path / "h.csv") if ending == "csv" else sheet_of(tmp_path / "a.xlsx", "by_hand")
    assert [(row["status"], row["reason"]) for row in found] == [
        ("ambiguous", "over_border"),
        ("not_found", "no_point"),
    ]
    assert found[0]["candidates"] == "[g1]; [g2]"


def test_titles_above_the_headings_of_a_workbook_are_passed_over(ask, tmp_path):
    made = openpyxl.Workbook()
    made.active["A1"] = "2026年来电登记表"
    made.active.merge_cells("A1:C1")
    made.active["A3"], made.active["B3"] = "工单", "事发地点"
    made.active["A4"], made.active["B4"] = "a", "人民路1号"
    made.save(tmp_path / "q.xlsx")
    assert ask("q.xlsx", "a.xlsx")[0] == 0
    assert sheet_of(tmp_path / "a.xlsx", "answers")[0]["area"] == "g1"


def test_a_workbook_that_is_wrong_about_its_own_extent_is_read_to_its_end(ask, tmp_path, redone):
    book(tmp_path / "q.xlsx", ["工单", "query"], [1, "人民路1号"], [2, "人民路2号"])
    redone("q.xlsx", b'<dimension ref="A1:B3"', b'<dimension ref="A1"')
    ask("q.xlsx", "a.csv")
    assert [row["area"] for row in rows_of(tmp_path / "a.csv")] == ["g1", "g2"]


def test_of_several_sheets_one_is_named(ask, tmp_path):
    made = openpyxl.load_workbook(book(tmp_path / "q.xlsx", ["query"], ["人民路1号"], sheet="一月"))
    made.create_sheet("二月").append(["query"])
    made["二月"].append(["人民路2号"])
    made.save(tmp_path / "q.xlsx")
    status, _, err = ask("q.xlsx", "a.csv")
    assert (status, "一月, 二月" in err) == (2, True)
    ask("q.xlsx", "a.csv", "--sheet", "二月")
    assert rows_of(tmp_path / "a.csv")[0]["area"] == "g2"


def test_cells_that_a_spreadsheet_made_days_and_numbers_of_are_no_addresses_and_do_no_harm(ask, tmp_path):
    book(tmp_path / "q.xlsx", ["query"], [pd.Timestamp("2026-03-02").to_pydatetime()], [12.5], [True], ["人民路1号"])
    ask("q.xlsx", "a.csv")
    assert [row["status"] for row in rows_of(tmp_path / "a.csv")] == ["not_found", "not_found", "not_found", "found"]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_many_rows_keep_their_order_whatever_answers_them(ask, tmp_path, monkeypatch, workers, ending):
    monkeypatch.setattr("gridmap.service.batch.CHUNK_ROWS", 7)
    pd.DataFrame({"号": range(40), "query": [f"人民路{1 + i % 3}号" for i in range(40)]}).to_csv(
        tmp_path / "q.csv", index=False
    )
    ask("q.csv", f"a.{ending}", "--workers", workers)
    found = rows_of(tmp_path / "a.csv") if ending == "csv" else sheet_of(tmp_path / "a.xlsx", "answers")
    assert [int(row["号"]) for row in found] == list(range(40))
    assert [row["area"] or "" for row in found] == [("g1", "g2", "")[i % 3] for i in range(40)]


def _cut(path):
    path.write_bytes(path.read_bytes()[:1000])


def _wide(path):
    made = openpyxl.load_workbook(path)
    made.active["D2"] = "stray"
    made.save(path)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_cut, "broken archive"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_text("query\nx\n"), "does not begin like a xlsx file"),
        (lambda path: path.unlink(), "no file"),
        (book, "no cells"),
        (lambda path: book(path, ["name"], ["x"]), "expected a column query"),
        (lambda path: book(path, ["地址", "住址"], ["x", "y"]), "地址, 住址 may all be asked"),
        (lambda path: book(path, ["query", "query"], ["x", "y"]), "2 columns are called query"),
        (_wide, "row 2: a cell stands in a column that has no heading"),
    ],
    ids=["cut off", "empty", "no workbook", "absent", "blank", "nothing asks", "two may ask", "twice", "stray cell"],
)
def test_a_workbook_that_cannot_be_answered_is_refused_and_nothing_is_left_behind(ask, tmp_path, spoil, said):
    spoil(book(tmp_path / "q.xlsx", ["query"], ["人民路1号"]))
    before = sorted(path.name for path in tmp_path.iterdir())
    status, out, err = ask("q.xlsx", "a.xlsx")
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("gridmap: ") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--out", "a.ods"), "ends in .csv or .xlsx"),
        (("--out", "a.xlsx", "--by-hand", "h.csv"), "a sheet by_hand of its own"),
        (("--out", "a.csv", "--by-hand", "a.csv"), "expected two files"),
        (("--out", "a.csv", "--by-hand", "h.xlsx"), "ends in .csv"),
        (("--out", "a.csv", "--report", "r.pdf"), "ends in .csv or .xlsx"),
        (("--out", "missing/a.csv"), "no folder missing"),
        (("--out", "a.csv", "--column", "query=来电"), "no column '来电'"),
    ],
    ids=["ending", "two lists", "one file for both", "list's ending", "report's ending", "folder", "column"],
)
def test_outputs_that_cannot_be_are_refused_before_work_starts(locate, tmp_path, monkeypatch, words, said):
    (tmp_path / "q.csv").write_text(QUERIES, encoding="utf-8")
    monkeypatch.setattr(Territory, "find_table", lambda *_, **__: pytest.fail("work has started"))
    status, _, err = locate("--in", "q.csv", *words)
    assert (status, said in err) == (2, True), err
    assert not [path for path in tmp_path.iterdir() if path.name[:2] in {"a.", "h.", "r."}]


def test_more_rows_than_a_sheet_holds_are_refused_before_work_starts(ask, tmp_path, monkeypatch):
    monkeypatch.setattr("gridmap.formats.MAX_ROWS", 4)
    monkeypatch.setattr(Territory, "find_table", lambda *_, **__: pytest.fail("work has started"))
    (tmp_path / "q.csv").write_text(QUERIES, encoding="utf-8")
    status, _, err = ask("q.csv", "a.xlsx")
    assert (status, "q.csv has more than 3 rows" in err) == (2, True)


def test_ends_of_lines_within_cells_are_not_counted_as_rows(ask, tmp_path, monkeypatch):
    monkeypatch.setattr("gridmap.formats.MAX_ROWS", 4)
    (tmp_path / "q.csv").write_text('query,n\n人民路1号,"a\nb\nc\nd"\n', encoding="utf-8")
    assert ask("q.csv", "a.xlsx")[0] == 0


def test_a_fault_in_a_later_row_leaves_the_old_answers_as_they_were(ask, tmp_path, monkeypatch):
    monkeypatch.setattr("gridmap.service.batch.CHUNK_ROWS", 2)
    (tmp_path / "q.csv").write_text(QUERIES + "e\n", encoding="utf-8")
    (tmp_path / "a.csv").write_text("old\n", encoding="utf-8")
    assert ask("q.csv", "a.csv", "--by-hand", tmp_path / "h.csv")[0] == 2
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "old\n"
    assert not (tmp_path / "h.csv").exists()


def test_what_people_say_may_come_from_a_file(ask, tmp_path):
    (tmp_path / "q.csv").write_text("query\n老粮站\n", encoding="utf-8")
    (tmp_path / "said.csv").write_text("alias,means\n老粮站,人民路2号\n,\n", encoding="utf-8")
    assert ask("q.csv", "a.csv", "--aliases", tmp_path / "said.csv")[0] == 0
    assert rows_of(tmp_path / "a.csv")[0]["area"] == "g2"


def test_a_road_from_a_file_tells_the_areas_that_it_runs_through(ask, tmp_path):
    line = LineString([(120.862, 32.005), (120.878, 32.005)])
    streets = gpd.GeoDataFrame({"id": ["s"], "name": ["人民路"]}, geometry=[line], crs=4490)
    streets.to_file(tmp_path / "streets.gpkg")
    (tmp_path / "q.csv").write_text("query\n人民路\n", encoding="utf-8")
    ask("q.csv", "a.csv", "--streets", tmp_path / "streets.gpkg", "--by-hand", tmp_path / "h.csv")
    (row,) = rows_of(tmp_path / "h.csv")
    assert (row["status"], row["reason"], row["matched_level"]) == ("ambiguous", "over_border", "road")
    # its half, 0.008 degrees of longitude, is 755 m, which reaches north into g3 and g4 too: 0.005 degrees are 555 m
    assert float(row["accuracy_m"]) >= 755
    assert row["candidates"] == "[g1]; [g2]; [g3]; [g4]"


def test_houses_from_a_file_decide_at_borders(ask, tmp_path):
    plate = gpd.GeoDataFrame({"id": [1], "text": ["新路1号"], "building": ["b"]}, geometry=[Point(120.8699, 32.005)])
    plate.set_crs(4490).to_file(tmp_path / "plates.gpkg")
    house = gpd.GeoDataFrame({"id": ["b"]}, geometry=[box(120.8698, 32.0049, 120.8703, 32.0051)], crs=4490)
    house.to_file(tmp_path / "houses.gpkg")
    (tmp_path / "q.csv").write_text("query\n新路1号\n", encoding="utf-8")
    ask("q.csv", "a.csv", "--buildings", tmp_path / "houses.gpkg", "--by-hand", tmp_path / "h.csv")
    (row,) = rows_of(tmp_path / "h.csv")
    # two fifths of it lie in g1, where its plate hangs
    assert (row["status"], row["area"], row["candidates"]) == ("ambiguous", "g1", "[g1] 40%; [g2] 60%")


NOTED = {
    "alias": False,
    "former_name": False,
    "repeated": False,
    "unit_unknown": False,
    "typo": True,
    "other_division": True,
    "interpolated": True,
    "relation": True,
    "something_new": True,
}


@pytest.mark.parametrize(("code", "checked"), NOTED.items(), ids=NOTED)
def test_answers_taken_on_trust_are_to_be_checked(code, checked):
    table = pd.DataFrame({"status": ["found"], "score": [1.0], "notes": [str(Note(code, "甲", "乙"))]})
    assert to_check(table, check_below=0.8).tolist() == ["note" if checked else ""]


@pytest.mark.parametrize(("score", "why"), [(0.79, "low_score"), (0.8, "")])
def test_answers_below_the_stated_score_are_to_be_checked(monkeypatch, tmp_path, score, why):
    match = Match(status="found", query="x", text="x", x=120.865, y=32.005, score=score)
    areas = gpd.GeoDataFrame({"code": ["g"]}, geometry=[box(120, 32, 121, 33)], crs=4490)
    territory = Territory(areas, on=today())
    monkeypatch.setattr(territory.gazetteer, "match", lambda _: match)
    (tmp_path / "q.csv").write_text("query\nx\n", encoding="utf-8")
    files = service.Files(source=tmp_path / "q.csv", out=tmp_path / "a.csv", by_hand=tmp_path / "h.csv")
    service.locate_file(files, territory, question=service.Question(check_below=0.8))
    assert [row["why"] for row in rows_of(tmp_path / "h.csv")] == ([why] if why else [])


def test_progress_is_told_with_about_how_many_rows_there_are(tmp_path, monkeypatch):
    monkeypatch.setattr("gridmap.service.batch.CHUNK_ROWS", 2)
    (tmp_path / "q.csv").write_text(QUERIES, encoding="utf-8")
    areas = gpd.GeoDataFrame({"code": ["g"]}, geometry=[box(120, 32, 121, 33)], crs=4490)
    told = []
    files = service.Files(source=tmp_path / "q.csv", out=tmp_path / "a.csv")
    service.locate_file(files, Territory(areas, on=today()), progress=lambda *done: told.append(done))
    assert told == [(2, 4), (4, 4)]
