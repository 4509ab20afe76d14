"""Keys of devices, which may report what they measure and see nothing."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

_KNOWN = "api_keys_known_role"
_ROLES = "'viewer', 'operator', 'mediator', 'grid-admin', 'system-admin'"


def upgrade() -> None:
    """Let keys have the role."""
    _allow(f"'device', {_ROLES}")


def downgrade() -> None:
    """Make what keys of devices there are keys of viewers, revoked: such a key shall not open anything."""
    op.execute("UPDATE api_keys SET role = 'viewer', revoked = coalesce(revoked, now()) WHERE role = 'device'")
    _allow(_ROLES)


def _allow(roles: str) -> None:
    op.execute(f"ALTER TABLE api_keys DROP CONSTRAINT {_KNOWN}")
    op.execute(f"ALTER TABLE api_keys ADD CONSTRAINT {_KNOWN} CHECK (role IN ({roles}))")
