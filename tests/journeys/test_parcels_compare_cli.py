"""What a mediator does from a shell: two claims laid over each other, and what each proposed line gives and takes."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from shapely import LineString, box

from gridmap import formats
from tests.journeys.corner import shell

X, Y = 40_520_000, 3_352_000
SOUTH, NORTH = box(X, Y, X + 100, Y + 10), box(X, Y + 8, X + 100, Y + 20)
EXCHANGED = """[属性描述]
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=40
精度=0.001
[地块坐标]
4,0.12,2,北村,面,,,,@
J1,1,{s},{w}
J2,1,{s},{e}
J3,1,{n},{e}
J4,1,{n},{w}
J1,1,{s},{w}
"""


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the command in a folder and return its exit status, output and error output."""
    monkeypatch.chdir(tmp_path)
    whole = shell(monkeypatch, capsys)
    return lambda *words: whole("parcels", "compare", *words, "--out", "case.gpkg")


def write(name, shapes, crs=4528, **columns):
    table = gpd.GeoDataFrame({"accuracy_m": 0.05} | columns, geometry=shapes, crs=crs, index=range(len(shapes)))
    formats.write({name.split(".")[0]: table}, name)
    return name


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Two claims in a file, a line half way, and a house on it."""
    monkeypatch.chdir(tmp_path)
    half = [LineString([(X, Y + 9), (X + 100, Y + 9)])]
    return [
        *("--claims", write("claims.gpkg", [SOUTH, NORTH], party=["甲方", "乙方"])),
        *("--candidates", write("lines.gpkg", half, id=["half"])),
        *("--buildings", write("houses.gpkg", [box(X + 10, Y + 8, X + 20, Y + 12)], id=["h"])),
    ]


def test_a_case_is_written_with_all_its_layers(run, files):
    status, out, _ = run(*files)
    layers = {name for name, _ in pyogrio.list_layers("case.gpkg")}
    assert status == 0
    assert {"claims", "contested", "gaps", "ledger", "lines", "objects"} <= layers
    assert {"walk", "points", "matrix", "areas", "gains", "warnings"} <= layers
    assert "half cuts building h (25%)" in out
    assert pyogrio.read_dataframe("case.gpkg", layer="ledger")["gain_m2"].tolist() == pytest.approx([100, 100])


def test_the_answer_as_json_is_nothing_but_json(run, files):
    status, out, _ = run(*files, "--json")
    told = json.loads(out)
    assert (status, told["contested"][0]["area_m2"]) == (0, pytest.approx(200))
    assert told["lines"][0]["verdict"] == "beyond"
    assert [row["direction_zh"] for row in told["walk"]] == ["东"]


def test_what_a_comparison_wrote_is_compared_again(run, files, tmp_path):
    run(*files)
    (tmp_path / "case.gpkg").rename(tmp_path / "before.gpkg")
    status, out, err = run("--claims", "before.gpkg", "--candidates", "before.gpkg", "--json")
    assert (status, json.loads(out)["contested"][0]["area_m2"]) == (0, pytest.approx(200)), err
    assert [row["candidate"] for row in json.loads(out)["ledger"]] == ["half", "half"]


def test_of_a_file_of_several_layers_none_of_which_is_meant_a_name_is_asked_for(run):
    write("both.gpkg", [SOUTH])
    write("other.gpkg", [NORTH])
    formats.write({"one": formats.read("both.gpkg"), "two": formats.read("other.gpkg")}, "both.gpkg")
    status, out, err = run("--claims", "both.gpkg")
    assert (status, out) == (2, "")
    assert "one" in err
    assert "two" in err


def test_a_file_without_parties_is_the_claim_of_the_party_it_is_named_after(run, files):
    words = ["--claims", write("south.gpkg", [SOUTH]), "--claims", write("north.gpkg", [NORTH], crs=4528)]
    status, out, _ = run(*words, *files[2:4], "--json")
    told = json.loads(out)
    assert (status, [row["party"] for row in told["ledger"]]) == (0, ["north", "south"])
    assert [row["code"] for row in told["warnings"]] == ["party_from_file"] * 2


def test_claims_in_several_systems_and_formats_come_together(run, files, tmp_path):
    text = EXCHANGED.format(s=Y + 8, n=Y + 20, w=X, e=X + 100)
    (tmp_path / "north.txt").write_text(text, encoding="gbk")
    degrees = gpd.GeoSeries([SOUTH], crs=4528).to_crs(4490).to_list()
    words = ["--claims", write("south.gpkg", degrees, crs=4490), "--claims", "north.txt"]
    status, out, _ = run(*words, *files[2:4], "--json")
    assert status == 0
    assert json.loads(out)["contested"][0]["area_m2"] == pytest.approx(200, abs=0.2)


def test_a_table_of_boundary_points_is_a_claim_whatever_its_ending(run, tmp_path):
    words = ["--claims", write("南村.gpkg", [SOUTH]), "--claims", points_table(tmp_path / "北村.csv")]
    status, out, err = run(*words, "--json")
    assert (status, json.loads(out)["contested"][0]["area_m2"]) == (0, pytest.approx(200)), err


def points_table(path, *, prefix=0):
    """North's corners as an office writes them, with or without the zone before the eastings."""
    corners = [(Y + 8, X), (Y + 8, X + 100), (Y + 20, X + 100), (Y + 20, X)]
    rows = [f"J{at},{north}.000,{east - prefix}.000" for at, (north, east) in enumerate(corners, 1)]
    path.write_text("\n".join(["界址点号,X坐标,Y坐标", *rows]), encoding="gbk")
    return path.name


def test_a_crs_is_stated_for_files_that_do_not_say_theirs(run, tmp_path):
    (tmp_path / "甲村.txt").write_text(EXCHANGED.format(s=Y, n=Y + 10, w=X, e=X + 100), encoding="gbk")
    words = ["--claims", "甲村.txt", "--claims", points_table(tmp_path / "乙村.csv", prefix=40_000_000)]
    assert run(*words)[0] == 2
    status, out, err = run(*words, "--crs", "4549", "--json")
    told = json.loads(out)
    assert (status, told["contested"][0]["area_m2"]) == (0, pytest.approx(200, abs=0.01)), err
    assert [row["about"] for row in told["warnings"] if row["code"] == "own_crs"] == ["甲村.txt"]


def test_a_territory_tells_the_zone_that_eastings_lack(run, tmp_path):
    write("south.gpkg", [SOUTH])
    write("town.gpkg", [box(X - 500, Y - 500, X + 500, Y + 500)], code=["T"])
    words = ["--claims", "south.gpkg", "--claims", points_table(tmp_path / "north.csv", prefix=40_000_000)]
    status, out, err = run(*words, "--within", "town.gpkg", "--json")
    assert (status, json.loads(out)["contested"][0]["area_m2"]) == (0, pytest.approx(200, abs=0.01)), err


@pytest.mark.parametrize(
    ("stated", "kept"),
    [(["--accuracy", "5"], [0.05, 5]), (["--accuracy", "north=2", "--accuracy", "9"], [0.05, 2])],
    ids=["of all that do not say", "of one party"],
)
def test_an_accuracy_is_stated_for_claims_that_do_not_say_theirs(run, tmp_path, stated, kept):
    words = ["--claims", write("south.gpkg", [SOUTH]), "--claims", points_table(tmp_path / "north.csv")]
    status, _, err = run(*words, *stated)
    assert status == 0, err
    claims = pyogrio.read_dataframe("case.gpkg", layer="claims").set_index("party")
    assert claims["accuracy_m"][["south", "north"]].tolist() == kept


@pytest.mark.parametrize("stated", ["north=", "=0", "nearly", "-1", "nan", "inf", "west=1"])
def test_an_accuracy_of_nobody_or_of_no_metres_is_refused(run, tmp_path, stated):
    words = ["--claims", write("south.gpkg", [SOUTH]), "--claims", points_table(tmp_path / "north.csv")]
    status, out, err = run(*words, f"--accuracy={stated}")
    assert (status, out, (tmp_path / "case.gpkg").exists()) == (2, "", False)
    assert "accuracy" in err


def test_what_is_said_in_one_language_only_is_said_once(run, tmp_path):
    text = EXCHANGED.format(s=Y + 8, n=Y + 20, w=X, e=X + 100).replace("几度分带=3", "几度分带=6")
    (tmp_path / "北村.txt").write_text(text, encoding="gbk")
    _, out, _ = run("--claims", write("south.gpkg", [SOUTH]), "--claims", "北村.txt")
    assert out.count("the head says 6 degrees") == 1


def test_a_claim_on_another_datum_is_refused_and_nothing_is_written(run, tmp_path):
    words = ["--claims", write("south.gpkg", [SOUTH]), "--claims", write("north.gpkg", [NORTH], crs=2364)]
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert "Xian 1980" in err
    assert not (tmp_path / "case.gpkg").exists()


def test_one_party_alone_is_refused(run, tmp_path):
    status, _, err = run("--claims", write("south.gpkg", [SOUTH]))
    assert (status, "one party only" in err, (tmp_path / "case.gpkg").exists()) == (2, True, False)


def test_a_line_that_does_not_cross_is_told_in_both_languages(run, files):
    short = [LineString([(X, Y + 9), (X + 50, Y + 9)])]
    _, out, _ = run(*files[:2], "--candidates", write("short.gpkg", short, id=["short"]))
    assert "does not run across" in out
    assert "不作猜测" in out


def test_an_open_ring_is_closed_and_that_is_told(run, tmp_path):
    ring = [[120.0, 32.0], [120.001, 32.0], [120.001, 32.001], [120.0, 32.001]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"party": "A"}, "geometry": shape}
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    other = gpd.GeoDataFrame({"party": ["B"]}, geometry=[box(120.0005, 32.0, 120.002, 32.001)], crs=4326)
    formats.write({"b": other}, "b.gpkg")
    status, out, _ = run("--claims", "a.geojson", "--claims", "b.gpkg", "--json")
    told = json.loads(out)
    assert (status, "ring_mended" in {row["code"] for row in told["warnings"]}) == (0, True)


def test_a_share_is_solved_for_and_booked(run, files):
    _, out, _ = run(*files[:2], "--share", "0.25", "--json")
    assert [row["gain_m2"] for row in json.loads(out)["ledger"]] == pytest.approx([50, 150], abs=1e-3)


def test_trees_and_wells_are_told_with_their_kind(run, files):
    trees = [shapely.Point(X + 5, Y + 8.5), shapely.Point(X + 6, Y + 30)]
    _, out, _ = run(
        *files[:4], "--objects", write("trees.gpkg", trees, id=["t1", "t2"], kind=["tree", "tree"]), "--json"
    )
    assert [(row["id"], row["kind"], row["side"]) for row in json.loads(out)["objects"]] == [("t1", "tree", "甲方")]


def test_a_share_is_given_to_the_party_it_names_and_to_no_other(run, files):
    _, out, _ = run(*files[:2], "--share", "乙方=0.25", "--json")
    told = json.loads(out)["ledger"]
    assert {row["candidate"] for row in told} == {"乙方 25% | 甲方 75%"}
    assert [(row["party"], round(row["gain_m2"], 3)) for row in told] == [("甲方", 150), ("乙方", 50)]
    status, _, err = run(*files[:2], "--share", "丙方=0.25")
    assert (status, "丙方" in err, "甲方, 乙方" in err) == (2, True, True)


@pytest.mark.parametrize("words", ["1.5", "甲方=", "=0.5", "half"])
def test_what_is_no_share_is_a_usage_error(run, files, words):
    status, out, err = run(*files[:2], "--share", words)
    assert (status, out) == (2, "")
    assert "PARTY=SHARE" in err


def test_posts_are_numbered_by_the_code_of_the_line(run, files):
    set_ = write(
        "posts.gpkg", [shapely.Point(X + at, Y + 9.3) for at in (60, 0, 60)], letter=["A", "Q", "B"], place=[2, 1, 2]
    )
    status, _, err = run(*files[:4], "--line-code", "3206", "--posts", set_)
    told = pyogrio.read_dataframe("case.gpkg", layer="posts")
    assert (status, told["candidate"].tolist()) == (0, ["half"] * 3), err
    assert told["post"].tolist() == ["3206001Q", "3206002A", "3206002B"]
    assert told["off_m"].tolist() == pytest.approx([0.3] * 3, abs=1e-3)


def test_without_posts_of_their_own_candidates_have_one_at_each_vertex(run, files):
    run(*files[:4], "--line-code", "half=3206")
    told = pyogrio.read_dataframe("case.gpkg", layer="posts")
    assert told[["post", "y_east", "next_m"]].iloc[0].tolist() == ["3206001Q", X, 100]
    assert len(told) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--line-code", "33"], "four digits"),
        (["--line-code", "whole=3206"], "half"),
        (["--posts", "lines.gpkg"], "--line-code"),
        (["--posts", "lines.gpkg", "--line-code", "3206"], "no point"),
        (["--bearing", "90"], "share"),
        (["--paper", "A3"], "--sheet"),
        (["--title", "界线"], "--sheet"),
        (["--within", "lines.gpkg"], "polygons"),
    ],
    ids=["short code", "strange line", "no code", "lines as posts", "bearing alone", "paper", "title", "no ground"],
)
def test_options_that_would_be_passed_over_are_refused(run, files, tmp_path, words, said):
    status, out, err = run(*files[:4], *words)
    assert (status, out, (tmp_path / "case.gpkg").exists()) == (2, "", False)
    assert said in err


def test_the_profile_tells_how_far_the_lines_lie_apart_every_half_metre(run, files):
    run(*files[:2])
    told = pyogrio.read_dataframe("case.gpkg", layer="profile")
    assert told["along_m"].tolist() == pytest.approx(list(np.arange(0, 100.5, 0.5)))
    assert told["offset_m"].abs().tolist() == pytest.approx([2] * 201, abs=1e-6)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("target", ["--out", "--map", "--sheet"])
def test_a_file_that_is_read_is_never_written(monkeypatch, capsys, tmp_path, target):
    ending = {"--out": "gpkg", "--map": "html", "--sheet": "pdf"}[target]
    (tmp_path / "claims.gpkg").rename(tmp_path / f"c.{ending}")
    words = ["--claims", f"c.{ending}", target, f"./c.{ending}", *(() if target == "--out" else ("--out", "o.gpkg"))]
    before = (tmp_path / f"c.{ending}").read_bytes()
    status, _, err = shell(monkeypatch, capsys)("parcels", "compare", *words)
    assert (status, "is read" in err, (tmp_path / f"c.{ending}").read_bytes() == before) == (2, True, True)


def test_claims_far_from_the_territory_are_refused_and_some_points_outside_are_told(run, files):
    far, near = [box(X + 9000, Y, X + 9500, Y + 500)], [box(X - 5, Y - 5, X + 50, Y + 50)]
    status, _, err = run(*files[:2], "--within", write("far.gpkg", far, code=["T"]))
    assert (status, "claims.gpkg" in err) == (2, True)
    _, out, _ = run(*files[:2], "--within", write("near.gpkg", near, code=["T"]), "--json")
    assert [row["code"] for row in json.loads(out)["warnings"]] == ["W_OUTSIDE_TERRITORY"]


def test_names_of_holders_are_no_parties(run):
    words = ["--claims", write("甲村.gpkg", [SOUTH], 权利人=["张三"]), "--claims", write("乙村.gpkg", [NORTH])]
    status, out, _ = run(*words, "--json")
    told = json.loads(out)
    assert (status, [row["party"] for row in told["claims"]]) == (0, ["甲村", "乙村"])
    assert "holders_left_out" in {row["code"] for row in told["warnings"]}
    assert "张三" not in out
    status, _, err = run(*words, "--column", "party=权利人")
    assert (status, "甲村.gpkg" in err, "label" in err) == (2, True, True)


def test_a_screen_tells_the_first_objects_that_are_cut_how_many_are_left_and_what_was_written(run, files):
    houses = [box(X + 3 * k, Y + 8, X + 3 * k + 2, Y + 10) for k in range(25)]
    _, out, _ = run(*files[:4], "--buildings", write("many.gpkg", houses, id=[f"h{k}" for k in range(25)]))
    assert (out.count("cuts building"), "and 5 more" in out) == (20, True)
    assert out.splitlines()[-1] == "written to case.gpkg"
