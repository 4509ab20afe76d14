"""Plans: drafts of areas, every edit of them, and what became of the old areas when one came into force."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"

_TABLES = ("plan_sheets", "plan_lineage", "plan_edits", "plan_areas", "plans")


def upgrade() -> None:
    """Make the tables; nothing that is there changes."""
    sql = Path(__file__).with_name("0003_plans.sql").read_text(encoding="utf-8")
    # the driver takes a single % for a placeholder
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))


def downgrade() -> None:
    """Take the tables away."""
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
