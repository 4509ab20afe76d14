"""Former names of districts and cities, seen from a territory."""

from __future__ import annotations

import pytest

from gridmap.address.formerly import Formerly

NANTONG = [("province", "江苏省"), ("city", "南通市"), ("district", "崇川区")]
JINAN = [("province", "山东省"), ("city", "济南市")]


@pytest.mark.parametrize(
    ("own", "name", "here"),
    [
        (NANTONG, "港闸区", ("district", "崇川区")),
        ([("district", "崇川区")], "港闸区", ("district", "崇川区")),
        ([*JINAN, ("district", "莱芜区")], "莱城区", ("district", "莱芜区")),
        ([*JINAN, ("district", "莱芜区")], "莱芜市", ("district", "莱芜区")),
        ([("province", "北京市"), ("district", "东城区")], "崇文区", ("district", "东城区")),
    ],
)
def test_what_stands_in_the_place_of_a_former_division_is_told(own, name, here):
    formerly = Formerly(own)
    assert formerly.here[name] == (here,)
    assert name not in formerly.elsewhere


@pytest.mark.parametrize(
    ("own", "name"),
    [
        (NANTONG, "莱芜市"),
        (NANTONG, "崇文区"),
        # of the same city, but another district of it
        (NANTONG, "海门市"),
        ([*JINAN, ("district", "历下区")], "莱芜市"),
    ],
)
def test_a_former_division_of_another_place_is_elsewhere(own, name):
    formerly = Formerly(own)
    assert (name in formerly.elsewhere, name in formerly.here) == (True, False)


@pytest.mark.parametrize(
    "own", [[], [("district", "历下区")], [("province", "山东省"), ("district", "钢城区")]], ids=str
)
def test_where_the_city_of_a_territory_is_not_known_nothing_is_said_of_its_neighbours(own):
    formerly = Formerly(own)
    assert (formerly.here.get("莱芜市"), "莱芜市" in formerly.elsewhere) == (None, False)


def test_of_two_cities_that_had_a_district_of_one_name_the_territorys_own_counts():
    # 南市区 of 上海 is now in 黄浦区, that of 保定 in 莲池区
    assert Formerly([("province", "上海市"), ("district", "黄浦区")]).here["南市区"] == (("district", "黄浦区"),)
    assert "南市区" in Formerly(NANTONG).elsewhere
