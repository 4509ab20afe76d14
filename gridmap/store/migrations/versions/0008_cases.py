"""Cases of land disputes: claims, candidates, evidence in a chain of hashes, and agreements."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"

_TABLES = (
    "parcel_lineage",
    "case_agreements",
    "case_evidence",
    "case_candidates",
    "case_claims",
    "case_sources",
    "evidence_files",
    "cases",
)


def upgrade() -> None:
    """Make the tables; nothing that is there changes."""
    sql = Path(__file__).with_name("0008_cases.sql").read_text(encoding="utf-8")
    # the driver takes a single % for a placeholder
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))


def downgrade() -> None:
    """Take the tables away; parcels stay as agreements left them."""
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
    for function in ("case_refuse", "case_withdraw_alone"):
        op.execute(f"DROP FUNCTION {function}()")
