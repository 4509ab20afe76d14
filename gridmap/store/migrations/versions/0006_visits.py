"""The ledger of visits, shifts that were settled, and batches that devices sent."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"

_TABLES = ("batches", "last_fixes", "unsettled", "settled", "visits")


def upgrade() -> None:
    """Make the tables; fixes that are there are marked as not settled."""
    sql = Path(__file__).with_name("0006_visits.sql").read_text(encoding="utf-8")
    # the driver takes a single % for a placeholder
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))


def downgrade() -> None:
    """Take the tables away; fixes stay."""
    op.execute("DROP TRIGGER fixes_arrived ON fixes")
    op.execute("DROP FUNCTION fixes_arrived()")
    for index in ("fixes_time", "signins_time"):
        op.execute(f"DROP INDEX {index}")
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
