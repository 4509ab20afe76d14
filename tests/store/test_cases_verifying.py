"""Cases verified: whatever was altered behind the record's back is told, with its number."""

from __future__ import annotations

import hashlib
import json

import pytest
from sqlalchemy import text

from gridmap.errors import ConflictError
from gridmap.store import cases
from gridmap.store.cases_evidence import add_evidence, read_evidence
from gridmap.store.cases_given import NewEvidence
from gridmap.store.cases_reading import read_case, verify
from gridmap.store.cases_rows import row_hash, rows
from tests.store.case_land import CLAIMS, filled


@pytest.fixture
def desk(undone):
    return undone


def faults(connection, code):
    return [(fault.part, fault.number, fault.code) for fault in verify(connection, code).faults]


def test_the_chain_of_evidence_can_be_worked_out_by_hand(desk):
    code = filled(desk)
    row = read_case(desk, code).evidence.drop(columns=["prev", "hash"]).iloc[0].to_dict()
    said = json.dumps(
        {"case": code, "part": "evidence", **row}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    assert verify(desk, code).heads["evidence"] == hashlib.sha256(bytes(32) + said.encode()).hexdigest()


ALTERATIONS = [
    ("case_evidence", "file = 'x'", 1, ("evidence", 1, "changed")),
    ("case_evidence", "statement = NULL", 1, ("evidence", 1, "changed")),
    ("case_evidence", "at = at + interval '1 us'", 1, ("evidence", 1, "changed")),
    ("case_evidence", "bytes = 1", 1, ("evidence", 1, "content")),
    ("case_claims", "party = '乙方'", 1, ("claims", 1, "changed")),
    ("case_claims", "geom = ST_Translate(geom, 1e-13, 0)", 2, ("claims", 2, "changed")),
    ("case_claims", "accuracy_m = 5", 2, ("claims", 2, "changed")),
    ("case_claims", "prev = hash", 2, ("claims", 2, "changed")),
    ("case_claims", "reading = '{}'", 2, ("claims", 2, "changed")),
    ("case_candidates", "params = '{}'", 1, ("candidates", 1, "changed")),
    ("case_sources", "captured = '1954'", 1, ("sources", 1, "changed")),
    ("case_sources", "number = 2", 1, ("sources", 1, "missing")),
]


@pytest.mark.parametrize(("table", "change", "number", "fault"), ALTERATIONS)
def test_a_row_that_was_altered_behind_the_triggers_is_told_with_its_number(desk, table, change, number, fault):
    code = filled(desk)
    assert faults(desk, code) == []
    desk.exec_driver_sql("SET session_replication_role = replica")
    desk.exec_driver_sql(f"UPDATE {table} SET {change} WHERE number = {number}")  # noqa: S608 (the test's own words)
    assert fault in faults(desk, code)


def test_a_byte_of_a_file_that_was_altered_is_told_with_its_number(desk):
    code = filled(desk)
    add_evidence(desk, code, NewEvidence(file="b"), b"other", actor="desk")
    desk.exec_driver_sql("SET session_replication_role = replica")
    desk.exec_driver_sql("UPDATE evidence_files SET content = set_byte(content, 2, 0) WHERE length(content) = 5")
    desk.exec_driver_sql("SET session_replication_role = origin")
    assert faults(desk, code) == [("evidence", 2, "content")]
    with pytest.raises(ConflictError, match="evidence 2"):
        read_evidence(desk, code, 2, actor="desk")


def test_a_row_that_was_taken_out_is_told_with_its_number(desk):
    code = filled(desk)
    cases.add_claims(desk, code, CLAIMS[:1], actor="desk")
    desk.exec_driver_sql("SET session_replication_role = replica")
    desk.exec_driver_sql("DELETE FROM case_claims WHERE number = 2")
    assert faults(desk, code) == [("claims", 2, "missing")]


CUT = {
    "a row off the end": ("DELETE FROM case_claims WHERE number = 2", "claims"),
    "all rows of a part": ("DELETE FROM case_sources", "sources"),
    "a withdrawal undone": ("UPDATE case_claims SET withdrawn = false", "claims"),
    "a withdrawal made up": ("UPDATE case_candidates SET withdrawn = true", "candidates"),
    "a status turned back": ("UPDATE cases SET status = 'open'", "case"),
    "another name": ("UPDATE cases SET name = 'x'", "case"),
    "another zone": ("UPDATE cases SET epsg = 4550", "case"),
    "a version": ("UPDATE cases SET version = 0", "case"),
}


@pytest.mark.parametrize(("change", "part"), CUT.values(), ids=CUT)
def test_what_no_hash_of_a_row_covers_does_not_fit_the_audit_trail(desk, change, part):
    code = filled(desk)
    cases.withdraw(desk, code, "claims", 1, actor="desk")
    cases.set_status(desk, code, "withdrawn", actor="desk")
    assert faults(desk, code) == []
    desk.exec_driver_sql("SET session_replication_role = replica")
    desk.exec_driver_sql(change)
    assert faults(desk, code) == [(part, None, "seal")]


def test_a_case_that_the_audit_trail_knows_nothing_of_is_told(desk):
    code = filled(desk)
    desk.exec_driver_sql("SET session_replication_role = replica")
    desk.exec_driver_sql("DELETE FROM audit")
    assert {code for _, _, code in faults(desk, code)} == {"seal"}


def test_a_case_that_has_not_changed_since_before_there_were_seals_is_whole(desk):
    code = filled(desk)
    desk.exec_driver_sql("SET session_replication_role = replica")
    desk.exec_driver_sql("UPDATE audit SET detail = detail - 'seals'")
    assert faults(desk, code) == []


def test_a_row_that_was_forged_with_a_hash_of_its_own_does_not_fit_the_next(desk):
    code = filled(desk)
    row = rows(desk, cases.find_case(desk, code).case_id, "claims")[0] | {"party": "丙方"}
    desk.exec_driver_sql("SET session_replication_role = replica")
    forged = {"hash": row_hash(code, "claims", row, row["prev"])}
    desk.execute(text("UPDATE case_claims SET party = '丙方', hash = :hash WHERE number = 1"), forged)
    assert faults(desk, code) == [("claims", 2, "changed")]


def test_rows_of_one_case_do_not_fit_into_another(desk):
    one, other = filled(desk), filled(desk)
    desk.exec_driver_sql("SET session_replication_role = replica")
    ids = {"one": cases.find_case(desk, one).case_id, "other": cases.find_case(desk, other).case_id}
    desk.execute(text("DELETE FROM case_sources WHERE case_id = :other"), ids)
    desk.execute(text("UPDATE case_sources SET case_id = :other WHERE case_id = :one"), ids)
    assert (faults(desk, one), faults(desk, other)) == ([("sources", None, "seal")], [("sources", 1, "changed")])
