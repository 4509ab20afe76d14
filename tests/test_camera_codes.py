"""Codes of GB/T 28181 and resolutions of the catalogue, however they are written."""

from __future__ import annotations

import pytest

from gridmap.errors import InputError
from gridmap.visibility.reading import codes

CODE = "34020000001320000001"


def test_a_code_is_taken_apart():
    found = codes.parse_code("32061300801325000007")
    assert (found.division, found.unit, found.industry, found.type) == ("320613", "00", "80", "132")
    assert (found.network, found.serial) == ("5", "000007")
    assert (found.industry_name, found.type_name, found.network_name) == ("residents", "network camera", "police")
    assert found.is_camera


@pytest.mark.parametrize(
    ("industry", "name"),
    [
        ("00", "social security, roads"),
        ("11", "education"),
        ("12", "government, reserved"),
        ("39", "government, reserved"),
        ("40", "enterprises"),
        ("79", "enterprises"),
        ("89", "residents"),
        ("99", "other"),
    ],
)
def test_industries_have_their_names(industry, name):
    assert codes.parse_code(f"34020000{industry}1310000001").industry_name == name


@pytest.mark.parametrize(
    ("digit", "name"),
    [("0", "dedicated"), ("4", "dedicated"), ("5", "police"), ("6", "government"), ("7", "Internet"), ("8", "social")],
)
def test_networks_have_their_names(digit, name):
    assert codes.parse_code(f"3402000000131{digit}000001").network_name == name


@pytest.mark.parametrize("province", ["11", "15", "21", "37", "46", "54", "65", "71", "82"])
def test_every_province_has_codes(province):
    assert codes.code_faults(f"{province}020000001320000001") == []


@pytest.mark.parametrize("province", ["16", "20", "38", "47", "55", "66", "70", "83"])
def test_numbers_between_provinces_have_none(province):
    assert [fault.code for fault in codes.code_faults(f"{province}020000001320000001")] == ["unknown_division"]


@pytest.mark.parametrize(
    ("code", "faults"),
    [
        ("3402000000132000001", ["code_length"]),
        ("340200000013200000011", ["code_length"]),
        ("3402000000132000000A", ["code_not_digits"]),
        ("34-0200-00001320000001", ["code_not_digits", "code_length"]),
        ("", ["code_length"]),
        ("34020000002000000001", ["not_a_camera"]),
        ("34020000001110000001", ["not_a_camera"]),
        ("99020000001320000001", ["unknown_division"]),
        ("34020000001329000001", ["unknown_network"]),
        ("99020000002009000001", ["unknown_division", "unknown_network", "not_a_camera"]),
    ],
    ids=["short", "long", "letter", "hyphens", "empty", "server", "recorder", "province", "network", "all at once"],
)
def test_every_fault_of_a_code_has_its_name(code, faults):
    assert [fault.code for fault in codes.code_faults(code)] == faults
    with pytest.raises(InputError) as caught:
        codes.parse_code(code)
    assert caught.value.code == faults[0]


@pytest.mark.parametrize(
    "text", [f" {CODE} ", "３４０２００００００１３２００００００１"], ids=["spaces", "full width"]
)
def test_spaces_and_full_width_digits_make_no_difference(text):
    assert codes.parse_code(text).serial == "000001"


def test_a_division_is_held_to_those_that_there_are_where_they_are_given():
    assert codes.code_faults(CODE, divisions={"340200"}) == []
    assert [fault.code for fault in codes.code_faults(CODE, divisions={"320613"})] == ["unknown_division"]


def test_a_server_is_told_by_name():
    (fault,) = codes.code_faults("34020000002000000001")
    assert "SIP server" in fault.message
    assert "131 or 132" in fault.message


def test_the_same_code_written_in_two_ways_is_there_twice():
    assert [fault.code for fault in codes.table_faults([CODE, f" {CODE}"])] == ["duplicate_code"]


def test_codes_of_a_table_are_told_with_their_rows_and_their_doubles():
    faults = codes.table_faults([CODE, None, "12", "", CODE])
    assert [(fault.code, fault.feature) for fault in faults] == [("code_length", 3), ("duplicate_code", 5)]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1920*1080", (1920, 1080)),
        ("2560x1440", (2560, 1440)),
        ("3840 × 2160", (3840, 2160)),
        ("1080P", (1920, 1080)),
        ("720p", (1280, 720)),
        ("4K", (3840, 2160)),
        ("4MP", (2560, 1440)),
        ("400万", (2560, 1440)),
        ("200万像素", (1920, 1080)),
        ("8M", (3840, 2160)),
        ("130万", (1280, 960)),
        ("6", (1920, 1080)),
        ("4/5/6", (1920, 1080)),
        ("D1", (720, 576)),
        ("高清", None),
        ("7MP", None),
        ("", None),
    ],
)
def test_resolutions_are_read_however_they_are_written(text, size):
    assert codes.resolution(text) == size
