"""The record over HTTP: parse, call one journey, show."""

from __future__ import annotations

from gridmap.api.app import create_app
from gridmap.api.limits import Limits
from gridmap.api.server import is_loopback, serve

__all__ = ["Limits", "create_app", "is_loopback", "serve"]
