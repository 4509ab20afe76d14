"""What an operator does from a shell: what was walked, who is nearest, which round is owed."""

from __future__ import annotations

import datetime as dt
import json
import re
import xml.etree.ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from shapely import LineString, Point, box
from sqlalchemy import text

from gridmap import formats, store
from gridmap.crs import convert, from_wgs84
from gridmap.samples import town
from tests.journeys.corner import shell

#: A street of 600 m that runs east from here, in the zone of Nantong.
X, Y, CRS = 580_000, 3_543_000, 4549
MORNING = pd.Timestamp("2024-05-06T09:00:00+08:00")


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command as a shell would and return its exit status, output and error output."""
    return shell(monkeypatch, capsys)


@pytest.fixture(scope="module")
def sample():
    """The sample town's tables."""
    return town(seed=3, buildings=400)


@pytest.fixture(scope="module")
def files(sample, tmp_path_factory):
    """Layers of the sample town as files, by name."""
    folder, found = tmp_path_factory.mktemp("town"), {}
    for name in ("streets", "areas", "checkpoints", "buildings", "cameras"):
        found[name] = folder / f"{name}.gpkg"
        formats.write({name: sample[name]}, found[name])
    found["tracks"] = folder / "fixes.csv"
    formats.write({"fixes": sample["fixes"]}, found["tracks"])
    return found


def named(files, *layers):
    """Layers as options."""
    return [word for name in layers for word in (f"--{name}", files[name])]


def lon_lat(x, y):
    """Metres from the corner as degrees."""
    return convert(np.asarray(x, float) + X, np.asarray(y, float) + Y, CRS, 4490)


def at(x, y):
    """Metres from the corner as an option: LON,LAT."""
    return ",".join(f"{value:.7f}" for value in np.ravel(lon_lat([x], [y])))


def walk(path, leg, *, start=MORNING, every=5):
    """A file of fixes of P1, some noise about every 5 m of a leg ((x, y), (x, y)), one every so many seconds."""
    spots = np.linspace(*leg, int(np.hypot(*np.subtract(*leg)) // 5) + 1)
    x, y = (spots + np.random.default_rng(len(spots)).normal(0, 1.5, spots.shape)).T
    lon, lat = lon_lat(x, y)
    times = [(start + dt.timedelta(seconds=every * number)).isoformat() for number in range(len(x))]
    table = pd.DataFrame({"post": "P1", "time": times, "lon": lon, "lat": lat})
    table.to_csv(path, index=False)
    return path


@pytest.fixture
def cross(tmp_path):
    """Two streets of 600 m and 400 m that cross at 300 m of the first, and the area around them."""
    lines = [
        LineString([(X, Y), (X + 300, Y), (X + 600, Y)]),
        LineString([(X + 300, Y - 200), (X + 300, Y), (X + 300, Y + 200)]),
    ]
    streets = gpd.GeoDataFrame({"id": ["east", "north"], "name": ["东街", "北街"]}, geometry=lines, crs=CRS)
    ground = {"code": ["320613"], "name": ["区"], "level": ["district"]}
    areas = gpd.GeoDataFrame(ground, geometry=[box(X - 50, Y - 250, X + 650, Y + 250)], crs=CRS)
    formats.write({"streets": streets}, tmp_path / "streets.gpkg")
    formats.write({"areas": areas}, tmp_path / "areas.gpkg")
    return tmp_path


def cover(run, cross, tracks, *words):
    """Status and JSON of the coverage of the crossing."""
    layers = ("--streets", cross / "streets.gpkg", "--areas", cross / "areas.gpkg")
    status, out, err = run(
        "patrols", "coverage", "--tracks", tracks, *layers, "--out", cross / "c.gpkg", "--json", *words
    )
    return status, json.loads(out) if out else err


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


@pytest.fixture(scope="module")
def shifted(sample, tmp_path_factory):
    """The fixes of one post and shift in GCJ-02, as a file that does not say so."""
    fixes = sample["fixes"]
    some = fixes[fixes["post"] == fixes["post"].iloc[0]].head(400)
    lon, lat = from_wgs84(some.geometry.x.to_numpy(), some.geometry.y.to_numpy(), "GCJ-02")
    path = tmp_path_factory.mktemp("gcj") / "fixes.csv"
    pd.DataFrame({"post": some["post"], "time": some["time"], "lon": lon, "lat": lat}).to_csv(path, index=False)
    return path


def test_a_track_in_another_datum_is_held_and_not_credited(run, files, shifted, tmp_path):
    words = ("--tracks", shifted, "--streets", files["streets"], "--out", tmp_path / "c.gpkg")
    status, said, _ = run("patrols", "coverage", *words)
    assert (status, "is in GCJ-02, not in the datum stated" in said, " apart" in said) == (1, True, True)
    streets = gpd.read_file(tmp_path / "c.gpkg", layer="streets").query("length_m > 0")
    assert (streets["walked_m"].sum(), streets["share_never"].max(), streets["share_unknown"].min()) == (0, 0, 1)
    steps = formats.read(tmp_path / "c.gpkg", sublayer="waterfall").set_index("step")["km"]
    assert (steps["credited"], steps["held"]) == (pytest.approx(0, abs=1e-6), pytest.approx(7, abs=2))


def test_a_datum_that_is_stated_is_set_right_and_credited(run, files, shifted, tmp_path):
    words = ("--tracks", shifted, "--streets", files["streets"], "--out", tmp_path / "c.gpkg", "--json")
    status, out, _ = run("patrols", "coverage", *words, "--crs", "GCJ-02")
    assert (status, json.loads(out)["report"]["held"]) == (0, [])
    assert json.loads(out)["report"]["walked_m"]["observed"] > 3500


def test_what_is_held_counts_once_somebody_accepts_it(run, files, shifted, tmp_path):
    words = ("--tracks", shifted, "--streets", files["streets"], "--out", tmp_path / "c.gpkg")
    status, said, _ = run("patrols", "coverage", *words, "--accept-held")
    assert (status, "held: " in said) == (0, True)


def test_matching_finds_the_streets_that_were_truly_walked(run, sample, files, tmp_path):
    status, _, _ = run("patrols", "match", *named(files, "tracks", "streets"), "--out", tmp_path / "m.gpkg")
    assert status == 0
    fixes = gpd.read_file(tmp_path / "m.gpkg", layer="fixes")
    walked = gpd.read_file(tmp_path / "m.gpkg", layer="walked")
    assert {"post", "time", "street", "along_m", "offset_m"} <= {*fixes}
    assert {"post", "shift", "street", "from_m", "to_m", "start", "end", "class"} <= {*walked}
    truth = sample["truth_fixes"]
    keys = [truth["post"], pd.to_datetime(truth["time"], utc=True)]
    true = truth.set_index(keys)["street"].reindex([fixes["post"], pd.to_datetime(fixes["time"], utc=True)])
    # the others lie at crossings, which belong to two streets
    assert (fixes["street"].to_numpy() == true.to_numpy()).mean() > 0.95
    found, walked_m, claimed_m = overlap(sample["truth_walked"], walked[walked["class"] == "observed"])
    # of each round two gaps of 3 to 12 minutes are missing, and what was walked in them alone
    assert (found / walked_m > 0.9, found / claimed_m > 0.99) == (True, True)


#: How rangers in cars were cleaned where their kilometres were measured.
RANGERS = ("fastest_m_s=30", "slack_m=45", "gap_s=600", "stop_radius_m=40", "stop_s=300")


def test_the_waterfall_of_real_rangers_is_told_by_their_names_and_limits(run, shared_data, tmp_path):
    """Their ways are taken for streets: every tenth fix of a patrol, each once; no map has any others there."""
    pytest.importorskip("pyarrow")
    path = shared_data("smart_patrols/get-patrol-observations-from-smart.parquet")
    fixes = gpd.read_parquet(path).drop_duplicates(["patrol_id", "fixtime"]).sort_values(["patrol_id", "fixtime"])
    ways = [LineString(each.geometry.to_list()[::10]) for _, each in fixes.groupby("patrol_id") if len(each) > 20]
    formats.write({"streets": gpd.GeoDataFrame({"id": map(str, range(len(ways)))}, geometry=ways, crs=4326)},
                  tmp_path / "streets.gpkg")  # fmt: skip
    names = ("--column", "tracks.post=patrol_id", "--column", "tracks.time=fixtime")
    limits = [word for limit in RANGERS for word in ("--limit", limit)]
    files = ("--tracks", path, "--streets", tmp_path / "streets.gpkg", "--out", tmp_path / "m.gpkg")
    _, out, _ = run("patrols", "match", *files, *names, *limits, "--json")
    steps = {row["step"]: row for row in json.loads(out)["waterfall"]}
    measured = {"raw": 1_160, "duplicates": 1_160, "spikes": 1_094, "gaps": 807, "credited": 760}
    assert {step: steps[step]["left_km"] for step in measured} == pytest.approx(measured, rel=0.02)
    assert steps["duplicates"]["fixes"] == 21_998


def overlap(truth, claimed):
    """Metres of streets in both, in the truth and in the claims, each shift of each post by itself, to a metre."""
    sets = []
    for table in (truth, claimed):
        cells = set()
        for row in table.itertuples():
            low, high = sorted((row.from_m, row.to_m))
            cells |= {(row.post, row.shift, row.street, metre) for metre in range(round(low), round(high))}
        sets.append(cells)
    return len(sets[0] & sets[1]), len(sets[0]), len(sets[1])


def test_the_coverage_of_the_town_has_the_layers_and_columns_that_others_read(run, files, tmp_path):
    out, page = tmp_path / "coverage.gpkg", tmp_path / "coverage.html"
    layers = named(files, "tracks", "streets", "areas", "checkpoints", "buildings", "cameras")
    status, said, _ = run("patrols", "coverage", *layers, "--out", out, "--map", page)
    assert (status, "credited 有效" in said, "sign-ins: " in said, "双盲" in said) == (0, True, True, True)
    columns = {name: {*pyogrio.read_info(out, layer=name)["fields"]} for name, _ in pyogrio.list_layers(out)}
    assert {"id", "walked_m", "share", "passes", "last_passed", "overdue"} <= columns["streets"]
    assert {"code", "shift", "share", "share_low", "share_high", "share_unknown", "share_never"} <= columns["areas"]
    assert {"checkpoint", "post", "shift", "due", "status"} <= columns["signins"]
    assert {"walked", "completion", "waterfall", "quality", "held", "notes", "gap", "blind"} <= {*columns}
    assert '"gm-shift"' in page.read_text(encoding="utf-8")


def test_tracks_are_the_same_in_one_part_as_in_many(files, sample):
    from gridmap.service.patrols import Taking, matched, read_tracks

    tracks = read_tracks([files["tracks"]])
    one, many = (matched(tracks, sample["streets"], taking=Taking(at_once=most)) for most in (10**6, 1))
    pd.testing.assert_frame_equal(one.walked, many.walked)
    pd.testing.assert_frame_equal(one.waterfall, many.waterfall, rtol=1e-9)
    assert len(many.quality) == len(one.quality)


def test_of_fixes_that_nobody_asked_for_the_last_of_each_post_is_kept(files, sample):
    from gridmap.service.patrols import Taking, matched, read_tracks

    found = matched(read_tracks([files["tracks"]]), sample["streets"], taking=Taking(keep_fixes=False)).fixes
    last = sample["fixes"].assign(time=pd.to_datetime(sample["fixes"]["time"], utc=True)).groupby("post")["time"].max()
    assert dict(zip(found["post"], found["time"], strict=True)) == last.to_dict()


def test_a_page_of_two_periods_is_drawn_and_one_of_shares_tells_no_post(run, files, sample, tmp_path):
    layers = named(files, "tracks", "streets", "areas")
    words = ("--since", "2024-05-07", "--old", "2024-05-06", "--lang", "en")
    status, _, _ = run("maps", "patrols", *layers, *words, "--out", tmp_path / "two.html")
    page = (tmp_path / "two.html").read_text(encoding="utf-8")
    held = json.loads(re.search(r'id="gm-data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
    shifts = {side: one["shifts"] for side, one in held["sides"].items()}
    assert (status, shifts["old"]) == (0, ["2024-05-06 day", "2024-05-06 night"])
    assert shifts["new"] == ["2024-05-07 day", "2024-05-07 night"]
    status, _, _ = run("maps", "patrols", *layers, "--shares-only", "--out", tmp_path / "shares.html")
    page = (tmp_path / "shares.html").read_text(encoding="utf-8")
    assert (status, sample["fixes"]["post"].iloc[0] in page) == (0, False)


def test_the_record_answers_as_files_do_and_every_look_is_audited(run, files, tmp_path, monkeypatch, record_url):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", record_url)
    for layer, name in (
        ("streets", "streets"),
        ("areas", "areas"),
        ("checkpoints", "checkpoints"),
        ("fixes", "tracks"),
    ):
        assert run("load", layer, files[name], "--effective", "2020-01-01")[0] == 0
    words = ("--since", "2024-05-06", "--until", "2024-05-07", "--now", "2024-05-08T08:00:00+08:00", "--json")
    status, out, err = run("patrols", "coverage", *words, "--out", tmp_path / "record.gpkg")
    assert status == 0, err
    layers = named(files, "tracks", "streets", "areas", "checkpoints")
    told, same = (
        json.loads(out),
        json.loads(run("patrols", "coverage", *layers, *words, "--out", tmp_path / "f.gpkg")[1]),
    )
    assert told["report"]["streets_m"] == pytest.approx(same["report"]["streets_m"], rel=1e-4)
    assert told["report"]["signins"] == same["report"]["signins"]
    shares = [{(row["code"], row["shift"]): row["share"] for row in each["areas"]} for each in (told, same)]
    assert shares[0] == pytest.approx(shares[1], abs=1e-4)
    engine = store.connect(record_url)
    with engine.connect() as connection:
        looks = connection.execute(text("select count(*) from audit where action = 'look at patrols'")).scalar_one()
    engine.dispose()
    assert looks == 1


def test_a_shift_that_the_record_holds_counts_once_it_is_released(run, files, shifted, monkeypatch, record_url):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", record_url)
    for layer, path in (("streets", files["streets"]), ("fixes", shifted)):
        assert run("load", layer, path, "--effective", "2020-01-01")[0] == 0
    status, out, _ = run("patrols", "settle", "--json")
    settled = json.loads(out)
    assert (status, settled["held"] > 0, settled["visits"] > 0) == (1, True, True)
    engine = store.connect(record_url)
    with engine.connect() as connection:
        held = text("select post, shift from settled where not credited order by post, shift limit 1")
        post, shift = connection.execute(held).one()
    engine.dispose()
    status, out, _ = run("patrols", "release", post, shift, "--read-as", "GCJ-02", "--json")
    row = json.loads(out)
    assert (status, row["credited"], row["read_as"], "datum" in row["released"]) == (0, True, "GCJ-02", True)
    status, _, err = run("patrols", "release", post, shift)
    assert (status, "is not held" in err) == (2, True)


def test_a_record_without_fixes_says_what_is_missing(run, tmp_path, monkeypatch, record_url):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", record_url)
    status, _, err = run("patrols", "coverage", "--out", tmp_path / "c.gpkg")
    assert (status, "no fixes in the record" in err, "--tracks FILE" in err) == (2, True, True)
    assert not (tmp_path / "c.gpkg").exists()


#: How a file of fixes is spoilt, and what is then said.
WRONG = {
    "empty": (lambda _: "", "is empty"),
    "no rows": (lambda table: table.head(0).to_csv(index=False), "no fix"),
    "no times": (lambda table: table.drop(columns="time").to_csv(index=False), "no column time"),
    "no zone": (lambda table: table.assign(time=table["time"].str[:19]).to_csv(index=False), "in no time zone"),
    "swapped": (
        lambda table: table.rename(columns={"lon": "lat", "lat": "lon"}).to_csv(index=False),
        "latitude before longitude",
    ),
    "metres": (lambda table: table.assign(lon=X, lat=Y).to_csv(index=False), "should be in degrees"),
    "nowhere": (lambda table: table.assign(lon=0, lat=0).to_csv(index=False), "places at 0, 0"),
    "elsewhere": (
        lambda table: table.assign(lon=table["lon"] + 1).to_csv(index=False),
        "lies near any of these streets",
    ),
    "1970": (lambda table: table.assign(time="1970-01-01T00:00:07Z").to_csv(index=False), "set the clock"),
    "a picture": (lambda _: "\x89PNG\r\n\x1a\n\0\0\0", "begin like a csv file"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_bad_file_of_fixes_is_refused_in_one_message_and_leaves_nothing(run, cross, name):
    spoil, told = WRONG[name]
    table = pd.read_csv(walk(cross / "w.csv", ((0, 0), (300, 0))))
    (cross / "bad.csv").write_text(spoil(table), encoding="latin-1")
    status, said, err = run(
        "patrols",
        "coverage",
        "--tracks",
        cross / "bad.csv",
        "--streets",
        cross / "streets.gpkg",
        "--out",
        cross / "c.gpkg",
    )
    assert (status, said, told in err) == (2, "", True), err
    assert ("Traceback" in err, (cross / "c.gpkg").exists()) == (False, False)


#: Words that cannot be, and what is then said.
MISUSED = {
    "ending": (("patrols", "coverage", "--out", "c.doc"), "ending '.doc'"),
    "page": (("patrols", "coverage", "--out", "c.gpkg", "--map", "c.doc"), "--map c.doc"),
    "days": (
        ("patrols", "coverage", "--out", "c.gpkg", "--since", "2024-05-07", "--until", "2024-05-06"),
        "lies before",
    ),
    "limit": (("patrols", "match", "--out", "m.gpkg", "--limit", "speed=9"), "one of fastest_m_s, slack_m"),
    "number": (("patrols", "match", "--out", "m.gpkg", "--limit", "gap_s=-1"), "a number above 0"),
    "count": (("patrols", "match", "--out", "m.gpkg", "--limit", "spike_fixes=1.5"), "a whole number"),
    "moment": (("patrols", "coverage", "--out", "c.gpkg", "--now", "2024-05-07"), "a moment with its zone"),
    "scans": (("patrols", "coverage", "--out", "c.gpkg", "--signins", "w.csv"), "--signins without --checkpoints"),
    "round": (("patrols", "route", "--out", "r.gpkg", "--start", "120.84,32.01"), "no time limit"),
    "both": (
        ("patrols", "route", "--out", "r.gpkg", "--start", "120.84,32.01", "--all", "--minutes", "9"),
        "a time limit and",
    ),
    "start": (("patrols", "route", "--out", "r.gpkg", "--start", "32.01,120.84", "--all"), "longitude first"),
    "place": (("patrols", "nearest", "--at", "here"), "LON,LAT"),
    "shares": (("maps", "patrols", "--out", "m.html", "--shares-only"), "--shares-only without areas"),
    "old": (("maps", "patrols", "--out", "m.html", "--old", "May"), "--old May"),
}


@pytest.mark.parametrize("name", MISUSED)
def test_misuse_is_refused_in_one_message(run, cross, monkeypatch, name):
    words, told = MISUSED[name]
    monkeypatch.chdir(cross)
    walk(cross / "w.csv", ((0, 0), (300, 0)))
    tracks = {"route": (), "nearest": ("--fixes", "w.csv")}.get(words[1], ("--tracks", "w.csv"))
    status, said, err = run(*words, *tracks, "--streets", "streets.gpkg")
    assert (status, said, told in err) == (2, "", True), err
