"""What is known of a camera's picture and heading, and a revision that counts cameras, checkpoints and places too."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"

_COUNTED = ("cameras", "checkpoints", "places")
_EVENTS = ("inserted", "updated", "deleted", "truncated")
_COLUMNS = (
    *("heading_accuracy_deg", "octant", "direction", "height_px", "focal_mm", "sensor_mm", "pixel_um"),
    *("dori_detect_m", "night_m", "light", "lit", "turn_deg", "zoom", "point_class"),
)


def upgrade() -> None:
    """Make the columns and the triggers; nothing that is there changes."""
    sql = Path(__file__).with_name("0004_cameras.sql").read_text(encoding="utf-8")
    # the driver takes a single % for a placeholder
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))


def downgrade() -> None:
    """Take the triggers away, and the columns."""
    for layer in _COUNTED:
        for event in _EVENTS:
            op.execute(f"DROP TRIGGER {layer}_{event} ON {layer}")
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE cameras DROP COLUMN {column}")
