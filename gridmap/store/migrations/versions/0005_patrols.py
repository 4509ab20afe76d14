"""What checkpoints ask for, which machine sent a fix, and sign-ins."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the columns and the table; nothing that is there changes."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0005_patrols.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Take the table away, and the columns; of fixes that machines of one post sent at one moment, the first stays."""
    op.execute("DROP TABLE signins")
    op.execute(
        "DELETE FROM fixes one USING fixes other"
        " WHERE one.post = other.post AND one.time = other.time AND one.row_id > other.row_id"
    )
    op.execute(
        "ALTER TABLE fixes DROP CONSTRAINT fixes_one_place_at_a_time, DROP COLUMN device, DROP COLUMN speed_m_s,"
        " ADD CONSTRAINT fixes_one_place_at_a_time UNIQUE (post, time)"
    )
    op.execute("ALTER TABLE checkpoints DROP COLUMN every_days, DROP COLUMN visits, DROP COLUMN place_in_order")
