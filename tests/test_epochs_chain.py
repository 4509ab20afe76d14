"""Lineage over many epochs: composed, never jumped; real municipalities; and the command on files."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from itertools import pairwise

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import box
from typer.testing import CliRunner

from gridmap.cli import app, main
from gridmap.disputes import LineageLimits, chain, epochs
from gridmap.disputes.lineage import event_counts, moved_river
from gridmap.errors import InputError, TableError
from tests.parcel_files import EAST as FIRST_EAST
from tests.parcel_files import exchange, square

WEST, EAST, BOTH = box(0, 0, 100, 100), box(100, 0, 200, 100), box(0, 0, 200, 100)


def year(**shapes):
    return gpd.GeoDataFrame({"id": list(shapes)}, geometry=list(shapes.values()), crs=4549)


def chained(*years, **limits):
    """The lineage of the years, each compared with the next."""
    stated = LineageLimits(**limits)
    return chain([epochs(a, b, limits=stated) for a, b in pairwise(years)], limits=stated)


def told(table):
    rows = zip(table["old"], table["new"], table["kind"], strict=True)
    return [f"{old or '-'}>{new or '-'} {kind}" for old, new, kind in rows]


HALVES = {"s": box(0, 0, 200, 50), "n": box(0, 50, 200, 100)}


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ([{"a": WEST}, {"b": WEST}, {"c": WEST}], ["a>c renamed"]),
        ([{"a": WEST}, {"b": WEST}, {"a": WEST}], ["a>a unchanged"]),
        ([{"a": WEST, "b": EAST}, {"c": BOTH}, {"d": BOTH}], ["a>d merge", "b>d merge"]),
        ([{"a": WEST, "b": EAST}, {"c": BOTH}, {"x": WEST, "y": EAST}], ["a>x renamed", "b>y renamed"]),
        (
            [{"a": WEST, "b": EAST}, {"c": BOTH}, HALVES],
            ["a>n complex", "a>s complex", "b>n complex", "b>s complex"],
        ),
        ([{"a": WEST}, {"a": WEST, "b": EAST}, {"c": BOTH}], ["a>c adjusted", "->c adjusted"]),
        ([{"a": BOTH}, {"a": WEST, "b": EAST}, {"a": WEST}], ["a>a adjusted", "a>- adjusted"]),
        ([{"a": WEST}, {"a": WEST, "b": EAST}, {"a": WEST}], ["a>a unchanged"]),
        (
            [{"a": WEST, "b": EAST}, {"a": box(0, 0, 110, 100), "b": box(110, 0, 200, 100)}, {"c": BOTH}],
            ["a>c merge", "b>c merge"],
        ),
    ],
    ids=[
        "renamed twice",
        "renamed back",
        "merged",
        "merged and parted again",
        "merged and parted otherwise",
        "created and merged",
        "split and partly abolished",
        "there for a while",
        "adjusted and merged",
    ],
)
def test_lineage_is_composed_over_three_epochs(years, expected):
    assert told(chained(*(year(**shapes) for shapes in years))) == expected


def test_what_went_into_one_parcel_and_out_of_it_is_told_apart_by_its_ground():
    found = chained(year(a=WEST, b=EAST), year(c=BOTH), year(**HALVES))
    assert found["area_m2"].tolist() == [5000] * 4
    assert found["share_old"].tolist() == [0.5] * 4
    assert found["through"].tolist() == ["c"] * 4


@pytest.mark.parametrize("turn", [1, -1], ids=["divided after", "merged after"])
def test_ground_that_passes_whole_is_that_of_its_smaller_step(turn):
    found = chained(*[year(c=BOTH), year(d=BOTH), year(a=WEST, b=EAST)][::turn])
    assert [shape.equals(end) for shape, end in zip(found.geometry, (WEST, EAST), strict=True)] == [True, True]


def test_a_strip_that_passed_over_a_border_in_one_of_the_years_does_not_descend():
    before, after = year(a=WEST, b=EAST), year(a=box(0, 0, 110, 100), b=box(110, 0, 200, 100))
    for years in ((before, before, after), (before, after, after)):
        found = chained(*years)
        assert found["descends"].tolist() == [True, False, True]
        assert found["area_m2"].tolist() == [10000, 1000, 9000]


def test_each_way_that_a_parcel_came_is_told_whole():
    found = chained(year(a=BOTH), year(x=WEST, y=EAST), year(c=BOTH), year(d=BOTH))
    assert found[["old", "new", "kind", "through"]].to_numpy().tolist() == [["a", "d", "renamed", "x>c;y>c"]]
    assert found["area_m2"].tolist() == [20000]


def test_one_lineage_is_its_own_chain():
    step = epochs(year(a=WEST, b=EAST), year(c=BOTH))
    pd.testing.assert_frame_equal(chain([step]).drop(columns="through"), step)


def test_lineages_of_epochs_that_do_not_follow_are_refused():
    one, other = epochs(year(a=WEST), year(b=WEST)), epochs(year(x=WEST), year(y=WEST))
    with pytest.raises(InputError, match="1 and 2 are not of consecutive epochs: 2 parcels such as b"):
        chain([one, other])
    with pytest.raises(InputError, match="no lineage to chain"):
        chain([])
    with pytest.raises(InputError, match="no column descends"):
        chain([one.drop(columns="descends")])


def municipalities(shared_data, when):
    table = gpd.read_file(shared_data("swiss_epochs") / when / "municipalities.shp")
    return table.assign(id=table["id"].astype(str))[["id", "geometry"]]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2010", "2011", {"unchanged": 2542, "merge": 13}),
        ("2020", "2021", {"unchanged": 2153, "merge": 19, "complex": 1}),
    ],
)
def test_mergers_of_municipalities_are_told(shared_data, old, new, expected):
    assert event_counts(epochs(municipalities(shared_data, old), municipalities(shared_data, new))) == expected


def generalised(table, metres):
    """The same municipalities with their borders generalised anew, as neighbours share them."""
    return table.assign(geometry=shapely.coverage_simplify(table.geometry.to_numpy(), metres))


def test_a_chain_of_years_each_generalised_anew_has_no_false_kind(shared_data):
    first, last = municipalities(shared_data, "2010"), municipalities(shared_data, "2011")
    years = [generalised(first, 80), generalised(first, 200), generalised(last, 120)]
    # Visvalingam's measure is the area of a corner's triangle: its height may be more than its root
    found = chained(*years, tolerance_m=600)
    assert event_counts(found) == {"unchanged": 2542, "merge": 13}


def test_even_with_noise_taken_for_ground_a_chain_has_no_false_complex(shared_data):
    table = municipalities(shared_data, "2010").iloc[:250]
    years = [generalised(table, metres) for metres in (60, 260, 120, 300)]
    steps = [epochs(a, b) for a, b in pairwise(years)]
    assert set(chain(steps)["kind"]) <= {"unchanged", "adjusted"}
    assert set(chain(steps)["old"].dropna()) == set(table["id"])


def run(*arguments):
    return CliRunner().invoke(app, ["parcels", "epochs", *map(str, arguments)])


@pytest.fixture
def files(tmp_path):
    years = {"old": year(a=WEST, b=EAST), "middle": year(c=BOTH), "new": year(**HALVES)}
    for name, table in years.items():
        table.to_file(tmp_path / f"{name}.gpkg")
    return tmp_path


def test_the_command_writes_lineage_findings_and_books(files):
    done = run("--old", files / "old.gpkg", "--new", files / "middle.gpkg", "--out", files / "epochs.gpkg", "--json")
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert said["events"] == {"merge": 1}
    assert [(row["old"], row["new"], row["kind"], row["area_m2"]) for row in said["epochs"]] == [
        ("a", "c", "merge", 10000.0),
        ("b", "c", "merge", 10000.0),
    ]
    written = gpd.read_file(files / "epochs.gpkg", layer="epochs")
    assert {"old", "new", "kind", "share_old", "share_new", "area_m2"} <= set(written)
    assert set(gpd.list_layers(files / "epochs.gpkg")["name"]) == {"epochs", "findings", "ledger", "dropped"}


def test_the_command_chains_files(files):
    done = run(
        *("--old", files / "old.gpkg", "--chain", files / "middle.gpkg", "--new", files / "new.gpkg"),
        *("--out", files / "epochs.csv"),
    )
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[0].split() == ["complex", "1", "重划"]
    assert done.stdout.splitlines()[-1].startswith("written to")
    assert Counter(pd.read_csv(files / "epochs.csv")["kind"]) == {"complex": 4}


def test_epochs_are_read_from_whatever_surveyors_write(tmp_path):
    (tmp_path / "old.txt").write_text(exchange(), encoding="gbk")
    west, east = square(wide=50.0), square(wide=50.0, east=FIRST_EAST + 50)
    halves = [line for name, ring in (("W", west), ("E", east)) for line in (f"5,0.3333,{name},,面,,,,@", *ring)]
    (tmp_path / "new.txt").write_text(exchange(halves[1:], parcel=halves[0]), encoding="gbk")
    done = run("--old", tmp_path / "old.txt", "--new", tmp_path / "new.txt", "--out", tmp_path / "epochs.csv", "--json")
    said = json.loads(done.stdout)
    assert [(row["old"], row["new"], row["kind"]) for row in said["epochs"]] == [
        ("DK001", "E", "split"),
        ("DK001", "W", "split"),
    ]


def test_a_file_that_cannot_be_compared_ends_in_status_two_and_leaves_nothing_behind(files, monkeypatch, capsys):
    pd.concat([year(a=WEST), year(a=EAST)]).to_file(files / "twice.gpkg")
    given = ["--old", files / "twice.gpkg", "--new", files / "new.gpkg", "--out", files / "epochs.gpkg"]
    monkeypatch.setattr("sys.argv", ["gridmap", "parcels", "epochs", *map(str, given)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "feature 2" in capsys.readouterr().err
    assert not (files / "epochs.gpkg").exists()


TODAY = date(2026, 11, 22)


def line(*points, **more):
    return gpd.GeoDataFrame({"id": ["L"], "date": ["1953~"]} | more, geometry=[shapely.LineString(points)], crs=4549)


def test_a_river_that_bends_away_moves_no_agreed_line():
    agreed = line((0, 0), (100, 0))
    river = line((0, 0), (50, 0), (50, 20), (75, 20), (75, 0), (100, 0))
    found = moved_river(agreed, river, on=TODAY)
    assert found.geometry[0].equals_exact(agreed.geometry[0], 0)
    assert found[["moved", "in_force", "agreed"]].iloc[0].tolist() == [True, "certain", "1953~"]
    # in the bend of 25 m the nearest water is its nearer leg, half of the bend's width away at the most
    assert found["most_m"][0] == pytest.approx(12.5, abs=0.5)
    assert found["moved_share"][0] == pytest.approx((25 - 2) / 100, abs=0.01)
    assert "the agreed line stays (State Council order 353, article 7)" in found["message"][0]
    assert "《行政区域界线管理条例》第七条，议定的界线不变" in found["message_zh"][0]


def test_a_river_of_some_width_holds_the_line_in_its_water():
    found = moved_river(line((0, 0), (100, 0)), gpd.GeoDataFrame(geometry=[box(-5, -8, 105, 8)], crs=4549), on=TODAY)
    assert (found["moved"][0], found["most_m"][0]) == (False, 0)
    assert "at most 0.00 m off" in found["message"][0]


def test_a_river_ten_metres_off_is_ten_metres_off_all_along():
    found = moved_river(line((0, 0), (100, 0)), line((-50, 10), (150, 10)), on=TODAY)
    assert found[["most_m", "mean_m", "moved_share"]].iloc[0].tolist() == [10, 10, 1]


@pytest.mark.parametrize(
    ("agreed", "said"),
    [
        (line((0, 0), (1, 0), date=[None]), "no date"),
        (line((0, 0), (1, 0), date=["long ago"]), "EDTF"),
        (line((0, 0), (1, 0), id=[None]), "no identifier"),
        (line((0, 0), (1, 0)).drop(columns="date"), "no column date"),
        (line((0, 0), (1, 0)).set_geometry([box(0, 0, 1, 1)], crs=4549), "no line"),
    ],
    ids=["undated", "no date", "no id", "no column", "polygon"],
)
def test_an_agreed_line_must_be_a_dated_line(agreed, said):
    with pytest.raises(TableError, match=said):
        moved_river(agreed, line((0, 0), (1, 0)), on=TODAY)


@pytest.mark.parametrize(
    ("when", "year", "held", "said"),
    [
        ("1953~", 1951, "no", "the river is of an earlier day"),
        ("1953~", 1953, "possible", "it may be agreed after"),
        ("1953~", 1955, "certain", "article 7)"),
        (date(1985, 6, 1), 1985, "certain", "agreed 1985-06-01"),
        (pd.Timestamp("1985-06-02"), 1985, "no", "agreed 1985-06-02"),
        (1953.0, 1960, "certain", "agreed 1953:"),
    ],
    ids=["before it", "in doubt", "after it", "the very day", "the day before", "a year as a number"],
)
def test_a_river_moves_no_line_that_was_agreed_by_its_day(when, year, held, said):
    river = line((0, 10), (100, 10))
    found = moved_river(line((0, 0), (100, 0), date=[when]), river, on=date(year, 6, 1))
    assert (found["in_force"][0], said in found["message"][0]) == (held, True)


def test_the_command_tells_how_far_a_river_has_left_agreed_lines(files):
    line((0, 0), (100, 0)).rename(columns={"date": "日期"}).to_file(files / "agreed.gpkg")
    line((0, 30), (100, 30)).drop(columns="date").to_file(files / "river.gpkg")
    given = ["--old", files / "old.gpkg", "--new", files / "new.gpkg", "--out", files / "out.gpkg"]
    rivers = ["--agreed", files / "agreed.gpkg", "--river", files / "river.gpkg", "--column", "date=日期"]
    said = json.loads(run(*given, *rivers, "--on", "1960-01-01", "--json").stdout)["rivers"]
    assert [(row["line"], row["in_force"], row["most_m"]) for row in said] == [("L", "certain", 30.0)]
    assert gpd.read_file(files / "out.gpkg", layer="rivers").geometry[0].equals(shapely.LineString([(0, 0), (100, 0)]))
    assert "议定的界线不变" in run(*given, *rivers).stdout
    assert run(*given, *rivers[:2]).exit_code != 0


def test_without_a_river_or_with_no_tolerance_nothing_is_compared():
    with pytest.raises(InputError, match="no river"):
        moved_river(line((0, 0), (1, 0)), line((0, 0), (1, 0)).iloc[:0], on=TODAY)
    with pytest.raises(InputError, match="above 0"):
        moved_river(line((0, 0), (1, 0)), line((0, 0), (1, 0)), on=TODAY, tolerance_m=0)
