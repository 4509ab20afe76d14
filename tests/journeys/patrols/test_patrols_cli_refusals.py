"""What is refused from a shell: files of fixes that cannot be used, and options that make no sense."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.journeys.crossing import X, Y, walk

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
