"""A revision that counts changes of cameras, checkpoints and places as well."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"

_COUNTED = ("cameras", "checkpoints", "places")
_EVENTS = ("inserted", "updated", "deleted", "truncated")


def upgrade() -> None:
    """Make the triggers; nothing that is there changes."""
    sql = Path(__file__).with_name("0004_cameras.sql").read_text(encoding="utf-8")
    # the driver takes a single % for a placeholder
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))


def downgrade() -> None:
    """Take the triggers away."""
    for layer in _COUNTED:
        for event in _EVENTS:
            op.execute(f"DROP TRIGGER {layer}_{event} ON {layer}")
