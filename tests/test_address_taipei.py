"""In which village (里) of Taipei a door is, by its address alone: half of 4 042 real stops tell where the others are.

A stop has an address, a point, and a village that is written beside it. *Plain* is the address of a door: road with its
section, lanes and number, and nothing behind it but 前 (in front). Half of the stops, of every kind, are the gazetteer;
asked are the plain ones whose own point lies in the village written beside them. Of the doors that the gazetteer holds
97 % must be answered with that village. Of the others 97 % of those *answered*, that is with one village: half of the
stops tell nothing of most doors of the other half, and where numbers are interpolated, borders run along the streets,
so that most may lie in either of two villages.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gridmap.address.roads import Plates
from gridmap.partition import AreaIndex
from gridmap.territory import Territory

_PLAIN = re.compile(
    r"(?:[臺台]北市)?(?:..區)?(?P<road>[^0-9巷弄號]+[路街道](?:[0-9一二三四五六七八九]段)?(?:[0-9]+巷)?(?:[0-9]+弄)?)"
    r"(?P<number>[0-9]+)(?:[之-][0-9]+)?號(?:之[0-9]+)?前?"
)
SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def villages(shared_data):
    table = gpd.read_file(shared_data("taipei/taipei_village.geojson"))
    codes = {"code": table["CPTVID"], "name": table["VNAME"], "level": "community", "parent": table["CPTID"]}
    return gpd.GeoDataFrame(codes, geometry=table.geometry, crs=table.crs)


@pytest.fixture(scope="module")
def areas(shared_data, villages):
    table = gpd.read_file(shared_data("taipei/taipei_town.geojson"))
    codes = {"code": table["CPTID"], "name": table["TNAME"], "level": "district", "parent": None}
    towns = gpd.GeoDataFrame(codes, geometry=table.geometry, crs=table.crs)
    return pd.concat([towns, villages], ignore_index=True).astype({"code": str})


@pytest.fixture(scope="module")
def stops(shared_data, villages):
    """The stops; `own` is the code of the village that their point lies in, if it is the one written beside them."""
    table = gpd.read_file(shared_data("taipei/garbage_truck__97a0381c93ca.geojson"))
    rows = AreaIndex(villages).locate(table.geometry.x, table.geometry.y)
    name, code = (np.append(villages[column].astype(str).to_numpy(object), "")[rows] for column in ("name", "code"))
    plain = table["地點"].map(lambda text: bool(_PLAIN.fullmatch(text)))
    columns = {
        "id": table.index,
        "text": table["地點"],
        "plain": plain,
        "own": np.where(name == table["里別"], code, ""),
    }
    return gpd.GeoDataFrame(columns, geometry=table.geometry, crs=table.crs)


def test_two_of_three_stops_have_the_plain_address_of_a_door(stops):
    assert 2500 <= stops["plain"].sum() <= 2700
    assert 0.89 <= (stops.loc[stops["plain"], "own"] != "").mean() <= 0.91


@pytest.fixture(scope="module")
def answers(areas, stops):
    """What the plain stops are answered with when half of all stops, drawn by a seed, are the gazetteer."""

    @cache
    def of(seed: int) -> pd.DataFrame:
        known = np.random.default_rng(seed).permutation(len(stops)) < len(stops) // 2
        territory = Territory(areas, stops.loc[known, ["id", "text", "geometry"]], on=date(2024, 1, 1))
        asked = pd.DataFrame({"text": stops["text"], "own": stops["own"], "known": known})[
            stops["plain"] & (stops["own"] != "")
        ]
        found = [territory.find(text) for text in asked["text"]]
        return asked.assign(
            one=[answer["status"] == "found" for answer in found],
            level=[answer["matched_level"] for answer in found],
            area=[answer["area"] for answer in found],
            within=[{near.get("code", near.get("area")) for near in answer.get("candidates", ())} for answer in found],
        )

    return of


@pytest.mark.parametrize("seed", SEEDS)
def test_doors_that_the_gazetteer_holds_are_answered_with_their_village(answers, seed):
    held = answers(seed).query("known")
    assert (held["one"] & (held["area"] == held["own"])).mean() >= 0.97


@pytest.mark.parametrize("seed", SEEDS)
def test_doors_of_the_other_half_that_are_answered_are_answered_with_the_right_village(answers, seed):
    answered = answers(seed).query("not known and one")
    assert len(answered) >= 55
    assert (answered["area"] == answered["own"]).mean() >= 0.97


@pytest.mark.parametrize("seed", SEEDS)
def test_doors_that_may_lie_in_either_of_several_villages_have_the_right_one_among_them(answers, seed):
    open_ones = answers(seed).query("not known and not one and level == 'interpolated'")
    assert len(open_ones) >= 130
    assert np.mean([own in within for own, within in zip(open_ones["own"], open_ones["within"], strict=True)]) >= 0.97


def _left_out(plates: list[tuple[str, float, float]]) -> list[tuple[float, float]]:
    """Return how far off each plate is where the others tell its place, and how far off it was said to be at most."""
    pairs = []
    for number, x, y in plates:
        place = Plates([plate for plate in plates if plate[0] != number]).between(number)
        if place is not None:
            pairs.append((np.hypot(place.x - x, place.y - y), place.accuracy_m))
    return pairs


def test_nine_of_ten_doors_lie_within_the_accuracy_of_their_number_when_it_is_interpolated(stops):
    doors = stops[stops["plain"] & (stops["own"] != "")].to_crs(3826)
    told = doors["text"].str.extract(_PLAIN)
    plates = pd.DataFrame({**told, "x": doors.geometry.x, "y": doors.geometry.y}).drop_duplicates(["road", "number"])
    roads = (road[["number", "x", "y"]].to_numpy().tolist() for _, road in plates.groupby("road"))
    off_m, accuracy_m = np.array([pair for road in roads for pair in _left_out(road)]).T
    assert len(off_m) > 600
    assert (off_m <= accuracy_m).mean() >= 0.9
    # no accuracy at all would be right as well: the middle one is a block's length
    assert np.median(accuracy_m) < 100
