"""The books of land disputes: cases, what each party claims and shows, and the agreement that ends them.

What a party hands in is written once and never again: claims, candidates, sources, evidence and agreements each form a
chain of hashes, row by row. A claim or candidate that no longer stands is marked as withdrawn, and another follows it.
Of a case itself only its status, its zone and the count of its changes move. Parties are labels, never persons.
"""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON

from gridmap.store.schema import SRID, audit, metadata


def _text(name: str, *, required: bool = False) -> Column[str]:
    return Column(name, Text(collation="C"), nullable=not required)


def _of_a_case(name: str, *columns: Any) -> Table:
    """Table of what belongs to a case: numbered from 1 without holes, each row chained to the one before it."""
    return Table(
        name,
        metadata,
        Column("case_id", BigInteger, ForeignKey("cases.case_id"), primary_key=True),
        Column("number", Integer, primary_key=True),
        *columns,
        _text("actor", required=True),
        Column("at", DateTime(timezone=True), nullable=False),
        # hash of the row before, and of this one, in hexadecimal
        _text("prev", required=True),
        _text("hash", required=True),
    )


def _withdrawn() -> Column[bool]:
    return Column("withdrawn", Boolean, nullable=False, server_default=false())


cases = Table(
    "cases",
    metadata,
    Column("case_id", BigInteger, Identity(always=True), primary_key=True),
    Column("code", Text(collation="C"), nullable=False, unique=True),
    _text("name", required=True),
    _text("note", required=True),
    _text("status", required=True),
    # the system in which it is measured: none until the first shape tells its place
    Column("epsg", Integer),
    # how often it was changed
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    _text("actor", required=True),
    CheckConstraint("status IN ('open', 'agreed', 'closed', 'withdrawn')", name="cases_known_status"),
)

# lists of cases are read from the newest change on
Index("cases_changed", cases.c.changed_at, cases.c.case_id)
# what the trail told of a case last
Index(
    "audit_of_a_case",
    text("(detail ->> 'case')"),
    audit.c.audit_id,
    postgresql_where=text("detail ? 'seals'"),
    _table=audit,
)

evidence_files = Table(
    "evidence_files",
    metadata,
    Column("sha256", Text(collation="C"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

# JSON, not JSONB: numbers stay as they were written, which the hash of a row needs
case_sources = _of_a_case(
    "case_sources",
    _text("title", required=True),
    _text("kind", required=True),
    # dates as EDTF
    _text("captured"),
    _text("released"),
    _text("scanned"),
    # number of the evidence that holds its file
    Column("evidence", Integer),
    Column("epsg", Integer),
    Column("accuracy_m", Double),
    Column("leave_one_out_m", Double),
    _text("method"),
    Column("points", JSON(none_as_null=True)),
    CheckConstraint("kind IN ('map', 'picture', 'survey', 'parcels', 'document')", name="case_sources_known_kind"),
)

case_claims = _of_a_case(
    "case_claims",
    _text("party", required=True),
    _text("source"),
    _text("date"),
    Column("accuracy_m", Double),
    Column("evidence", Integer),
    Column("geom", Geometry("GEOMETRY", srid=SRID, spatial_index=False), nullable=False),
    # what was decided to read it, and what was warned of
    Column("reading", JSON(none_as_null=True)),
    _withdrawn(),
    CheckConstraint("GeometryType(geom) IN ('MULTIPOLYGON', 'MULTILINESTRING')", name="case_claims_polygon_or_line"),
)

case_candidates = _of_a_case(
    "case_candidates",
    _text("id", required=True),
    _text("source"),
    Column("geom", Geometry("MULTILINESTRING", srid=SRID, spatial_index=False), nullable=False),
    # how it was solved
    Column("params", JSON(none_as_null=True)),
    _withdrawn(),
)
Index("case_candidates_one_of_an_id", case_candidates.c.case_id, case_candidates.c.id, unique=True)

case_evidence = _of_a_case(
    "case_evidence",
    # its name alone, without folders
    _text("file", required=True),
    _text("media_type", required=True),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text(collation="C"), ForeignKey("evidence_files.sha256"), nullable=False),
    _text("kind", required=True),
    _text("party"),
    _text("statement"),
    _text("captured"),
    _text("released"),
    _text("scanned"),
    CheckConstraint("bytes > 0", name="case_evidence_not_empty"),
)

case_agreements = _of_a_case(
    "case_agreements",
    _text("candidate", required=True),
    Column("agreed_on", Date, nullable=False),
    Column("effective", Date, nullable=False),
    Column("parties", ARRAY(Text), nullable=False),
    _text("terms", required=True),
    _text("sheet_sha256"),
    # what was on the table when it was signed: a hash over each chain's last hash and the numbers that stood
    _text("claims_head", required=True),
    _text("candidates_head", required=True),
    _text("evidence_head", required=True),
    # the dated boundary that it makes: id, party, ground (hexadecimal EWKB); and what became of the parcels before
    Column("parcels", JSON(none_as_null=True), nullable=False),
    Column("lineage", JSON(none_as_null=True), nullable=False),
)

parcel_lineage = Table(
    "parcel_lineage",
    metadata,
    Column("row_id", BigInteger, Identity(always=True), primary_key=True),
    Column("case_id", BigInteger, ForeignKey("cases.case_id"), nullable=False),
    # of the agreement
    Column("number", Integer, nullable=False),
    _text("old"),
    _text("new"),
    _text("kind", required=True),
    Column("share_old", Double),
    Column("share_new", Double),
    Column("area_m2", Double),
    Column("effective", Date, nullable=False),
)
Index("parcel_lineage_case", parcel_lineage.c.case_id)
Index("parcel_lineage_old", parcel_lineage.c.old)
Index("parcel_lineage_new", parcel_lineage.c.new)

#: what belongs to a case, each by its word
PARTS: dict[str, Table] = {
    "sources": case_sources,
    "claims": case_claims,
    "candidates": case_candidates,
    "evidence": case_evidence,
    "agreements": case_agreements,
}
