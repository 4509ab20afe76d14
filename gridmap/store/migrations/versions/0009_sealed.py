"""Cases that nobody may take out or write anew, and indexes for their lists and their trail."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the triggers and indexes; cases that are there are sealed with their next change."""
    sql = Path(__file__).with_name("0009_sealed.sql").read_text(encoding="utf-8")
    # the driver takes a single % for a placeholder
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))


def downgrade() -> None:
    """Take the triggers and indexes away; cases stay."""
    op.execute("DROP TRIGGER parcel_lineage_append_only ON parcel_lineage")
    for trigger in ("cases_stay", "cases_move_on"):
        op.execute(f"DROP TRIGGER {trigger} ON cases")
    op.execute("DROP FUNCTION case_moves_on()")
    for index in ("audit_of_a_case", "cases_changed"):
        op.execute(f"DROP INDEX {index}")
