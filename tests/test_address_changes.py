"""Gazetteers that change, that are kept in files, and what explains an answer."""

from __future__ import annotations

import pickle
import time
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap.address import Gazetteer
from gridmap.address.keeping import VERSION
from gridmap.errors import FormatError, InputError
from tests.address_lines import FRONT, TOWN, areas, codes, table, town


@pytest.fixture(scope="module")
def nantong() -> Gazetteer:
    return town(TOWN)


@pytest.fixture(scope="module")
def divided() -> Gazetteer:
    return town(TOWN, areas())


# --- aliases


def aliased(*pairs: tuple[str, str]) -> Gazetteer:
    return town(TOWN, areas(), aliases=pd.DataFrame(pairs, columns=["alias", "means"]))


def test_an_alias_of_an_address_answers_as_it_with_what_is_said_behind():
    known = aliased(
        ("大润发", f"{FRONT}人民路5号"), ("老文峰苑", "文峰苑一期"), ("老街", "人民路"), ("老城区", "崇川区")
    )
    assert (known.match("大润发").id, codes(known.match("大润发"))) == ("A1", ["alias"])
    assert known.match("崇川区大润发3幢").id == "A4"
    assert known.match("老街9号").id == "A2"
    assert known.match("工农路88号老文峰苑1幢").id == "A7"
    assert known.match("老城区海港路5号").id == "A13"


def test_an_alias_is_no_part_of_a_longer_name():
    known = aliased(("老街", "人民路"), ("1号", f"{FRONT}人民路5号"))
    assert known.match("小老街9号").status == "not_found"
    assert known.match("1号").id == "A1"


# --- explained


def test_the_steps_say_what_was_compared_and_what_it_gained(nantong):
    match = nantong.match("崇川区任民路5号阳光花园3幢", explain=True)
    steps = {step.name: step for step in match.steps}
    assert set(steps) == {"road", "number", "compound", "district", "building"}
    assert steps["road"].gain < steps["number"].gain
    assert nantong.match("崇川区人民路5号").steps == ()
    assert nantong.match(f"{FRONT}人民路5号", explain=True).steps[0].name == "writing"


# --- changes and files


def test_a_changed_address_answers_anew_and_the_old_gazetteer_as_before(nantong):
    moved = table("崇川区人民路5号 @ 40 0\n崇川区人民路77号 @ 41 0").assign(id=["A1", "N1"])
    other = nantong.updated(moved, removed=["A2"])
    assert (other.match("人民路5号").x, nantong.match("人民路5号").x) == (120.84, 120.801)
    assert (other.match("人民路77号").id, nantong.match("人民路77号").status) == ("N1", "not_found")
    assert other.match("人民路9号").reason == "no_such_number"
    assert other.updated(removed=["N1"]).match("人民路77号").status == "not_found"
    assert len(other) == len(nantong)


def test_aliases_can_be_changed_alone(nantong):
    other = nantong.updated(aliases=pd.DataFrame({"alias": ["大润发"], "means": ["人民路5号"]}))
    assert (other.match("大润发").id, nantong.match("大润发").status) == ("A1", "not_found")
    assert other.updated(removed=["A9"]).match("大润发").id == "A1"


def test_changed_addresses_in_another_system_are_refused(nantong):
    metres = gpd.GeoDataFrame({"id": ["X"], "text": ["人民路5号"]}, geometry=[shapely.Point(5e5, 3e6)], crs=4549)
    with pytest.raises(InputError, match="degrees"):
        nantong.updated(metres)


def test_a_file_answers_as_the_gazetteer_that_was_saved(tmp_path, divided):
    divided.updated(table("崇川区人民路77号 @ 41 0").assign(id="N1")).save(tmp_path / "a.index")
    opened = Gazetteer.open(tmp_path / "a.index")
    for text in (
        "人民路77号",
        "任民路5号",
        "通州区海港路5号",
        "北濠桥社区",
        "人民路3号",
        "阳光花园3幢2单元",
        "海港路5号",
    ):
        assert opened.match(text) == divided.match(text) or text == "人民路77号"
    assert opened.match("人民路77号").id == "N1"
    assert [path.name for path in tmp_path.iterdir()] == ["a.index"]


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda data: data[:-9], "damaged"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "damaged"),
        (lambda data: data.replace(f"addresses {VERSION}".encode(), b"addresses 0", 1), "other_version"),
        (lambda _: b"PK\x03\x04 something else", "not_an_index"),
        (lambda _: b"", "not_an_index"),
    ],
    ids=["cut off", "one bit", "another version", "another format", "empty"],
)
def test_a_damaged_file_is_refused(harm, code, tmp_path, nantong):
    path = tmp_path / "a.index"
    nantong.save(path)
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(FormatError) as caught:
        Gazetteer.open(path)
    assert caught.value.code == code


def test_ids_that_a_file_cannot_keep_are_refused(tmp_path):
    with pytest.raises(InputError, match="ids"):
        Gazetteer(table("人民路5号 @ 0 0").assign(id=[(1, 2)])).save(tmp_path / "a.index")


def test_threads_are_answered_alike_while_the_addresses_change(nantong):
    texts = ["人民路5号3幢", "任民路5号", "海港路5号", "五星村2组"] * 50
    expected = [nantong.match(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(pickle.loads(pickle.dumps(nantong)).match, texts))  # noqa: S301 - our own
    assert answers == expected


@pytest.mark.alone
def test_a_few_changes_to_many_addresses_take_no_time():
    lines = [f"{FRONT}{road}{plate}号{building}幢 @ {plate} {building}"
             for road in ("人民路", "工农路") for plate in range(1, 1001) for building in range(10)]  # fmt: skip
    many = town("\n".join(lines))
    begun = time.process_time()
    other = many.updated(table("崇川区人民路5000号 @ 1 1").assign(id="N"), removed=["A7"])
    assert other.match("人民路5000号").id == "N"
    # 10 ms were measured; what does not depend on the number of addresses stays far below
    assert time.process_time() - begun < 0.2


def test_a_new_road_is_misheard_like_those_that_were_there_before(nantong):
    later = nantong.updated(table("崇川区跃龙南路5号 @ 41 0").assign(id="N1"))
    assert later.match("悦龙南路5号").id == "N1"
    assert later.match("任民路1号").id == "A0"
