"""Taipei: 456 villages that fill the city, 90 police precincts made of them, and a village that nobody spells alike."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from gridmap.partition import check, spellings, unions

#: The precincts whose rings are invalid, by station, as GEOS and the eye see them.
BROKEN = {
    "文德派出所",
    "建成派出所",
    "東湖派出所",
    "大湖派出所",
    "重慶北路派出所",
    "六張犁派出所",
    "社子派出所",
    "圓山派出所",
    "松山派出所",
    "五分埔派出所",
    "吳興街派出所",
}


@pytest.fixture(scope="module")
def villages(shared_data):
    table = gpd.read_file(shared_data("taipei/taipei_village.geojson"))
    return table.rename(columns={"CPTVID": "code", "VNAME": "name", "TNAME": "of"})[["code", "name", "of", "geometry"]]


@pytest.fixture(scope="module")
def precincts(shared_data):
    table = gpd.read_file(shared_data("taipei/patrol_district.geojson"))
    return table.rename(columns={"police_district_station_name": "code"})[["code", "geometry"]]


@pytest.fixture(scope="module")
def findings(villages):
    return check(villages)


def test_the_456_villages_are_a_partition(villages, findings):
    assert len(villages) == 456
    assert set(findings["rule"]) == {"invalid", "t_junction"}


def test_the_two_invalid_villages_are_named(findings):
    assert findings.query("rule == 'invalid'")["codes"].tolist() == ["6301000039", "6301000001"]


def test_the_eleven_invalid_precincts_are_named(precincts):
    assert set(check(precincts).query("rule == 'invalid'")["codes"]) == BROKEN


def test_each_precinct_is_an_exact_union_of_villages(villages, precincts):
    made = unions(precincts, villages)
    assert made["exact"].all()
    assert sorted(";".join(made["parts"]).split(";")) == sorted(villages["code"])


def test_a_village_given_to_the_wrong_precinct_is_noticed(villages, precincts):
    fewer = villages.drop(index=villages.index[100])
    assert (~unions(precincts, fewer)["exact"]).sum() == 1


def towns(shared_data, file):
    """Names of villages with their town, as another office lists them."""
    if file.endswith("geojson"):
        return gpd.read_file(shared_data(f"taipei/{file}")).rename(columns={"行政區": "of", "里別": "name"})
    listed = pd.read_csv(shared_data(f"taipei/{file}")).rename(columns={"區": "of", "里": "name", "town": "of"})
    return listed[listed["county"] == "臺北市"] if "county" in listed else listed


@pytest.mark.parametrize(
    ("file", "spelled"),
    [
        ("districts.csv", "糖廍里"),
        ("區里對應表.csv", "糖廍里"),
        ("garbage_truck__97a0381c93ca.geojson", "糖部里"),
    ],
)
def test_a_village_that_another_list_spells_differently_is_reported_and_not_joined(
    shared_data, villages, file, spelled
):
    found = spellings(villages, towns(shared_data, file)[["of", "name"]])
    sugar = found[found["codes"] == "6300700015"]
    assert sugar["message"].str.split(" ").str[0].tolist() == [spelled]
    assert "糖蔀里" in sugar["message"].item()
