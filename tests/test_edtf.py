"""Dates as sources give them: what they say, what is refused, and what is certain on a day."""

from __future__ import annotations

from datetime import date

import pytest

from gridmap.disputes.dates import SourceDates, held_on, parse_edtf
from gridmap.errors import InputError


def day(text):
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1953", "1953-01-01", "1953-12-31"),
        ("2004-02", "2004-02-01", "2004-02-29"),
        ("2004-06-01", "2004-06-01", "2004-06-01"),
        ("1953~", "1952-01-01", "1954-12-31"),
        ("1984?", "1983-01-01", "1985-12-31"),
        ("1984%", "1982-01-01", "1986-12-31"),
        ("1953-02~", "1953-01-01", "1953-03-31"),
        ("2004-03-01?", "2004-02-29", "2004-03-02"),
        ("195X", "1950-01-01", "1959-12-31"),
        ("195X~", "1940-01-01", "1969-12-31"),
        ("19XX", "1900-01-01", "1999-12-31"),
        ("1999-XX", "1999-01-01", "1999-12-31"),
        ("1999-02-XX", "1999-02-01", "1999-02-28"),
        ("1953-XX-XX", "1953-01-01", "1953-12-31"),
        ("2001-21", "2001-03-01", "2001-05-31"),
        ("2003-24", "2003-01-01", "2004-02-29"),
        ("9999-24", "9999-01-01", "9999-12-31"),
        ("2004-22", "2004-06-01", "2004-08-31"),
        ("1911/1912", "1911-01-01", "1912-12-31"),
        ("1911-03~/1912-05-04", "1911-02-01", "1912-05-04"),
        ("../1982", None, "1982-12-31"),
        ("/1982", None, "1982-12-31"),
        ("1953/..", "1953-01-01", None),
        (" 1953 ", "1953-01-01", "1953-12-31"),
        ("0001~", "0001-01-01", "0002-12-31"),
        ("9999~", "9998-01-01", "9999-12-31"),
        ("9999-12-31~", "9999-12-30", "9999-12-31"),
        ("0001-01-01~", "0001-01-01", "0001-01-02"),
    ],
)
def test_a_date_lies_between_two_days(text, earliest, latest):
    found = parse_edtf(text)
    assert (found.earliest and found.earliest.isoformat(), found.latest and found.latest.isoformat()) == (
        earliest,
        latest,
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0000", "no year 0"),
        ("000X", "no year 0"),
        ("-0044", "before the year 1"),
        ("44 BC", "before the year 1"),
        ("公元前44", "before the year 1"),
        ("解放前", "../1949"),
        ("1949年以前", "before some year"),
        ("before 1949", "before some year"),
        ("Y17000", "more than four digits"),
        ("2004-06-~01", "level 2"),
        ("2004?-06", "level 2"),
        ("2004-XX-05", "level 2"),
        ("195X-06", "level 2"),
        ("[1953,1954]", "level 2"),
        ("195u", "195X"),
        ("open/1982", "../1982"),
        ("2004-13", "no month 13"),
        ("2004-22-05", "no month 22"),
        ("2003-02-29", "no day 29"),
        ("2004-06-01T12:00", "time"),
        ("2004.6.1", "2004-06-01"),
        ("1912/1911", "ends before it begins"),
        ("../..", "says nothing"),
        ("/", "says nothing"),
        ("", "EDTF"),
        ("１９５３", "EDTF"),
        ("solid ground", "EDTF"),
        ("1911/1912/1913", "EDTF"),
        (None, "EDTF"),
    ],
)
def test_what_is_no_date_is_refused_with_the_reason(text, why):
    with pytest.raises(InputError, match=r"1953~, 195X") as refused:
        parse_edtf(text)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("text", "asked", "answer"),
    [
        ("2004-06-01", "2004-06-01", "certain"),
        ("2004-06-01", "2004-06-02", "no"),
        ("2004-06-01?", "2004-06-01", "possible"),
        ("1953", "1953-06-01", "possible"),
        ("1953~", "1952-06-01", "possible"),
        ("1953~", "1951-12-31", "no"),
        ("195X", "1960-01-01", "no"),
        ("1911/1953", "1911-06-01", "possible"),
        ("1911/1953", "1911-12-31", "certain"),
        ("1911/1953", "1953-01-01", "certain"),
        ("1911/1953", "1953-01-02", "possible"),
        ("1911/1953", "1954-01-01", "no"),
        ("1911?/1953", "1930-01-01", "possible"),
        ("1911%/1953", "1930-01-01", "possible"),
        ("../1982", "0900-01-01", "certain"),
        ("/1982", "1970-01-01", "possible"),
        ("1953/..", "2026-01-01", "certain"),
        ("1953/", "2026-01-01", "possible"),
    ],
)
def test_on_a_day_it_is_certain_possible_or_ruled_out(text, asked, answer):
    assert parse_edtf(text).at(day(asked)) == answer


def test_what_may_end_before_it_surely_began_is_certain_on_no_day():
    assert parse_edtf("1953/1953").certain is None


def test_a_margin_of_three_takes_about_1953_for_1950_to_1956():
    found = parse_edtf("1953~", margin=3)
    assert (found.earliest, found.latest) == (date(1950, 1, 1), date(1956, 12, 31))


@pytest.mark.parametrize(
    ("begin", "end", "asked", "answer"),
    [
        ("1953-04-01", "1982-04-01", "1953-04-01", "certain"),
        ("1953-04-01", "1982-04-01", "1982-03-31", "certain"),
        ("1953-04-01", "1982-04-01", "1982-04-01", "no"),
        ("1953-04-01", "1982-04-01", "1953-03-31", "no"),
        ("1953", None, "1953-06-01", "possible"),
        ("1953", None, "2026-01-01", "certain"),
        ("1953?", None, "2026-01-01", "possible"),
        (None, "198X", "1985-01-01", "possible"),
        (None, "198X", "1979-12-31", "certain"),
        (None, "198X", "1980-01-01", "possible"),
        (None, "1982?", "1970-01-01", "possible"),
        ("1953-06-01", "1953-06-01", "1953-06-01", "no"),
        (None, None, "1000-01-01", "certain"),
    ],
)
def test_what_comes_into_force_holds_until_it_goes_out_of_force(begin, end, asked, answer):
    ends = [parse_edtf(text) if text else None for text in (begin, end)]
    assert held_on(day(asked), *ends) == answer


def test_what_goes_out_of_force_before_it_came_into_force_is_refused():
    with pytest.raises(InputError, match="1982"):
        held_on(date(1960, 1, 1), parse_edtf("1982"), parse_edtf("1953"))


@pytest.mark.parametrize(
    ("dates", "codes"),
    [
        ({"capture": "1953", "release": "1955", "scan": "2019-05-02"}, []),
        ({"capture": "1953", "release": "1951"}, ["release_before_capture"]),
        ({"capture": "1953~", "release": "1952"}, []),
        ({"capture": "1953-06-01", "release": "1953-06-01"}, []),
        ({"capture": "1953", "scan": "1950"}, ["scan_before_capture"]),
        ({"capture": "1953", "release": "1960", "scan": "1955"}, ["scan_before_release"]),
        ({"release": "2023-04-01"}, ["capture_unknown"]),
        ({}, []),
    ],
)
def test_capture_release_and_scan_are_held_against_each_other(dates, codes):
    found = SourceDates(**{name: parse_edtf(text) for name, text in dates.items()}).faults()
    assert [code for code, _ in found] == codes


def test_a_picture_of_which_the_release_alone_is_known_shows_some_day_before():
    shown = SourceDates(release=parse_edtf("2023"), scan=parse_edtf("2021-03-01")).shown
    assert (shown.at(date(1950, 1, 1)), shown.at(date(2021, 3, 2))) == ("possible", "no")


def test_a_picture_shows_the_day_of_capture_and_nothing_is_known_of_one_without_dates():
    assert SourceDates(capture=parse_edtf("195X"), release=parse_edtf("1960")).shown.text == "195X"
    assert SourceDates().shown is None
