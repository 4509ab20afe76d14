"""The record's first form: layers, provenance, audit trail, revisions, keys, and the tie rule as a function.

The extensions stay when it is taken back: others may use them.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

_PARTS = ("0001_record.sql", "0001_record_books.sql", "0001_record_ties.sql")
_FUNCTIONS = (
    "areas_of(float8[], float8[], date)",
    "areas_at(float8, float8, date)",
    "area_at(float8, float8, date)",
    "gridmap_borders(geometry, float8, float8)",
    "gridmap_holds(geometry, float8, float8)",
    "gridmap_turn(float8, float8, float8, float8, float8, float8)",
    "gridmap_exact(float8)",
    "gridmap_today()",
    "audit_hash(bytea, audit)",
)
_TABLES = (
    *("areas", "buildings", "streets", "addresses", "cameras", "checkpoints", "places"),
    *("claims", "candidates", "parcels", "fixes", "loads", "audit", "revisions", "api_keys"),
)


def upgrade() -> None:
    """Make everything."""
    for part in _PARTS:
        sql = Path(__file__).with_name(part).read_text(encoding="utf-8")
        # the driver takes a single % for a placeholder
        op.get_bind().exec_driver_sql(sql.replace("%", "%%"))


def downgrade() -> None:
    """Take everything away."""
    for function in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
    for function in ("audit_chain()", "audit_refuse()", "revision_count()"):
        op.execute(f"DROP FUNCTION {function}")
