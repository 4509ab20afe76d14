"""What an operator does from a shell: what was walked, who is nearest, which round is owed."""

from __future__ import annotations

import datetime as dt
import json
import xml.etree.ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from shapely import Point, box

from gridmap import formats
from gridmap.crs import convert
from tests.journeys.crossing import CRS, MORNING, X, Y, at, cover, lon_lat, walk


def test_a_street_walked_to_its_middle_is_walked_by_half(run, cross):
    status, told = cover(run, cross, walk(cross / "w.csv", ((0, 2), (300, 2))))
    streets = {row["id"]: row for row in told["streets"]}
    # the middle of a crossing belongs to both streets, within the noise that smoothing leaves
    assert (status, streets["east"]["walked_m"]) == (0, pytest.approx(300, abs=6))
    assert streets["north"]["walked_m"] == pytest.approx(0, abs=6)
    (area,) = [row for row in told["areas"] if row["shift"] == "all"]
    assert area["share"] == pytest.approx(0.3, abs=0.01)


def test_what_lies_in_a_gap_is_unknown_and_not_credited(run, cross):
    first, later = ((0, 0), (200, 0)), ((400, 0), (600, 0))
    one = pd.read_csv(walk(cross / "1.csv", first))
    two = pd.read_csv(walk(cross / "2.csv", later, start=MORNING + dt.timedelta(minutes=10)))
    pd.concat([one, two]).to_csv(cross / "gap.csv", index=False)
    _, told = cover(run, cross, cross / "gap.csv")
    (street,) = [row for row in told["streets"] if row["id"] == "east"]
    assert street["walked_m"] == pytest.approx(400, abs=6)
    assert street["share_unknown"] == pytest.approx(1 / 3, abs=0.02)
    steps = {row["step"]: row["km"] for row in told["report"]["waterfall"]}
    assert (steps["gaps"], steps["raw"]) == pytest.approx((0.2, steps["gaps"] + steps["credited"]), abs=0.01)


def test_a_shift_of_which_nobody_kept_a_record_is_not_known(run, cross):
    tracks = walk(cross / "w.csv", ((0, 0), (600, 0)))
    _, told = cover(run, cross, tracks, "--since", "2024-05-06", "--until", "2024-05-06")
    shifts = {row["shift"]: row for row in told["areas"]}
    assert shifts["2024-05-06 day"]["share"] == pytest.approx(0.6, abs=0.01)
    assert (shifts["2024-05-06 night"]["share"], shifts["2024-05-06 night"]["share_unknown"]) == (None, 1.0)


def test_only_shifts_of_the_days_asked_about_count_and_a_night_belongs_to_its_evening(run, cross):
    night = walk(cross / "n.csv", ((0, 0), (300, 0)), start=pd.Timestamp("2024-05-07T03:00:00+08:00"))
    day = walk(cross / "d.csv", ((300, 0), (600, 0)), start=pd.Timestamp("2024-05-07T09:00:00+08:00"))
    both = (night, "--tracks", day)
    walked = {
        last: cover(run, cross, *both, "--since", "2024-05-06", "--until", last)[1]["report"]["streets_m"]["walked_m"]
        for last in ("2024-05-06", "2024-05-07")
    }
    assert walked == pytest.approx({"2024-05-06": 300, "2024-05-07": 600}, abs=8)


def test_files_in_different_systems_are_one_track(run, cross):
    west = walk(cross / "w.csv", ((0, 0), (300, 0)))
    table = pd.read_csv(walk(cross / "e.csv", ((300, 0), (600, 0)), start=MORNING + dt.timedelta(minutes=6)))
    x, y = convert(table["lon"].to_numpy(), table["lat"].to_numpy(), 4490, CRS)
    metric = gpd.GeoDataFrame(table[["post", "time"]], geometry=gpd.points_from_xy(x, y), crs=CRS)
    formats.write({"fixes": metric}, cross / "e.gpkg")
    _, told = cover(run, cross, west, "--tracks", cross / "e.gpkg")
    assert {row["id"]: row["walked_m"] for row in told["streets"]}["east"] == pytest.approx(600, abs=8)


def test_a_street_is_overdue_once_its_time_is_over_and_the_round_goes_there(run, cross):
    tracks = walk(cross / "w.csv", ((0, 0), (300, 0)))
    status, told = cover(run, cross, tracks, "--now", "2024-05-10T09:00:00+08:00")
    assert (status, {row["id"]: row["overdue"] for row in told["streets"]}) == (0, {"east": True, "north": True})
    words = ("--streets", cross / "streets.gpkg", "--start", at(0, 0), "--overdue", cross / "c.gpkg", "--json")
    status, out, _ = run("patrols", "route", "--minutes", "30", "--out", cross / "r.gpkg", *words)
    made = json.loads(out)
    # 600 m and 2 x 400 m there and back at 1.3 m/s are 26 minutes
    assert (status, made["collected"]) == (0, pytest.approx(made["possible"]))
    assert made["minutes"] == pytest.approx(2000 / 1.3 / 60, abs=0.1)


def test_a_round_for_what_is_owed_is_refused_where_nothing_is(run, cross):
    cover(run, cross, walk(cross / "w.csv", ((0, 0), (600, 0))))
    words = ("--streets", cross / "streets.gpkg", "--start", at(0, 0), "--overdue", cross / "c.gpkg", "--minutes", "30")
    status, _, err = run("patrols", "route", *words, "--out", cross / "r.gpkg")
    assert (status, "names no street that is owed a visit" in err, (cross / "r.gpkg").exists()) == (2, True, False)


def test_the_round_of_inspection_walks_every_street_by_the_shortest_way(run, cross):
    words = ("--streets", cross / "streets.gpkg", "--start", at(0, 0), "--all", "--json", "--out", cross / "r.gpkg")
    status, out, _ = run("patrols", "route", *words)
    made = json.loads(out)
    # four dead ends: each arm there and back
    assert (status, made["length_m"], made["gap"]) == (0, pytest.approx(2000, abs=0.1), 0.0)
    layers = {name for name, _ in pyogrio.list_layers(cross / "r.gpkg")}
    assert layers == {"route", "stops"}
    assert gpd.read_file(cross / "r.gpkg", layer="route").to_crs(CRS).length.sum() == pytest.approx(2000, abs=0.1)


def test_a_round_along_required_streets_is_written_for_a_phone(run, cross):
    pd.DataFrame({"street": ["north"]}).to_csv(cross / "must.csv", index=False)
    words = ("--streets", cross / "streets.gpkg", "--start", at(300, -200), "--required", cross / "must.csv")
    status, said, _ = run("patrols", "route", *words, "--out", cross / "r.gpx")
    assert (status, "no round is shorter" in said, "北街" in said) == (0, True, True)
    points = ET.parse(cross / "r.gpx").findall(".//{*}trkpt")  # noqa: S314 - our own
    lon, lat = np.array([[float(point.get(name)) for name in ("lon", "lat")] for point in points]).T
    x, y = convert(lon, lat, 4490, CRS)
    assert np.hypot(np.diff(x), np.diff(y)).sum() == pytest.approx(800, abs=0.2)


def test_the_nearest_posts_are_told_by_way_and_why_others_are_not_sent(run, cross):
    spots = {"near": (290, 100, 0), "far": (0, 0, 0), "old": (300, 10, -600), "across": (330, -60, 0)}
    rows = [
        (post, MORNING + dt.timedelta(seconds=age), *np.ravel(lon_lat([x], [y]))) for post, (x, y, age) in spots.items()
    ]
    pd.DataFrame(rows, columns=["post", "time", "lon", "lat"]).to_csv(cross / "f.csv", index=False)
    words = ("--streets", cross / "streets.gpkg", "--fixes", cross / "f.csv", "--at", at(300, 0), "-n", "2", "--json")
    status, out, _ = run("patrols", "nearest", *words)
    told = {row["post"]: (row["rank"], row["chosen"], row["reason"]) for row in json.loads(out)}
    assert (status, told["across"], told["near"]) == (0, (1, True, ""), (2, True, ""))
    assert (told["far"], told["old"]) == ((3, False, "farther"), (None, False, "too_old"))


def test_nobody_to_send_ends_with_status_1(run, cross):
    tracks = walk(cross / "w.csv", ((0, 0), (50, 0)))
    words = ("--streets", cross / "streets.gpkg", "--fixes", tracks, "--at", at(300, 0))
    status, said, _ = run("patrols", "nearest", *words, "--now", "2024-05-06T12:00:00+08:00")
    assert (status, "nobody can be sent" in said, "too_old" in said) == (1, True, True)


def ringed(run, cross, *words):
    """Status and answer of what is reached from the crossing, where P1 ends its walk."""
    fixes = walk(cross / "w.csv", ((0, 0), (300, 0)))
    status, out, err = run("patrols", "rings", "--fixes", fixes, "--streets", cross / "streets.gpkg", *words)
    return status, out or err


def test_rings_tell_what_posts_reach_and_what_one_alone_does(run, cross):
    """Four arms of 78 m in a minute at 1.3 m/s, of 1 000 m; fixes are off by some metres."""
    status, said = ringed(run, cross, "--minutes", 1, "--minutes", 20, "--json", "--out", cross / "r.gpkg")
    one, twenty = json.loads(said)["rings"]
    assert (status, one["posts"], twenty["share"]) == (0, 1, 1.0)
    assert (one["reached_m"], one["share_sole"]) == (pytest.approx(312, abs=12), one["share"])
    drawn = gpd.read_file(cross / "r.gpkg", layer="rings").to_crs(CRS)
    assert drawn.length.iloc[0] == pytest.approx(one["reached_m"], abs=0.1)
    assert set(gpd.read_file(cross / "r.gpkg", layer="streets")["street"]) == {"east", "north"}


def test_rings_of_posts_none_of_whom_can_go_end_with_status_1(run, cross):
    status, said = ringed(run, cross, "--now", "2024-05-06T18:00:00+08:00")
    assert (status, said.splitlines()[:2]) == (
        1,
        ["0 posts can be sent", "1 min: 0.0% of 1.0 km of street, 0.0% by one post only"],
    )


def test_rings_count_households_where_buildings_are_given(run, cross):
    houses = {"id": ["near", "far"], "households": [30, 10]}
    shapes = [box(X + 310, Y + 5, X + 320, Y + 15), box(X + 560, Y + 5, X + 570, Y + 15)]
    formats.write({"buildings": gpd.GeoDataFrame(houses, geometry=shapes, crs=CRS)}, cross / "b.gpkg")
    _, said = ringed(run, cross, "--buildings", cross / "b.gpkg", "--minutes", 1)
    assert "75.0% of 40 households" in said


def checkpoint(cross, **more):
    """A file of one checkpoint at 300 m of the first street, open from 8 to 10."""
    cells = {"id": ["K"], "opens": ["08:00"], "closes": ["10:00"], **more}
    table = gpd.GeoDataFrame(cells, geometry=[Point(X + 300, Y + 10)], crs=CRS)
    formats.write({"checkpoints": table}, cross / "k.gpkg")
    return cross / "k.gpkg"


def test_a_track_that_passes_a_point_stands_in_for_a_sign_in(run, cross):
    # fixes 5 m and 10 s apart: the point is passed after 600 s
    tracks = walk(cross / "w.csv", ((0, 0), (600, 0)), every=10)
    _, told = cover(run, cross, tracks, "--checkpoints", checkpoint(cross))
    (row,) = told["signins"]
    assert (row["post"], row["status"], row["by"]) == ("P1", "on_time", "track")
    assert abs(pd.Timestamp(row["time"]) - (MORNING + dt.timedelta(seconds=600))) < dt.timedelta(seconds=2)


def test_to_pass_a_closed_point_is_no_sign_in_that_failed(run, cross):
    tracks = walk(cross / "w.csv", ((0, 0), (600, 0)), start=pd.Timestamp("2024-05-06T15:00:00+08:00"))
    _, told = cover(run, cross, tracks, "--checkpoints", checkpoint(cross))
    assert [row["status"] for row in told["signins"]] == ["missed"]


def test_scans_are_held_against_the_track(run, cross):
    tracks = walk(cross / "w.csv", ((0, 0), (600, 0)), every=10)
    lon, lat = (float(value) for value in at(300, 9).split(","))
    rows = [("P1", "K", MORNING + dt.timedelta(seconds=600), lon, lat), ("P1", "K", MORNING, lon, lat)]
    columns = ["post", "checkpoint", "time", "lon", "lat"]
    pd.DataFrame(rows, columns=columns).to_csv(cross / "s.csv", index=False)
    _, told = cover(run, cross, tracks, "--checkpoints", checkpoint(cross), "--signins", cross / "s.csv")
    assert sorted((row["track"], row["by"]) for row in told["signins"]) == [
        ("scan_and_track", "scan"),
        ("scan_only", "scan"),
    ]


def test_points_due_by_the_month_are_told_as_a_list(run, cross):
    tracks = walk(cross / "w.csv", ((0, 0), (100, 0)))
    points = checkpoint(cross, every_days=[30.0])
    _, told = cover(run, cross, tracks, "--checkpoints", points, "--now", "2024-07-01T09:00:00+08:00")
    assert [(row["checkpoint"], row["status"]) for row in told["lists"]] == [("K", "overdue")]


def test_streets_that_neither_a_patrol_nor_a_camera_covers_are_told(run, cross):
    spot = {"id": ["C"], "heading_deg": [90.0], "hfov_deg": [360.0], "range_m": [100.0], "kind": ["fisheye"]}
    camera = gpd.GeoDataFrame(spot | {"height_m": [5.0]}, geometry=[Point(X + 300, Y - 200)], crs=CRS)
    formats.write({"cameras": camera}, cross / "cameras.gpkg")
    tracks = walk(cross / "w.csv", ((0, 0), (600, 0)))
    _, told = cover(run, cross, tracks, "--cameras", cross / "cameras.gpkg")
    # of the second street the camera sees at most its first 100 m; the crossing itself is walked
    assert {row["id"] for row in told["blind"]} == {"north"}
    assert 290 < told["report"]["gap_m"]["neither_m"] < 401
    assert {row["shift"] for row in told["gap"]} == {"all", "day", "night"}
