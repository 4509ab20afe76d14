"""Aliases of addresses, and a revision that counts changes of them, of buildings and of streets as well."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"

_COUNTED = ("buildings", "streets")
_EVENTS = ("inserted", "updated", "deleted", "truncated")


def upgrade() -> None:
    """Make the table and the triggers; nothing that is there changes."""
    sql = Path(__file__).with_name("0002_aliases.sql").read_text(encoding="utf-8")
    # the driver takes a single % for a placeholder
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))


def downgrade() -> None:
    """Take the table with its triggers away, and the triggers of the others."""
    op.execute("DROP TABLE aliases")
    for layer in _COUNTED:
        for event in _EVENTS:
            op.execute(f"DROP TRIGGER {layer}_{event} ON {layer}")
