"""Changes of areas that are known by their words alone."""

from __future__ import annotations

import pandas as pd
import pytest

from gridmap.disputes.lineage import typed_events
from gridmap.errors import TableError


def event(words, old="", new="", stated="abolish_or_merge"):
    cells = {"event_id": "E", "year": "2013", "event_type": stated, "change_description": words}
    return pd.DataFrame([cells | {"old_county_units": old, "new_county_units": new}])


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (event("撤销潜山县，设立县级潜山市", "潜山县", "潜山市"), "renamed"),
        (event("撤销印江县，设立印江土家族苗族自治县", "印江县", "印江土家族苗族自治县", "split"), "renamed"),
        (event("撤销秦淮区、白下区，设立新的秦淮区", "秦淮区、白下区", "秦淮区", "merge"), "merge"),
        (event("撤销安次县，将安次县的行政区域并入廊坊市", "安次县", "", "merge"), "merge"),
        (event("撤销甲县，设立乙区、丙区", "甲县", "乙区、丙区"), "split"),
        (event("撤销甲区、乙区，设立丙区、丁区", "甲区、乙区", "丙区、丁区"), "complex"),
        (event("元坝区更名为昭化区", "元坝区", "昭化区", "rename"), "renamed"),
        (event("将叶枝镇划归德钦县管辖", "维西县", "德钦县", "jurisdiction_transfer"), "adjusted"),
        (event("汉源县人民政府驻地迁至市荣乡", "汉源县", "", "residence_change"), "unchanged"),
        (event("设立金湾区", "", "金湾区", "establish"), "created"),
        (event("海口市升为地级市", "", "", "county_change"), None),
    ],
)
def test_the_words_of_a_decree_tell_the_kind(given, kind):
    assert typed_events(given)["kind"].tolist() == [kind]


def test_a_table_without_words_is_refused():
    with pytest.raises(TableError, match="no column change_description"):
        typed_events(event("").drop(columns="change_description"))


def test_the_changes_of_forty_years_are_loaded_and_nearly_all_have_a_kind(shared_data):
    name = "county_administrative_events_1983_2026.csv"
    events = pd.read_csv(shared_data("county_changes") / name, dtype=str)
    found = typed_events(events)
    assert len(found) == 1431
    assert found["kind"].notna().mean() > 0.8
    # a county that becomes a city of the same ground is filed under splits
    renamed = found[(found["said"] == "split") & (found["kind"] == "renamed")]
    assert {"阿图什县", "束鹿县", "复县"} <= set(renamed["old"])
    assert found.loc[found["old"] == "崇安区;南长区;北塘区", "kind"].tolist() == ["merge"]
