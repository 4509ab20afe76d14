"""Records that several tests of the store begin with."""

from __future__ import annotations

import pytest

from tests.store.patrol_walks import load, streets


@pytest.fixture
def town(record):
    """A record with streets."""
    load(record, "streets", streets())
    return record
