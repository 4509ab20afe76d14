"""Cases: opened, added to and never overwritten; every change audited."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gridmap import store
from gridmap.errors import ConflictError, InputError, NotFoundError, StaleError, TooLargeError
from gridmap.service.cases_timeline import timeline
from gridmap.store import cases, cases_evidence
from gridmap.store import cases_words as words
from gridmap.store.cases_evidence import add_evidence, read_evidence
from gridmap.store.cases_given import NewCandidate, NewCase, NewClaim, NewEvidence, NewSource
from gridmap.store.cases_heads import list_cases
from gridmap.store.cases_reading import read_case
from tests.store.case_land import CANDIDATE, CLAIMS, FILE, filled, ground, line, opened


@pytest.fixture
def desk(undone):
    return undone


def actions(connection):
    return connection.execute(text("SELECT action FROM audit ORDER BY audit_id")).scalars().all()


def test_cases_are_numbered_within_the_year_of_china(desk):
    year = desk.execute(text("SELECT extract(year FROM now() AT TIME ZONE 'Asia/Shanghai')::int")).scalar_one()
    assert [opened(desk), opened(desk, code=f"{year}-0041"), opened(desk)] == [
        f"{year}-0001",
        f"{year}-0041",
        f"{year}-0042",
    ]


def test_a_code_opens_one_case_only(desk):
    opened(desk, code="南河-7")
    with pytest.raises(ConflictError, match="there is a case 南河-7"):
        opened(desk, code="南河-7")


@pytest.mark.parametrize("code", ["../x", "a/b", ".hidden", "a b", "x" * 41, "a\nb"])
def test_a_code_is_no_path(desk, code):
    with pytest.raises(InputError):
        opened(desk, code=code)


@pytest.mark.parametrize("epsg", [4490, 999999, -1, 10**20], ids=["degrees", "unknown", "negative", "huge"])
def test_a_case_is_measured_in_metres(epsg):
    with pytest.raises(InputError, match="no system in metres"):
        NewCase(name="x", epsg=epsg)


def test_what_is_handed_in_comes_back_as_it_was(desk):
    case = read_case(desk, filled(desk))
    claim = case.claims.iloc[1]
    assert (claim["party"], claim["accuracy_m"], claim["evidence"], claim["reading"]) == ("乙方", 0.05, 1, {"x": 1e-7})
    assert case.candidates["params"][0] == {"share": 0.3, "big": 1e22}
    assert (case.sources["captured"][0], case.evidence["file"][0]) == ("1953", "土地证 1953.txt")
    there = case.claims.to_crs(4549).geometry
    assert shapely.hausdorff_distance(there[1], ground(50, 0, 100, 50)) < 1e-6


def test_a_case_is_measured_in_the_zone_of_its_first_claims(desk):
    code = opened(desk)
    cases.add_claims(desk, code, [NewClaim(party="a", shape=shapely.box(123.1, 40, 123.2, 40.1))], actor="desk")
    cases.add_claims(desk, code, CLAIMS[:1], actor="desk")
    assert cases.find_case(desk, code).epsg == 4550


def test_every_change_is_audited_and_counts(desk):
    code = filled(desk)
    cases.withdraw(desk, code, "claims", 1, actor="desk")
    read_evidence(desk, code, 1, actor="mediator")
    cases.set_status(desk, code, "withdrawn", actor="desk")
    assert actions(desk) == [
        *("open case", "add evidence", "add claims", "add candidates", "add sources"),
        *("withdraw claims", "look at evidence", "withdrawn case"),
    ]
    assert cases.find_case(desk, code).version == 6


def test_who_looks_at_evidence_is_told_with_its_number_and_hash(desk):
    row, content = read_evidence(desk, filled(desk), 1, actor="mediator")
    seen = desk.execute(text("SELECT actor, detail FROM audit ORDER BY audit_id DESC LIMIT 1")).one()
    assert hashlib.sha256(content).hexdigest() == row["sha256"] == seen.detail["sha256"]
    assert (seen.actor, seen.detail["number"]) == ("mediator", 1)


def test_a_change_of_what_was_not_seen_is_refused(desk):
    code = opened(desk)
    cases.add_claims(desk, code, CLAIMS[:1], actor="desk", version=0)
    with pytest.raises(StaleError) as caught:
        cases.add_claims(desk, code, CLAIMS[:1], actor="desk", version=0)
    assert (caught.value.version, caught.value.code) == (1, "stale_case")


def test_of_two_who_change_a_case_at_once_the_second_waits_and_is_refused(record):
    with record.begin() as first:
        code = opened(first)
    with record.connect() as one, record.connect() as other:
        cases.add_claims(one, code, CLAIMS[:1], actor="a", version=0)
        other.execute(text("SET lock_timeout = '100ms'"))
        with pytest.raises(ConflictError, match="same time"):
            cases.add_claims(other, code, CLAIMS[:1], actor="b", version=0)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE case_claims SET party = 'x'",
        "UPDATE case_claims SET geom = ST_Translate(geom, 1e-12, 0), withdrawn = true",
        "UPDATE case_candidates SET id = 'x', withdrawn = true",
        "UPDATE case_evidence SET file = 'x'",
        "UPDATE case_sources SET title = 'x'",
        "UPDATE case_agreements SET terms = 'x'",
        "UPDATE evidence_files SET content = 'x'",
        "DELETE FROM case_claims",
        "DELETE FROM case_candidates",
        "TRUNCATE case_evidence",
        "TRUNCATE cases CASCADE",
        "DELETE FROM cases",
        "UPDATE parcel_lineage SET kind = 'split'",
        "DELETE FROM parcel_lineage",
    ],
)
def test_no_client_overwrites_what_was_handed_in(desk, change):
    filled(desk)
    with pytest.raises(DBAPIError, match="append-only"):
        desk.execute(text(change))


@pytest.mark.parametrize(
    "change", ["name = 'x', version = version + 1", "status = 'closed'", "epsg = 4550, version = version + 1"]
)
def test_no_client_changes_of_a_case_more_than_its_status(desk, change):
    filled(desk)
    with pytest.raises(DBAPIError, match="status and zone alone"):
        desk.execute(text(f"UPDATE cases SET {change}"))  # noqa: S608 (the test's own words)


def test_what_is_withdrawn_stays_and_is_withdrawn_once(desk):
    code = filled(desk)
    cases.withdraw(desk, code, "claims", 1, actor="desk")
    case = read_case(desk, code)
    assert (list(case.claims["withdrawn"]), list(case.standing_claims["party"])) == ([True, False], ["乙方"])
    with pytest.raises(NotFoundError, match="no claim 1 stands"):
        cases.withdraw(desk, code, "claims", 1, actor="desk")


@pytest.mark.parametrize("part", ["evidence", "sources", "agreements", "cases; --"])
def test_only_claims_and_candidates_are_withdrawn(desk, part):
    with pytest.raises(InputError, match="claims or candidates"):
        cases.withdraw(desk, filled(desk), part, 1, actor="desk")


@pytest.mark.parametrize(
    ("steps", "refused"),
    [(["closed"], "open"), (["withdrawn", "open", "closed"], "withdrawn"), ([], "agreed"), (["withdrawn"], "closed")],
)
def test_a_status_follows_only_where_it_can(desk, steps, refused):
    code = opened(desk)
    for status in steps:
        assert cases.set_status(desk, code, status, actor="desk").status == status
    with pytest.raises(ConflictError):
        cases.set_status(desk, code, refused, actor="desk")


def test_a_closed_case_takes_nothing_in(desk):
    code = filled(desk)
    cases.set_status(desk, code, "closed", actor="desk")
    for add in (
        lambda: cases.add_claims(desk, code, CLAIMS, actor="desk"),
        lambda: add_evidence(desk, code, NewEvidence(file="b"), b"b", actor="desk"),
        lambda: cases.withdraw(desk, code, "claims", 1, actor="desk"),
    ):
        with pytest.raises(ConflictError, match="is closed"):
            add()


def test_a_candidate_never_takes_the_place_of_another(desk):
    code = filled(desk)
    cases.withdraw(desk, code, "candidates", 1, actor="desk")
    with pytest.raises(ConflictError, match="has, or had, a candidate D1"):
        cases.add_candidates(desk, code, [CANDIDATE], actor="desk")
    two = [NewCandidate(id="D2", shape=line((0, 0), (1, 1)), crs=4549)] * 2
    with pytest.raises(ConflictError, match="D2"):
        cases.add_candidates(desk, code, two, actor="desk")


NUMBERS = [
    "320613199001011234",
    "３２０６１３１９９００１０１１２３Ｘ",
    "320613 1990 0101 123x",
    "13912345678",
    "+86 139-1234-5678",
]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "say",
    [
        lambda text: NewClaim(party=text, shape=ground(0, 0, 1, 1), crs=4549).row(),
        lambda text: NewClaim(party="a", source=text, shape=ground(0, 0, 1, 1), crs=4549).row(),
        lambda text: NewEvidence(file=f"{text}.jpg").row(),
        lambda text: NewEvidence(file="a", statement=f"证人电话{text}。").row(),
        lambda text: NewSource(title=text, kind="map").row(),
        lambda text: NewCandidate(id=text, shape=line((0, 0), (1, 1)), crs=4549).row(),
    ],
    ids=["party", "source", "file", "statement", "title", "id"],
)
def test_numbers_of_persons_cannot_enter(say, number):
    with pytest.raises(InputError) as caught:
        say(number)
    assert caught.value.code == "numbers_a_person"


def test_the_name_and_note_of_a_case_number_nobody(desk):
    with pytest.raises(InputError, match="name"):
        opened(desk, name="张三 13912345678")
    with pytest.raises(InputError, match="note"):
        opened(desk, note="320613199001011234")


@pytest.mark.parametrize(
    "statement",
    ["宗地 320613001001GB00001", "界址点 40507014.125, 3545123.456", "面积 1234567890123 m2", "1953-06-01 至 2004"],
)
def test_numbers_of_land_are_no_numbers_of_persons(statement):
    assert NewEvidence(file="a", statement=statement).row()["statement"] == statement


@pytest.mark.parametrize(
    ("number", "held"),
    [
        ("320613199001011234", True),
        ("320613189912311234", True),
        ("320613-1990-01-01-123X", True),
        ("320613199013011234", False),
        ("320613199000011234", False),
        ("320613199001321234", False),
        ("320613210001011234", False),
        ("020613199001011234", False),
        ("1320613199001011234", False),
        ("13912345678", True),
        ("12912345678", False),
        ("3.13912345678", False),
    ],
)
def test_a_number_of_eighteen_digits_is_a_persons_by_its_day_of_birth(number, held):
    assert words.numbers_a_person(f"见{number}。") is held


@pytest.mark.parametrize(
    "point",
    [
        {"x": 1.0, "age": 40},
        {"x": "here"},
        {"x": True},
        {"x": float("inf")},
        {"name": "13912345678"},
        {"name": 320613199001011234},
    ],
    ids=["another member", "a word", "a truth", "infinite", "a telephone", "an identity number"],
)
def test_a_control_point_says_where_it_is_and_nothing_else(point):
    with pytest.raises(InputError):
        NewSource(title="1953", kind="map", points=[{"pixel": 1, "line": 2, "name": "A"}, point]).row()


@pytest.mark.parametrize("name", ["权利人", "qlrmc", "owner", "户主姓名"])
def test_what_a_reader_says_has_no_member_for_persons(name):
    with pytest.raises(InputError) as caught:
        NewCandidate(id="a", shape=line((0, 0), (1, 1)), crs=4549, params={"more": [{name: "张三"}]}).row()
    assert caught.value.code == "tells_of_persons"


def test_what_a_reader_warned_of_numbers_nobody(desk):
    claim = NewClaim(
        party="a",
        shape=ground(0, 0, 1, 1),
        crs=4549,
        reading={"warnings": [{"message": NUMBERS[0], "line": 13912345678}]},
    )
    code = opened(desk)
    cases.add_claims(desk, code, [claim], actor="desk")
    said = read_case(desk, code).claims["reading"][0]["warnings"][0]
    assert [said["message"], said["line"]] == ["(left out: it numbers a person)"] * 2


@pytest.mark.parametrize(
    "name",
    ["", "  ", ".", "..", "a/b", "a\\b", "/etc/passwd", "a\0b", "a\nb", "C:x", "\u202egpj.exe", "图" * 86],
)
def test_the_name_of_a_file_is_a_name_alone(name):
    with pytest.raises(InputError):
        NewEvidence(file=name).row()


def test_the_name_of_a_file_may_have_255_bytes_of_any_letters():
    name = "图" * 83 + "a.tif"  # 3 bytes each
    assert len(name.encode()) == 254
    assert NewEvidence(file=name + "f").row()["file"] == name + "f"


def test_an_empty_file_is_no_evidence(desk):
    with pytest.raises(InputError, match="empty"):
        add_evidence(desk, opened(desk), NewEvidence(file="a"), b"", actor="desk")


def test_evidence_is_bounded_by_file_and_by_case(desk, monkeypatch):
    monkeypatch.setattr(cases_evidence, "FILE_MOST", 4)
    monkeypatch.setattr(cases_evidence, "CASE_MOST", 6)
    code = opened(desk)
    add_evidence(desk, code, NewEvidence(file="a"), b"1234", actor="desk")
    for content, refusal in ((b"12345", "5 bytes"), (b"abc", "too large")):
        with pytest.raises(TooLargeError, match=refusal):
            add_evidence(desk, code, NewEvidence(file="b"), content, actor="desk")
    assert add_evidence(desk, code, NewEvidence(file="b"), b"ab", actor="desk") == 2


def test_the_same_file_is_taken_from_two_parties_and_kept_once(desk):
    code = opened(desk)
    for party in ("甲方", "乙方"):
        add_evidence(desk, code, NewEvidence(file="a", party=party), b"x", actor="desk")
    with pytest.raises(ConflictError, match="evidence 2"):
        add_evidence(desk, code, NewEvidence(file="other name", party="乙方"), b"x", actor="desk")
    assert desk.scalar(text("SELECT count(*) FROM evidence_files")) == 1


def test_a_claim_rests_on_evidence_that_is_there(desk):
    with pytest.raises(NotFoundError, match="evidence 1"):
        cases.add_claims(desk, opened(desk), CLAIMS[1:], actor="desk")


@pytest.mark.parametrize(
    "shape",
    [None, shapely.Polygon(), shapely.Point(120, 31), shapely.LineString([(120, 31), (float("inf"), 31)])],
    ids=["none", "empty", "point", "not a number"],
)
def test_what_is_no_ground_and_no_line_is_no_claim(shape):
    with pytest.raises(InputError, match="shape"):
        NewClaim(party="a", shape=shape).row()


@pytest.mark.parametrize("accuracy", [-1.0, float("inf")])
def test_an_accuracy_is_a_length(accuracy):
    with pytest.raises(InputError, match="accuracy"):
        NewClaim(party="a", shape=ground(0, 0, 1, 1), crs=4549, accuracy_m=accuracy).row()


def test_a_date_that_is_none_is_refused():
    with pytest.raises(InputError) as caught:
        NewClaim(party="a", shape=ground(0, 0, 1, 1), crs=4549, date="解放前").row()
    assert caught.value.code == "not_a_date"


@pytest.mark.parametrize("code", ["2026-9999", "a\0b", "'; DROP TABLE cases; --"])
def test_a_case_that_is_not_there_is_told(desk, code):
    with pytest.raises(NotFoundError, match="there is no case"):
        read_case(desk, code)


def test_cases_are_listed_from_the_newest_change_on_and_by_status(record):
    codes = []
    for _ in range(3):
        with record.begin() as connection:
            codes.append(opened(connection))
    with record.begin() as connection:
        cases.set_status(connection, codes[1], "withdrawn", actor="desk")
    with record.connect() as connection:
        listed = list_cases(connection)
        assert [head.code for head in listed.heads] == [codes[1], codes[2], codes[0]]
        assert [head.code for head in list_cases(connection, status="withdrawn").heads] == codes[1:2]


def test_pages_of_cases_hold_each_once_though_all_were_changed_at_once(desk):
    codes = [opened(desk) for _ in range(5)]
    first = list_cases(desk, limit=2)
    second = list_cases(desk, limit=2, after=first.after)
    last = list_cases(desk, limit=2, after=second.after)
    assert [head.code for page in (first, second, last) for head in page.heads] == codes[::-1]
    assert ([page.matched for page in (first, last)], last.after) == ([5, 5], None)
    assert list_cases(desk, limit=5).after is None


@pytest.mark.parametrize("after", ["x", "20261301T000000.000000-1", "20260101T000000.000000-" + "9" * 19, "\0"])
def test_a_page_begins_where_another_ended(desk, after):
    with pytest.raises(InputError, match="after"):
        list_cases(desk, after=after)


def test_the_role_of_who_writes_is_kept_in_the_audit(desk):
    cases.add_case(desk, NewCase(name="x"), actor=store.Actor(name="key 7", role="mediator"))
    assert desk.execute(text("SELECT actor, role FROM audit")).one() == ("key 7", "mediator")


def test_nothing_is_kept_of_what_was_rolled_back(record):
    with record.connect() as connection:
        code = filled(connection)
        connection.rollback()
        with pytest.raises(NotFoundError):
            read_case(connection, code)
        assert connection.scalar(text("SELECT count(*) FROM evidence_files")) == 0


def test_dates_are_kept_as_the_source_gives_them(desk):
    code = filled(desk)
    assert list(read_case(desk, code).claims["date"]) == ["1953~", None]
    assert (FILE.captured, date(1953, 1, 1).isoformat()) == ("1953~", "1953-01-01")


DATED = {"captured": "1953", "released": "1960", "scanned": "2020"}


@pytest.mark.parametrize(
    ("kind", "dates", "question", "answers"),
    [
        ("document", DATED, "stood", ["no", "certain", "certain"]),
        ("document", {"released": "1960"}, "stood", ["no", "no", "certain"]),
        ("document", {}, "stood", [None, None, None]),
        ("map", DATED, "shows", ["no", "no", "no"]),
        ("map", {"captured": "1955"}, "shows", ["no", "possible", "no"]),
        ("survey", {"released": "1960"}, "shows", ["possible", "possible", "no"]),
    ],
)
def test_a_document_stands_from_its_day_on_and_a_map_shows_its_day_alone(desk, kind, dates, question, answers):
    code = opened(desk)
    cases.add_sources(desk, code, [NewSource(title="x", kind=kind, **dates)], actor="desk")
    case = read_case(desk, code)
    found = [timeline(case, date(year, 6, 1)).iloc[0] for year in (1950, 1955, 2027)]
    assert ([row["answer"] for row in found], {row["question"] for row in found}) == (answers, {question})


def test_of_a_withdrawn_claim_no_day_is_told(desk):
    code = filled(desk)
    cases.withdraw(desk, code, "claims", 1, actor="desk")
    told = timeline(read_case(desk, code), date(2027, 1, 1))
    assert list(told.loc[told["part"] == "claims", "title"]) == ["乙方"]
