"""Waiting for a page to come to rest, however slow the machine is."""

from __future__ import annotations

import time

import pytest

#: Milliseconds between two looks: more than a frame of a slow machine takes.
BETWEEN_MS = 250

#: Seconds within which a page must rest.
RESTED_S = 30

#: What the canvases of a map show, as text.
PICTURE = "[...document.querySelectorAll('#map canvas')].map((one) => one.toDataURL()).join()"


def settled(tab, script):
    """What a script gives in a page, once it has given the same twice; NaN is never the same."""
    until, before = time.monotonic() + RESTED_S, None
    while (now := tab.evaluate(script)) != before or before is None:
        if time.monotonic() > until:
            return pytest.fail(f"the page did not rest: {str(now)[:200]}")
        before = now
        tab.wait_for_timeout(BETWEEN_MS)
    return now


def eventually(tab, holds):
    """Whether something holds of a page in the end."""
    until = time.monotonic() + RESTED_S
    while not holds() and time.monotonic() < until:
        tab.wait_for_timeout(50)
    return holds()
