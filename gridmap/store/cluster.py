"""The record's own server, for whoever has no other: started, stopped, backed up and restored."""

from __future__ import annotations

from gridmap.postgis.cluster import ClusterStatus, default_data_dir, down, status, up
from gridmap.store.backup import backup, restore

__all__ = ["ClusterStatus", "backup", "default_data_dir", "down", "restore", "status", "up"]
