"""Agreements: a candidate becomes the border from a day on, with dated parcels and what became of those before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import geopandas as gpd
import pytest
from sqlalchemy import text

from gridmap import store
from gridmap.errors import ConflictError, InputError, NotFoundError, StaleError
from gridmap.service import cases as journeys
from gridmap.store import cases, cases_agreeing
from gridmap.store.cases_agreeing import Signing
from gridmap.store.cases_given import NewCandidate, NewClaim
from gridmap.store.cases_reading import read_case, verify
from tests.store.case_land import EAST, filled, ground, line

BEFORE, EFFECTIVE = date(2000, 1, 1), date(2026, 3, 1)
SIGNING = Signing(candidate="D1", agreed_on=date(2026, 2, 1), effective=EFFECTIVE, terms="路归集体")
#: The homesteads of the two, as they were surveyed: 甲方 50 m, 乙方 50 m, and a third parcel that nobody disputes.
HOMES = {"A1": ("甲方", (0, 0, 50, 50)), "B1": (None, (50, 0, 100, 50)), "C1": (None, (0, 50, 100, 80))}


def load(record, parcels, effective=BEFORE):
    table = gpd.GeoDataFrame(
        {"id": list(parcels), "party": [party for party, _ in parcels.values()]},
        geometry=[ground(*box) for _, box in parcels.values()],
        crs=4549,
    )
    with record.begin() as connection:
        source = store.Source(file="survey")
        store.load(connection, "parcels", table, source=source, actor="desk", effective=effective)


def case_of(record, **options):
    with record.begin() as connection:
        return filled(connection, **options)


def areas(record, on):
    with record.connect() as connection:
        table = store.read(connection, "parcels", on=on).to_crs(4549)
    return dict(zip(table["id"], table.area.round(3), strict=True))


def lineage(agreed):
    return set(agreed.lineage[["old", "new", "kind"]].itertuples(index=False, name=None))


def test_homesteads_get_the_agreed_border_and_keep_their_identifiers(record):
    load(record, HOMES)
    agreed = journeys.agree(record, case_of(record), SIGNING, actor="desk")
    # at 53 m: 53 x 50 and 47 x 50
    assert areas(record, EFFECTIVE) == {"A1": 2650.0, "B1": 2350.0, "C1": 3000.0}
    assert areas(record, date(2026, 2, 28)) == {"A1": 2500.0, "B1": 2500.0, "C1": 3000.0}
    assert lineage(agreed) == {("A1", "A1", "adjusted"), ("B1", "A1", "adjusted"), ("B1", "B1", "adjusted")}


def test_where_nobody_had_parcels_each_party_gets_one(record):
    code = case_of(record)
    agreed = journeys.agree(record, code, SIGNING, actor="desk")
    assert areas(record, EFFECTIVE) == {f"{code}-1-乙方": 2350.0, f"{code}-1-甲方": 2650.0}
    assert {kind for _, _, kind in lineage(agreed)} == {"created"}


def test_a_parcel_that_both_claim_whole_is_split(record):
    load(record, {"P": (None, (50, 0, 60, 50))})
    code = case_of(record)
    agreed = journeys.agree(record, code, SIGNING, actor="desk", ids={"甲方": "P甲", "乙方": "P乙"})
    assert (agreed.ended, areas(record, EFFECTIVE)) == (("P",), {"P乙": 2350.0, "P甲": 2650.0})
    assert ("P", "P甲") in {(old, new) for old, new, _ in lineage(agreed)}


def test_a_village_keeps_the_parcels_that_the_border_does_not_touch(record):
    load(record, {f"F{k}": ("甲方", (10 * k, 0, 10 * k + 10, 50)) for k in range(6)})
    code = case_of(record)
    agreed = journeys.agree(record, code, SIGNING, actor="desk")
    # the field between 50 and 60 m lay in the contested ground whole: it ends, and its neighbour goes to 53 m
    assert areas(record, EFFECTIVE) == {**{f"F{k}": 500.0 for k in range(4)}, "F4": 650.0, f"{code}-1-乙方": 2350.0}
    assert set(agreed.parcels["id"]) == {"F4", f"{code}-1-乙方"}


#: 甲方 has two fields beside the contested ground, north and south of 25 m.
TWO_FIELDS = {"S": ("甲方", (0, 0, 50, 25)), "N": ("甲方", (0, 25, 50, 50))}


def test_ground_of_a_party_with_two_parcels_beside_it_is_a_parcel_of_its_own(record):
    load(record, TWO_FIELDS)
    code = case_of(record)
    journeys.agree(record, code, SIGNING, actor="desk")
    assert areas(record, EFFECTIVE) == {"S": 1250.0, "N": 1250.0, f"{code}-1-甲方": 150.0, f"{code}-1-乙方": 2350.0}


def test_a_parcel_that_has_but_a_corner_in_common_is_no_neighbour(record):
    load(record, {**HOMES, "C1": ("甲方", (0, 50, 50, 80))})
    journeys.agree(record, case_of(record), SIGNING, actor="desk")
    assert areas(record, EFFECTIVE) == {"A1": 2650.0, "B1": 2350.0, "C1": 1500.0}


def test_the_mediator_may_say_which_parcel_it_joins(record):
    load(record, TWO_FIELDS)
    code = case_of(record)
    journeys.agree(record, code, SIGNING, actor="desk", ids={"甲方": "N"})
    assert areas(record, EFFECTIVE) == {"S": 1250.0, "N": 1400.0, f"{code}-1-乙方": 2350.0}


def test_no_ground_is_in_two_parcels_after_an_agreement(record):
    load(record, {"A1": ("甲方", (0, 0, 52, 50)), "B1": (None, (52, -5, 110, 60))})
    journeys.agree(record, case_of(record), SIGNING, actor="desk")
    overlap = text("""SELECT coalesce(sum(ST_Area(ST_Transform(ST_Intersection(a.geom, b.geom), 4549))), 0)
        FROM parcels a JOIN parcels b ON a.row_id < b.row_id AND a.valid && b.valid""")
    with record.connect() as connection:
        assert connection.scalar(overlap) < 1e-3
    # 52 x 50 and 58 x 65 before; 1 m x 50 changed hands
    assert areas(record, EFFECTIVE) == {"A1": 2650.0, "B1": 3720.0}


def test_an_agreement_is_kept_with_what_was_on_the_table(record):
    code = case_of(record)
    journeys.agree(record, code, SIGNING, actor="desk")
    with record.begin() as connection:
        case = read_case(connection, code)
        assert (case.head.status, list(case.agreements["parties"][0])) == ("agreed", ["乙方", "甲方"])
        assert verify(connection, code).faults == ()
        connection.exec_driver_sql("ALTER TABLE case_claims DISABLE TRIGGER USER")
        connection.exec_driver_sql("UPDATE case_claims SET withdrawn = true WHERE number = 2")
        told = [(fault.part, fault.number, fault.code) for fault in verify(connection, code).faults]
    assert told == [("agreements", 1, "head"), ("claims", None, "seal")]


LINEAGE = {
    "a row taken out": "DELETE FROM parcel_lineage WHERE old = 'B1' AND new = 'A1'",
    "a row put in": "INSERT INTO parcel_lineage (case_id, number, kind, effective)"
    " SELECT case_id, 1, 'split', now() FROM cases",
    "a share": "UPDATE parcel_lineage SET share_old = 0.5 WHERE new = 'B1'",
    "its day": "UPDATE parcel_lineage SET effective = effective + 1 WHERE new = 'B1'",
}


@pytest.mark.parametrize("change", LINEAGE.values(), ids=LINEAGE)
def test_a_lineage_that_the_agreement_did_not_make_is_told(record, change):
    load(record, HOMES)
    code = case_of(record)
    journeys.agree(record, code, SIGNING, actor="desk")
    with record.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE parcel_lineage DISABLE TRIGGER USER")
        connection.exec_driver_sql(change)
        told = [(fault.part, fault.number, fault.code) for fault in verify(connection, code).faults]
    assert told == [("agreements", 1, "lineage")]


def test_lineage_and_audit_tell_of_an_agreement(record):
    load(record, HOMES)
    journeys.agree(record, case_of(record), SIGNING, actor="desk")
    with record.connect() as connection:
        kept = connection.execute(
            text("SELECT number, old, new, kind, effective FROM parcel_lineage ORDER BY old, new")
        )
        assert kept.all() == [
            (1, old, new, "adjusted", EFFECTIVE) for old, new in (("A1", "A1"), ("B1", "A1"), ("B1", "B1"))
        ]
        done = connection.execute(text("SELECT action FROM audit ORDER BY audit_id DESC LIMIT 2")).scalars().all()
    assert done == ["agree case", "load"]


def test_a_later_parcel_keeps_an_agreement_from_its_day_and_nothing_is_changed(record):
    load(record, HOMES)
    load(record, {"A1": ("甲方", (0, 0, 40, 50))}, effective=date(2027, 1, 1))
    code = case_of(record)
    with pytest.raises(ConflictError, match="A1"):
        journeys.agree(record, code, SIGNING, actor="desk")
    with record.connect() as connection:
        case = read_case(connection, code)
    assert (case.head.status, len(case.agreements), areas(record, EFFECTIVE)["B1"]) == ("open", 0, 2500.0)


@pytest.mark.parametrize(
    ("box", "refused"),
    [((40, 0, 70, 50), True), ((0, 0, 20, 50), True), ((0, 50, 100, 80), False), ((100, 0, 120, 50), False)],
    ids=["over the border", "where a parcel is new", "beside", "beyond"],
)
def test_no_ground_is_in_two_parcels_on_any_later_day_either(record, box, refused):
    load(record, {"L": (None, box)}, effective=date(2027, 1, 1))
    code = case_of(record)
    if not refused:
        assert journeys.agree(record, code, SIGNING, actor="desk").number == 1
        return
    with pytest.raises(ConflictError, match="from a later day on: L"):
        journeys.agree(record, code, SIGNING, actor="desk")
    assert areas(record, EFFECTIVE) == {}


def test_later_parcels_that_lie_where_one_lay_all_along_are_no_matter_of_this_agreement(record):
    load(record, HOMES)
    load(record, {"L": (None, (0, 0, 20, 50))}, effective=date(2027, 1, 1))
    journeys.agree(record, case_of(record), SIGNING, actor="desk")
    assert areas(record, EFFECTIVE)["A1"] == 2650.0


@pytest.mark.parametrize("fails", ["end", "load", "put_lineage", "changed"])
def test_an_agreement_that_fails_in_the_middle_leaves_nothing(record, monkeypatch, fails):
    load(record, HOMES)
    code = case_of(record)
    monkeypatch.setattr(cases_agreeing, fails, _failing)
    if fails == "end":
        # a parcel within the contested ground ends
        load(record, {"P": (None, (50, 0, 60, 50))})
    with pytest.raises(OSError, match="pulled"):
        journeys.agree(record, code, SIGNING, actor="desk")
    with record.connect() as connection:
        case = read_case(connection, code)
        kept = connection.scalar(text("SELECT count(*) FROM parcel_lineage"))
        assert (case.head.status, len(case.agreements), kept) == ("open", 0, 0)
        assert verify(connection, code).faults == ()
    assert areas(record, EFFECTIVE)["A1"] == 2500.0


def _failing(*_, **__):
    raise OSError("the plug was pulled")


def test_a_claim_that_comes_while_a_case_is_agreed_waits_and_is_refused(record):
    code = case_of(record)
    claim = NewClaim(party="丙方", shape=ground(90, 0, 150, 50), crs=4549)

    def late():
        with record.begin() as connection:
            cases.add_claims(connection, code, [claim], actor="late")

    with ThreadPoolExecutor(1) as pool:
        with record.begin() as connection:
            cases_agreeing.to_agree(connection, code, "D1", None)
            with record.connect() as other:
                # nor does anybody load parcels meanwhile
                free = text("SELECT pg_try_advisory_xact_lock(hashtext('gridmap.load.parcels'))")
                assert other.scalar(free) is False
            waiting = pool.submit(late)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
            cases.changed(connection, cases.find_case(connection, code), "desk", "agree case", {}, status="agreed")
        with pytest.raises(ConflictError, match="is agreed"):
            waiting.result(timeout=30)


def test_of_two_who_sign_at_once_one_signs(record):
    load(record, HOMES)
    code = case_of(record)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(journeys.agree, record, code, SIGNING, actor=name) for name in "ab"]
    refused = [one.exception() for one in both if one.exception()]
    assert [type(error) for error in refused] == [ConflictError]
    assert areas(record, EFFECTIVE)["A1"] == 2650.0
    assert journeys.verify_case(record, code).faults == ()


def test_the_agreed_line_is_kept_to_the_last_bit_and_snapped_to_nothing(record):
    # the border of the parcel in force is 7 mm away from what is agreed
    load(record, {"A1": ("甲方", (0, 0, 53.007, 50)), "B1": (None, (53.007, 0, 100, 50))})
    journeys.agree(record, case_of(record), SIGNING, actor="desk")
    with record.connect() as connection:
        table = store.read(connection, "parcels", on=EFFECTIVE).to_crs(4549)
    shapes = dict(zip(table["id"], table.geometry, strict=True))
    assert shapes["A1"].bounds[2] == pytest.approx(EAST + 53, abs=1e-6)
    assert shapes["B1"].bounds[0] == pytest.approx(EAST + 53, abs=1e-6)


def test_an_agreement_is_made_once_and_ends_the_claims(record):
    code = case_of(record)
    journeys.agree(record, code, SIGNING, actor="desk")
    with pytest.raises(ConflictError, match="was agreed on D1"):
        journeys.agree(record, code, SIGNING, actor="desk")
    with record.begin() as connection, pytest.raises(ConflictError, match="is agreed"):
        cases.withdraw(connection, code, "claims", 1, actor="desk")


@pytest.mark.parametrize(
    ("signing", "options", "error"),
    [
        ({"candidate": "D9"}, {}, NotFoundError),
        ({"parties": ("甲方", "丙方")}, {}, InputError),
        ({"terms": "电话13912345678"}, {}, InputError),
        ({"sheet_sha256": "abc"}, {}, InputError),
        ({}, {"version": 1}, StaleError),
        ({}, {"ids": {"丙方": "X"}}, InputError),
        ({}, {"ids": {"甲方": "X", "乙方": "X"}}, InputError),
    ],
    ids=["candidate", "party", "number of a person", "hash", "version", "stranger's parcel", "one parcel for two"],
)
def test_what_cannot_be_signed_changes_nothing(record, signing, options, error):
    code = case_of(record)
    with pytest.raises(error):
        journeys.agree(record, code, Signing(**{**vars(SIGNING), **signing}), actor="desk", **options)
    with record.connect() as connection:
        assert (cases.find_case(connection, code).status, areas(record, EFFECTIVE)) == ("open", {})


def test_a_withdrawn_candidate_cannot_be_agreed_on(record):
    code = case_of(record)
    with record.begin() as connection:
        cases.withdraw(connection, code, "candidates", 1, actor="desk")
    with pytest.raises(NotFoundError, match="no candidate 'D1' stands"):
        journeys.agree(record, code, SIGNING, actor="desk")


def test_a_line_that_settles_nothing_is_no_agreement(record):
    code = case_of(record)
    with record.begin() as connection:
        far = NewCandidate(id="D2", shape=line((500, 0), (500, 10)), crs=4549)
        cases.add_candidates(connection, code, [far], actor="desk")
    with pytest.raises(InputError):
        journeys.agree(record, code, Signing(**{**vars(SIGNING), "candidate": "D2"}), actor="desk")


def test_borders_between_several_parties_are_agreed_on_one_by_one(record):
    code = case_of(record)
    with record.begin() as connection:
        east = NewClaim(party="丙方", shape=ground(90, 0, 150, 50), crs=4549, accuracy_m=0.05)
        cases.add_claims(connection, code, [east], actor="desk")
        second = NewCandidate(id="D2", shape=line((95, -10), (95, 60)), crs=4549)
        cases.add_candidates(connection, code, [second], actor="desk")
    first = journeys.agree(record, code, SIGNING, actor="desk")
    # 90 to 100 m stay contested between the other two
    assert (first.undecided_m2, first.ended) == (0, ())
    assert areas(record, EFFECTIVE) == {f"{code}-1-甲方": 2650.0, f"{code}-1-乙方": 1850.0}
    journeys.agree(record, code, Signing(**{**vars(SIGNING), "candidate": "D2"}), actor="desk")
    assert areas(record, EFFECTIVE) == {
        f"{code}-1-甲方": 2650.0,
        f"{code}-1-乙方": 2100.0,
        f"{code}-2-丙方": 2750.0,
    }
    assert journeys.verify_case(record, code).faults == ()
