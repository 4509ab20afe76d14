"""What an operator does from a shell with patrols of the sample town, on files and on the record."""

from __future__ import annotations

import json
import re

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from shapely import LineString
from sqlalchemy import text

from gridmap import formats, store
from gridmap.crs import from_wgs84
from gridmap.samples import town
from tests.journeys.crossing import named


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
